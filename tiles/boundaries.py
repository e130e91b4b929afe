"""The layers drawn along boundaries: `edges`, `points` and `dimensions`, from blocks, as Mapbox Vector Tile bytes."""

from typing import Final

import numpy as np

from tiles import lines
from tiles.assemble import Cells, corner_of, layer_of, text_values, varint, whole_values
from tiles.block import Block
from tiles.edges import KINDS, Edges
from tiles.layers import DETAIL_ZOOM
from tiles.outlines import GRID_ZOOM, Ints

EACH_ZOOM: Final = 18
"""From this zoom on each edge is a feature; above it one feature holds all edges of a kind."""
_MOST_PARCELS: Final = 9
_KIND_VALUES: Final = text_values(KINDS)
_ANGLES_AND_ZOOMS: Final = whole_values([*range(-90, 90), *range(GRID_ZOOM + 1)])
_COUNTS: Final = whole_values(range(1, _MOST_PARCELS + 1))


def edges(cells: Cells, z: int, x: int, y: int) -> bytes:
    """The layer `edges` of a tile from zoom 14 on, from the block of its cell; empty where there is none."""
    if z < EACH_ZOOM:
        return _trails(cells, z, x, y)
    block, some, which, shift, left, top = _seen(cells, z, x, y)
    out, value_out = np.empty(64 * which.size, np.uint8), np.empty(48 * which.size, np.uint8)
    used, said = lines.edges(
        which, shift, left, top, len(KINDS), some.x, some.y, some.start, some.stop, some.left, some.right, some.kind,
        some.mm, block.code, out, value_out,
    )  # fmt: skip
    return layer_of(
        "edges", ("kind", "length", "left", "right"), [out[:used]], [_KIND_VALUES, value_out[:said]]
    )


def _seen(cells: Cells, z: int, x: int, y: int) -> tuple[Block, Edges, Ints, int, int, int]:
    """The block of the tile's cell, its edges, which of them the tile shows, and the tile's corner (`corner_of`)."""
    (((column, row), block),) = cells.items()
    shift, left, top = corner_of(z, x, y, column, row)
    some = block.edges()
    which = np.empty(some.start.size, np.int64)
    which = which[: lines.edges_in_view(some.start, some.stop, some.x, some.y, shift, left, top, which)]
    return block, some, which, shift, left, top


def _trails(cells: Cells, z: int, x: int, y: int) -> bytes:
    """One line of many parts for each kind of edge."""
    (((column, row), block),) = cells.items()
    shift, left, top = corner_of(z, x, y, column, row)
    some, along = block.edges(), block.trails()
    out = np.empty(26 * along.node.size + 16, np.uint8)
    features = []
    for kind in range(len(KINDS)):
        first, end = along.kind[kind : kind + 2]
        size = lines.trails(first, end, along.begins, along.node, some.x, some.y, shift, left, top, out)
        if size:
            body = b"\x12\x02\x00" + bytes([kind]) + b"\x18\x02\x22" + varint(size) + out[:size].tobytes()
            features.append(b"\x12" + varint(len(body)) + body)
    return layer_of("edges", ("kind",), features, [_KIND_VALUES])


def points(cells: Cells, z: int, x: int, y: int) -> bytes:
    """The layer `points` of a tile from zoom 14 on; empty where there is none."""
    _, some, which, shift, left, top = _seen(cells, z, x, y)
    out = np.empty(48 * which.size, np.uint8)
    used = lines.points(
        which, some.x, some.y, some.parcels, some.start, some.stop, shift, left, top, _MOST_PARCELS, out
    )
    return layer_of("points", ("parcels",), [out[:used]], [_COUNTS])


def dimensions(cells: Cells, z: int, x: int, y: int) -> bytes:
    """The layer `dimensions` of a tile from zoom 14 on; empty where there is none."""
    _, some, which, shift, left, top = _seen(cells, z, x, y)
    out, value_out = np.empty(40 * which.size, np.uint8), np.empty(24 * which.size, np.uint8)
    last_zoom = z if z < DETAIL_ZOOM else GRID_ZOOM
    used, said = lines.dimensions(
        which, shift, left, top, last_zoom, some.x, some.y, some.start, some.stop, some.mm, out, value_out
    )
    return layer_of(
        "dimensions", ("text", "angle", "zoom"), [out[:used]], [_ANGLES_AND_ZOOMS, value_out[:said]]
    )
