"""Tiles far out of a whole province: how long the longest of each zoom from 6 to 13 is, all layers a map shows in one.

A province has 2 million parcels on average (70 million in 34). A tile of zoom 10 must stay under 300 KB gzipped and say by
`Generalised` that it shows less than there is. Beside it what the first tile of a place and a kept one cost.

    .venv/bin/python -m tests.bench tiles-far
"""

import gzip
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg

from cli.tuning import available_memory_mb, block_bytes
from geo.web_map import WORLD_M
from importers.sample.fabric import write_fabric
from register.connect import connect
from tests.bench.serving import filled, our_server
from tests.bench.tiles_uncached import spread
from tiles.layers import AREAS_ZOOM

PARCELS = int(os.environ.get("FABRIC", "2000000"))
LAYERS = "communes,sheets,land_use"
MOST_BYTES = 300_000

TILES = f"""
select distinct floor((st_x(anchor) / {WORLD_M} + 0.5) * 2 ^ %(z)s)::int,
    floor((0.5 - st_y(anchor) / {WORLD_M}) * 2 ^ %(z)s)::int
from parcel_version where closed_by is null order by 1, 2
"""
HELD = "select count(*) from parcel_version where closed_by is null and anchor && st_tileenvelope(%s, %s, %s)"


def run() -> int:
    """0 where no tile of zoom 10 is too long and all say that they are generalised, 1 where not."""
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as folder:
        fabric = Path(folder) / "fabric.gpkg"
        write_fabric(fabric, PARCELS)
        with filled([fabric]) as (conninfo, stored), connect(conninfo, autocommit=True) as conn:
            print(f"{stored:,} parcels", flush=True)
            blocks = block_bytes(available_memory_mb(), os.cpu_count() or 1)
            with our_server(conninfo, block_bytes=blocks) as port:
                longest, held, silent = measure(conn, f"http://127.0.0.1:{port}")
    print(
        f"tiles-far: {longest / 1000:.1f} KB gzipped at zoom 10 over {held:,} of {stored:,} parcels, {silent} tiles silent "
        f"on what they leave out (needs {MOST_BYTES // 1000} KB and 0 at {2_000_000:,} parcels)"
    )
    return 0 if longest <= MOST_BYTES and not silent else 1


def measure(conn: psycopg.Connection, url: str) -> tuple[int, int, int]:
    """Of the longest tile of zoom 10 the bytes and the parcels in it, and how many tiles do not say what they leave out."""
    silent, at_ten = 0, (0, 0)
    print(
        f"{'zoom':>5} {'tiles':>6} {'most bytes':>11} {'parcels in it':>14} {'first ms':>24} {'kept ms':>20}  says"
    )
    with httpx.Client(base_url=url, timeout=120) as client:
        for z in range(6, AREAS_ZOOM + 1):
            places = conn.execute(TILES, {"z": z}).fetchall()
            first, kept = (list(asked(client, z, places)) for _ in range(2))
            sizes = [len(gzip.compress(answer.content, 6)) for answer, _ in first]
            longest = max(range(len(sizes)), key=sizes.__getitem__)
            row = conn.execute(HELD, [z, *places[longest]]).fetchone()
            assert row is not None
            said = [answer.headers.get("generalised", "") for answer, _ in first]
            silent += said.count("")
            if z == 10:
                at_ten = sizes[longest], row[0]
            times = [spread([seconds for _, seconds in one]) for one in (first, kept)]
            print(
                f"{z:>5} {len(places):>6} {sizes[longest]:>11,} {row[0]:>14,} {times[0]:>24} {times[1]:>20}  {said[longest]}",
                flush=True,
            )
    return *at_ten, silent


def asked(
    client: httpx.Client, z: int, places: list[tuple[int, int]]
) -> Iterator[tuple[httpx.Response, float]]:
    """The tile of each place and the seconds it took."""
    for x, y in places:
        started = time.perf_counter()
        answer = client.get(f"/tiles/{LAYERS}/{z}/{x}/{y}.mvt").raise_for_status()
        yield answer, time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(run())
