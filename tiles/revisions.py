"""The revisions of all map cells, held in memory and true: no tile is answered from them that is older than the question.

A correction raises the revisions of the cells it touches in its own transaction, by whatever process it is made. Whoever
asks waits for a look at the register that begins after the question came: what was acknowledged before it is seen. One look
serves all who wait, and is one small statement: the place of the last correction, and the cells touched since the last look.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg_pool import AsyncConnectionPool

from geo.cells import stamp_ranges
from register.statements import load

AT_ONCE = 2
"""Looks on their way: who comes while one is need not wait for its end."""

Ints = npt.NDArray[np.int64]
Waiter = Callable[[BaseException | None], None]


@dataclass(slots=True, eq=False)
class Mark:
    """Where a look begins: the last correction and the version then known, and revisions (by key) of cells that turned out to
    have changed since."""

    seq: int
    version: int
    was: dict[int, int] = field(default_factory=dict)


class Revisions:
    """Keys, revisions and last corrections (their places, `seq`) of the cells ever changed.

    `version` is raised whenever anything changed; `seq`, `units`: place of the last correction, and how often units changed.
    `pool` should be of AT_ONCE connections and nobody else's: a look must not wait behind the building of tiles.
    """

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self.version = 0
        self._marks: set[Mark] = set()
        self.forget()
        self._waiting: list[Waiter] = []
        self._looking: set[asyncio.Task[None]] = set()
        self._running = 0
        self._starting = False  # a look that has not begun takes all who come meanwhile

    def forget(self) -> None:
        """Believe nothing any more."""
        self.seq, self.units = -1, 0
        self.keys: Ints = np.empty(0, np.int64)
        self.revisions: Ints = np.empty(0, np.int64)
        self.seqs: Ints = np.empty(0, np.int64)
        self._sums: Ints = np.zeros(1, np.int64)
        self.version += 1
        self._marks.clear()

    def look(self, then: Waiter) -> None:
        """Call `then` once a look that began after this call has ended: with nothing, or with what went wrong."""
        self._waiting.append(then)
        if not self._starting and self._running < AT_ONCE:
            self._starting = True
            self._running += 1
            task = asyncio.get_running_loop().create_task(self._look())
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    @property
    def looking(self) -> bool:
        """Whether anybody waits for a look."""
        return self._running > 0

    async def now(self) -> None:
        """Wait for a look that begins after this call. Raises: what the database raises."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def then(error: BaseException | None) -> None:
            if done.done():
                return  # who asked has left
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        self.look(then)
        await done

    def of(self, ranges: Iterable[tuple[int, int]]) -> tuple[int, int, int]:
        """Of the cells with keys in some ranges: how many there are, the sum of their revisions, the last correction (or 0)."""
        count = total = last = 0
        for first, end in ranges:
            a = int(self.keys.searchsorted(first))
            b = int(self.keys.searchsorted(end, "right")) if end > first else a + self._is(a, first)
            if b > a:
                count += b - a
                total += int(self._sums[b] - self._sums[a])
                last = max(last, int(self.seqs[a:b].max()))
        return count, total, last

    def since(self, seq: int) -> list[int]:
        """Keys of the cells that corrections after the place `seq` touched."""
        found: list[int] = self.keys[self.seqs > seq].tolist()
        return found

    def cells(self, z: int, x: int, y: int) -> dict[int, int]:
        """Revisions by key of the cells whose change can be seen in a tile."""
        found: dict[int, int] = {}
        for first, last in stamp_ranges(z, x, y):
            a, b = self.keys.searchsorted(first), self.keys.searchsorted(last, "right")
            found.update(zip(self.keys[a:b].tolist(), self.revisions[a:b].tolist(), strict=True))
        return found

    def _is(self, at: int, key: int) -> int:
        return int(at < self.keys.size and self.keys[at] == key)

    async def _look(self) -> None:
        """Look for those who wait, until nobody does."""
        self._starting = False
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                error: BaseException | None = None
                try:
                    await self._read()
                except BaseException as raised:
                    # the connection is gone, maybe the register behind it is another one: nothing held is believed any more
                    self.forget()
                    error = raised
                for then in waiting:
                    try:
                        then(error)
                    except Exception as raised:  # that of one who waits is not that of the others
                        loop = asyncio.get_running_loop()
                        loop.call_exception_handler({"message": "a waiter failed", "exception": raised})
                if isinstance(error, asyncio.CancelledError):
                    raise error
        finally:  # in one go with finding that nobody waits: who comes next starts a look
            self._running -= 1

    async def _read(self) -> None:
        statement = load("tiles", "revisions.sql")["since"]
        mark = self.mark()
        async with self._pool.connection() as conn:
            row = await (await conn.execute(statement, {"seq": mark.seq}, prepare=True)).fetchone()
        assert row is not None  # noqa: S101 - the chain has one row
        if not self.saw(mark, *row):
            await self._read()

    def mark(self) -> Mark:
        """Where a look begins: what it finds is told to `saw`."""
        self._marks.add(mark := Mark(self.seq, self.version))
        return mark

    def keeps(self, mark: Mark) -> bool:
        """Whether what changed since a mark is known."""
        return mark in self._marks

    def at(self, mark: Mark, key: int) -> int:
        """The revision of a cell when a look that has not been told yet began; 0 of one that had never changed."""
        if (was := mark.was.get(key)) is not None:
            return was
        place = int(self.keys.searchsorted(key))
        return int(self.revisions[place]) if self._is(place, key) else 0

    def saw(
        self,
        mark: Mark,
        seq: int,
        units: int,
        keys: Sequence[int] | None,
        revisions: Sequence[int] | None,
        seqs: Sequence[int] | None,
    ) -> bool:
        """What a look found (`since` in revisions.sql); False where that is worth nothing, and one has to look again."""
        self._marks.discard(mark)
        if seq < mark.seq:  # an older backup was put in its place
            self.forget()
        if self.seq < mark.seq:  # all was forgotten, here or by another look: what was told builds on nothing
            return False
        if self.version != mark.version and seq <= self.seq and units <= self.units:
            return True  # another look saw all this one saw
        if (seq, units) != (self.seq, self.units):
            if keys:
                self._take(np.array(keys, np.int64), np.array(revisions, np.int64), np.array(seqs, np.int64))
            self.seq, self.units = seq, units
            self.version += 1
        return True

    def _take(self, keys: Ints, revisions: Ints, seqs: Ints) -> None:
        at = np.searchsorted(self.keys, keys)
        known = np.append(self.keys, -1)[at] == keys
        if self._marks:
            before = np.zeros(keys.size, np.int64)
            before[known] = self.revisions[at[known]]
            was = dict(zip(keys.tolist(), before.tolist(), strict=True))
            for mark in self._marks:
                mark.was = {**was, **mark.was}
        self.revisions[at[known]], self.seqs[at[known]] = revisions[known], seqs[known]
        if not known.all():
            every = np.concatenate([self.keys, keys[~known]])
            order = np.argsort(every)
            self.keys = every[order]
            self.revisions = np.concatenate([self.revisions, revisions[~known]])[order]
            self.seqs = np.concatenate([self.seqs, seqs[~known]])[order]
        self._sums = np.concatenate([[0], np.cumsum(self.revisions)])
