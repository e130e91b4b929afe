"""Corrections as they are made, as server-sent events; one connection of the server listens for all who follow."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool

from register.changes import Event, channel, events
from register.connect import search_path

HEARTBEAT_S = 15.0
# should a wake-up be lost with its connection, nobody waits longer than this
LOOK_EVERY_S = 5.0
LONGEST_S = 600.0
AT_ONCE = 100
_log = logging.getLogger(__name__)


class ChangeWakes:
    """Wakes whoever waits for the next correction."""

    def __init__(self, conninfo: str, schema: str) -> None:
        self.conninfo = conninfo
        self.schema = schema
        self.waiting: set[asyncio.Event] = set()

    async def listen(self) -> None:
        """Listen until cancelled; a lost connection is made again."""
        while True:
            try:
                async with await AsyncConnection.connect(
                    self.conninfo, autocommit=True, options=search_path(self.schema)
                ) as conn:
                    await conn.execute(sql.SQL("listen {}").format(sql.Identifier(await channel(conn))))
                    self._wake()
                    async for _ in conn.notifies():
                        self._wake()
            except psycopg.Error as error:
                _log.warning("listening for corrections again: %s", type(error).__name__)
            await asyncio.sleep(1.0)

    def _wake(self) -> None:
        for wake in self.waiting:
            wake.set()

    @contextmanager
    def joined(self) -> Iterator[asyncio.Event]:
        """An event that is set when a correction was made. Join first, then look, then wait: nothing falls between."""
        wake = asyncio.Event()
        self.waiting.add(wake)
        try:
            yield wake
        finally:
            self.waiting.discard(wake)

    @staticmethod
    async def wait(wake: asyncio.Event, most_s: float) -> None:
        """Until the event is set, or `most_s`, or LOOK_EVERY_S."""
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), min(most_s, LOOK_EVERY_S))
        wake.clear()


async def stream(pool: AsyncConnectionPool[Any], wakes: ChangeWakes, after: int) -> AsyncIterator[bytes]:
    """The corrections after `after` as they are made, each once and in order; a comment now and then keeps the line open.

    Ends after LONGEST_S; who follows comes again with the last number seen.
    """
    loop = asyncio.get_running_loop()
    began = said = loop.time()
    with wakes.joined() as wake:
        yield b"retry: 1000\n\n"
        while loop.time() - began < LONGEST_S:
            async with pool.connection() as conn:
                news = await events(conn, after, AT_ONCE)
            for event in news:
                after = event.seq
                yield framed(event)
                said = loop.time()
            if len(news) == AT_ONCE:
                continue
            if loop.time() - said > HEARTBEAT_S:
                yield b": \n\n"
                said = loop.time()
            await wakes.wait(wake, LOOK_EVERY_S)


def framed(event: Event) -> bytes:
    """One event on the wire; JSON holds no line break."""
    return b"id: %d\nevent: change\ndata: %s\n\n" % (event.seq, event.head.encode())
