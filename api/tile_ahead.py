"""What a correction changed on the map is made anew before anybody asks: blocks in use, and tiles in use."""

import asyncio
import logging
from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from api.change_events import LOOK_EVERY_S, ChangeWakes
from api.tiles import Tiles

MOST_CELLS: Final = 16
"""Of a correction of more cells nothing is made ahead: who asks next has it made."""

_log = logging.getLogger(__name__)


async def keep(tiles: Tiles, wakes: ChangeWakes) -> None:
    """Follow the corrections until cancelled."""
    changed: dict[int, None] = {}
    more = asyncio.Event()
    async with asyncio.TaskGroup() as both:  # what is made does not hold up what is followed
        both.create_task(_follow(tiles, wakes, changed, more))
        both.create_task(_make(tiles, changed, more))


async def _follow(tiles: Tiles, wakes: ChangeWakes, changed: dict[int, None], more: asyncio.Event) -> None:
    """Put what is new into the blocks at hand, and the cells it touched into `changed`."""
    seq = -1
    with wakes.joined() as wake:
        while True:
            try:
                await tiles.follow()
                cells = tiles.now.since(seq) if seq >= 0 else []
                seq = tiles.now.seq
                if 0 < len(cells) <= MOST_CELLS:
                    changed.update(dict.fromkeys(cells))
                    more.set()
            except (psycopg.Error, PoolTimeout):
                seq = -1  # the database is away; who asks meanwhile is told so
            await wakes.wait(wake, LOOK_EVERY_S)


async def _make(tiles: Tiles, changed: dict[int, None], more: asyncio.Event) -> None:
    """Make what is in use of the cells in `changed`, those first that waited longest."""
    while True:
        await more.wait()
        more.clear()
        while changed:
            cell = next(iter(changed))
            del changed[cell]
            try:
                await tiles.ahead(cell)
            except (psycopg.Error, PoolTimeout):
                pass  # who asks is told so
            except Exception:
                _log.exception("what is made ahead failed")  # one tile must not take the others down
