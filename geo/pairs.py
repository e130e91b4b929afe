"""Pairs of shapes whose boxes meet, by index, and never more of them than one can afford."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ragged import Shapes

Indexes = NDArray[np.int64]


def box_pairs(
    shapes: Shapes, others: Shapes, most: int | None = None, reach_m: float | None = None
) -> tuple[Indexes, Indexes, bool]:
    """i (a shape), j (one of the others) with boxes that meet, or that lie within `reach_m` of one another; and
    whether these are all.

    With `most` the search ends once there are more: a hundred thousand copies on one place have 10^10.
    """
    tree = shapely.STRtree(others)
    if most is None:
        i, j = _query(tree, shapes, reach_m)
        return i, j, True
    found: list[tuple[Indexes, Indexes]] = []
    start, step, total = 0, 64, 0
    while start < shapes.size:
        i, j = _query(tree, shapes[start : start + step], reach_m)
        found.append((i + start, j))
        start += step
        total += i.size
        if total > most:
            break
        # A block costs at most four times the one before it, so that memory stays within bounds.
        step = max(64, min(4 * step, shapes.size, int(step * 1e6 / max(i.size, 1))))
    if not found:
        none = np.empty(0, dtype=np.int64)
        return none, none, True
    all_i, all_j = (np.concatenate([pair[k] for pair in found]) for k in (0, 1))
    return all_i, all_j, start >= shapes.size


def _query(tree: shapely.STRtree, shapes: Shapes, reach_m: float | None) -> tuple[Indexes, Indexes]:
    found = (
        tree.query(shapes) if reach_m is None else tree.query(shapes, predicate="dwithin", distance=reach_m)
    )
    return found[0].astype(np.int64), found[1].astype(np.int64)
