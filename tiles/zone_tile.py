"""Tiles in VN-2000: the grid of a zone, where a corner stands at its surveyed metre and straight edges are straight.

Programs of surveyors read them (OpenLayers, QGIS plug-ins); the page has the web map. They come by statement, not from blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.cells import box_ranges
from geo.tile_matrix import TileMatrixSet, web_box
from register.errors import NotFoundError
from register.statements import load
from tiles.layers import LAYERS, Layer
from tiles.revisions import Revisions
from tiles.tile import ENCODING

LEVELS_BEFORE = 5
"""The tile of level n covers about what one of zoom n + 5 does."""
IN_ZONES: Sequence[Layer] = tuple(LAYERS[name] for name in ("sheets", "parcels", "labels"))
"""The layers there are in a zone's grid."""

_BUFFER = 64 / 4096

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ZoneTile:
    """A tile of a zone's grid. box: west, south, east, north, metres of the zone; web: around it with its buffer."""

    grid: TileMatrixSet
    level: int
    box: Box
    web: Box


def zone_tile(grid: TileMatrixSet, level: int, column: int, row: int) -> ZoneTile:
    """The tile in this place. Raises: NotFoundError where there is none."""
    try:
        box = west, south, east, north = grid.bounds(level, column, row)
    except ValueError:
        raise NotFoundError(
            f"{grid.identity} has no tile {level}/{row}/{column}: there are levels 0 to {grid.levels - 1}, "
            f"rows 0 to {grid.rows} · 2^level - 1, columns 0 to 2^level - 1.",
            f"{grid.identity} không có ô {level}/{row}/{column}: mức từ 0 đến {grid.levels - 1}, "
            f"hàng từ 0 đến {grid.rows} · 2^mức - 1, cột từ 0 đến 2^mức - 1.",
        ) from None
    wide = (east - west) * _BUFFER
    return ZoneTile(
        grid, level, box, web_box(grid.epsg, west - wide, south - wide, east + wide, north + wide)
    )


def stamp(now: Revisions, at: ZoneTile) -> str:
    """Text that differs whenever a correction may have changed the tile."""
    count, total, _ = now.of(box_ranges(*at.web))
    return f"{ENCODING}.{count}.{total}"


async def build(conn: AsyncConnection[TupleRow], layers: Sequence[Layer], at: ZoneTile) -> bytes:
    """The tile as Mapbox Vector Tile bytes; layers above their first level are left out."""
    west, south, east, north = at.box
    web_west, web_south, web_east, web_north = at.web
    shown = {layer.name for layer in layers if layer.min_zoom - LEVELS_BEFORE <= at.level}
    if not shown:
        return b""
    cursor = await conn.execute(
        load("tiles", "zone_tile.sql")["tile"],
        {
            "epsg": at.grid.epsg, "west": west, "south": south, "east": east, "north": north,
            "web_west": web_west, "web_south": web_south, "web_east": web_east, "web_north": web_north,
            **{layer.name: layer.name in shown for layer in IN_ZONES},
        },
        prepare=True,
    )  # fmt: skip
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the statement answers one row
    return bytes(row[0])


async def zones(conn: AsyncConnection[TupleRow]) -> list[int]:
    """EPSG codes of the zones the sheets of the register are surveyed in."""
    return [
        epsg for (epsg,) in await (await conn.execute(load("tiles", "zone_tile.sql")["zones"])).fetchall()
    ]
