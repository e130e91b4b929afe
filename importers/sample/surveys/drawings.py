"""Surveys as DXF, as four kinds of drawing are made of them: closed rings, lines drawn once, names of their own, old letters.

The same survey gives the same bytes.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import ezdxf.filemanagement
from ezdxf import options  # type: ignore[attr-defined]
from ezdxf.enums import TextEntityAlignment
from shapely import Point

from importers.legacy_text import encode
from importers.sample.surveys.rings import bulged, edges, rings
from importers.sample.surveys.survey import Lot, Survey

BOUNDARY, AREA, NUMBER, LAND_USE, STREET = 10, 4, 13, 29, 28
NAMED: Final[Mapping[int, str]] = MappingProxyType(
    {
        BOUNDARY: "Ranh thửa đất",
        AREA: "Diện tích",
        NUMBER: "Số thửa",
        LAND_USE: "Loại đất",
        STREET: "Tên đường",
    }
)
"""Names of layers as surveyors choose them."""
NUMBERED: Final[Mapping[int, str]] = MappingProxyType({level: f"Level {level}" for level in NAMED})
SILENT: Final = "BV_TAM"
"""A layer whose name says nothing."""


def write_rings(path: Path, survey: Survey, layers: Mapping[int, str] = NUMBERED) -> Path:
    """Each ring a closed polyline, as a survey cut from a finished map is."""
    drawing = _drawing(survey)
    space = drawing.modelspace()
    bulges = {(start, end): bulge for start, end, bulge in survey.arcs}
    for lot in survey.lots:
        for ring in rings(lot):
            corners = [(x, y) for x, y in ring.tolist()]
            around = list(zip(corners, [*corners[1:], corners[0]], strict=True))
            bends = [bulges.get(edge, -bulges.get(edge[::-1], 0.0)) for edge in around]
            points = [(x, y, bend) for (x, y), bend in zip(survey.placing(ring).tolist(), bends, strict=True)]
            space.add_lwpolyline(
                points, format="xyb", close=not lot.open, dxfattribs={"layer": layers[BOUNDARY]}
            )
    for line in survey.lines:
        space.add_lwpolyline(survey.placing(line).tolist(), dxfattribs={"layer": layers[BOUNDARY]})
    return _finish(path, survey, drawing, layers)


def write_lines(path: Path, survey: Survey, layers: Mapping[int, str] = NUMBERED) -> Path:
    """Each boundary between two corners one LINE or ARC, drawn once for both plots, as in the field."""
    drawing = _drawing(survey)
    space = drawing.modelspace()
    bulges = {(start, end): bulge for start, end, bulge in survey.arcs}
    for start, end in edges(survey.lots):
        bulge = bulges.get((start, end), -bulges.get((end, start), 0.0))
        a, b = survey.at(start), survey.at(end)
        if bulge:
            centre, radius = bulged(a, b, bulge)
            first, last = (a, b) if bulge > 0 else (b, a)
            space.add_arc(
                centre,
                radius,
                _angle(centre, first),
                _angle(centre, last),
                dxfattribs={"layer": layers[BOUNDARY]},
            )
        else:
            space.add_line(a, b, dxfattribs={"layer": layers[BOUNDARY]})
    for line in survey.lines:
        placed = survey.placing(line).tolist()
        for a, b in pairwise(placed):
            space.add_line(a, b, dxfattribs={"layer": layers[BOUNDARY]})
    return _finish(path, survey, drawing, layers)


def write_named(path: Path, survey: Survey) -> Path:
    """Closed rings on layers with Vietnamese names."""
    return write_rings(path, survey, NAMED)


def _drawing(survey: Survey) -> Any:
    """An empty drawing: with letters of Latin-1 (AutoCAD 2000) for the old encodings, else Unicode (AutoCAD 2010)."""
    with _without_a_date():
        drawing = ezdxf.filemanagement.new("R2000" if survey.encoding != "utf-8" else "R2010")
    # ezdxf adds these in the order of a set, another one in each run.
    for name in ("LAYOUT", "ACDBPLACEHOLDER", "PLOTSETTINGS"):
        drawing.classes.add_class(name)
    drawing.header["$INSUNITS"] = survey.unit_code
    font = {"tcvn3": ".VnTime.ttf", "vni": "VNI-Times.ttf", "utf-8": "times.ttf"}[survey.encoding]
    drawing.styles.add("NHAN", font=font)
    return drawing


def _finish(path: Path, survey: Survey, drawing: Any, layers: Mapping[int, str]) -> Path:
    space = drawing.modelspace()
    for name in layers.values():
        drawing.layers.add(name)
    for lot in survey.lots:
        for level, text, at in _labels(lot, survey):
            _text(space, survey, layers[level], text, at)
    for label in survey.labels:
        _text(space, survey, layers[label.level], label.text, label.at)
    for line in survey.layer:
        space.add_lwpolyline(survey.placing(line).tolist(), dxfattribs={"layer": SILENT})
    with _without_a_date():
        drawing.saveas(path)
    if survey.spoil:
        path.write_bytes(survey.spoil(path.read_bytes()))
    return path


def _labels(lot: Lot, survey: Survey) -> Iterator[tuple[int, str, tuple[float, float]]]:
    """Number, land use above it and area below it, all within the plot; old drawings write the word for plot out."""
    if lot.label is None or lot.shape is None:
        return
    x, y = lot.label
    step = min(0.6, lot.shape.boundary.distance(Point(x, y)) / 2)
    if lot.number is not None:
        yield NUMBER, lot.number if survey.encoding == "utf-8" else f"Thửa {lot.number}", (x, y)
    if lot.told_area_m2 is not None:
        yield AREA, f"{lot.told_area_m2:.1f}", (x, y - step)
    if lot.land_use is not None:
        yield LAND_USE, lot.land_use, (x, y + step)


def _text(space: Any, survey: Survey, layer: str, text: str, at: tuple[float, float]) -> None:
    entity = space.add_text(
        encode(text, survey.encoding), height=0.8, dxfattribs={"layer": layer, "style": "NHAN"}
    )
    entity.set_placement(survey.at(at), align=TextEntityAlignment.MIDDLE_CENTER)


def _angle(centre: tuple[float, float], point: tuple[float, float]) -> float:
    return math.degrees(math.atan2(point[1] - centre[1], point[0] - centre[0]))


@contextmanager
def _without_a_date() -> Iterator[None]:
    """ezdxf stamps a drawing with the time and new identifiers unless told otherwise."""
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before
