"""The layer `land_use` of a tile as it is now: as kept, else made from rasters, only changed cells being sampled anew."""

import asyncio

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from geo.cells import key, key_range, place
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
    revisions: dict[int, dict[int, int]] = {}
    for cell, revision in cells:
        revisions.setdefault(cell >> 2 * (14 - ZOOM), {})[cell] = revision
    grids: dict[tuple[int, int], Grid] = {}
    for at, of_tile in revisions.items():
        raster = await _fresh(pool, blocks, at, of_tile, groups)
        grids[place(at)] = raster.grid
    made = await asyncio.to_thread(lambda: areas.layer(rasters.assembled(z, x, y, grids), groups.names, z))
    await _keep(pool, "keep_area", {"z": z, "key": key(x, y), "state": f"{FORMAT}.{state}", "body": made})
    return made


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
