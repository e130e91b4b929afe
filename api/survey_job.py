"""One survey checked, from its originals in the register to its stored outcome, on a thread of a worker."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Event
from traceback import format_tb
from typing import Any

import orjson
import psycopg

from geo.finding import Finding
from importers.errors import Refused
from importers.scratch import scratch
from register.connect import connect
from register.errors import TooWideError
from register.files import read_now
from register.statements import load
from register.survey_runs import Begun, NotRead, Outcome, begin, finish, tell, versions

Progress = Callable[[float, str], None]
Examine = Callable[[psycopg.Connection, list[Path], dict[str, Any], Progress], Outcome]
"""(connection for questions about neighbours: read only, one snapshot; the files; what was asked; progress) → outcome.

Raises: Refused where the files cannot be read at all.
"""

MOST_ATTEMPTS = 5
"""An error of ours is told once it came at this beginning of the check or a later one."""
MOST_KILLED = 20
"""So often a check is begun whose worker or database ended without a word: mostly somebody restarted the machine, and the
survey is not at fault; but it may be what kills them."""
TELL_EVERY_S = 0.25
STAGES = {
    "read": ("received", "Đang đọc tệp…", "Reading the files…"),
    "place": ("read", "Đang xác định vị trí…", "Finding the place…"),
    "check": ("read", "Đang kiểm tra…", "Checking…"),
    "report": ("read", "Đang lập báo cáo…", "Writing the report…"),
}
_OUR_FAULT = (
    "Máy chủ gặp lỗi khi kiểm tra tệp này; lỗi đã được ghi lại. Hãy thử lại sau hoặc báo quản trị.",
    "The server failed while checking this file; the fault is on record. Try again later or tell the office.",
)
_PAGE = (
    "<!doctype html><html lang=vi><meta charset=utf-8><title>Địa Chính</title>"
    "<style>body{{font:1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}}</style>"
    "<h1>Không đọc được tệp · The files could not be read</h1><p>{place}</p><p>{vi}</p><p lang=en>{en}</p></html>"
)
_log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - not an error: the worker ends, the check is begun again
    """The worker is told to stop while a check is at work."""


class CheckFailed(Exception):  # noqa: N818 - says what happened
    """Something broke on our side; bears the kind of the error, never its words."""


def check(conninfo: str, schema: str, run: int, examine: Examine, stopping: Event) -> None:
    """Check the survey of `run` and store what came out; nothing where it is through or another is at it.

    Raises: Stopped; what the database raises where it does not answer; CheckFailed until that happened MOST_ATTEMPTS times.
    """
    with connect(conninfo, schema, autocommit=True) as conn:
        begun = begin(conn, run)
        if begun is None:
            return
        if begun.attempts > MOST_KILLED:
            _store(conn, begun, _failed("no answer"), {})
            return
        try:
            with connect(conninfo, schema) as asking, scratch() as folder:
                outcome, before = _examined(conn, asking, begun, examine, folder, stopping)
            _store(conn, begun, outcome, before)
        except (Stopped, psycopg.OperationalError):
            raise
        except Exception as error:
            # what the file says may be in the error's words: only its kind is kept, with the places in our code
            kind, places = type(error).__name__, "".join(format_tb(error.__traceback__))
            _log.error("checking run %d failed, time %d: %s\n%s", run, begun.attempts, kind, places)
            if begun.attempts < MOST_ATTEMPTS:
                raise CheckFailed(kind) from None
            _store(conn, begun, _failed(kind), {})


def _examined(
    conn: psycopg.Connection,
    asking: psycopg.Connection,
    begun: Begun,
    examine: Examine,
    folder: Path,
    stopping: Event,
) -> tuple[Outcome, dict[str, int]]:
    """The outcome, and the versions of the parcels it measures anew as of the instant the neighbours were asked about."""
    teller = _Teller(conn, begun, stopping)
    teller(0.0, "read")
    paths = []
    for one in begun.files:
        path = folder / one.name
        with path.open("xb") as file:
            for part in read_now(conn, one.digest):
                file.write(part)
        paths.append(path)
    asking.execute(load("register", "survey_runs.sql")["snapshot"])
    try:
        outcome = examine(asking, paths, begun.asked | {"survey": f"S-{begun.survey}"}, teller)
    except Refused as refused:
        return _not_read(refused.rule, refused.text_vi, refused.text_en, refused.place), {}
    except TooWideError as refused:
        return _not_read("too_much", refused.detail_vi, refused.detail, ""), {}
    return outcome, versions(asking, outcome.plots)


def _store(conn: psycopg.Connection, begun: Begun, outcome: Outcome, before: dict[str, int]) -> None:
    with conn.transaction():
        if not isinstance(outcome, NotRead):
            tell(conn, begun, "read", 0.99, "Đã đọc tệp.", "The files are read.")
        finish(conn, begun, outcome, before, _engine())


@dataclass(slots=True)
class _Teller:
    """Passes on how far a check is, not more often than anyone looks; ends it when the worker stops."""

    conn: psycopg.Connection
    begun: Begun
    stopping: Event
    state: str = "received"
    stage: str = ""
    last_s: float = field(default=0.0)

    def __call__(self, progress: float, stage: str) -> None:
        if self.stopping.is_set():
            raise Stopped
        now_s = time.monotonic()
        if stage == self.stage and now_s - self.last_s < TELL_EVERY_S:
            return
        self.stage, self.last_s = stage, now_s
        self.state, vi, en = STAGES.get(stage, (self.state, stage, stage))
        tell(self.conn, self.begun, self.state, min(progress, 0.99), vi, en)


def _failed(error: str) -> NotRead:
    outcome = _not_read("reader_failed", *_OUR_FAULT, "")
    return NotRead(outcome.findings, outcome.report, outcome.refused, error)


def _not_read(rule: str, text_vi: str, text_en: str, place: str) -> NotRead:
    finding = Finding(rule, "stops", text_vi, text_en, place or None)
    said = {
        "rule": rule,
        "severity": "stops",
        "text_vi": text_vi,
        "text_en": text_en,
        "record": place or None,
    }
    page = _PAGE.format(place=escape(place), vi=escape(text_vi), en=escape(text_en))
    return NotRead(
        [finding], {"json": orjson.dumps({"refused": rule, "findings": [said]}), "html": page.encode()}, rule
    )


@cache
def _engine() -> str:
    try:
        return version("diachinh")
    except PackageNotFoundError:
        return "unknown"
