"""What a correction changed on the map is made anew before anybody asks: blocks in use, and tiles in use that cost most."""

from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from api.change_events import LOOK_EVERY_S, ChangeWakes
from api.tiles import Tiles

MOST_CELLS: Final = 16
"""Of a correction of more cells nothing is made ahead: who asks next has it made."""


async def keep(tiles: Tiles, wakes: ChangeWakes) -> None:
    """Follow the corrections until cancelled."""
    seq = -1
    with wakes.joined() as wake:
        while True:
            try:
                await tiles.follow()
                cells = tiles.now.since(seq) if seq >= 0 else []
                seq = tiles.now.seq
                for cell in cells if len(cells) <= MOST_CELLS else []:
                    await tiles.ahead(cell)
            except (psycopg.Error, PoolTimeout):
                seq = -1  # the database is away; who asks meanwhile is told so
            await wakes.wait(wake, LOOK_EVERY_S)
