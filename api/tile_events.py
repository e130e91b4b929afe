"""Which tiles changed, as server-sent events: one question of the register for all who follow; nobody's name in it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.change_events import HEARTBEAT_S, LONGEST_S, LOOK_EVERY_S, ChangeWakes
from register.changes import last
from register.errors import InvalidKeyError
from register.keys import printable
from tiles.changed import Changed, changed, changed_since, units

AT_ONCE: Final = 100
KEPT: Final = 1000
"""Corrections held in memory: who was away for longer is told of all together."""

_BREATH_S: Final = 0.01  # before a correction is told: by then tiles are made anew, and who hears of it asks for them at once


class TileEvents:
    """The corrections made last and what each changed on the map, read once for all who follow."""

    def __init__(self, pool: AsyncConnectionPool[Any], wakes: ChangeWakes) -> None:
        self._pool = pool
        self._wakes = wakes
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._seq = -1  # before the first look
        self._units = -1
        self._following: set[asyncio.Event] = set()

    async def keep(self) -> None:
        """Read what is new until cancelled."""
        with self._wakes.joined() as wake:
            while True:
                try:
                    await self._read()
                except (psycopg.Error, PoolTimeout):
                    await asyncio.sleep(1.0)  # the database is away; who asks meanwhile is told so
                    continue
                await self._wakes.wait(wake, LOOK_EVERY_S)
                await asyncio.sleep(_BREATH_S)

    async def start(self, said: str | None) -> int:
        """The place in the feed from which to go on: what `since=` or Last-Event-ID says, else the end.

        Raises: InvalidKeyError for a place that is not there.
        """
        async with self._pool.connection() as conn:
            end = await last(conn)
            self._saw(await units(conn))
        if said is None:
            return end
        if not (said.isascii() and said.isdigit() and len(said) <= 18):
            raise InvalidKeyError(
                f"since={printable(said)} is no place in the feed: give the `seq` of the last event seen.",
                f"since={printable(said)} không phải vị trí trong luồng: hãy đưa `seq` của sự kiện cuối cùng đã nhận.",
            )
        if int(said) > end:
            raise InvalidKeyError(
                f"since={said} is beyond the end of the feed ({end}): this is another register, or an older backup of it. "
                "Load the map anew.",
                f"since={said} nằm sau cuối luồng ({end}): đây là cơ sở dữ liệu khác hoặc bản sao lưu cũ. Hãy tải lại bản đồ.",
            )
        return int(said)

    async def stream(self, after: int) -> AsyncIterator[bytes]:
        """Where one begins, then each correction after it, once and in order, and `units` when units changed, whose tiles are
        not told one by one; a comment now and then keeps the line open.

        Ends after LONGEST_S; who follows comes again with the last number seen.
        """
        loop = asyncio.get_running_loop()
        began = said = loop.time()
        news, seen = asyncio.Event(), self._units
        self._following.add(news)
        try:
            yield b"retry: 1000\n\n" + _framed("here", after, {"seq": after, "units": seen})
            while (now := loop.time()) - began < LONGEST_S:
                news.clear()
                if after < self._seq:
                    after, told = await self._after(after)
                    said = now
                    yield told
                    continue
                if seen != self._units:
                    seen, said = self._units, now
                    yield _framed("units", after, {"seq": after, "units": seen})
                    continue
                if now - said > HEARTBEAT_S:
                    yield b": \n\n"
                    said = now
                try:
                    await asyncio.wait_for(news.wait(), LOOK_EVERY_S)
                except TimeoutError:
                    continue
        finally:
            self._following.discard(news)

    async def _after(self, after: int) -> tuple[int, bytes]:
        """The events after a place, and the place they lead to."""
        if self._kept and self._kept[0][0] <= after + 1:
            told = [(seq, frame) for seq, frame in self._kept if seq > after]
            return told[-1][0], b"".join(frame for _, frame in told)
        async with self._pool.connection() as conn:
            together = await changed_since(conn, after)
        return together.seq, framed(together)

    async def _read(self) -> None:
        async with self._pool.connection() as conn:
            while True:
                news = await changed(conn, max(self._seq, 0), AT_ONCE if self._seq >= 0 else 0)
                self._saw(news.units)
                # the first look, or an older backup was put in its place
                if self._seq < 0 or news.last < self._seq:
                    self._kept.clear()
                    self._seq = news.last
                elif news.changes:
                    self._kept.extend((one.seq, framed(one)) for one in news.changes)
                    self._seq = news.changes[-1].seq
                    for one in self._following:
                        one.set()
                if len(news.changes) < AT_ONCE:
                    return

    def _saw(self, count: int) -> None:
        """How often units had changed by now; who follows is told."""
        if count != self._units:
            self._units = count
            for one in self._following:
                one.set()


def framed(one: Changed) -> bytes:
    """One event on the wire: `tiles`, or for many `regions`."""
    where = {"regions": one.regions} if one.tiles is None else {"tiles": one.tiles}
    return _framed("tiles", one.seq, {"seq": one.seq, "zoom": 14, **where})


def _framed(event: str, seq: int, data: dict[str, Any]) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, event.encode(), orjson.dumps(data))
