"""Corrections that draw: parts, wholes, moved corners; neighbours follow, numbers and codes as the law wants them."""

import psycopg
import pytest
import shapely

from register.revert import revert
from tests.geo.drawing import draw
from tests.register.handed_in import COMMUNE, EAST, NORTH, Lot, current, hand_in
from tests.register.proposing import done, draft, preview, stops

MAP = """
AABBD
AABBD
CCCCD
"""


@pytest.fixture
def codes(db: psycopg.Connection) -> dict[str, str]:
    """Codes by letter of MAP, ten metres a character; numbers 1 to 4 of sheet 1 in the order of the letters."""
    drawn = draw(MAP, 10, 0, 0)
    hand_in(
        db,
        *(Lot(str(n), drawn[k], legal_area_m2=100.0 * n, address=f"Số {n}") for n, k in enumerate("ABCD", 1)),  # type: ignore[arg-type]
    )
    db.commit()
    by_number = dict(db.execute("select number, code from parcel_version").fetchall())
    return {letter: by_number[str(n)] for n, letter in enumerate("ABCD", 1)}


def at(x: float, y: float) -> list[float]:
    return [EAST + x, NORTH + y]


def shapes(conn: psycopg.Connection) -> dict[str, shapely.Polygon]:
    return {code: shapely.from_wkb(value[3]) for code, value in current(conn).items()}


def overlaps(conn: psycopg.Connection) -> tuple[int] | None:
    return conn.execute(
        "select count(*) from parcel_version a join parcel_version b on a.code < b.code and a.web && b.web "
        "where a.closed_by is null and b.closed_by is null and st_relate(a.shape, b.shape, '2********')"
    ).fetchone()


def test_split_by_a_line_gives_neighbours_its_corners_and_undo_revives(
    db: psycopg.Connection, codes: dict[str, str]
) -> None:
    was = current(db)
    applied, told = done(
        db, "split", parcel=codes["A"], lines=[[at(-1, 17.5), at(21, 17.5)]], parts=[{"land_use": "CLN"}, {}]
    )
    now = current(db)
    assert codes["A"] not in now
    parts = {code: value for code, value in now.items() if code not in was}
    assert sorted((number, use) for _, number, use, _ in parts.values()) == [("T1", "CLN"), ("T2", "ODT")]
    assert at(20, 17.5) in shapely.get_coordinates(shapes(db)[codes["B"]]).tolist(), "on the common border"
    assert [n["code"] for n in told["neighbours"]] == [codes["B"]]
    assert told["neighbours"][0]["come"] == [at(20, 17.5)]
    assert told["areas"]["difference_m2"] == 0
    assert [(line["number_before"], line["temporary_number"], line["area_m2"]) for line in told["table"]] == [
        ("1", None, None), (None, "T1", 250.0), (None, "T2", 150.0)
    ]  # fmt: skip
    assert [p["text"] for p in told["phrases"]] == [
        "Tách thành các thửa đất số T1, T2", "Tách từ thửa đất số 1", "Tách từ thửa đất số 1"
    ]  # fmt: skip
    assert set(told["codes"]["issued"]) == set(parts)
    texts = db.execute(
        "select a.text from parcel_address l join address a on a.id = l.address "
        "where l.code = any(%s) and l.main and l.closed_by is null",
        [list(parts)],
    ).fetchall()
    assert texts == [("Số 1",)] * 2
    assert overlaps(db) == (0,)
    registered, told = done(db, "register", parcels=sorted(parts))
    assert sorted(value[1] for value in current(db).values()) == ["2", "3", "4", "5", "6"]
    assert told["parcels"][0]["before"]["provisional"] is True
    revert(db, registered.id, "u")
    revert(db, applied.id, "u")
    assert current(db) == was
    assert stops(draft(db, "split", parcel=codes["A"], lines=[[at(-1, 17.5), at(21, 17.5)]])) == []


def test_the_remainder_may_keep_its_identity(db: psycopg.Connection, codes: dict[str, str]) -> None:
    _, told = done(db, "split", parcel=codes["C"], area_m2=100, direction_deg=0, keeps=1, registered=True)
    now = current(db)
    [new] = set(now) - set(codes.values())
    assert now[new][1] == "5"
    assert now[codes["C"]][1] == "3"
    assert shapely.area(shapes(db)[new]) == pytest.approx(100, abs=0.05)
    assert [p["text"] for p in told["phrases"]] == [
        "Tách từ thửa đất số 3", "Tách diện tích 100,0 m², có số thửa mới là 5; diện tích còn lại là 300,0 m², có số thửa là 3"
    ]  # fmt: skip


def test_merge_mints_one_code_adds_legal_areas_and_refuses_strangers(
    db: psycopg.Connection, codes: dict[str, str]
) -> None:
    assert stops(draft(db, "merge", parcels=[codes["A"], codes["D"]])) == ["not_adjacent"]
    was = current(db)
    applied, told = done(db, "merge", parcels=[codes["A"], codes["B"]], registered=True)
    [whole] = set(current(db)) - set(codes.values())
    assert shapely.equals(shapes(db)[whole], shapely.box(EAST, NORTH + 10, EAST + 40, NORTH + 30))
    assert db.execute(
        "select number, legal_area_m2 from parcel_version where code = %s", [whole]
    ).fetchone() == ("5", 300)
    assert told["phrases"][0]["text"] == "Hợp các thửa đất số 1, 2 thành thửa đất số 5"
    revert(db, applied.id, "u")
    assert current(db) == was


def test_a_shared_corner_moves_for_all_that_share_it(db: psycopg.Connection, codes: dict[str, str]) -> None:
    _, told = done(db, "boundary", parcel=codes["A"], moves=[{"from": at(20, 10), "to": at(22, 11)}])
    roles = {p["code"]: p["role"] for p in told["parcels"]}
    assert roles == {codes["A"]: "changed", codes["B"]: "neighbour", codes["C"]: "neighbour"}
    for letter in "ABC":
        assert at(22, 11) in shapely.get_coordinates(shapes(db)[codes[letter]]).tolist(), letter
    assert told["areas"]["difference_m2"] == pytest.approx(0, abs=1e-3)
    assert overlaps(db) == (0,)


@pytest.mark.parametrize(
    ("intent", "rule"),
    [
        ({"kind": "split", "lines": [[at(5, 5), at(9, 9)]]}, "line_misses"),
        ({"kind": "split", "lines": [[at(0, 10), at(0, 30)]]}, "line_along_boundary"),
        ({"kind": "split", "lines": [[at(-1, 20), at(10, 20)]]}, "line_ends_inside"),
        (
            {"kind": "split", "lines": [[at(-1, 20), at(15, 20), at(15, 25), at(10, 15), at(21, 15)]]},
            "line_crosses_itself",
        ),
        ({"kind": "split", "area_m2": 5000}, "area_out_of_range"),
        ({"kind": "boundary", "moves": [{"from": at(20, 10), "to": at(60, 70)}]}, "turns_inside_out"),
        ({"kind": "boundary", "moves": [{"from": at(13, 13), "to": at(14, 14)}]}, "no_corner_here"),
        ({"kind": "boundary", "inserts": [at(13, 13)]}, "no_edge_here"),
    ],
)
def test_what_cannot_be_drawn_is_told_with_its_place(
    db: psycopg.Connection, codes: dict[str, str], intent: dict[str, object], rule: str
) -> None:
    was = current(db)
    one = draft(db, parcel=codes["A"], **intent)  # type: ignore[arg-type]
    [finding] = preview(one)["findings"]
    assert (finding["rule"], finding["severity"]) == (rule, "stops")
    assert finding["text_vi"] != finding["text_en"]
    assert (finding["x"] is None) == (rule == "area_out_of_range")
    assert current(db) == was


def test_a_parcel_measured_anew_takes_its_neighbours_corners_along(
    db: psycopg.Connection, codes: dict[str, str]
) -> None:
    ring = [at(0, 10), at(20.1, 10), at(20.1, 30), at(0, 30), at(0, 10)]
    _, told = done(db, "survey", parcels=[{"parcel": codes["A"], "rings": [ring]}])
    assert {p["code"]: p["role"] for p in told["parcels"]} == {
        codes["A"]: "changed", codes["B"]: "neighbour", codes["C"]: "neighbour"
    }  # fmt: skip
    assert shapely.area(shapes(db)[codes["B"]]) == pytest.approx(398, abs=1e-6)
    assert overlaps(db) == (0,)
    far = [at(0, 10), at(25, 10), at(25, 30), at(0, 30), at(0, 10)]
    assert stops(draft(db, "survey", parcels=[{"parcel": codes["A"], "rings": [far]}])) == ["overlap"]


def test_new_parcels_and_errors_put_right(db: psycopg.Connection, codes: dict[str, str]) -> None:
    ring = [at(50, 0), at(60, 0), at(60, 30), at(50, 30), at(50, 0)]
    _, told = done(
        db,
        "create",
        sheet={"commune": COMMUNE, "number": "1"},
        parcels=[{"rings": [ring], "land_use": "LUC"}],
    )
    [new] = told["codes"]["issued"]
    assert current(db)[new][:3] == ("1", "5", "LUC")
    assert stops(
        draft(db, "create", sheet={"commune": COMMUNE, "number": "1"}, parcels=[{"rings": [ring]}])
    ) == ["overlap"]
    _, told = done(db, "error", parcels=[{"parcel": new, "land_use": "CLN"}])
    assert current(db)[new][2] == "CLN"


def test_others_open_drafts_on_the_same_parcel_are_seen(
    db: psycopg.Connection, codes: dict[str, str]
) -> None:
    from register.proposals import others

    mine = draft(db, "boundary", parcel=codes["A"], moves=[{"from": at(20, 10), "to": at(22, 11)}])
    other = draft(db, "attributes", author="người khác", parcels=[{"parcel": codes["C"], "land_use": "CLN"}])
    assert [(o["key"], o["code"]) for o in others(db, mine)] == [(other.key, codes["C"])]
    assert [o["key"] for o in others(db, other)] == [mine.key]


def test_what_rounding_takes_is_told_and_new_parcels_know_their_digital_address(
    db: psycopg.Connection, codes: dict[str, str]
) -> None:
    lines = [[at(x, 9), at(x, 31)] for x in (3.337, 6.674)]
    told = preview(draft(db, "split", parcel=codes["A"], lines=lines))
    assert [(f["rule"], f["severity"]) for f in told["findings"]] == [("rounding", "explain")]
    assert "-0,1 m²" in told["findings"][0]["text_vi"]
    assert told["areas"]["written_difference_m2"] == -0.1
    assert [one["code"] for one in told["addresses"]["digital"]] == told["codes"]["issued"]
    assert all(len(one["olc"]) == 12 for one in told["addresses"]["digital"])
