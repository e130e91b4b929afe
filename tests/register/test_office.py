"""What an office is told of its work: counts that add up, on time and late, receipts, sheets."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from register import office, proposals
from register.errors import InvalidKeyError, NotAllowedError, NotFoundError
from register.office import MOST_MONTHS, Months
from register.people import Who
from register.proposals import Said
from register.revert import revert
from register.units import communes
from tests.register.handed_in import COMMUNE, hand_in, lot
from tests.register.proposing import AUTHOR, LAW, through

OTHER = "20285"
ALL = Who(1, "chi", {"office": None})
TODAY = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
MONTHS = Months.of(TODAY, TODAY)
LOTS = (
    lot("1", 0, 0, 10, 10),
    lot("2", 10, 0, 20, 10),
    lot("10", 0, 10, 20, 20, sheet="2"),
    lot("1", 0, 50, 30, 60, sheet="9", commune=OTHER),
)


def codes(db: psycopg.Connection) -> dict[tuple[str, str], str]:
    rows = db.execute(
        "select s.number, v.number, v.code from parcel_version v join sheet s on s.id = v.sheet where v.closed_by is null"
    )
    return {(sheet, number): code for sheet, number, code in rows}


def change(db: psycopg.Connection, code: str, use: str, dossier: str | None = None) -> int:
    """A land use changed, from draft to applied; number of the correction."""
    intent = {"kind": "attributes", "parcels": [{"parcel": code, "land_use": use}]}
    return through(db, proposals.draft(db, intent, AUTHOR, Said(LAW, "thử", dossier=dossier))).id


def keep_days(db: psycopg.Connection, dossier: str, **days: date | None) -> None:
    """What the office wrote on a file: received, due, returned."""
    for name, day in days.items():
        db.execute(f"update dossier set {name} = %s where number = %s", [day, dossier])


def only(rows: Iterable[dict[str, Any]], by_month: bool, by_commune: bool) -> list[dict[str, Any]]:
    return [row for row in rows if (row["by_month"], row["by_commune"]) == (by_month, by_commune)]


def figures(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def scoped(db: psycopg.Connection, code: str) -> Who:
    """The office of one commune."""
    return Who(2, "ha", {"office": frozenset({communes(db, [code])[code].id})})


def test_what_was_done_is_counted_by_commune_and_in_all(db: psycopg.Connection) -> None:
    hand_in(db, *LOTS)
    known = codes(db)
    change(db, known["1", "1"], "CLN")
    change(db, known["1", "2"], "CLN")
    undone = change(db, known["9", "1"], "TMD")
    revert(db, undone, "ca", "nhầm")
    rows = office.counts(db, ALL, MONTHS)
    (total,) = only(rows, False, False)
    names = ("corrections", "parcels", "area_m2", "reverts", "imports", "imported", "imported_m2")
    assert figures(total, *names) == (3, 3, 500.0, 1, 1, 4, 700.0)
    here, there = sorted(only(rows, True, True), key=lambda row: bool(row["code"] == OTHER))
    assert figures(here, *names) == (2, 2, 200.0, 0, 1, 3, 400.0)
    assert figures(there, *names) == (1, 1, 300.0, 1, 1, 1, 300.0)
    assert here["month"] == there["month"] == f"{TODAY:%Y-%m}"
    assert figures(total, "on_time", "late", "overdue") == (
        3,
        0,
        0,
    )  # an undo nobody asked for by intent has no term


def test_an_office_of_one_commune_is_told_of_that_alone(db: psycopg.Connection) -> None:
    hand_in(db, *LOTS)
    change(db, codes(db)["1", "1"], "CLN")
    change(db, codes(db)["9", "1"], "TMD")
    there = scoped(db, OTHER)
    rows = office.counts(db, there, MONTHS)
    (total,) = only(rows, False, False)
    assert figures(total, "corrections", "area_m2", "imported") == (1, 300.0, 1)
    assert len(only(rows, False, True)) == 1
    assert [one["parcels"] for one in office.communes(db, there)] == [1]
    assert sorted(one["parcels"] for one in office.communes(db, ALL)) == [1, 3]
    assert len(office.imports(db, there)) == 1
    hand_in(db, lot("77", 900, 900, 910, 910))
    assert len(office.imports(db, there)) == 1
    newest, oldest = (one["id"] for one in office.imports(db, ALL))
    assert office.one_import(db, there, oldest)["id"] == oldest
    with pytest.raises(NotFoundError):
        office.one_import(db, there, newest)


def test_nothing_done_is_one_row_of_noughts(db: psycopg.Connection) -> None:
    rows = office.counts(db, ALL, Months.of(date(2020, 1, 1), date(2020, 2, 1)))
    assert [(row["by_month"], row["by_commune"], row["corrections"], row["area_m2"]) for row in rows] == [
        (False, False, 0, 0.0)
    ]


# Two weeks ago; what came on a Saturday or Sunday counts from the Friday before, whose term is over at the weekend.
BEGUN = TODAY - timedelta(14 if TODAY.isoweekday() <= 5 else 6 + TODAY.isoweekday())


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"received": TODAY, "due": TODAY}, (1, 0)),
        ({"due": TODAY - timedelta(1)}, (0, 1)),
        ({"due": TODAY - timedelta(1), "returned": TODAY - timedelta(2)}, (1, 0)),
        ({"received": BEGUN}, (1, 0)),  # ten working days, wherever in the week they begin
        ({"received": TODAY - timedelta(17)}, (0, 1)),
    ],
)
def test_a_correction_is_late_when_its_file_says_so_or_else_the_law(
    db: psycopg.Connection, days: dict[str, date], expected: tuple[int, int]
) -> None:
    hand_in(db, *LOTS)
    code = codes(db)["1", "1"]
    change(db, code, "CLN", "HS-1")
    keep_days(db, "HS-1", **days)
    (total,) = only(office.counts(db, ALL, MONTHS), False, False)
    assert figures(total, "on_time", "late") == expected


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.sampled_from([10, 15]))
def test_the_law_term_is_so_many_days_from_monday_to_friday(came: date, working_days: int) -> None:
    """The shortcut of the statement against counting day by day."""
    day, left = came, working_days
    while left:
        day += timedelta(1)
        left -= day.isoweekday() <= 5
    assert day == came - timedelta(max(came.isoweekday() - 5, 0)) + timedelta(working_days // 5 * 7)


def test_what_waits_beyond_its_term_is_overdue_in_the_month_it_fell_due(db: psycopg.Connection) -> None:
    hand_in(db, *LOTS)
    intent = {"kind": "attributes", "parcels": [{"parcel": codes(db)["1", "1"], "land_use": "CLN"}]}
    one = proposals.draft(db, intent, AUTHOR, Said(LAW, "thử", dossier="HS-2"))
    due = TODAY - timedelta(40)
    keep_days(db, "HS-2", due=due)
    span = Months.of(due, TODAY)
    (total,) = only(office.counts(db, ALL, span), False, False)
    assert total["overdue"] == 0  # a sketch that nobody has submitted is nobody's duty
    proposals.submit(db, one.key, AUTHOR, one.hash or b"")
    (row,) = [row for row in only(office.counts(db, ALL, span), True, True) if row["overdue"]]
    assert (row["month"], row["overdue"]) == (f"{due:%Y-%m}", 1)


def test_totals_are_the_sums_of_their_rows_where_nothing_touches_two_communes(db: psycopg.Connection) -> None:
    hand_in(db, *LOTS[:3])
    hand_in(db, LOTS[3])
    change(db, codes(db)["9", "1"], "TMD")
    rows = office.counts(db, ALL, MONTHS)
    (total,) = only(rows, False, False)
    for name in ("corrections", "parcels", "area_m2", "imports", "imported", "imported_m2", "on_time"):
        for kind in ((True, True), (True, False), (False, True)):
            assert sum(row[name] for row in only(rows, *kind)) == total[name] > 0, (name, kind)


def test_an_import_is_told_with_its_receipt(db: psycopg.Connection) -> None:
    hand_in(db, *LOTS)
    (one,) = office.imports(db, ALL)
    assert (one["receipt"]["read"], one["receipt"]["stored"]) == (4, 4)
    assert one["undone_by"] is None
    assert office.imports(db, ALL, before=one["id"]) == []
    undo = revert(db, one["correction"], "ca", "nhầm tệp")
    assert office.imports(db, ALL)[0]["undone_by"] == undo.id


def test_sheets_in_the_order_of_their_numbers(db: psycopg.Connection) -> None:
    more = [lot("1", 100 * n, 100, 100 * n + 10, 110, sheet=str(n)) for n in (11, 3, 21)]
    hand_in(db, *LOTS, *more, lot("1", 0, 900, 10, 910, sheet="TĐ-4"))
    found = office.sheets(db, communes(db, [COMMUNE])[COMMUNE].today)
    assert [one["number"] for one in found] == ["1", "2", "3", "11", "21", "TĐ-4"]
    assert [one["parcels"] for one in found] == [2, 1, 1, 1, 1, 1]
    west, south, east, north = found[0]["bbox"]
    assert 107 < west < east < 109
    assert 15 < south < north < 17


def test_the_condition_of_an_empty_register(db: psycopg.Connection) -> None:
    told = office.condition(db)
    assert figures(told, "corrections", "checks_waiting", "to_approve", "last_correction") == (0, 0, 0, None)
    assert told["bytes"] > 0
    assert told["migration"][:4].isdigit()
    hand_in(db, *LOTS)
    assert office.condition(db)["corrections"] == 1


def test_who_is_no_office_is_told_nothing(db: psycopg.Connection) -> None:
    editor = Who(3, "an", {"editor": None})
    for ask in (
        lambda: office.counts(db, editor, MONTHS),
        lambda: office.imports(db, editor),
        lambda: office.communes(db, editor),
        lambda: office.one_import(db, editor, 1),
    ):
        with pytest.raises(NotAllowedError):
            ask()


@given(st.dates(date(1, 1, 1), date(9998, 11, 30)), st.integers(0, MOST_MONTHS - 1))
def test_months_end_where_the_next_begins(first: date, more: int) -> None:
    year, month = divmod(first.year * 12 + first.month - 1 + more, 12)
    if year > 9998:
        return
    span = Months.of(first, date(year, month + 1, 28))
    assert (span.first.day, span.last.day) == (1, 1)
    assert (span.last - timedelta(1)).month == month + 1
    assert Months.of(span.last, span.last).first == span.last


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 2, 1), date(2026, 1, 31)),
        (date(2020, 1, 1), date(2023, 1, 1)),
        (date(9999, 12, 1), date(9999, 12, 1)),
    ],
)
def test_months_that_are_none_are_refused(first: date, last: date) -> None:
    with pytest.raises(InvalidKeyError):
        Months.of(first, last)
