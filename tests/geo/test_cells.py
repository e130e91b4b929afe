"""Numbers of map cells: neighbours on the ground, ranges for coarser tiles."""

from hypothesis import given
from hypothesis import strategies as st

from geo.cells import CELL_ZOOM, key, key_range, stamp_ranges

columns = st.integers(0, (1 << CELL_ZOOM) - 1)


def test_the_curve_begins_as_drawn() -> None:
    drawing = "\n".join(" ".join(f"{key(x, y):2}" for x in range(4)) for y in range(4))
    assert drawing == " 0  1  4  5\n 2  3  6  7\n 8  9 12 13\n10 11 14 15"


@given(columns, columns, st.integers(0, 22))
def test_a_tile_covers_the_range_of_its_cells(x: int, y: int, z: int) -> None:
    if z <= CELL_ZOOM:
        first, last = key_range(z, x >> CELL_ZOOM - z, y >> CELL_ZOOM - z)
        assert last - first + 1 == 4 ** (CELL_ZOOM - z)
    else:
        first, last = key_range(z, x << z - CELL_ZOOM, y << z - CELL_ZOOM)
        assert first == last
    assert first <= key(x, y) <= last


@given(columns, columns, columns, columns)
def test_no_two_cells_share_a_number(x: int, y: int, x2: int, y2: int) -> None:
    assert (key(x, y) == key(x2, y2)) == ((x, y) == (x2, y2))


@given(columns, columns, st.integers(0, 22))
def test_stamps_watch_the_cells_around_coarse_tiles(x: int, y: int, z: int) -> None:
    z_tile = min(z, CELL_ZOOM)
    ranges = stamp_ranges(z_tile, x >> CELL_ZOOM - z_tile, y >> CELL_ZOOM - z_tile)
    assert any(first <= key(x, y) <= last for first, last in ranges)
    side = 1 << CELL_ZOOM - z_tile
    west = (x >> CELL_ZOOM - z_tile) * side - 1
    if z_tile < CELL_ZOOM and west >= 0:
        assert any(first <= key(west, y) <= last for first, last in ranges)
    assert len({first for first, _ in ranges}) == len(ranges) <= 9
