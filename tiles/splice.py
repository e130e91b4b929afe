"""Columns of what remains of one block and what comes from another, in an order: nearly all of it copied in a few long runs."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tiles.outlines import Ints, Outlines, joined

Kind = TypeVar("Kind", bound=np.generic)

_MOST_RUNS = 200
"""Rows in more runs than this are taken one by one."""


class Splice:
    """Rows of two tables of `mine` and any number of rows, as one: row k is `source[k]`, counted through both."""

    def __init__(self, source: Ints, mine: int) -> None:
        self._source = source
        broken = (np.diff(source) != 1) | (source[1:] == mine)
        starts = np.append(0, np.flatnonzero(broken) + 1) if source.size else np.empty(0, np.int64)
        self._runs: list[tuple[int, int, int]] | None = None
        if starts.size <= _MOST_RUNS:
            sizes = np.diff(np.append(starts, source.size))
            self._runs = [
                (int(first >= mine), int(first - mine if first >= mine else first), int(size))
                for first, size in zip(source[starts], sizes, strict=True)
            ]

    def column(self, mine: npt.NDArray[Kind], theirs: npt.NDArray[Kind], axis: int = 0) -> npt.NDArray[Kind]:
        """One column of both, along `axis`."""
        if self._runs is None:
            return np.concatenate([mine, theirs], axis).take(self._source, axis)
        tables = mine, theirs
        before = (slice(None),) * axis
        parts = [tables[which][*before, at : at + size] for which, at, size in self._runs]
        return np.concatenate(parts, axis) if parts else mine[*before, :0]

    def outlines(self, mine: Outlines, theirs: Outlines) -> Outlines:
        """The shapes of both."""
        if self._runs is None:
            return joined([mine, theirs]).taken(self._source)
        return joined(list(_cut((mine, theirs), self._runs)))


def _cut(tables: Sequence[Outlines], runs: Sequence[tuple[int, int, int]]) -> Iterator[Outlines]:
    for which, at, size in runs:
        one = tables[which]
        r0, r1 = one.ring[at], one.ring[at + size]
        p0, p1 = one.point[r0], one.point[r1]
        yield Outlines(
            one.ring[at : at + size + 1] - r0,
            one.point[r0 : r1 + 1] - p0,
            one.outer[r0:r1],
            one.x[p0:p1],
            one.y[p0:p1],
            one.mm[p0:p1],
        )
    if not runs:
        yield tables[0].taken(np.empty(0, np.int64))
