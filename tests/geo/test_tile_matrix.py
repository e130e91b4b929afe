"""Tile matrix sets: levels halve, tiles fill the grid, the zone's grid holds its zone and lies on whole powers of two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import cells, crs, tile_matrix
from geo.tile_matrix import WEB_MERCATOR_QUAD, of_zone, web_box

ZONES = st.sampled_from(sorted(crs.ZONES))
LEVELS = st.integers(0, tile_matrix.MAX_LEVEL)
PART = st.floats(0, 1, exclude_max=True)


@given(ZONES, LEVELS, PART, PART)
def test_four_tiles_fill_the_one_above_them(epsg: int, level: int, across: float, down: float) -> None:
    grid = of_zone(epsg)
    column, row = int(across * (grid.columns << level)), int(down * (grid.rows << level))
    west, south, east, north = grid.bounds(level, column, row)
    assert east - west == north - south == 2.0 ** (20 - level)
    assert all((one - crs.FALSE_EASTING_M + (1 << 19)) % (east - west) == 0 for one in (west, east))
    assert all((one + (1 << 19)) % (east - west) == 0 for one in (south, north))
    if level < tile_matrix.MAX_LEVEL:
        first = grid.bounds(level + 1, 2 * column, 2 * row)
        last = grid.bounds(level + 1, 2 * column + 1, 2 * row + 1)
        assert (first[0], last[1], last[2], first[3]) == (west, south, east, north)


@given(ZONES, st.floats(101.5, 110), st.floats(8, 23.5))
def test_vietnam_lies_in_the_grid_of_each_zone_near_it(epsg: int, lon: float, lat: float) -> None:
    zone = crs.zone(epsg)
    if abs(lon - zone.central_meridian_deg) > 4:
        return
    (east_m,), (north_m,) = crs.from_wgs84(epsg, [lon], [lat])
    west, _, east, north = of_zone(epsg).bounds(0, 0, 0)
    south = of_zone(epsg).bounds(0, 0, 1)[1]
    assert west < east_m < east
    assert south < north_m < north


@given(ZONES, st.integers(4, tile_matrix.MAX_LEVEL), PART, PART, PART, PART)
def test_the_box_of_the_web_map_holds_every_point_of_the_tile(
    epsg: int, level: int, across: float, down: float, x: float, y: float
) -> None:
    grid = of_zone(epsg)
    column = int((0.25 + across / 2) * (1 << level))
    box = west, south, east, north = grid.bounds(level, column, int(down * (grid.rows << level)))
    (web_x,), (web_y,) = crs.to_web(epsg, [west + x * (east - west)], [south + y * (north - south)])
    left, bottom, right, top = web_box(epsg, *box)
    assert left <= web_x <= right
    assert bottom <= web_y <= top
    cell = int(cells.keys(np.array([web_x]), np.array([web_y]))[0])
    ranges = cells.box_ranges(left, bottom, right, top)
    assert len(ranges) <= 36
    assert any(first <= cell <= last for first, last in ranges)


def test_the_web_map_is_the_one_of_the_standard() -> None:
    scales = [(level, scale) for level, scale, _ in WEB_MERCATOR_QUAD.matrices()]
    assert scales[0][1] == pytest.approx(559082264.0287178)
    assert scales[18][1] == pytest.approx(2132.729583849784)
    x, y = 13112, 7436
    assert WEB_MERCATOR_QUAD.bounds(14, x, y) == pytest.approx(cells.bounds(x, y))


@pytest.mark.parametrize("place", [(-1, 0, 0), (19, 0, 0), (0, 1, 0), (0, 0, 2), (3, -1, 0), (3, 0, 16)])
def test_there_are_no_other_tiles(place: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no tile"):
        of_zone(5899).bounds(*place)


@pytest.mark.parametrize(
    "name", ["", "VN2000", "VN2000-", "VN2000-4326", "VN2000-589９", "vn2000-5899", "5899", "VN2000-05899"]
)
def test_there_are_no_other_sets(name: str) -> None:
    with pytest.raises(ValueError, match=r"tile matrix set|zone"):
        tile_matrix.named(name)
