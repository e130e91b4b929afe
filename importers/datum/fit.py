"""By how much the corners of a sheet have to move, all alike, to meet the corners of its neighbours."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REACH_M = 15.0
"""How far corners are looked for: as far as sheets were ever found shifted."""
AGREE_M = 0.08
"""Corners agree with a shift within the point error at 1:200 (0.05 m, Circular 25/2014 art. 7) and 3 cm beyond it."""
_CELL_M = 0.05
_MOST_CORNERS = 3000
_MOST_PAIRS = 400_000


@dataclass(frozen=True, slots=True)
class Fit:
    """The shift (metres) most corners agree on. matched: corners that meet a neighbour's after it, of `tried` that have any
    within reach; unmoved: corners that meet one as they stand; rms_m: what is left over at those matched."""

    east_m: float
    north_m: float
    matched: int
    tried: int
    unmoved: int
    rms_m: float

    @property
    def shift_m(self) -> float:
        """Length of the shift."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def is_shift(self) -> bool:
        """Whether a sheet was moved as a whole; plots measured anew scatter, and most of their corners meet already."""
        return (
            self.shift_m > 0.05
            and self.matched >= max(6, 0.5 * self.tried)
            and (self.shift_m <= AGREE_M or self.unmoved <= 0.5 * self.matched)
        )


def corners(shapes: NDArray[np.object_]) -> Floats:
    """The distinct corners (n, 2) of shapes, to the millimetre; those without finite coordinates are left out."""
    at = shapely.get_coordinates(shapes)
    at = at[np.isfinite(at).all(axis=1) & (np.abs(at) < 1e11).all(axis=1)]
    made: Floats = np.unique(np.round(at, 3), axis=0)
    return made


def fit(own: Floats, others: Floats) -> Fit | None:
    """The shift of corners `own` (n, 2) onto `others` (m, 2), metres; None where none are within reach of each other.

    Each pair within reach votes for its difference; of the shifts with the most votes the smallest is taken, so that a
    sheet of equal plots is not moved by a plot.
    """
    if not len(own) or not len(others):
        return None
    if len(own) > _MOST_CORNERS:
        own = own[np.linspace(0, len(own) - 1, _MOST_CORNERS).astype(int)]
    tree = shapely.STRtree(np.asarray(shapely.points(others), dtype=object))
    a, b = tree.query(shapely.points(own), predicate="dwithin", distance=REACH_M)
    if not len(a):
        return None
    if len(a) > _MOST_PAIRS:
        a, b = a[:_MOST_PAIRS], b[:_MOST_PAIRS]
    apart = others[b] - own[a]
    tried = len(np.unique(a))
    best: Fit | None = None
    unmoved = len(np.unique(a[_within(apart, np.zeros(2))]))
    for centre in _peaks(apart):
        middle = centre
        # A peak of the votes is a patch of cells: from its edge to its middle, then closer.
        for reach_m in (5 * _CELL_M, AGREE_M, AGREE_M):
            close = _within(apart, middle, reach_m)
            if not close.any():
                break
            middle = np.median(apart[close], axis=0)
        close = _within(apart, middle)
        if not close.any():
            continue
        left = apart[close] - middle
        matched = len(np.unique(a[close]))
        rms = float(np.sqrt((left**2).sum(axis=1).mean()))
        one = Fit(float(middle[0]), float(middle[1]), matched, tried, unmoved, rms)
        if (
            best is None
            or matched > 1.05 * best.matched
            or (matched >= 0.95 * best.matched and one.shift_m < best.shift_m)
        ):
            best = one
    return best


def _within(apart: Floats, middle: Floats, reach_m: float = AGREE_M) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = ((apart - middle) ** 2).sum(axis=1) <= reach_m**2
    return near


def _peaks(apart: Floats) -> Floats:
    """The fullest cells of the votes, and no move at all: (k, 2)."""
    size = int(2 * REACH_M / _CELL_M) + 3
    cells = ((apart + REACH_M) / _CELL_M).astype(np.int64) + 1
    votes = np.bincount(cells[:, 0] * size + cells[:, 1], minlength=size * size).reshape(size, size)
    rows = votes[:-2] + votes[1:-1] + votes[2:]
    full = np.zeros_like(votes)
    full[1:-1, 1:-1] = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    most = full.max()
    at = np.argwhere(full >= max(2, 0.8 * most))
    order = np.argsort(-full[at[:, 0], at[:, 1]], kind="stable")[:400]
    centres = (at[order] - 0.5) * _CELL_M - REACH_M
    kept: list[Floats] = [np.zeros(2)]
    for centre in centres:
        if all(np.abs(centre - k).max() > 4 * _CELL_M for k in kept[1:]):
            kept.append(centre)
        if len(kept) > 12:
            break
    return np.array(kept)
