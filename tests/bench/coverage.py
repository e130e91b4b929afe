"""Overlaps and gaps of 100,000 parcels: this check on one core beside PostGIS finding the overlaps alone, in turns.

Ours is what the check of a survey runs (`geo.coverage.overlaps` and `geo.gaps.gaps`), from WKB on. The peer is the usual
self-join by `ST_Relate` over an analysed table with a GiST index, built beforehand, with the product's settings for parallel
workers; it measures nothing and looks for no gap. What it leaves out, other statements do once, to prove our findings: the
same pairs with the same areas, and the planted gaps among the holes of `ST_Union`.

    .venv/bin/python -m tests.bench coverage
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import shapely

from cli.cluster import Cluster
from geo.coverage import SURVEY_M, Overlaps
from geo.gaps import Gaps
from geo.ragged import Shapes
from importers.check.beside import GAP_M, overlaps_and_gaps
from tests.bench.planted import Planted, Sizes, fabric, planted
from tests.geo import danang

NEEDED = 3.0
ROUNDS = 3
PARCELS, OVERLAPS, GAPS = 100_000, 300, 300
SAME_M2 = 1e-6
TILE_M = 200

JOIN = """
    select a.id, b.id from parcel a join parcel b on a.id < b.id and a.shape && b.shape
    where st_relate(a.shape, b.shape, '2********')
"""
SIZES = f"""
    with pair as materialized (select a.id as i, b.id as j, a.shape as one, b.shape as other
        from parcel a join parcel b on a.id < b.id and a.shape && b.shape
        where st_relate(a.shape, b.shape, '2********')),
    face as (select i, j, (st_dump(st_intersection(one, other))).geom as shape from pair)
    select i, j, sum(st_area(shape)) from face
    where st_dimension(shape) = 2 and 2 * st_area(shape) > {SURVEY_M} * st_perimeter(shape) group by i, j
"""
HOLES = f"""
    with tile as (select st_union(shape) as shape from parcel
        group by floor(st_xmin(shape) / {TILE_M}), floor(st_ymin(shape) / {TILE_M})),
    part as (select (st_dump(st_union(shape))).geom as shape from tile),
    ring as (select (st_dumprings(shape)).* from part)
    select st_asbinary(geom) from ring where path[1] > 0
        and 2 * st_area(geom) between {SURVEY_M} * st_perimeter(geom) and {GAP_M} * st_perimeter(geom)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Our findings."""

    overlaps: Overlaps
    gaps: Gaps


def run() -> int:
    """0 where ours takes a third of the time or less on every set, and finds what is there and no more."""
    clean = fabric(PARCELS)
    sets: list[tuple[str, Planted | None, Shapes]] = []
    truth = planted(clean, OVERLAPS, GAPS)
    sets.append(
        (
            f"the fabric, {len(truth.overlaps)} overlaps and {len(truth.gaps)} gaps planted",
            truth,
            truth.shapes,
        )
    )
    if danang.ARCHIVE.exists():
        real = np.concatenate(danang.wards())
        sets.append(("the real parcels of Da Nang", None, real[shapely.is_valid(real)]))
    else:
        print(f"{danang.ARCHIVE} is absent: real parcels are not measured")
    ratios, right = [], True
    with postgis() as conn:
        for name, known, shapes in sets:
            ratio, proved = compare(conn, name, shapes, known)
            ratios.append(ratio)
            right = right and proved
    told = " and ".join(f"{ratio:.1f}x" for ratio in ratios)
    same = "the same findings" if right else "the FINDINGS DIFFER"
    print(
        f"coverage: overlaps and gaps {told} as fast as the SQL self-join for overlaps, {same} (needs >= {NEEDED}x)"
    )
    return 0 if right and min(ratios) >= NEEDED else 1


def compare(conn: psycopg.Connection, name: str, shapes: Shapes, truth: Planted | None) -> tuple[float, bool]:
    """Their best time by ours, and whether the findings are proved; prints a table."""
    wkb = shapely.to_wkb(shapes)
    fill(conn, wkb)
    ours(wkb[:100])  # compiles
    found, mine, theirs = ours(wkb), [], []
    for _ in range(ROUNDS):
        theirs.append(seconds(lambda: conn.execute(JOIN).fetchall()))
        mine.append(seconds(lambda: ours(wkb)))
    begun = time.perf_counter()
    sizes = {(i, j): area for i, j, area in conn.execute(SIZES)}
    holes_begun = time.perf_counter()
    holes = shapely.from_wkb([row[0] for row in conn.execute(HOLES)])
    ended = time.perf_counter()
    print(
        f"{shapes.size:,} parcels, {shapely.get_num_coordinates(shapes).mean():.1f} coordinates each: {name}"
    )
    print(f"  {'seconds':<42} {'best':>7}   rounds")
    for label, rounds in (("ours: overlaps, gaps", mine), ("SQL: self-join by ST_Relate, no areas", theirs)):
        print(f"  {label:<42} {min(rounds):>7.2f}   {' '.join(f'{one:.2f}' for one in rounds)}")
    print(f"  {'SQL: the same join with areas (once)':<42} {holes_begun - begun:>7.2f}")
    print(f"  {'SQL: holes of ST_Union (once)':<42} {ended - holes_begun:>7.2f}", flush=True)
    return min(theirs) / min(mine), proved(found, sizes, np.asarray(holes, dtype=object), truth)


def ours(wkb: np.ndarray) -> Found:
    """What a check of a survey asks of plots side by side."""
    shapes = np.asarray(shapely.from_wkb(wkb), dtype=object)
    return Found(*overlaps_and_gaps(shapes))


def proved(found: Found, sizes: Sizes, holes: Shapes, truth: Planted | None) -> bool:
    """Whether our pairs are those of SQL with the same areas, and what was planted is there; prints what is not."""
    o, g = found.overlaps, found.gaps
    pairs = dict(zip(zip(o.i.tolist(), o.j.tolist(), strict=True), o.area_m2.tolist(), strict=True))
    differences = [("overlaps", "SQL's", _unlike(pairs, sizes))]
    if truth is not None:
        slits = dict(zip(zip(g.i.tolist(), g.j.tolist(), strict=True), g.area_m2.tolist(), strict=True))
        differences.append(("overlaps", "those planted", _unlike(pairs, truth.overlaps)))
        differences.append(("gaps", "those planted", _unlike(slits, truth.gaps)))
        if g.i.size != len(slits):
            differences.append(("gaps", "one of each pair", ["a pair with several gaps"]))
    at, hole = shapely.STRtree(holes).query(shapely.point_on_surface(g.shape), predicate="intersects")
    alike = np.abs(shapely.area(holes[hole]) - g.area_m2[at]) <= SAME_M2
    held = np.unique(at[alike])
    print(
        f"  {len(pairs):,} overlaps, SQL {len(sizes):,}; {g.i.size:,} gaps, {int(g.closed.sum()):,} of them all around, "
        f"{held.size:,} of them one of the {holes.size:,} narrow holes of SQL"
    )
    if truth is not None and held.size != g.i.size:
        differences.append(("gaps", "SQL's holes", [f"{g.i.size - held.size} gaps that are none"]))
    for what, other, unlike in differences:
        if unlike:
            print(f"  {what} differ from {other} in {len(unlike)}: {unlike[:5]}")
    return o.complete and g.complete and not any(unlike for _, _, unlike in differences)


def _unlike(one: Sizes, other: Sizes) -> list[object]:
    """Pairs of one and not the other, and those with other areas."""
    alone: list[object] = sorted(one.keys() ^ other.keys())
    return alone + [pair for pair in one.keys() & other.keys() if abs(one[pair] - other[pair]) > SAME_M2]


def fill(conn: psycopg.Connection, wkb: np.ndarray) -> None:
    """The table `parcel` of these shapes, by their places, indexed and analysed."""
    conn.execute("drop table if exists parcel")
    conn.execute("create table parcel (id int primary key, shape geometry)")
    with conn.cursor().copy("copy parcel (id, shape) from stdin") as copy:
        for k, one in enumerate(wkb.tolist()):
            copy.write_row((k, one.hex()))
    conn.execute("create index on parcel using gist (shape)")
    conn.execute("vacuum analyze parcel")


@contextmanager
def postgis() -> Iterator[psycopg.Connection]:
    """A connection to an empty database with PostGIS in a private server with the product's settings."""
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # the server runs under an account of its own
        cluster = Cluster(Path(folder) / "postgis", durable=False)
        cluster.start()
        try:
            with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
                server.execute("create database bench")
            with psycopg.connect(cluster.conninfo("bench"), autocommit=True) as conn:
                conn.execute("create extension postgis")
                yield conn
        finally:
            cluster.stop(discard=True)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(run())
