"""The layer `parcels`, in runs of features that stay the same to the byte as long as their parcels do.

A tile of a town has 13,000 parcels, and a correction changes one or two. So features are written run by run, in the order of
versions; which ones begin a run follows from their numbers alone, so that a tile is the same however it came about. A run has
values of its own, and room for some more: what is before or after it hardly ever moves. So after a correction the bytes of
nearly all runs are there, compressed too.
"""

from typing import Final

import numpy as np
import shapely

from geo.cells import CELL_ZOOM
from tiles import mvt, polygons
from tiles.assemble import Cells, corner_of, layer_in_pieces, layer_of
from tiles.block import Block
from tiles.edges import Grounds
from tiles.mending import Drawings, on_grid, polygons_of
from tiles.outlines import GRID_ZOOM, Bytes, Ints, Outlines, from_polygons, rounded
from tiles.pieces import Body, Piece
from tiles.runs import Run, Runs, place_after, spans

KEYS: Final = ("code", "number", "land_use", "state")
RUNS: Final = {CELL_ZOOM: 512, CELL_ZOOM + 1: 256, CELL_ZOOM + 2: 128}
"""Zooms whose tiles are written in runs, which are kept, and how many parcels a run has about."""

_TILE = shapely.box(mvt.LOW, mvt.LOW, mvt.HIGH, mvt.HIGH)


def parcels(cells: Cells, z: int, x: int, y: int, *, keep: bool) -> Body:
    """The layer `parcels` of a tile from zoom 14 on, from the block of its cell; empty where there is none. Needs no lock of
    Python. keep: whether runs are kept with the block, for when it has changed."""
    (((column, row), block),) = cells.items()
    shift, left, top = corner_of(z, x, y, column, row)
    which = np.empty(block.id.size, np.int64)
    which = which[: mvt.in_view(block.bounds, shift, left, top, which)]
    if which.size == 0:
        return []
    if z in RUNS:
        runs = _runs(block, which, z, left, top, block.later.runs.get((z, x, y)))
        if keep:
            block.later.runs = {**block.later.runs, (z, x, y): runs}
        return layer_in_pieces("parcels", KEYS, runs.features, runs.values)
    features, values, said, odd = _written(block, which, _drawn_at(block, z), shift, left, top, 0)
    if odd.size == 0:
        return [layer_of("parcels", KEYS, [features], [values])]
    pieces = _pieces(block, odd, z, left, top)
    more, more_values, _, _ = _written(pieces, np.arange(odd.size), pieces.drawn, 0, 0, 0, said)
    return [layer_of("parcels", KEYS, [features, more], [values, more_values])]


def are_kept(cells: Cells, z: int, x: int, y: int) -> bool:
    """Whether most of the layer of a tile is likely to be there from before."""
    return all((z, x, y) in block.later.runs for block in cells.values())


def _runs(block: Block, which: Ints, z: int, left: int, top: int, before: Runs | None) -> Runs:
    """The runs of the parcels `which`: those of `before` that are the same, else made anew."""
    drawn = _drawn_at(block, z)
    known = {int(run.ids[0]): run for run in before.runs} if before else {}
    ids, said, runs = block.id[which], 0, []
    for a, b in spans(ids, RUNS[z]):
        run = known.get(int(ids[a]))
        if run is None or not run.shows(ids[a:b], said):
            run = _run(block, which[a:b], drawn, GRID_ZOOM - z, left, top, said, ids[a:b])
        runs.append(run)
        said = place_after(run.end)
    careful = np.concatenate([run.odd for run in runs])
    if careful.size == 0:
        return Runs(tuple(runs), None)
    odd = before.odd if before else None
    if odd is None or not odd.shows(careful, said):
        pieces = _pieces(block, np.searchsorted(block.id, careful), z, left, top)
        odd = _run(pieces, np.arange(careful.size), pieces.drawn, 0, 0, 0, said, careful)
    return Runs(tuple(runs), odd)


def _run(
    block: Block, which: Ints, drawn: Drawings, shift: int, left: int, top: int, said: int, ids: Ints
) -> Run:
    features, values, end, odd = _written(block, which, drawn, shift, left, top, said)
    return Run(ids.copy(), said, end, Piece(features.copy()), Piece(values.copy()), block.id[odd])


def _written(
    block: Block, which: Ints, drawn: Drawings, shift: int, left: int, top: int, said: int
) -> tuple[Bytes, Bytes, int, Ints]:
    """Features and values of some shapes behind so many values, how many values there are now, and which shapes were left
    out."""
    shape = block.outlines
    corners = int((shape.point[shape.ring[which + 1]] - shape.point[shape.ring[which]]).sum())
    commands = np.empty(24 * (corners + 2 * which.size) + 24 * drawn.outlines.x.size, np.uint8)
    start, size = np.empty(which.size, np.int64), np.empty(which.size, np.int32)
    used = polygons.drawn(
        which, shift, left, top, block.anchor, shape.ring, shape.point, shape.outer, shape.x, shape.y, drawn.shape,
        drawn.outlines.ring, drawn.outlines.point, drawn.outlines.outer, drawn.outlines.x, drawn.outlines.y,
        start, size, commands,
    )  # fmt: skip
    out, value_out = (
        np.empty(used + 96 * which.size, np.uint8),
        np.empty(room_for_values(block, which), np.uint8),
    )
    used, used_too, said = mvt.parcels(
        which, start, size, commands, said, block.id, block.code, block.number, block.land_use, block.grounds.ground,
        block.text_at, block.text, out, value_out,
    )  # fmt: skip
    return out[:used], value_out[:used_too], said, which[size == polygons.ODD]


def room_for_values(block: Block, which: Ints) -> int:
    """Bytes enough for the values of some parcels."""
    return 128 * which.size + block.text.size + 16 * len(block.texts) + 64


def _drawn_at(block: Block, z: int) -> Drawings:
    """The drawings of one zoom."""
    first, end = np.searchsorted(block.drawn.zoom, [z, z + 1])
    some = block.drawn.outlines
    ring = some.ring[first : end + 1]
    outlines = Outlines(ring, some.point, some.outer, some.x, some.y, some.mm)
    return Drawings(block.drawn.zoom[first:end], block.drawn.shape[first:end], outlines)


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
