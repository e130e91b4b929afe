"""The boundaries of a block's parcels, each once: corners that stand for one point made one, sides cut where a neighbour
has a corner in their middle, and what is drawn from both sides told once, with both parcels.

Sheets that do not meet exactly are brought together: corners within `CORNER` units of each other are one, and a corner within
`SIDE` units of a side cuts it. Nothing else is moved, and what is near a place depends on what is near it alone, so that
neighbouring blocks agree. One file by design: each loop follows on the one above it.
"""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from tiles.outlines import CELL_BITS, Bools, Ints, Outlines, Units

CORNER: Final = 4
"""Units (9.3 mm on the map): corners this near to each other are one."""
SIDE: Final = 6
KINDS: Final = ("outer", "commune", "sheet", "road", "water", "inner")
"""What a boundary is, the first that holds: no other parcel has its side there; the parcels are of two communes; of two
sheets; one of them is a road (transport); is water (rivers, canals); neither."""
ROAD, WATER = 1, 2

_OUTER, _COMMUNE, _SHEET, _ROAD, _WATER, _INNER = range(6)
_SIZE = 1 << CELL_BITS
_BAND = 16_384  # 38.2 m on the map: a tile's buffer at zoom 14
_RIM = 20_000  # no tile shows what is farther than this beyond its block's cell
_BITS = 11  # nodes are looked up in squares of 4.8 m
_FIRST = 16  # squares before the cell
_ACROSS = (_SIZE >> _BITS) + 2 * _FIRST

Marks = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Edges:
    """e straight edges between n nodes, in the order of the parcel on their left.

    x, y (n,): nodes, on the block's grid. parcels (n,): how many parcels have a corner or a side there; 0 where no edge ends.
    start, stop (e,): nodes. left, right (e,): parcels of the block, as seen on the map; the left one comes first in the
    block, right is -1 where there is none. kind (e,): place in `KINDS`. mm (e,): surveyed length, -1 where it is not
    known. An outer edge that leads out of what two neighbouring blocks both see has the length of its parcel's whole side.
    """

    x: Units
    y: Units
    parcels: Units
    start: Units
    stop: Units
    left: Units
    right: Units
    kind: Marks
    mm: Units

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        columns = (
            self.x,
            self.y,
            self.parcels,
            self.start,
            self.stop,
            self.left,
            self.right,
            self.kind,
            self.mm,
        )
        return sum(column.nbytes for column in columns)


def edges(outlines: Outlines, sheet: Units, commune: Units, ground: Marks) -> Edges:
    """The boundaries of shapes on the grid of a cell; nothing is told of sides that lie wholly beyond its rim.

    sheet, commune (n,): numbers of the shapes' sheets and communes. ground (n,): `ROAD`, `WATER`, or 0.
    """
    first, second, owner, at = _sides(outlines.ring, outlines.point, outlines.outer, outlines.x, outlines.y)
    node, x, y = _nodes(outlines.x, outlines.y, first, second)
    start, stop, whose, mm, whole, part_of = _pieces(first, second, owner, at, node, x, y, outlines.mm)
    told = _told(start, stop, whose, mm, whole, part_of, x, y, sheet, commune, ground)
    parcels, keep, left, right, kind, length, turned = told
    begin, end = np.where(turned, stop, start), np.where(turned, start, stop)
    which = np.flatnonzero(keep)
    which = which[np.argsort(left[which], kind="stable")]
    return Edges(
        x, y, parcels, begin[which], end[which], left[which], right[which], kind[which], length[which]
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _sides(  # pragma: no cover
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
                if max(x[k], x[j]) < -_RIM or min(x[k], x[j]) > _SIZE + _RIM:
                    continue
                if max(y[k], y[j]) < -_RIM or min(y[k], y[j]) > _SIZE + _RIM:
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
def _nodes(x: Units, y: Units, first: Ints, second: Ints) -> tuple[Units, Units, Units]:  # pragma: no cover
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
                found[n], along[n] = j, forth
                n += 1
    return n


@njit(cache=True, nogil=True)
def _grown(column: Ints, size: int) -> Ints:  # pragma: no cover
    more = np.empty(size, column.dtype)
    more[: column.size] = column
    return more


@njit(cache=True, nogil=True, inline="always")
def _slot(a: int, b: int, size: int) -> int:  # pragma: no cover
    """Where two nodes, the lesser first, are looked for in a table of a power of two."""
    h = (np.uint64(a) * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F))
    h ^= h >> np.uint64(29)
    return np.int64(h & np.uint64(size - 1))


@njit(cache=True, nogil=True)
def _table(count: int) -> Ints:  # pragma: no cover
    """An empty table for so many pairs of nodes."""
    size = 16
    while size < 2 * count:
        size *= 2
    return np.full(size, -1, np.int64)


@njit(cache=True, nogil=True)
def _pieces(  # pragma: no cover
    first: Ints, second: Ints, owner: Units, at: Ints, node: Units, x: Units, y: Units, mm: Units
) -> tuple[Units, Units, Units, Units, Units, Units]:
    """Sides cut at every node on their way: from and to which node, whose, how long (mm; by its share of the side),
    how long the whole side is, and the number of the side, -1 where it was not cut."""
    starts, which = _filed(x, y, x.size)
    size = 2 * first.size + 64
    start, stop, whose = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    long, whole = np.empty(size, np.int32), np.empty(size, np.int32)
    part_of = np.empty(size, np.int32)
    found, along = np.empty(x.size, np.int64), np.empty(x.size, np.float64)
    p = 0
    free = _table(first.size)  # sides nothing cuts: most are looked at from both parcels
    for k in range(first.size):
        a, b = node[first[k]], node[second[k]]
        if a == b:
            continue
        low, high = min(a, b), max(a, b)
        slot = _slot(low, high, free.size)
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
            long, whole, part_of = _grown(long, size), _grown(whole, size), _grown(part_of, size)
        if n == 0:
            start[p], stop[p], whose[p] = a, b, owner[k]
            long[p], whole[p], part_of[p] = mm[at[k]], mm[at[k]], -1
            p += 1
            continue
        order = np.argsort(along[:n], kind="mergesort")
        begin = p
        last = a
        sum_ = 0.0
        for j in range(n + 1):
            to = found[order[j]] if j < n else b
            far = np.sqrt((np.float64(x[to]) - x[last]) ** 2 + (np.float64(y[to]) - y[last]) ** 2)
            sum_ += far
            start[p], stop[p], whose[p] = last, to, owner[k]
            last = to
            p += 1
        for j in range(begin, p):
            u, w = start[j], stop[j]
            far = np.sqrt((np.float64(x[w]) - x[u]) ** 2 + (np.float64(y[w]) - y[u]) ** 2)
            long[j] = np.int64(np.rint(mm[at[k]] * (far / sum_))) if mm[at[k]] >= 0 else -1
            whole[j], part_of[j] = mm[at[k]], k
    return start[:p], stop[:p], whose[:p], long[:p], whole[:p], part_of[:p]


@njit(cache=True, nogil=True)
def _grouped(start: Units, stop: Units) -> tuple[Ints, Ints, Ints]:  # pragma: no cover
    """Pieces between the same two nodes: those of group g are member[begins[g]] … member[begins[g + 1]], in their order;
    and the group of each piece."""
    n = start.size
    table = _table(n)
    group = np.empty(n, np.int64)
    leader = np.empty(n, np.int64)
    groups = 0
    for p in range(n):
        slot = _slot(min(start[p], stop[p]), max(start[p], stop[p]), table.size)
        while table[slot] >= 0:
            q = leader[table[slot]]
            if min(start[q], stop[q]) == min(start[p], stop[p]) and max(start[q], stop[q]) == max(
                start[p], stop[p]
            ):
                break
            slot = (slot + 1) & (table.size - 1)
        if table[slot] < 0:
            table[slot] = groups
            leader[groups] = p
            groups += 1
        group[p] = table[slot]
    begins = np.zeros(groups + 1, np.int64)
    for p in range(n):
        begins[group[p] + 1] += 1
    for g in range(groups):
        begins[g + 1] += begins[g]
    fill = begins.copy()
    member = np.empty(n, np.int64)
    for p in range(n):
        member[fill[group[p]]] = p
        fill[group[p]] += 1
    return begins, member, group


@njit(cache=True, nogil=True)
def _rest(  # pragma: no cover
    begins: Ints, member: Ints, group: Ints, mm: Units, whole: Units, part_of: Units
) -> None:
    """Where all parts of a side but one are whole sides of neighbours, that one is what is left of the surveyed length."""
    p = 0
    while p < mm.size:
        end = p + 1
        while part_of[p] >= 0 and end < mm.size and part_of[end] == part_of[p]:
            end += 1
        unknown, left = -1, whole[p]
        for q in range(p, end):
            exact = -1
            for m in range(begins[group[q]], begins[group[q] + 1]):
                if part_of[member[m]] < 0:
                    exact = mm[member[m]]
            if exact >= 0:
                left -= exact
            else:
                unknown = q if unknown == -1 else -2
        if part_of[p] >= 0 and unknown >= 0 and abs(left - mm[unknown]) <= 5:
            mm[unknown] = left
        p = end


@njit(cache=True, nogil=True)
def _leads_out(u: int, v: int) -> bool:  # pragma: no cover
    """Whether an edge between two coordinates is in the band along a border of the cell, and ends beyond that band."""
    for border in (0, _SIZE):
        low, high = min(u, v) - border, max(u, v) - border
        if low <= _BAND and high >= -_BAND and (low < -_BAND or high > _BAND):
            return True
    return False


@njit(cache=True, nogil=True)
def _told(  # pragma: no cover
    start: Units, stop: Units, whose: Units, mm: Units, whole: Units, part_of: Units,
    x: Units, y: Units, sheet: Units, commune: Units, ground: Marks,
) -> tuple[Units, Bools, Units, Units, Marks, Units, Bools]:  # fmt: skip
    """Of each two nodes one piece is kept: parcels at the nodes; which pieces; their left and right parcel, kind, length,
    and whether they run the other way. A parcel that is on both sides (a cut to a hole) has no boundary there, unless it has
    none elsewhere: then it is thinner than its corners are apart from being one."""
    begins, member, group = _grouped(start, stop)
    _rest(begins, member, group, mm, whole, part_of)
    n = start.size
    keep, turned = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    left, right, long = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    kind = np.zeros(n, np.uint8)
    seen = np.zeros(sheet.size, np.bool_)
    for turn in range(2):
        before = seen.copy()
        for g in range(begins.size - 1):
            p = member[begins[g]]
            if keep[p]:
                continue
            best = other = -1
            for m in range(begins[g], begins[g + 1]):
                q = member[m]
                balance = 0
                for o in range(begins[g], begins[g + 1]):
                    if whose[member[o]] == whose[q]:
                        balance += 1 if start[member[o]] == start[q] else -1
                if balance <= 0 and (turn == 0 or before[whose[q]]):
                    continue
                if best < 0:
                    best = q
                elif other < 0 and start[q] != start[best] and whose[q] != whose[best]:
                    other = q
            if best < 0:
                continue
            keep[p] = True
            turned[p] = start[best] != start[p]
            left[p] = whose[best]
            seen[whose[best]] = True
            shared = False
            for m in range(begins[g], begins[g + 1]):
                q = member[m]
                if mm[q] >= 0 and (long[p] < 0 or (shared and part_of[q] < 0)):
                    long[p], shared = mm[q], part_of[q] >= 0
            if other < 0:
                kind[p] = _OUTER
                a, b = start[p], stop[p]
                if _leads_out(np.int64(x[a]), np.int64(x[b])) or _leads_out(np.int64(y[a]), np.int64(y[b])):
                    long[p] = whole[best]
                continue
            right[p] = whose[other]
            seen[whose[other]] = True
            one, two = left[p], right[p]
            if commune[one] != commune[two]:
                kind[p] = _COMMUNE
            elif sheet[one] != sheet[two]:
                kind[p] = _SHEET
            elif ground[one] == ROAD or ground[two] == ROAD:
                kind[p] = _ROAD
            elif ground[one] == WATER or ground[two] == WATER:
                kind[p] = _WATER
            else:
                kind[p] = _INNER
    parcels, last = np.zeros(x.size, np.int32), np.full(x.size, -1, np.int32)
    ends = np.zeros(x.size, np.bool_)
    for p in range(n):
        if keep[p]:
            ends[start[p]] = ends[stop[p]] = True
    for p in range(n):
        for k in (start[p], stop[p]):
            if ends[k] and last[k] != whose[p]:
                last[k] = whose[p]
                parcels[k] += 1
    return parcels, keep, left, right, kind, long, turned
