"""Which tiles corrections changed: cells of zoom 14 by column and row, or where they are many, regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, degrees, pi, sinh
from typing import Any, Final

import numpy as np
from psycopg import AsyncConnection

from geo.cells import CELL_ZOOM, place
from register.statements import load

MOST_TILES: Final = 64
"""A correction that changed more is told by regions."""
MOST_REGIONS: Final = 32

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Changed:
    """What the corrections up to `seq` changed on the map since the one before, or since the last asked for.

    tiles: `x/y` of the tiles of zoom 14; None where they are too many: then `regions` says where they are, as boxes in degrees
    (west, south, east, north). A tile of another zoom changed where its ground, or its buffer, is that of one of them.
    """

    seq: int
    tiles: Sequence[str] | None
    regions: Sequence[Box]


@dataclass(frozen=True, slots=True)
class News:
    """What is new on the map: how often units changed, the place of the last correction, and what corrections changed."""

    units: int
    last: int
    changes: list[Changed]


async def changed(conn: AsyncConnection[Any], after: int, limit: int) -> News:
    """What each correction after the place `after` in the feed changed, at most `limit` of them, in order."""
    statement = load("tiles", "changed.sql")["changed"]
    rows = await (await conn.execute(statement, {"seq": after, "limit": limit})).fetchall()
    units, last = rows[0][:2]
    return News(units, last, [of_cells(seq, keys) for _, _, seq, keys in rows if seq is not None])


async def changed_since(conn: AsyncConnection[Any], after: int) -> Changed:
    """The same of all corrections after `after` together."""
    row = await (await conn.execute(load("tiles", "changed.sql")["since"], {"seq": after})).fetchone()
    assert row is not None  # noqa: S101 - the chain has one row
    return of_cells(*row)


async def units(conn: AsyncConnection[Any]) -> int:
    """How often units changed, outlines handed in anew above all: layers that show them may look different everywhere."""
    row = await (await conn.execute(load("tiles", "changed.sql")["units"])).fetchone()
    assert row is not None  # noqa: S101 - an aggregate answers one row
    return int(row[0])


def of_cells(seq: int, keys: Sequence[int]) -> Changed:
    """What a change of some cells is told as."""
    if len(keys) <= MOST_TILES:
        return Changed(seq, ["{}/{}".format(*place(key)) for key in sorted(keys)], [])
    cells = np.array(sorted(keys), np.int64)
    shift = 0
    while np.unique(cells >> shift).size > MOST_REGIONS:
        shift += 2
    groups = cells >> shift
    regions = []
    for group in np.unique(groups).tolist():
        columns, rows = zip(*(place(key) for key in cells[groups == group].tolist()), strict=True)
        west, north = _corner(min(columns), min(rows))
        east, south = _corner(max(columns) + 1, max(rows) + 1)
        regions.append((west, south, east, north))
    return Changed(seq, None, regions)


def _corner(column: int, row: int) -> tuple[float, float]:
    """Longitude and latitude of the north-western corner of a cell, degrees."""
    across = 1 << CELL_ZOOM
    return round(column / across * 360 - 180, 7), round(degrees(atan(sinh(pi * (1 - 2 * row / across)))), 7)
