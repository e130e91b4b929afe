"""The blocks a process has at hand, never older than asked for: in memory, else as kept in the register, brought up to date.

A block is told from another state of its cell by the cell's revision, which every correction there raises in its own
transaction. What changed is found by comparing the versions a block holds with those that stand there now.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from geo.cells import bounds, place
from geo.web_map import WORLD_M
from register.statements import load
from tiles.block import Block, changed, from_bytes, made, to_bytes, without_parcels
from tiles.edges import Grounds
from tiles.held import Held, among
from tiles.outlines import CELL_BITS, Ints, Units, from_wkb, nothing

MARGIN_M = 39.0
"""How far beyond its cell a block reaches, in web metres: no less than the buffer of a tile of zoom 14, and less than what
a correction raises revisions by."""
MOST_BYTES = 512 << 20
_MOST_PAST = 64  # blocks of the past in memory
_FEW = 8  # new parcels of a block in memory are put in before a thread would have begun
_WORTH_KEEPING = 16  # one in so many parcels is new

_MOST_FOLLOWED = 100
"""Corrections and versions followed one by one; after more all that stands in a cell is compared."""

Conn = AsyncConnection[TupleRow]


class Blocks:
    """The blocks of one register, at most `most_bytes` of them in memory: those used last.

    Whoever asks for a block that is being made waits for that one. Connections are taken from `pool`: who asks must hold none.
    """

    def __init__(self, pool: AsyncConnectionPool, most_bytes: int = MOST_BYTES) -> None:
        self._pool = pool
        self._most_bytes = most_bytes
        self._bytes = 0
        self._held: OrderedDict[int, Held] = OrderedDict()
        self._coming: dict[int, asyncio.Task[dict[int, tuple[int, Block]]]] = {}
        self._keeping: set[asyncio.Task[None]] = set()
        self.news: Callable[[], Coroutine[Any, Any, None]] | None = None
        """What calls `tell` for all that is new, if anything does: it is asked before a block at hand is brought up to date."""
        self._telling: asyncio.Task[None] | None = None
        self._past: OrderedDict[tuple[int, int, date], asyncio.Task[Block]] = OrderedDict()

    async def of(self, revisions: Mapping[int, int]) -> dict[int, Block]:
        """Blocks by cell, each of this revision of its cell or a later one."""
        got: dict[int, Block] = {}
        hoped = False
        while True:
            for key in [key for key in revisions if key not in got]:
                held = self._held.get(key)
                if held is not None and held.revision >= revisions[key]:
                    self._held.move_to_end(key)
                    got[key] = held.block
            wanting = [key for key in revisions if key not in got]
            if not wanting:
                return got
            if not hoped and self.news is not None and any(key in self._held for key in wanting):
                hoped = True
                await asyncio.wait([self._telling or self._tell_news(self.news())])
                continue
            if fresh := [key for key in wanting if key not in self._coming]:
                task = asyncio.create_task(self._bring(fresh))
                self._coming.update(dict.fromkeys(fresh, task))
                task.add_done_callback(lambda _, keys=fresh: [self._coming.pop(key) for key in keys])  # type: ignore[misc]
            # shielded: a client that leaves must not take away what others wait for
            tasks = {self._coming[key] for key in wanting}
            for brought in await asyncio.gather(*(asyncio.shield(task) for task in tasks)):
                got |= {k: b for k, (r, b) in brought.items() if k in revisions and r >= revisions[k]}

    def holds(self, key: int) -> bool:
        """Whether a cell's block, of whatever revision, is in memory."""
        return key in self._held

    def are_at_hand(self, revisions: Mapping[int, int]) -> bool:
        """Whether the blocks of cells are in memory, each of this revision of its cell or a later one."""
        return all((held := self._held.get(key)) and held.revision >= r for key, r in revisions.items())

    async def follow(self) -> None:
        """Have the blocks told of what is new (`news`), later than this call. Raises: what that raises."""
        while self._telling is not None:
            await asyncio.wait([self._telling])
        if self.news is not None:
            await self._tell_news(self.news())

    def _tell_news(self, news: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        def told(task: asyncio.Task[None]) -> None:
            self._telling = None
            if not task.cancelled():
                task.exception()  # who waits for it alone has it raised

        self._telling = asyncio.create_task(news)
        self._telling.add_done_callback(told)
        return self._telling

    def tell(
        self, key: int, was: int, revision: int, seq: int, gone: Ints, come: Ints, rows: TupleRow
    ) -> None:
        """What changed in a cell between two revisions, the later of which was after the correction in place `seq`: versions
        that are closed now, and those of `rows` (as in blocks.sql) that came to its block. A block not at hand is none the
        wiser."""
        held = self._held.get(key)
        if held is None or not was <= held.revision < revision:
            return
        block = held.block
        left, come = np.isin(block.id, gone), come[~among(come, block.id)]
        if left.any() or come.size:
            more = made_of(rows, *place(key)) if come.size else without_parcels()
            if more.id.size > come.size:
                more = changed(more, np.isin(more.id, come), without_parcels())
            block = changed(block, ~left, more)
        self._hold(key, held.after(revision, seq, block, left, come))

    def same_since(self, key: int, revision: int, view: tuple[int, int, int, int]) -> bool:
        """Whether the block at hand shows the same in a box (`Held.same_since`); False where none is."""
        held = self._held.get(key)
        return held is not None and held.same_since(revision, view)

    def changed_since(self, key: int, revision: int) -> Units | None:
        """Where the block at hand changed (`Held.changed_since`); None where none is."""
        held = self._held.get(key)
        return None if held is None else held.changed_since(revision)

    async def standing(self, keys: Sequence[int], seq: int, day: date) -> dict[int, Block]:
        """Blocks of the versions that stood at a moment: known up to the correction in place `seq`, in force on `day`."""
        wanting = [key for key in keys if (key, seq, day) not in self._past]
        if wanting:
            stood = asyncio.create_task(self._stood(wanting, seq, day))
            for key in wanting:
                self._past[key, seq, day] = asyncio.create_task(_one(stood, key))
        tasks = {key: self._past[key, seq, day] for key in keys}
        came = await asyncio.gather(
            *(asyncio.shield(task) for task in tasks.values()), return_exceptions=True
        )
        got = {}
        for (key, task), block in zip(tasks.items(), came, strict=True):
            if isinstance(block, Block):
                got[key] = block
            elif self._past.get((key, seq, day)) is task:
                del self._past[key, seq, day]
        while len(self._past) > _MOST_PAST:
            self._past.popitem(last=False)
        for block in came:
            if isinstance(block, BaseException):
                raise block
        return got

    async def _stood(self, keys: Sequence[int], seq: int, day: date) -> dict[int, Block]:
        """Made from the blocks of today: most of what stood then still stands."""
        values = {**boxes(keys), "seq": seq, "day": day}
        brought = {}
        async with self._pool.connection() as conn, conn.cursor(binary=True) as cursor:
            await cursor.execute(load("tiles", "past.sql")["standing"], values)
            for key, ids in await cursor.fetchall():
                base = self._held[key].block if key in self._held else None
                brought[key], _ = await self._updated(
                    cursor, key, base, np.frombuffer(ids, ">i8").astype(np.int64)
                )
        return brought

    async def close(self) -> None:
        """Wait until what is being kept is kept."""
        telling = [self._telling] if self._telling is not None else []
        await asyncio.gather(*self._coming.values(), *self._keeping, *telling, return_exceptions=True)

    async def _bring(self, keys: Sequence[int]) -> dict[int, tuple[int, Block]]:
        """The blocks of some cells as they are now, and the revision each shows."""
        bases = {key: self._held[key] for key in keys if key in self._held}
        brought: dict[int, tuple[int, Block]] = {}
        async with self._pool.connection() as conn, conn.cursor(binary=True) as cursor:
            if bases:
                seqs = {"seqs": [base.seq for base in bases.values()], "most": _MOST_FOLLOWED}
                await cursor.execute(load("tiles", "blocks.sql")["since"], {**boxes([*bases]), **seqs})
                for key, revision, seq, came, went in await cursor.fetchall():
                    held = bases[key]
                    gone, come = np.array(went or [], np.int64), np.array(came or [], np.int64)
                    left, block = np.isin(held.block.id, gone), held.block
                    if left.any() or come.size:
                        block, _ = await self._changed(cursor, key, block, ~left, come)
                    self._hold(key, held.after(revision, seq, block, left, come))
                    brought[key] = revision, block
            if missing := [key for key in keys if key not in brought]:
                brought |= await self._compared(cursor, missing)
        return brought

    async def _compared(
        self, cursor: psycopg.AsyncCursor[TupleRow], keys: Sequence[int]
    ) -> dict[int, tuple[int, Block]]:
        """The same, as they are kept where that is up to date; else by comparing all that stands in the cells with what is held
        or kept."""
        brought: dict[int, tuple[int, Block]] = {}
        bases = {key: (held.revision, held.block) for key in keys if (held := self._held.get(key))}
        await cursor.execute(
            load("tiles", "blocks.sql")["kept"], {"keys": [k for k in keys if k not in bases]}
        )
        for key, revision, seq, shown, body in await cursor.fetchall():
            read = await asyncio.to_thread(read_kept, body)
            if read is not None and shown == revision:
                self._hold(key, Held(revision, seq, read))
                brought[key] = revision, read
            elif read is not None:
                bases[key] = shown, read
        lagging = [key for key in keys if key not in brought]
        if not lagging:
            return brought
        await cursor.execute(load("tiles", "blocks.sql")["present"], boxes(lagging))
        for key, revision, seq, ids in await cursor.fetchall():
            base_revision, base = bases.get(key, (-1, None))
            if base is None or base_revision != revision:
                block, new = await self._updated(cursor, key, base, np.array(ids, np.int64))
                if base is None or new * _WORTH_KEEPING > block.id.size:
                    self._keep(key, revision, block)
            else:
                block = base
            self._hold(key, Held(revision, seq, block))
            brought[key] = revision, block
        return brought

    async def _updated(
        self, cursor: psycopg.AsyncCursor[TupleRow], key: int, base: Block | None, ids: Ints
    ) -> tuple[Block, int]:
        """The block of the versions `ids`, made from an older one, and how many of them are new."""
        known = np.empty(0, np.int64) if base is None else base.id
        return await self._changed(cursor, key, base, np.isin(known, ids), np.setdiff1d(ids, known))

    async def _changed(
        self,
        cursor: psycopg.AsyncCursor[TupleRow],
        key: int,
        base: Block | None,
        keep: npt.NDArray[np.bool_],
        new: Ints,
    ) -> tuple[Block, int]:
        """What is kept of a block with new versions, and how many these are."""
        column, row = place(key)
        rows = None
        if base is None or new.size:
            await cursor.execute(load("tiles", "blocks.sql")["rows"], {"ids": new.tolist()})
            rows = await cursor.fetchone()
            assert rows is not None  # noqa: S101 - an aggregate answers one row

        def work() -> Block:
            more = without_parcels() if rows is None else made_of(rows, column, row)
            return more if base is None else changed(base, keep, more)

        few = base is not None and new.size <= _FEW
        return work() if few else await asyncio.to_thread(work), new.size

    def _hold(self, key: int, held: Held) -> None:
        if key in self._held:
            self._bytes -= self._held.pop(key).block.nbytes
        self._held[key] = held
        self._bytes += held.block.nbytes
        while self._bytes > self._most_bytes and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= dropped.block.nbytes

    def _keep(self, key: int, revision: int, block: Block) -> None:
        """Keep a block in the register, beside those who wait for it."""

        async def keep() -> None:
            body = await asyncio.to_thread(to_bytes, block)
            async with self._pool.connection() as conn:
                try:
                    await conn.execute(
                        load("tiles", "blocks.sql")["keep"], {"key": key, "revision": revision, "body": body}
                    )
                except psycopg.errors.ReadOnlySqlTransaction:
                    return  # a replica: others keep blocks

        task = asyncio.create_task(keep())
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)


async def _one(task: asyncio.Task[dict[int, Block]], key: int) -> Block:
    return (await asyncio.shield(task))[key]


def read_kept(body: bytes) -> Block | None:
    """A kept block; None where it is of another format."""
    try:
        return from_bytes(body)
    except ValueError:
        return None


def boxes(keys: Sequence[int]) -> dict[str, list[float]]:
    """Where the parcels of the blocks of some cells are: parameters of `present`."""
    boxes = [bounds(*place(key)) for key in keys]
    west, south, east, north = (list(side) for side in zip(*boxes, strict=True))
    return {
        "keys": list(keys),
        "west": [v - MARGIN_M for v in west],
        "south": [v - MARGIN_M for v in south],
        "east": [v + MARGIN_M for v in east],
        "north": [v + MARGIN_M for v in north],
    }


def made_of(rows: TupleRow, column: int, row: int) -> Block:
    """The block of what `rows` answered, in the cell in `column` and `row`."""
    (
        ids,
        code,
        number,
        number_size,
        land_use,
        land_use_size,
        area,
        room,
        anchor,
        web,
        shape,
        sheet,
        commune,
        ground,
    ) = rows
    versions = np.frombuffer(ids, ">i8").astype(np.int64)
    n = versions.size
    x_m, y_m = np.frombuffer(anchor, ">f8").astype(np.float64).reshape(n, 2).T
    scale = 2.0**34 / WORLD_M
    anchors = np.column_stack(
        [
            np.floor((x_m + WORLD_M / 2) * scale) - (column << CELL_BITS),
            np.floor((WORLD_M / 2 - y_m) * scale) - (row << CELL_BITS),
        ]
    ).astype(np.int32)
    return made(
        versions,
        np.frombuffer(code, np.uint8).reshape(n, 12).copy(),
        _texts(number, number_size),
        _texts(land_use, land_use_size),
        np.frombuffer(area, ">f8").astype(np.float64),
        np.frombuffer(room, ">f4").astype(np.float32),
        anchors,
        from_wkb(web, shape, n, column, row) if n else nothing(),
        Grounds(
            np.frombuffer(sheet, ">i4").astype(np.int32),
            np.frombuffer(commune, ">i4").astype(np.int32),
            np.frombuffer(ground, np.uint8).copy(),
        ),
    )


def _texts(joined: bytes, sizes: bytes) -> list[bytes]:
    ends = np.cumsum(np.frombuffer(sizes, ">i4")).tolist()
    return [joined[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)] if ends else []
