"""Map cells: the tiles of zoom 14 numbered along a Z-shaped curve (Morton order): a coarser tile is a range.

The bits of x stand on the even places of a key, the bits of y on the odd ones. x grows to the east and y to
the south, as in the web map scheme (XYZ).
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from geo.web_map import HALF_WORLD_M

CELL_ZOOM = 14

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CELL_M = 2 * HALF_WORLD_M / 2**CELL_ZOOM
_LAST = 2**CELL_ZOOM - 1


def key(x: int, y: int) -> int:
    """The number of the zoom-14 cell in column `x` (from the west) and row `y` (from the north)."""
    return _spread(x) | _spread(y) << 1


def place(key: int) -> tuple[int, int]:
    """Column and row of the cell of this number."""
    return _gathered(key), _gathered(key >> 1)


def at(x_m: Floats, y_m: Floats) -> tuple[Ints, Ints]:
    """Columns and rows of the cells in which web points (EPSG:3857 metres) lie; those off the map are put at its edge."""
    column = np.clip((x_m + HALF_WORLD_M) // _CELL_M, 0, _LAST).astype(np.int64)
    row = np.clip((HALF_WORLD_M - y_m) // _CELL_M, 0, _LAST).astype(np.int64)
    return column, row


def keys(x_m: Floats, y_m: Floats) -> Ints:
    """The numbers of the cells in which web points (EPSG:3857 metres) lie."""
    column, row = at(x_m, y_m)
    return _spread(column) | _spread(row) << 1


def bounds(x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of the cell in column `x` and row `y`, EPSG:3857 metres."""
    west, north = x * _CELL_M - HALF_WORLD_M, HALF_WORLD_M - y * _CELL_M
    return west, north - _CELL_M, west + _CELL_M, north


def key_range(z: int, x: int, y: int) -> tuple[int, int]:
    """The first and last key of the cells a tile covers; of a tile below zoom 14, the one cell it lies in."""
    if z >= CELL_ZOOM:
        only = key(x >> z - CELL_ZOOM, y >> z - CELL_ZOOM)
        return only, only
    bits = 2 * (CELL_ZOOM - z)
    first = key(x, y) << bits
    return first, first + (1 << bits) - 1


def stamp_ranges(z: int, x: int, y: int) -> list[tuple[int, int]]:
    """Key ranges of all cells whose change can be seen in a tile, its buffer of 1/64 tile included.

    From zoom 14 on it is the cell the tile lies in: a correction bumps each cell its shapes come nearer to
    than the buffer at zoom 14. The buffer of a coarser tile is wider, so its eight neighbours count too.
    """
    if z >= CELL_ZOOM:
        return [key_range(z, x, y)]
    last = (1 << z) - 1
    columns = range(max(0, x - 1), min(last, x + 1) + 1)
    rows = range(max(0, y - 1), min(last, y + 1) + 1)
    return [key_range(z, column, row) for column in columns for row in rows]


def box_ranges(west: float, south: float, east: float, north: float) -> list[tuple[int, int]]:
    """Key ranges of cells that cover a box of the web map (EPSG:3857 metres): at most 25, however large the box."""
    columns, rows = at(np.array([west, east]), np.array([north, south]))
    left, right, top, bottom = (int(one) for one in (*columns, *rows))
    shift = (max(right - left, bottom - top) // 4).bit_length()
    zoom = CELL_ZOOM - shift
    return [
        key_range(zoom, column, row)
        for column in range(left >> shift, (right >> shift) + 1)
        for row in range(top >> shift, (bottom >> shift) + 1)
    ]


Bits = TypeVar("Bits", int, Ints)


def _spread(value: Bits) -> Bits:
    """`value` (at most 32 bits) with a zero bit before each of its bits."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _gathered(value: int) -> int:
    """The bits of `value` on even places, side by side: the inverse of `_spread`."""
    value &= 0x5555555555555555
    value = (value | value >> 1) & 0x3333333333333333
    value = (value | value >> 2) & 0x0F0F0F0F0F0F0F0F
    value = (value | value >> 4) & 0x00FF00FF00FF00FF
    value = (value | value >> 8) & 0x0000FFFF0000FFFF
    return (value | value >> 16) & 0x00000000FFFFFFFF
