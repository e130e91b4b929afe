"""What covers the ground, land uses, sheets or communes: a map cell's parcels, sampled, as a raster of the commonest.

A cell is sampled at 512 x 512 points (4.8 m on the map apart), and each square of some of them takes the number most of them
have: nothing where less than half of it is covered. Squares know no seams, overlaps or slits: what is made of them has none.
"""

# mypy: disable-error-code="arg-type, call-overload, assignment, no-any-return, return-value"
# In compiled loops numpy's integers are plain ones.

import numpy as np
import numpy.typing as npt
from numba import njit

from tiles.outlines import CELL_BITS, Ints, Outlines, Units

SAMPLES = 512
SQUARES = 128
"""Squares along a side of a cell in rasters of zoom 11; each 19 m on the map."""
_SAMPLE_BITS = CELL_BITS - 9

Grid = npt.NDArray[np.uint8] | npt.NDArray[np.int32]
"""Numbers from 1 on; 0 is nothing."""


def squares(outlines: Outlines, groups: Grid, side: int = SQUARES) -> Grid:
    """The raster (side, side) of the cell whose shapes these are, `groups` (n,) being theirs; row 0 is the northernmost.

    `side`: a power of two, at most `SAMPLES`. Where shapes overlap the last one counts. 0: nothing.
    """
    samples = np.zeros((SAMPLES, SAMPLES), groups.dtype)
    _sample(outlines.ring, outlines.point, outlines.x, outlines.y, groups, samples)
    return samples if side == SAMPLES else commonest(samples, SAMPLES // side)


@njit(cache=True, nogil=True)
def commonest(grid: Grid, side: int) -> Grid:  # pragma: no cover
    """`grid` coarser by `side`: of each square the value most of it has, the least of equals; 0 where less than half of it
    has any."""
    out = np.zeros((grid.shape[0] // side, grid.shape[1] // side), grid.dtype)
    votes = np.zeros(np.int64(grid.max()) + 1, np.int64)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            best = covered = 0
            for i in range(r * side, (r + 1) * side):
                for j in range(c * side, (c + 1) * side):
                    value = grid[i, j]
                    if value:
                        covered += 1
                        votes[value] += 1
                        if votes[value] > votes[best] or (votes[value] == votes[best] and value < best):
                            best = value
            if 2 * covered >= side * side:
                out[r, c] = best
            for i in range(r * side, (r + 1) * side):
                for j in range(c * side, (c + 1) * side):
                    votes[grid[i, j]] = 0
    return out


@njit(cache=True, nogil=True)
def _sample(ring: Ints, point: Ints, x: Units, y: Units, groups: Grid, out: Grid) -> None:  # pragma: no cover
    """Give each sample the group of the last shape it lies in (even-odd; of two neighbours a point on their edge is in one)."""
    step = 1 << _SAMPLE_BITS
    half = step >> 1
    size = out.shape[0]
    crossing = np.empty(64, np.float64)
    for i in range(ring.shape[0] - 1):
        first, end = point[ring[i]], point[ring[i + 1]]
        if first == end:
            continue
        low = high = np.int64(y[first])
        for k in range(first, end):
            low, high = min(low, y[k]), max(high, y[k])
        if end - first > crossing.shape[0]:
            crossing = np.empty(2 * (end - first), np.float64)
        for r in range(
            max(0, (low - half) >> _SAMPLE_BITS), min(size - 1, (high - half) >> _SAMPLE_BITS) + 1
        ):
            at = (r << _SAMPLE_BITS) + half
            n = 0
            for g in range(ring[i], ring[i + 1]):
                b = point[g + 1] - 1
                for a in range(point[g], point[g + 1]):
                    if (y[a] > at) != (y[b] > at):
                        # from the upper end, so that both neighbours of an edge work out the same
                        s, t = (a, b) if y[a] < y[b] else (b, a)
                        share = (at - y[s]) / (np.float64(y[t]) - y[s])
                        value = x[s] + share * (np.float64(x[t]) - x[s])
                        m = n
                        while m > 0 and crossing[m - 1] > value:
                            crossing[m] = crossing[m - 1]
                            m -= 1
                        crossing[m] = value
                        n += 1
                    b = a
            for m in range(0, n - 1, 2):
                c = max(np.int64(0), np.int64(np.ceil((crossing[m] - half) / step)))
                last = min(np.int64(size), np.int64(np.ceil((crossing[m + 1] - half) / step)))
                while c < last:
                    out[r, c] = groups[i]
                    c += 1
