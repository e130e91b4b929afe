"""Surveys (đo đạc) as they are handed in, asked about and checked again: the same files with the same options are one survey.

A survey is named by a key nobody can guess: whoever knows it may read it. What checks it stands in `survey_runs`.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from register.errors import NotFoundError, TooLargeError
from register.files import new_key
from register.statements import load

Conn = AsyncConnection[Any]
Enqueue = Callable[[Conn, int, int], Awaitable[None]]
MOST_RUNS = 200
RECEIVED = "Đã nhận, đang chờ kiểm tra.", "Received, waiting to be checked."


@dataclass(frozen=True, slots=True)
class Original:
    """A file of a hand-in: its name there (unique, safe as a file name), SHA-256 and size."""

    name: str
    digest: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey as it stands. `progress` is 0 to 1; `states` the instants it came into each state."""

    id: int
    key: str
    state: str
    made_at: datetime
    receipt: dict[str, Any]
    asked: dict[str, Any]
    dossier: str | None
    files: list[Original]
    runs: list["Run"]
    states: dict[str, datetime]
    last_event: int
    progress: float
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Run:
    """One check: `outcome` None while it is not through; `reports` the kinds there are."""

    n: int
    asked: dict[str, Any]
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    engine: str | None
    outcome: str | None
    refused: str | None
    epsg: int | None
    counts: dict[str, Any]
    correction: str | None
    reports: list[str]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a survey."""

    id: int
    at: datetime
    state: str
    progress: float
    message_vi: str
    message_en: str


def content_hash(originals: Sequence[Original], asked: Mapping[str, Any]) -> bytes:
    """SHA-256 over the files and what was said about them, in no order of hand-in.

    Of a name counts what can change the reading: its suffix, and where files belong together by name (.shp, .dbf) all.
    """
    parts = sorted(
        [one.digest.hex(), PurePosixPath(one.name).suffix.lower() if len(originals) == 1 else one.name]
        for one in originals
    )
    said = {name: value for name, value in asked.items() if value not in (None, {}, [], "")}
    return hashlib.sha256(b"survey" + json.dumps([parts, said], sort_keys=True).encode()).digest()


async def same(conn: Conn, digest: bytes) -> str | None:
    """Key of the survey with this `content_hash`."""
    row = await (await conn.execute(load("register", "surveys.sql")["same"], {"hash": digest})).fetchone()
    return None if row is None else str(row[0])


async def waiting(conn: Conn) -> int:
    """How many checks, of all surveys, are not through."""
    row = await (await conn.execute(load("register", "surveys.sql")["waiting"])).fetchone()
    return 0 if row is None else int(row[0])


async def add(
    conn: Conn,
    originals: Sequence[Original],
    asked: Mapping[str, Any],
    dossier: str | None,
    enqueue: Enqueue,
) -> tuple[str, bool]:
    """Key of the survey of kept `originals`, and whether it is new; then `enqueue(conn, survey, run)` is told of its
    first check. The caller owns the transaction."""
    sql = load("register", "surveys.sql")
    digest = content_hash(originals, asked)
    number = None
    if dossier is not None:
        await conn.execute(sql["make_dossier"], {"number": dossier})
        row = await (await conn.execute(sql["dossier"], {"number": dossier})).fetchone()
        number = None if row is None else row[0]
    key = new_key()
    values = {"dossier": number, "hash": digest, "key": key, "asked": Jsonb(dict(asked))}
    row = await (await conn.execute(sql["add"], values)).fetchone()
    if row is None:
        found = await same(conn, digest)
        assert found is not None  # noqa: S101 - the conflict was with it
        return found, False
    survey, made_at = row
    files = [(survey, one.name, one.digest, one.size, n) for n, one in enumerate(originals)]
    await conn.cursor().executemany(sql["put_file"], files)
    receipt = {
        "survey": key,
        "received_at": made_at.isoformat(),
        "files": [{"name": o.name, "bytes": o.size, "sha256": o.digest.hex()} for o in originals],
    }
    await conn.execute(sql["put_receipt"], {"survey": survey, "receipt": Jsonb(receipt)})
    await _add_run(conn, survey, asked, enqueue)
    return key, True


async def _add_run(conn: Conn, survey: int, asked: Mapping[str, Any], enqueue: Enqueue) -> int:
    sql = load("register", "surveys.sql")
    added = await conn.execute(sql["add_run"], {"survey": survey, "asked": Jsonb(dict(asked))})
    row = await added.fetchone()
    assert row is not None  # noqa: S101 - it was just inserted
    run, n = row
    told = {"message_vi": RECEIVED[0], "message_en": RECEIVED[1]}
    await conn.execute(sql["tell"], {"run": run, "state": "received", "progress": 0} | told)
    await enqueue(conn, survey, run)
    return int(n)


async def check_again(
    conn: Conn, key: str, changes: Mapping[str, Any], enqueue: Enqueue
) -> tuple[int, dict[str, Any]]:
    """Number and options of a new check with the last one's options but `changes`; of one that waits already with these.

    The caller owns the transaction. Raises: NotFoundError, TooLargeError.
    """
    sql = load("register", "surveys.sql")
    row = await (await conn.execute(sql["hold"], {"key": key})).fetchone()
    if row is None:
        raise _unknown()
    last = await (await conn.execute(sql["last_run"], {"survey": row[0]})).fetchone()
    assert last is not None  # noqa: S101 - a survey comes with its first check
    _, n, asked, finished = last
    wanted = asked | dict(changes)
    if not finished and wanted == asked:
        return n, wanted
    if n >= MOST_RUNS:
        raise TooLargeError(
            f"A survey is checked at most {MOST_RUNS} times: hand the files in again.",
            f"Một lần nộp được kiểm tra tối đa {MOST_RUNS} lần: hãy nộp lại tệp.",
            MOST_RUNS,
        )
    return await _add_run(conn, row[0], wanted, enqueue), wanted


async def find(conn: Conn, key: str) -> Survey:
    """The survey of a key. Raises: NotFoundError."""
    sql = load("register", "surveys.sql")
    row = await (await conn.execute(sql["find"], {"key": key})).fetchone()
    if row is None:
        raise _unknown()
    survey, state, made_at, receipt, asked, dossier = row
    which = {"survey": survey}
    files = await (await conn.execute(sql["files"], which)).fetchall()
    runs = await (await conn.execute(sql["runs"], which)).fetchall()
    states = await (await conn.execute(sql["states"], which)).fetchall()
    event = await (await conn.execute(sql["last_event"], which)).fetchone()
    assert event is not None  # noqa: S101 - a survey comes with its first event
    return Survey(
        survey, key, state, made_at, receipt, asked, dossier,
        [Original(name, bytes.fromhex(digest), size) for name, size, digest in files],
        [Run(*run) for run in runs],
        dict(states), event[0], event[2], event[3], event[4],
    )  # fmt: skip


async def events(conn: Conn, survey: int, after: int) -> list[Event]:
    """What happened after the event `after` (0: from the beginning), in order, 500 at most."""
    sql = load("register", "surveys.sql")
    rows = await conn.execute(sql["events"], {"survey": survey, "after": after})
    return [Event(*row) for row in await rows.fetchall()]


async def report(conn: Conn, key: str, kind: str, n: int | None) -> tuple[bytes, int]:
    """A report (json, html, pdf, png) and the number of its check: `n`, or the last that is through.

    Raises: NotFoundError.
    """
    statement = load("register", "surveys.sql")["report"]
    values = {"key": key, "kind": kind, "n": n}
    row = await (await conn.execute(statement, values, binary=True)).fetchone()
    if row is None:
        await find(conn, key)
        raise NotFoundError(
            "There is no report yet: the check is not through.", "Chưa có báo cáo: việc kiểm tra chưa xong."
        )
    if row[0] is None:
        raise NotFoundError(
            f"This check has no {kind} report; the one in JSON says why.",
            f"Lần kiểm tra này không có báo cáo dạng {kind}; bản JSON ghi lý do.",
        )
    return row[0], row[1]


async def original(conn: Conn, key: str, n: int) -> Original:
    """File number `n` (from 0) of a survey. Raises: NotFoundError."""
    statement = load("register", "surveys.sql")["file"]
    row = await (await conn.execute(statement, {"key": key, "n": n})).fetchone()
    if row is None:
        await find(conn, key)
        raise NotFoundError(
            "The survey has no file of this number.", "Lần nộp này không có tệp nào mang số đó."
        )
    return Original(*row)


def _unknown() -> NotFoundError:
    return NotFoundError(
        "There is no such survey: its address was given when it was handed in.",
        "Không có lần nộp nào ở địa chỉ này: địa chỉ được cấp khi nộp.",
    )
