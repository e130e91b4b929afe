"""One tile of the map, and its stamp, which tells whether it changed without building it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from geo.cells import CELL_ZOOM, key, place, stamp_ranges
from register.errors import NotFoundError
from register.statements import load
from tiles import encode
from tiles.blocks import Blocks
from tiles.layers import LAYERS, MAX_ZOOM, Layer

ENCODING = 4
"""Part of every stamp: raised when the same data would give other bytes."""

_BESIDE_BELOW = 16
"""Tiles above this zoom are large: they are encoded beside the event loop."""


@dataclass(frozen=True, slots=True)
class Address:
    """Place of a tile in the web map scheme (XYZ): row 0 is the northernmost."""

    z: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """Text that differs whenever a correction may have changed the tile; equal on every server of one register.

    revisions: of the map cells the tile shows, by key, where layers are made from blocks.
    """

    text: str
    revisions: Mapping[int, int]


def address(z: int, x: int, y: int) -> Address:
    """The address of a tile that exists. Raises: NotFoundError."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFoundError(
            f"There is no tile {z}/{x}/{y}: zooms are 0 to {MAX_ZOOM}, columns and rows 0 to 2^z - 1.",
            f"Không có ô bản đồ {z}/{x}/{y}: mức thu phóng từ 0 đến {MAX_ZOOM}, cột và hàng từ 0 đến 2^z - 1.",
        )
    return Address(z, x, y)


async def stamp(conn: AsyncConnection[TupleRow], layers: Sequence[Layer], at: Address) -> Stamp:
    """The stamp of a tile now."""
    ranges = stamp_ranges(at.z, at.x, at.y)
    from_blocks = any(layer.from_blocks for layer in _shown(layers, at))
    cursor = await conn.execute(
        load("tiles", "tile.sql")["stamp_and_cells" if from_blocks else "stamp"],
        {
            "firsts": [first for first, _ in ranges],
            "lasts": [last for _, last in ranges],
            "communes": any(layer.name == "communes" for layer in layers),
        },
        prepare=True,
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an aggregate answers one row
    text, *cells = row
    revisions = dict(zip(*cells, strict=True)) if cells and cells[0] else {}
    if at.z < CELL_ZOOM and revisions:
        near = {key(column, row) for column, row in encode.cells_of(at.z, at.x, at.y)}
        revisions = {one: revision for one, revision in revisions.items() if one in near}
    return Stamp(f"{ENCODING}.{text}", revisions)


async def build(
    pool: AsyncConnectionPool, blocks: Blocks, layers: Sequence[Layer], at: Address, stamped: Stamp
) -> bytes:
    """The tile as Mapbox Vector Tile bytes, no older than its stamp; empty where it shows nothing. Layers above their
    first zoom are left out."""
    shown = _shown(layers, at)
    parts = []
    by_statement = {layer.name for layer in shown if not layer.from_blocks}
    if by_statement:
        flags = {name: name in by_statement for name, layer in LAYERS.items() if not layer.from_blocks}
        async with pool.connection() as conn:
            cursor = await conn.execute(
                load("tiles", "tile.sql")["tile"], {"z": at.z, "x": at.x, "y": at.y, **flags}, prepare=True
            )
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - the statement answers one row
        parts.append(bytes(row[0]))
    names = [layer.name for layer in shown if layer.from_blocks]
    if names and stamped.revisions:
        got = await blocks.of(stamped.revisions)
        cells = {place(one): block for one, block in sorted(got.items())}
        if at.z < _BESIDE_BELOW or not all(block.has_for(names) for block in cells.values()):
            parts.append(await asyncio.to_thread(encode.layers, names, cells, at.z, at.x, at.y))
        else:
            parts.append(encode.layers(names, cells, at.z, at.x, at.y))
    return b"".join(parts)


def _shown(layers: Sequence[Layer], at: Address) -> list[Layer]:
    return [layer for layer in layers if layer.min_zoom <= at.z]


async def extent(conn: AsyncConnection[TupleRow]) -> list[float] | None:
    """West, south, east, north of the map in degrees (WGS84); None while the register is empty."""
    row = await (await conn.execute(load("tiles", "tile.sql")["extent"])).fetchone()
    return None if row is None else row[0]
