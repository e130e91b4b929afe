"""Communes merged, divided and renamed, their sheets renumbered; undone, done again, and found under old keys."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from register.apply import apply, rehearse
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect, search_path
from register.correction import Correction
from register.errors import NotRevertibleError, ReorganisationError, StaleError
from register.find import ParcelQuery, parcels, rows
from register.migrate import migrate
from register.reorganise import ReorganiseDrafts, reorganise
from register.reorganise_plan import Move, NewUnit, Reorganisation, preview
from register.revert import revert
from register.units import communes
from tests.register.awaited import awaited
from tests.register.handed_in import Lot, hand_in, lot

THEN = date(2027, 7, 1)
# Three communes of today and one of before 1 July 2025 (20195 lies in today's 20194 and is closed), all of Đà Nẵng.
A, B, C, NEW, OLD = "20242", "20257", "20263", "20999", "20195"
PROVINCE = "48"
PHONG_CHAU = NewUnit(NEW, "phường", "Mới", PROVINCE)


def lots() -> list[Lot]:
    """A: sheets 1 and 2; B: sheets 1 and 7; C: sheet 1; on each sheet parcels 1 and 2."""
    made = []
    for k, (commune, sheet) in enumerate([(A, "1"), (A, "2"), (B, "1"), (B, "7"), (C, "1")]):
        for n in (1, 2):
            x = 100 * k + 10 * n
            made.append(lot(str(n), x, 0, x + 10, 30, sheet=sheet, commune=commune))
    return made


def stands(db: psycopg.Connection) -> list[tuple[str, str, str, str]]:
    """Commune, sheet's commune, sheet and number of every current parcel."""
    return db.execute(
        "select u.code, c.code, s.number, v.number from parcel_version v join unit u on u.id = v.commune "
        "join sheet s on s.id = v.sheet join unit c on c.id = s.commune where v.closed_by is null order by 1, 2, 3, 4"
    ).fetchall()


def kept(db: psycopg.Connection) -> list[tuple[object, ...]]:
    """All of the current versions that a reorganisation must leave as it is."""
    return db.execute(
        "select code, number, land_use, area_m2, legal_area_m2, st_asewkb(shape), st_asewkb(web), st_asewkb(anchor), room_m, "
        "plain_from, record, provisional from parcel_version where closed_by is null order by code"
    ).fetchall()


def units(db: psycopg.Connection) -> list[tuple[object, ...]]:
    """The communes of the tests and their heirs that are not undone."""
    return db.execute(
        "select u.id, u.code, u.name, u.valid_from, u.valid_to, s.successor, s.relation, s.main from unit u "
        "left join unit_successor s on s.unit = u.id and s.undone_by is null where u.code = any(%s) and u.undone_by is null "
        "order by u.id, s.successor",
        [[A, B, C, NEW]],
    ).fetchall()


def outlines(db: psycopg.Connection) -> dict[tuple[str, str], float]:
    """Area of the outline of each sheet that has one, whole square metres."""
    found = db.execute(
        "select u.code, s.number, round(st_area(s.outline)) from sheet s join unit u on u.id = s.commune "
        "where s.outline is not null"
    )
    return {(commune, number): area for commune, number, area in found}


def links(db: psycopg.Connection) -> list[tuple[object, ...]]:
    return db.execute("select * from parcel_address order by id").fetchall()


def done(db: psycopg.Connection, units: Sequence[NewUnit], *moves: Move, on: date = THEN) -> int:
    with db.transaction():
        number = reorganise(db, Reorganisation(units, moves, on), "office").id
    db.commit()
    return number


def find(conninfo: str, **query: object) -> list[str]:
    """Codes that answer a question, as the API puts it."""

    async def ask() -> list[str]:
        async with await psycopg.AsyncConnection.connect(
            conninfo, options=search_path("register"), autocommit=True
        ) as conn:
            page = await parcels(conn, ParcelQuery(**query), 100)  # type: ignore[arg-type]
            return [item.split('"id" : "')[1][:12] for item in page.items]

    return awaited(ask())


def all_units(conninfo: str) -> list[dict[str, object]]:
    async def ask() -> list[dict[str, object]]:
        async with await psycopg.AsyncConnection.connect(
            conninfo, options=search_path("register"), autocommit=True
        ) as conn:
            return await rows(conn, "units")

    return awaited(ask())


MERGE = (
    Move(A, None, None, None, NEW),
    Move(B, "1", None, None, NEW, "85"),
    Move(B, "7", None, None, NEW, "150"),
)


@pytest.fixture
def filled(db: psycopg.Connection) -> psycopg.Connection:
    hand_in(db, *lots())
    db.commit()
    return db


def test_two_communes_become_one_and_their_sheets_get_other_numbers(filled: psycopg.Connection) -> None:
    db = filled
    before, linked, drawn = kept(db), links(db), outlines(db)
    cells = dict(db.execute("select key, revision from map_cell").fetchall())
    done(db, [PHONG_CHAU], *MERGE)
    assert stands(db) == [
        *((C, C, "1", n) for n in "12"),
        *((NEW, NEW, sheet, n) for sheet in ("1", "150", "2", "85") for n in "12"),
    ]
    assert kept(db) == before
    assert links(db) == linked
    assert outlines(db) == {
        (NEW, "1"): drawn[A, "1"],
        (NEW, "2"): drawn[A, "2"],
        (NEW, "85"): drawn[B, "1"],
        (NEW, "150"): drawn[B, "7"],
        (C, "1"): drawn[C, "1"],
    }
    assert any(revision > cells[key] for key, revision in db.execute("select key, revision from map_cell"))
    fates = db.execute(
        "select u.code, u.valid_to, s.relation, s.main, n.code, n.valid_from, n.name, p.code, n.epsg from unit_successor s "
        "join unit u on u.id = s.unit join unit n on n.id = s.successor join unit p on p.id = n.parent "
        "where s.opened_by is not null order by 1"
    ).fetchall()
    after = (date(2027, 6, 30), "merged", True, NEW, THEN, "Mới", PROVINCE, 5899)
    assert fates == [(A, *after), (B, *after)]
    assert {code: c.valid_to for code, c in communes(db, [A, NEW]).items()} == {
        A: date(2027, 6, 30),
        NEW: None,
    }


def test_undone_and_done_again(filled: psycopg.Connection, conninfo: str) -> None:
    db = filled
    was, whole, drawn, before = stands(db), kept(db), outlines(db), units(db)
    number = done(db, [PHONG_CHAU], *MERGE)
    then, then_drawn, then_units = stands(db), outlines(db), units(db)
    for _ in range(2):
        with db.transaction():
            undo = revert(db, number, "office")
        assert "overlaps" not in undo.counts
        assert (stands(db), kept(db), outlines(db), units(db)) == (was, whole, drawn, before)
        assert communes(db, [NEW]) == {}
        db.commit()
        assert NEW not in {unit["code"] for unit in all_units(conninfo)}
        assert find(conninfo, commune=NEW, sheet="85", number="1") == []
        with db.transaction():
            number = revert(db, undo.id, "office").id
        assert (stands(db), kept(db), outlines(db), units(db)) == (then, whole, then_drawn, then_units)
        assert communes(db, [A])[A].today == communes(db, [NEW])[NEW].id


def test_files_under_old_keys_come_to_the_sheets_that_took_over(filled: psycopg.Connection) -> None:
    db = filled
    number = done(db, [PHONG_CHAU], *MERGE)
    again = hand_in(db, *lots(), salt="again")
    assert (again.stored, again.unchanged) == (0, 10)
    more = hand_in(db, lot("3", 230, 0, 240, 30, commune=B, sheet="1"))
    assert more.stored == 1
    assert (NEW, NEW, "85", "3") in stands(db)
    for one in (more.correction, number):
        assert one is not None
        with db.transaction():
            revert(db, one, "office")
    hand_in(db, lot("3", 230, 0, 240, 30, commune=B, sheet="1"), salt="after")
    assert (B, B, "1", "3") in stands(db)


def test_after_an_undo_it_can_be_done_otherwise_and_not_be_done_again_beside_that(
    filled: psycopg.Connection,
) -> None:
    db = filled
    first = done(db, [replace(PHONG_CHAU, name="Sai tên")], *MERGE)
    with db.transaction():
        undo = revert(db, first, "office").id
    second = done(db, [PHONG_CHAU], *MERGE)
    with pytest.raises(NotRevertibleError) as refused, db.transaction():
        revert(db, undo, "office")
    assert refused.value.later == [second]
    assert db.execute("select name from unit where code = %s and valid_to is null", [NEW]).fetchall() == [
        ("Mới",)
    ]


def test_what_came_into_a_new_commune_keeps_it_from_being_undone(filled: psycopg.Connection) -> None:
    db = filled
    number = done(db, [PHONG_CHAU], *MERGE)
    receipt = hand_in(db, lot("9", 900, 0, 910, 30, sheet="200", commune=NEW))
    with pytest.raises(NotRevertibleError) as refused, db.transaction():
        revert(db, number, "office")
    assert refused.value.later == [receipt.correction]


def test_the_data_files_do_not_bring_back_what_a_correction_ended_or_undid(
    filled: psycopg.Connection,
) -> None:
    db = filled
    number = done(db, [PHONG_CHAU], *MERGE)
    after = units(db)
    migrate(db)
    assert units(db) == after
    with db.transaction():
        revert(db, number, "office")
    before = units(db)
    migrate(db)
    assert units(db) == before
    assert db.execute("select count(*) from unit where code = %s and valid_to is null", [NEW]).fetchone() == (
        0,
    )


def test_a_commune_is_merged_into_one_that_goes_on(filled: psycopg.Connection) -> None:
    db = filled
    done(db, [], Move(B, "1", None, None, A, "85"), Move(B, "7", None, None, A, "150"))
    assert stands(db)[:8] == [(A, A, sheet, n) for sheet in ("1", "150", "2", "85") for n in "12"]
    assert communes(db, [A])[A].valid_to is None
    assert db.execute("select relation from unit_successor where opened_by is not null").fetchall() == [
        ("merged",)
    ]


def test_a_commune_gets_another_name_or_gives_its_code_to_a_larger_one(filled: psycopg.Connection) -> None:
    db = filled
    number = done(db, [NewUnit(A, "phường", "Tên mới", PROVINCE)], Move(A, None, None, None, A))
    found = communes(db, [A])[A]
    assert (found.name, found.valid_to) == ("Tên mới", None)
    assert stands(db)[0] == (A, A, "1", "1")
    relation = "select relation from unit_successor where opened_by = %s"
    assert db.execute(relation, [number]).fetchall() == [("renamed",)]
    done(
        db,
        [NewUnit(A, "phường", "Rộng", PROVINCE)],
        Move(A, None, None, None, A),
        Move(C, None, None, None, A, "30"),
        on=date(2028, 1, 1),
    )
    assert [s for s in stands(db) if s[0] == A] == [
        (A, A, sheet, n) for sheet in ("1", "2", "30") for n in "12"
    ]


def test_a_commune_is_divided_by_sheets_and_a_sheet_by_place(filled: psycopg.Connection) -> None:
    db = filled

    def around(west: float, east: float) -> bytes:
        row = db.execute(
            "select st_asbinary(st_transform(st_makeenvelope(548000 + %s, 1776900, 548000 + %s, 1777100, 5899), 4326))",
            [west, east],
        ).fetchone()
        assert row is not None
        return bytes(row[0])

    one = replace(PHONG_CHAU, outline=around(0, 20))
    two = NewUnit("20998", "xã", "Kia", PROVINCE, outline=around(20, 200))
    moves = [Move(A, "1", None, None, NEW, "5"), Move(A, "1", None, None, two.code)]
    number = done(db, [one, two], *moves, Move(A, "2", None, None, two.code))
    assert stands(db)[-4:] == [
        ("20998", "20998", "1", "2"),
        ("20998", "20998", "2", "1"),
        ("20998", "20998", "2", "2"),
        (NEW, NEW, "5", "1"),
    ]
    assert sum(a for (c, _), a in outlines(db).items() if c in (NEW, "20998")) == pytest.approx(
        4 * 300, rel=0.1
    )
    heirs = db.execute(
        "select n.code, relation, main from unit_successor s join unit n on n.id = s.successor "
        "where s.opened_by = %s order by 1",
        [number],
    ).fetchall()
    assert heirs == [("20998", "divided", True), (NEW, "divided", False)]
    drawn = outlines(db)
    with db.transaction():
        undo = revert(db, number, "office")
    assert len(stands(db)) == 10
    with db.transaction():
        revert(db, undo.id, "office")
    assert outlines(db) == drawn


def test_sheets_of_former_communes_go_to_todays_by_a_table_of_old_and_new_numbers(
    db: psycopg.Connection, conninfo: str
) -> None:
    hand_in(db, *(lot(str(n), 10 * n, 0, 10 * n + 10, 30, sheet="7", commune=OLD) for n in (1, 2)))
    (today,) = db.execute(
        "select distinct u.code from parcel_version v join unit u on u.id = v.commune"
    ).fetchone() or ("",)
    before = units(db)
    codes = find_by_number(db)
    db.commit()
    done(db, [], Move(OLD, "7", None, None, today, "107"))
    assert stands(db) == [(today, today, "107", n) for n in "12"]
    assert units(db) == before
    assert find(conninfo, commune=OLD, sheet="7", number="2") == [codes["2"]]
    assert find(conninfo, commune=today, sheet="107", number="2") == [codes["2"]]
    with pytest.raises(ReorganisationError) as refused:
        done(db, [], Move(OLD, "7", None, None, today, "107"))
    assert [rule for rule, _, _ in refused.value.refusals] == ["unknown_sheet"]


def find_by_number(db: psycopg.Connection) -> dict[str, str]:
    return dict(db.execute("select number, code from parcel_version where closed_by is null").fetchall())


@pytest.fixture
def two_sets(db: psycopg.Connection) -> dict[int, str]:
    """Sheet 7 of commune A at 1:500 and at 1:1000, parcel 3 on each; their codes by scale."""
    hand_in(db, lot("3", 0, 0, 10, 30, sheet="7", commune=A))
    unit = communes(db, [A])[A].id
    db.execute("update sheet set scale = 500")
    hand_in(db, lot("3", 50, 0, 60, 30, sheet="7", commune=A))
    db.execute("update sheet set scale = 1000 where scale is null and commune = %s", [unit])
    db.commit()
    return dict(
        db.execute("select scale, code from parcel_version v join sheet s on s.id = v.sheet").fetchall()
    )


BY_SCALE = Move(A, "7", 500, None, NEW, "150"), Move(A, "7", 1000, None, NEW, "156")


def test_the_scale_is_the_fourth_part_of_the_key(
    db: psycopg.Connection, conninfo: str, two_sets: dict[int, str]
) -> None:
    with pytest.raises(ReorganisationError) as refused:
        done(db, [PHONG_CHAU], Move(A, "7", None, None, NEW, "150"))
    assert refused.value.refusals == [("ambiguous_sheet", [f"{A} tờ 7: 1:500, 1:1000"], 1)]
    done(db, [PHONG_CHAU], *BY_SCALE)
    assert find(conninfo, commune=A, sheet="7", number="3") == sorted(two_sets.values())
    for scale, code in two_sets.items():
        assert find(conninfo, commune=A, sheet="7", number="3", scale=scale) == [code]
    assert find(conninfo, commune=NEW, sheet="156", number="3") == [two_sets[1000]]


def test_the_old_number_is_the_last_one_on_the_old_sheet(filled: psycopg.Connection, conninfo: str) -> None:
    db = filled
    (code,) = find(conninfo, commune=B, sheet="7", number="2")
    version = current_version(db, code)
    assert version is not None
    with db.transaction():
        apply(
            db,
            Correction("renumber", "editor", date(2026, 5, 1)),
            AttributeDrafts([Edit(version, number="9")]),
        )
    number = done(db, [PHONG_CHAU], *MERGE)
    assert find(conninfo, commune=B, sheet="7", number="2") == []
    assert find(conninfo, commune=B, sheet="7", number="9") == [code]
    with db.transaction():
        revert(db, number, "office")
    db.commit()
    assert find(conninfo, commune=B, sheet="7", number="2") == []
    assert find(conninfo, commune=B, sheet="7", number="9") == [code]


def test_a_draft_made_before_is_stale_after(filled: psycopg.Connection) -> None:
    db = filled
    code = find_by_number(db)["1"]
    version = current_version(db, code)
    assert version is not None
    number = done(db, [PHONG_CHAU], *MERGE, Move(C, None, None, None, NEW, "99"))
    with pytest.raises(StaleError) as stale, db.transaction():
        apply(db, Correction("attributes", "slow", THEN), AttributeDrafts([Edit(version, land_use="LUC")]))
    assert stale.value.closed == {code: number}


REFUSALS: dict[str, tuple[list[NewUnit], list[Move]]] = {
    "unit": ([replace(PHONG_CHAU, code="2")], list(MERGE)),
    "unit_twice": ([PHONG_CHAU, PHONG_CHAU], list(MERGE)),
    "unit_province": ([replace(PHONG_CHAU, province="99")], list(MERGE)),
    "unit_unused": ([PHONG_CHAU, NewUnit("20998", "xã", "Kia", PROVINCE)], list(MERGE)),
    "unknown_commune": ([PHONG_CHAU], [*MERGE, Move("99999", "1", None, None, NEW)]),
    "unknown_target": ([], list(MERGE)),
    "unknown_sheet": ([PHONG_CHAU], [*MERGE, Move(B, "8", None, None, NEW)]),
    "sheet_twice": ([PHONG_CHAU], [*MERGE, Move(B, "7", None, None, NEW, "151")]),
    "no_outline": ([PHONG_CHAU], [*MERGE, Move(B, "7", None, None, C, "151")]),
    "sheet_left": ([PHONG_CHAU], list(MERGE[:2])),
    "number": ([PHONG_CHAU], [MERGE[0], Move(B, None, None, None, NEW, "1")]),
    "nothing": ([], [Move(A, "1", None, None, A)]),
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_what_cannot_be_done_is_refused_whole(filled: psycopg.Connection, rule: str) -> None:
    db = filled
    told = "select (select count(*) from unit), (select count(*) from sheet), (select count(*) from parcel_version),"
    told += "(select count(*) from correction), (select sum(revision) from map_cell), "
    told += "(select max(xmin::text::bigint) from unit)"
    before = db.execute(told).fetchone()
    wanted = Reorganisation(*REFUSALS[rule], THEN)
    with db.transaction(force_rollback=True):
        shown = preview(db, wanted)
    with pytest.raises(ReorganisationError) as refused, db.transaction():
        reorganise(db, wanted, "office")
    rules = [r for r, _, _ in refused.value.refusals]
    assert rule in rules
    assert [r.rule for r in shown.refusals] == rules
    assert all(refused.value.refusals[0][1]) or rule == "nothing"
    assert db.execute(told).fetchone() == before


def test_clashes_are_listed_with_both_sheets(filled: psycopg.Connection) -> None:
    with pytest.raises(ReorganisationError) as refused:
        done(filled, REFUSALS["number"][0], *REFUSALS["number"][1])
    ((rule, places, count),) = refused.value.refusals
    assert (rule, count) == ("number", 4 - 2)
    assert places[0] == f"{NEW} tờ 1, thửa 1: {A} tờ 1, {B} tờ 1, {B} tờ 7"
    assert places[0] in str(refused.value)


def test_a_commune_as_young_as_the_change_is_not_ended(filled: psycopg.Connection) -> None:
    with pytest.raises(ReorganisationError) as refused:
        done(filled, [PHONG_CHAU], *MERGE, on=date(2025, 7, 1))
    assert [rule for rule, _, _ in refused.value.refusals] == ["too_early"]


def test_a_preview_says_what_goes_where_and_a_rehearsal_leaves_nothing(filled: psycopg.Connection) -> None:
    db = filled
    before, was = units(db), stands(db)
    wanted = Reorganisation([PHONG_CHAU], MERGE, THEN)
    with db.transaction(force_rollback=True):
        shown = preview(db, wanted)
    told = [(f.commune, f.to_commune, f.begins, f.sheets, f.renumbered, f.parcels) for f in shown.flows]
    assert told == [(A, NEW, True, 2, 0, 4), (B, NEW, True, 2, 2, 4)]
    assert [(f.commune, f.relation, f.successor) for f in shown.fates] == [
        (A, "merged", NEW),
        (B, "merged", NEW),
    ]
    assert (shown.parcels, shown.refusals) == (8, [])
    _, counts = rehearse(db, Correction("reorganise", "office", THEN), ReorganiseDrafts(wanted))
    assert (counts["closed"], counts["opened"]) == (8, 8)
    assert (units(db), stands(db)) == (before, was)


def test_repeated_numbers_stay_on_their_list_once(db: psycopg.Connection) -> None:
    hand_in(
        db,
        lot("0", 0, 0, 10, 30, commune=A, legal_area_m2=-1),
        lot("0", 10, 0, 20, 30, commune=A),
        lot("1", 20, 0, 30, 30, commune=A),
    )
    listed = "select kind, code, other from defect where closed_by is null order by 1, 2"
    before = db.execute(listed).fetchall()
    number = done(db, [PHONG_CHAU], Move(A, None, None, None, NEW))
    assert db.execute(listed).fetchall() == before
    with db.transaction():
        revert(db, number, "office")
    assert db.execute(listed).fetchall() == before


def test_two_sheets_become_one_where_no_number_meets(db: psycopg.Connection) -> None:
    hand_in(
        db,
        lot("1", 0, 0, 10, 30, sheet="1", commune=A),
        lot("2", 10, 0, 20, 30, sheet="2", commune=A),
        lot("3", 20, 0, 30, 30, sheet="3", commune=A),
    )
    number = done(
        db,
        [],
        Move(A, "1", None, None, A, "3"),
        Move(A, "2", None, None, A, "1"),
    )
    assert stands(db) == [(A, A, "1", "2"), (A, A, "3", "1"), (A, A, "3", "3")]
    assert set(outlines(db)) == {(A, "1"), (A, "3")}
    with db.transaction():
        revert(db, number, "office")
    assert stands(db) == [(A, A, n, n) for n in "123"]
    assert set(outlines(db)) == {(A, n) for n in "123"}


def test_an_import_after_it_knows_the_new_commune(filled: psycopg.Connection, conninfo: str) -> None:
    done(filled, [PHONG_CHAU], *MERGE)
    with connect(conninfo) as conn:
        receipt = hand_in(conn, lot("50", 500, 0, 510, 30, sheet="300", commune=B))
        assert receipt.stored == 1
        assert (NEW, B, "300", "50") in stands(conn)


def test_phong_chau_as_it_was_done(db: psycopg.Connection, conninfo: str) -> None:
    """Rules §4.5: Phú Hộ 1-84 keep, Hà Thạch 1-59 → 85-143, Phong Châu → 144-164, its 7 at 1:500 → 150, at 1:1000 → 156.

    The new ward has the code that Phú Hộ had.
    """
    phu_ho, ha_thach, phong_chau, new = "07954", "07963", "07945", "07954"
    sheets = [(phu_ho, n) for n in range(1, 85)] + [(ha_thach, n) for n in range(1, 60)]
    sheets += [(phong_chau, n) for n in range(1, 21)]
    hand_in(
        db,
        *(lot("1", 10 * k, 0, 10 * k + 10, 30, sheet=str(n), commune=c) for k, (c, n) in enumerate(sheets)),
    )
    db.execute(
        "update sheet set scale = 500 where number = '7' and commune = (select id from unit where code = %s)",
        [phong_chau],
    )
    hand_in(
        db, lot("1", 0, 100, 10, 130, sheet="7", commune=phong_chau), lot("1", 0, 200, 10, 230, commune=A)
    )
    db.execute(
        "update sheet set scale = 1000 where scale is null and number = '7' and commune = "
        "(select id from unit where code = %s)",
        [phong_chau],
    )
    keys = db.execute(
        "select u.code, s.number, s.scale, v.code from parcel_version v join sheet s on s.id = v.sheet "
        "join unit u on u.id = s.commune where u.code <> %s",
        [A],
    ).fetchall()
    assert len(keys) == 84 + 59 + 21
    db.commit()
    others = [n for n in range(1, 21) if n != 7]
    numbers = [n for n in range(144, 165) if n not in (150, 156)]
    moves = [
        Move(phu_ho, None, None, None, new),
        *(Move(ha_thach, str(n), None, None, new, str(n + 84)) for n in range(1, 60)),
        Move(phong_chau, "7", 500, None, new, "150"),
        Move(phong_chau, "7", 1000, None, new, "156"),
        *(Move(phong_chau, str(n), None, None, new, str(to)) for n, to in zip(others, numbers, strict=True)),
    ]
    done(db, [], *moves)
    stand = [sheet for commune, of, sheet, _ in stands(db) if commune == of == new]
    assert sorted(stand, key=int) == [str(n) for n in range(1, 165)]
    for commune, sheet, scale, code in keys:
        assert code in find(conninfo, commune=commune, sheet=sheet, number="1", scale=scale)
    (first,) = (code for commune, sheet, _, code in keys if (commune, sheet) == (ha_thach, "1"))
    assert find(conninfo, commune=new, sheet="85", number="1") == [first]
