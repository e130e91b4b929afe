"""The two clocks of the register: what the office knew at an instant, and what was so by law on a day."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.errors import InvalidKeyError
from register.keys import printable
from register.statements import load

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# a `+` that was not written %2B arrives as a space
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+ -][0-9]{2}:[0-9]{2})"
)
_LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The register as of an instant of the office, a legal day, or the legal day as the office knew it at the instant.

    None does not ask that clock: all that is known now; whatever day it is effective on.
    """

    known_at: datetime | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """An AsOf in this register: corrections up to `seq`, effective up to `day`. `settled`: its answers never change."""

    seq: int
    day: date
    settled: bool


def as_of(text: str | None, known_at: str | None = None) -> AsOf | None:
    """What stands in `as_of=` and `known_at=`: an instant with its offset, a date, or a date and an instant.

    Raises: InvalidKeyError.
    """
    if text is None:
        if known_at is None:
            return None
        raise InvalidKeyError(
            "known_at= goes with a date: give as_of=2026-05-01&known_at=…, or the instant alone as as_of=.",
            "known_at= đi cùng một ngày: hãy viết as_of=2026-05-01&known_at=…, hoặc chỉ viết thời điểm vào as_of=.",
        )
    day = _date(text)
    if day is not None:
        return AsOf(None if known_at is None else _known_at(known_at, "known_at"), day)
    if known_at is not None:
        raise InvalidKeyError(
            f"With known_at=, as_of={printable(text)} must be a date such as 2026-05-01.",
            f"Khi có known_at=, as_of={printable(text)} phải là một ngày, ví dụ 2026-05-01.",
        )
    return AsOf(_known_at(text, "as_of"))


async def moment(conn: AsyncConnection[TupleRow], asked: AsOf) -> Moment:
    """Where `asked` lies among the corrections of this register; an instant to come is now."""
    values = {"known_at": asked.known_at or _LAST_INSTANT}
    row = await (await conn.execute(load("register", "clocks.sql")["moment"], values)).fetchone()
    assert row is not None  # noqa: S101 - it always gives one
    return Moment(row[0], asked.effective_on or date.max, row[1])


def _date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidKeyError(
            f"as_of={printable(text)} is not a day of the calendar.",
            f"as_of={printable(text)} không phải một ngày có trong lịch.",
        ) from None


def _known_at(text: str, name: str) -> datetime:
    match = _INSTANT.fullmatch(text)
    try:
        if match is not None:
            return datetime.fromisoformat(match[1] + match[2].replace(" ", "+"))
    except ValueError:
        pass
    dates = " or a date such as 2026-05-01" if name == "as_of" else ""
    dates_vi = " hoặc một ngày, ví dụ 2026-05-01" if name == "as_of" else ""
    raise InvalidKeyError(
        f"{name}={printable(text)} is not understood: give an instant with its offset, such as "
        f"2026-05-01T10:00:00+07:00{dates}.",
        f"Không hiểu {name}={printable(text)}: hãy viết thời điểm kèm múi giờ, ví dụ "
        f"2026-05-01T10:00:00+07:00{dates_vi}.",
    )
