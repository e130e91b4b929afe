"""Edges strung together into long lines: where single edges are too short to be told apart, few lines say the same."""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

from dataclasses import dataclass

import numpy as np
from numba import njit

from tiles.edges import KINDS, Edges, Marks
from tiles.outlines import Bools, Ints, Units


@dataclass(frozen=True, slots=True)
class Trails:
    """Lines over nodes, each edge in one of them: those of line t are node[begins[t]] … node[begins[t + 1]].

    kind (k + 1,): the lines of kind k are kind[k] … kind[k + 1].
    """

    begins: Ints
    node: Units
    kind: Ints

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.begins.nbytes + self.node.nbytes + self.kind.nbytes


def trails(edges: Edges) -> Trails:
    """The edges of each kind as lines, walked on from one to the next as long as there is one."""
    return Trails(*_walked(edges.start, edges.stop, edges.kind, edges.x.size, len(KINDS)))


@njit(cache=True, nogil=True)
def _on(  # pragma: no cover
    at: int, wanted: int, starts: Ints, which: Ints, start: Units, stop: Units, kind: Marks, gone: Bools,
    way: Units, n: int,
) -> int:  # fmt: skip
    """Walk from a node over edges of a kind not yet walked, nodes written to `way` from n on; how many there are then."""
    while True:
        following = -1
        for m in range(starts[at], starts[at + 1]):
            e = which[m]
            if not gone[e] and kind[e] == wanted:
                following = e
                break
        if following < 0:
            return n
        gone[following] = True
        at = stop[following] if start[following] == at else start[following]
        way[n] = at
        n += 1


@njit(cache=True, nogil=True)
def _walked(  # pragma: no cover
    start: Units, stop: Units, kind: Marks, nodes: int, kinds: int
) -> tuple[Ints, Units, Ints]:
    count = start.size
    starts = np.zeros(nodes + 1, np.int64)
    for e in range(count):
        starts[start[e] + 1] += 1
        starts[stop[e] + 1] += 1
    for k in range(nodes):
        starts[k + 1] += starts[k]
    fill = starts.copy()
    which = np.empty(2 * count, np.int64)
    for e in range(count):
        for k in (start[e], stop[e]):
            which[fill[k]] = e
            fill[k] += 1
    gone = np.zeros(count, np.bool_)
    begins, node = np.zeros(count + 1, np.int64), np.empty(2 * count, np.int32)
    of_kind = np.zeros(kinds + 1, np.int64)
    forth, back = np.empty(count + 1, np.int32), np.empty(count + 1, np.int32)
    lines = n = 0
    for wanted in range(kinds):
        for e in range(count):
            if gone[e] or kind[e] != wanted:
                continue
            gone[e] = True
            forth[0] = stop[e]
            ahead = _on(stop[e], wanted, starts, which, start, stop, kind, gone, forth, 1)
            back[0] = start[e]
            behind = _on(start[e], wanted, starts, which, start, stop, kind, gone, back, 1)
            for k in range(behind):
                node[n + k] = back[behind - 1 - k]
            for k in range(ahead):
                node[n + behind + k] = forth[k]
            n += behind + ahead
            lines += 1
            begins[lines] = n
        of_kind[wanted + 1] = lines
    return begins[: lines + 1].copy(), node[:n].copy(), of_kind
