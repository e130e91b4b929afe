"""Squares of one value, side by side, as areas: rings on the corners of the squares."""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value"
# In compiled loops numpy's integers are plain ones.

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from tiles.low.sampled import Grid

Ints = npt.NDArray[np.int64]
Units = npt.NDArray[np.int32]


def regions(grid: Grid) -> tuple[npt.NDArray[np.object_], Grid]:
    """The regions of a raster (n, n): valid Polygons in squares, y down, and the value of each; those of nothing (0) too.

    A corner stands wherever the border of any region bends or ends, so that neighbours share every one of theirs. Squares that
    touch at a corner only are not side by side.
    """
    region, count = _labelled(grid)
    ring_of, outer, starts, x, y = _rings(
        region, int((grid[:, 1:] != grid[:, :-1]).sum() + (grid[1:] != grid[:-1]).sum())
    )
    order = np.lexsort((~outer, ring_of))
    sizes = np.diff(starts)
    ends = np.zeros(order.size + 1, np.int64)
    np.cumsum(sizes[order] + 1, out=ends[1:])
    of_ring = np.repeat(np.arange(order.size), sizes[order] + 1)
    at = np.arange(ends[-1]) - ends[:-1][of_ring]
    source = starts[:-1][order][of_ring] + np.where(at == sizes[order][of_ring], 0, at)
    xy = np.column_stack([x[source], y[source]]).astype(np.float64)
    parts = np.searchsorted(ring_of[order], np.arange(count + 1))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (ends, parts))
    first = np.flatnonzero(np.append(True, np.diff(np.sort(region, axis=None)) > 0))
    values = grid.ravel()[np.argsort(region, axis=None, kind="stable")[first]]
    return polygons, values


@njit(cache=True, nogil=True)
def _labelled(grid: Grid) -> tuple[Units, int]:  # pragma: no cover
    """The number of the region each square belongs to, from 0, and how many there are."""
    rows, columns = grid.shape
    label = np.full((rows, columns), -1, np.int32)
    stack = np.empty((rows * columns, 2), np.int32)
    count = 0
    for r in range(rows):
        for c in range(columns):
            if label[r, c] >= 0:
                continue
            value = grid[r, c]
            label[r, c] = count
            stack[0, 0], stack[0, 1] = r, c
            n = 1
            while n:
                n -= 1
                i, j = stack[n, 0], stack[n, 1]
                for k in range(4):
                    u, v = i + (k == 0) - (k == 1), j + (k == 2) - (k == 3)
                    if 0 <= u < rows and 0 <= v < columns and label[u, v] < 0 and grid[u, v] == value:
                        label[u, v] = count
                        stack[n, 0], stack[n, 1] = u, v
                        n += 1
            count += 1
    return label, count


@njit(cache=True, nogil=True)
def _is_corner(label: Units, x: int, y: int) -> bool:  # pragma: no cover
    """Whether regions meet at a corner of the squares otherwise than two of them along a straight side."""
    rows, columns = label.shape
    up_left = label[y - 1, x - 1] if y > 0 and x > 0 else -1
    up_right = label[y - 1, x] if y > 0 and x < columns else -1
    down_left = label[y, x - 1] if y < rows and x > 0 else -1
    down_right = label[y, x] if y < rows and x < columns else -1
    across = up_left == up_right and down_left == down_right
    along = up_left == down_left and up_right == down_right
    return not (across or along)


@njit(cache=True, nogil=True)
def _rings(
    label: Units, inner: int
) -> tuple[Units, npt.NDArray[np.bool_], Ints, Units, Units]:  # pragma: no cover
    """The rings of all regions: whose each is, whether it is the outer one, where it begins, and the corners.

    Walked with the region on the right hand, along one side of a square after the other; `inner`: sides between regions. A
    corner met twice takes the way between out, as a ring of its own.
    """
    rows, columns = label.shape
    most = 2 * inner + 2 * (rows + columns)
    x, y = np.empty(most, np.int32), np.empty(most, np.int32)
    px, py = np.empty(most + 1, np.int32), np.empty(most + 1, np.int32)
    starts = np.zeros(most // 4 + 2, np.int64)
    whose = np.empty(most // 4 + 1, np.int32)
    outer = np.empty(most // 4 + 1, np.bool_)
    walked = np.zeros((rows, columns, 4), np.bool_)  # the sides of a square: top, right, bottom, left
    met = np.full((rows + 1, columns + 1), -1, np.int32)
    step_x, step_y = (1, 0, -1, 0), (0, 1, 0, -1)
    rings = m = 0
    for row in range(rows):
        for column in range(columns):
            for begin in range(4):
                u, v = row - (begin == 0) + (begin == 2), column + (begin == 1) - (begin == 3)
                mine = label[row, column]
                if walked[row, column, begin] or (0 <= u < rows and 0 <= v < columns and label[u, v] == mine):
                    continue
                r, c, d = row, column, begin
                if not _is_corner(label, c + (0 < d < 3), r + (d > 1)):
                    continue  # walked from another side of it
                n = 0
                while True:
                    # the corner the side begins at, going clockwise around its square
                    cx, cy = c + (0 < d < 3), r + (d > 1)
                    if met[cy, cx] >= 0:
                        k = met[cy, cx]
                        twice = np.int64(0)
                        for i in range(k, n):
                            j = i + 1 if i + 1 < n else k
                            twice += np.int64(px[i]) * py[j] - np.int64(px[j]) * py[i]
                            x[m], y[m] = px[i], py[i]
                            m += 1
                            met[py[i], px[i]] = -1
                        whose[rings], outer[rings] = mine, twice > 0
                        rings += 1
                        starts[rings] = m
                        n = k
                    if walked[r, c, d]:
                        break
                    walked[r, c, d] = True
                    if _is_corner(label, cx, cy):
                        met[cy, cx] = n
                        px[n], py[n] = cx, cy
                        n += 1
                    # the squares ahead: to the left of the way, and to the right, where the walker is
                    fr, fc = r + step_y[d], c + step_x[d]
                    left = (d + 3) % 4
                    lr, lc = fr + step_y[left], fc + step_x[left]
                    if not (0 <= fr < rows and 0 <= fc < columns and label[fr, fc] == mine):
                        d = (d + 1) % 4
                    elif not (0 <= lr < rows and 0 <= lc < columns and label[lr, lc] == mine):
                        r, c = fr, fc
                    else:
                        r, c, d = lr, lc, left
                # met marks of what is left were taken back as its ring was written
    return whose[:rings], outer[:rings], starts[: rings + 1], x[:m], y[:m]
