"""Kills at random moments, and what they left, told."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from cli.migrate import bring_up
from tests.cli.command import PATIENCE_S
from tests.faults.clerks import Clerk, Ledger, Surveyor
from tests.faults.laws import Auditor
from tests.faults.office import EDITORS, Kind, Office


@dataclass(slots=True)
class Told:
    """What came of it: kills, what the clerks were told, what does not hold, how often each check of a survey was begun."""

    kills: int
    ledger: Ledger
    failures: list[str]
    lost: int
    half: int
    begun: list[int]


@contextmanager
def at_work(one: Office, ledger: Ledger, seed: int, every_s: float) -> Iterator[None]:
    """All clerks and a surveyor at work while the block runs."""
    stop = threading.Event()
    people: list[threading.Thread] = [
        Clerk(one.url, ledger, stop, name, seed + n) for n, name in enumerate(EDITORS, 1)
    ]
    people.append(Surveyor(one.url, ledger, stop, seed, every_s))
    for person in people:
        person.start()
    try:
        yield
    finally:
        stop.set()
        for person in people:
            person.join(PATIENCE_S)


def under_fire(
    one: Office,
    kinds: Sequence[Kind],
    seed: int,
    *,
    most_s: float,
    every_s: float = 4.0,
    progress: Callable[[int, int, int], None] = lambda *_: None,
) -> Told:
    """Kill each of `kinds` in turn while people work, one to three within `most_s` seconds each; then all laws.

    After one to three kills, when the server answers again, what was noted since is compared; `progress` hears how many
    kills, acknowledged corrections and failures there are.
    """
    chance, ledger = random.Random(seed), Ledger()
    auditor = Auditor(one.url, one.conninfo)
    with at_work(one, ledger, seed, every_s):
        kills = 0
        while kills < len(kinds):
            for kind in kinds[kills : kills + chance.choice((1, 1, 2, 3))]:  # while they recover, too
                time.sleep(chance.uniform(0.0, most_s))
                one.kill(kind, family=chance.random() < 0.5)
                one.tend()
                kills += 1
            one.until_it_answers()
            auditor.look(ledger.copy())
            progress(kills, ledger.acknowledged(), len(auditor.failures()))
        before = ledger.acknowledged()
        until(lambda: ledger.acknowledged() > before, "the clerks to be back at work")
    until(lambda: not auditor.waiting(), "all surveys to be checked")
    auditor.look(ledger.copy(), every=True)
    begun = auditor.surveys(ledger.surveys)
    with psycopg.connect(one.cluster.conninfo(), autocommit=True) as server:
        server.execute("create database mirror")
    bring_up(one.cluster.conninfo("mirror"), "register")
    auditor.laws(one.cluster.conninfo("mirror"))
    failures = auditor.failures() + [f"FAULT {text}" for text in ledger.faults]
    failures += [f"ENDED {text}" for program in (one.server, one.worker) for text in program.ended]
    return Told(len(kinds), ledger, failures, len(auditor.lost), len(auditor.half), begun)


def until(true: Callable[[], object], what: str) -> None:
    """Wait."""
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < give_up, f"still waiting for {what}"
        time.sleep(0.1)
