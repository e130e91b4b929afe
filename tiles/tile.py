"""One tile of the map, and its stamp, which tells whether it changed without building it."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from geo.cells import place, stamp_ranges
from register.errors import NotFoundError
from register.statements import load
from tiles import encode
from tiles.blocks import Blocks
from tiles.layers import LAYERS, MAX_ZOOM, Layer
from tiles.low.areas import grain_m
from tiles.low.store import drawn
from tiles.outlines import CELL_BITS
from tiles.pieces import Body, Piece
from tiles.revisions import Revisions

ENCODING = 8
"""Part of every stamp: raised when the same data would give other bytes."""

BY_STATEMENT = tuple(
    name for name, layer in LAYERS.items() if not layer.from_blocks and layer.max_zoom > layer.generalised_to
)
"""Layers that `tile` in tile.sql makes where they are not generalised."""

_BESIDE_BELOW = 16
"""Tiles above this zoom are large: they are encoded beside the event loop."""

_MOST_BOXES = 64
_WHOLE_CELL = (0, 0, (1 << CELL_BITS) - 1, (1 << CELL_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Address:
    """Place of a tile in the web map scheme (XYZ): row 0 is the northernmost."""

    z: int
    x: int
    y: int


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A state of the map, as `?v=` names it: of the encoding, the last correction (its place in the feed), the units."""

    encoding: int
    seq: int
    units: int

    def __str__(self) -> str:
        return f"{self.encoding}.{self.seq}.{self.units}"


def address(z: int, x: int, y: int) -> Address:
    """The address of a tile that exists. Raises: NotFoundError."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFoundError(
            f"There is no tile {z}/{x}/{y}: zooms are 0 to {MAX_ZOOM}, columns and rows 0 to 2^z - 1.",
            f"Không có ô bản đồ {z}/{x}/{y}: mức thu phóng từ 0 đến {MAX_ZOOM}, cột và hàng từ 0 đến 2^z - 1.",
        )
    return Address(z, x, y)


def stamp(now: Revisions, layers: Sequence[Layer], at: Address) -> str:
    """Text that differs whenever a correction may have changed the tile; equal on every server of one register."""
    count, total, last = now.of(
        stamp_ranges(at.z, at.x, at.y)
    )  # the last one may have moved a sheet's number alone
    units = f".{now.units}" if any(layer.from_units for layer in layers) else ""
    return f"{ENCODING}.{count}.{total}.{last}{units}"


async def same(
    blocks: Blocks, layers: Sequence[Layer], at: Address, told: str, revisions: Mapping[int, int]
) -> bool:
    """Whether a tile with the stamp `told` shows what it would if it were made now: what changed in its cell since lies
    elsewhere. False where that is not known, as of layers that are not made from blocks."""
    if not _follows_from_cell(layers, at, revisions):
        return False
    await blocks.of(revisions)
    return _same(blocks, at, told, revisions)


def same_at_hand(
    blocks: Blocks, layers: Sequence[Layer], at: Address, told: str, revisions: Mapping[int, int]
) -> bool:
    """The same, without waiting: False too where the block is not at hand as it is now."""
    return (
        _follows_from_cell(layers, at, revisions)
        and blocks.are_at_hand(revisions)
        and _same(blocks, at, told, revisions)
    )


def _follows_from_cell(layers: Sequence[Layer], at: Address, revisions: Mapping[int, int]) -> bool:
    return bool(revisions) and encode.are_local([layer.name for layer in shown(layers, at.z)], at.z)


def _same(blocks: Blocks, at: Address, told: str, revisions: Mapping[int, int]) -> bool:
    (cell,) = revisions
    encoding, _, revision = told.split(".")[:3]
    return int(encoding) == ENCODING and blocks.same_since(
        cell, int(revision), encode.reach(at.z, at.x, at.y)
    )


def changed_since(blocks: Blocks, cell: int, revision: int, zooms: Iterable[int]) -> Iterator[Address]:
    """Tiles of some zooms from 14 on, in a map cell, in which a change since a revision of it is seen, each once; all of them
    where the block at hand does not know or too much changed."""
    boxes = blocks.changed_since(cell, revision)
    where = [_WHOLE_CELL] if boxes is None or len(boxes) > _MOST_BOXES else boxes.tolist()
    column, row = place(cell)
    for z in zooms:
        for x, y in sorted({one for box in where for one in encode.showing(box, z, column, row)}):
            yield Address(z, x, y)


def version(now: Revisions, layers: Sequence[Layer], at: Address) -> Version:
    """Since when the tile is as it is: the last correction near it, and how often units had changed where it shows them."""
    _, _, last = now.of(stamp_ranges(at.z, at.x, at.y))
    return Version(ENCODING, last, now.units if any(layer.from_units for layer in layers) else 0)


def cells(now: Revisions, layers: Sequence[Layer], at: Address) -> dict[int, int]:
    """Revisions by key of the cells whose blocks the tile is made from: what `build` must not be older than."""
    if not any(layer.from_blocks for layer in shown(layers, at.z)):
        return {}
    return now.cells(at.z, at.x, at.y)


async def build(
    pool: AsyncConnectionPool,
    blocks: Blocks,
    layers: Sequence[Layer],
    at: Address,
    revisions: Mapping[int, int],
    *,
    keep: bool = True,
    beside: bool = False,
) -> Body:
    """The tile as Mapbox Vector Tile bytes, in pieces, no older than `revisions` of its cells (`cells`); empty where it shows
    nothing. Layers above their first zoom are left out. keep: whether pieces are kept, for when the map has changed.
    beside: nobody waits, the event loop is not to be held up."""
    there = shown(layers, at.z)
    parts: list[Piece | bytes] = []
    by_statement = by_statements(there, at.z)
    if by_statement:
        flags = {name: name in by_statement for name in BY_STATEMENT}
        async with pool.connection() as conn:
            cursor = await conn.execute(
                load("tiles", "tile.sql")["tile"], {"z": at.z, "x": at.x, "y": at.y, **flags}, prepare=True
            )
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - the statement answers one row
        parts.append(bytes(row[0]))
    if far := [layer.name for layer in there if layer.generalised(at.z)]:
        parts.append(await drawn(pool, blocks, far, at.z, at.x, at.y))
    names = [layer.name for layer in there if layer.from_blocks]
    if names and revisions:
        got = await blocks.of(revisions)
        cells = {place(one): block for one, block in sorted(got.items())}
        quick = at.z >= _BESIDE_BELOW and all(block.has_for(names) for block in cells.values())
        if not beside and (quick or encode.are_at_hand(names, cells, at.z, at.x, at.y)):
            parts += encode.pieces(names, cells, at.z, at.x, at.y, keep=keep)
        else:
            parts += await asyncio.to_thread(encode.pieces, names, cells, at.z, at.x, at.y, keep=keep)
    return parts


def shown(layers: Sequence[Layer], z: int) -> list[Layer]:
    """Those of the layers that have content at a zoom."""
    return [layer for layer in layers if layer.min_zoom <= z <= layer.max_zoom]


def by_statements(layers: Sequence[Layer], z: int) -> set[str]:
    """Those of the layers that a statement makes at a zoom."""
    return {layer.name for layer in layers if layer.name in BY_STATEMENT and not layer.generalised(z)}


def generalised(layers: Sequence[Layer], z: int) -> str:
    """What of a tile is generalised, and to squares of how many metres on the map; empty where it shows all there is."""
    return ", ".join(
        f"{layer.name}; grain_m={grain_m(z)}" for layer in shown(layers, z) if layer.generalised(z)
    )


async def drafts(conn: AsyncConnection[TupleRow]) -> str:
    """Text that differs whenever a draft changed."""
    row = await (await conn.execute(load("tiles", "tile.sql")["drafts"], prepare=True)).fetchone()
    return "" if row is None else str(row[0])


async def extent(conn: AsyncConnection[TupleRow]) -> list[float] | None:
    """West, south, east, north of the map in degrees (WGS84); None while the register is empty."""
    row = await (await conn.execute(load("tiles", "tile.sql")["extent"])).fetchone()
    return None if row is None else row[0]
