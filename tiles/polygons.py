"""Compiled loops that draw parcels as polygons of a Mapbox Vector Tile (2.1): the commands of their rings, cut at the buffer.

One file by design: each loop calls the ones above it in its innermost turns, and numba keeps what it compiled by the file it
stands in, so that it would not notice a change in another.
"""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value"
# In compiled loops numpy's integers are plain ones.

from typing import Final

import numpy as np
from numba import njit

from geo.rounding import crosses
from tiles.mvt import EXTENT, HIGH, LOW, varint
from tiles.outlines import Bools, Bytes, Ints, Units

UNSEEN: Final = -1
"""Nothing of a parcel is to be seen."""
ODD: Final = -2
"""Somebody else draws it."""


@njit(cache=True, nogil=True)
def _cut(  # pragma: no cover
    side: int,
    inset: int,
    px: Ints,
    py: Ints,
    starts: Ints,
    rings: int,
    qx: Ints,
    qy: Ints,
    to: Ints,
    cx: Ints,
    cy: Ints,
) -> int:
    """Rings cut along one side of the tile and its buffer, or `inset` units inside it, written to qx, qy, to; how many, -1
    where they do not come out.

    Outer rings run one way, holes the other. What of a ring lies inside are chains, from where it comes in to where it goes
    out. Along the border the ground begins and ends by turns: sorted along it, each end is joined to the place beside it.
    Rings taken apart become several, and holes that are cut become part of the ring around them.
    """
    vertical = side < 2
    border = LOW + inset if side % 2 == 0 else HIGH - inset
    m = out = chains = c = 0
    most = starts[rings]
    chain = np.empty(most + 2, np.int64)
    place = np.empty(2 * most + 2, np.float64)  # of chain k: 2 k comes in, 2 k + 1 goes out
    to[0] = 0
    for r in range(rings):
        first, n = starts[r], starts[r + 1] - starts[r]
        begin = -1
        all_in = True
        before = (px[first + n - 1] if vertical else py[first + n - 1]) >= border
        if side % 2 == 1:
            before = (px[first + n - 1] if vertical else py[first + n - 1]) <= border
        for k in range(first, first + n):
            v = px[k] if vertical else py[k]
            inside = v >= border if side % 2 == 0 else v <= border
            all_in = all_in and inside
            if inside and not before:
                begin = k - first
            before = inside
        if all_in:
            for k in range(first, first + n):
                qx[m], qy[m] = px[k], py[k]
                m += 1
            out += 1
            to[out] = m
            continue
        if begin < 0:
            continue
        before = False
        for j in range(n + 1):
            b = first + (begin + j) % n
            v = px[b] if vertical else py[b]
            inside = j < n and (v >= border if side % 2 == 0 else v <= border)
            if inside != before:
                a = first + (begin + j - 1 + n) % n
                if vertical:
                    at = py[a] + (border - px[a]) / (px[b] - px[a]) * (py[b] - py[a])
                else:
                    at = px[a] + (border - py[a]) / (py[b] - py[a]) * (px[b] - px[a])
                if inside:
                    chain[chains] = c
                    place[2 * chains] = at
                else:
                    place[2 * chains + 1] = at
                    chains += 1
                unit = np.int64(np.floor(at + 0.5))
                cx[c], cy[c] = (border, unit) if vertical else (unit, border)
                c += 1
            if inside:
                cx[c], cy[c] = px[b], py[b]
                c += 1
            before = inside
    chain[chains] = c
    if chains == 0:
        return out
    order = np.argsort(place[: 2 * chains], kind="mergesort")
    following = np.full(chains, -1, np.int64)
    for k in range(0, 2 * chains, 2):
        one, other = order[k], order[k + 1]
        if one % 2 == other % 2:
            return -1
        if one % 2 == 1:
            following[one // 2] = other // 2
        else:
            following[other // 2] = one // 2
    for k in range(chains):
        at_chain = k
        if following[k] < 0:
            continue
        while following[at_chain] >= 0:
            for j in range(chain[at_chain], chain[at_chain + 1]):
                qx[m], qy[m] = cx[j], cy[j]
                m += 1
            next_chain = following[at_chain]
            following[at_chain] = -1
            at_chain = next_chain
        out += 1
        to[out] = m
    return out


@njit(cache=True, nogil=True)
def _thinned(px: Ints, py: Ints, first: int, n: int) -> int:  # pragma: no cover
    """How many of n corners from `first` are left without repeated ones."""
    m = first
    for k in range(first, first + n):
        if m == first or px[m - 1] != px[k] or py[m - 1] != py[k]:
            px[m], py[m] = px[k], py[k]
            m += 1
    while m > first + 1 and px[m - 1] == px[first] and py[m - 1] == py[first]:
        m -= 1
    return m - first


@njit(cache=True, nogil=True)
def _twice(px: Ints, py: Ints, first: int, n: int) -> int:  # pragma: no cover
    """Twice the area of a ring, positive where it runs clockwise as seen."""
    twice = np.int64(0)
    for k in range(n):
        j = first + (k + 1 if k + 1 < n else 0)
        twice += px[first + k] * py[j] - px[j] * py[first + k]
    return twice


@njit(cache=True, nogil=True)
def _on_border(px: Ints, py: Ints, k: int, inset: int) -> bool:  # pragma: no cover
    low, high = LOW + inset, HIGH - inset
    return px[k] == low or px[k] == high or py[k] == low or py[k] == high


@njit(cache=True, nogil=True)
def _taken_apart(  # pragma: no cover
    px: Ints, py: Ints, starts: Ints, rings: int, qx: Ints, qy: Ints, to: Ints
) -> int:
    """Rings that pass a corner twice, as a hole does that touched the ring it has become part of: as several that meet there,
    none of which does, written to qx, qy, to. How many; -1 where rings that meet would cut ground off.
    """
    total = starts[rings]
    keys = px[:total] * (1 << 20) + py[:total]
    order = np.argsort(keys)
    same = np.empty(total, np.int64)
    corners = 0
    for k in range(total):
        corners += k > 0 and keys[order[k]] != keys[order[k - 1]]
        same[order[k]] = corners
    depth_of = np.full(corners + 1, -1, np.int64)
    stack = np.empty(total + 1, np.int64)
    corner = np.empty(2 * total + 1, np.int64)
    m = out = 0
    to[0] = 0
    for r in range(rings):
        depth = 0
        for k in range(starts[r], starts[r + 1] + 1):
            bottom = depth_of[same[k]] if k < starts[r + 1] else np.int64(0)
            if bottom < 0:
                depth_of[same[k]] = depth
                stack[depth] = k
                depth += 1
                continue
            first = m
            for j in range(bottom, depth):
                qx[m], qy[m], corner[m] = px[stack[j]], py[stack[j]], same[stack[j]]
                if j > bottom or k == starts[r + 1]:
                    depth_of[same[stack[j]]] = -1
                m += 1
            depth = bottom + 1
            if m - first < 3 or _twice(qx, qy, first, m - first) == 0:
                m = first
                continue
            out += 1
            to[out] = m
    # a point where rings meet joins them: joined twice over, they enclose ground, which outer rings alone may
    joined = np.arange(out)
    hole_at = np.full(corners + 1, -1, np.int64)
    for turn in range(2):
        for r in range(out):
            is_hole = _twice(qx, qy, to[r], to[r + 1] - to[r]) < 0
            if is_hole != (turn == 0):
                continue
            for k in range(to[r], to[r + 1]):
                one, other = r, hole_at[corner[k]]
                if is_hole:
                    hole_at[corner[k]] = r
                if other < 0:
                    continue
                while joined[one] != one:
                    one = joined[one]
                while joined[other] != other:
                    other = joined[other]
                if one == other:
                    return -1
                joined[one] = other
    return out


@njit(cache=True, nogil=True)
def _way(px: Ints, py: Ints, at: int, one: int, other: int, to: int) -> int:  # pragma: no cover
    """On which side of the way from corner `one` by `at` to `other` the corner `to` lies, seen from `at`: 1 or -1, 0 on it."""
    ax, ay = px[one] - px[at], py[one] - py[at]
    bx, by = px[other] - px[at], py[other] - py[at]
    cx, cy = px[to] - px[at], py[to] - py[at]
    turn, from_one, to_other = ax * by - ay * bx, ax * cy - ay * cx, cx * by - cy * bx
    if (from_one == 0 and ax * cx + ay * cy > 0) or (to_other == 0 and bx * cx + by * cy > 0):
        return 0
    if turn > 0:
        return 1 if from_one > 0 and to_other > 0 else -1
    if turn < 0:
        return -1 if from_one < 0 and to_other < 0 else 1
    if ax * bx + ay * by > 0:
        return 0
    return 1 if from_one > 0 else -1


@njit(cache=True, nogil=True)
def _meet(px: Ints, py: Ints, starts: Ints, r: int, a: int, s: int, c: int) -> bool:  # pragma: no cover
    """Whether edges of two rings, from corners a and c on, share a corner at which the rings touch and do not cross."""
    b = a + 1 if a + 1 < starts[r + 1] else starts[r]
    d = c + 1 if c + 1 < starts[s + 1] else starts[s]
    for mine in (a, b):
        for its in (c, d):
            if px[mine] == px[its] and py[mine] == py[its]:
                one = mine - 1 if mine > starts[r] else starts[r + 1] - 1
                other = mine + 1 if mine + 1 < starts[r + 1] else starts[r]
                before = its - 1 if its > starts[s] else starts[s + 1] - 1
                after = its + 1 if its + 1 < starts[s + 1] else starts[s]
                side = _way(px, py, mine, one, other, before)
                return side != 0 and side == _way(px, py, mine, one, other, after)
    return False


@njit(cache=True, nogil=True)
def _cut_cleanly(px: Ints, py: Ints, starts: Ints, rings: int, inset: int) -> bool:  # pragma: no cover
    """Whether rings that were clean before they were cut are so after: only edges at the border are new."""
    for r in range(rings):
        for a in range(starts[r], starts[r + 1]):
            b = a + 1 if a + 1 < starts[r + 1] else starts[r]
            if not (_on_border(px, py, a, inset) or _on_border(px, py, b, inset)):
                continue
            low_x, high_x = min(px[a], px[b]), max(px[a], px[b])
            low_y, high_y = min(py[a], py[b]), max(py[a], py[b])
            for s in range(rings):
                for c in range(starts[s], starts[s + 1]):
                    d = c + 1 if c + 1 < starts[s + 1] else starts[s]
                    if c == a:
                        continue
                    if (
                        c == b or d == a
                    ):  # the next edge, or the one before: it must not run back over this one
                        ux, uy, vx, vy = px[b] - px[a], py[b] - py[a], px[d] - px[c], py[d] - py[c]
                        if ux * vy == uy * vx and ux * vx + uy * vy < 0:
                            return False
                        continue
                    if max(px[c], px[d]) < low_x or min(px[c], px[d]) > high_x:
                        continue
                    if max(py[c], py[d]) < low_y or min(py[c], py[d]) > high_y:
                        continue
                    if crosses(px, py, a, b, c, d) and (r == s or not _meet(px, py, starts, r, a, s, c)):
                        return False
    return True


@njit(cache=True, nogil=True)
def _ring_around(  # pragma: no cover
    px: Ints, py: Ints, starts: Ints, outer: Bools, rings: int, hole: int
) -> int:
    """The outer ring a hole lies in, the innermost of them; -1 where no ring's box is around the hole's."""
    west, north, east, south = _box(px, py, starts[hole], starts[hole + 1])
    best = -1  # as long as it is the only one, nothing else is asked of it
    for r in range(rings):
        if not outer[r]:
            continue
        its_west, its_north, its_east, its_south = _box(px, py, starts[r], starts[r + 1])
        if its_west > west or its_north > north or its_east < east or its_south < south:
            continue
        if best < 0:
            best = r
        elif _lies_in(px, py, starts, r, hole):
            area = _twice(px, py, starts[r], starts[r + 1] - starts[r])
            its_area = _twice(px, py, starts[best], starts[best + 1] - starts[best])
            if area < its_area or not _lies_in(px, py, starts, best, hole):
                best = r
    return best


@njit(cache=True, nogil=True)
def _box(px: Ints, py: Ints, first: int, end: int) -> tuple[int, int, int, int]:  # pragma: no cover
    """West, north, east, south of corners."""
    west = east = px[first]
    north = south = py[first]
    for k in range(first + 1, end):
        west, east = min(west, px[k]), max(east, px[k])
        north, south = min(north, py[k]), max(south, py[k])
    return west, north, east, south


@njit(cache=True, nogil=True)
def _lies_in(px: Ints, py: Ints, starts: Ints, ring: int, hole: int) -> bool:  # pragma: no cover
    """Whether most corners of a hole lie in a ring: they meet in one at most."""
    inside = 0
    for h in range(starts[hole], starts[hole + 1]):
        odd = False
        b = starts[ring + 1] - 1
        for a in range(starts[ring], starts[ring + 1]):
            if (py[a] > py[h]) != (py[b] > py[h]):
                turn = (px[b] - px[a]) * (py[h] - py[a]) - (px[h] - px[a]) * (py[b] - py[a])
                odd = odd != ((turn > 0) == (py[b] > py[a]))
            b = a
        inside += odd
    return 2 * inside > starts[hole + 1] - starts[hole]


@njit(cache=True, nogil=True)
def polygon(  # pragma: no cover
    geometry: Bytes, px: Ints, py: Ints, starts: Ints, outer: Bools, rings: int
) -> int:
    """The drawing commands of rings: outer ones clockwise as seen, holes the other way. Their bytes."""
    g = 0
    cx = cy = np.int64(0)
    for r in range(rings):
        first, n = starts[r], starts[r + 1] - starts[r]
        forth = (_twice(px, py, first, n) > 0) == outer[r]
        geometry[g] = 9
        g += 1
        for k in range(n):
            at = first + (k if forth else n - 1 - k)
            dx, dy = px[at] - cx, py[at] - cy
            cx, cy = px[at], py[at]
            g = varint(geometry, g, (dx << 1) ^ (dx >> 63))
            g = varint(geometry, g, (dy << 1) ^ (dy >> 63))
            if k == 0:
                g = varint(geometry, g, ((n - 1) << 3) | 2)
        geometry[g] = 15
        g += 1
    return g


@njit(cache=True, nogil=True)
def drawn(  # pragma: no cover
    which: Ints, shift: int, left: int, top: int, anchor: Units,
    ring: Ints, point: Ints, outer: Bools, x: Units, y: Units,
    drawn_shape: Ints, drawn_ring: Ints, drawn_point: Ints, drawn_outer: Bools, drawn_x: Units, drawn_y: Units,
    start: Ints, size: Units, commands: Bytes,
) -> int:  # fmt: skip
    """The commands of the parcels `which` (ordered), written to `commands`, where they begin to `start`, and their bytes (or
    UNSEEN, ODD) to `size`, at the place of each in `which`. Bytes in all.

    shift: 22 - zoom. left, top: the tile's corner in units of its zoom from the cell's.
    drawn_shape …: what is drawn at this zoom in place of broken shapes, ordered by shape, in units of the zoom.
    A parcel too small to be seen is one unit square at its anchor, in the tile the anchor lies in.
    Shapes are cut at the border of the buffer, or up to two units inside it where that does not come out. ODD is what is cut
    into pieces that touch even so.
    """
    p = 0
    most = 8
    px, py = np.empty(most, np.int64), np.empty(most, np.int64)
    qx, qy = np.empty(most, np.int64), np.empty(most, np.int64)
    kx, ky = np.empty(most, np.int64), np.empty(most, np.int64)
    starts, ends = np.zeros(most, np.int64), np.zeros(most, np.int64)
    whose = np.empty(most, np.int64)
    is_outer, begins = np.empty(most, np.bool_), np.empty(most, np.bool_)
    half = (1 << shift) >> 1
    d = 0
    for at in range(which.shape[0]):
        i = which[at]
        start[at] = p
        while d < drawn_shape.shape[0] and drawn_shape[d] < i:
            d += 1
        mended = d < drawn_shape.shape[0] and drawn_shape[d] == i
        if mended:
            first_ring, end_ring = drawn_ring[d], drawn_ring[d + 1]
            corners = drawn_point[end_ring] - drawn_point[first_ring]
        else:
            first_ring, end_ring = ring[i], ring[i + 1]
            corners = point[end_ring] - point[first_ring]
        need = (
            4 * (corners + end_ring - first_ring) + 16
        )  # a cut adds at most one corner to each, side by side
        if need > most:
            most = 2 * need
            px, py = np.empty(most, np.int64), np.empty(most, np.int64)
            qx, qy = np.empty(most, np.int64), np.empty(most, np.int64)
            kx, ky = np.empty(most, np.int64), np.empty(most, np.int64)
            starts, ends = np.zeros(most, np.int64), np.zeros(most, np.int64)
            whose = np.empty(most, np.int64)
            is_outer, begins = np.empty(most, np.bool_), np.empty(most, np.bool_)
        kept = rings = m = 0
        clean, outside = True, False
        # what goes wrong is nearly always a corner on the border: a unit or two farther into the buffer there is none
        for inset in range(3):
            rings = m = 0
            outside = False
            skip_holes = True
            starts[0] = 0
            for r in range(first_ring, end_ring):
                is_hole = not (drawn_outer[r] if mended else outer[r])
                if is_hole and skip_holes:
                    continue
                a, b = (drawn_point[r], drawn_point[r + 1]) if mended else (point[r], point[r + 1])
                for k in range(a, b):
                    if mended:
                        u, w = np.int64(drawn_x[k]) - left, np.int64(drawn_y[k]) - top
                    else:
                        u = ((np.int64(x[k]) + half) >> shift) - left
                        w = ((np.int64(y[k]) + half) >> shift) - top
                    outside = outside or u < LOW or u > HIGH or w < LOW or w > HIGH
                    kx[m + k - a], ky[m + k - a] = u, w
                n = _thinned(kx, ky, m, b - a)
                twice = _twice(kx, ky, m, n)
                if n < 3 or twice == 0:
                    skip_holes = skip_holes if is_hole else True
                    continue
                if not is_hole:
                    skip_holes = False
                if (twice > 0) == is_hole:
                    for k in range(n // 2):
                        e, f = m + k, m + n - 1 - k
                        kx[e], ky[e], kx[f], ky[f] = kx[f], ky[f], kx[e], ky[e]
                m += n
                is_outer[rings] = not is_hole
                rings += 1
                starts[rings] = m
            if not outside:
                break
            for side in range(4):
                if side % 2 == 0:
                    rings = _cut(side, inset, kx, ky, starts, rings, px, py, ends, qx, qy)
                else:
                    rings = _cut(side, inset, px, py, ends, rings, kx, ky, starts, qx, qy)
                if rings <= 0:
                    break
            if rings > 0 and end_ring - first_ring > 1:
                rings = _taken_apart(kx, ky, starts, rings, px, py, ends)
                kept = rings
            else:
                kept = m = 0
                for r in range(rings):
                    first = starts[r]
                    n = _thinned(kx, ky, first, starts[r + 1] - first)
                    if n < 3 or _twice(kx, ky, first, n) == 0:
                        continue
                    for k in range(n):
                        px[m], py[m] = kx[first + k], ky[first + k]
                        m += 1
                    kept += 1
                    ends[kept] = m
            for r in range(kept):
                is_outer[r] = _twice(px, py, ends[r], ends[r + 1] - ends[r]) > 0
            clean = rings >= 0 and _cut_cleanly(px, py, ends, kept, inset)
            if clean:
                break
        if not clean:
            size[at] = ODD
            continue
        if outside:
            m = rings = 0
            starts[0] = 0
            for r in range(kept):
                whose[r] = r if is_outer[r] else _ring_around(px, py, ends, is_outer, kept, r)
            for around in range(kept):
                if whose[around] != around:
                    continue
                for turn in range(2):
                    for r in range(kept):
                        if whose[r] == around and (r == around) == (turn == 0):
                            for k in range(ends[r], ends[r + 1]):
                                kx[m], ky[m] = px[k], py[k]
                                m += 1
                            begins[rings] = turn == 0
                            rings += 1
                            starts[rings] = m
            for r in range(rings):
                is_outer[r] = begins[r]
        if rings == 0:
            u, w = (np.int64(anchor[i, 0]) >> shift) - left, (np.int64(anchor[i, 1]) >> shift) - top
            if u < 0 or u >= EXTENT or w < 0 or w >= EXTENT:
                size[at] = UNSEEN
                continue
            kx[0], kx[1], kx[2], kx[3] = u, u + 1, u + 1, u
            ky[0], ky[1], ky[2], ky[3] = w, w, w + 1, w + 1
            starts[1] = 4
            is_outer[0] = True
            rings = 1
        size[at] = polygon(commands[p:], kx, ky, starts, is_outer, rings)
        p += size[at]
    return p
