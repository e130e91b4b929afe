"""The feature point of a parcel (điểm đặc trưng): deep inside, far from every edge.

Circular 19/2026/TT-BNNMT, annex I, step 1, names the "Polygonlabel" algorithm; this is Mapbox's polylabel,
version 2: first guess the centroid, second the centre of the box, then square cells by their promise, each
improvement taken when it is found, ties in the order of its queue. It stops where no cell can be better by
more than the precision.

The circular gives no precision. Here it is 10 cm, and a tenth of the parcel's width (twice the radius) where
it is narrower than a metre, so that the point of a strip or an alley is inside too.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.ragged import Shapes, rings

Floats = NDArray[np.float64]

PRECISION_M = 0.1

_GRID_CELLS = 65_536
"""At most so many first cells: a straight alley of 10 km by 1 mm gets larger ones than Mapbox's ten
million."""
_WORK = 40_000_000
"""At most so many distances to an edge per polygon, a fifth of a second: then the best point so far is the
answer."""
_FINEST_M = 1e-4
"""Search no finer: slivers thinner than this get the middle of a line across them."""


def interior_points(shapes: Shapes, precision_m: float = PRECISION_M) -> tuple[Floats, Floats]:
    """Feature point (n, 2: east, north) and its distance from the boundary (n,) in metres of Polygons,
    MultiPolygons.

    The point is strictly inside its shape, in the part with the greatest radius (the first of equals). An
    empty shape, or one without area, has the point NaN and radius 0. The same shape always gives the same
    point.

    Raises: TypeError when a shape is no polygon.
    """
    r = rings(shapes)
    points = np.empty((shapes.size, 2))
    radius_m = np.empty(shapes.size)
    _all(r.x, r.y, r.ring, r.part, r.shape, precision_m, points, radius_m)
    return points, radius_m


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _distance(ax, ay, dx, dy, inv, n, px, py):  # type: ignore[no-untyped-def]
    """Signed distance to the nearest of n edges, positive inside."""
    return _distance_beyond(ax, ay, dx, dy, inv, n, px, py, -1.0, 0)[0]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _distance_beyond(ax, ay, dx, dy, inv, n, px, py, stop2, likely):  # type: ignore[no-untyped-def]
    """Signed distance to the nearest of n edges, positive inside, and which; NaN once it is known to be at
    most √stop2.

    The likely edge is looked at first: most points near it need no other.
    """
    ux = px - ax[likely]
    uy = py - ay[likely]
    t = min(max((ux * dx[likely] + uy * dy[likely]) * inv[likely], 0.0), 1.0)
    ux -= t * dx[likely]
    uy -= t * dy[likely]
    if ux * ux + uy * uy <= stop2:
        return math.nan, likely
    nearest = likely
    inside = False
    best = math.inf
    for i in range(n):
        ux = px - ax[i]
        uy = py - ay[i]
        ex = dx[i]
        ey = dy[i]
        inside ^= ((uy < 0) != (uy < ey)) & ((ux * ey < ex * uy) == (ey > 0))
        t = (ux * ex + uy * ey) * inv[i]
        t = min(max(t, 0.0), 1.0)
        ux -= t * ex
        uy -= t * ey
        d = ux * ux + uy * uy
        # Written without branches: which edge is nearest cannot be foreseen.
        if d <= stop2:
            return math.nan, i
        nearest = i if d < best else nearest
        best = min(best, d)
    d = math.sqrt(best)
    return (d if inside else -d), nearest


@njit(cache=True, nogil=True, error_model="numpy")
def _pole(ax, ay, dx, dy, inv, n, n_exterior, width, height, precision, work, heap):  # type: ignore[no-untyped-def]
    """x, y, distance of Mapbox's polylabel over n edges, the first n_exterior of them the outer ring; box
    at 0, 0."""
    order_m, order, cx, cy, ch, near = heap
    likely = 0
    cell = min(width, height)
    longest = max(width, height)
    if longest / cell > _GRID_CELLS:
        cell = longest / _GRID_CELLS
    half = cell / 2

    area = sx = sy = 0.0
    for i in range(n_exterior):
        f = ax[i] * (ay[i] + dy[i]) - (ax[i] + dx[i]) * ay[i]
        sx += (2 * ax[i] + dx[i]) * f
        sy += (2 * ay[i] + dy[i]) * f
        area += 3 * f
    bx = ax[0]
    by = ay[0]
    best = 0.0
    if area != 0:
        d = _distance(ax, ay, dx, dy, inv, n, sx / area, sy / area)
        if d >= 0:
            bx = sx / area
            by = sy / area
            best = d
    d = _distance(ax, ay, dx, dy, inv, n, width / 2, height / 2)
    if d > best:
        bx = width / 2
        by = height / 2
        best = d

    used = 0  # cells stored
    size = 0  # cells waiting
    work += 2 * n
    columns = 0
    rows = 0
    while columns * cell < width:
        columns += 1
    while rows * cell < height:
        rows += 1
    # Children of one cell, or all cells of the first grid: (x, y) of the lower left centre, counted off by i
    # and j.
    x0 = half
    y0 = half
    children = False
    while True:
        reach = half * math.sqrt(2.0)
        for k in range(columns * rows):
            # The first grid column by column, children row by row, as Mapbox takes them: it decides between
            # equals.
            i, j = (k & 1, k >> 1) if children else (k // rows, k % rows)
            x = x0 + i * cell
            y = y0 + j * cell
            # A cell this near to an edge is neither better nor worth splitting; no need of its exact
            # distance.
            stop = min(best, best + precision - reach)
            stop2 = stop * stop * (1 - 1e-9) if stop > 0 else -1.0
            d, nearest = _distance_beyond(ax, ay, dx, dy, inv, n, x, y, stop2, likely)
            work += n
            if not children:
                likely = nearest
            if math.isnan(d):
                continue
            if d + reach > best + precision:
                if used == cx.size:
                    order_m = _grown(order_m)
                    order = _grown(order)
                    cx = _grown(cx)
                    cy = _grown(cy)
                    ch = _grown(ch)
                    near = _grown(near)
                cx[used] = x
                cy[used] = y
                ch[used] = half
                near[used] = nearest
                _push(order_m, order, size, d + reach, used)
                used += 1
                size += 1
            if d > best:
                bx = x
                by = y
                best = d
        if size == 0 or work > _WORK:
            break
        promise = order_m[0]
        top = order[0]
        size -= 1
        _pop(order_m, order, size)
        if promise - best <= precision:
            break
        half = ch[top] / 2
        likely = near[top]
        cell = ch[top]
        x0 = cx[top] - half
        y0 = cy[top] - half
        children = True
        columns = 2
        rows = 2
    return bx, by, best, work, (order_m, order, cx, cy, ch, near)


@njit(cache=True, nogil=True, error_model="numpy")
def _grown(values):  # type: ignore[no-untyped-def]
    more = np.empty(values.size * 2, values.dtype)
    more[: values.size] = values
    return more


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _push(key, item, size, new_key, new_item):  # type: ignore[no-untyped-def]
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if new_key <= key[up]:
            break
        key[at] = key[up]
        item[at] = item[up]
        at = up
    key[at] = new_key
    item[at] = new_item


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _pop(key, item, size):  # type: ignore[no-untyped-def]
    """Fill the hole at the top of a heap that has `size` left, its last one moved there and let down."""
    last_key = key[size]
    last_item = item[size]
    at = 0
    while at < size >> 1:
        child = 2 * at + 1
        if child + 1 < size and key[child + 1] > key[child]:
            child += 1
        if key[child] <= last_key:
            break
        key[at] = key[child]
        item[at] = item[child]
        at = child
    key[at] = last_key
    item[at] = last_item


@njit(cache=True, nogil=True, error_model="numpy")
def _across(ax, ay, dx, dy, inv, n):  # type: ignore[no-untyped-def]
    """x, y, distance of the best middle of horizontal lines across a sliver: up to 64 lines between its
    vertices."""
    levels = np.unique(ay[:n])
    bx = by = math.nan
    best = 0.0
    step = max(1, (levels.size - 1) // 64)
    cuts = np.empty(n)
    for k in range(0, levels.size - 1, step):
        y = (levels[k] + levels[k + 1]) / 2
        m = 0
        for i in range(n):
            if (ay[i] > y) != (ay[i] + dy[i] > y):
                cuts[m] = ax[i] + dx[i] * ((y - ay[i]) / dy[i])
                m += 1
        ordered = np.sort(cuts[:m])
        for i in range(0, m - 1, 2):
            x = (ordered[i] + ordered[i + 1]) / 2
            d = _distance(ax, ay, dx, dy, inv, n, x, y)
            if d > best:
                bx = x
                by = y
                best = d
    return bx, by, best


@njit(cache=True, nogil=True, error_model="numpy")
def _all(xs, ys, ring, part, shape, precision_m, points, radius):  # type: ignore[no-untyped-def]
    most = 1
    for p in range(part.size - 1):
        most = max(most, ring[part[p + 1]] - ring[part[p]])
    ax = np.empty(most)
    ay = np.empty(most)
    dx = np.empty(most)
    dy = np.empty(most)
    inv = np.empty(most)
    heap = (
        np.empty(256),
        np.empty(256, np.int64),
        np.empty(256),
        np.empty(256),
        np.empty(256),
        np.empty(256, np.int64),
    )
    for s in range(shape.size - 1):
        points[s, 0] = math.nan
        points[s, 1] = math.nan
        radius[s] = 0.0
        for p in range(shape[s], shape[s + 1]):
            first = ring[part[p]]
            end = ring[part[p] + 1]
            x_min = x_max = xs[first]
            y_min = y_max = ys[first]
            for i in range(first, end):
                x_min = min(x_min, xs[i])
                x_max = max(x_max, xs[i])
                y_min = min(y_min, ys[i])
                y_max = max(y_max, ys[i])
            width = x_max - x_min
            height = y_max - y_min
            # A part too narrow to hold a larger circle cannot win (nor one of NaN).
            if not min(width, height) / 2 > radius[s]:
                continue
            n = 0
            n_exterior = 0
            for k in range(part[p], part[p + 1]):
                for i in range(ring[k], ring[k + 1] - 1):
                    ex = xs[i + 1] - xs[i]
                    ey = ys[i + 1] - ys[i]
                    if ex == 0 and ey == 0:
                        continue
                    ax[n] = xs[i] - x_min
                    ay[n] = ys[i] - y_min
                    dx[n] = ex
                    dy[n] = ey
                    inv[n] = 1 / (ex * ex + ey * ey)
                    n += 1
                if k == part[p]:
                    n_exterior = n
            # No wider than its box: a strip along an axis is searched closely from the start.
            precision = min(precision_m, min(width, height) / 10)
            work = 0
            x = y = d = -1.0
            while True:
                x_new, y_new, d_new, work, heap = _pole(
                    ax, ay, dx, dy, inv, n, n_exterior, width, height, precision, work, heap
                )
                if d_new >= d:
                    x = x_new
                    y = y_new
                    d = d_new
                if precision <= d / 5 or precision < _FINEST_M or work > _WORK:
                    break
                # A tenth of the width found so far; nothing found yet: look closer.
                precision = d / 5 if d > precision / 4 else precision / 8
            if d < _FINEST_M or work > _WORK:
                x_line, y_line, d_line = _across(ax, ay, dx, dy, inv, n)
                if d_line > d:
                    x = x_line
                    y = y_line
                    d = d_line
            if d > radius[s]:
                points[s, 0] = x + x_min
                points[s, 1] = y + y_min
                radius[s] = d
