"""Narrow empty ground between parcels: slits and holes that are there by mistake (khe hở).

Free edges that face one another at a small distance bound a strip. What of the strips no shape covers is a gap, if
it is wider than the grid and, in the mean, no wider than asked: wider ground is a road or was not measured. A strip
counts only where it ends because the edges end: where two boundaries drift apart into open ground, as at a fork of
roads, there is no gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import SURVEY_M, mean_width_m
from geo.edges import Edges, free_edges
from geo.pairs import box_pairs
from geo.ragged import Shapes

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]

_FACING_COS: Final = 0.5
"""Edges face one another up to 60° from parallel: any triangle has such a pair."""
_PARALLEL_COS: Final = 0.966
"""Open at an end, only strips of up to 15° and of a length five times their width are gaps, not corners."""
_LONG: Final = 5.0
_TOUCH_M: Final = 0.0015
_CUT_M: Final = 1.0
"""Shapes are cut so far outside the window: what the cut rounds does not reach into it."""
_NOTHING_M2: Final = 1e-9
_FEW: Final = 4
"""A gap between so many parcels is told once, a longer one for each pair along it."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps between shape i and shape j, from west to east: area in m², mean width in metres, the Polygon, whether it
    is closed all around (a hole) or open at an end. complete: False where there were too many edges to look at."""

    i: Indexes
    j: Indexes
    area_m2: Floats
    width_m: Floats
    shape: Shapes
    closed: NDArray[np.bool_]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _Strips:
    """Quadrilaterals between facing edges of shapes i and j; parallel ones may also be gaps where they are open."""

    i: Indexes
    j: Indexes
    quad: Shapes
    parallel: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Place:
    """What lies about a spot, cut to its surroundings: the ground all shapes cover in and around the window, and which
    shapes are beside the spot, with their parts there."""

    window: shapely.Geometry
    ground: shapely.Geometry
    near: Indexes
    parts: Shapes


def gaps(
    shapes: Shapes,
    max_width_m: float = 0.5,
    others: Shapes | None = None,
    least_m: float = SURVEY_M,
    most: int | None = None,
) -> Gaps:
    """The gaps between shapes, or also between a shape and one of the others (their j counts on after the shapes').

    Shapes are valid Polygons or MultiPolygons in one VN-2000 zone, on the millimetre. A gap between two of the others is
    none of ours. `most` bounds the pairs of edges looked at.
    """
    n = shapes.size
    every = shapes if others is None else np.concatenate((shapes, others))
    edges = free_edges(every)
    reach = 2 * max_width_m
    strips, complete = _strips(edges, n, reach, least_m, most)
    found = list(_judged(strips, every, n, reach, max_width_m, least_m))
    found.sort(key=lambda one: shapely.bounds(one[2])[:2].tolist())
    faces = np.array([one[2] for one in found], dtype=object)
    return Gaps(
        np.array([one[0] for one in found], dtype=np.int64),
        np.array([one[1] for one in found], dtype=np.int64),
        np.asarray(shapely.area(faces), dtype=np.float64),
        mean_width_m(faces),
        faces,
        np.array([one[3] for one in found], dtype=bool),
        complete,
    )


def _strips(edges: Edges, n: int, reach_m: float, least_m: float, most: int | None) -> tuple[_Strips, bool]:
    """Strips between facing edges of different shapes, one of them at least among the first n."""
    lines = shapely.linestrings(
        np.stack([edges.x0, edges.x1], axis=1), np.stack([edges.y0, edges.y1], axis=1)
    )
    asked = np.flatnonzero(edges.owner < n)
    e, f, complete = box_pairs(np.asarray(lines, dtype=object)[asked], np.asarray(lines), most, reach_m)
    e = asked[e]
    once = (edges.owner[e] != edges.owner[f]) & ((e < f) | (edges.owner[f] >= n))
    e, f = e[once], f[once]
    a, b = edges.taken(e), edges.taken(f)
    dx, dy = a.x1 - a.x0, a.y1 - a.y0
    gx, gy = b.x1 - b.x0, b.y1 - b.y0
    length = np.hypot(dx, dy)
    against = -(dx * gx + dy * gy) / (length * np.hypot(gx, gy))
    ux, uy = dx / length, dy / length
    # Along edge a and to its right, where its outside is; b runs the other way.
    s1, d1 = ux * (b.x0 - a.x0) + uy * (b.y0 - a.y0), uy * (b.x0 - a.x0) - ux * (b.y0 - a.y0)
    s0, d0 = ux * (b.x1 - a.x0) + uy * (b.y1 - a.y0), uy * (b.x1 - a.x0) - ux * (b.y1 - a.y0)
    facing = (against > _FACING_COS) & (s1 - s0 > 1e-9)
    slope = np.divide(d1 - d0, s1 - s0, out=np.zeros_like(d0), where=facing)
    low, high = np.maximum(s0, 0.0), np.minimum(s1, length)
    # Where the lines cross, the strip ends: beyond it is ground of both.
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = s0 - d0 / slope
    low = np.where(facing & (slope > 0), np.maximum(low, zero), low)
    high = np.where(facing & (slope < 0), np.minimum(high, zero), high)
    wide_low, wide_high = d0 + slope * (low - s0), d0 + slope * (high - s0)
    widest = np.maximum(wide_low, wide_high)
    keep = facing & (high - low > least_m) & (widest > least_m) & (widest <= reach_m)
    keep &= np.minimum(wide_low, wide_high) > -least_m
    k = np.flatnonzero(keep)
    ring = np.empty((k.size, 5, 2))
    for corner, (along, off) in enumerate(
        [(low, None), (high, None), (high, wide_high), (low, wide_low), (low, None)]
    ):
        right = 0.0 if off is None else np.maximum(off[k], 0.0)
        ring[:, corner, 0] = a.x0[k] + ux[k] * along[k] + uy[k] * right
        ring[:, corner, 1] = a.y0[k] + uy[k] * along[k] - ux[k] * right
    quads = np.asarray(shapely.polygons(ring), dtype=object)
    return _Strips(a.owner[k], b.owner[k], quads, against[k] > _PARALLEL_COS), complete


def _judged(
    strips: _Strips, every: Shapes, n: int, reach_m: float, max_width_m: float, least_m: float
) -> Iterator[tuple[int, int, shapely.Geometry, bool]]:
    """i, j, face and whether it is closed, of each gap."""
    if strips.quad.size == 0:
        return
    tree = shapely.STRtree(every)
    spots = shapely.get_parts(shapely.union_all(strips.quad))
    spots = spots[shapely.get_type_id(spots) == 3]
    inner = np.asarray(shapely.point_on_surface(strips.quad))
    quad_of, spot_of = shapely.STRtree(spots).query(inner, predicate="intersects")
    order = np.argsort(spot_of, kind="stable")
    ends = np.searchsorted(spot_of[order], np.arange(spots.size + 1))
    for s, spot in enumerate(spots):
        mine = quad_of[order[ends[s] : ends[s + 1]]]
        if mine.size == 0:
            continue
        place = _place(spot, every, tree, reach_m)
        empty = shapely.difference(spot, place.ground)
        if _faces(empty, least_m).size == 0:
            continue
        holes = _holes(place, spot, max_width_m, least_m)
        told = []
        for hole in holes:
            beside = _beside(hole, place)
            if beside.size <= _FEW:
                told.append(hole)
                if beside.size >= 2 and beside.min() < n:
                    yield *_pair(beside, n), hole, True
        whole = shapely.union_all(told)
        # Most spots are one hole and nothing more.
        if not told or shapely.area(shapely.difference(empty, whole)) > _NOTHING_M2:
            yield from _open(strips, mine, place.ground, whole, max_width_m, least_m, holes.size > 0)


def _place(spot: shapely.Geometry, every: Shapes, tree: shapely.STRtree, reach_m: float) -> _Place:
    west, south, east, north = shapely.bounds(spot).tolist()
    window = shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
    around = np.sort(tree.query(window))
    # A road of a thousand corners costs as many in each spot along it, were it not cut.
    cut = reach_m + _CUT_M
    parts = shapely.intersection(every[around], shapely.box(west - cut, south - cut, east + cut, north + cut))
    near = np.flatnonzero(shapely.dwithin(parts, spot, _TOUCH_M))
    return _Place(window, shapely.union_all(parts), around[near], parts[near])


def _open(
    strips: _Strips, mine: Indexes, ground: shapely.Geometry, told: shapely.Geometry, max_width_m: float,
    least_m: float, ring: bool,
) -> Iterator[tuple[int, int, shapely.Geometry, bool]]:  # fmt: skip
    """What is left of a spot, pair by pair: slits open at an end, and pieces of long gaps between many."""
    mine = mine[strips.parallel[mine]]
    pairs = np.stack((strips.i[mine], strips.j[mine]), axis=1)
    pairs.sort(axis=1)
    for i, j in np.unique(pairs, axis=0).tolist():
        of_pair = mine[(pairs == (i, j)).all(axis=1)]
        left = shapely.difference(shapely.union_all(strips.quad[of_pair]), ground)
        for face in _faces(left, least_m):
            width = float(mean_width_m(np.array([face], dtype=object))[0])
            if shapely.area(told) > 0 and shapely.area(shapely.intersection(face, told)) > 0.5 * face.area:
                continue
            if width <= max_width_m and face.area >= _LONG * width * width:
                yield i, j, face, ring


def _faces(shape: shapely.Geometry, least_m: float) -> Shapes:
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return np.asarray(parts[mean_width_m(parts) > least_m], dtype=object)


def _holes(place: _Place, spot: shapely.Geometry, max_width_m: float, least_m: float) -> Shapes:
    """The narrow holes in the cover that a spot lies in, whole."""
    empty = _faces(shapely.difference(place.window, place.ground), least_m)
    narrow = mean_width_m(empty) <= max_width_m
    rim = shapely.get_exterior_ring(place.window)
    inside = ~shapely.intersects(empty, rim) & shapely.intersects(empty, spot)
    return np.asarray(empty[narrow & inside], dtype=object)


def _beside(face: shapely.Geometry, place: _Place) -> Indexes:
    """The shapes along a face, the one with most of its rim first."""
    rim = shapely.buffer(face, _TOUCH_M, join_style="mitre")
    share = shapely.area(shapely.intersection(rim, place.parts))
    order = np.argsort(-share, kind="stable")
    return np.asarray(place.near[order[share[order] > 4 * _TOUCH_M**2]], dtype=np.int64)


def _pair(beside: Indexes, n: int) -> tuple[int, int]:
    """The two that share most of a gap, one of the first n always among them."""
    first, second = int(beside[0]), int(beside[1])
    if min(first, second) >= n:
        second = int(beside[beside < n][0])
    return min(first, second), max(first, second)
