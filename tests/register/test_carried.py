"""Addresses of parcels that are split or merged: each goes to a part, as seen and approved; none is lost."""

from typing import Any

import psycopg
import pytest

from register import proposals
from register.apply import apply
from register.correction import Correction
from register.errors import StaleError
from register.links import LinkDrafts
from register.revert import revert
from tests.register.addressing import addresses, at, brought, codes, one_main_each
from tests.register.handed_in import EAST, NORTH, hand_in, lot
from tests.register.proposing import APPROVER, AUTHOR, LAW, done, draft, preview, stops


@pytest.fixture
def yard(db: psycopg.Connection) -> psycopg.Connection:
    """Two parcels of 20 by 20 m; the first has five addresses: south, north, in front of the north, of no place, main."""
    hand_in(db, lot("1", 0, 0, 20, 20, address="10 Hàm Nghi"), lot("2", 20, 0, 40, 20, address="12 Hàm Nghi"))
    code = codes(db)["1"]
    brought(
        db,
        {"code": code, "text": "10A Hàm Nghi", **at(10, 3)},
        {"code": code, "text": "10B Hàm Nghi", "digital": "NDAS-2", **at(10, 17)},
        {"code": code, "text": "1 Trần Phú", **at(5, 24)},
        {"code": code, "digital": "NDAS-3"},
    )
    return db


def halves(code: str, **more: Any) -> dict[str, Any]:
    """A split in a northern part of 8 m and a southern of 12 m."""
    return {
        "parcel": code,
        "lines": [[[EAST - 1, NORTH + 12], [EAST + 21, NORTH + 12]]],
        "registered": True,
        **more,
    }


def at_parts(db: psycopg.Connection) -> dict[str, set[str]]:
    """Which addresses the parts have: north and south."""
    rows = db.execute(
        "select v.area_m2 < 200, coalesce(a.text, a.code) from parcel_version v join parcel_address l on l.code = v.code "
        "join address a on a.id = l.address where v.closed_by is null and l.closed_by is null and v.number not in ('1', '2') "
        "and (a.text is not null or a.scheme = 'ndas')"
    ).fetchall()
    return {
        name: {text for small, text in rows if small == north}
        for name, north in (("north", True), ("south", False))
    }


def test_each_address_goes_where_its_point_lies(yard: psycopg.Connection) -> None:
    code = codes(yard)["1"]
    before = addresses(yard)
    applied, seen = done(yard, "split", **halves(code))
    moved = {one["text"] or one["code"]: one["how"] for one in seen["addresses"]["moved"]}
    assert moved == {
        "10A Hàm Nghi": "point",
        "10B Hàm Nghi": "point",
        "1 Trần Phú": "frontage",
        "NDAS-3": "point",
    }
    assert at_parts(yard) == {
        "north": {"10 Hàm Nghi", "10B Hàm Nghi", "1 Trần Phú"},
        "south": {"10 Hàm Nghi", "10A Hàm Nghi", "NDAS-3"},
    }
    assert all(
        one["to"] in seen["codes"]["issued"] and one["from"] == code for one in seen["addresses"]["moved"]
    )
    assert one_main_each(yard)
    with yard.transaction():
        revert(yard, applied.id, "tester")
    assert addresses(yard) == before
    assert one_main_each(yard)


def test_the_editor_may_say_otherwise(yard: psycopg.Connection) -> None:
    code = codes(yard)["1"]
    other = [{"text": "10A Hàm Nghi", "part": 0}, {"code": "ndas-3", "part": 0}]
    _, seen = done(yard, "split", **halves(code, addresses=other))
    how = {one["text"] or one["code"]: one["how"] for one in seen["addresses"]["moved"]}
    assert (how["10A Hàm Nghi"], how["NDAS-3"], how["10B Hàm Nghi"]) == ("assigned", "assigned", "point")
    assert at_parts(yard)["north"] == {"10 Hàm Nghi", "10A Hàm Nghi", "10B Hàm Nghi", "1 Trần Phú", "NDAS-3"}


def test_a_remainder_keeps_what_nobody_sends_elsewhere(yard: psycopg.Connection) -> None:
    code = codes(yard)["1"]
    applied, _ = done(yard, "split", **halves(code, keeps=0, addresses=[{"text": "10A Hàm Nghi", "part": 1}]))
    assert applied.counts["issued"] == 1
    assert at_parts(yard)["south"] == {"10 Hàm Nghi", "10A Hàm Nghi"}
    left = {text or digital for number, _, digital, text, _ in addresses(yard) if number == "1"}
    assert left == {"10 Hàm Nghi", "10B Hàm Nghi", "1 Trần Phú", "NDAS-3"}
    assert one_main_each(yard)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_whole_has_the_addresses_of_all(yard: psycopg.Connection, keeps: bool) -> None:
    code = codes(yard)
    before = addresses(yard)
    more = {"keeps": code["2"]} if keeps else {}
    applied, _ = done(yard, "merge", parcels=[code["1"], code["2"]], registered=True, **more)
    texts = {text or digital for _, _, digital, text, _ in addresses(yard)}
    assert texts == {"10 Hàm Nghi", "12 Hàm Nghi", "10A Hàm Nghi", "10B Hàm Nghi", "1 Trần Phú", "NDAS-3"}
    assert one_main_each(yard)
    with yard.transaction():
        revert(yard, applied.id, "tester")
    assert addresses(yard) == before


def test_what_is_not_there_stops_the_draft(yard: psycopg.Connection) -> None:
    code = codes(yard)["1"]
    assert stops(draft(yard, "split", **halves(code, addresses=[{"text": "99 Hàm Nghi", "part": 0}]))) == [
        "not_linked"
    ]
    assert stops(draft(yard, "split", **halves(code, addresses=[{"text": "10A Hàm Nghi", "part": 2}]))) == [
        "no_such_part"
    ]


def test_an_address_linked_meanwhile_is_not_lost(yard: psycopg.Connection) -> None:
    code = codes(yard)["1"]
    one = draft(yard, "split", **halves(code))
    seen = one.hash or b""
    proposals.submit(yard, one.key, AUTHOR, seen)
    proposals.approve(yard, one.key, APPROVER, seen)
    apply(yard, Correction("address", "x", LAW), LinkDrafts([{"parcel": code, "text": "7 Trần Phú"}], []))
    with pytest.raises(StaleError), yard.transaction():
        proposals.apply_approved(yard, one.key, APPROVER, seen)
    anew = proposals.redraft(yard, one.key, AUTHOR)
    assert "7 Trần Phú" in {link["text"] for link in preview(anew)["addresses"]["moved"]}
