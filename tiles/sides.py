"""Sides of a block's parcels: corners that stand for one point made one node, and sides cut at every node on their way.

One file by design: each loop calls the ones above it.
"""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from tiles.outlines import CELL_BITS, Bools, Ints, Units

CORNER: Final = 4
"""Units (9.3 mm on the map): corners this near to each other are one."""
SIDE: Final = 6
"""Units: a corner this near to a side cuts it."""
NEAR: Final = 32
"""Units: what is farther from a side than this has no part in what becomes of it."""
SIZE: Final = 1 << CELL_BITS

_RIM = 20_000  # no tile shows what is farther than this beyond its block's cell
_BITS = 11  # nodes are looked up in squares of 4.8 m
_FIRST = 16  # squares before the cell
_ACROSS = (SIZE >> _BITS) + 2 * _FIRST


@njit(cache=True, nogil=True)
def sides_of(  # pragma: no cover
    ring: Ints, point: Ints, outer: Bools, x: Units, y: Units
) -> tuple[Ints, Ints, Units, Ints]:
    """Sides that come near the cell: corners they run between, their parcel on the left; whose; where their length stands."""
    first, second, at = np.empty(x.size, np.int64), np.empty(x.size, np.int64), np.empty(x.size, np.int64)
    owner = np.empty(x.size, np.int32)
    n = 0
    for i in range(ring.size - 1):
        for r in range(ring[i], ring[i + 1]):
            a, b = point[r], point[r + 1]
            twice = np.int64(0)
            last = b - 1
            for k in range(a, b):
                twice += np.int64(x[last]) * y[k] - np.int64(x[k]) * y[last]
                last = k
            clockwise = twice > 0  # as seen: y points down
            left = clockwise != outer[r]
            for k in range(a, b):
                j = k + 1 if k + 1 < b else a
                if max(x[k], x[j]) < -_RIM or min(x[k], x[j]) > SIZE + _RIM:
                    continue
                if max(y[k], y[j]) < -_RIM or min(y[k], y[j]) > SIZE + _RIM:
                    continue
                first[n], second[n] = (k, j) if left else (j, k)
                owner[n], at[n] = i, k
                n += 1
    return first[:n], second[:n], owner[:n], at[:n]


@njit(cache=True, nogil=True, inline="always")
def _square(v: int) -> int:  # pragma: no cover
    """The column or row of squares a coordinate lies in; what is far outside lies in the outermost one."""
    return min(max((v >> _BITS) + _FIRST, 0), _ACROSS - 1)


@njit(cache=True, nogil=True)
def _filed(x: Units, y: Units, count: int) -> tuple[Units, Units]:  # pragma: no cover
    """Points by square: those of square s are which[starts[s]] … which[starts[s + 1]]."""
    starts = np.zeros(_ACROSS * _ACROSS + 1, np.int32)
    for k in range(count):
        starts[_square(y[k]) * _ACROSS + _square(x[k]) + 1] += 1
    for s in range(_ACROSS * _ACROSS):
        starts[s + 1] += starts[s]
    fill = starts.copy()
    which = np.empty(count, np.int32)
    for k in range(count):
        s = _square(y[k]) * _ACROSS + _square(x[k])
        which[fill[s]] = k
        fill[s] += 1
    return starts, which


@njit(cache=True, nogil=True, inline="always")
def _root(up: Ints, k: int) -> int:  # pragma: no cover
    while up[k] != k:
        up[k] = up[up[k]]
        k = up[k]
    return k


@njit(cache=True, nogil=True)
def nodes_of(x: Units, y: Units, first: Ints, second: Ints) -> tuple[Units, Units, Units]:  # pragma: no cover
    """The node of each corner that ends a side (-1 of others), and where the nodes are: at the westernmost of their
    corners, of those the northernmost."""
    node = np.full(x.size, -1, np.int32)
    corner = np.empty(x.size, np.int64)
    n = 0
    for ends in (first, second):
        for k in ends:
            if node[k] < 0:
                node[k] = n
                corner[n] = k
                n += 1
    px, py = x[corner[:n]], y[corner[:n]]
    starts, which = _filed(px, py, n)
    up = np.arange(n)
    for k in range(n):
        u, v = np.int64(px[k]), np.int64(py[k])
        for row in range(_square(v - CORNER), _square(v + CORNER) + 1):
            for column in range(_square(u - CORNER), _square(u + CORNER) + 1):
                s = row * _ACROSS + column
                for m in range(starts[s], starts[s + 1]):
                    j = which[m]
                    if j >= k:
                        break
                    if (px[j] - u) ** 2 + (py[j] - v) ** 2 <= CORNER * CORNER:
                        a, b = _root(up, j), _root(up, k)
                        if (px[b], py[b]) < (px[a], py[a]):
                            a, b = b, a
                        up[b] = a
    count = 0
    number = np.full(n, -1, np.int32)
    to_x, to_y = np.empty(n, np.int32), np.empty(n, np.int32)
    for k in range(n):
        r = _root(up, k)
        if number[r] < 0:
            number[r] = count
            to_x[count], to_y[count] = px[r], py[r]
            count += 1
        node[corner[k]] = number[r]
    return node, to_x[:count].copy(), to_y[:count].copy()


@njit(cache=True, nogil=True)
def _between(  # pragma: no cover
    a: int,
    b: int,
    x: Units,
    y: Units,
    starts: Units,
    which: Units,
    found: Ints,
    along: npt.NDArray[np.float64],
) -> int:
    """How many nodes lie on the way from node a to node b, written to `found` with how far along; -1 where it is too short."""
    ax, ay = np.int64(x[a]), np.int64(y[a])
    dx, dy = np.int64(x[b]) - ax, np.int64(y[b]) - ay
    length = np.sqrt(np.float64(dx) * dx + np.float64(dy) * dy)
    low_x, high_x = min(ax, ax + dx), max(ax, ax + dx)
    low_y, high_y = min(ay, ay + dy), max(ay, ay + dy)
    n = 0
    for column in range(_square(low_x - SIDE), _square(high_x + SIDE) + 1):
        # the part of the side that is in or near this column of squares, and its rows
        west = low_x if column == 0 else max(low_x, ((column - _FIRST) << _BITS) - SIDE)
        east = high_x if column == _ACROSS - 1 else min(high_x, ((column - _FIRST + 1) << _BITS) + SIDE)
        top, bottom = np.float64(low_y), np.float64(high_y)
        if dx != 0:
            one, other = ay + (west - ax) / dx * dy, ay + (east - ax) / dx * dy
            top, bottom = max(top, min(one, other)), min(bottom, max(one, other))
        first = _square(np.int64(top) - SIDE - 1)
        for row in range(first, _square(np.int64(bottom) + SIDE + 1) + 1):
            s = row * _ACROSS + column
            for m in range(starts[s], starts[s + 1]):
                j = which[m]
                if j in (a, b):
                    continue
                if x[j] < low_x - SIDE or x[j] > high_x + SIDE or y[j] < low_y - SIDE or y[j] > high_y + SIDE:
                    continue
                ux, uy = np.float64(x[j] - ax), np.float64(y[j] - ay)
                forth = (ux * dx + uy * dy) / length
                if forth <= 0 or forth >= length or abs(ux * dy - uy * dx) > SIDE * length:
                    continue
                if n == found.size:
                    return n
                found[n], along[n] = (
                    j,
                    forth + 1e-6 * (ux * dy - uy * dx) / length,
                )  # of two abreast, one first
                n += 1
    return n


@njit(cache=True, nogil=True)
def _grown(column: Ints, size: int) -> Ints:  # pragma: no cover
    more = np.empty(size, column.dtype)
    more[: column.size] = column
    return more


@njit(cache=True, nogil=True, inline="always")
def slot_of(a: int, b: int, size: int) -> int:  # pragma: no cover
    """Where two nodes, the lesser first, are looked for in a table of a power of two."""
    h = (np.uint64(a) * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F))
    h ^= h >> np.uint64(29)
    return np.int64(h & np.uint64(size - 1))


@njit(cache=True, nogil=True)
def table_for(count: int) -> Ints:  # pragma: no cover
    """An empty table for so many pairs of nodes."""
    size = 16
    while size < 2 * count:
        size *= 2
    return np.full(size, -1, np.int64)


@njit(cache=True, nogil=True)
def pieces_of(  # pragma: no cover
    first: Ints, second: Ints, owner: Units, at: Ints, node: Units, x: Units, y: Units, mm: Units
) -> tuple[Units, Units, Units, Units, Units, Units, Bools]:
    """Sides cut at every node on their way: from and to which node, whose, how long (mm; by its share of the side),
    how long the whole side is, the number of the side, and whether it was cut."""
    starts, which = _filed(x, y, x.size)
    size = 2 * first.size + 64
    start, stop, whose = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    long, whole = np.empty(size, np.int32), np.empty(size, np.int32)
    side, cut = np.empty(size, np.int32), np.empty(size, np.bool_)
    found, along = np.empty(x.size, np.int64), np.empty(x.size, np.float64)
    p = 0
    free = table_for(first.size)  # sides nothing cuts: most are looked at from both parcels
    for k in range(first.size):
        a, b = node[first[k]], node[second[k]]
        if a == b:
            continue
        low, high = min(a, b), max(a, b)
        slot = slot_of(low, high, free.size)
        while free[slot] >= 0 and free[slot] != (np.int64(low) << 32) + high:
            slot = (slot + 1) & (free.size - 1)
        n = 0
        if free[slot] < 0:
            n = _between(a, b, x, y, starts, which, found, along)
            if n == 0:
                free[slot] = (np.int64(low) << 32) + high
        if p + n + 1 > size:
            size = 2 * (p + n + 1)
            start, stop, whose = _grown(start, size), _grown(stop, size), _grown(whose, size)
            long, whole = _grown(long, size), _grown(whole, size)
            side, cut = _grown(side, size), _grown(cut, size)
        if n == 0:
            start[p], stop[p], whose[p] = a, b, owner[k]
            long[p], whole[p], side[p], cut[p] = mm[at[k]], mm[at[k]], k, False
            p += 1
            continue
        order = np.argsort(along[:n], kind="mergesort")
        last, behind = a, 0.0
        length = np.sqrt((np.float64(x[b]) - x[a]) ** 2 + (np.float64(y[b]) - y[a]) ** 2)
        for j in range(n + 1):
            to, forth = (found[order[j]], along[order[j]]) if j < n else (np.int64(b), length)
            start[p], stop[p], whose[p] = last, to, owner[k]
            whole[p], side[p], cut[p] = mm[at[k]], k, True
            long[p] = np.int64(np.rint(mm[at[k]] * ((forth - behind) / length))) if mm[at[k]] >= 0 else -1
            last, behind = to, forth
            p += 1
    return start[:p], stop[:p], whose[:p], long[:p], whole[:p], side[:p], cut[:p]
