"""Map cells: the tiles of zoom 14 numbered along a Z-shaped curve (Morton order): a coarser tile is a range.

The bits of x stand on the even places of a key, the bits of y on the odd ones. x grows to the east and y to
the south, as in the web map scheme (XYZ).
"""

CELL_ZOOM = 14


def key(x: int, y: int) -> int:
    """The number of the zoom-14 cell in column `x` (from the west) and row `y` (from the north)."""
    return _spread(x) | _spread(y) << 1


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


def _spread(value: int) -> int:
    """`value` (at most 32 bits) with a zero bit before each of its bits."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555
