"""Corrections of neighbouring parcels over 16 connections, beside a bare split in PL/pgSQL that writes the same tables.

Ours takes an intent, plans it over the parcels as they stand, and applies it in the same transaction: codes are minted,
overlaps looked for, numbers found, the chain of hashes carried on; where others were faster it plans anew. The peer is
`pgbench` calling one function: it halves a parcel by a line, inserts and closes the rows, stamps the map cell and the chain,
with the triggers of the register in place, and looks for nothing. In turns; afterwards the laws are looked at.

    .venv/bin/python -m tests.bench corrections
"""

import multiprocessing
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely

from cli.cluster import Cluster
from cli.postgres import find_installation
from register.apply import apply
from register.connect import connect, search_path
from register.correction import Correction
from register.edits.ground import Ground
from register.edits.intents import INTENT
from register.edits.plan import plan
from register.edits.staged import StagedDrafts, kept
from register.errors import EditError, NotFoundError, RegisterError, StaleError
from register.migrate import migrate
from tests.register.handed_in import Lot, hand_in

NEEDED = 1 / 8
CONNECTIONS, PROCESSES = 16, 2
SECONDS, BARE_SECONDS, ROUNDS = 20, 8, 3
SIDE, LOT_M, SHEETS = 40, 20.0, 16
DAY = date(2026, 6, 1)
BARE = Path(__file__).with_suffix(".sql")


@dataclass(slots=True)
class Tally:
    """What one process did: seconds of each correction, kinds, refusals; `false`: a refusal that was not true."""

    seconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    false: list[str] = field(default_factory=list)


def run() -> int:
    """0 where the bar holds and the register keeps its laws, 1 where not."""
    with town() as (conninfo, bare_conninfo):
        ground = value(conninfo, "select sum(area_m2) from parcel_version where closed_by is null")
        ours, bare = [], []
        total = Tally()
        for number in range(ROUNDS):
            bare.append(by_sql(bare_conninfo))
            tallies = by_us(conninfo)
            ours.append(sum(len(t.seconds) for t in tallies) / SECONDS)
            for t in tallies:
                total.seconds += t.seconds
                total.kinds += t.kinds
                total.stale += t.stale
                total.refused += t.refused
                total.false += t.false
            print(f"round {number + 1}: ours {ours[-1]:.0f}/s, bare {bare[-1]:.0f}/s", flush=True)
        broken = laws(conninfo, float(ground))
    p50, p99 = np.percentile(np.array(total.seconds) * 1e3, [50, 99])
    print(f"{dict(total.kinds)}, {total.stale} were stale and planned anew, refused: {dict(total.refused)}")
    print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms over {CONNECTIONS} connections")
    for line in [*broken, *total.false[:10]]:
        print(line)
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    print(
        f"corrections: {statistics.median(ours):.0f}/s, {ratio:.3f} of the bare split ({statistics.median(bare):.0f}/s), "
        f"p99 {p99:.0f} ms, {len(broken)} laws broken, {len(total.false)} false refusals (needs >= {NEEDED:.3f}, 0, 0)"
    )
    return 0 if ratio >= NEEDED and not broken and not total.false else 1


@contextmanager
def town() -> Iterator[tuple[str, str]]:
    """Two registers of SIDE x SIDE square lots on 16 sheets, as durable as in production: for us and for the peer."""
    home = Path(tempfile.mkdtemp(prefix="diachinh-bench-", dir="/var/tmp"))
    home.chmod(0o755)  # the database's own account must be able to enter
    cluster = Cluster(home)
    cluster.start()
    try:
        conninfo = cluster.conninfo()
        with connect(conninfo) as conn:
            migrate(conn)
            lots = []
            for x in range(SIDE):
                for y in range(SIDE):
                    sheet = str(1 + x // (SIDE // 4) * 4 + y // (SIDE // 4))
                    box = shapely.box(x * LOT_M, y * LOT_M, (x + 1) * LOT_M, (y + 1) * LOT_M)
                    lots.append(Lot(str(x * SIDE + y + 1), box, sheet))
            hand_in(conn, *lots)
            conn.commit()
        with connect(conninfo, autocommit=True) as conn:
            conn.execute("vacuum analyze")
        with psycopg.connect(cluster.conninfo("template1"), autocommit=True) as conn:
            conn.execute("create database bare template postgres")
        with connect(cluster.conninfo("bare")) as conn:
            conn.execute(BARE.read_text("utf-8"))
        yield conninfo, cluster.conninfo("bare")
    finally:
        cluster.stop(discard=True)


def by_sql(conninfo: str) -> float:
    """Bare splits a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("select bare_split();\n")
        script.flush()
        words = psycopg.conninfo.conninfo_to_dict(conninfo)
        command = [
            str(find_installation().bin / "pgbench"),
            "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(BARE_SECONDS),
            "-f", script.name, "-h", str(words["host"]), "-p", str(words["port"]), "-U", str(words["user"]),
            str(words["dbname"]),
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={"PGOPTIONS": search_path("register")}
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = done.stdout
    return float(next(line for line in told.splitlines() if line.startswith("tps")).split()[2])


def by_us(conninfo: str) -> list[Tally]:
    """What PROCESSES processes did in SECONDS, with CONNECTIONS connections between them."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    barrier = context.Barrier(PROCESSES)
    seed = random.randrange(1 << 30)
    processes = [
        context.Process(
            target=_process, args=(conninfo, CONNECTIONS // PROCESSES, seed + n, barrier, results)
        )
        for n in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    tallies = [results.get(timeout=SECONDS + 120) for _ in processes]
    for process in processes:
        process.join()
    return tallies


def _process(conninfo: str, threads: int, seed: int, barrier: Any, results: Any) -> None:
    tally = Tally()
    conns = [connect(conninfo) for _ in range(threads)]
    for conn in conns:
        _warm(conn)
    barrier.wait()
    until = time.perf_counter() + SECONDS
    crowd = [
        threading.Thread(target=_editor, args=(conn, random.Random(seed * 100 + n), until, tally))
        for n, conn in enumerate(conns)
    ]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    results.put(tally)


def _warm(conn: psycopg.Connection) -> None:
    """Compiled loops and the connection's temporary tables are there before the clock starts."""
    for code in _codes(conn, random.Random(1), 3):
        p = Ground(conn).parcel(code)
        drafts = StagedDrafts(kept(plan(Ground(conn), _split(p, 0.5)).rows))
        apply(conn, Correction("split", "warm", DAY), drafts)
        conn.rollback()


def _editor(conn: psycopg.Connection, rng: random.Random, until: float, tally: Tally) -> None:
    while time.perf_counter() < until:
        try:
            intent = _intent(conn, rng)
        except RegisterError:  # the parcel ended between two looks
            conn.rollback()
            continue
        if intent is None:
            conn.rollback()
            continue
        started = time.perf_counter()
        for _ in range(20):
            try:
                model = INTENT.validate_python(intent)
                drafts = StagedDrafts(kept(plan(Ground(conn), model).rows))
                apply(conn, Correction(model.kind, "bench", DAY), drafts)
                conn.commit()
            except StaleError as error:
                conn.rollback()
                tally.stale += 1
                _is_true(conn, error, tally)
                continue
            except (EditError, NotFoundError) as error:
                conn.rollback()
                tally.refused[getattr(error, "rule", "not_found")] += 1
                break
            except Exception as error:
                conn.rollback()
                tally.false.append(f"{model.kind}: {type(error).__name__} {error}")
                break
            tally.seconds.append(time.perf_counter() - started)
            tally.kinds[model.kind] += 1
            break
    conn.close()


def _is_true(conn: psycopg.Connection, error: StaleError, tally: Tally) -> None:
    """A conflict is true where another correction, committed by now, closed what this one was made from."""
    for code, by in error.closed.items():
        found = conn.execute(
            "select c.seq is not null from parcel_version v join correction c on c.id = v.closed_by "
            "where v.code = %s and c.id = %s",
            [code, by],
        ).fetchone()
        if found != (True,):
            tally.false.append(f"stale {code} by {by} is not true: {found}")
    conn.rollback()


def _codes(conn: psycopg.Connection, rng: random.Random, many: int) -> list[str]:
    """Current parcels at a random place."""
    x, y = rng.uniform(0, SIDE * LOT_M), rng.uniform(0, SIDE * LOT_M)
    rows = conn.execute(
        "select code from parcel_version where closed_by is null and web && (select st_expand(st_transform(st_setsrid("
        "st_makepoint(%s, %s), 5899), 3857), 0.1)) limit %s", [548_000 + x, 1_777_000 + y, many],
    ).fetchall()  # fmt: skip
    return [code for (code,) in rows]


def _split(parcel: Any, part: float) -> Any:
    return INTENT.validate_python({"kind": "split", "parcel": parcel.code, "area_m2": parcel.area_m2 * part})


def _intent(conn: psycopg.Connection, rng: random.Random) -> dict[str, Any] | None:
    codes = _codes(conn, rng, 1)
    if not codes:
        return None
    ground = Ground(conn)
    parcel = ground.parcel(codes[0])
    x0, y0, x1, y1 = shapely.bounds(parcel.shape)
    roll = rng.random()
    if parcel.area_m2 > 90 and (roll < 0.4 or parcel.area_m2 > 500):
        if x1 - x0 > y1 - y0:
            x = rng.uniform(x0 + (x1 - x0) * 0.3, x0 + (x1 - x0) * 0.7)
            line = [[x, y0 - 1], [x, y1 + 1]]
        else:
            y = rng.uniform(y0 + (y1 - y0) * 0.3, y0 + (y1 - y0) * 0.7)
            line = [[x0 - 1, y], [x1 + 1, y]]
        return {"kind": "split", "parcel": parcel.code, "lines": [line], "registered": True}
    around = [p for p in ground.around([parcel.shape], parcel.epsg, [parcel.code]) if p.sheet == parcel.sheet]
    if roll < 0.7:
        beside = [
            p
            for p in around
            if shapely.length(shapely.intersection(p.shape, parcel.shape)) > 1 and p.area_m2 < 300
        ]
        if beside and parcel.area_m2 < 300:
            return {"kind": "merge", "parcels": [parcel.code, rng.choice(beside).code], "registered": True}
    corners = shapely.get_coordinates(parcel.shape)[:-1]
    x, y = corners[rng.randrange(len(corners))]
    to = [x + rng.uniform(-0.4, 0.4), y + rng.uniform(-0.4, 0.4)]
    return {"kind": "boundary", "parcel": parcel.code, "moves": [{"from": [x, y], "to": to}]}


def laws(conninfo: str, ground_m2: float) -> list[str]:
    """What does not hold after all of it."""
    checks = {
        "parcels overlap": "select count(*) from parcel_version a join parcel_version b on a.code < b.code and a.web && b.web "
        "where a.closed_by is null and b.closed_by is null and st_relate(a.shape, b.shape, '2********') "
        "and 2 * st_area(st_intersection(a.shape, b.shape)) > 0.001 * st_perimeter(st_intersection(a.shape, b.shape))",
        "shapes invalid": "select count(*) from parcel_version where closed_by is null and not st_isvalid(shape)",
        "places in the feed missing": "select max(seq) - count(seq) from correction",
        "numbers twice": "select count(*) from (select from parcel_version where closed_by is null "
        "group by sheet, number having count(*) > 1) d",
        "main addresses missing": "select count(*) from parcel_version v where v.closed_by is null and not exists "
        "(select from parcel_address l where l.code = v.code and l.main and l.closed_by is null)",
    }
    broken = [f"{n} {what}" for what, sql in checks.items() if (n := value(conninfo, sql))]
    area = float(value(conninfo, "select sum(st_area(shape)) from parcel_version where closed_by is null"))
    covered = float(
        value(conninfo, "select st_area(st_union(shape)) from parcel_version where closed_by is null")
    )
    edge = 4 * SIDE * LOT_M * 0.4  # corners at the rim may move
    if abs(area - covered) > 0.5 or abs(area - ground_m2) > edge:
        broken.append(f"the parcels have {area:.1f} m2, cover {covered:.1f} m2, had {ground_m2:.1f} m2")
    return broken


def value(conninfo: str, statement: str) -> Any:
    with connect(conninfo, autocommit=True) as conn:
        row = conn.execute(statement).fetchone()  # type: ignore[call-overload]
    return None if row is None else row[0]


if __name__ == "__main__":
    sys.exit(run())
