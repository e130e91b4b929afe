"""An import: all or nothing, once, with codes, addresses, inherited defects and a receipt that adds up."""

import psycopg
import pytest
import shapely

from geo import codes, geohash
from register.errors import NotRevertibleError, UnaccountedError
from register.receive import receive
from register.revert import revert
from tests.register.handed_in import DAY, EAST, EPSG, NORTH, HandedIn, Lot, current, hand_in, lot


def test_every_parcel_has_the_code_of_its_deepest_point_and_one_main_address(db: psycopg.Connection) -> None:
    receipt = hand_in(
        db, lot("1", 0, 0, 5, 20, address="12 Đường Hoa Sữa"), lot("2", 5, 0, 10, 20, postcode="50207")
    )
    assert (receipt.read, receipt.stored, receipt.refused) == (2, 2, {})
    rows = db.execute(
        "select v.number, v.code, p.east_m, p.north_m, p.epsg, p.algorithm, "
        "st_contains(v.shape, st_setsrid(st_makepoint(p.east_m, p.north_m), p.epsg)) "
        "from parcel_version v join parcel p using (code) order by v.number"
    ).fetchall()
    for _, code, _, _, epsg, algorithm, inside in rows:
        assert geohash.is_code(code)
        assert inside
        assert (epsg, algorithm) == (EPSG, codes.ALGORITHM)
    links = db.execute(
        "select v.number, a.scheme, a.code, a.text, a.folded, l.main from parcel_address l join address a on a.id = l.address "
        "join parcel_version v on v.code = l.code order by v.number, a.scheme"
    ).fetchall()
    assert [(n, s, t, f, m) for n, s, _, t, f, m in links] == [
        ("1", "olc", "12 Đường Hoa Sữa", "12 duong hoa sua", True),
        ("2", "olc", None, None, True),
        ("2", "vpostcode", None, None, False),
    ]
    assert links[2][2] == "50207" + links[1][2].replace("+", "")[-7:]


def test_the_same_again_changes_nothing_and_says_so(db: psycopg.Connection) -> None:
    lots = [lot("1", 0, 0, 5, 20), lot("2", 5, 0, 10, 20)]
    hand_in(db, *lots)
    before = current(db)
    again = hand_in(db, *lots)
    assert (again.state, again.read, again.stored, again.unchanged) == ("unchanged", 2, 0, 2)
    other_file = hand_in(db, *lots, lot("3", 10, 0, 15, 20), salt="another file")
    assert (other_file.read, other_file.stored, other_file.unchanged) == (3, 1, 2)
    assert other_file.adds_up()
    assert before.items() <= current(db).items()


def test_a_parcel_that_is_there_with_another_shape_is_refused_with_its_code(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20))
    (code,) = current(db)
    receipt = hand_in(db, lot("1", 0, 0, 5, 19), lot("2", 5, 0, 10, 20))
    assert (receipt.read, receipt.stored, receipt.refused) == (2, 1, {"exists": 1})
    assert receipt.adds_up()
    (finding,) = [f for f in receipt.findings if f.rule == "exists"]
    assert finding.other == code
    assert finding.record == "test.csv#1"
    assert "chỉnh lý" in finding.text_vi


def test_inherited_defects_are_stored_and_listed_with_their_place(db: psycopg.Connection) -> None:
    receipt = hand_in(
        db,
        lot("1", 0, 0, 10, 20, legal_area_m2=0.0),
        lot("2", 9, 0, 20, 20),
        lot("0", 20, 0, 30, 20),
        lot("0", 30, 0, 40, 20),
    )
    assert receipt.stored == 4
    assert receipt.inherited == {"overlap": 1, "number": 1, "legal_area": 1}
    (overlap,) = [f for f in receipt.findings if f.rule == "overlap"]
    assert overlap.size == pytest.approx(20, abs=0.01)
    assert overlap.width_m == pytest.approx(2 * 20 / 42, abs=0.01)
    assert {overlap.record, overlap.other} == {"test.csv#1", "test.csv#2"}
    listed = db.execute("select kind, opened_by, closed_by from defect order by kind").fetchall()
    assert listed == [(kind, receipt.correction, None) for kind in ("legal_area", "number", "overlap")]


def test_overlaps_with_what_was_there_before_are_found_too(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 20))
    receipt = hand_in(db, lot("2", 8, 0, 20, 20))
    assert receipt.inherited == {"overlap": 1}


def test_touching_and_rounding_slivers_are_no_overlaps(db: psycopg.Connection) -> None:
    long_edge = Lot("1", shapely.Polygon([(0, 0), (10, 0), (10.007, 30), (0, 30)]))
    beside = Lot("2", shapely.Polygon([(10, 0), (20, 0), (20, 30), (10.007, 30), (10.003, 13)]))
    assert hand_in(db, long_edge, beside).inherited == {}


def test_a_given_code_is_kept_when_it_fits_and_replaced_when_not(db: psycopg.Connection) -> None:
    shape = shapely.box(EAST, NORTH, EAST + 5, NORTH + 20)
    other_cell = next(codes.candidates(shape, EPSG))[0]
    far_away = "w3gvk1fwfrvj"
    hand_in(db, lot("1", 0, 0, 5, 20, code=other_cell), lot("2", 5, 0, 10, 20, code=far_away))
    found = dict(db.execute("select number, code from parcel_version").fetchall())
    assert found["1"] == other_cell
    assert found["2"] != far_away
    assert db.execute("select algorithm from parcel where code = %s", (other_cell,)).fetchone() == ("given",)


def test_two_parcels_at_one_place_get_two_codes_always_the_same_ones(clone) -> None:  # type: ignore[no-untyped-def]
    from register.connect import connect

    seen = []
    for _ in range(2):
        with clone() as conninfo, connect(conninfo) as conn:
            hand_in(conn, lot("1", 0, 0, 5, 20), lot("2", 0, 0, 5, 20))
            seen.append(sorted(current(conn).items()))
            assert len(seen[-1]) == 2
    assert seen[0] == seen[1]


def test_undo_closes_and_redo_brings_back_the_same_codes(db: psycopg.Connection) -> None:
    lots = [lot("1", 0, 0, 10, 20), lot("2", 9, 0, 20, 20, address="5 Lê Lợi")]
    receipt = hand_in(db, *lots)
    before = current(db)
    with db.transaction():
        revert(db, receipt.correction or 0, "tester")
    assert current(db) == {}
    assert db.execute("select count(*) from defect where closed_by is null").fetchone() == (0,)
    assert db.execute("select count(*) from parcel_address where closed_by is null").fetchone() == (0,)
    assert db.execute("select count(*) from sheet where outline is not null").fetchone() == (0,)
    with pytest.raises(NotRevertibleError), db.transaction():
        revert(db, receipt.correction or 0, "tester")
    again = hand_in(db, *lots)
    assert again.state == "restored"
    assert current(db) == before
    assert db.execute("select count(*) from defect where closed_by is null").fetchone() == (1,)
    assert db.execute("select count(*) from parcel_address where closed_by is null").fetchone() == (2,)


def test_what_fails_half_way_leaves_nothing(db: psycopg.Connection) -> None:
    class Breaks(HandedIn):
        def batches(self):  # type: ignore[no-untyped-def]
            yield next(HandedIn.batches(self))
            raise OSError("the file ends here")

    with pytest.raises(OSError, match="ends here"), db.transaction():
        receive(db, Breaks([lot("1", 0, 0, 5, 20), lot("2", 5, 0, 10, 20)], size=1), "tester", DAY)
    for table in ("correction", "parcel", "parcel_version", "address", "map_cell", "survey", "sheet"):
        assert db.execute(f"select count(*) from {table}").fetchone() == (0,), table
    assert hand_in(db, lot("1", 0, 0, 5, 20), lot("2", 5, 0, 10, 20)).stored == 2


def test_a_receipt_that_does_not_add_up_is_no_import(db: psycopg.Connection) -> None:
    class Loses(HandedIn):
        def batches(self):  # type: ignore[no-untyped-def]
            yield from HandedIn.batches(self)
            self.read += 1

    with pytest.raises(UnaccountedError), db.transaction():
        receive(db, Loses([lot("1", 0, 0, 5, 20)]), "tester", DAY)
    assert current(db) == {}


def test_a_postcode_that_is_none_gives_no_vpostcode(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20, postcode="Đà Nẵng"))
    assert db.execute("select scheme from address").fetchall() == [("olc",)]


def test_map_cells_are_stamped_once_per_correction(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20))
    first = dict(db.execute("select key, revision from map_cell").fetchall())
    assert first
    assert set(first.values()) == {1}
    hand_in(db, lot("2", 5, 0, 10, 20))
    assert dict(db.execute("select key, revision from map_cell").fetchall()) == dict.fromkeys(first, 2)
