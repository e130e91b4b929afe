"""Blocks into tiles: the layers made of parcels, as Mapbox Vector Tile bytes."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import shapely

from geo.cells import CELL_ZOOM
from tiles import boundaries, mvt, polygons, texts
from tiles.assemble import Cells, corner_of, layer_of, whole_values
from tiles.block import Block
from tiles.edges import Grounds
from tiles.mending import Drawings, on_grid, polygons_of
from tiles.outlines import GRID_ZOOM, Ints, Outlines, from_polygons, rounded
from tiles.rooms import BANDS
from tiles.sides import NEAR

_KEPT_TO = CELL_ZOOM + 1
"""Up to this zoom what was drawn is kept: after a correction nearly all of it is the same."""

_KEYS = {
    "parcels": ("code", "number", "land_use", "state"),
    "labels": ("code", "number", "land_use", "area", "room", "text", "angle", "width", "height"),
}
_ANGLES = whole_values(range(-90, 90))
_NOTHING_KNOWN = polygons.unknown(0)
_TILE = shapely.box(mvt.LOW, mvt.LOW, mvt.HIGH, mvt.HIGH)


def cells_of(z: int, x: int, y: int) -> list[tuple[int, int]]:
    """Columns and rows of the cells a tile shows, its buffer included; of a tile from zoom 14 on the one it lies in,
    whose block reaches beyond the cell by the buffer."""
    if z >= CELL_ZOOM:
        return [(x >> (z - CELL_ZOOM), y >> (z - CELL_ZOOM))]
    wide, last = 1 << (CELL_ZOOM - z), (1 << CELL_ZOOM) - 1
    columns = range(max(0, x * wide - 1), min(last, (x + 1) * wide) + 1)
    rows = range(max(0, y * wide - 1), min(last, (y + 1) * wide) + 1)
    return [(column, row) for column in columns for row in rows]


def are_local(names: Sequence[str], z: int) -> bool:
    """Whether these layers of a tile, to the byte, follow from the shapes within its `reach` alone. Far out edges are long
    lines, and where these begin depends on all of them."""
    local = _LAYERS.keys() if z >= boundaries.EACH_ZOOM else _LAYERS.keys() - {"edges"}
    return z >= CELL_ZOOM and local >= set(names)


def reach(z: int, x: int, y: int) -> tuple[int, int, int, int]:
    """West, north, east, south of the box, in units of the cell, that all shapes seen in a tile from zoom 14 on meet."""
    column, row = cells_of(z, x, y)[0]
    shift, left, top = corner_of(z, x, y, column, row)
    more = NEAR + (2 << shift)
    low, high = mvt.LOW << shift, mvt.HIGH << shift
    west, north = left << shift, top << shift
    return west + low - more, north + low - more, west + high + more, north + high + more


def layers(names: Sequence[str], cells: Cells, z: int, x: int, y: int) -> bytes:
    """These layers of a tile, one after the other, from the blocks of `cells_of` it; cells without parcels may be left out."""
    return b"".join(_LAYERS[name](cells, z, x, y) for name in names)


def parcels(cells: Cells, z: int, x: int, y: int) -> bytes:
    """The layer `parcels` of a tile from the blocks of `cells_of` it; empty where there is none. Needs no lock of Python."""
    features: list[npt.NDArray[np.uint8]] = []
    values: list[npt.NDArray[np.uint8]] = []
    said = 0
    for (column, row), block in cells.items():
        which, left, top = _in_view(cells, block, column, row, z, x, y)
        if which.size == 0:
            continue
        said, odd = _parcels(
            block,
            which,
            _drawn_at(block, z),
            GRID_ZOOM - z,
            left,
            top,
            said,
            features,
            values,
            kept_as=(z, x, y) if CELL_ZOOM <= z <= _KEPT_TO else None,
        )
        if odd.size:
            pieces = _pieces(block, odd, z, left, top)
            said, _ = _parcels(pieces, np.arange(odd.size), pieces.drawn, 0, 0, 0, said, features, values)
    return layer_of("parcels", _KEYS["parcels"], features, values)


def labels(cells: Cells, z: int, x: int, y: int) -> bytes:
    """The layer `labels` of a tile from zoom 14 on, from the block of its cell; empty where there is none."""
    (((column, row), block),) = cells.items()
    shift, left, top = corner_of(z, x, y, column, row)
    rooms, band = block.rooms(row), int(z >= BANDS[1])
    at = rooms.at[band]
    which = np.empty(block.id.size, np.int64)
    which = which[: texts.anchors_in_view(at, shift, left, top, which)]
    out, value_out = np.empty(200 * which.size, np.uint8), np.empty(_room_for_values(block, which), np.uint8)
    used, said, _ = texts.labels(
        which, shift, left, top, band == 1, block.id, block.code, block.number, block.land_use, block.area_m2,
        block.area_m2.view(np.uint8).reshape(-1, 8), block.room_m.view(np.uint8).reshape(-1, 4), at,
        rooms.angle[band], rooms.size_m[band],
        block.text_at, block.text, out, value_out,
    )  # fmt: skip
    return layer_of("labels", _KEYS["labels"], [out[:used]], [_ANGLES, value_out[:said]])


def _in_view(
    cells: Cells, block: Block, column: int, row: int, z: int, x: int, y: int
) -> tuple[Ints, int, int]:
    """The shapes of a block a tile shows, and the tile's corner in units of its zoom from that of the cell."""
    shift, left, top = corner_of(z, x, y, column, row)
    several = len(cells) > 1
    first_column, first_row = cells_of(z, x, y)[0] if several else (-1, -1)
    which = np.empty(block.id.size, np.int64)
    count = mvt.in_view(
        block.bounds, (left + mvt.LOW) << shift, (top + mvt.LOW) << shift, (left + mvt.HIGH) << shift,
        (top + mvt.HIGH) << shift, column, row, first_column, first_row, which,
    )  # fmt: skip
    return which[:count], left, top


def _drawn_at(block: Block, z: int) -> Drawings:
    """The drawings of one zoom."""
    first, end = np.searchsorted(block.drawn.zoom, [z, z + 1])
    some = block.drawn.outlines
    ring = some.ring[first : end + 1]
    outlines = Outlines(ring, some.point, some.outer, some.x, some.y, some.mm)
    return Drawings(block.drawn.zoom[first:end], block.drawn.shape[first:end], outlines)


def _parcels(
    block: Block, which: Ints, drawn: Drawings, shift: int, left: int, top: int, said: int,
    features: list[npt.NDArray[np.uint8]], values: list[npt.NDArray[np.uint8]], *,
    kept_as: tuple[int, int, int] | None = None,
) -> tuple[int, Ints]:  # fmt: skip
    """Append the features and values of some shapes; how many values there are now, and which shapes were left out.

    kept_as: the tile (zoom, column, row), where what is drawn is kept with the block."""
    shape = block.outlines
    corners = int((shape.point[shape.ring[which + 1]] - shape.point[shape.ring[which]]).sum())
    room = 24 * (corners + 2 * which.size) + 24 * drawn.outlines.x.size
    before = block.later.polygons.get(kept_as) if kept_as else None
    known = before or _NOTHING_KNOWN
    commands = np.empty(room + known.commands.size, np.uint8)
    start, size = np.empty(which.size, np.int64), np.empty(which.size, np.int32)
    used = polygons.drawn(
        which, shift, left, top, block.anchor, shape.ring, shape.point, shape.outer, shape.x, shape.y, drawn.shape,
        drawn.outlines.ring, drawn.outlines.point, drawn.outlines.outer, drawn.outlines.x, drawn.outlines.y,
        known.start, known.size, known.commands, start, size, commands,
    )  # fmt: skip
    if kept_as and (before is None or (before.size[which] == polygons.UNKNOWN).any()):
        drawn_now = polygons.kept(block.id.size, which, start, size, commands[:used].copy())
        block.later.polygons = {**block.later.polygons, kept_as: drawn_now}
    out, value_out = (
        np.empty(used + 96 * which.size, np.uint8),
        np.empty(_room_for_values(block, which), np.uint8),
    )
    used, used_too, said = mvt.parcels(
        which, start, size, commands, said, block.id, block.code, block.number, block.land_use, block.grounds.ground,
        block.text_at, block.text, out, value_out,
    )  # fmt: skip
    features.append(out[:used])
    values.append(value_out[:used_too])
    return said, which[size == polygons.ODD]


def _room_for_values(block: Block, which: Ints) -> int:
    return 128 * which.size + block.text.size + 16 * len(block.texts) + 64


def _pieces(block: Block, odd: Ints, z: int, left: int, top: int) -> Block:
    """Parcels cut to the tile the careful way: those a cut takes apart into pieces. In units of the tile."""
    shift = GRID_ZOOM - z
    shapes = rounded(block.outlines.taken(odd), shift, left, top).polygons()
    drawn = _drawn_at(block, z)
    at = np.searchsorted(drawn.shape, odd)
    mended = np.flatnonzero((at < drawn.shape.size) & (np.append(drawn.shape, -1)[at] == odd))
    shapes[mended] = rounded(drawn.outlines.taken(at[mended]), 0, left, top).polygons()
    cut = shapely.clip_by_rect(shapes, mvt.LOW, mvt.LOW, mvt.HIGH, mvt.HIGH)
    wrong = ~shapely.is_valid(cut)  # a hole at the border
    cut[wrong] = shapely.intersection(shapes[wrong], _TILE)
    outlines = from_polygons(np.array([polygons_of(shape) for shape in on_grid(cut)], np.object_))
    none = Drawings(np.empty(0, np.uint8), np.empty(0, np.int64), outlines)
    anchor = ((block.anchor[odd].astype(np.int64) >> shift) - (left, top)).astype(np.int32)
    lies = block.grounds
    grounds = Grounds(lies.sheet[odd], lies.commune[odd], lies.ground[odd])
    return Block(
        block.id[odd], block.code[odd], block.number[odd], block.land_use[odd], block.area_m2[odd],
        block.room_m[odd], anchor, outlines, none, block.bounds[odd], block.texts, block.text_at, block.text, grounds,
    )  # fmt: skip


_LAYERS: Mapping[str, Callable[[Cells, int, int, int], bytes]] = {
    "parcels": parcels,
    "edges": boundaries.edges,
    "labels": labels,
    "dimensions": boundaries.dimensions,
    "points": boundaries.points,
}
