"""Uncached parcel tiles, zoom 14 to 18, 8 clients: this server against tipg over the same rows and attributes.

Both run as one process over the same PostgreSQL, answer the same random views in alternating rounds, uncompressed and
without a cache. tipg gets a web-mercator view (no reprojection), our buffer, no limit of features and JIT off, so that it
works as little as it can.

    .venv/bin/python -m tests.bench tiles-first
"""

import asyncio
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import mapbox_vector_tile
import psycopg
from psycopg import conninfo as dsn

from register.connect import connect
from tests.bench.serving import filled_register, our_server, process
from tests.bench.wire import Answer, load
from tiles.layers import AREAS_ZOOM

NEEDED = 1.5
ROUNDS = 5
CLIENTS = 8
TILES = {12: 8, 13: 16, 14: 24, 15: 48, 16: 96, 17: 96, 18: 96}
WORLD_M = 2 * 20037508.342789244
PEER_SCHEMA = "tiles_first_peer"


def run() -> int:
    """0 where the bar holds, 1 where not."""
    with filled_register() as conninfo, connect(conninfo, autocommit=True) as conn:
        tiles = {z: places for z, places in random_views(conn).items() if z > AREAS_ZOOM}
        peer_view(conn)
        with our_server(conninfo, tile_bytes=0) as ours, tipg(conninfo) as theirs:
            return compare(tiles, ours, theirs)


def compare(tiles: dict[int, list[tuple[int, int]]], ours: int, theirs: int) -> int:
    """Run the rounds, print tiles a second by zoom and in all, and the verdict."""
    ours_path = "/tiles/parcels/{}/{}/{}.mvt".format
    theirs_path = f"/collections/{PEER_SCHEMA}.parcels/tiles/WebMercatorQuad/{{}}/{{}}/{{}}".format
    seconds: dict[str, dict[int, list[float]]] = {"ours": {}, "tipg": {}}
    for number in range(ROUNDS + 1):
        for z, places in tiles.items():
            sides = [("ours", ours, ours_path), ("tipg", theirs, theirs_path)]
            answers = {}
            for name, port, path in sides if number % 2 else reversed(sides):
                paths = [path(z, x, y) for x, y in places]
                took, answers[name] = asyncio.run(load("127.0.0.1", port, paths, CLIENTS))
                if number:  # the first round warms both
                    seconds[name].setdefault(z, []).append(took)
            if not number:
                same_features(z, answers["ours"], answers["tipg"])
    print(f"{'zoom':>5} {'tiles':>6} {'ours /s':>9} {'tipg /s':>9} {'ratio':>6}")
    for z, places in tiles.items():
        mine, peer = (len(places) / statistics.median(seconds[name][z]) for name in ("ours", "tipg"))
        print(f"{z:>5} {len(places):>6} {mine:>9.1f} {peer:>9.1f} {mine / peer:>5.2f}x")
    totals = {
        name: statistics.median(sum(by_zoom[z][n] for z in tiles) for n in range(ROUNDS))
        for name, by_zoom in seconds.items()
    }
    count = sum(map(len, tiles.values()))
    ratio = totals["tipg"] / totals["ours"]
    print(
        f"tiles-first: {ratio:.2f}x the tiles per second of tipg over z14-z18, {CLIENTS} clients, median of {ROUNDS}: "
        f"{count / totals['ours']:.1f} against {count / totals['tipg']:.1f} (needs {NEEDED}x)"
    )
    return 0 if ratio >= NEEDED else 1


def same_features(z: int, ours: list[Answer], theirs: list[Answer]) -> None:
    """Both answered every tile, and a sample of tiles holds the same parcels.

    Ours may hold more: tipg sends no parcels that lie in the buffer alone, and none too small for the zoom's grid.
    Raises: AssertionError.
    """
    for name, answers in (("ours", ours), ("tipg", theirs)):
        bad = [a.status for a in answers if a.status != 200]
        assert not bad, f"{name} answered {bad} at zoom {z}"
    for mine, peer in list(zip(ours, theirs, strict=True))[:4]:
        codes, peers = codes_of(mine.body, "parcels"), codes_of(peer.body, None)
        assert peers <= codes, f"zoom {z}: {len(peers - codes)} parcels missing in our tile"
        extra = len(codes - peers)
        assert extra <= 0.2 * len(codes), f"zoom {z}: {extra} of {len(codes)} parcels only in our tile"


def codes_of(body: bytes, layer: str | None) -> set[str]:
    """Codes of the parcels in a tile."""
    layers = mapbox_vector_tile.decode(body) if body else {}
    named = layers.values() if layer is None else [layers[layer]] if layer in layers else []
    return {f["properties"]["code"] for one in named for f in one["features"]}


def random_views(conn: psycopg.Connection) -> dict[int, list[tuple[int, int]]]:
    """The tiles of random screens: around random parcels, drawn with a fixed seed, so that every run asks the same."""
    anchors = conn.execute(
        "select st_x(anchor), st_y(anchor) from parcel_version where closed_by is null order by md5(code) limit 500"
    ).fetchall()
    dice = random.Random(1)
    views: dict[int, list[tuple[int, int]]] = {}
    for z, count in TILES.items():
        size_m = WORLD_M / 2**z
        places = [
            (math.floor((x + WORLD_M / 2) / size_m), math.floor((WORLD_M / 2 - y) / size_m))
            for x, y in dice.choices(anchors, k=count)
        ]
        views[z] = places
    return views


def peer_view(conn: psycopg.Connection) -> None:
    """The view tipg serves: the rows and attributes of our layer, in web mercator already."""
    conn.execute(f"create schema {PEER_SCHEMA}")
    conn.execute(
        f"create view {PEER_SCHEMA}.parcels as select id, code, number, land_use, web::geometry(Geometry, 3857) as geom "
        "from parcel_version where closed_by is null"
    )


@contextmanager
def tipg(conninfo: str) -> Iterator[int]:
    """A running tipg; its port. It is fetched by uv into a folder of its own, which is kept for the next run."""
    home = Path(tempfile.gettempdir()) / "diachinh-bench-tipg"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run(["uv", "venv", "--quiet", "--python", "3.11", str(home)], check=True)
        packages = ["tipg==1.6.1", "uvicorn", "uvloop", "httptools"]
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
    settings = {
        "DATABASE_URL": url(conninfo),
        "TIPG_DB_SCHEMAS": f'["{PEER_SCHEMA}"]',
        "TIPG_MAX_FEATURES_PER_TILE": "100000000",
        "TIPG_TILE_BUFFER": "64",
        "TIPG_CATALOG_TTL": "0",
    }
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--loop", "uvloop", "--http", "httptools"]
    with process([*command, "--no-access-log", "--log-level", "warning"], {**os.environ, **settings}) as port:
        yield port


def url(conninfo: str) -> str:
    """`conninfo` as the URL tipg wants, JIT off."""
    parts = {name: quote(str(value), safe="") for name, value in dsn.conninfo_to_dict(conninfo).items()}
    place = f"{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    return f"postgresql://{place}?options=-c%20jit%3Doff"


if __name__ == "__main__":
    sys.exit(run())
