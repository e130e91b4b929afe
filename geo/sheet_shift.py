"""By how much a whole sheet stands elsewhere than before, told from its parcels before and after."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ragged import Shapes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_M = 0.05
"""Less is within the point error at 1:200 (Circular 25/2014 art. 7): no shift is told of it."""
LEAST_PAIRS = 6
_SHARE = 0.5
_MOST_PEAKS = 8


@dataclass(frozen=True, slots=True)
class Shift:
    """Metres to the east and north, on the millimetre. support: of `of` parcels have the shape they had, moved by so much;
    spread_m: 95 % of them lie nearer than that to where they should."""

    east_m: float
    north_m: float
    spread_m: float
    support: int
    of: int

    @property
    def length_m(self) -> float:
        """Length of the vector."""
        return float(np.hypot(self.east_m, self.north_m))


def alike(a: Shapes, b: Shapes, within_m: float) -> Bools:
    """Which shapes a (n,) and b (n,) are the same: no corner of one is farther than `within_m` from the other's boundary."""
    same = np.zeros(len(a), dtype=np.bool_)
    if not len(a):
        return same
    a, b = shapely.normalize(a), shapely.normalize(b)
    count = shapely.get_num_coordinates(a)
    even = np.flatnonzero(count == shapely.get_num_coordinates(b))
    if even.size:
        xy, of = shapely.get_coordinates(a[even], return_index=True)
        apart = np.hypot(*(shapely.get_coordinates(b[even]) - xy).T)
        most = np.zeros(even.size)
        np.maximum.at(most, of, apart)
        same[even] = most <= within_m
    # Begun at another corner, or with corners on straight edges: the boundaries decide.
    rest = np.flatnonzero(~same & (_box_gap(a, b) <= within_m + 1e-9))
    rims = shapely.boundary(a[rest]), shapely.boundary(b[rest])
    same[rest] = shapely.hausdorff_distance(*rims) <= within_m + 1e-9
    return same


def estimate(before: Shapes, after: Shapes, within_m: float) -> Shift | None:
    """The shift that most of the parcels (n,) with the shapes `before` and `after` agree on within `within_m`; None where
    fewer than half do, or fewer than six, or where it is no more than what measuring leaves.

    The parcels' centroids vote; what was really reshaped votes for itself alone.
    """
    found = mode(before, after, within_m)
    if found is None or found.support < max(LEAST_PAIRS, _SHARE * found.of):
        return None
    return found if found.length_m > max(LEAST_M, 2 * found.spread_m) else None


def mode(before: Shapes, after: Shapes, within_m: float) -> Shift | None:
    """The shift with the most support, however little; None where there are no parcels."""
    if not len(before):
        return None
    apart = shapely.get_coordinates(shapely.centroid(after)) - shapely.get_coordinates(
        shapely.centroid(before)
    )
    best: Shift | None = None
    for centre in _peaks(apart, within_m):
        one = _supported(before, after, apart, centre, within_m)
        if best is None or one.support > best.support:
            best = one
        if best.support > _SHARE * len(before):
            break
    return best


def supports(before: Shapes, after: Shapes, shift: Shift, within_m: float) -> Bools:
    """Which parcels have the shape they had, moved by this shift."""
    return alike(before, moved(after, -shift.east_m, -shift.north_m), within_m)


def moved(shapes: Shapes, east_m: float, north_m: float) -> Shapes:
    """The shapes (n,) moved, on the millimetre."""
    if not len(shapes):
        return shapes
    by = np.array([east_m, north_m])
    return np.asarray(shapely.transform(shapes, lambda xy: np.round((xy + by) * 1000) / 1000), dtype=object)


def _supported(before: Shapes, after: Shapes, apart: Floats, centre: Floats, within_m: float) -> Shift:
    for _ in range(3):
        near = np.hypot(*(apart - centre).T) <= within_m
        if not near.any():
            break
        centre = np.median(apart[near], axis=0)
    near = np.flatnonzero(np.hypot(*(apart - centre).T) <= within_m)
    back = moved(after[near], *(-centre).tolist())
    good = alike(before[near], back, within_m)
    near = near[good]
    if not near.size:
        return Shift(round(float(centre[0]), 3), round(float(centre[1]), 3), 0.0, 0, len(before))
    corners = _corners_apart(before[near], after[near])
    corners = corners[np.hypot(*(corners - centre).T) <= within_m]
    # The corners' own median, as `importers.datum.fit` takes it; of shapes drawn otherwise that of the centroids.
    centre = np.round(np.median(corners if len(corners) else apart[near], axis=0), 3)
    left = shapely.hausdorff_distance(
        shapely.boundary(before[near]), shapely.boundary(moved(after[near], *(-centre).tolist()))
    )
    spread = round(float(np.quantile(left, 0.95)), 4)
    return Shift(float(centre[0]), float(centre[1]), spread, int(near.size), len(before))


def _corners_apart(a: Shapes, b: Shapes) -> Floats:
    """From each corner of a (n,) to that of b (n,), of shapes with as many corners: (k, 2)."""
    a, b = shapely.normalize(a), shapely.normalize(b)
    even = shapely.get_num_coordinates(a) == shapely.get_num_coordinates(b)
    made: Floats = shapely.get_coordinates(b[even]) - shapely.get_coordinates(a[even])
    return made


def _peaks(apart: Floats, within_m: float) -> Floats:
    """The fullest cells of the votes, and the median: (k, 2)."""
    cell = max(within_m, 0.01)
    cells, votes = np.unique(np.floor(apart / cell), axis=0, return_counts=True)
    fullest = cells[np.argsort(-votes, kind="stable")[:_MOST_PEAKS]]
    made: Floats = np.vstack(((fullest + 0.5) * cell, np.median(apart, axis=0)))
    return made


def _box_gap(a: Shapes, b: Shapes) -> Floats:
    """How far the boxes' sides are apart at most: no more than the boundaries are."""
    gap: Floats = np.abs(shapely.bounds(a) - shapely.bounds(b)).max(axis=1, initial=0.0)
    return gap
