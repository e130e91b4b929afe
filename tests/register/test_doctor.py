"""The sliver doctor: what is planted is found piece by piece, drafted once, and repaired through the whole life of drafts."""

import psycopg
import pytest
import shapely

from register.connect import connect
from register.doctor import Area, find
from register.doctor_clusters import clusters
from register.doctor_drafts import Round, draft_all
from register.errors import BusyError, InvalidKeyError, NotFoundError, RegisterError
from register.proposal import find as proposal
from register.proposals import Said, withdraw
from register.revert import revert
from tests.register.handed_in import COMMUNE, current, hand_in, lot
from tests.register.proposing import AUTHOR, LAW, preview, through
from tests.register.slivered import WIDTHS_MM, codes, defects, far, planted
from tests.register.test_drawn import overlaps, shapes

PLANTED = sorted((kind, mm) for kind in ("gap", "overlap") for mm in WIDTHS_MM)
HERE = Area(COMMUNE)


@pytest.fixture
def town(db: psycopg.Connection) -> dict[str, str]:
    found = planted(db)
    db.commit()
    return found


def round_(
    conn: psycopg.Connection, area: Area = HERE, limit: int = 1000, cursor: str | None = None
) -> Round:
    return draft_all(conn, AUTHOR, Said(LAW, "thử"), area, 0.05, limit, cursor)


def test_all_that_is_planted_is_found_with_its_width_and_place(
    db: psycopg.Connection, town: dict[str, str]
) -> None:
    told = find(db, HERE, 0.05, 1000)
    assert sorted((one.kind, round(one.width_m * 1000)) for one in told.slivers) == PLANTED
    assert told.next is None
    assert [len(one.slivers) for one in told.clusters] == [1] * len(PLANTED)
    named = [code for one in told.clusters for code in one.parcels]
    assert len(named) == len(set(named))
    assert all(set(one.parcels) <= one.reach for one in told.slivers)
    assert all(548_000 < one.x < 548_600 and 108 < one.lon < 109 for one in told.slivers)
    assert len(find(db, HERE, 0.01, 1000).slivers) == 4
    assert find(db, Area(COMMUNE, "2"), 0.05, 1000).slivers == []
    assert len(find(db, Area(COMMUNE, "1"), 0.05, 1000).slivers) == len(PLANTED)
    assert find(db, Area(COMMUNE, communes=frozenset()), 0.05, 1000).slivers == []
    one = told.slivers[0]
    box = (one.lon - 1e-4, one.lat - 1e-4, one.lon + 1e-4, one.lat + 1e-4)
    assert [f.parcels for f in find(db, Area(bbox=box), 0.05, 1000).slivers] == [one.parcels]


def test_pages_tell_each_sliver_once(db: psycopg.Connection, town: dict[str, str]) -> None:
    whole, cursor = [], None
    while True:
        page = find(db, HERE, 0.05, 3, cursor)
        assert 0 < len(page.slivers) <= 3 or page.next is None
        whole += page.slivers
        cursor = page.next
        if cursor is None:
            break
    assert whole == find(db, HERE, 0.05, 1000).slivers


def test_drafts_repair_all_of_it_and_undo_brings_it_back(
    db: psycopg.Connection, town: dict[str, str]
) -> None:
    was, before, listed = current(db), shapes(db), defects(db)
    assert len(listed) == len(WIDTHS_MM)
    made = round_(db)
    assert (made.slivers, len(made.drafts), made.waiting, made.no_repair) == (
        len(PLANTED),
        len(PLANTED),
        0,
        0,
    )
    assert all((one.repaired, one.left, one.stops) == (1, 0, 0) for one in made.drafts)
    assert current(db) == was
    again = round_(db)
    assert (again.drafts, again.waiting) == ([], len(PLANTED))
    assert {one.draft for one in find(db, HERE, 0.05, 1000).slivers} == {one.key for one in made.drafts}
    applied = []
    effect: dict[str, float] = {}
    most: dict[str, float] = {}
    for n, one in enumerate(made.drafts):
        held = len(defects(db))
        told = preview(proposal(db, one.key))
        applied.append(through(db, proposal(db, one.key)).id)
        [sliver] = told["slivers"]
        assert len(defects(db)) == held - (sliver["kind"] == "overlap"), n
        for code, area in sliver["effect_m2"].items():
            effect[code] = effect.get(code, 0.0) + area
            most[code] = max(most.get(code, 0.0), sliver["moved_m"])
    assert defects(db) == []
    assert overlaps(db) == (0,)
    for code, shape in shapes(db).items():
        assert shape.area - before[code].area == pytest.approx(effect.get(code, 0.0), abs=1e-6)
        assert not far(before[code], shape, most.get(code, 0.0))
    assert find(db, HERE, 0.25, 1000).slivers == []
    for id in reversed(applied):
        revert(db, id, "u")
    assert current(db) == was
    assert defects(db) == listed


def test_a_draft_given_up_makes_room_for_another(db: psycopg.Connection, town: dict[str, str]) -> None:
    made = round_(db)
    withdraw(db, made.drafts[0].key, AUTHOR)
    again = round_(db)
    assert (len(again.drafts), again.waiting) == (1, len(PLANTED) - 1)


def test_two_rounds_at_once_are_not_made(db: psycopg.Connection, conninfo: str, town: dict[str, str]) -> None:
    round_(db)
    with connect(conninfo) as other:
        with pytest.raises(BusyError) as error:
            round_(other)
        assert error.value.retry_after_s > 0
    db.commit()
    with connect(conninfo) as other:
        assert round_(other).waiting == len(PLANTED)


def test_a_row_of_slivers_is_one_draft_and_smaller_ones_never_meet(db: psycopg.Connection) -> None:
    hand_in(db, *(lot(str(n + 1), 10.02 * n, 0, 10.02 * n + 10, 20) for n in range(12)))
    told = find(db, HERE, 0.05, 1000)
    assert [len(one.slivers) for one in told.clusters] == [11]
    small = clusters(told.slivers, set(), most=4)
    reaches = [frozenset().union(*(told.slivers[k].reach for k in one.slivers)) for one in small]
    assert len(small) == 2
    assert not reaches[0] & reaches[1]
    assert all(
        set(one.slivers) == {k for k, s in enumerate(told.slivers) if set(s.parcels) & set(one.parcels)}
        for one in small
    )
    [one] = round_(db).drafts
    through(db, proposal(db, one.key))
    assert find(db, HERE, 0.05, 1000).slivers == []
    assert shapely.area(list(shapes(db).values())).sum() == pytest.approx((10.02 * 11 + 10) * 20, abs=1e-3)


def test_what_has_no_repair_or_is_not_ones_own_gets_no_draft(db: psycopg.Connection) -> None:
    hand_in(
        db,
        lot("1", 0, 0, 10, 10),
        lot("2", 3, 3, 8, 3.04),
        lot("3", 100, 0, 110, 10),
        lot("4", 110.02, 0, 120, 10),
    )
    made = draft_all(db, AUTHOR, Said(LAW), HERE, 0.05, 1000, may=lambda _: False)
    assert (made.drafts, made.no_repair, made.not_allowed) == ([], 1, 1)
    assert db.execute("select count(*) from proposal").fetchone() == (0,)
    assert len(round_(db).drafts) == 1


@pytest.mark.parametrize(
    ("area", "cursor", "kind"),
    [
        (Area(), None, InvalidKeyError),
        (Area(sheet="1"), None, InvalidKeyError),
        (Area("99999"), None, NotFoundError),
        (Area("x"), None, InvalidKeyError),
        (HERE, "1.2", InvalidKeyError),
    ],
)
def test_a_bad_question_is_told_in_words(
    db: psycopg.Connection, area: Area, cursor: str | None, kind: type[RegisterError]
) -> None:
    with pytest.raises(kind) as error:
        find(db, area, 0.05, 10, cursor)
    assert error.value.detail.endswith(".")
    assert error.value.detail_vi.endswith(".")
    assert codes(db) == {}
