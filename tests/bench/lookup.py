"""Look-up of a parcel by its code over HTTP against the bare SQL statement that answers it.

The same statement over the same random codes, one client each: psycopg with a prepared statement on one side, a
keep-alive HTTP connection on the other; alternating rounds, p50 and p99 of each round, medians of the rounds.

    .venv/bin/python -m tests.bench lookup
"""

import statistics
import sys
import time

import psycopg

from register.connect import READER, search_path
from register.find import WGS84
from register.statements import load
from tests.bench.serving import filled_register, our_server
from tests.bench.wire import Line

NEEDED = 3.0
ROUNDS = 7
LOOKUPS = 4_000


def run() -> int:
    """0 where the bar holds, 1 where not."""
    with filled_register() as conninfo, our_server(conninfo) as port:
        options = f"{search_path('register')} {READER}"
        with psycopg.connect(conninfo, autocommit=True, options=options, prepare_threshold=0) as conn:
            find = "select code from parcel_version where closed_by is null order by md5(code) limit %s"
            codes = [code for (code,) in conn.execute(find, [LOOKUPS])]
            sides: dict[str, list[list[float]]] = {"sql": [], "http": []}
            for number in range(ROUNDS + 1):
                bare, texts = by_sql(conn, codes)
                served, bodies = by_http(port, codes)
                assert texts == bodies, "HTTP and SQL do not answer the same"
                if number:  # the first round warms both
                    sides["sql"].append(bare)
                    sides["http"].append(served)
    p50, p99 = ({name: middle(rounds, q) for name, rounds in sides.items()} for q in (50, 99))
    for name in sides:
        print(f"{name:>5}: p50 {p50[name] * 1e3:.3f} ms, p99 {p99[name] * 1e3:.3f} ms")
    ratio = p99["http"] / p99["sql"]
    print(
        f"lookup: p99 {ratio:.2f}x bare SQL, p50 {p50['http'] / p50['sql']:.2f}x, "
        f"{len(codes)} codes, median of {ROUNDS} (needs <= {NEEDED}x)"
    )
    return 0 if ratio <= NEEDED else 1


def by_sql(conn: psycopg.Connection, codes: list[str]) -> tuple[list[float], list[bytes]]:
    """Seconds and answer of the statement for each code."""
    sql = load("register", "find.sql")
    statement = f"{sql['feature']}\n{sql['current']}"
    seconds, answers = [], []
    for code in codes:
        started = time.perf_counter()
        row = conn.execute(statement, {"codes": [code], "epsg": WGS84}, prepare=True).fetchone()
        seconds.append(time.perf_counter() - started)
        assert row is not None
        answers.append(row[3].encode())
    return seconds, answers


def by_http(port: int, codes: list[str]) -> tuple[list[float], list[bytes]]:
    """Seconds and answer of the server for each code."""
    with Line("127.0.0.1", port) as line:
        answers = [line.get(f"/api/v1/parcels/{code}") for code in codes]
    assert {a.status for a in answers} == {200}
    return [a.seconds for a in answers], [a.body for a in answers]


def middle(rounds: list[list[float]], percent: int) -> float:
    """Median over rounds of each round's percentile."""
    return statistics.median(statistics.quantiles(one, n=100)[percent - 1] for one in rounds)


if __name__ == "__main__":
    sys.exit(run())
