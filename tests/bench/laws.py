"""Stories of the register by hypothesis (`tests.register.laws`), with seeds nobody chose: all laws hold in 20,000 steps.

A broken law is printed with its seed and its story; `LAWS_SEED=n make bench ONLY=laws` tells that seed again, and shortens it.
"""

import multiprocessing
import os
import random
import sys
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg import sql

from cli.cluster import Cluster
from register.connect import connect
from register.migrate import migrate
from tests.register.laws import Laws

NEEDED = 20_000
STORIES, STEPS = 8, 60
AT_ONCE = 2
TEMPLATE = "bench_laws"


def told(task: tuple[str, int, bool]) -> tuple[int, Counter[str], str]:
    """The stories of one seed, over databases of the server `conninfo`: its counts, and what broke (empty: nothing)."""
    conninfo, number, short = task

    @contextmanager
    def clone() -> Iterator[str]:
        name = f"{TEMPLATE}_{uuid.uuid4().hex[:12]}"
        words = sql.Identifier(name), sql.Identifier(TEMPLATE)
        with psycopg.connect(conninfo, autocommit=True) as server:
            server.execute(sql.SQL("create database {} template {}").format(*words))
        try:
            yield psycopg.conninfo.make_conninfo(conninfo, dbname=name)
        finally:
            with psycopg.connect(conninfo, autocommit=True) as server:
                server.execute(sql.SQL("drop database {} with (force)").format(words[0]))

    count: Counter[str] = Counter()
    machine = seed(number)(type("Story", (Laws,), {"clone": staticmethod(clone), "count": count}))
    phases = [Phase.generate, Phase.shrink] if short else [Phase.generate]
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=STORIES, stateful_step_count=STEPS, deadline=None, database=None, phases=phases,
                report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    except Exception:
        return number, count, traceback.format_exc()
    return number, count, ""


def run() -> int:
    """0 where enough steps were done and no law was broken."""
    asked = os.environ.get("LAWS_SEED")
    rounds = iter([int(asked)]) if asked else iter(lambda: random.SystemRandom().getrandbits(32), None)
    total: Counter[str] = Counter()
    broken = 0
    begun = time.monotonic()
    cluster = Cluster(Path(f"/var/tmp/diachinh-bench-laws-{os.geteuid()}"), durable=False)  # noqa: S108 - the cluster refuses a stranger's folder
    cluster.start()
    try:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            server.execute(f"drop database if exists {TEMPLATE} with (force)")
            server.execute(f"create database {TEMPLATE}")
        with connect(cluster.conninfo(TEMPLATE)) as conn:
            migrate(conn)
        tasks = ((cluster.conninfo(), number, bool(asked)) for number in rounds)
        with multiprocessing.get_context("spawn").Pool(AT_ONCE) as pool:
            waiting = []
            for task in tasks:
                waiting.append(pool.apply_async(told, (task,)))
                if len(waiting) > AT_ONCE:
                    broken += _take(waiting.pop(0).get(), total, begun)
                if total["steps"] >= NEEDED:
                    break
            for one in waiting:
                broken += _take(one.get(), total, begun)
    finally:
        cluster.stop(discard=True)
    for name in sorted(name for name in total if name.startswith(("applied ", "refused ", "late ", "stop "))):
        print(f"  {name}: {total[name]:,}")
    print(
        f"laws: {total['steps']:,} steps in {total['stories']:,} stories, {total['applied']:,} corrections applied, "
        f"{broken} broken (needs {NEEDED:,} steps, 0 broken)"
    )
    return 0 if total["steps"] >= NEEDED and not broken else 1


def _take(one: tuple[int, Counter[str], str], total: Counter[str], begun: float) -> int:
    """1 where a law was broken."""
    number, count, broke = one
    total.update(count)
    each_ms = (time.monotonic() - begun) / max(total["steps"], 1) * 1e3
    print(
        f"seed {number}: {count['steps']} steps; in all {total['steps']:,}, {each_ms:.0f} ms each", flush=True
    )
    if broke:
        print(f"BROKEN by seed {number}:\n{broke}", flush=True)
    return int(bool(broke))


if __name__ == "__main__":
    sys.exit(run())
