"""Tiles while 10 corrections a second are made: how late they are, how stale (never), and how soon open maps are told.

Readers ask for random views around random parcels (zooms 14 to 18, gzip, so many a second at random moments), as they do when
nothing is corrected: that is the peer. Among the real parcels nearly all tiles were asked for before; among a million (FABRIC)
many are new to the server. Corrections are whole ones, made by another process through the register's one waist. A tile is
stale when it lacks what was acknowledged before it was asked for. Where chromium is there, an open map is timed too: from the
acknowledgement to the parcel drawn anew.

    .venv/bin/python -m tests.bench tiles-fresh
"""

import asyncio
import contextlib
import math
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import orjson
from isal import igzip

from cli.tuning import available_memory_mb, block_bytes
from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from tests.bench.serving import ROOT, filled, our_server, two_sets
from tests.bench.tiles_first import WORLD_M
from tests.bench.tiles_uncached import spread
from tests.bench.wire import Wire, load

TILES: Final = int(os.environ.get("TILES", "10000"))
A_SECOND: Final = int(os.environ.get("A_SECOND", "100"))
CORRECTIONS_A_SECOND: Final = 10
PARCELS: Final = 1000
MOST_CHECKED: Final = 8  # parcels of one tile
ZOOMS: Final = (14, 15, 16, 17, 18)
CLIENTS: Final = 16
P99_BAR: Final = 2.0
EVENT_BAR_S: Final = 0.1
PIXELS_BAR_S: Final = 1.0


@dataclass(slots=True)
class Place:
    """A parcel that is corrected again and again: its point (EPSG:3857), the numbers it was given, how many acknowledged."""

    code: str
    x_m: float
    y_m: float
    given: list[bytes] = field(default_factory=list)
    acknowledged: int = 0

    def tile(self, z: int) -> tuple[int, int]:
        """The tile it lies in."""
        size_m = WORLD_M / 2**z
        return math.floor((self.x_m + WORLD_M / 2) / size_m), math.floor((WORLD_M / 2 - self.y_m) / size_m)


@dataclass(slots=True)
class Seen:
    """What readers met."""

    seconds: list[float] = field(default_factory=list)
    checked: int = 0
    stale: int = 0


def run() -> int:
    """0 where every bar holds, 1 where not."""
    told = []
    for name, files in two_sets():
        with filled(files) as (conninfo, stored):
            print(f"--- {name}: {stored:,} parcels", flush=True)
            told.append((name, *one_register(conninfo)))
    needs = f"at most {P99_BAR:g}x, 0 stale of {TILES:,}, {EVENT_BAR_S * 1000:.0f} ms, {PIXELS_BAR_S * 1000:.0f} ms"
    print(f"tiles-fresh: {'; '.join(f'{name}: {figures}' for name, figures, _ in told)} (needs {needs})")
    return 0 if all(good for _, _, good in told) else 1


def one_register(conninfo: str) -> tuple[str, bool]:
    """Measure one register; the figures in a line, and whether the bars hold."""
    blocks = block_bytes(available_memory_mb(), os.cpu_count() or 1)  # as `diachinh serve` has them
    with our_server(conninfo, block_bytes=blocks) as port:
        with connect(conninfo, autocommit=True) as conn:
            rows = conn.execute(
                "select code, st_x(anchor), st_y(anchor) from parcel_version where closed_by is null "
                "order by md5(code) limit 4000"
            ).fetchall()
        views = [Place(*row) for row in rows]
        cells = {"/tiles/parcels/14/{}/{}.mvt".format(*view.tile(14)) for view in views}
        # no block is read for the first time in what is timed
        asyncio.run(load("127.0.0.1", port, sorted(cells), 1))
        asyncio.run(read(port, views, views[:0], min(1000, TILES), 1))
        quiet = asyncio.run(read(port, views, views[:0], TILES, 2))
        busy, late, made = asyncio.run(with_corrections(conninfo, port, views))
        drawn = pixels(conninfo, views[-1])
    p99 = [at(one.seconds, 0.99) for one in (quiet, busy)]
    print(f"quiet: p50/p95/p99 {spread(quiet.seconds)} ms of {len(quiet.seconds):,} tiles")
    print(f"with {made:.1f} corrections a second: {spread(busy.seconds)} ms of {len(busy.seconds):,} tiles")
    print(
        f"stale: {busy.stale} of {len(busy.seconds):,} tiles, {busy.checked:,} of which show corrected parcels"
    )
    print(f"commit to event: {spread(late)} ms of {len(late)}")
    print(
        f"commit to changed pixels: {spread(drawn)} ms of {len(drawn)}"
        if drawn
        else "no chromium: pixels not timed"
    )
    ratio, event_s = p99[1] / p99[0], at(late, 0.95)
    pixel_s = at(drawn, 0.95) if drawn else math.inf
    figures = f"p99 {ratio:.2f}x the quiet one, {busy.stale} stale of {len(busy.seconds):,}"
    figures += f", event p95 {event_s * 1000:.0f} ms, pixels p95 {pixel_s * 1000:.0f} ms"
    enough = len(busy.seconds) >= TILES and busy.checked >= TILES // 4 and made >= 0.9 * CORRECTIONS_A_SECOND
    good = ratio <= P99_BAR and busy.stale == 0 and event_s < EVENT_BAR_S and pixel_s < PIXELS_BAR_S
    return figures, good and enough


def at(seconds: list[float], share: float) -> float:
    """A quantile."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))]


async def read(port: int, views: list[Place], watched: list[Place], count: int, seed: int) -> Seen:
    """`count` random tiles, A_SECOND of them; those with `watched` parcels are checked. Times are from when one was due."""
    dice = random.Random(seed)
    seen = Seen()
    inside: dict[tuple[int, int, int], list[Place]] = {}
    for place in watched:
        for z in ZOOMS:
            inside.setdefault((z, *place.tile(z)), []).append(place)
    told: list[tuple[bytes, list[tuple[Place, int]]]] = []
    # at random moments: at even ones each correction would always meet a reader at the same moment, early or late as it happens
    due = iter(accumulate(dice.expovariate(A_SECOND) for _ in range(count)))
    started = time.perf_counter()

    async def client() -> None:
        async with Wire("127.0.0.1", port, "gzip") as wire:
            for moment in due:
                await asyncio.sleep(max(0.0, started + moment - time.perf_counter()))
                z = dice.choice(ZOOMS)
                tile = (z, *dice.choice(views).tile(z))
                there = [place for place in inside.get(tile, ()) if place.acknowledged]
                known = [
                    (place, place.acknowledged) for place in dice.sample(there, min(MOST_CHECKED, len(there)))
                ]
                answer = await wire.get("/tiles/parcels/{}/{}/{}.mvt".format(*tile))
                assert answer.status == 200, answer
                seen.seconds.append(time.perf_counter() - started - moment)
                if known:
                    told.append((answer.body, known))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    for packed, known in told:  # not meanwhile: readers of a quiet map have nothing to check
        body = plain(packed)
        seen.checked += 1
        seen.stale += not all(any(n in body for n in place.given[k - 1 :]) for place, k in known)
    return seen


def plain(body: bytes) -> bytes:
    """A tile as it was before it was compressed."""
    out: bytes = igzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return out


async def with_corrections(conninfo: str, port: int, views: list[Place]) -> tuple[Seen, list[float], float]:
    """What readers meet while another process corrects; seconds from commit to event; corrections a second."""
    places = views[:PARCELS]
    by_code = {place.code: place for place in places}
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=correct, args=(conninfo, list(by_code), there)
    )
    process.start()
    committed: dict[int, float] = {}
    heard: dict[int, float] = {}
    moments: list[float] = []
    loop = asyncio.get_running_loop()

    def news() -> None:
        while here.poll():
            what, code, number, seq, when = here.recv()
            place = by_code[code]
            if what == "begins":
                place.given.append(number)
            else:
                place.acknowledged = len(place.given)
                committed[seq] = when
                moments.append(when)

    loop.add_reader(here.fileno(), news)
    following = asyncio.create_task(follow(port, heard))
    while not moments:
        if not process.is_alive():
            raise RuntimeError("the corrections ended")
        await asyncio.sleep(0.1)
    try:
        seen = await read(port, views, places, TILES, 3)
    finally:
        following.cancel()
        loop.remove_reader(here.fileno())
        here.close()
        process.join(30)
    late = [max(0.0, heard[seq] - when) for seq, when in committed.items() if seq in heard]
    return seen, late, (len(moments) - 1) / (moments[-1] - moments[0])


def correct(conninfo: str, codes: list[str], pipe: Connection) -> None:
    """CORRECTIONS_A_SECOND, each a new number for one parcel, until nobody listens."""
    with connect(conninfo) as conn, contextlib.suppress(BrokenPipeError, OSError):
        started = time.monotonic()
        for n in range(10**9):
            time.sleep(max(0.0, started + n / CORRECTIONS_A_SECOND - time.monotonic()))
            code, number = codes[n % len(codes)], f"Z{n:07d}z"
            version = current_version(conn, code)
            assert version is not None
            pipe.send(("begins", code, number.encode(), 0, 0.0))
            made = apply(
                conn,
                Correction("attributes", "bench", date.today()),
                AttributeDrafts([Edit(version, number=number)]),
            )
            conn.commit()
            pipe.send(("committed", code, number.encode(), made.seq, time.monotonic()))


async def follow(port: int, heard: dict[int, float]) -> None:
    """When each correction was told of, by its place in the feed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /tiles/events HTTP/1.1\r\nHost: here\r\n\r\n")
    with contextlib.closing(writer):
        async for line in reader:
            if line.startswith(b"data: "):
                heard.setdefault(orjson.loads(line[6:])["seq"], time.monotonic())


def pixels(conninfo: str, place: Place) -> list[float]:
    """Seconds from the acknowledgement of a correction until an open map draws the parcel anew; empty without chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None or not (ROOT / "web/dist/index.html").is_file():
        return []
    from playwright.sync_api import sync_playwright

    options: dict[str, Any] = {
        "executable_path": program,
        "args": ["--use-angle=swiftshader", "--no-sandbox"],
    }
    lon = place.x_m / WORLD_M * 360
    lat = math.degrees(math.atan(math.sinh(place.y_m / WORLD_M * 2 * math.pi)))
    took = []
    with site(conninfo) as url, sync_playwright() as playwright, connect(conninfo) as conn:
        browser = playwright.chromium.launch(**options)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/#18/{lat}/{lon}")
        drawn = (
            f"diachinh.map.queryRenderedFeatures({{layers: ['parcels-fill']}})"
            f".filter((f) => f.properties.code === '{place.code}').map((f) => f.properties.number)[0]"
        )
        until(
            page,
            f"window.diachinh && diachinh.map.areTilesLoaded() && diachinh.map.loaded() && {drawn} !== undefined",
        )
        for n in range(12):
            version = current_version(conn, place.code)
            assert version is not None
            apply(
                conn,
                Correction("attributes", "bench", date.today()),
                AttributeDrafts([Edit(version, number=f"P{n}")]),
            )
            conn.commit()
            started = time.perf_counter()
            until(page, f"{drawn} === 'P{n}'")
            took.append(time.perf_counter() - started)
            time.sleep(0.3)
        browser.close()
    return took[2:]  # the first ones warm the machine


def until(page: Any, script: str) -> None:
    """Wait until a script on the page says true."""
    for _ in range(6000):
        if page.evaluate(f"() => Boolean({script})"):
            return
        time.sleep(0.01)
    raise RuntimeError(f"never: {script}")


@contextlib.contextmanager
def site(conninfo: str) -> Iterator[str]:
    """A server with the page."""
    with our_server(conninfo, page=Path(ROOT / "web/dist")) as port:
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    sys.exit(run())
