"""Two imports at the same time: each parcel comes in once, whoever is first."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from register.connect import connect
from register.receive import Receipt
from tests.register.handed_in import Lot, hand_in, lot

LOTS = [lot(str(n), n * 5, 0, n * 5 + 5, 20) for n in range(40)]


def both(conninfo: str, first: Sequence[Lot], second: Sequence[Lot], salts: tuple[str, str]) -> list[Receipt]:
    """Receipts of two hand-ins that begin together, each over a connection of its own."""
    start = Barrier(2)

    def bring(lots: Sequence[Lot], salt: str) -> Receipt:
        with connect(conninfo) as conn:
            start.wait(timeout=30)
            receipt = hand_in(conn, *lots, salt=salt)
            conn.commit()
            return receipt

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(bring, (first, second), salts))


@pytest.mark.parametrize("salts", [("one file", "another file"), ("the same file", "the same file")])
def test_the_same_parcels_come_in_once(conninfo: str, db: psycopg.Connection, salts: tuple[str, str]) -> None:
    receipts = both(conninfo, LOTS, LOTS, salts)
    assert sorted((r.stored, r.unchanged) for r in receipts) == [(0, 40), (40, 0)]
    assert all(r.adds_up() for r in receipts)
    assert db.execute("select count(*), count(distinct code) from parcel_version").fetchone() == (40, 40)
    assert db.execute("select count(*) from defect").fetchone() == (0,)


def test_overlaps_between_them_are_found_by_the_second(conninfo: str, db: psycopg.Connection) -> None:
    others = [lot(f"x{n}", n * 5, 10, n * 5 + 5, 30) for n in range(40)]
    receipts = both(conninfo, LOTS, others, ("a", "b"))
    assert sorted(r.inherited.get("overlap", 0) for r in receipts) == [0, 40]
    assert [r.stored for r in receipts] == [40, 40]
