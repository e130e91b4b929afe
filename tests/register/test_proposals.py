"""From an intent to the register: seen before, approved by another, applied as seen; what is stale or refused stays a draft."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from register import proposals
from register.conflicts import conflicts
from register.errors import ConflictError, NotPreviewedError, StateError
from register.proposal import find
from register.rebase import rebase
from register.revert import revert
from tests.register.handed_in import current, hand_in, lot
from tests.register.proposing import APPROVER, AUTHOR, LAW, done, draft, preview, stops, through


@pytest.fixture
def codes(db: psycopg.Connection) -> list[str]:
    """Three parcels in a row, numbers 1, 2, 3 of sheet 1."""
    hand_in(db, *(lot(str(n), 10 * n, 0, 10 * n + 10, 10) for n in (1, 2, 3)))
    db.commit()
    return [code for (code,) in db.execute("select code from parcel_version order by number")]


def numbers(conn: psycopg.Connection) -> list[str]:
    return sorted(value[1] for value in current(conn).values())


def test_attributes_seen_approved_and_applied(db: psycopg.Connection, codes: list[str]) -> None:
    one = draft(
        db, "attributes", parcels=[{"parcel": codes[0].upper(), "land_use": "CLN", "legal_area_m2": "99.50"}]
    )
    told = preview(one)
    assert [(p["role"], p["before"]["land_use"], p["after"]["land_use"]) for p in told["parcels"]] == [
        ("changed", "ODT", "CLN")
    ]
    assert told["phrases"] == [
        {"code": codes[0], "number": "1",
         "text": "Loại đất thay đổi từ ODT thành CLN; diện tích pháp lý thay đổi từ (chưa ghi) thành 99,5 m²"}
    ]  # fmt: skip
    applied = through(db, one)
    assert applied.counts["opened"] == 1
    assert current(db)[codes[0]][2] == "CLN"
    row = db.execute(
        "select author, approver, effective_on, seq from correction where id = %s", [applied.id]
    ).fetchone()
    assert row == (AUTHOR, APPROVER, LAW, 2)
    states = [state for (state,) in db.execute("select state from proposal_event order by id")]
    assert states == ["draft", "submitted", "approved", "applied"]


def test_nobody_approves_their_own_nor_what_they_have_not_seen(
    db: psycopg.Connection, codes: list[str]
) -> None:
    one = draft(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "CLN"}])
    seen = one.hash or b""
    with pytest.raises(NotPreviewedError):
        proposals.submit(db, one.key, AUTHOR, b"other")
    proposals.submit(db, one.key, AUTHOR, seen)
    with pytest.raises(StateError, match="themselves"):
        proposals.approve(db, one.key, AUTHOR, seen)
    proposals.redraft(
        db, one.key, AUTHOR, {"kind": "attributes", "parcels": [{"parcel": codes[0], "land_use": "LUC"}]}
    )
    with pytest.raises(StateError):
        proposals.approve(db, one.key, APPROVER, seen)
    two = find(db, one.key)
    proposals.submit(db, one.key, AUTHOR, two.hash or b"")
    with pytest.raises(NotPreviewedError):
        proposals.approve(db, one.key, APPROVER, seen)
    proposals.give_back(db, one.key, APPROVER, "sai loại đất", (105.8, 21.0))
    with pytest.raises(StateError):
        proposals.apply_approved(db, one.key, APPROVER, two.hash or b"")
    proposals.withdraw(db, one.key, AUTHOR)
    assert current(db)[codes[0]][2] == "ODT"
    assert find(db, one.key).intent["parcels"][0]["land_use"] == "LUC", "a draft is never lost"


def test_what_would_be_refused_is_a_finding_and_the_draft_is_kept(
    db: psycopg.Connection, codes: list[str]
) -> None:
    cases = [
        (draft(db, "attributes", parcels=[{"parcel": codes[0], "number": "2"}]), "number_taken"),
        (draft(db, "attributes", parcels=[{"parcel": "w7er8sp5fqe0", "number": "9"}]), "not_found"),
        (draft(db, "attributes", parcels=[{"parcel": codes[0]}, {"parcel": codes[0]}]), "named_twice"),
        (draft(db, "attributes", date(2020, 1, 1), parcels=[{"parcel": codes[0], "number": "9"}]), "early"),
        (draft(db, "register", parcels=[codes[0]]), "registered"),
        (draft(db, "resheet", parcels=[codes[0]], to={"commune": "20194", "number": "77"}), "not_found"),
        (draft(db, "revert", correction=99), "not_found"),
        (draft(db, "address", unlink=[{"parcel": codes[0], "text": "nowhere"}]), "not_linked"),
    ]
    was = current(db)
    for one, rule in cases:
        assert stops(one) == [rule]
        with pytest.raises(StateError):
            proposals.submit(db, one.key, AUTHOR, one.hash or b"")
        assert find(db, one.key).state == "draft"
    assert current(db) == was


def test_a_retired_code_is_told_with_what_became_of_it(db: psycopg.Connection, codes: list[str]) -> None:
    done(db, "retire", parcels=[codes[2]])
    assert numbers(db) == ["1", "2"]
    assert stops(draft(db, "retire", parcels=[codes[2]])) == ["retired"]
    links = db.execute(
        "select count(*) from parcel_address where code = %s and closed_by is null", [codes[2]]
    ).fetchone()
    assert links == (0,)


def test_numbers_are_never_used_again_and_drafts_hold_theirs(
    db: psycopg.Connection, codes: list[str]
) -> None:
    done(db, "renumber", parcels=[{"parcel": codes[2]}])
    assert numbers(db) == ["1", "2", "4"]
    first = draft(db, "renumber", parcels=[{"parcel": codes[0]}])
    second = draft(db, "renumber", parcels=[{"parcel": codes[1]}])
    through(db, second)
    through(db, first)
    assert numbers(db) == ["4", "5", "6"]


def test_stale_drafts_are_shown_three_ways_and_rebased(db: psycopg.Connection, codes: list[str]) -> None:
    mine = draft(
        db,
        "attributes",
        parcels=[{"parcel": codes[0], "land_use": "CLN"}, {"parcel": codes[1], "land_use": "CLN"}],
    )
    done(db, "attributes", parcels=[{"parcel": codes[0], "legal_area_m2": "77"}])
    [entry] = conflicts(db, mine)
    assert (entry["code"], entry["fields"], entry["free"]) == (codes[0], [], True)
    with pytest.raises(ConflictError):
        proposals.submit(db, mine.key, AUTHOR, mine.hash or b"")
    again = rebase(db, mine.key, AUTHOR)
    through(db, again)
    row = db.execute(
        "select land_use, legal_area_m2 from parcel_version where code = %s and closed_by is null", [codes[0]]
    )
    assert row.fetchone() == ("CLN", Decimal("77.00")), "both kept"


def test_what_both_changed_is_decided_by_the_author(db: psycopg.Connection, codes: list[str]) -> None:
    both = [{"parcel": codes[0], "land_use": "CLN"}, {"parcel": codes[1], "land_use": "CLN"}]
    mine, other = draft(db, "attributes", parcels=both), draft(db, "attributes", parcels=both)
    done(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "LUC"}])
    with pytest.raises(ConflictError) as caught:
        rebase(db, mine.key, AUTHOR)
    [entry] = caught.value.conflicts
    assert (entry["base"]["land_use"], entry["theirs"]["land_use"], entry["yours"]["land_use"]) == (
        "ODT",
        "LUC",
        "CLN",
    )
    through(db, rebase(db, mine.key, AUTHOR, {codes[0]: "theirs"}))
    assert [current(db)[code][2] for code in codes[:2]] == ["LUC", "CLN"]
    through(db, rebase(db, other.key, AUTHOR, {codes[0]: "mine"}))
    assert [current(db)[code][2] for code in codes[:2]] == ["CLN", "CLN"]


def test_a_parcel_that_ended_leaves_the_draft_only_when_told(
    db: psycopg.Connection, codes: list[str]
) -> None:
    mine = draft(db, "attributes", parcels=[{"parcel": code, "land_use": "CLN"} for code in codes])
    lone = draft(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "CLN"}])
    done(db, "retire", parcels=[codes[0]])
    with pytest.raises(ConflictError):
        rebase(db, mine.key, AUTHOR, {codes[0]: "mine"})
    through(db, rebase(db, mine.key, AUTHOR, {codes[0]: "theirs"}))
    with pytest.raises(StateError):
        rebase(db, lone.key, AUTHOR, {codes[0]: "theirs"})
    assert find(db, lone.key).state == "draft"


def test_undo_is_a_correction_too_and_may_take_a_chain(db: psycopg.Connection, codes: list[str]) -> None:
    was = current(db)
    first, _ = done(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "CLN"}])
    second, _ = done(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "LUC"}])
    refused = draft(db, "revert", correction=first.id)
    assert stops(refused) == ["not_revertible"]
    assert str(second.id) in preview(refused)["findings"][0]["text_en"]
    _, told = done(db, "revert", correction=first.id, chain=True)
    assert told["counts"]["corrections"] == 2
    assert [(p["before"]["land_use"], p["after"]["land_use"]) for p in told["parcels"]] == [("LUC", "ODT")]
    assert current(db) == was


def test_addresses_are_linked_unlinked_and_undone(db: psycopg.Connection, codes: list[str]) -> None:
    def links() -> list[tuple[str, str | None, bool]]:
        return db.execute(
            "select a.scheme, a.text, l.main from parcel_address l join address a on a.id = l.address "
            "where l.code = %s and l.closed_by is null order by 1, 2", [codes[0]]).fetchall()  # fmt: skip

    was = links()
    applied, _ = done(
        db, "address", link=[{"parcel": codes[0], "text": "Số 12 ngõ 45 Trần Phú", "main": True}]
    )
    assert links() == [("olc", None, False), ("text", "Số 12 ngõ 45 Trần Phú", True)]
    assert stops(draft(db, "address", unlink=[{"parcel": codes[0], "text": "Số 12 ngõ 45 Trần Phú"}])) == [
        "no_main"
    ]
    revert(db, applied.id, "u")
    assert links() == was


def test_a_draft_changed_behind_its_hash_is_not_applied(db: psycopg.Connection, codes: list[str]) -> None:
    one = draft(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "CLN"}])
    proposals.submit(db, one.key, AUTHOR, one.hash or b"")
    proposals.approve(db, one.key, APPROVER, one.hash or b"")
    db.execute("alter table proposed disable trigger no_update")
    db.execute("update proposed set land_use = 'LUC'")
    with pytest.raises(NotPreviewedError):
        proposals.apply_approved(db, one.key, APPROVER, one.hash or b"")
