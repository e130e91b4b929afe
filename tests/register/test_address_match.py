"""Addresses matched with parcels: by code, number, digital address, place and text; agreed, or told why not."""

import psycopg
import pytest

from register.errors import InvalidKeyError, RegisterError
from register.revert import revert
from tests.register.addressing import addresses, at, brought, codes, one_main_each, outcomes
from tests.register.handed_in import COMMUNE, hand_in, lot
from tests.register.proposing import done


@pytest.fixture
def street(db: psycopg.Connection) -> psycopg.Connection:
    """Three parcels side by side, 10 m wide, 20 deep; the third has an address."""
    hand_in(
        db,
        lot("1", 0, 0, 10, 20),
        lot("2", 10, 0, 20, 20),
        lot("3", 20, 0, 30, 20, address="14 Hàm Nghi, Tổ 5", postcode="50207"),
    )
    return db


def key(number: str) -> dict[str, str]:
    return {"commune": COMMUNE, "sheet": "1", "number": number}


def test_each_way_leads_to_the_parcel(street: psycopg.Connection) -> None:
    code = codes(street)
    receipt, told = brought(
        street,
        {"code": code["1"], "text": "10 Hàm Nghi"},
        {**key("2"), "text": "12 Hàm Nghi"},
        {**at(5, 5), "text": "10A Hàm Nghi"},
        {"commune": COMMUNE, "text": "14 ham nghi, to 5"},
        {"commune": COMMUNE, "text": "14 Hàm Nghi, Hải Châu", "house": "14", "street": "Hàm Nghi"},
    )
    assert outcomes(told) == ["linked found"] * 5
    assert [row["parcels"] for row in told] == [[code[n]] for n in ("1", "2", "1", "3", "3")]
    assert [sorted(row["says"]) for row in told] == [["code"], ["number"], ["place"], ["text"], ["house"]]
    assert receipt.counts.linked == 5
    assert addresses(street) == {
        ("1", "text", "", "10 Hàm Nghi", True),
        ("1", "text", "", "10A Hàm Nghi", False),
        ("2", "text", "", "12 Hàm Nghi", True),
        ("3", "olc", "", "14 Hàm Nghi, Tổ 5", True),
        ("3", "text", "", "14 ham nghi, to 5", False),
        ("3", "text", "", "14 Hàm Nghi, Hải Châu", False),
    }
    assert one_main_each(street)


def test_ways_that_disagree_are_told_with_both(street: psycopg.Connection) -> None:
    code = codes(street)
    before = addresses(street)
    receipt, [one, two, three] = brought(
        street,
        {"code": code["1"], **at(15, 5), "text": "10 Hàm Nghi"},
        {**key("2"), "code": code["3"], "text": "12 Hàm Nghi"},
        {"code": code["1"], **at(10, 5), "text": "11 Hàm Nghi"},
    )
    assert outcomes([one, two, three]) == ["conflicting disagree", "conflicting disagree", "linked found"]
    assert one["says"] == {"code": [code["1"]], "place": [code["2"]]}
    assert two["says"] == {"code": [code["3"]], "number": [code["2"]]}
    assert sorted(three["says"]["place"]) == sorted([code["1"], code["2"]]), "on the border: of either"
    assert receipt.counts.conflicting == 2
    assert addresses(street) - before == {("1", "text", "", "11 Hàm Nghi", True)}


def test_a_point_in_no_parcel_is_a_proposal_only(street: psycopg.Connection) -> None:
    code = codes(street)
    before = addresses(street)
    receipt, told = brought(
        street,
        {**at(5, -4), "text": "10 Hàm Nghi"},
        {**at(5, -400), "text": "10 Hàm Nghi"},
        {**at(5, -40), "code": code["1"], "text": "10 Hàm Nghi"},
        {**at(5, -4), "code": code["1"], "text": "10B Hàm Nghi"},
    )
    assert outcomes(told) == ["outside nearest", "outside far", "outside far_from_named", "linked beside"]
    assert [row["nearest"] for row in told] == [code["1"], None, None, code["1"]]
    assert [row["distance_m"] for row in told] == pytest.approx([4, None, 40, 4], abs=0.01)
    assert (receipt.counts.outside, receipt.counts.linked) == (3, 1)
    assert addresses(street) - before == {("1", "text", "", "10B Hàm Nghi", True)}


def test_what_is_not_there_is_refused_whatever_else_the_row_says(street: psycopg.Connection) -> None:
    _, told = brought(
        street,
        {"code": "w7er8sp5fqef", **at(5, 5), "text": "10 Hàm Nghi"},
        {**key("99"), **at(5, 5), "text": "10 Hàm Nghi"},
        {"known": "7P8C35GH+8VQ", "text": "10 Hàm Nghi"},
        {"commune": COMMUNE, "text": "99 Hàm Nghi"},
        {"sheet": "1", "number": "1", "text": "10 Hàm Nghi"},
        {"text": "14 Hàm Nghi, Tổ 5"},
    )
    assert outcomes(told) == [
        "refused unknown_code", "refused unknown_number", "refused unknown_digital", "refused unknown_text",
        "refused no_commune", "ambiguous text_alone",
    ]  # fmt: skip
    assert told[0]["says"] == {"place": [codes(street)["1"]]}, "what else it says is told"


def test_the_same_file_twice_changes_nothing_and_it_is_undone(street: psycopg.Connection) -> None:
    code = codes(street)
    rows = [
        {"code": code["1"], "text": "10 Hàm Nghi", "digital": "NDAS-0001", "scheme": "ndas"},
        {"code": code["1"], "text": "10 Hàm Nghi"},
        {"code": code["2"], "digital": "NDAS-0002"},
        {"code": code["2"], "digital": "NDAS-0002"},
        {"code": code["3"], "text": "14 Hàm Nghi, Tổ 5"},
    ]
    before = addresses(street)
    receipt, told = brought(street, *rows)
    assert outcomes(told) == [
        "linked found", "linked found", "linked found", "unchanged repeated", "unchanged same",
    ]  # fmt: skip
    after = addresses(street)
    assert after - before == {
        ("1", "ndas", "NDAS-0001", "10 Hàm Nghi", True),
        ("1", "text", "", "10 Hàm Nghi", False),
        ("2", "ndas", "NDAS-0002", None, False),
    }
    again, told = brought(street, *rows)
    assert (again.state, again.correction) == ("unchanged", None)
    assert {row["outcome"] for row in told} == {"unchanged"}
    assert addresses(street) == after
    with street.transaction():
        revert(street, receipt.correction or 0, "tester")
    assert addresses(street) == before
    assert one_main_each(street)


def test_a_code_of_the_national_platform_leads_back_and_may_get_another_text(
    street: psycopg.Connection,
) -> None:
    code = codes(street)
    brought(street, {"code": code["1"], "text": "10 Hàm Nghi", "digital": "ndas-0001"})
    _, told = brought(
        street,
        {"digital": "NDAS-0001"},
        {"digital": "NDAS-0001", "code": code["2"], "text": "10 Hàm Nghi"},
        {"digital": "NDAS-0001", "text": "10 Hàm Nghi, Tổ 4"},
        {"known": "ndas-0001", "digital": "OTHER-7", "scheme": "VNPost 2.0"},
    )
    assert outcomes(told) == ["unchanged same", "conflicting disagree", "linked digital", "linked found"]
    mine = {row[1:] for row in addresses(street) if row[0] == "1"}
    assert mine == {("ndas", "NDAS-0001", "10 Hàm Nghi, Tổ 4", True), ("vnpost_2_0", "OTHER-7", None, False)}
    assert one_main_each(street)


def test_many_addresses_of_a_parcel_and_many_parcels_of_an_address(street: psycopg.Connection) -> None:
    code = codes(street)
    _, told = brought(
        street,
        {"code": code["1"], "text": "Chợ Hàn", "main": False},
        {"code": code["2"], "text": "Chợ Hàn", "main": True},
        {"code": code["2"], "text": "12 Hàm Nghi", "main": True},
        {"code": code["3"], "text": "Chợ Hàn", "main": True},
    )
    assert [row["outcome"] for row in told] == ["linked"] * 4
    assert street.execute("select count(*) from address where text = 'Chợ Hàn'").fetchone() == (1,)
    assert {row for row in addresses(street) if row[3] == "Chợ Hàn"} == {
        ("1", "text", "", "Chợ Hàn", False), ("2", "text", "", "Chợ Hàn", True), ("3", "text", "", "Chợ Hàn", True),
    }  # fmt: skip
    assert one_main_each(street)
    _, told = brought(street, {"known": codes_of(street, "1"), "text": "x"})
    assert told[0]["outcome"] == "linked"
    _, told = brought(street, {"code": code["1"], "text": "Chợ Hàn", "main": True})
    assert outcomes(told) == ["linked found"], "to be the main one is a change"
    assert ("1", "text", "", "Chợ Hàn", True) in addresses(street)
    assert one_main_each(street)


def codes_of(db: psycopg.Connection, number: str) -> str:
    """The Open Location Code of a parcel."""
    row = db.execute(
        "select a.code from parcel_version v join parcel_address l on l.code = v.code and l.closed_by is null "
        "join address a on a.id = l.address and a.scheme = 'olc' where v.number = %s and v.closed_by is null",
        [number],
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_split_parcel_is_followed_to_the_part_where_the_point_lies(street: psycopg.Connection) -> None:
    code = codes(street)
    cut = [[548_000.0, 1_777_010.0], [548_010.0, 1_777_010.0]]
    done(street, "split", parcel=code["1"], lines=[cut], registered=True)
    now = codes(street)
    parts = sorted(set(now.values()) - set(code.values()))
    _, told = brought(
        street,
        {"code": code["1"], "text": "10 Hàm Nghi"},
        {"code": code["1"], **at(5, 15), "text": "10 Hàm Nghi"},
        {**key("1"), **at(5, 5), "text": "10A Hàm Nghi"},
    )
    assert outcomes(told) == ["ambiguous several", "linked found", "linked found"]
    assert told[0]["says"] == {"code_successor": parts}
    assert told[1]["parcels"] != told[2]["parcels"]
    assert {*told[1]["parcels"], *told[2]["parcels"]} == set(parts)
    done(street, "retire", parcels=[code["2"]])
    _, told = brought(street, {"code": code["2"], "text": "12 Hàm Nghi"})
    assert outcomes(told) == ["refused ended"]


def test_a_later_link_keeps_an_earlier_file_from_being_undone_alone(street: psycopg.Connection) -> None:
    code = codes(street)
    first, _ = brought(street, {"code": code["1"], "text": "10 Hàm Nghi"})
    second, _ = brought(street, {"code": code["1"], "text": "10B Hàm Nghi"})
    with pytest.raises(RegisterError), street.transaction():
        revert(street, first.correction or 0, "tester")
    with street.transaction():
        revert(street, second.correction or 0, "tester")
        revert(street, first.correction or 0, "tester")
    assert {row[0] for row in addresses(street)} == {"3"}


def test_what_a_file_says_besides_is_kept(street: psycopg.Connection) -> None:
    code = codes(street)
    brought(
        street,
        {"code": code["1"], "text": "10 Hàm Nghi", "postcode": "50207", "status": "verified"},
        source="VNPost",
    )
    said = street.execute("select source, status, postcode from address_said").fetchall()
    assert said == [("VNPost", "verified", "50207")]
    told = street.execute(
        "select source, said, postcode, status from address_object where text = '10 Hàm Nghi'"
    )
    assert told.fetchall() == [("VNPost", "verified", "50207", "current")]
    with pytest.raises(InvalidKeyError):
        brought(street, {"code": code["1"], "text": "x"}, scheme="1; drop")


def test_a_number_leads_to_its_parcel_by_the_former_commune_and_todays(db: psycopg.Connection) -> None:
    row = db.execute(
        "select o.code, t.code, o.id from unit o cross join lateral units_today(array[o.id]) s join unit t on t.id = s.today "
        "where o.level = 'commune' and o.valid_to is not null and s.main and t.code <> o.code and o.epsg = 5899 and t.id in "
        "(select successor from unit_successor group by 1 having count(*) > 1) and not exists (select from unit same "
        "where same.code = o.code and same.id <> o.id) order by o.code limit 1"
    ).fetchone()
    assert row is not None
    former, today, _ = row
    hand_in(db, lot("1", 0, 0, 10, 20, commune=former), lot("2", 10, 0, 20, 20, commune=former, sheet="2"))
    code = codes(db)
    _, told = brought(
        db,
        {"commune": former, "sheet": "1", "number": "1", "text": "10 Hàm Nghi"},
        {"commune": today, "sheet": "1", "number": "1", "text": "10A Hàm Nghi"},
        {"commune": today, "sheet": "2", "number": "2", "text": "12 Hàm Nghi", "scale": 500},
        {"commune": today, "sheet": "2", "number": "2", "text": "12 Hàm Nghi"},
    )
    assert outcomes(told) == ["linked found", "linked found", "refused unknown_number", "linked found"]
    assert [row["parcels"] for row in told] == [[code["1"]], [code["1"]], [], [code["2"]]]


def test_a_number_a_parcel_once_had_leads_to_it(street: psycopg.Connection) -> None:
    code = codes(street)
    done(street, "renumber", parcels=[{"parcel": code["1"], "number": "7"}])
    _, told = brought(street, {**key("1"), "text": "10 Hàm Nghi"}, {**key("7"), "text": "10 Hàm Nghi"})
    assert outcomes(told) == ["linked found", "unchanged repeated"]
    assert [row["parcels"] for row in told] == [[code["1"]], [code["1"]]]
    assert told[0]["says"] == {"number": [code["1"]]}
