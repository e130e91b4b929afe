"""Free edges: the parts of boundaries that no other shape has drawn in exactly the opposite direction.

In a clean map nearly every edge is drawn twice, once from each side; what is left are the map's rim, edges with a
neighbour's corner in their middle, and everything that is wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.ragged import Shapes, rings
from geo.touching import turns

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges (n,) from x0, y0 to x1, y1 with the inside of the shape `owner` on their left."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    owner: NDArray[np.int64]

    def __len__(self) -> int:
        return self.owner.size

    def taken(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> "Edges":
        """The edges of these indexes, or where this is true."""
        return Edges(self.x0[which], self.y0[which], self.x1[which], self.y1[which], self.owner[which])


def free_edges(shapes: Shapes) -> Edges:
    """The free edges of Polygons and MultiPolygons on one grid of coordinates. Missing and empty shapes have none."""
    r = rings(shapes)
    ring_of = np.repeat(np.arange(r.ring.size - 1), np.diff(r.ring))
    first = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    left = turns(r)[ring_of[first]] > 0
    a, b = np.where(left, first, first + 1), np.where(left, first + 1, first)
    ends = _hashed(r.x, r.y)
    start, stop = ends[a], ends[b]
    with np.errstate(over="ignore"):
        both = np.minimum(start, stop) * np.uint64(0x9E3779B97F4A7C15) + np.maximum(start, stop)
    order = np.argsort(both)
    group = np.cumsum(np.concatenate(([False], both[order][1:] != both[order][:-1])))[: order.size]
    forth = (start < stop)[order]
    count = int(group[-1]) + 1 if group.size else 0
    has_forth = np.bincount(group, weights=forth, minlength=count) > 0
    has_back = np.bincount(group, weights=~forth, minlength=count) > 0
    alone = np.zeros(order.size, dtype=bool)
    alone[order] = ~(has_forth & has_back)[group]
    keep = alone & (start != stop)
    a, b = a[keep], b[keep]
    part_of_ring = np.repeat(np.arange(r.part.size - 1), np.diff(r.part))
    shape_of_part = np.repeat(np.arange(r.shape.size - 1), np.diff(r.shape))
    owner = shape_of_part[part_of_ring[ring_of[first[keep]]]].astype(np.int64)
    return Edges(r.x[a], r.y[a], r.x[b], r.y[b], owner)


def _hashed(x: Floats, y: Floats) -> NDArray[np.uint64]:
    """A number for each point, equal for equal points; different ones meet by chance once in 2^64."""
    with np.errstate(over="ignore"):
        h = (x + 0.0).view(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
        h ^= h >> np.uint64(31)
        h += (y + 0.0).view(np.uint64)
        h *= np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(29)
        return np.asarray(h * np.uint64(0xD6E8FEB86659FD93), dtype=np.uint64)
