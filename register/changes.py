"""The feed: every correction in the order it became visible, with all it closed and opened; no personal data.

A cursor is a place in the feed. `17`: all up to correction 17 was read; `17.2.4711`: of correction 17 the rows up to the
one with the key 4711 of part 2. A place is never given twice and nothing comes before it later, so that whoever follows
misses nothing. What stands before a cursor does not change.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.errors import InvalidKeyError
from register.keys import printable
from register.statements import load

Shapes = Literal["none", "geojson", "wkb"]
ROWS = 2000
"""Rows of one page: what a page needs in memory does not grow with a correction."""
PARTS = ("closed", "opened", "links_closed", "links_opened")
_CURSOR = re.compile(r"([0-9]{1,18})(?:\.([1-4])\.([0-9]{1,18}))?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed; `part` 0: at the end of `seq`."""

    seq: int = 0
    part: int = 0
    key: int = 0

    def __str__(self) -> str:
        return f"{self.seq}.{self.part}.{self.key}" if self.part else str(self.seq)


@dataclass(frozen=True, slots=True)
class Changes:
    """Corrections as JSON texts, the cursor after them, the last place there is; `complete`: nothing comes after."""

    items: list[str]
    next: Cursor
    last: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Event:
    """That a correction was made: its place, and what is said of it as JSON text."""

    seq: int
    head: str


def cursor(text: str) -> Cursor:
    """The place `text` names. Raises: InvalidKeyError."""
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise InvalidKeyError(
            f"since={printable(text)} is no place in the feed: begin with 0, then use `next` as it was given.",
            f"since={printable(text)} không phải vị trí trong luồng: hãy bắt đầu từ 0, sau đó dùng nguyên giá trị next.",
        )
    return Cursor(int(match[1]), int(match[2] or 0), int(match[3] or 0))


async def last(conn: AsyncConnection[TupleRow]) -> int:
    """The last place in the feed; 0 before the first correction."""
    row = await (await conn.execute(load("register", "changes.sql")["last"])).fetchone()
    assert row is not None  # noqa: S101 - an aggregate
    return int(row[0])


async def changes(
    conn: AsyncConnection[TupleRow], since: Cursor, limit: int, shapes: Shapes = "none", rows: int = ROWS
) -> Changes:
    """At most `limit` corrections after `since`, with at most `rows` rows in all.

    Where a correction does not fit, it comes in several: `continued` but in the first, `complete` in the last of them.
    Raises: InvalidKeyError for a place that is not yet there.
    """
    end = await last(conn)
    _check(since, end)
    first = since.seq + (since.part == 0)
    items: list[str] = []
    at = since
    for head in await _heads(conn, first, limit):
        if rows <= 0:
            break
        seq, id, first_version, last_version, first_link, last_link, said = head
        values: dict[str, Any] = {
            "id": id,
            "first_version": first_version,
            "last_version": last_version,
            "first_link": first_link,
            "last_link": last_link,
            "shapes": shapes,
            "limit": rows + 1,
            "part": at.part if at.seq == seq else 0,
            "key": at.key if at.seq == seq else 0,
        }
        found = await (await conn.execute(load("register", "changes.sql")["rows"], values)).fetchall()
        complete = len(found) <= rows
        items.append(_item(said, found[:rows], bool(values["part"]), complete))
        at = Cursor(seq) if complete else Cursor(seq, *found[rows - 1][:2])
        rows -= len(found[:rows])
    return Changes(items, at, end, at == Cursor(max(end, at.seq)))


async def events(conn: AsyncConnection[TupleRow], after: int, limit: int) -> list[Event]:
    """The corrections after `after` without what they did. Raises: InvalidKeyError for a place that is not yet there."""
    heads = await _heads(conn, after + 1, limit)
    if not heads:
        _check(Cursor(after), await last(conn))
    return [Event(head[0], head[-1]) for head in heads]


async def channel(conn: AsyncConnection[TupleRow]) -> str:
    """Name of the channel on which the register says that a correction was made."""
    row = await (await conn.execute(load("register", "changes.sql")["channel"])).fetchone()
    assert row is not None  # noqa: S101 - it always gives one
    return str(row[0])


async def _heads(conn: AsyncConnection[TupleRow], first: int, limit: int) -> list[TupleRow]:
    values = {"seq": first, "limit": limit}
    return await (await conn.execute(load("register", "changes.sql")["heads"], values)).fetchall()


def _check(since: Cursor, end: int) -> None:
    if since.seq > end:
        raise InvalidKeyError(
            f"since={since} is beyond the end of the feed ({end}): this is another register, or one restored from an "
            "older backup. Begin with 0.",
            f"since={since} nằm sau cuối luồng ({end}): đây là cơ sở dữ liệu khác hoặc được khôi phục từ bản sao lưu cũ. "
            "Hãy bắt đầu lại từ 0.",
        )


def _item(said: str, rows: list[TupleRow], continued: bool, complete: bool) -> str:
    """One correction as JSON, its rows by part; texts of PostgreSQL, unread."""
    lists = (
        f',"{name}":[' + ",".join(text for part, _, text in rows if part == n) + "]"
        for n, name in enumerate(PARTS, 1)
    )
    flags = f',"continued":{str(continued).lower()},"complete":{str(complete).lower()}'
    return said[:-1] + flags + "".join(lists) + "}"
