"""Uncached tiles, zoom 12 to 18, random views, 8 clients: this server against tipg and against the plain statement.

Of zooms 12 and 13 ours are areas of land use, the peers' all parcels: what an open map gets there.
The plain statement is ST_AsMVT(ST_AsMVTGeom(ST_Transform(shape, 3857))) over the register's VN-2000 shapes, with the same
attributes, sent by 8 clients over connections of their own with the statement prepared. tipg gets a web-mercator view, our
buffer and no limit. All are uncompressed. No finished tile is kept by anyone, nor part of one (runs of features); our decoded
blocks are in memory, and what a process costs that has none yet is told apart. After corrections the first tile, block brought
up to date, is timed beside the plain statement.

    .venv/bin/python -m tests.bench tiles-uncached
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import mapbox_vector_tile
import psycopg

from cli.tuning import available_memory_mb, block_bytes
from register.apply import apply
from register.connect import READER, connect, search_path
from register.correction import Correction
from register.edits.ground import Ground
from register.edits.intents import INTENT
from register.edits.plan import plan
from register.edits.staged import StagedDrafts, kept
from tests.bench.serving import filled, our_server, two_sets
from tests.bench.tiles_first import PEER_SCHEMA, peer_view, random_views, tipg
from tests.bench.wire import Answer, load
from tiles.layers import AREAS_ZOOM

ROUNDS = 3
CLIENTS = 8
TILES = {12: 2, 13: 4, 14: 16, 15: 16, 16: 64, 17: 64, 18: 64}
BARS = {14: (10.0, 15.0), 16: (10.0, 8.0)}
PLAIN = """
select st_asmvt(f, 'parcels', 4096, 'geom', 'id') from (
    select v.id, v.code, v.number, v.land_use,
           st_asmvtgeom(st_transform(v.shape, 3857), st_tileenvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) as geom
    from parcel_version v
    where v.web && st_tileenvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) and v.closed_by is null
) f
"""

Places = dict[int, list[tuple[int, int]]]


def run() -> int:
    """0 where every bar holds, 1 where not."""
    held = []
    for name, files in two_sets():
        with filled(files) as (conninfo, stored):
            print(f"--- {name}: {stored:,} parcels", flush=True)
            held.append((name, *one_register(conninfo)))
    said = "; ".join(f"{name}: {text}" for name, text, _ in held)
    good = all(ok for _, _, ok in held)
    needs = ", ".join(
        f"z{z} {peer:g}x tipg and {plain:g}x the statement" for z, (peer, plain) in BARS.items()
    )
    print(
        f"tiles-uncached: {said} (needs {needs}, and the first tile after a correction no later than the statement's)"
    )
    return 0 if good else 1


def one_register(conninfo: str) -> tuple[str, bool]:
    """Measure one register; the figures in a line, and whether the bars hold."""
    with connect(conninfo, autocommit=True) as conn:
        views = {z: places[: TILES[z]] for z, places in random_views(conn).items()}
        peer_view(conn)
        blocks = block_bytes(available_memory_mb(), os.cpu_count() or 1)  # as `diachinh serve` has them
        with our_server(conninfo, tile_bytes=0, block_bytes=blocks) as ours, tipg(conninfo) as theirs:
            cold(ours, views[14])
            text, good = compare(conninfo, views, ours, theirs)
            late, in_time = after_corrections(conn, ours, views)
    return f"{text}, {late}", good and in_time


def cold(port: int, places: list[tuple[int, int]]) -> None:
    """What the first tile of a cell costs a process that has no block of it: none kept at all, then kept ones."""
    path = "/tiles/parcels/14/{}/{}.mvt".format
    seen = list(dict.fromkeys(places))
    asyncio.run(load("127.0.0.1", port, [path(0, 0)], 1))
    _, answers = asyncio.run(load("127.0.0.1", port, [path(x, y) for x, y in seen], 1))
    told = spread([a.seconds for a in answers])
    print(f"cold, nothing kept: z14 {told} ms (first build of each block)", flush=True)


def compare(conninfo: str, views: Places, ours: int, theirs: int) -> tuple[str, bool]:
    """Run the rounds in turns, print the table; the figures of the bars, and whether they hold."""
    paths: dict[str, Callable[..., str]] = {
        "ours": lambda z, x, y: f"/tiles/{'parcels' if z > AREAS_ZOOM else 'land_use'}/{z}/{x}/{y}.mvt",
        "tipg": f"/collections/{PEER_SCHEMA}.parcels/tiles/WebMercatorQuad/{{}}/{{}}/{{}}".format,
    }
    took: dict[str, dict[int, list[float]]] = {}
    each: dict[str, dict[int, list[float]]] = {}
    size: dict[str, dict[int, int]] = {}
    for number in range(ROUNDS + 1):
        for z, places in views.items():
            sides: list[tuple[str, Any]] = [
                ("ours", lambda: load("127.0.0.1", ours, [paths["ours"](z, *p) for p in places], CLIENTS)),  # noqa: B023
                ("tipg", lambda: load("127.0.0.1", theirs, [paths["tipg"](z, *p) for p in places], CLIENTS)),  # noqa: B023
                ("statement", lambda: statements(conninfo, z, places)),  # noqa: B023
            ]
            for name, go in sides if number % 2 else reversed(sides):
                seconds, answers = asyncio.run(go())
                assert all(a.status == 200 for a in answers), (name, z, {a.status for a in answers})
                if number == 0:  # the first round warms all
                    size.setdefault(name, {})[z] = sum(len(a.body) for a in answers) // len(answers)
                    continue
                took.setdefault(name, {}).setdefault(z, []).append(seconds)
                each.setdefault(name, {}).setdefault(z, []).extend(a.seconds for a in answers)
    print(f"{'':>10} {'zoom':>4} {'tiles/s':>9} {'p50/p95/p99 ms':>24} {'bytes':>9}")
    rate: dict[str, dict[int, float]] = {}
    for name, by_zoom in took.items():
        for z, rounds in by_zoom.items():
            rate.setdefault(name, {})[z] = len(views[z]) / statistics.median(rounds)
            print(f"{name:>10} {z:>4} {rate[name][z]:>9.1f} {spread(each[name][z]):>24} {size[name][z]:>9,}")
    good, told = True, []
    for z in views:
        peer, plain = rate["ours"][z] / rate["tipg"][z], rate["ours"][z] / rate["statement"][z]
        print(f"{'ratio':>10} {z:>4} {peer:>8.1f}x tipg {plain:>8.1f}x statement")
        if z in BARS:
            good = good and peer >= BARS[z][0] and plain >= BARS[z][1]
            told.append(f"z{z} {peer:.1f}x tipg {plain:.1f}x statement")
    return ", ".join(told), good


async def statements(conninfo: str, z: int, places: list[tuple[int, int]]) -> tuple[float, list[Answer]]:
    """The plain statement for each place, over as many connections as there are clients."""
    conns = [
        await psycopg.AsyncConnection.connect(
            conninfo, autocommit=True, options=f"{search_path('register')} {READER}", prepare_threshold=0
        )
        for _ in range(CLIENTS)
    ]
    answers: list[Answer] = []
    todo = iter(places)

    async def client(conn: psycopg.AsyncConnection) -> None:
        cursor = conn.cursor(binary=True)
        for x, y in todo:
            started = time.perf_counter()
            await cursor.execute(PLAIN, {"z": z, "x": x, "y": y}, prepare=True)
            ((body,),) = await cursor.fetchall()
            answers.append(Answer(200, body, time.perf_counter() - started))

    try:
        started = time.perf_counter()
        await asyncio.gather(*map(client, conns))
        return time.perf_counter() - started, answers
    finally:
        for conn in conns:
            await conn.close()


def after_corrections(conn: psycopg.Connection, port: int, views: Places) -> tuple[str, bool]:
    """The first tile after a correction of a parcel in it, beside the plain statement for the same tile: medians."""
    told, good = [], True
    cursor = conn.cursor(binary=True)
    for z in (14, 16):
        ours, plain = [], []
        for x, y in views[z][:10]:
            path = f"/tiles/parcels/{z}/{x}/{y}.mvt"
            asyncio.run(load("127.0.0.1", port, [path], 1))
            number = renumbered(conn, z, x, y)
            _, (answer,) = asyncio.run(load("127.0.0.1", port, [path], 1))
            ours.append(answer.seconds)
            tile = mapbox_vector_tile.decode(answer.body)["parcels"]["features"]
            assert number in {f["properties"]["number"] for f in tile}, "a stale tile"
            started = time.perf_counter()
            cursor.execute(PLAIN, {"z": z, "x": x, "y": y}, prepare=True)
            cursor.fetchall()
            plain.append(time.perf_counter() - started)
        mine, theirs = statistics.median(ours) * 1000, statistics.median(plain) * 1000
        print(
            f"first tile after a correction, z{z}: {spread(ours)} ms; the statement {spread(plain)} ms",
            flush=True,
        )
        told.append(f"after a correction z{z} {mine:.1f} of {theirs:.1f} ms")
        good = good and mine <= theirs
    return ", ".join(told), good


def renumbered(conn: psycopg.Connection, z: int, x: int, y: int) -> str:
    """Give one parcel in the tile a new number, by a correction; the number."""
    number = f"n{time.monotonic_ns()}"
    with conn.transaction():
        row = conn.execute(
            "select code from parcel_version where closed_by is null and anchor && st_tileenvelope(%s, %s, %s) "
            "order by id desc limit 1",
            [z, x, y],
        ).fetchone()
        assert row is not None
        intent = {"kind": "renumber", "parcels": [{"parcel": row[0], "number": number}]}
        drafts = StagedDrafts(kept(plan(Ground(conn), INTENT.validate_python(intent)).rows))
        apply(conn, Correction("renumber", "bench", datetime.now(UTC).date()), drafts)
    return number


def spread(seconds: list[float]) -> str:
    """p50/p95/p99 in ms."""
    at = sorted(s * 1000 for s in seconds)
    return "/".join(f"{at[min(len(at) - 1, int(len(at) * p))]:.1f}" for p in (0.5, 0.95, 0.99))


if __name__ == "__main__":
    sys.exit(run())
