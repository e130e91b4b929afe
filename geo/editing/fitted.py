"""Shapes from another measurement brought onto the corners and borders that stay (đo đạc lại)."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import overlaps
from geo.ragged import Shapes
from geo.shapes import round_mm, valid

GRID_M = 0.001


def fitted(shapes: Shapes, corners: Shapes, stay: Shapes, within_m: NDArray[np.float64]) -> Shapes:
    """The shapes (n,) on the corners of `corners` (m,) that are within `within_m` (n,) of theirs, and without the strips
    narrower than that which those that `stay` (k,), or an earlier one of themselves, hold. Wider overlaps are left to be told.

    Metres of one zone; what comes out is valid and on the millimetre, or as it came in.
    """
    if not len(shapes):
        return shapes
    made = _on_corners(shapes, corners, within_m)
    held: dict[int, list[shapely.Geometry]] = {}
    for others, own in ((stay, False), (made, True)):
        pairs = overlaps(made, None if own else others)
        # Of two of the shapes the later one gives way.
        i, j = (pairs.j, pairs.i) if own else (pairs.i, pairs.j)
        for k in np.flatnonzero(pairs.width_m <= within_m[i]).tolist():
            held.setdefault(int(i[k]), []).append(others[j[k]])
    for k in sorted(held):
        made[k] = _without(made[k], held[k], float(within_m[k]))
    return made


def _on_corners(shapes: Shapes, corners: Shapes, within_m: NDArray[np.float64]) -> Shapes:
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    there = np.unique(shapely.get_coordinates(corners), axis=0)
    if not len(there):
        return shapes.copy()
    tree = shapely.STRtree(np.asarray(shapely.points(there), dtype=object))
    most = float(within_m.max())
    (k, at), apart = tree.query_nearest(
        shapely.points(xy), max_distance=max(most, 1e-6), return_distance=True, all_matches=False
    )
    near = apart <= within_m[of[k]]
    to = xy.copy()
    to[k[near]] = there[at[near]]
    made = shapes.copy()
    shapely.set_coordinates(made, to)
    made = round_mm(made)
    bad = ~valid(made)
    made[bad] = shapes[bad]
    return made


def _without(shape: shapely.Geometry, held: list[shapely.Geometry], within_m: float) -> shapely.Geometry:
    left = shapely.difference(shape, shapely.union_all(held, grid_size=GRID_M), grid_size=GRID_M)
    parts = shapely.get_parts(left)
    parts = parts[shapely.get_type_id(parts) == 3]
    wide = parts[2 * shapely.area(parts) > within_m * shapely.length(parts)]
    if len(wide) != len(shapely.get_parts(shape)):
        return shape
    one = wide[0] if len(wide) == 1 else shapely.multipolygons(wide)
    made = round_mm(np.array([one], dtype=object))
    return made[0] if valid(made)[0] else shape
