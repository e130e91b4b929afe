"""The layer `parcels`, in runs of features that stay the same to the byte as long as their parcels do.

A tile of a town has 13,000 parcels, and a correction changes one or two. So features are written run by run, in the order of
versions; which ones begin a run follows from their numbers alone, so that a tile is the same however it came about. A run has
values of its own, and room for some more: what is before or after it hardly ever moves. So after a correction the bytes of
nearly all runs are there, compressed too.
"""

from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geo.cells import CELL_ZOOM
from tiles import mvt, polygons
from tiles.assemble import Cells, corner_of, layer_in_pieces, layer_of
from tiles.block import Block
from tiles.edges import Grounds
from tiles.mending import Drawings, on_grid, polygons_of
from tiles.outlines import GRID_ZOOM, Ints, Outlines, from_polygons, rounded
from tiles.pieces import Body, Piece
from tiles.runs import Run, Runs, cuts_of, place_after

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
    (run,) = _written(
        block, which, _drawn_at(block, z), GRID_ZOOM - z, left, top, np.array([0, which.size]), 1, 0
    )
    if run.odd.size == 0:
        return [layer_of("parcels", KEYS, [run.features.raw], [run.values.raw])]
    odd = _carefully(block, run.odd, z, left, top, run.end)
    return [layer_of("parcels", KEYS, [run.features.raw, odd.features.raw], [run.values.raw, odd.values.raw])]


def are_kept(cells: Cells, z: int, x: int, y: int) -> bool:
    """Whether most of the layer of a tile is likely to be there from before."""
    return all((z, x, y) in block.later.runs for block in cells.values())


def _runs(block: Block, which: Ints, z: int, left: int, top: int, before: Runs | None) -> Runs:
    """The runs of the parcels `which`: those of `before` that are the same, else made anew."""
    drawn, places = _drawn_at(block, z), max(RUNS[z] // 2, 1)
    known = {int(run.ids[0]): run for run in before.runs} if before else {}
    ids = block.id[which]
    cuts = cuts_of(ids, RUNS[z])
    runs: list[Run] = []
    said = 0
    while len(runs) + 1 < len(cuts):
        a = len(runs)
        run = known.get(int(ids[cuts[a]]))
        if run is not None and run.shows(ids[cuts[a] : cuts[a + 1]], said):
            runs.append(run)
        else:  # with all that follow and are not known
            b = a + 1
            while b + 1 < len(cuts) and int(ids[cuts[b]]) not in known:
                b += 1
            part = which[cuts[a] : cuts[b]]
            inside = np.array(cuts[a : b + 1]) - cuts[a]
            runs += _written(block, part, drawn, GRID_ZOOM - z, left, top, inside, places, said)
        said = place_after(runs[-1].end, places)
    careful = np.concatenate([run.odd for run in runs])
    if careful.size == 0:
        return Runs(tuple(runs), None)
    odd = before.odd if before else None
    if odd is None or not odd.shows(careful, said):
        odd = _carefully(block, careful, z, left, top, said)
    return Runs(tuple(runs), odd)


def _carefully(block: Block, versions: Ints, z: int, left: int, top: int, said: int) -> Run:
    """A run of the versions that others leave out."""
    pieces = _pieces(block, np.searchsorted(block.id, versions), z, left, top)
    every = np.arange(versions.size)
    (run,) = _written(pieces, every, pieces.drawn, 0, 0, 0, np.array([0, versions.size]), 1, said)
    return run


def _written(
    block: Block,
    which: Ints,
    drawn: Drawings,
    shift: int,
    left: int,
    top: int,
    cuts: Ints,
    places: int,
    said: int,
) -> list[Run]:
    """Runs of the shapes `which`, cut at `cuts`, the values of the first at `said`, of the others at multiples of `places`."""
    shape = block.outlines
    corners = int((shape.point[shape.ring[which + 1]] - shape.point[shape.ring[which]]).sum())
    commands = np.empty(24 * (corners + 2 * which.size) + 24 * drawn.outlines.x.size, np.uint8)
    start, size = np.empty(which.size, np.int64), np.empty(which.size, np.int32)
    used = polygons.drawn(
        which, shift, left, top, block.anchor, shape.ring, shape.point, shape.outer, shape.x, shape.y, drawn.shape,
        drawn.outlines.ring, drawn.outlines.point, drawn.outlines.outer, drawn.outlines.x, drawn.outlines.y,
        start, size, commands,
    )  # fmt: skip
    words = np.diff(block.text_at)
    texts = int(words[block.number[which]].sum() + words[block.land_use[which]].sum())
    out = np.empty(used + 96 * which.size, np.uint8)
    value_out = np.empty(texts + 64 * (which.size + cuts.size), np.uint8)
    ends = np.empty((cuts.size - 1, 3), np.int64)
    mvt.parcels(
        which, start, size, commands, cuts, places, said, block.id, block.code, block.number, block.land_use,
        block.grounds.ground, block.text_at, block.text, out, value_out, ends,
    )  # fmt: skip
    runs = []
    p = v = 0
    odd = size == polygons.ODD
    ids, some_odd = block.id[which], bool(odd.any())
    for (first, last), (p_end, v_end, end) in zip(pairwise(cuts.tolist()), ends.tolist(), strict=True):
        mine = ids[first:last]
        left_out = mine[odd[first:last]] if some_odd else mine[:0]
        runs.append(
            Run(mine, said, end, Piece(out[p:p_end].copy()), Piece(value_out[v:v_end].copy()), left_out)
        )
        p, v, said = p_end, v_end, place_after(end, places)
    return runs


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
