"""A draft correction out of an accepted survey: new plots become parcels, those measured anew get their new shapes.

Drafts change nothing yet: `register.apply` does, once they are approved.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import psycopg

from register.errors import NotAcceptedError, NotFoundError, SheetZoneError, StaleError
from register.statements import load, one


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft correction and what it would do: `plots` are (record, registered code or None, sheet, number, what),
    what being new, reshaped, attributes or unchanged; `made` is False where it was there already."""

    correction: int
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
    _, state, said, dossier, digest, run, n, asked, epsg, correction = row
    if state != "accepted":
        raise NotAcceptedError(
            f"The survey is {state}: a correction is drafted from an accepted one; see its report.",
            "Lần nộp này chưa đạt: chỉ lập chỉnh lý từ lần nộp đã đạt; hãy xem báo cáo.",
            state,
        )
    if correction is not None:
        plots = _plots(conn, run, correction)
        return Drafted(correction, n, False, _counted(plots), plots)
    _refuse_changed(conn, run)
    told = said | asked
    default = {name: told.get(name) for name in ("commune", "sheet", "scale")}
    conn.execute(sql["open_sheets"])
    for named in conn.execute(sql["unnamed_sheets"], {"run": run} | default).fetchall():
        commune, number, map_set, scale = named
        _sheet(conn, commune, number, map_set, scale, epsg)
    conn.execute(sql["becomes"], {"run": run} | default)
    wrong = conn.execute(sql["zone"]).fetchone()
    if wrong is not None:
        raise _other_zone(*wrong)
    counts: dict[str, int] = dict(conn.execute(sql["counts"]).fetchall())
    values = {
        "author": author,
        "reason": reason,
        "dossier": dossier,
        "hash": digest,
        "counts": json.dumps(counts),
    }
    (correction,) = one(conn, sql["correction"], values)
    conn.execute(sql["put_drafts"], {"correction": correction})
    conn.execute(sql["link"], {"correction": correction, "run": run})
    return Drafted(correction, n, True, counts, _plots(conn, run, correction))


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


def _sheet(
    conn: psycopg.Connection,
    commune: str | None,
    number: str | None,
    map_set: str,
    scale: int | None,
    epsg: int,
) -> None:
    """Find or make the sheet that new plots name."""
    sql = load("register", "survey_drafts.sql")
    unit = None if commune is None else conn.execute(sql["commune"], {"code": commune}).fetchone()
    if unit is None or number is None:
        raise NotAcceptedError(
            "New plots name no commune or no sheet: check again with both given.",
            "Thửa mới không ghi xã hoặc tờ bản đồ: hãy kiểm tra lại và chỉ rõ cả hai.",
            "accepted",
        )
    values = {"commune": unit[0], "number": number, "map_set": map_set, "scale": scale, "epsg": epsg}
    found = conn.execute(sql["sheet"], values).fetchone() or one(conn, sql["make_sheet"], values)
    if found[1] != epsg:
        raise _other_zone(number, found[1], epsg)
    conn.execute(sql["put_sheet"], values | {"commune": commune, "id": found[0]})


def _other_zone(number: str, registered: int, given: int) -> SheetZoneError:
    return SheetZoneError(
        f"Sheet {number} is registered in EPSG:{registered}, the survey is in EPSG:{given}: check again with crs={registered}.",
        f"Tờ bản đồ {number} đã đăng ký ở EPSG:{registered}, tệp đo ở EPSG:{given}: hãy kiểm tra lại với crs={registered}.",
        number,
        registered,
        given,
    )


def _plots(conn: psycopg.Connection, run: int, correction: int) -> list[tuple[Any, ...]]:
    statement = load("register", "survey_drafts.sql")["given"]
    rows = conn.execute(statement, {"run": run, "correction": correction}).fetchall()
    return [row[1:] for row in rows]


def _counted(plots: list[tuple[Any, ...]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for plot in plots:
        counts[plot[-1]] = counts.get(plot[-1], 0) + 1
    return counts
