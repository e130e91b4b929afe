"""Two dated states of one council's parcels, real ones, as an office here would have them.

The council is no Vietnamese one: its coordinates are outside every VN-2000 zone. They come here through a metric projection
of their own, laid rigidly on a place of zone 5899; angles, areas and the shift between the dates are as they were. Hectares
become square metres, the key's two middle parts the sheet and its last the number.
"""

import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from tests.importers.parcels import data, write
from tests.register.handed_in import COMMUNE

KEY, PURPOSE, AREA_HA = "Кадастровий номер", "Цільове", "Площа ДЗК"
LON_DEG, LAT_DEG = 24.9, 49.2
LAND_USE = {
    "Для ведення товарного": "LUK", "Для ведення особистого": "BHK", "Землі запасу": "BCS", "Землі загального": "DGT",
    "Для ведення фермерського": "CLN", "Землі резервного": "DCS",
}  # fmt: skip
"""Purposes by how they begin, under codes of the land-use list: only that they stay or change matters."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a snapshot; `degrees` the shape as it stands in the file, `shape` in metres of zone 5899."""

    key: str
    land_use: str | None
    legal_area_m2: float | None
    degrees: shapely.Geometry
    shape: shapely.Geometry

    @property
    def sheet(self) -> str:
        return self.key[11:17].replace(":", "-")

    @property
    def number(self) -> str:
        return self.key[18:]


@cache
def snapshot(n: int) -> list[Record]:
    """The records of the first or second state; the test is skipped where the data is absent."""
    with zipfile.ZipFile(data("ua_council_two_snapshots", "hnylchenska_two_snapshots.zip")) as packed:
        name = next(one for one in packed.namelist() if one.endswith(f"hnylchenska_v{n}.geojson"))
        features = json.loads(packed.read(name))["features"]
    degrees = np.array([shapely.geometry.shape(f["geometry"]) for f in features], dtype=object)
    degrees = shapely.get_geometry(shapely.force_2d(degrees), 0)
    zone = _local()
    shapes = shapely.transform(degrees, lambda xy: np.column_stack(zone.transform(xy[:, 0], xy[:, 1])))
    shapes = shapely.set_precision(shapely.orient_polygons(shapes), 0.001)
    made = []
    for f, there, here in zip(features, degrees, shapes, strict=True):
        told = f["properties"]
        use = next(
            (code for start, code in LAND_USE.items() if (told[PURPOSE] or "").startswith(start)), None
        )
        area = None if told[AREA_HA] in (None, "") else round(told[AREA_HA] * 10_000, 2)
        made.append(Record(told[KEY], use, area, there, here))
    return made


@cache
def _local() -> pyproj.Transformer:
    own = f"+proj=tmerc +lat_0={LAT_DEG} +lon_0={LON_DEG} +x_0=548000 +y_0=1777000 +ellps=WGS84 +units=m"
    return pyproj.Transformer.from_crs(4326, own, always_xy=True)


def written(path: Path, records: list[Record]) -> Path:
    """The records as a file of an office: columns in the ministry's names, 1:2000, every record as often as it was."""
    return write(
        path,
        [one.shape for one in records],
        {
            "maXa": pa.array([COMMUNE] * len(records)),
            "soHieuToBanDo": pa.array([one.sheet for one in records]),
            "soThuTuThua": pa.array([one.number for one in records]),
            "tyLe": pa.array([2000] * len(records), pa.int32()),
            "dienTichPhapLy": pa.array([one.legal_area_m2 for one in records], pa.float64()),
            "kyHieuMucDichSuDung": pa.array([one.land_use for one in records], pa.string()),
        },
        crs="EPSG:5899",
    )
