"""100,000 addresses matched with 100,000 synthetic parcels and linked, against asking for each row by itself.

A third of the rows name their parcel by code, a third by commune, sheet and number, all have a point; one in fifty lies in
another parcel than it names, one in fifty in none. The peer asks the same questions (code, sheet and number, place) row by
row over prepared statements and links what they agree on by a correction each, for a sample of the same rows, in the same
run; its links are undone.

    .venv/bin/python -m tests.bench links
"""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa

from cli.bring import Choices, into_register
from cli.cluster import Cluster
from geo.finding import Finding
from importers.address_files.rows import ADDRESS_FILE_SCHEMA
from importers.sample.fabric import write_fabric
from register.address_match.bring import bring
from register.address_match.rows import Defaults
from register.apply import apply
from register.connect import connect
from register.correction import Correction
from register.links import LinkDrafts
from register.migrate import migrate
from register.revert import revert

PARCELS = 100_000
SAMPLE = 500
NEEDED = 20.0
DAY = date(2026, 1, 1)
_ROWS = """select v.code, u.code as commune, s.number as sheet, v.number, st_x(p) as lon, st_y(p) as lat, n
    from (select v.*, st_transform(v.anchor, 4326) as p, row_number() over (order by md5(v.code)) as n
          from parcel_version v where v.closed_by is null) v
    join sheet s on s.id = v.sheet join unit u on u.id = s.commune order by n"""
_BY_CODE = "select code from parcel_version where code = %s and closed_by is null"
_BY_NUMBER = """select v.code from unit u join sheet s on s.commune = u.id and s.number = %s
    join parcel_version v on v.sheet = s.id and v.number = %s and v.closed_by is null
    where u.code = %s and u.level = 'commune'"""
_BY_PLACE = """select code from parcel_version where closed_by is null
    and st_dwithin(web, st_transform(st_setsrid(st_makepoint(%s, %s), 4326), 3857), 0.02)"""


class _Rows:
    """What a reader would give."""

    content_hash = b"links"

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.findings: list[Finding] = []
        self.read = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        for first in range(0, len(self.rows), 20_000):
            part = self.rows[first : first + 20_000]
            self.read += len(part)
            yield pa.RecordBatch.from_pylist(part, schema=ADDRESS_FILE_SCHEMA)


def made(conn: psycopg.Connection) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The rows, and what they must come to."""
    parcels = conn.execute(_ROWS).fetchall()
    rows, wanted = [], {"linked": 0, "conflicting": 0, "outside": 0}
    for k, (code, commune, sheet, number, lon, lat, n) in enumerate(parcels):
        row: dict[str, Any] = {
            "record": f"a.csv#{n}",
            "text": f"{n} Đường Hàm Nghi",
            "lon_deg": lon,
            "lat_deg": lat,
        }
        outcome = "linked"
        if k % 3 == 0:
            row["code"] = code
        elif k % 3 == 1:
            row |= {"commune": commune, "sheet": sheet, "number": number}
        if k % 50 == 7 and k % 3 != 2:
            row |= {"lon_deg": parcels[k - 1][4], "lat_deg": parcels[k - 1][5]}
            outcome = "conflicting"
        elif k % 50 == 9:
            row |= {"lon_deg": lon, "lat_deg": 7.5}
            outcome = "outside"
        wanted[outcome] += 1
        rows.append(row)
    return rows, wanted


def one_by_one(conn: psycopg.Connection, rows: list[dict[str, Any]]) -> float:
    """Seconds to look these rows up, and link them, one after the other."""
    begun = time.perf_counter()
    with conn.transaction(force_rollback=True):
        for row in rows:
            found = []
            if "code" in row:
                found.append(conn.execute(_BY_CODE, [row["code"]], prepare=True).fetchall())
            if "number" in row:
                key = [row["sheet"], row["number"], row["commune"]]
                found.append(conn.execute(_BY_NUMBER, key, prepare=True).fetchall())
            found.append(conn.execute(_BY_PLACE, [row["lon_deg"], row["lat_deg"]], prepare=True).fetchall())
            agreed = set.intersection(*(set(one) for one in found))
            if len(agreed) == 1:
                [(code,)] = agreed
                link = {"parcel": code, "text": row["text"], "main": True}
                apply(conn, Correction("address", "bench", DAY), LinkDrafts([link], []))
    return time.perf_counter() - begun


def run() -> int:
    """0 where all rows come to what they must and the bar holds."""
    cluster = Cluster(Path(f"/var/tmp/diachinh-bench-{os.geteuid()}"))  # noqa: S108 - the cluster refuses a stranger's folder
    with cluster, tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            server.execute("drop database if exists bench_links with (force)")
            server.execute("create database bench_links")
        conninfo = cluster.conninfo("bench_links")
        with connect(conninfo) as conn:
            migrate(conn)
        path = Path(scratch) / "fabric.gpkg"
        write_fabric(path, PARCELS)
        into_register([path], conninfo, "register", "bench", Choices(effective_on=date(2025, 1, 1)))
        with connect(conninfo, autocommit=True) as conn:
            conn.execute("vacuum analyze")
            rows, wanted = made(conn)
            peer_s = one_by_one(conn, rows[:SAMPLE]) * len(rows) / SAMPLE
            begun = time.perf_counter()
            with conn.transaction():
                receipt = bring(conn, _Rows(rows), "bench", DAY, Defaults())
            first_s = time.perf_counter() - begun
            begun = time.perf_counter()
            with conn.transaction():
                again = bring(conn, _Rows(rows), "bench", DAY, Defaults())
            again_s = time.perf_counter() - begun
            begun = time.perf_counter()
            with conn.transaction():
                revert(conn, receipt.correction or 0, "bench")
            undo_s = time.perf_counter() - begun
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            server.execute("drop database bench_links with (force)")
    told = {name: getattr(receipt.counts, name) for name in wanted}
    right = told == wanted and receipt.counts.adds_up() and again.correction is None
    print(
        f"came to {told}, must come to {wanted}; again: {'nothing' if again.correction is None else 'changes'}"
    )
    ratio = peer_s / first_s
    print(
        f"links: {len(rows):,} rows matched and linked in {first_s:.1f} s, again {again_s:.1f} s, undone {undo_s:.1f} s, "
        f"{ratio:.1f}x as fast as row by row ({peer_s:.0f} s) (needs >= {NEEDED}x)"
    )
    return 0 if right and ratio >= NEEDED else 1
