"""What happens to surveys, as server-sent events; one connection of the server listens for all who follow."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import orjson
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from register.connect import search_path
from register.surveys import Event, events

CHANNEL = "diachinh_survey"
HEARTBEAT_S = 15.0
# should a wake-up be lost with its connection, nobody waits longer than this
LOOK_EVERY_S = 2.0
LONGEST_S = 600.0
FINAL = ("accepted", "returned")
_log = logging.getLogger(__name__)


class Wakes:
    """Wakes whoever waits for a survey when something has happened to it."""

    def __init__(self, conninfo: str, schema: str) -> None:
        self.conninfo = conninfo
        self.schema = schema
        self.waiting: dict[int, set[asyncio.Event]] = {}

    async def listen(self) -> None:
        """Listen until cancelled; a lost connection is made again."""
        while True:
            try:
                async with await AsyncConnection.connect(
                    self.conninfo, autocommit=True, options=search_path(self.schema)
                ) as conn:
                    await conn.execute(f"listen {CHANNEL}")
                    async for notice in conn.notifies():
                        if notice.payload.isdigit():
                            for wake in self.waiting.get(int(notice.payload), ()):
                                wake.set()
            except psycopg.Error as error:
                _log.warning("listening for surveys again: %s", type(error).__name__)
            await asyncio.sleep(1.0)

    @staticmethod
    async def wait(wake: asyncio.Event) -> None:
        """Until the event is set, or LOOK_EVERY_S."""
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), LOOK_EVERY_S)
        wake.clear()

    def join(self, survey: int) -> asyncio.Event:
        """An event that is set when something happens to the survey, until `leave`."""
        wake = asyncio.Event()
        self.waiting.setdefault(survey, set()).add(wake)
        return wake

    def leave(self, survey: int, wake: asyncio.Event) -> None:
        """No more waking."""
        others = self.waiting.get(survey, set())
        others.discard(wake)
        if not others:
            self.waiting.pop(survey, None)


async def stream(
    pool: AsyncConnectionPool[Any], wakes: Wakes, survey: int, after: int
) -> AsyncIterator[bytes]:
    """The events after `after` as they happen, until the check is decided; a comment now and then keeps the line open."""
    loop = asyncio.get_running_loop()
    began = said = loop.time()
    wake = wakes.join(survey)
    try:
        yield b"retry: 1000\n\n"
        while loop.time() - began < LONGEST_S:
            async with pool.connection() as conn:
                news = await events(conn, survey, after)
            for event in news:
                after = event.id
                yield framed(event)
                said = loop.time()
            if news and news[-1].state in FINAL:
                return
            if loop.time() - said > HEARTBEAT_S:
                yield b": \n\n"
                said = loop.time()
            await wakes.wait(wake)
    finally:
        wakes.leave(survey, wake)


def framed(event: Event) -> bytes:
    """One event on the wire; JSON holds no line break."""
    data = orjson.dumps(
        {
            "state": event.state,
            "progress": round(event.progress, 3),
            "message_vi": event.message_vi,
            "message_en": event.message_en,
            "at": event.at.isoformat(),
        }
    )
    return b"id: %d\ndata: %s\n\n" % (event.id, data)
