"""Parcels handed in by tests: the shape in which every reader gives them, from a few boxes."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import psycopg
import pyarrow as pa
import shapely

from geo.finding import Finding
from register.receive import Receipt, receive

COMMUNE, EPSG = "20194", 5899
EAST, NORTH = 548_000.0, 1_777_000.0
DAY = date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class Lot:
    """A parcel in metres from the corner (EAST, NORTH)."""

    number: str
    shape: shapely.Polygon
    sheet: str = "1"
    land_use: str = "ODT"
    legal_area_m2: float | None = None
    code: str | None = None
    address: str | None = None
    commune: str = COMMUNE
    postcode: str | None = None


def lot(number: str, x0: float, y0: float, x1: float, y1: float, **more: object) -> Lot:
    """A rectangular parcel."""
    return Lot(number, shapely.box(x0, y0, x1, y1), **more)  # type: ignore[arg-type]


def batch(lots: Sequence[Lot]) -> pa.RecordBatch:
    """`lots` in the columns of `importers.draft.DRAFT_SCHEMA`."""
    shapes = [shapely.affinity.translate(shapely.normalize(one.shape), EAST, NORTH) for one in lots]
    shapes = [shapely.set_precision(shapely.orient_polygons(shape), 0.001) for shape in shapes]

    def text(values: list[str | None]) -> pa.Array:
        return pa.array(values, pa.string())

    n = len(lots)
    return pa.record_batch(
        {
            "file": text(["test.csv"] * n),
            "record": pa.array(range(1, n + 1), pa.int64()),
            "epsg": pa.array(np.full(n, EPSG, np.int32)),
            "commune": text([one.commune for one in lots]),
            "sheet": text([one.sheet for one in lots]),
            "number": text([one.number for one in lots]),
            "scale": pa.nulls(n, pa.int32()),
            "map_set": pa.nulls(n, pa.string()),
            "land_use": text([one.land_use for one in lots]),
            "legal_area_m2": pa.array([one.legal_area_m2 for one in lots], pa.float64()),
            "code": text([one.code for one in lots]),
            "address": text([one.address for one in lots]),
            "house": pa.nulls(n, pa.string()),
            "street": pa.nulls(n, pa.string()),
            "hamlet": pa.nulls(n, pa.string()),
            "postcode": text([one.postcode for one in lots]),
            "shape": pa.array(shapely.to_wkb(shapes), pa.binary()),
        }
    )


@dataclass(slots=True)
class HandedIn:
    """What a reader gives for `lots`, in batches of `size`."""

    lots: Sequence[Lot]
    size: int = 1000
    salt: str = ""
    addresses: Sequence[tuple[str, str, str | None, str | None]] = ()
    findings: list[Finding] = field(default_factory=list)
    read: int = 0

    @property
    def content_hash(self) -> bytes:
        return hashlib.sha256((self.salt + repr((self.lots, self.addresses))).encode()).digest()

    @property
    def files(self) -> Sequence[tuple[str, bytes, int]]:
        return [("test.csv", self.content_hash, 1)]

    def batches(self) -> Iterator[pa.RecordBatch]:
        for first in range(0, len(self.lots), self.size):
            part = self.lots[first : first + self.size]
            self.read += len(part)
            yield batch(part)

    def address_batches(self) -> Iterator[pa.RecordBatch]:
        rows = [(f"list.csv#{n}", COMMUNE, *row) for n, row in enumerate(self.addresses, 1)]
        names = ["record", "commune", "sheet", "number", "address", "postcode"]
        if rows:
            yield pa.record_batch(
                [pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names
            )


def hand_in(
    conn: psycopg.Connection,
    *lots: Lot,
    salt: str = "",
    addresses: Sequence[tuple[str, str, str | None, str | None]] = (),
) -> Receipt:
    """The receipt for `lots` and `addresses` (sheet, number, text, postcode) imported in one transaction."""
    with conn.transaction():
        return receive(conn, HandedIn(lots, salt=salt, addresses=addresses), "tester", DAY)


def current(conn: psycopg.Connection) -> dict[str, tuple[str, str, str, bytes]]:
    """The present by code: sheet, number, land use, shape."""
    rows = conn.execute(
        "select v.code, s.number, v.number, v.land_use, st_asbinary(v.shape) from parcel_version v "
        "join sheet s on s.id = v.sheet where v.closed_by is null"
    )
    return {code: (sheet, number, use, bytes(shape)) for code, sheet, number, use, shape in rows}
