"""The sheet of Đan Phượng (3,293 plots, VN-2000 105°00') in its commune's outline, jumbled each way."""

from datetime import date

import numpy as np
import pyogrio
import pytest
import shapely

from geo.crs import from_wgs84, to_wgs84
from importers.check.context import Context
from importers.datum.place import place
from importers.plots import Drawn, Plot
from tests.importers.datum.test_place import into
from tests.importers.datum.village import Register
from tests.importers.parcels import data

EPSG = 5897


@pytest.fixture(scope="module")
def sheet() -> list[shapely.Polygon]:
    drawing = data("vn_danphuong_dxf", "ban_do_giai_thua.dxf")
    rings = [shapely.get_coordinates(g) for g in shapely.from_wkb(pyogrio.raw.read(drawing)[2])]
    return [shapely.Polygon(np.vstack([r, r[:1]])) for r in rings if len(r) >= 3]


@pytest.fixture(scope="module")
def outline(sheet) -> shapely.Geometry:
    units = data("vn_admin_units", "vn_wards_hanoi_danang_full.gpkg.zip")
    communes = shapely.from_wkb(pyogrio.raw.read(f"/vsizip/{units}", where="code = '09784'")[2])
    return shapely.transform(communes[0], lambda xy: np.column_stack(from_wgs84(EPSG, xy[:, 0], xy[:, 1])))


def degrees(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(to_wgs84(EPSG, xy[:, 0], xy[:, 1]))


JUMBLED = {
    "swap": lambda xy: xy[:, ::-1],
    "zone:9210": into(EPSG, 9210),
    "zone:5899": into(EPSG, 5899),
    "zone:9207": into(EPSG, 9207),
    "degrees": degrees,
    "swap+degrees": lambda xy: degrees(xy)[:, ::-1],
    "feet": lambda xy: xy / 0.3048,
    "mm": lambda xy: xy * 1000,
    "false_easting:500000": lambda xy: xy - np.array([500_000, 0]),
    "false_easting:-48000000": lambda xy: xy + np.array([48_000_000, 0]),
}


@pytest.mark.parametrize("key", JUMBLED)
def test_jumbled(key: str, sheet, outline) -> None:
    context = Context(date(2026, 11, 1), epsg=EPSG, outline=outline)
    drawn = Drawn(
        "a.dxf", "dxf", [Plot(str(i), shapely.transform(s, JUMBLED[key])) for i, s in enumerate(sheet)]
    )
    placed = place([drawn], context, None, [])
    assert (len(placed.findings), placed.proposals[0].key, placed.trusted) == (1, key, False)
    back = place([drawn], context, None, [key])
    assert back.trusted
    assert (
        np.abs(shapely.get_coordinates(back.shapes) - shapely.get_coordinates(np.array(sheet))).max() < 0.002
    )


def test_as_it_is(sheet, outline) -> None:
    drawn = Drawn("a.dxf", "dxf", [Plot(str(i), s) for i, s in enumerate(sheet)])
    placed = place([drawn], Context(date(2026, 11, 1), epsg=EPSG, outline=outline), None, [])
    assert (placed.findings, placed.trusted, placed.epsg) == ([], True, EPSG)


def test_shifted_against_its_register(sheet, outline) -> None:
    register = Register([s for s in sheet if s.is_valid])
    context = Context(date(2026, 11, 1), epsg=EPSG, outline=outline, near=register, has_register=True)
    moved = [shapely.transform(s, lambda xy: xy + np.array([0.4, -0.65])) for s in sheet[:800]]
    drawn = Drawn("a.dxf", "dxf", [Plot(str(i), s) for i, s in enumerate(moved)])
    assert [p.key for p in place([drawn], context, None, []).proposals] == ["shift:-0.400,0.650"]
