"""One tile of the map, and its stamp, which tells whether it changed without building it."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.cells import stamp_ranges
from register.errors import NotFoundError
from register.statements import load
from tiles.layers import LAYERS, MAX_ZOOM, Layer

ENCODING = 2
"""Part of every stamp: raised when the same data would give other bytes."""


@dataclass(frozen=True, slots=True)
class Address:
    """Place of a tile in the web map scheme (XYZ): row 0 is the northernmost."""

    z: int
    x: int
    y: int


def address(z: int, x: int, y: int) -> Address:
    """The address of a tile that exists. Raises: NotFoundError."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFoundError(
            f"There is no tile {z}/{x}/{y}: zooms are 0 to {MAX_ZOOM}, columns and rows 0 to 2^z - 1.",
            f"Không có ô bản đồ {z}/{x}/{y}: mức thu phóng từ 0 đến {MAX_ZOOM}, cột và hàng từ 0 đến 2^z - 1.",
        )
    return Address(z, x, y)


async def stamp(conn: AsyncConnection[TupleRow], layers: Sequence[Layer], at: Address) -> str:
    """Text that differs whenever a correction may have changed the tile; equal on every server of one register."""
    ranges = stamp_ranges(at.z, at.x, at.y)
    cursor = await conn.execute(
        load("tiles", "tile.sql")["stamp"],
        {
            "firsts": [first for first, _ in ranges],
            "lasts": [last for _, last in ranges],
            "communes": any(layer.name == "communes" for layer in layers),
        },
        prepare=True,
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an aggregate answers one row
    return f"{ENCODING}.{row[0]}"


async def build(conn: AsyncConnection[TupleRow], layers: Sequence[Layer], at: Address) -> bytes:
    """The tile as Mapbox Vector Tile bytes; empty where it shows nothing. Layers above their first zoom are left out."""
    shown = {layer.name for layer in layers if layer.min_zoom <= at.z}
    if not shown:
        return b""
    flags = {name: name in shown for name in LAYERS}
    cursor = await conn.execute(
        load("tiles", "tile.sql")["tile"], {"z": at.z, "x": at.x, "y": at.y, **flags}, prepare=True
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the statement answers one row
    return bytes(row[0])


async def extent(conn: AsyncConnection[TupleRow]) -> list[float] | None:
    """West, south, east, north of the map in degrees (WGS84); None while the register is empty."""
    row = await (await conn.execute(load("tiles", "tile.sql")["extent"])).fetchone()
    return None if row is None else row[0]
