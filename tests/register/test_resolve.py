"""Keys of any kind lead to the parcel, through splits, mergers, undos and reorganised communes, or tell why not."""

import json
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from geo import crs
from geo.geohash import decode
from register.clocks import AsOf
from register.connect import connect
from register.reorganise_plan import Move, NewUnit
from register.revert import revert
from tests.conftest import Clone
from tests.geo.keyboards import Engine, typed
from tests.register.handed_in import COMMUNE, DAY, EAST, EPSG, NORTH, hand_in, lot
from tests.register.resolving import answers, said
from tests.register.story import STEPS, Step, Story
from tests.register.test_reorganise import NEW, PHONG_CHAU, PROVINCE, THEN, A, B, C, done, lots

STREET = [
    lot("1", 0, 0, 5, 20, address="12 Đường Trần Phú, Phường Hải Châu", postcode="50207"),
    lot("2", 5, 0, 10, 20, address="14 Đường Trần Phú, Phường Hải Châu"),
    lot("3", 10, 0, 15, 20),
    lot("1", 100, 0, 140, 60, sheet="2"),
]


@pytest.fixture(scope="module")
def street(clone: Clone) -> tuple[str, dict[tuple[str, str], str]]:
    """conninfo of the street, and its codes by sheet and number; of sheet 9 a parcel that was undone."""
    with clone() as conninfo:
        with connect(conninfo) as db:
            hand_in(db, *STREET)
            undone = hand_in(db, lot("1", 300, 0, 310, 10, sheet="9"))
            codes = {
                (sheet, number): code
                for sheet, number, code in db.execute(
                    "select s.number, v.number, v.code from parcel_version v join sheet s on s.id = v.sheet"
                )
            }
            assert undone.correction is not None
            revert(db, undone.correction, "tester")
        yield conninfo, codes  # type: ignore[misc]


def test_codes_in_any_form(street: tuple[str, dict[tuple[str, str], str]]) -> None:
    conninfo, codes = street
    code = codes["1", "1"]
    forms = [code, code.upper(), f"{code[:4]}-{code[4:8]}-{code[8:]}", f" {code[:6]} {code[6:]} "]
    assert said(conninfo, *forms) == [("current", [code], ["code"])] * 4
    assert said(conninfo, codes["9", "1"]) == [("withdrawn", [codes["9", "1"]], ["code"])]
    assert said(conninfo, "w6zzzzzzzzzz") == [("never_issued", [], [])]


@pytest.mark.parametrize(
    "engine", [Engine(), Engine("telex", "stop"), Engine("vni"), Engine("viqr"), Engine(free=False)]
)
def test_codes_from_keyboards(street: tuple[str, dict[tuple[str, str], str]], engine: Engine) -> None:
    conninfo, codes = street
    for code in codes.values():
        text = typed(code, engine)
        [one] = answers(conninfo, [text])
        meant = [parcel.code for parcel in one.parcels] + [hint.code for hint in one.did_you_mean]
        assert meant == [code], text
        if one.did_you_mean:
            assert one.status == "never_issued"
            assert one.parcels == []


def test_did_you_mean_is_told_and_never_applied(street: tuple[str, dict[tuple[str, str], str]]) -> None:
    conninfo, codes = street
    code = codes["1", "1"]
    asked: dict[str, str] = {}
    for n in range(12):
        for text, how in (
            (code[:n] + ("z" if code[n] != "z" else "y") + code[n + 1 :], "wrong"),
            (code[:n] + code[n + 1 :], "missing"),
            (code[:n] + "q" + code[n:], "extra"),
            (code[:n] + code[n : n + 2][::-1] + code[n + 2 :], "swapped"),
            (code[:n] + "o" + code[n + 1 :], "wrong"),
        ):
            if text == code or (how == "swapped" and code[n : n + 1] == code[n + 1 : n + 2]):
                continue
            asked[text] = how
    for (text, how), one in zip(asked.items(), answers(conninfo, list(asked)), strict=True):
        assert (one.status, one.parcels) == ("never_issued", []), text
        assert code in [hint.code for hint in one.did_you_mean], text
        assert how in [hint.how for hint in one.did_you_mean if hint.code == code]
    two = (
        code[:5]
        + ("z" if code[5] != "z" else "y")
        + code[6:10]
        + ("z" if code[10] != "z" else "y")
        + code[11:]
    )
    [one] = answers(conninfo, [two])
    assert (one.status, one.did_you_mean) == ("never_issued", [])


def test_sheet_and_number_in_any_words(street: tuple[str, dict[tuple[str, str], str]]) -> None:
    conninfo, codes = street
    keys = [
        f"{COMMUNE}.2.1",
        f"CHUACOGIAY_{COMMUNE}_2_1",
        f"thửa 1, tờ bản đồ số 2, xã {COMMUNE}",
        {"commune": COMMUNE, "sheet": "02", "number": 1},
    ]
    assert said(conninfo, *keys) == [("current", [codes["2", "1"]], ["sheet"])] * len(keys)
    with connect(conninfo) as db:
        name = db.execute("select name from unit where code = %s and valid_to is null", [COMMUNE]).fetchone()
    assert name is not None
    [(status, found, _)] = said(conninfo, f"thửa 1 tờ 2 phường {name[0]}")
    assert (status, found) == ("current", [codes["2", "1"]])
    assert (
        said(conninfo, f"{COMMUNE}.2.99", "99999.1.1", "tờ 1 thửa 1 xã Không Có")
        == [("never_issued", [], [])] * 3
    )
    assert said(conninfo, f"{COMMUNE}.9.1") == [("never_issued", [], [])]


def test_places_and_digital_addresses(street: tuple[str, dict[tuple[str, str], str]]) -> None:
    conninfo, codes = street
    code = codes["2", "1"]
    lon, lat = decode(code)
    east, north = EAST + 120, NORTH + 30
    keys = [
        f"{lat:.7f}, {lon:.7f}",
        {"lon": lon, "lat": lat},
        f"X={north} Y={east}",
        f"{east} {north} EPSG:{EPSG}",
        {"east": east, "north": north, "epsg": EPSG},
    ]
    assert said(conninfo, *keys) == [("current", [code], ["point"])] * len(keys)
    border = crs.to_wgs84(EPSG, [EAST + 5], [NORTH + 10])
    assert said(conninfo, f"{border[1][0]:.9f} {border[0][0]:.9f}")[0][0] in ("current", "ambiguous")
    assert said(conninfo, "10.5, 106.5", f"X={north + 5000} Y={east}") == [("not_found", [], [])] * 2
    with connect(conninfo) as db:
        digital = db.execute(
            "select a.code from address a join parcel_address l on l.address = a.id where l.code = %s",
            [codes["1", "1"]],
        ).fetchall()
    assert len(digital) == 2, "the Open Location Code and the Vpostcode"
    for (text,) in digital:
        assert said(conninfo, text, text.lower()) == [("current", [codes["1", "1"]], ["digital_address"])] * 2
    assert said(conninfo, "7P8C2222+222") == [("not_found", [], [])]


def test_addresses_as_text(street: tuple[str, dict[tuple[str, str], str]]) -> None:
    conninfo, codes = street
    assert said(conninfo, "12 duong tran phu, phuong hai chau") == [
        ("current", [codes["1", "1"]], ["address"])
    ]
    [(status, found, how)] = said(conninfo, "Trần Phú Hải Châu")
    assert (status, sorted(found), set(how)) == (
        "ambiguous",
        sorted([codes["1", "1"], codes["1", "2"]]),
        {"address"},
    )
    assert said(conninfo, "99 Đường Không Có", "%%%% ____", "' or 1=1 --") == [("not_found", [], [])] * 3


def test_successors_have_their_shares(db: psycopg.Connection, conninfo: str) -> None:
    story = Story(db)
    story._import(0, DAY)
    number = db.execute("select max(id) from correction").fetchone()
    assert number is not None
    story._settle(number[0])
    db.commit()
    [code] = [c for c, box in story.boxes.items() if box[0] == 0]
    story.step("split", sorted(story.told[-1].present).index(code), DAY + timedelta(1))
    west, east = sorted(
        (c for c, box in story.boxes.items() if c != code and box[0] < 100), key=lambda c: story.boxes[c]
    )
    [one] = answers(conninfo, [code])
    assert one.status == "superseded"
    assert [(s.code, s.share) for s in one.parcels[0].successors] == [(east, 0.75), (west, 0.25)]
    story.step("split", sorted(story.told[-1].present).index(east), DAY + timedelta(2))
    shares = {s.code: s.share for s in answers(conninfo, [code])[0].parcels[0].successors}
    assert (len(shares), shares[west], sum(shares.values())) == (3, 0.25, 1.0)
    assert east not in shares
    known = AsOf(story.told[1].made_at)
    [one] = answers(conninfo, [code], known)
    assert [s.code for s in one.parcels[0].successors] == [east, west]
    assert [a.status for a in answers(conninfo, [code, west], AsOf(story.told[0].made_at))] == [
        "current",
        "never_issued",
    ]
    assert [a.status for a in answers(conninfo, [code, east], AsOf(None, DAY))] == ["current", "never_issued"]
    assert [a.status for a in answers(conninfo, [code], AsOf(None, DAY + timedelta(1)))] == ["superseded"]
    story.step("undo", 1, DAY)
    story.step("undo", 0, DAY)
    assert {a.status for a in answers(conninfo, [west, east])} <= {"withdrawn", "superseded", "current"}


@given(STEPS)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_code_is_current_when_the_register_says_so(clone: Clone, steps: list[Step]) -> None:
    with clone() as conninfo, connect(conninfo) as db:
        story = Story(db).tell(steps)
        codes = sorted(story.boxes)
        if not codes:
            return
        for told in story.told:
            found = answers(conninfo, codes, AsOf(told.made_at))
            for code, one in zip(codes, found, strict=True):
                assert (one.status == "current") == (code in told.present)
                for parcel in one.parcels:
                    assert sum(s.share for s in parcel.successors) <= 1.001
                    assert all(s.code in story.boxes and s.code != code for s in parcel.successors)
        now = story.told[-1].present if story.told else {}
        keys = [f"{COMMUNE}.{value[0]}.{value[1]}" for value in now.values()]
        assert [(s, c) for s, c, _ in said(conninfo, *keys)] == [("current", [code]) for code in now]


def numbers(db: psycopg.Connection) -> dict[tuple[str, str, str], str]:
    """The code that stands under each commune, sheet and number."""
    rows = db.execute(
        "select u.code, s.number, v.number, v.code from parcel_version v join sheet s on s.id = v.sheet "
        "join unit u on u.id = s.commune where v.closed_by is null"
    )
    return {(commune, sheet, number): code for commune, sheet, number, code in rows}


def test_old_keys_survive_reorganisations(db: psycopg.Connection, conninfo: str) -> None:
    hand_in(db, *lots())
    db.commit()
    first = numbers(db)
    moves = [Move(A, "1", None, None, NEW, "1"), Move(A, "2", None, None, NEW, "2"), Move(B, "1", None, None, NEW, "3"),
             Move(B, "7", None, None, NEW, "4")]  # fmt: skip
    done(db, [PHONG_CHAU], *moves)
    old = [f"{commune}.{sheet}.{number}" for commune, sheet, number in first]
    assert [(s, c) for s, c, _ in said(conninfo, *old)] == [("current", [code]) for code in first.values()]
    second = numbers(db)
    new = [f"{commune}.{sheet}.{number}" for commune, sheet, number in second]
    assert said(conninfo, *new) == [("current", [code], ["sheet"]) for code in second.values()]
    assert said(conninfo, f"{NEW}.3.1", f"{B}.1.1") == [
        ("current", [first[B, "1", "1"]], ["sheet"]),
        ("current", [first[B, "1", "1"]], ["former_sheet"]),
    ]
    then = AsOf(None, THEN - timedelta(1))
    assert said(conninfo, f"{B}.1.1", f"{NEW}.3.1", then=then) == [
        ("current", [first[B, "1", "1"]], ["sheet"]),
        ("never_issued", [], []),
    ]
    assert (
        said(conninfo, "thửa 1 tờ 3 phường Mới", {"commune": "Mới", "sheet": "3", "number": "1"})
        == [("current", [first[B, "1", "1"]], ["sheet"])] * 2
    )
    # once more, into the commune C: keys of both times lead on
    done(db, [], Move(NEW, None, None, None, C, None, "cũ"), on=date(2028, 1, 1))
    assert [(s, c) for s, c, _ in said(conninfo, *(k for k in old if not k.startswith(C)))] == [
        ("current", [code]) for (commune, *_), code in first.items() if commune != C
    ]
    assert [(s, c) for s, c, _ in said(conninfo, *(k for k in new if not k.startswith(C)))] == [
        ("current", [code]) for (commune, *_), code in second.items() if commune != C
    ]
    # C's own sheet 1 and the one that came to it have one number: the map set tells them apart, else both are told
    [(status, found, _)] = said(conninfo, f"{C}.1.1")
    assert (status, set(found)) == ("ambiguous", {first[C, "1", "1"], first[A, "1", "1"]})
    assert said(conninfo, {"commune": C, "sheet": "1", "number": "1", "map_set": "cũ"})[0][1] == [
        first[A, "1", "1"]
    ]


def test_a_number_of_a_split_parcel_leads_to_its_parts(db: psycopg.Connection, conninfo: str) -> None:
    story = Story(db)
    story._import(0, DAY)
    number = db.execute("select max(id) from correction").fetchone()
    assert number is not None
    story._settle(number[0])
    db.commit()
    [code] = [c for c, box in story.boxes.items() if box[0] == 0]
    story.step("split", sorted(story.told[-1].present).index(code), DAY + timedelta(1))
    [one] = answers(conninfo, [f"{COMMUNE}.1.{story.told[0].present[code][1]}"])
    assert (one.status, [p.code for p in one.parcels], len(one.parcels[0].successors)) == (
        "superseded",
        [code],
        2,
    )


def test_a_divided_commune_is_resolved_by_the_parcels_place(db: psycopg.Connection, conninfo: str) -> None:
    def around(west: float, east: float) -> bytes:
        row = db.execute(
            "select st_asbinary(st_transform(st_makeenvelope(548000 + %s, 1776900, 548000 + %s, 1777100, 5899), 4326))",
            [west, east],
        ).fetchone()
        assert row is not None
        return bytes(row[0])

    hand_in(db, *lots())
    db.commit()
    first = numbers(db)
    here = replace(PHONG_CHAU, outline=around(0, 20))
    there = NewUnit("20998", "xã", "Kia", PROVINCE, outline=around(20, 200))
    moves = [Move(A, "1", None, None, NEW, "5"), Move(A, "1", None, None, there.code)]
    done(db, [here, there], *moves, Move(A, "2", None, None, there.code))
    found = answers(conninfo, [f"{A}.1.1", f"{A}.1.2", f"{A}.2.1"])
    assert [(one.status, one.parcels[0].code) for one in found] == [
        ("current", first[A, "1", "1"]),
        ("current", first[A, "1", "2"]),
        ("current", first[A, "2", "1"]),
    ]
    told = [json.loads(one.parcels[0].told) for one in found]
    assert [(one["commune"]["code"], one["sheet"]["number"]) for one in told] == [
        (NEW, "5"),
        ("20998", "1"),
        ("20998", "2"),
    ]
