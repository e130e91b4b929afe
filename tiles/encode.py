"""Blocks into tiles: the layers made of parcels, as Mapbox Vector Tile bytes."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from geo.cells import CELL_ZOOM
from tiles import boundaries, mvt, texts
from tiles.assemble import Cells, cells_of, corner_of, layer_of, whole_values
from tiles.outlines import CELL_BITS, GRID_ZOOM
from tiles.parcels import are_kept, parcels, room_for_values
from tiles.pieces import Piece, whole
from tiles.rooms import BANDS
from tiles.sides import NEAR

_KEYS = ("code", "number", "land_use", "area", "room", "text", "angle", "width", "height")
_ANGLES = whole_values(range(-90, 90))


def are_local(names: Sequence[str], z: int) -> bool:
    """Whether these layers of a tile, to the byte, follow from the shapes within its `reach` alone. Far out edges are long
    lines, and where these begin depends on all of them."""
    local = {"parcels", *_LAYERS} - (set() if z >= boundaries.EACH_ZOOM else {"edges"})
    return z >= CELL_ZOOM and local >= set(names)


def reach(z: int, x: int, y: int) -> tuple[int, int, int, int]:
    """West, north, east, south of the box, in units of the cell, that all shapes seen in a tile from zoom 14 on meet."""
    column, row = cells_of(z, x, y)[0]
    shift, left, top = corner_of(z, x, y, column, row)
    low, high = _around(z)
    west, north = left << shift, top << shift
    return west + low, north + low, west + high, north + high


def showing(box: tuple[int, int, int, int], z: int, column: int, row: int) -> Iterator[tuple[int, int]]:
    """Columns and rows of the tiles of a zoom from 14 on, of those in a cell, whose `reach` meets a box like it."""
    west, north, east, south = box
    low, high = _around(z)
    up = z - CELL_ZOOM
    size, last = 1 << CELL_BITS - up, (1 << up) - 1
    xs, ys = (
        range(max(0, -((high - first) // size)), min(last, (end - low) // size) + 1)
        for first, end in ((west, east), (north, south))
    )
    return (((column << up) + x, (row << up) + y) for x in xs for y in ys)


def _around(z: int) -> tuple[int, int]:
    """Where the `reach` of a tile begins and ends, from its corner."""
    shift = GRID_ZOOM - z
    more = NEAR + (2 << shift)
    return (mvt.LOW << shift) - more, (mvt.HIGH << shift) + more


def layers(names: Sequence[str], cells: Cells, z: int, x: int, y: int) -> bytes:
    """These layers of a tile from zoom 14 on, one after the other, from the block of its cell."""
    return whole(pieces(names, cells, z, x, y, keep=False))


def pieces(
    names: Sequence[str], cells: Cells, z: int, x: int, y: int, *, keep: bool = True
) -> list[Piece | bytes]:
    """The same, in pieces of which some come again; `keep` them with the block."""
    body: list[Piece | bytes] = []
    for name in names:
        body += parcels(cells, z, x, y, keep=keep) if name == "parcels" else [_LAYERS[name](cells, z, x, y)]
    return body


def are_at_hand(names: Sequence[str], cells: Cells, z: int, x: int, y: int) -> bool:
    """Whether the pieces of these layers are likely to be there from before."""
    return set(names) <= {"parcels"} and are_kept(cells, z, x, y)


def labels(cells: Cells, z: int, x: int, y: int) -> bytes:
    """The layer `labels` of a tile from zoom 14 on, from the block of its cell; empty where there is none."""
    (((column, row), block),) = cells.items()
    shift, left, top = corner_of(z, x, y, column, row)
    rooms, band = block.rooms(row), int(z >= BANDS[1])
    at = rooms.at[band]
    which = np.empty(block.id.size, np.int64)
    which = which[: texts.anchors_in_view(at, shift, left, top, which)]
    out, value_out = np.empty(200 * which.size, np.uint8), np.empty(room_for_values(block, which), np.uint8)
    used, said, _ = texts.labels(
        which, shift, left, top, band == 1, block.id, block.code, block.number, block.land_use, block.area_m2,
        block.area_m2.view(np.uint8).reshape(-1, 8), block.room_m.view(np.uint8).reshape(-1, 4), at,
        rooms.angle[band], rooms.size_m[band],
        block.text_at, block.text, out, value_out,
    )  # fmt: skip
    return layer_of("labels", _KEYS, [out[:used]], [_ANGLES, value_out[:said]])


_LAYERS: Mapping[str, Callable[[Cells, int, int, int], bytes]] = {
    "edges": boundaries.edges,
    "labels": labels,
    "dimensions": boundaries.dimensions,
    "points": boundaries.points,
}
