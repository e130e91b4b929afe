"""Tiles as of a moment of the past: the same layers, from blocks of the versions that stood then.

A moment is snapped to the corrections near the tile: all moments between two of them are one state, made and kept once. The
clock of the office (known at) makes a state final: what was known at an instant that is over does not change. A legal day
alone does not: corrections made later may be effective on it.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from geo import coverage
from geo.cells import at as cell_at
from geo.cells import key, place, stamp_ranges
from register.clocks import Moment
from register.statements import load
from tiles import encode
from tiles.assemble import cells_of
from tiles.blocks import Blocks
from tiles.layers import Layer
from tiles.low.store import drawn_then
from tiles.tile import Address, by_statements, shown

MOST_CELLS = 256
"""A larger box is told by the extent of corrections alone."""


@dataclass(frozen=True, slots=True)
class State:
    """What a moment is snapped to for one tile: the last correction near it (its place), and the last legal day on which one
    took effect; `day` None: nothing had yet."""

    seq: int
    day: date | None

    def __str__(self) -> str:
        return f"{self.seq}.{self.day}"


@dataclass(frozen=True, slots=True)
class Change:
    """A correction that changed the map: its place in the feed, instant, legal day and kind."""

    seq: int
    made_at: datetime
    effective_on: date
    kind: str


async def snapped(conn: AsyncConnection[Any], then: Moment, layers: Sequence[Layer], at: Address) -> State:
    """The state a tile was in at a moment."""
    ranges = stamp_ranges(at.z, at.x, at.y)
    values = {
        "firsts": [first for first, _ in ranges],
        "lasts": [last for _, last in ranges],
        "units": any(layer.from_units for layer in layers),
        "seq": then.seq,
        "day": then.day,
    }
    row = await (await conn.execute(load("tiles", "past.sql")["snapped"], values)).fetchone()
    assert row is not None  # noqa: S101 - an aggregate answers one row
    return State(row[0], row[1])


async def build(
    pool: AsyncConnectionPool[Any], blocks: Blocks, layers: Sequence[Layer], at: Address, state: State
) -> bytes:
    """The tile as it was, as Mapbox Vector Tile bytes; empty where nothing was there."""
    if state.day is None:
        return b""
    parts = []
    there = shown(layers, at.z)
    by_statement = by_statements(there, at.z)
    if by_statement:
        parts.append(await _drawn(pool, by_statement, at, state, state.day))
    if far := [layer.name for layer in there if layer.generalised(at.z)]:
        then = state.seq, state.day
        parts.append(await drawn_then(pool, blocks, far, at.z, at.x, at.y, then))
    names = [layer.name for layer in there if layer.from_blocks]
    if names:
        keys = [key(column, row) for column, row in cells_of(at.z, at.x, at.y)]
        got = await blocks.standing(keys, state.seq, state.day)
        cells = {place(one): block for one, block in sorted(got.items())}
        parts.append(await asyncio.to_thread(encode.layers, names, cells, at.z, at.x, at.y))
    return b"".join(parts)


async def moments(
    conn: AsyncConnection[Any], west_m: float, south_m: float, east_m: float, north_m: float, limit: int
) -> list[Change]:
    """The last `limit` corrections that changed the map in a box (EPSG:3857 metres), in the order they were made."""
    columns, rows = cell_at(np.array([west_m, east_m]), np.array([north_m, south_m]))
    across, down = range(columns[0], columns[1] + 1), range(rows[0], rows[1] + 1)
    few = len(across) * len(down) <= MOST_CELLS
    values = {
        "west": west_m,
        "south": south_m,
        "east": east_m,
        "north": north_m,
        "keys": [key(column, row) for column in across for row in down] if few else None,
        "limit": limit,
    }
    found = await (await conn.execute(load("tiles", "past.sql")["moments"], values)).fetchall()
    return [Change(*row) for row in reversed(found)]


async def _drawn(
    pool: AsyncConnectionPool[Any], names: set[str], at: Address, state: State, day: date
) -> bytes:
    """Sheets, communes and addresses as they were."""
    sql = load("tiles", "past.sql")
    then = {"seq": state.seq, "day": day}
    here = {"z": at.z, "x": at.x, "y": at.y}
    async with pool.connection() as conn:
        sheets = await (await conn.execute(sql["sheets"], {**then, **here})).fetchall()
        outlines: list[bytes | None] = []
        for sheet, _, changed in sheets:
            outline = None
            if changed:
                rows = await (await conn.execute(sql["ground"], {**then, "sheet": sheet})).fetchall()
                outline = await asyncio.to_thread(outline_of, rows)
            outlines.append(outline)
        values = parameters(sheets, outlines, names)
        row = await (await conn.execute(sql["tile"], {**then, **here, **values})).fetchone()
    assert row is not None  # noqa: S101 - the statement answers one row
    return bytes(row[0])


def parameters(
    sheets: Sequence[Sequence[Any]], outlines: Sequence[bytes | None], names: Collection[str]
) -> dict[str, object]:
    """Parameters of `tile` beside place and moment: rows of `sheets`, what those cover that covered other ground, layers."""
    return {
        "sheets": [sheet for sheet, *_ in sheets],
        "outlines": outlines,
        "of_sheet": [sheet for sheet, communes, _ in sheets for _ in communes],
        "of_commune": [commune for _, communes, _ in sheets for commune in communes],
        "communes": "communes" in names,
        "sheets_too": "sheets" in names,
        "addresses": "addresses" in names,
    }


def outline_of(ground: Sequence[Sequence[bytes]]) -> bytes:
    """What the parcels of rows of `ground` cover together, as WKB."""
    shapes = shapely.from_wkb(np.array([bytes(wkb) for (wkb,) in ground], object))
    outline: bytes = shapely.to_wkb(coverage.outline(shapes))
    return outline
