"""DXF (R12, which every CAD reads): each ring a closed polyline, number, land use and area as texts, on the levels of
cadastral drawings (Appendix 21 of Circular 26/2024)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from ezdxf.addons.r12writer import r12writer

from importers.drawing.levels import AREA, BOUNDARY, NUMBER, USE_LEGAL

_TALLEST_M = 2.0


def write(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """Coordinates are east, north in metres; a drawing does not name its system."""
    with path.open("w", encoding="ascii") as file, r12writer(file) as drawing:
        for batch in batches:
            shapes = shapely.from_wkb(batch.column("shape").to_numpy(zero_copy_only=False))
            for shape, row in zip(shapes, batch.drop_columns(["shape"]).to_pylist(), strict=True):
                for part in shapely.get_parts(shape):
                    for ring in (part.exterior, *part.interiors):
                        corners = shapely.get_coordinates(ring)[:-1].tolist()
                        drawing.add_polyline_2d(corners, format="xy", layer=f"Level {BOUNDARY}", closed=True)
                _label(drawing, row)


def _label(drawing: Any, row: dict[str, Any]) -> None:
    """The number in the middle, land use above it, area below it, as large as there is room."""
    height = min(_TALLEST_M, row["room_m"] / 4)
    texts = [
        (NUMBER, row["number"], 0.0),
        (USE_LEGAL, row["land_use"], 1.4),
        (AREA, f"{row['area_m2']:.1f}", -1.4),
    ]
    for level, text, up in texts:
        if text:
            at = (row["label_x"], row["label_y"] + up * height)
            drawing.add_text(
                _ascii(text), insert=at, height=height, layer=f"Level {level}", align="MIDDLE_CENTER"
            )


def _ascii(text: str) -> str:
    """Letters beyond ASCII as AutoCAD writes them; nothing that would end a line."""
    return "".join(
        c if 32 <= ord(c) < 127 else f"\\U+{ord(c):04X}" if ord(c) <= 0xFFFF and ord(c) > 127 else ""
        for c in text
    )
