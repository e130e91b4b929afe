"""Generalised layers of a tile as it is now: as kept, else made from rasters, only changed cells being sampled anew."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date

import numpy as np
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from geo.cells import CELL_ZOOM, key, key_range, place
from register.statements import load
from tiles.block import Block
from tiles.blocks import Blocks
from tiles.low import areas, rasters
from tiles.low.kinds import FORMAT, SIDE, Communes, Kind, Sheets, groups_of
from tiles.low.rasters import ZOOM, Raster
from tiles.low.sampled import Grid

_AT_ONCE = 8
"""So many blocks are asked for at a time: a province's are more than memory should hold."""

Conn = AsyncConnection[TupleRow]
Moment = tuple[int, date]
"""Known up to the correction in this place, in force on this day."""


async def drawn(
    pool: AsyncConnectionPool, blocks: Blocks, layers: Sequence[str], z: int, x: int, y: int
) -> bytes:
    """Layers of a tile of zoom 6 to 13, no older than the call; empty where nothing is. Who asks must hold no connection."""
    sql = load("tiles.low", "low.sql")
    here = {"z": z, "key": key(x, y)}
    first, last = key_range(z, x, y)
    ask = {**here, "first": first, "last": last, "format": f"{FORMAT}.", "layers": list(layers)}
    async with pool.connection() as conn:
        kept = await (await conn.execute(sql["area"], ask, prepare=True)).fetchall()
        made: dict[str, bytes] = {layer: bytes(body) for layer, *_, body, _ in kept if body is not None}
        if len(made) == len(kept):
            return b"".join(made[layer] for layer in layers)
        kinds = await _kinds(conn, [layer for layer, *_ in kept if layer not in made])
        cells = await (await conn.execute(sql["cells"], ask)).fetchall()
    grids = {kind.layer: np.zeros((SIDE, SIDE), kind.dtype) for kind in kinds}
    if z > ZOOM:
        await _sampled(blocks, grids, z, x, y, dict(cells), kinds)
    else:
        for at, of_tile in _by_tile(cells).items():
            fresh = await _fresh(pool, blocks, at, of_tile, kinds)
            await asyncio.to_thread(_put_in, grids, z, x, y, at, fresh)
    told = {layer: (state, rest, made_of) for layer, state, rest, _, made_of in kept}
    for kind in kinds:
        layer, grid = kind.layer, grids[kind.layer]
        state, rest, before = told[layer]
        made_of = await asyncio.to_thread(_digest, grid, rest)
        body = None
        if before is not None and bytes(before) == made_of:  # what changed is not to be seen from here
            async with pool.connection() as conn:
                row = await (
                    await conn.execute(sql["same"], {**here, "layer": layer, "made_of": made_of})
                ).fetchone()
            body = None if row is None else bytes(row[0])
        if body is None:
            body = await _layer(pool, kind, grid, z, x, y, None)
        made[layer] = body
        keep = {**here, "layer": layer, "state": f"{FORMAT}.{state}", "made_of": made_of, "body": body}
        await _keep(pool, "keep_area", keep)
    return b"".join(made[layer] for layer in layers)


async def drawn_then(
    pool: AsyncConnectionPool, blocks: Blocks, layers: Sequence[str], z: int, x: int, y: int, then: Moment
) -> bytes:
    """Layers of a tile as it was. Only cells that corrections touched since are sampled anew: the others are as they are."""
    sql = load("tiles.low", "low.sql")
    first, last = key_range(z, x, y)
    ask = {"first": first, "last": last, "seq": then[0], "day": then[1]}
    async with pool.connection() as conn:
        kinds = await _kinds(conn, layers)
        cells = await (await conn.execute(sql["cells"], ask)).fetchall()
        changed = await (await conn.execute(sql["changed"], ask)).fetchall()
    grids = {kind.layer: np.zeros((SIDE, SIDE), kind.dtype) for kind in kinds}
    if z > ZOOM:
        past = {cell for (cell,) in changed}
        there = {cell: revision for cell, revision in cells if cell not in past}
        await _sampled(blocks, grids, z, x, y, there, kinds)
        async for cell, block in _standing(blocks, sorted(past), then):
            await asyncio.to_thread(_put_cell, grids, z, x, y, cell, block, kinds)
    else:
        others = _by_tile([(cell, 0) for (cell,) in changed])
        for at, of_tile in _by_tile(cells).items():
            found = await _fresh(pool, blocks, at, of_tile, kinds)
            async for cell, block in _standing(blocks, list(others.get(at, ())), then):
                for kind in kinds:
                    await asyncio.to_thread(found[kind.layer].put, cell, -1, block, kind)
            await asyncio.to_thread(_put_in, grids, z, x, y, at, found)
    return b"".join([await _layer(pool, kind, grids[kind.layer], z, x, y, then) for kind in kinds])


async def _kinds(conn: Conn, layers: Sequence[str]) -> list[Kind]:
    """What the layers are made from, in their order."""
    found: list[Kind] = []
    for layer in layers:
        if layer == "land_use":
            groups = load("tiles.low", "low.sql")["groups"]
            found.append(groups_of(await (await conn.execute(groups)).fetchall()))
        else:
            found.append(Sheets() if layer == "sheets" else Communes())
    return found


def _by_tile(cells: Iterable[tuple[int, int]]) -> dict[int, dict[int, int]]:
    """Cells and their revisions by the tile of zoom 11 they lie in."""
    found: dict[int, dict[int, int]] = {}
    for cell, revision in cells:
        found.setdefault(cell >> 2 * (CELL_ZOOM - ZOOM), {})[cell] = revision
    return found


async def _sampled(
    blocks: Blocks,
    grids: dict[str, Grid],
    z: int,
    x: int,
    y: int,
    cells: dict[int, int],
    kinds: Sequence[Kind],
) -> None:
    """Sample cells, at these revisions or later ones, in their places in the rasters of a tile of zoom 12 or 13."""
    every = sorted(cells)
    for k in range(0, len(every), _AT_ONCE):
        for cell, block in (await blocks.of({one: cells[one] for one in every[k : k + _AT_ONCE]})).items():
            await asyncio.to_thread(_put_cell, grids, z, x, y, cell, block, kinds)


async def _standing(blocks: Blocks, cells: Sequence[int], then: Moment) -> AsyncIterator[tuple[int, Block]]:
    """The blocks of cells as they were."""
    for k in range(0, len(cells), _AT_ONCE):
        for cell, block in (await blocks.standing(cells[k : k + _AT_ONCE], *then)).items():
            yield cell, block


def _put_cell(
    grids: dict[str, Grid], z: int, x: int, y: int, cell: int, block: Block, kinds: Sequence[Kind]
) -> None:
    for kind in kinds:
        rasters.put_cell(grids[kind.layer], z, x, y, cell, block, kind)


def _put_in(grids: dict[str, Grid], z: int, x: int, y: int, at: int, found: dict[str, Raster]) -> None:
    for layer, raster in found.items():
        rasters.put_in(grids[layer], z, x, y, place(at), raster.grid)


def _digest(grid: Grid, rest: str) -> bytes:
    """What tells whether a layer is made of the same as before."""
    return hashlib.blake2b(grid.tobytes() + f"{FORMAT}.{rest}".encode(), digest_size=16).digest()


async def _layer(
    pool: AsyncConnectionPool, kind: Kind, grid: Grid, z: int, x: int, y: int, then: Moment | None
) -> bytes:
    rows = []
    if kind.rows:
        values = asked(grid, z, x, y, then)
        async with pool.connection() as conn:
            rows = await (await conn.execute(load("tiles.low", "low.sql")[kind.rows], values)).fetchall()

    def work() -> bytes:
        shown, facts = kind.told(grid, rows, z, x, y)
        return areas.layer(kind.layer, shown, facts, z)

    return await asyncio.to_thread(work)


def asked(grid: Grid, z: int, x: int, y: int, then: Moment | None) -> dict[str, object]:
    """Parameters of the statement that tells of a raster's numbers, as of now or of a moment."""
    seq, day = (None, None) if then is None else then
    return {"ids": np.unique(grid).tolist(), "z": z, "x": x, "y": y, "seq": seq, "day": day}


async def _fresh(
    pool: AsyncConnectionPool, blocks: Blocks, at: int, revisions: dict[int, int], kinds: Sequence[Kind]
) -> dict[str, Raster]:
    """The rasters of a tile of zoom 11 by layer, their cells at these revisions or later ones."""
    async with pool.connection() as conn:
        ask = {"key": at, "layers": [kind.layer for kind in kinds]}
        cursor = await conn.execute(load("tiles.low", "low.sql")["rasters"], ask)
        bodies = {layer: bytes(body) for layer, body in await cursor.fetchall()}
    found = {kind.layer: rasters.from_bytes(bodies.get(kind.layer, b""), kind) for kind in kinds}
    stale = {layer: set(raster.stale(revisions)) for layer, raster in found.items()}
    every = sorted(set().union(*stale.values()))
    for k in range(0, len(every), _AT_ONCE):
        wanted = {cell: revisions[cell] for cell in every[k : k + _AT_ONCE]}
        for cell, block in (await blocks.of(wanted)).items():
            for kind in kinds:
                if cell in stale[kind.layer]:
                    await asyncio.to_thread(found[kind.layer].put, cell, wanted[cell], block, kind)
    for kind in kinds:
        if stale[kind.layer]:
            body = await asyncio.to_thread(rasters.to_bytes, found[kind.layer], kind)
            await _keep(pool, "keep_raster", {"layer": kind.layer, "key": at, "body": body})
    return found


async def _keep(pool: AsyncConnectionPool, statement: str, values: dict[str, object]) -> None:
    async with pool.connection() as conn:
        try:
            await conn.execute(load("tiles.low", "low.sql")[statement], values)
        except psycopg.errors.ReadOnlySqlTransaction:
            return  # a replica: others keep it
