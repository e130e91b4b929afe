"""A draft correction out of an accepted survey: new plots become parcels, those measured anew get their new shapes.

Drafts change nothing yet: `register.apply` does, once they are approved.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg

from register import proposals
from register.edits.ground import Ground
from register.edits.resurveyed import later_state
from register.edits.surveyed import becomes
from register.errors import NotAcceptedError, NotFoundError, StaleError
from register.proposals import Said
from register.statements import load, one


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft correction by its key, and what it would do: `plots` are (record, registered code or None, sheet, number, what),
    what being new, reshaped, attributes or unchanged, of a later state of whole sheets also moved, gone, split, merged or
    doubled; `made` is False where it was there already."""

    correction: str
    run: int
    made: bool
    counts: dict[str, int] = field(default_factory=dict)
    plots: list[tuple[str, str | None, str | None, str | None, str]] = field(default_factory=list)


def draft_correction(conn: psycopg.Connection, key: str, author: str, reason: str = "") -> Drafted:
    """The draft of the survey's last check; the same check again gives the same draft. The caller owns the transaction.

    Raises: NotFoundError; NotAcceptedError where the check found what stops it; StaleError where a parcel it measures
    anew was changed since the check; SheetZoneError where a sheet is in another VN-2000 zone than the survey.
    """
    sql = load("register", "survey_drafts.sql")
    row = conn.execute(sql["hold"], {"key": key}).fetchone()
    if row is None:
        raise NotFoundError("There is no such survey.", "Không có lần nộp nào ở địa chỉ này.")
    state, dossier, run, n, made_key = row
    if state != "accepted":
        raise NotAcceptedError(
            f"The survey is {state}: a correction is drafted from an accepted one; see its report.",
            "Lần nộp này chưa đạt: chỉ lập chỉnh lý từ lần nộp đã đạt; hãy xem báo cáo.",
            state,
        )
    (told, _) = one(conn, sql["said"], {"run": run})
    whole = told.get("replaces") == "sheet"
    if made_key is not None:
        plots = _later(conn, run) if whole else becomes(conn, run)
        return Drafted(made_key, n, False, _counted(plots), plots)
    if not whole:
        _refuse_changed(conn, run)
    plots = _later(conn, run) if whole else becomes(conn, run)
    what = Said(date.today(), reason, dossier=dossier)
    intent = {"kind": "survey", "run": run} | ({"replaces": "sheet"} if whole else {})
    made = proposals.draft(conn, intent, author, what, survey_run=run)
    conn.execute(sql["link"], {"proposal": made.id, "run": run})
    return Drafted(made.key, n, True, _counted(plots), plots)


def _later(conn: psycopg.Connection, run: int) -> list[tuple[Any, ...]]:
    """What each plot of a later state of whole sheets does, and the parcels that are not in it (record "")."""
    later = later_state(Ground(conn), run)
    of = later.compared
    plots: list[tuple[Any, ...]] = []
    for plot, row, does in zip(later.plots, of.row.tolist(), later.does, strict=True):
        code = later.parcels[row].code if row >= 0 else None
        plots.append((plot.record, code, later.sheets[plot.sheet][0], plot.number, does))
    there = set(of.row.tolist())
    return plots + [
        ("", p.code, p.sheet_number, p.number, of.of_row[r])
        for r, p in enumerate(later.parcels)
        if r not in there and not of.twin[r] and not p.provisional
    ]


def _refuse_changed(conn: psycopg.Connection, run: int) -> None:
    sql = load("register", "survey_drafts.sql")
    closed: dict[str, int] = dict(conn.execute(sql["stale"], {"run": run}).fetchall())
    if closed:
        first = next(iter(closed))
        raise StaleError(
            f"Parcel {first} was changed by someone else since this survey was checked: check it again.",
            f"Thửa {first} đã được người khác chỉnh lý sau khi kiểm tra: hãy kiểm tra lại.",
            closed,
        )
    twice = conn.execute(sql["twice"], {"run": run}).fetchone()
    if twice is not None:
        code, records = twice
        raise NotAcceptedError(
            f"Plots {', '.join(records[:5])} all measure parcel {code} anew: a split needs a correction of its own.",
            f"Các thửa {', '.join(records[:5])} cùng đo lại thửa {code}: tách thửa phải lập chỉnh lý riêng.",
            "accepted",
        )


def _counted(plots: list[tuple[Any, ...]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for plot in plots:
        counts[plot[-1]] = counts.get(plot[-1], 0) + 1
    return counts
