"""Which pairs of neighbours only touch: the quick look before the exact intersection, compiled.

Nearly all neighbours in a parcel map share edges and nothing more. To know that without intersecting them,
each boundary is cut where the other crosses it or has a corner on it; a piece then lies along the other's
boundary, outside the other, or inside it, wholly, and its middle tells which. Two parcels overlap by a region
wider than the grid only if some middle lies deeper inside than that, or if they run along the same line with
their insides on the same side. An edge that both have drawn, each in its own direction, bounds nothing that both
cover, and most edges are such.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.ragged import Rings

_NEAR_M = 0.002
"""A corner this near to an edge lies on it: twice the depth looked for, so that no bend hides inside a
piece."""
_SHORT_M = 0.0002
"""Pieces shorter than a fifth of a millimetre bound nothing wider than the grid."""
_MANY = 20_000
"""Fewer pairs are looked at before a second thread has begun."""


def may_overlap(
    a: Rings, b: Rings, i: NDArray[np.int64], j: NDArray[np.int64], depth_m: float
) -> NDArray[np.bool_]:
    """Which pairs (shape i of a, shape j of b) may share more than a strip of mean width `depth_m`; the
    others do not.

    True is a suspicion, for the exact intersection to decide; False is certain for valid shapes.
    """
    out = np.empty(i.size, dtype=np.bool_)
    of_a = (a.x, a.y, a.ring, a.part, a.shape, turns(a))
    of_b = of_a if b is a else (b.x, b.y, b.ring, b.part, b.shape, turns(b))
    i, j = i.astype(np.int64), j.astype(np.int64)

    def look(some: slice) -> None:
        _look(*of_a, *of_b, i[some], j[some], depth_m, out[some])

    if i.size < _MANY:
        look(slice(None))
        return out
    # Pairs are looked at by themselves, without the GIL: a thread for each half.
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(look, (slice(i.size // 2), slice(i.size // 2, None))))
    return out


def turns(r: Rings) -> NDArray[np.float64]:
    """Per ring +1 if the shape's inside is on its left, -1 if on its right, however the ring was drawn."""
    out = np.empty(r.ring.size - 1)
    _sides(r.x, r.y, r.ring, r.part, out)
    return out


@njit(cache=True, nogil=True)
def _sides(x, y, ring, part, out):  # type: ignore[no-untyped-def]
    for p in range(part.size - 1):
        for k in range(part[p], part[p + 1]):
            area = 0.0
            x0 = x[ring[k]]
            y0 = y[ring[k]]
            for i in range(ring[k], ring[k + 1] - 1):
                area += (x[i] - x0) * (y[i + 1] - y0) - (x[i + 1] - x0) * (y[i] - y0)
            ccw = 1.0 if area >= 0 else -1.0
            out[k] = ccw if k == part[p] else -ccw


@njit(cache=True, nogil=True, inline="always")
def _box(x, y, first, end):  # type: ignore[no-untyped-def]
    x0 = x1 = x[first]
    y0 = y1 = y[first]
    for i in range(first + 1, end):
        x0 = min(x0, x[i])
        x1 = max(x1, x[i])
        y0 = min(y0, y[i])
        y1 = max(y1, y[i])
    return x0, y0, x1, y1


@njit(cache=True, nogil=True, inline="always")
def _edges(x, y, ring, part, shape, turn, s, w, ox, oy, out):  # type: ignore[no-untyped-def]
    """Edges of shape s that reach the window w, relative to ox, oy, drawn with the inside on the left; how
    many."""
    n = 0
    for k in range(part[shape[s]], part[shape[s + 1]]):
        left = turn[k] > 0
        for i in range(ring[k], ring[k + 1] - 1):
            x0 = x[i] - ox
            y0 = y[i] - oy
            x1 = x[i + 1] - ox
            y1 = y[i + 1] - oy
            if max(x0, x1) < w[0] or min(x0, x1) > w[2] or max(y0, y1) < w[1] or min(y0, y1) > w[3]:
                continue
            if left:
                out[n, 0] = x0
                out[n, 1] = y0
                out[n, 2] = x1
                out[n, 3] = y1
            else:
                out[n, 0] = x1
                out[n, 1] = y1
                out[n, 2] = x0
                out[n, 3] = y0
            n += 1
    return n


@njit(cache=True, nogil=True, inline="always")
def _inside(x, y, ring, part, shape, s, px, py):  # type: ignore[no-untyped-def]
    inside = False
    for k in range(part[shape[s]], part[shape[s + 1]]):
        for i in range(ring[k], ring[k + 1] - 1):
            y0 = y[i]
            y1 = y[i + 1]
            if (y0 > py) != (y1 > py) and px < x[i] + (x[i + 1] - x[i]) * (py - y0) / (y1 - y0):
                inside = not inside
    return inside


@njit(cache=True, nogil=True, inline="always")
def _shared(ea, na, eb, nb, of_a, of_b):  # type: ignore[no-untyped-def]
    """Mark the edges that are exactly one of the other's, drawn the other way."""
    of_b[:nb] = False
    for i in range(na):
        of_a[i] = False
        for k in range(nb):
            if (
                ea[i, 0] == eb[k, 2]
                and ea[i, 1] == eb[k, 3]
                and ea[i, 2] == eb[k, 0]
                and ea[i, 3] == eb[k, 1]
            ):
                of_a[i] = True
                of_b[k] = True
                break


@njit(cache=True, nogil=True)
def _enters(ea, na, shared, eb, nb, w, cuts, depth, x, y, ring, part, shape, s, ox, oy):  # type: ignore[no-untyped-def]
    """Whether a piece of the edges ea lies deeper than depth in shape s (edges eb), or along it with the
    same side."""
    depth2 = depth * depth
    for i in range(na):
        if shared[i]:
            continue
        x0 = ea[i, 0]
        y0 = ea[i, 1]
        dx = ea[i, 2] - x0
        dy = ea[i, 3] - y0
        length = math.sqrt(dx * dx + dy * dy)
        if length == 0.0:
            continue
        # The part of the edge in the window: beyond it the other shape cannot be.
        t0 = 0.0
        t1 = 1.0
        if dx != 0.0:
            u = (w[0] - x0) / dx
            v = (w[2] - x0) / dx
            t0 = max(t0, min(u, v))
            t1 = min(t1, max(u, v))
        if dy != 0.0:
            u = (w[1] - y0) / dy
            v = (w[3] - y0) / dy
            t0 = max(t0, min(u, v))
            t1 = min(t1, max(u, v))
        if (t1 - t0) * length <= _SHORT_M:
            continue
        near = _NEAR_M / length
        m = 0
        for k in range(nb):
            bx = eb[k, 0] - x0
            by = eb[k, 1] - y0
            side0 = dx * by - dy * bx
            t = (bx * dx + by * dy) / (length * length)
            if abs(side0) <= _NEAR_M * length and t > t0 - near and t < t1 + near:
                cuts[m] = t
                m += 1
            cx = eb[k, 2] - x0
            cy = eb[k, 3] - y0
            side1 = dx * cy - dy * cx
            if abs(side1) <= _NEAR_M * length:
                t = (cx * dx + cy * dy) / (length * length)
                if t > t0 - near and t < t1 + near:
                    cuts[m] = t
                    m += 1
            if (side0 > 0) != (side1 > 0):
                f = side0 / (side0 - side1)
                px = bx + f * (cx - bx)
                py = by + f * (cy - by)
                t = (px * dx + py * dy) / (length * length)
                if t > t0 and t < t1:
                    cuts[m] = t
                    m += 1
        cuts[m] = t1
        cuts[:m].sort()
        start = t0
        for c in range(m + 1):
            stop = min(max(cuts[c], t0), t1)
            if (stop - start) * length <= _SHORT_M:
                # Too short to judge; its length joins the next piece only if it starts the edge.
                if c == m:
                    break
                start = max(start, stop)
                continue
            px = x0 + dx * (start + stop) / 2
            py = y0 + dy * (start + stop) / 2
            start = stop
            along = False
            same = False
            for k in range(nb):
                ux = px - eb[k, 0]
                uy = py - eb[k, 1]
                ex = eb[k, 2] - eb[k, 0]
                ey = eb[k, 3] - eb[k, 1]
                # Far from the edge's line: most edges end here, without a division.
                cross = ex * uy - ey * ux
                ll = ex * ex + ey * ey
                if cross * cross > depth2 * ll or ll == 0.0:
                    continue
                t = min(max((ux * ex + uy * ey) / ll, 0.0), 1.0)
                ux -= t * ex
                uy -= t * ey
                if ux * ux + uy * uy <= depth2:
                    along = True
                    if ex * dx + ey * dy > 0:
                        same = True
            if along:
                if same:
                    return True
            elif _inside(x, y, ring, part, shape, s, px + ox, py + oy):
                return True
    return False


@njit(cache=True, nogil=True)
def _look(xa, ya, ra, pa, sa, ta, xb, yb, rb, pb, sb, tb, ii, jj, depth, out):  # type: ignore[no-untyped-def]
    boxes_a = np.empty((sa.size - 1, 4))
    boxes_b = np.empty((sb.size - 1, 4))
    most = 1
    for s in range(sa.size - 1):
        if sa[s] < sa[s + 1]:
            boxes_a[s] = _box(xa, ya, ra[pa[sa[s]]], ra[pa[sa[s + 1]]])
            most = max(most, ra[pa[sa[s + 1]]] - ra[pa[sa[s]]])
        else:
            boxes_a[s] = math.nan
    for s in range(sb.size - 1):
        if sb[s] < sb[s + 1]:
            boxes_b[s] = _box(xb, yb, rb[pb[sb[s]]], rb[pb[sb[s + 1]]])
            most = max(most, rb[pb[sb[s + 1]]] - rb[pb[sb[s]]])
        else:
            boxes_b[s] = math.nan
    ea = np.empty((most, 4))
    eb = np.empty((most, 4))
    of_a = np.empty(most, dtype=np.bool_)
    of_b = np.empty(most, dtype=np.bool_)
    cuts = np.empty(3 * most + 1)
    wide = np.empty(4)
    tight = np.empty(4)
    for q in range(ii.size):
        i = ii[q]
        j = jj[q]
        x0 = max(boxes_a[i, 0], boxes_b[j, 0])
        y0 = max(boxes_a[i, 1], boxes_b[j, 1])
        x1 = min(boxes_a[i, 2], boxes_b[j, 2])
        y1 = min(boxes_a[i, 3], boxes_b[j, 3])
        out[q] = False
        # What fits between two lines is nowhere wider than their distance. (Not less or equal: NaN ends here
        # too.)
        if not min(x1 - x0, y1 - y0) > depth:
            continue
        tight[0] = tight[1] = 0.0
        tight[2] = x1 - x0
        tight[3] = y1 - y0
        wide[0] = wide[1] = -_NEAR_M
        wide[2] = tight[2] + _NEAR_M
        wide[3] = tight[3] + _NEAR_M
        na = _edges(xa, ya, ra, pa, sa, ta, i, wide, x0, y0, ea)
        nb = _edges(xb, yb, rb, pb, sb, tb, j, wide, x0, y0, eb)
        _shared(ea, na, eb, nb, of_a, of_b)
        out[q] = _enters(ea, na, of_a, eb, nb, tight, cuts, depth, xb, yb, rb, pb, sb, j, x0, y0) or _enters(
            eb, nb, of_b, ea, na, tight, cuts, depth, xa, ya, ra, pa, sa, i, x0, y0
        )
