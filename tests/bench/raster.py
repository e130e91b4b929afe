"""Tiles of an orthophoto: blocks sent as they stand in the file, against the same picture kept in its plane and warped on read.

Ours is asked over HTTP, one worker, 8 clients, after a start with the file out of memory (cold) and again (warm). The other way
is what dynamic tilers do (a WarpedVRT of a COG, read and encoded as WebP), given without HTTP, in one process, with its file
open and warm.

    .venv/bin/python -m tests.bench raster
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import psycopg
import rasterio
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from api.scan_hand_in import Office, hand_in
from api.scan_shapes import ScanFields
from cli.cluster import Cluster
from geo.web_map import HALF_WORLD_M
from register.connect import connect
from register.migrate import migrate
from register.scans import find, path_of
from tests.bench.serving import ROOT, process
from tests.bench.wire import load
from tiles.raster.blocks import opened

NEEDED = 10.0
TILES = 200
CLIENTS = 8
ROUNDS = 3
PHOTO = ROOT.parent / "shared/data/nz_auckland_linz/waiheke_orthophoto_BA33_2710.jpg"
_SERVE = """
import sys
from pathlib import Path
import uvicorn
from api.app import create_app
uvicorn.run(create_app(sys.argv[1], scans=Path(sys.argv[2])), port=int(sys.argv[sys.argv.index("--port") + 1]),
            loop="uvloop", http="httptools", access_log=False, log_level="warning")
"""


def run() -> int:
    """0 where the bar holds, 1 where not."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)  # the database's server runs under an account of its own
        cluster = Cluster(folder / "postgis", durable=False)
        cluster.start()
        try:
            with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
                server.execute("create database bench")
            conninfo = cluster.conninfo("bench")
            with connect(conninfo) as conn:
                migrate(conn)
            return compare(conninfo, folder)
        finally:
            cluster.stop(discard=True)


def compare(conninfo: str, folder: Path) -> int:
    """Place the picture, ask for its tiles both ways, print tiles a second and the verdict."""
    picture, world, epsg = photo(folder)
    office = Office(conninfo, "register", folder / "scans")
    started = time.perf_counter()
    key, _ = hand_in(office, "bench", [picture, world], ScanFields(kind="orthophoto", crs=epsg))
    print(f"placed and written in {time.perf_counter() - started:.1f} s")
    with connect(conninfo) as conn:
        one = find(conn, key)
    file = path_of(office.folder, bytes(one["tiles"]))
    print(
        f"{one['width']} x {one['height']} pixels, {file.stat().st_size:,} bytes of tiles, z{one['max_zoom']}"
    )
    blocks = opened(file, one["max_zoom"])
    level = blocks.levels[one["max_zoom"]]
    rows, columns = np.nonzero(level.counts)
    every = [(level.zoom, level.x + int(c), level.y + int(r)) for r, c in zip(rows, columns, strict=True)]
    tiles = random.Random(1).choices(every, k=TILES)
    paths = [f"/tiles/scans/{key}/{z}/{x}/{y}.webp" for z, x, y in tiles]
    with file.open("rb") as kept:
        os.fsync(kept.fileno())
        os.posix_fadvise(kept.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with process([sys.executable, "-c", _SERVE, conninfo, str(office.folder)], os.environ) as port:
        cold, answers = asyncio.run(load("127.0.0.1", port, paths, CLIENTS))
        assert {one.status for one in answers} == {200}
        seconds = [asyncio.run(load("127.0.0.1", port, paths, CLIENTS)) for _ in range(ROUNDS)]
    warm = TILES / statistics.median(took for took, _ in seconds)
    times = np.array([one.seconds * 1000 for _, found in seconds for one in found])
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    size = np.mean([len(one.body) for one in answers])
    print(f"ours: cold {TILES / cold:.0f}, warm {warm:.0f} tiles/s; {size:,.0f} bytes a tile")
    print(f"ours, warm: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms, {CLIENTS} clients")
    peer = warped(picture, world, epsg, folder, tiles)
    print(f"warped on read: {peer:.1f} tiles/s")
    print(f"raster: {warm / peer:.1f}x the tiles per second of warping on read (needs {NEEDED:.0f}x)")
    return 0 if warm / peer >= NEEDED else 1


def photo(folder: Path) -> tuple[Path, Path, int]:
    """A picture, its world file and its EPSG code: the Auckland orthophoto, or noise over a Vietnamese commune."""
    if PHOTO.exists():
        return PHOTO, PHOTO.with_suffix(".jgw"), 2193
    path = folder / "photo.jpg"
    coarse = np.random.default_rng(1).integers(0, 255, (3, 180, 120), np.uint8)
    with rasterio.open(path, "w", driver="JPEG", count=3, height=5760, width=3840, dtype="uint8") as out:
        out.write(np.kron(coarse, np.ones((1, 32, 32), np.uint8)))
    world = folder / "photo.jgw"
    world.write_text("0.125\n0\n0\n-0.125\n600000\n1500000\n")
    return path, world, 9218


def warped(picture: Path, world: Path, epsg: int, folder: Path, tiles: list[tuple[int, int, int]]) -> float:
    """Tiles a second of the picture as a COG in its own plane."""
    a, d, b, e, c, f = (float(one) for one in world.read_text().split())
    plain, cog = folder / "plain.tif", folder / "cog.tif"
    with rasterio.open(picture) as source:
        profile = {
            **source.profile,
            "driver": "GTiff",
            "crs": f"EPSG:{epsg}",
            "compress": None,
            "photometric": "RGB",
        }
        profile["transform"] = Affine(a, b, c - a / 2, d, e, f - e / 2)
        with rasterio.open(plain, "w", **profile) as out:
            out.write(source.read())
    copy(plain, cog, driver="COG", COMPRESS="WEBP", QUALITY=85, BLOCKSIZE=512)
    z = tiles[0][0]
    size_m = 2 * HALF_WORLD_M / 2**z
    xs, ys = [x for _, x, _ in tiles], [y for _, _, y in tiles]
    corner = Affine(
        size_m / 512, 0, min(xs) * size_m - HALF_WORLD_M, 0, -size_m / 512, HALF_WORLD_M - min(ys) * size_m
    )
    extent = {
        "width": (max(xs) - min(xs) + 1) * 512,
        "height": (max(ys) - min(ys) + 1) * 512,
        "transform": corner,
    }
    started = 0.0
    with (
        rasterio.open(cog) as source,
        WarpedVRT(source, crs="EPSG:3857", resampling=Resampling.bilinear, add_alpha=True, **extent) as plane,
    ):
        for n, (_, x, y) in enumerate([*tiles[:10], *tiles]):
            if n == 10:
                started = time.perf_counter()
            bands = plane.read(window=Window((x - min(xs)) * 512, (y - min(ys)) * 512, 512, 512))
            with MemoryFile() as kept:
                with kept.open(
                    driver="WEBP", count=4, height=512, width=512, dtype="uint8", QUALITY="85"
                ) as out:
                    out.write(bands)
                kept.read()
    return len(tiles) / (time.perf_counter() - started)
