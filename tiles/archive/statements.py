"""Layers of an archive that a statement draws: of today by the map's own, of a moment of the past by that of `tiles.past`."""

from collections.abc import Collection, Sequence
from typing import Any

import psycopg
import shapely

from geo.web_map import WORLD_M
from register.statements import load
from tiles.archive.order import Order
from tiles.layers import LAYERS
from tiles.past import outline_of, parameters
from tiles.tile import BY_STATEMENT, by_statements


class Statements:
    """What statements draw of the tiles in and under one tile, which they are asked for once where they are of the past."""

    def __init__(self, conn: psycopg.Connection, order: Order, z: int, x: int, y: int) -> None:
        self._cursor = conn.cursor(binary=True)
        self._order = order
        self._sheets: Sequence[Sequence[Any]] = ()
        self._grounds: dict[int, tuple[bytes, tuple[float, ...]]] = {}
        now = conn.execute(load("tiles.archive", "archive.sql")["now"]).fetchone()
        # of today it is what it was when the order was begun, too: the register may have gone on
        self._past = order.past or (now is not None and now[0] != order.seq)
        self._moment = {"seq": order.seq, "day": order.day}
        wanted = {"communes", "sheets"} & set(order.layers)
        if not self._past or not wanted:
            return
        sql = load("tiles", "past.sql")
        self._sheets = self._cursor.execute(
            sql["sheets"], {**self._moment, "z": z, "x": x, "y": y}
        ).fetchall()
        for sheet in (sheet for sheet, _, changed in self._sheets if changed):
            ground = self._cursor.execute(sql["ground"], {**self._moment, "sheet": sheet}).fetchall()
            outline = outline_of(ground)
            self._grounds[sheet] = outline, shapely.from_wkb(outline).bounds

    def tiles(self, z: int, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The layers of some tiles of a zoom; those that are empty are left out."""
        here = by_statements([LAYERS[name] for name in self._order.names(z, from_blocks=False)], z)
        drawn = {}
        for x, y in places if here else ():
            at = {"z": z, "x": x, "y": y}
            if body := self._then(here, at) if self._past else self._now(here, at):
                drawn[x, y] = body
        return drawn

    def _now(self, names: Collection[str], at: dict[str, int]) -> bytes:
        flags = {name: name in names for name in BY_STATEMENT}
        return self._one(load("tiles", "tile.sql")["tile"], {**at, **flags})

    def _then(self, names: Collection[str], at: dict[str, int]) -> bytes:
        west, south, east, north = _wide(**at)
        outlines: list[bytes | None] = []
        near = []
        for row in self._sheets:
            outline, bounds = self._grounds.get(row[0], (None, None))
            if bounds and (bounds[0] > east or bounds[2] < west or bounds[1] > north or bounds[3] < south):
                continue
            near.append(row)
            outlines.append(outline)
        values = {**at, **self._moment, **parameters(near, outlines, names)}
        return self._one(load("tiles", "past.sql")["tile"], values)

    def _one(self, statement: str, values: dict[str, object]) -> bytes:
        row = self._cursor.execute(statement, values).fetchone()
        assert row is not None  # noqa: S101 - it always answers one row
        return bytes(row[0])


def _wide(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile with its buffer, EPSG:3857."""
    size, buffer = WORLD_M / (1 << z), WORLD_M / (1 << z) / 64
    west, north = x * size - WORLD_M / 2, WORLD_M / 2 - y * size
    return west - buffer, north - size - buffer, west + size + buffer, north + buffer
