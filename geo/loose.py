"""Corners that end just short of a neighbour's boundary (đỉnh không bắt dính)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.edges import free_edges
from geo.pairs import box_pairs
from geo.ragged import Shapes

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]

ON_M: Final = 0.0015
"""A corner rounded to the millimetre may lie this far from an edge between rounded corners, and is on it."""


@dataclass(frozen=True, slots=True)
class Loose:
    """Corners x, y of shape i at a distance from the nearest boundary, of shape j, whose nearest point is to_x, to_y."""

    i: Indexes
    j: Indexes
    x: Floats
    y: Floats
    to_x: Floats
    to_y: Floats
    distance_m: Floats
    complete: bool = True


def loose_corners(
    shapes: Shapes, reach_m: Floats, others: Shapes | None = None, most: int | None = None
) -> Loose:
    """Corners of the shapes (n,) that lie outside every other shape, on no boundary, and within their shape's `reach_m`
    (n,) of one; j counts the others on after the shapes. Each corner of a shape is told once.

    Shapes are valid Polygons or MultiPolygons in one VN-2000 zone, on the millimetre.
    """
    n = shapes.size
    every = shapes if others is None else np.concatenate((shapes, others))
    edges = free_edges(every)
    mine = np.flatnonzero(edges.owner < n)
    x, y = (
        np.concatenate(both) for both in ((edges.x0[mine], edges.x1[mine]), (edges.y0[mine], edges.y1[mine]))
    )
    of = np.concatenate((edges.owner[mine], edges.owner[mine]))
    _, once = np.unique(np.stack([of.astype(np.float64), x, y], axis=1), axis=0, return_index=True)
    x, y, of = x[once], y[once], of[once]
    lines = shapely.linestrings(
        np.stack([edges.x0, edges.x1], axis=1), np.stack([edges.y0, edges.y1], axis=1)
    )
    points = np.asarray(shapely.points(x, y), dtype=object)
    furthest = float(reach_m.max()) if n else 0.0
    p, e, complete = box_pairs(points, np.asarray(lines), most, furthest)
    foreign = edges.owner[e] != of[p]
    p, e = p[foreign], e[foreign]
    ax, ay, dx, dy = edges.x0[e], edges.y0[e], edges.x1[e] - edges.x0[e], edges.y1[e] - edges.y0[e]
    t = np.clip(((x[p] - ax) * dx + (y[p] - ay) * dy) / (dx * dx + dy * dy), 0, 1)
    to_x, to_y = ax + t * dx, ay + t * dy
    distance = np.hypot(to_x - x[p], to_y - y[p])
    # The nearest boundary decides: a corner that is on one is not loose, however near it is to the next.
    order = np.lexsort((distance, p))
    first = order[np.concatenate(([True], p[order][1:] != p[order][:-1]))] if order.size else order
    near = first[(distance[first] > ON_M) & (distance[first] <= reach_m[of[p[first]]])]
    p, e, to_x, to_y, distance = p[near], e[near], to_x[near], to_y[near], distance[near]
    if p.size:
        # Nothing may lie between, and a corner within a neighbour is an overlap.
        tree = shapely.STRtree(every)
        covered = np.zeros(p.size, dtype=bool)
        for share in (0.0, 0.5):
            at = shapely.points(x[p] + share * (to_x - x[p]), y[p] + share * (to_y - y[p]))
            k, s = tree.query(np.asarray(at), predicate="intersects")
            covered[k[(s != of[p[k]]) | (share > 0)]] = True
        p, e, to_x, to_y, distance = (one[~covered] for one in (p, e, to_x, to_y, distance))
    return Loose(of[p], edges.owner[e], x[p], y[p], to_x, to_y, distance, complete)
