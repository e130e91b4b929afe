"""Small maps for the tests of readers: rows of square parcels, written by GDAL as other programs would."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from importers.draft import DRAFT_SCHEMA
from importers.errors import Refused
from importers.read import Reading, ReadOptions, read

ZONES = {"20207": 5899, "00331": 5897, "24121": 9218}
EAST_M, NORTH_M = 545_000.0, 1_778_000.0
DATA = Path(__file__).parents[3] / "shared" / "data"


def data(*parts: str) -> Path:
    """A file of the shared real data; the test is skipped where it is absent."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def options(**given: object) -> ReadOptions:
    return ReadOptions(**{"zone_of": ZONES.get, **given})  # type: ignore[arg-type]


def squares(count: int, east_m: float = EAST_M, north_m: float = NORTH_M) -> list[shapely.Polygon]:
    """Squares of 10 m in a row, 12 m apart."""
    return [shapely.box(east_m + 12 * i, north_m, east_m + 12 * i + 10, north_m + 10) for i in range(count)]


def columns(count: int, commune: str | None = "20207") -> dict[str, pa.Array]:
    """The usual columns in the ministry's names: sheet 7, numbers from 1."""
    made = {
        "soHieuToBanDo": pa.array([7] * count, pa.int32()),
        "soThuTuThua": pa.array(range(1, count + 1), pa.int32()),
    }
    if commune is not None:
        made["maXa"] = pa.array([commune] * count, pa.string())
    made["dienTichPhapLy"] = pa.array([100.5] * count, pa.float64())
    made["kyHieuMucDichSuDung"] = pa.array(["ont"] * count, pa.string())
    return made


def write(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    fields: Mapping[str, pa.Array] | None = None,
    crs: str | None = "EPSG:5899",
    kind: str = "Polygon",
    **more: object,
) -> Path:
    """A file in the format of its suffix."""
    table = pa.table({**(columns(len(shapes)) if fields is None else fields), "geom": wkb(shapes)})
    drivers = {
        ".gpkg": "GPKG",
        ".shp": "ESRI Shapefile",
        ".geojson": "GeoJSON",
        ".fgb": "FlatGeobuf",
        ".gml": "GML",
    }
    given = {
        "driver": drivers[path.suffix],
        "geometry_name": "geom",
        "geometry_type": kind,
        "crs": crs,
        **more,
    }
    with pytest.warns(UserWarning, match="crs") if crs is None else nullcontext():
        pyogrio.write_arrow(table, path, **given)
    return path


def wkb(shapes: Sequence[shapely.Geometry | None]) -> pa.Array:
    return pa.array([None if s is None else shapely.to_wkb(s, flavor="iso") for s in shapes], pa.binary())


def taken(path: Path | Sequence[Path], **given: object) -> tuple[Reading, pa.Table]:
    """Read to the end; the receipt must add up, whatever came."""
    reading = read([path] if isinstance(path, Path) else path, options(**given))
    batches = list(reading.batches())
    assert reading.read == reading.stored + sum(reading.refused.values())
    assert sum(reading.refused.values()) == sum(f.severity == "stops" for f in reading.findings)
    assert sum(b.num_rows for b in batches) == reading.stored
    return reading, pa.Table.from_batches(batches, DRAFT_SCHEMA)


def refusal(path: Path | Sequence[Path], **given: object) -> Refused:
    """The refusal that reading ends in."""
    with pytest.raises(Refused) as caught:
        taken(path, **given)
    assert caught.value.text_vi
    assert caught.value.text_en
    assert "Traceback" not in str(caught.value)
    return caught.value


def shapes_of(table: pa.Table) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return shapely.from_wkb(table.column("shape").to_pylist())  # type: ignore[return-value]


def rows(table: pa.Table, *names: str) -> Iterator[tuple[object, ...]]:
    return zip(*(table.column(n).to_pylist() for n in names), strict=True)
