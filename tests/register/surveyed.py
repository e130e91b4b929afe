"""Surveys as if they had been read and checked: put into the register without a file that anyone parses."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
import pyarrow as pa
import shapely
from psycopg import AsyncConnection

from importers.examination import PLOT_SCHEMA
from register.connect import connect, search_path
from register.files import keep
from register.survey_runs import NotRead, begin, finish, versions
from register.surveys import Original, add
from tests.register.handed_in import COMMUNE, EPSG


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of a survey; `match` is the code of the parcel it measures anew."""

    number: str | None
    shape: shapely.Polygon
    match: str | None = None
    sheet: str | None = "1"
    land_use: str | None = None
    legal_area_m2: float | None = None
    kind: str = "parcel"


async def _add(conninfo: str, content: bytes, asked: Mapping[str, Any]) -> tuple[str, int]:
    run = 0

    async def enqueue(_conn: object, _survey: int, number: int) -> None:
        nonlocal run
        run = number

    async with await AsyncConnection.connect(conninfo, options=search_path("register")) as conn:
        digest = sha256(content).digest()
        await keep(conn, digest, len(content), io.BytesIO(content))
        key, _ = await add(conn, [Original("a.dxf", digest, len(content))], asked, None, enqueue)
    return key, run


def accepted(conninfo: str, plots: Sequence[Plot], epsg: int = EPSG, stops: int = 0, **asked: object) -> str:
    """Key of a survey of these plots whose check is through; with `stops` it is returned."""
    said = {"commune": COMMUNE} | asked
    with ThreadPoolExecutor(1) as thread:  # a loop of the browser tests may run in this one
        added = _add(conninfo, repr((plots, epsg, stops)).encode(), said)
        key, run = thread.submit(asyncio.run, added).result()
    rows = [
        {"file": "a.dxf", "record": f"#{n}", "kind": p.kind, "sheet": p.sheet, "number": p.number, "match": p.match,
         "land_use": p.land_use, "legal_area_m2": p.legal_area_m2, "shape": shapely.to_wkb(p.shape)}
        for n, p in enumerate(plots, 1)
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=PLOT_SCHEMA)
    outcome = NotRead((), {"json": b"{}"}, "", plots=table, epsg=epsg, stops=stops)
    with connect(conninfo, autocommit=True) as conn:
        begun = begin(conn, run)
        assert begun is not None
        with conn.transaction():
            finish(conn, begun, outcome, versions(conn, table), "tests")
    return key


def present(conn: psycopg.Connection) -> list[tuple[Any, ...]]:
    """All that the register says of parcels, and how often it was corrected."""
    tables = ("parcel", "parcel_version", "parcel_address", "defect", "map_cell")
    rows = [conn.execute(f"select * from {table} order by 1, 2").fetchall() for table in tables]  # type: ignore[call-overload]
    applied = conn.execute("select count(*) from correction where state = 'applied'").fetchall()
    return [*rows, applied]
