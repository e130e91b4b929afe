"""Edges of a changed block, from those of the block before: only what is near a change is worked out anew."""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit

from tiles.edges import Edges, Grounds, before, edges
from tiles.outlines import Bools, Ints, Outlines, Units
from tiles.sides import NEAR, slot_of, table_for

MOST_PLACES: Final = 64
"""More changes than this: all is worked out anew."""
_MOST_LEFT_OVER: Final = 1.25


@dataclass(frozen=True, slots=True)
class Base:
    """Edges of a block before one or more changes.

    edges: those of `outlines`. place (n,): where each of the shapes is now, -1 of those that are gone. boxes (k, 4): of what
    has gone and come since.
    """

    edges: Edges
    outlines: Outlines
    grounds: Grounds
    place: Ints
    boxes: Units

    def changed(self, place: Ints, boxes: Units) -> "Base | None":
        """The same after one change more, which moved shapes to `place`; None where all is better worked out anew."""
        if self.boxes.shape[0] + boxes.shape[0] > MOST_PLACES:
            return None
        there = np.append(place, -1)[self.place]  # -1 stays where it is: the last
        return Base(self.edges, self.outlines, self.grounds, there, np.concatenate([self.boxes, boxes]))


def base_of(edges_: Edges, outlines: Outlines, grounds: Grounds) -> Base:
    """What a block's edges are before any change."""
    return Base(edges_, outlines, grounds, np.arange(len(outlines)), np.empty((0, 4), np.int32))


def patched(base: Base, outlines: Outlines, grounds: Grounds) -> Edges:
    """The edges of `outlines`, which came about from those of `base`: the same as `edges` gives."""
    old = base.edges
    wide = (base.boxes + np.array([-NEAR, -NEAR, NEAR, NEAR])).astype(np.int32)
    gone, come = edges(base.outlines, base.grounds, wide), edges(outlines, grounds, wide)
    keep, node = _kept(
        old.x, old.y, old.start, old.stop, gone.x, gone.y, gone.start, gone.stop, come.x, come.y
    )
    new = np.flatnonzero(node < 0)
    node[new] = old.x.size + np.arange(new.size)
    x, y = np.concatenate([old.x, come.x[new]]), np.concatenate([old.y, come.y[new]])
    parcels = np.concatenate([old.parcels, come.parcels[new]])
    told = np.unique(np.concatenate([come.start, come.stop]))
    parcels[node[told]] = come.parcels[told]
    stays = np.flatnonzero(keep)
    here = np.append(base.place, -1).astype(np.int32)
    start = np.concatenate([old.start[stays], node[come.start]])
    stop = np.concatenate([old.stop[stays], node[come.stop]])
    left = np.concatenate([here[old.left[stays]], come.left])
    right = np.concatenate([here[old.right[stays]], come.right])
    if x.size > _MOST_LEFT_OVER * (start.size + 1000):
        return edges(outlines, grounds)  # too many nodes without edges
    order = _merged(stays.size, left, right, start, stop, x, y)
    kind, mm = np.concatenate([old.kind[stays], come.kind]), np.concatenate([old.mm[stays], come.mm])
    return Edges(x, y, parcels, start[order], stop[order], left[order], right[order], kind[order], mm[order])


@njit(cache=True, nogil=True)
def _kept(  # pragma: no cover
    x: Units, y: Units, start: Units, stop: Units,
    gone_x: Units, gone_y: Units, gone_start: Units, gone_stop: Units, come_x: Units, come_y: Units,
) -> tuple[Bools, Units]:  # fmt: skip
    """Which edges are not among those that are gone; and the node, -1 for none, at each place of those that come."""
    node = np.full(come_x.size, -1, np.int32)
    known = np.full(gone_x.size, -1, np.int32)
    for turn in range(2):
        some_x, some_y = (gone_x, gone_y) if turn == 0 else (come_x, come_y)
        table = table_for(some_x.size)
        for k in range(some_x.size):
            slot = slot_of(some_x[k], some_y[k], table.size)
            while table[slot] >= 0:
                slot = (slot + 1) & (table.size - 1)
            table[slot] = k
        for n in range(x.size):
            slot = slot_of(x[n], y[n], table.size)
            while table[slot] >= 0:
                k = table[slot]
                if some_x[k] == x[n] and some_y[k] == y[n]:
                    if turn == 0:
                        known[k] = n
                    else:
                        node[k] = n
                    break
                slot = (slot + 1) & (table.size - 1)
    pairs = table_for(gone_start.size)
    for e in range(gone_start.size):
        a, b = known[gone_start[e]], known[gone_stop[e]]
        slot = slot_of(a, b, pairs.size)
        while pairs[slot] >= 0:
            slot = (slot + 1) & (pairs.size - 1)
        pairs[slot] = (np.int64(a) << 32) + b
    keep = np.ones(start.size, np.bool_)
    for e in range(start.size):
        slot = slot_of(start[e], stop[e], pairs.size)
        while pairs[slot] >= 0:
            if pairs[slot] == (np.int64(start[e]) << 32) + stop[e]:
                keep[e] = False
                break
            slot = (slot + 1) & (pairs.size - 1)
    return keep, node


@njit(cache=True, nogil=True)
def _merged(  # pragma: no cover
    first: int, left: Units, right: Units, start: Units, stop: Units, x: Units, y: Units
) -> Ints:
    """The first so many edges and the others, both in their order, in one order."""
    order = np.empty(left.size, np.int64)
    a, b = 0, first
    for k in range(left.size):
        if b == left.size or (a < first and not before(b, a, left, right, start, stop, x, y)):
            order[k] = a
            a += 1
        else:
            order[k] = b
            b += 1
    return order
