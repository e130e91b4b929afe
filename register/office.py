"""What an office asks about its work: counts by commune and month, imports with their receipts, communes and sheets, health."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from register.errors import InvalidKeyError, NotFoundError
from register.people import Who, require_role
from register.statements import load

MOST_MONTHS: Final = 36
EACH: Final = 20
"""Findings of one rule that are told of one import."""


@dataclass(frozen=True, slots=True)
class Months:
    """From the first of one month to the first of another, which is not among them."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date, last: date) -> "Months":
        """From the month of `first` to that of `last`, with it. Raises: InvalidKeyError."""
        begin = first.replace(day=1)
        months = (last.year - begin.year) * 12 + last.month - begin.month + 1
        if not 1 <= months <= MOST_MONTHS:
            raise InvalidKeyError(
                f"From one month to the same or a later one, at most {MOST_MONTHS}.",
                f"Từ một tháng đến chính tháng đó hoặc tháng sau, nhiều nhất {MOST_MONTHS} tháng.",
            )
        if last.year >= date.max.year:
            raise InvalidKeyError("The year is too far off.", "Năm quá xa.")
        end = date(last.year + last.month // 12, last.month % 12 + 1, 1)
        return cls(begin, end)


def counts(conn: psycopg.Connection, who: Who, months: Months) -> list[dict[str, Any]]:
    """What was done in `months` in the office's communes, row by row: `by_month` and `by_commune` say what a row counts.

    Neither: the total. `code` and `name` are null where no commune is known. Areas in square metres of the shapes. Surveys
    count in the month they came, corrections in the month they were applied, `on_time` and `late` those somebody asked for;
    `overdue` are those that wait still, in the month their term ended. Raises: NotAllowedError.
    """
    values = {"first": months.first, "last": months.last, "units": _units(who)}
    return _rows(conn, "counts", values)


def imports(
    conn: psycopg.Connection, who: Who, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Imports with their receipts, the last first, with numbers below `before`. Raises: NotAllowedError."""
    return _rows(conn, "imports", {"before": before, "id": None, "units": _units(who), "limit": limit})


def one_import(conn: psycopg.Connection, who: Who, number: int) -> dict[str, Any]:
    """An import with the first findings of each rule (`findings`, degrees). Raises: NotFoundError, NotAllowedError."""
    values = {"before": None, "id": number, "units": _units(who), "limit": 1}
    found = _rows(conn, "imports", values)
    if not found:
        raise NotFoundError(f"There is no import {number} here.", f"Không có lần nhập {number} ở đây.")
    return found[0] | {"findings": _rows(conn, "findings", {"id": number, "each": EACH})}


def communes(conn: psycopg.Connection, who: Who) -> list[dict[str, Any]]:
    """The office's communes that have parcels, counted. Raises: NotAllowedError."""
    return _rows(conn, "communes", {"units": _units(who)})


def sheets(conn: psycopg.Connection, unit: int) -> list[dict[str, Any]]:
    """Sheets with current parcels in a commune (its number), counted."""
    return _rows(conn, "sheets", {"unit": unit})


def condition(conn: psycopg.Connection) -> dict[str, Any]:
    """How the database and the register are."""
    return _rows(conn, "condition", {})[0]


def _units(who: Who) -> list[int] | None:
    """Communes `who` is the office of; None: all. Raises: NotAllowedError."""
    require_role(who, "office")
    scope = who.grants["office"]
    return None if scope is None else sorted(scope)


def _rows(conn: psycopg.Connection, name: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(load("register", "office.sql")[name], values).fetchall()
