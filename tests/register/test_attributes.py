"""Corrections of what is written about a parcel, and their undo."""

from decimal import Decimal

import psycopg
import pytest

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.correction import Applied, Correction
from register.errors import NotRevertibleError, NumberTakenError, StaleError
from register.revert import revert
from tests.register.handed_in import DAY, current, hand_in, lot


def edit(db: psycopg.Connection, code: str, **values: object) -> Applied:
    version = current_version(db, code)
    assert version is not None
    with db.transaction():
        return apply(
            db,
            Correction("attributes", "editor", DAY),
            AttributeDrafts([Edit(version, **values)]),  # type: ignore[arg-type]
        )


def codes(db: psycopg.Connection) -> dict[str, str]:
    return dict(db.execute("select number, code from parcel_version where closed_by is null").fetchall())


def test_new_values_are_a_new_version_of_the_same_parcel(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20), lot("2", 5, 0, 10, 20))
    code = codes(db)["1"]
    shape = current(db)[code][3]
    edit(db, code, land_use="CLN", legal_area_m2=Decimal("99.5"))
    assert current(db)[code] == ("1", "1", "CLN", shape)
    rows = db.execute(
        "select land_use, legal_area_m2, closed_by is null from parcel_version where code = %s order by id",
        (code,),
    ).fetchall()
    assert rows == [("ODT", None, False), ("CLN", Decimal("99.50"), True)]


def test_undo_and_undo_of_the_undo(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20))
    (code,) = current(db)
    before = current(db)
    first = edit(db, code, land_use="CLN")
    after = current(db)
    with db.transaction():
        undo = revert(db, first.id, "editor")
    assert current(db) == before
    with db.transaction():
        revert(db, undo.id, "editor")
    assert current(db) == after


def test_an_old_version_is_not_edited_over_a_newer_one(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20))
    (code,) = current(db)
    version = current_version(db, code)
    assert version is not None
    mine = edit(db, code, land_use="CLN")
    with pytest.raises(StaleError) as stale, db.transaction():
        apply(db, Correction("attributes", "slow", DAY), AttributeDrafts([Edit(version, land_use="LUC")]))
    assert stale.value.closed == {code: mine.id}
    assert current(db)[code][2] == "CLN"


def test_what_later_corrections_stand_on_is_not_undone(db: psycopg.Connection) -> None:
    receipt = hand_in(db, lot("1", 0, 0, 5, 20))
    (code,) = current(db)
    later = edit(db, code, land_use="CLN")
    with pytest.raises(NotRevertibleError) as refused, db.transaction():
        revert(db, receipt.correction or 0, "editor")
    assert refused.value.later == [later.id]


def test_a_number_that_is_taken_is_refused_and_a_repeated_one_put_right_leaves_the_list(
    db: psycopg.Connection,
) -> None:
    hand_in(db, lot("0", 0, 0, 5, 20), lot("0", 5, 0, 10, 20), lot("3", 10, 0, 15, 20))
    third = codes(db)["3"]
    with pytest.raises(NumberTakenError), db.transaction():
        edit(db, third, number="0")
    (listed,) = db.execute(
        "select code from defect where kind = 'number' and closed_by is null"
    ).fetchone() or ("",)
    edit(db, listed, number="4")
    assert db.execute(
        "select count(*) from defect where kind = 'number' and closed_by is null"
    ).fetchone() == (0,)


def test_corrections_are_chained(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20))
    (code,) = current(db)
    edit(db, code, land_use="CLN")
    edit(db, code, land_use="LUC")
    links = db.execute("select previous, hash from correction order by id").fetchall()
    assert [hash for _, hash in links[:-1]] == [previous for previous, _ in links[1:]]
    assert db.execute("select hash from chain").fetchone() == (links[-1][1],)
    assert len({bytes(hash) for _, hash in links}) == 3
