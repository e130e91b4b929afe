"""What corrections changed, put into the blocks at hand as soon as it is known: in one question, before anybody asks."""

from functools import cache
from typing import Any, Final

import numpy as np
from psycopg_pool import AsyncConnectionPool

from geo.cells import CELL_ZOOM
from geo.web_map import HALF_WORLD_M
from register.statements import load
from tiles.blocks import MARGIN_M, Blocks
from tiles.revisions import Mark, Revisions

MOST: Final = 16
"""Corrections and versions told; of more only which cells they touched."""


class News:
    """What tells the blocks of one register of its corrections."""

    def __init__(self, pool: AsyncConnectionPool[Any], now: Revisions, blocks: Blocks) -> None:
        """`pool`: the looks' own."""
        self._pool, self._now, self._blocks = pool, now, blocks
        self._mark: Mark | None = None  # up to where blocks were told: others may have looked since

    async def follow(self) -> None:
        """A look at the register that brings the blocks at hand up to date too, where little changed. Raises: as `now.now`."""
        now, mark, self._mark = self._now, self._mark, None
        if now.seq < 0:  # nothing is known yet
            await now.now()
            self._mark = now.mark()
            return
        if mark is None or not now.keeps(mark):
            mark = now.mark()
        values = {
            "seq": mark.seq, "most": MOST, "cell": 2 * HALF_WORLD_M / 2**CELL_ZOOM, "half": HALF_WORLD_M, "margin": MARGIN_M,
        }  # fmt: skip
        try:
            async with self._pool.connection() as conn, conn.cursor(binary=True) as cursor:
                await cursor.execute(_news(), values, prepare=True)
                row = await cursor.fetchone()
        except BaseException:
            now.forget()
            raise
        assert row is not None  # noqa: S101 - the chain has one row
        seq, units, keys, revisions, seqs, told, gone, near, come, *rows = row
        before = {key: now.at(mark, key) for key in keys or ()}
        if not now.saw(mark, seq, units, keys, revisions, seqs):
            await now.now()
            return
        if told:
            closed, cells, ids = (np.array(some or [], np.int64) for some in (gone, near, come))
            for (key, was), revision in zip(before.items(), revisions or (), strict=True):
                self._blocks.tell(key, was, revision, seq, closed, ids[cells == key], rows)
        if now.seq == seq:
            self._mark = now.mark()


@cache
def _news() -> str:
    sql, since = load("tiles", "blocks.sql"), load("tiles", "revisions.sql")["since"]
    rows = sql["rows"].replace("%(ids)s::bigint[]", "near.ids")
    return sql["news"].replace("(since)", f"({since})").replace("(rows)", f"({rows})")
