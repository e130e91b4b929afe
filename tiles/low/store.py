"""The layer `land_use` of a tile as it is now: as kept, else made from rasters, only changed cells being sampled anew."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from geo.cells import CELL_ZOOM, key, key_range, place
from register.statements import load
from tiles.blocks import Blocks
from tiles.low import areas, rasters
from tiles.low.rasters import FORMAT, ZOOM, Groups, Raster
from tiles.low.sampled import Grid

_AT_ONCE = 8
"""So many blocks are asked for at a time: a province's are more than memory should hold."""

Conn = AsyncConnection[TupleRow]


async def land_use(pool: AsyncConnectionPool, blocks: Blocks, z: int, x: int, y: int) -> bytes:
    """The layer of a tile of zoom 6 to 11, no older than the call; empty where nothing is. Who asks must hold no connection."""
    sql = load("tiles.low", "low.sql")
    first, last = key_range(z, x, y)
    ask = {"z": z, "key": key(x, y), "first": first, "last": last, "format": f"{FORMAT}."}
    async with pool.connection() as conn:
        cursor = await conn.execute(sql["area"], ask, prepare=True)
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - it always answers one row
        state, body = row
        if body is not None:
            return bytes(body)
        groups = rasters.groups_of(await (await conn.execute(sql["groups"])).fetchall())
        cells = await (await conn.execute(sql["cells"], ask)).fetchall()
    grids = {}
    for at, of_tile in _by_tile(cells).items():
        grids[place(at)] = (await _fresh(pool, blocks, at, of_tile, groups)).grid
    made = await _layer(z, x, y, grids, groups)
    await _keep(pool, "keep_area", {"z": z, "key": key(x, y), "state": f"{FORMAT}.{state}", "body": made})
    return made


async def land_use_then(
    pool: AsyncConnectionPool, blocks: Blocks, z: int, x: int, y: int, seq: int, day: date
) -> bytes:
    """The layer of a tile as it was: known up to the correction in place `seq`, in force on `day`.

    Only cells that corrections touched since are sampled anew; the others are as they are now.
    """
    sql = load("tiles.low", "low.sql")
    first, last = key_range(z, x, y)
    ask = {"first": first, "last": last, "seq": seq, "day": day}
    async with pool.connection() as conn:
        groups = rasters.groups_of(await (await conn.execute(sql["groups"])).fetchall())
        cells = await (await conn.execute(sql["cells"], ask)).fetchall()
        changed = await (await conn.execute(sql["changed"], ask)).fetchall()
    others = _by_tile([(cell, 0) for (cell,) in changed])
    grids = {}
    for at, of_tile in _by_tile(cells).items():
        raster, past = await _fresh(pool, blocks, at, of_tile, groups), list(others.get(at, ()))
        for k in range(0, len(past), _AT_ONCE):
            for cell, block in (await blocks.standing(past[k : k + _AT_ONCE], seq, day)).items():
                await asyncio.to_thread(raster.put, cell, -1, block, groups)
        grids[place(at)] = raster.grid
    return await _layer(z, x, y, grids, groups)


def _by_tile(cells: Iterable[tuple[int, int]]) -> dict[int, dict[int, int]]:
    """Cells and their revisions by the tile of zoom 11 they lie in."""
    found: dict[int, dict[int, int]] = {}
    for cell, revision in cells:
        found.setdefault(cell >> 2 * (CELL_ZOOM - ZOOM), {})[cell] = revision
    return found


async def _layer(z: int, x: int, y: int, grids: Mapping[tuple[int, int], Grid], groups: Groups) -> bytes:
    return await asyncio.to_thread(lambda: areas.layer(rasters.assembled(z, x, y, grids), groups.names, z))


async def _fresh(
    pool: AsyncConnectionPool, blocks: Blocks, at: int, revisions: dict[int, int], groups: Groups
) -> Raster:
    """The raster of a tile of zoom 11, its cells at these revisions or later ones."""
    async with pool.connection() as conn:
        cursor = await conn.execute(load("tiles.low", "low.sql")["raster"], {"key": at})
        row = await cursor.fetchone()
    raster = rasters.empty() if row is None else rasters.from_bytes(bytes(row[0]), groups)
    stale = raster.stale(revisions)
    for k in range(0, len(stale), _AT_ONCE):
        asked = {cell: revisions[cell] for cell in stale[k : k + _AT_ONCE]}
        for cell, block in (await blocks.of(asked)).items():
            await asyncio.to_thread(raster.put, cell, asked[cell], block, groups)
    if stale:
        await _keep(pool, "keep_raster", {"key": at, "body": rasters.to_bytes(raster, groups)})
    return raster


async def _keep(pool: AsyncConnectionPool, statement: str, values: dict[str, object]) -> None:
    async with pool.connection() as conn:
        try:
            await conn.execute(load("tiles.low", "low.sql")[statement], values)
        except psycopg.errors.ReadOnlySqlTransaction:
            return  # a replica: others keep it
