"""Address lists: beside the parcels, or later for parcels that are there."""

import psycopg

from register.revert import revert
from tests.register.handed_in import hand_in, lot


def main_texts(db: psycopg.Connection) -> dict[str, str | None]:
    rows = db.execute(
        "select v.number, a.text from parcel_version v join parcel_address l on l.code = v.code and l.main "
        "join address a on a.id = l.address where v.closed_by is null and l.closed_by is null"
    )
    return dict(rows.fetchall())


def test_a_list_beside_the_parcels(db: psycopg.Connection) -> None:
    receipt = hand_in(
        db,
        lot("1", 0, 0, 5, 20),
        lot("2", 5, 0, 10, 20, address="của tệp"),
        addresses=[
            ("1", "1", "3 Hàm Nghi", "50207"),
            ("1", "2", "5 Hàm Nghi", None),
            ("1", "9", "7 Hàm Nghi", None),
        ],
    )
    assert main_texts(db) == {"1": "3 Hàm Nghi", "2": "của tệp"}
    assert receipt.addresses == {"read": 3, "linked": 2, "unchanged": 0, "refused": 1}
    assert receipt.adds_up()
    (finding,) = [f for f in receipt.findings if f.rule == "address_without_parcel"]
    assert finding.record == "list.csv#3"
    assert db.execute("select count(*) from address where scheme = 'vpostcode'").fetchone() == (1,)


def test_a_list_for_parcels_that_are_there_and_its_undo(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20), lot("2", 5, 0, 10, 20, address="5 Hàm Nghi"))
    receipt = hand_in(db, addresses=[("1", "1", "3 Hàm Nghi", None), ("1", "2", "5B Hàm Nghi", None)])
    assert receipt.addresses == {"read": 2, "linked": 2, "unchanged": 0, "refused": 0}
    assert main_texts(db) == {"1": "3 Hàm Nghi", "2": "5 Hàm Nghi"}
    assert db.execute("select count(*) from parcel_address where closed_by is null").fetchone() == (3,)
    again = hand_in(
        db, addresses=[("1", "1", "3 Hàm Nghi", None), ("1", "2", "5B Hàm Nghi", None)], salt="other file"
    )
    assert again.addresses == {"read": 2, "linked": 0, "unchanged": 2, "refused": 0}
    with db.transaction():
        revert(db, receipt.correction or 0, "tester")
    assert main_texts(db) == {"1": None, "2": "5 Hàm Nghi"}


def test_repeated_numbers_are_not_guessed(db: psycopg.Connection) -> None:
    hand_in(db, lot("0", 0, 0, 5, 20), lot("0", 5, 0, 10, 20))
    receipt = hand_in(db, addresses=[("1", "0", "3 Hàm Nghi", None)])
    assert receipt.addresses["refused"] == 1
    assert receipt.findings[0].rule == "address_ambiguous"
