"""Files of addresses in tests: rows from a few words, brought in, and what came of them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa

from geo import crs
from geo.finding import Finding
from importers.address_files.rows import ADDRESS_FILE_SCHEMA
from register.address_match.bring import AddressReceipt, bring, report_rows
from register.address_match.rows import Defaults
from tests.register.handed_in import EAST, EPSG, NORTH

LAW = date(2026, 5, 1)


def at(x: float, y: float) -> dict[str, float]:
    """A position in metres from the corner of the test parcels, as a reader gives it."""
    lon, lat = crs.to_wgs84(EPSG, [EAST + x], [NORTH + y])
    return {"lon_deg": float(lon[0]), "lat_deg": float(lat[0])}


@dataclass(slots=True)
class AddressFile:
    """What a reader gives for `rows`, by names of the schema."""

    rows: Sequence[dict[str, Any]]
    findings: list[Finding] = field(default_factory=list)
    read: int = 0

    @property
    def content_hash(self) -> bytes:
        return hashlib.sha256(repr(self.rows).encode()).digest()

    @property
    def files(self) -> Sequence[tuple[str, bytes, int]]:
        return [("a.csv", self.content_hash, 1)]

    def batches(self) -> Iterator[pa.RecordBatch]:
        for first in range(0, len(self.rows), 20_000):
            part = self.rows[first : first + 20_000]
            named = [{"record": f"a.csv#{first + n}", **row} for n, row in enumerate(part, 1)]
            self.read += len(part)
            yield pa.RecordBatch.from_pylist(named, schema=ADDRESS_FILE_SCHEMA)


def brought(
    conn: psycopg.Connection, *rows: dict[str, Any], day: date = LAW, **defaults: Any
) -> tuple[AddressReceipt, list[dict[str, Any]]]:
    """The receipt of rows, and the report on each."""
    with conn.transaction():
        receipt = bring(conn, AddressFile(rows), "văn phòng", day, Defaults(**defaults))
        told = list(report_rows(conn))
    conn.commit()
    assert receipt.counts.adds_up()
    assert [row["n"] for row in told] == list(range(1, len(rows) + 1))
    return receipt, told


def outcomes(told: Sequence[dict[str, Any]]) -> list[str]:
    """Outcome and rule of each row."""
    return [f"{row['outcome']} {row['rule']}" for row in told]


def addresses(conn: psycopg.Connection) -> set[tuple[str, str, str, str | None, bool]]:
    """Current links: parcel number, scheme, code, text, main; without those that follow from the parcel's point."""
    rows = conn.execute(
        "select v.number, a.scheme, a.code, a.text, l.main from parcel_address l join address a on a.id = l.address "
        "join parcel_version v on v.code = l.code and v.closed_by is null "
        "where l.closed_by is null and (a.text is not null or a.scheme not in ('olc', 'vpostcode'))"
    )
    return {
        (number, scheme, code if scheme != "olc" else "", text, main)
        for number, scheme, code, text, main in rows
    }


def codes(conn: psycopg.Connection) -> dict[str, str]:
    """Code of each current parcel by its number."""
    return dict(conn.execute("select number, code from parcel_version where closed_by is null").fetchall())


def one_main_each(conn: psycopg.Connection) -> bool:
    """Whether each current parcel has one main address."""
    row = conn.execute(
        "select count(*) from parcel_version v where v.closed_by is null and 1 <> "
        "(select count(*) from parcel_address l where l.code = v.code and l.main and l.closed_by is null)"
    ).fetchone()
    return row == (0,)
