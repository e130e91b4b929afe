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

from tiles.outlines import Bools, Ints, Outlines, Units
from tiles.sides import NEAR, SIZE, nodes_of, pieces_of, sides_of, slot_of, table_for

KINDS: Final = ("outer", "commune", "sheet", "road", "water", "inner")
"""What a boundary is, the first that holds: no other parcel has its side there; the parcels are of two communes; of two
sheets; one of them is a road (transport); is water (rivers, canals); neither."""
ROAD, WATER = 1, 2
_GROUND = 3  # what else is marked beside them does not matter here

_OUTER, _COMMUNE, _SHEET, _ROAD, _WATER, _INNER = range(6)
_BAND = 16_384  # 38.2 m on the map: a tile's buffer at zoom 14

Marks = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Edges:
    """e straight edges between n nodes, in the order of the parcels on their left and right, then by where they are.

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


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where n parcels lie, for what their boundaries are. sheet, commune (n,): numbers in the register. ground (n,): `ROAD`,
    `WATER`, or 0, and of provisional parcels 4 more (`mvt.PROVISIONAL`)."""

    sheet: Units
    commune: Units
    ground: Marks


def edges(outlines: Outlines, grounds: Grounds, places: Units | None = None) -> Edges:
    """The boundaries of shapes on the grid of a cell; nothing is told of sides that lie wholly beyond its rim.

    places (k, 4): boxes. Where they are given, of all edges those along a side that meets one of them, the others not.
    """
    first, second, owner, at = sides_of(outlines.ring, outlines.point, outlines.outer, outlines.x, outlines.y)
    sides = np.bincount(owner, minlength=len(outlines))
    asked = np.ones(owner.size, np.bool_)
    if places is not None:
        near, asked = _near(first, second, outlines.x, outlines.y, places)
        first, second, owner, at, asked = first[near], second[near], owner[near], at[near], asked[near]
    node, x, y = nodes_of(outlines.x, outlines.y, first, second)
    start, stop, whose, mm, whole, side, cut = pieces_of(first, second, owner, at, node, x, y, outlines.mm)
    entire = np.bincount(owner, minlength=len(outlines)) == sides
    parcels, keep, left, right, kind, length, turned = _told(
        start,
        stop,
        whose,
        mm,
        whole,
        side,
        cut,
        asked,
        entire,
        x,
        y,
        grounds.sheet,
        grounds.commune,
        grounds.ground & _GROUND,
    )
    begin, end = np.where(turned, stop, start), np.where(turned, start, stop)
    which = _ordered(np.flatnonzero(keep), left, right, begin, end, x, y)
    return Edges(
        x, y, parcels, begin[which], end[which], left[which], right[which], kind[which], length[which]
    )


@njit(cache=True, nogil=True)
def _near(  # pragma: no cover
    first: Ints, second: Ints, x: Units, y: Units, places: Units
) -> tuple[Bools, Bools]:
    """Which sides come near those that meet one of the boxes, and which are those."""
    asked, near = np.zeros(first.size, np.bool_), np.zeros(first.size, np.bool_)
    low_x = low_y = 2147483647
    high_x = high_y = -2147483647
    for k in range(first.size):
        a, b = first[k], second[k]
        for p in range(places.shape[0]):
            if max(x[a], x[b]) < places[p, 0] or min(x[a], x[b]) > places[p, 2]:
                continue
            if max(y[a], y[b]) < places[p, 1] or min(y[a], y[b]) > places[p, 3]:
                continue
            asked[k] = True
            low_x, high_x = min(low_x, x[a], x[b]), max(high_x, x[a], x[b])
            low_y, high_y = min(low_y, y[a], y[b]), max(high_y, y[a], y[b])
            break
    for k in range(first.size):
        a, b = first[k], second[k]
        near[k] = (
            max(x[a], x[b]) >= low_x - NEAR and min(x[a], x[b]) <= high_x + NEAR
            and max(y[a], y[b]) >= low_y - NEAR and min(y[a], y[b]) <= high_y + NEAR
        )  # fmt: skip
    return near, asked


@njit(cache=True, nogil=True)
def before(  # pragma: no cover
    one: int, other: int, left: Units, right: Units, begin: Units, end: Units, x: Units, y: Units
) -> bool:
    """Whether an edge comes before another one: by its parcels, then by where it is."""
    if left[one] != left[other]:
        return left[one] < left[other]
    if right[one] != right[other]:
        return right[one] < right[other]
    a, b = begin[one], begin[other]
    if x[a] != x[b] or y[a] != y[b]:
        return (x[a], y[a]) < (x[b], y[b])
    a, b = end[one], end[other]
    return (x[a], y[a]) < (x[b], y[b])


@njit(cache=True, nogil=True)
def _ordered(  # pragma: no cover
    which: Ints, left: Units, right: Units, begin: Units, end: Units, x: Units, y: Units
) -> Ints:
    """These edges in their order, which does not depend on how they were found."""
    order = which[np.argsort(left[which], kind="mergesort")]
    for k in range(1, order.size):  # few have the same parcel on the left
        one = order[k]
        j = k
        while j > 0 and before(one, order[j - 1], left, right, begin, end, x, y):
            order[j] = order[j - 1]
            j -= 1
        order[j] = one
    return order


@njit(cache=True, nogil=True)
def _grouped(start: Units, stop: Units) -> tuple[Ints, Ints, Ints]:  # pragma: no cover
    """Pieces between the same two nodes: those of group g are member[begins[g]] … member[begins[g + 1]], in their order;
    and the group of each piece."""
    n = start.size
    table = table_for(n)
    group = np.empty(n, np.int64)
    leader = np.empty(n, np.int64)
    groups = 0
    for p in range(n):
        slot = slot_of(min(start[p], stop[p]), max(start[p], stop[p]), table.size)
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
    begins: Ints, member: Ints, group: Ints, mm: Units, whole: Units, side: Units, cut: Bools
) -> None:
    """Where all parts of a side but one, which is nobody else's, are whole sides of neighbours, that one is what is left of
    the surveyed length."""
    p = 0
    while p < mm.size:
        end = p + 1
        while cut[p] and end < mm.size and side[end] == side[p]:
            end += 1
        unknown, left = -1, whole[p]
        for q in range(p, end) if cut[p] else range(0):
            exact = -1
            for m in range(begins[group[q]], begins[group[q] + 1]):
                if not cut[member[m]]:
                    exact = mm[member[m]]
            if exact >= 0:
                left -= exact
            elif unknown == -1 and begins[group[q] + 1] - begins[group[q]] == 1:
                unknown = q
            else:
                unknown = -2
        if unknown >= 0 and abs(left - mm[unknown]) <= 5:
            mm[unknown] = left
        p = end


@njit(cache=True, nogil=True)
def _leads_out(u: int, v: int) -> bool:  # pragma: no cover
    """Whether an edge between two coordinates is in the band along a border of the cell, and ends beyond that band."""
    for border in (0, SIZE):
        low, high = min(u, v) - border, max(u, v) - border
        if low <= _BAND and high >= -_BAND and (low < -_BAND or high > _BAND):
            return True
    return False


@njit(cache=True, nogil=True)
def _told(  # pragma: no cover
    start: Units, stop: Units, whose: Units, mm: Units, whole: Units, side: Units, cut: Bools,
    asked: Bools, entire: Bools, x: Units, y: Units, sheet: Units, commune: Units, ground: Marks,
) -> tuple[Units, Bools, Units, Units, Marks, Units, Bools]:  # fmt: skip
    """Of each two nodes one piece is kept: parcels at the nodes; which pieces; their left and right parcel, kind, length,
    and whether they run the other way. A parcel that is on both sides (a cut to a hole) has no boundary there, unless it has
    none elsewhere: then it is thinner than its corners are apart from being one.

    asked: sides, of which pieces others are left out. entire: parcels all of whose sides are here.
    """
    begins, member, group = _grouped(start, stop)
    _rest(begins, member, group, mm, whole, side, cut)
    n = start.size
    keep, found, turned = np.zeros(n, np.bool_), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    left, right, long = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    kind = np.zeros(n, np.uint8)
    seen = np.zeros(sheet.size, np.bool_)
    for turn in range(2):
        before = seen.copy()
        for g in range(begins.size - 1):
            p = member[begins[g]]
            wanted = False
            for m in range(begins[g], begins[g + 1]):
                wanted = wanted or asked[side[member[m]]]
            if found[p]:
                continue
            best = other = -1
            for m in range(begins[g], begins[g + 1]):
                q = member[m]
                balance = 0
                for o in range(begins[g], begins[g + 1]):
                    if whose[member[o]] == whose[q]:
                        balance += 1 if start[member[o]] == start[q] else -1
                if balance <= 0 and (turn == 0 or before[whose[q]] or not entire[whose[q]]):
                    continue
                if best < 0:
                    best = q
                elif other < 0 and start[q] != start[best] and whose[q] != whose[best]:
                    other = q
            if best < 0:
                continue
            found[p] = True
            keep[p] = wanted
            turned[p] = start[best] != start[p]
            left[p] = whose[best]
            seen[whose[best]] = True
            shared = False
            for m in range(begins[g], begins[g + 1]):
                q = member[m]
                if mm[q] >= 0 and (long[p] < 0 or (shared and not cut[q])):
                    long[p], shared = mm[q], cut[q]
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
