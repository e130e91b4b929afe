"""A file of addresses as a draft: its rows are kept, matched anew each time the draft is worked out, and applied as seen."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import orjson
import psycopg

from geo.finding import Finding
from register.address_match.bring import AddressReading, unread_rows
from register.address_match.links import MatchedLinks
from register.address_match.match import NEAR_M, Counts, judge
from register.address_match.rows import Defaults, copy_rows
from register.apply import rehearse
from register.correction import Correction
from register.edits.preview import build
from register.edits.row import Note, Plan
from register.edits.worked import Worked, refusal
from register.errors import NotFoundError, NotPreviewedError, RegisterError
from register.files import new_key
from register.statements import load, one

MOST_SHOWN = 500
"""Links of a file that its preview shows; the report has all of them."""


def keep_file(
    conn: psycopg.Connection,
    reading: AddressReading,
    name: str,
    author: str,
    defaults: Defaults,
    near_m: float = NEAR_M,
) -> str:
    """The key of the file, its rows and findings kept, for an intent `{"kind": "address", "file": key}`.

    Raises: what the reader raises.
    """
    sql = load("register.address_match", "match.sql")
    conn.execute(sql["open"])
    copy_rows(conn, reading.batches(), defaults)
    values = {
        "key": new_key(), "name": name, "hash": reading.content_hash, "author": author, "near_m": near_m,
        "findings": json.dumps([asdict(finding) for finding in reading.findings]),
    }  # fmt: skip
    (file,) = one(conn, sql["keep_file"], values)
    conn.execute(sql["keep_rows"], {"file": file})
    return str(values["key"])


def work_out_file(
    conn: psycopg.Connection,
    intent: Mapping[str, Any],
    effective_on: date,
    said: Mapping[str, Any],
) -> Worked:
    """What the links of a file would do to the parcels as they stand; `keep_match` writes down what was found.

    Raises: NotFoundError for a file that is not there.
    """
    sql = load("register.address_match", "match.sql")
    conn.execute(sql["open"])
    conn.execute(sql["settle"])
    found = conn.execute(sql["file"], {"key": intent["file"]}).fetchone()
    if found is None:
        raise NotFoundError("There is no such file of addresses.", "Không có tệp địa chỉ này.")
    file, near_m, told = found
    rows = conn.execute(sql["rows_of"], {"file": file}).rowcount
    counts = judge(conn, rows, near_m)
    unread = [f for f in told if f["severity"] == "stops"]
    counts.read += len(unread)
    counts.refused += len(unread)
    for finding in unread:
        counts.by[f"refused {finding['rule']}"] = counts.by.get(f"refused {finding['rule']}", 0) + 1
    notes = []
    done: dict[str, int] = {}
    if not counts.links:
        notes.append(
            Note(
                "nothing_linked", "stops",
                "Tệp này không gắn thêm địa chỉ nào: xem báo cáo đối chiếu.",
                "The file links no address: see the match report.",
            )
        )  # fmt: skip
    else:
        try:
            _, done = rehearse(conn, Correction("address", "draft", effective_on), MatchedLinks())
        except RegisterError as error:
            notes.append(refusal(error))
    communes = [commune for (commune,) in conn.execute(sql["communes"])]
    shown = [
        dict(zip(("parcel", "scheme", "code", "text", "main"), row, strict=True))
        for row in conn.execute(sql["shown"], {"limit": MOST_SHOWN})
    ]
    plan = Plan(links=shown)
    plan.matched = {
        "file": intent["file"],
        "counts": asdict(counts),
        "digest": one(conn, sql["digest_here"])[0],
        "all_shown": len(shown) == counts.links,
    }
    preview, hash, stops = build(
        kind="address", intent=intent, plan=plan, rows=[], codes={}, digital={}, findings=notes, effective_on=effective_on,
        said=said, counts=done, dossier=said.get("dossier"),
    )  # fmt: skip
    return Worked([], preview, hash, stops, communes)


def keep_match(conn: psycopg.Connection, proposal: int, revision: int) -> None:
    """Write down what `work_out_file` found: the report, and the links that will be made."""
    sql = load("register.address_match", "match.sql")
    values = {"proposal": proposal, "revision": revision}
    conn.execute(sql["keep_found"], values)
    conn.execute(sql["keep_links"], values)


@dataclass(frozen=True, slots=True)
class FileLinks:
    """The links of a draft as they were seen, as `register.apply` takes them."""

    proposal: int
    revision: int
    digest: str

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Raises: NotPreviewedError where they are not those of the preview; what `MatchedLinks` raises."""
        sql = load("register.address_match", "match.sql")
        conn.execute(sql["open"])
        conn.execute(sql["links_of"], {"proposal": self.proposal, "revision": self.revision})
        conn.execute(sql["analyze_links"])
        if one(conn, sql["digest_here"])[0] != self.digest:
            raise NotPreviewedError(
                "The links are not what was seen: work the draft out again.",
                "Các liên kết không còn như lúc đã xem: hãy cập nhật lại bản thảo.",
                None,
            )
        MatchedLinks().stage(conn, correction)

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing: parcels are held."""


def report_of(conn: psycopg.Connection, key: str) -> tuple[list[dict[str, Any]], Iterator[dict[str, Any]]]:
    """What was found in reading the file of draft `key`; and each of its rows with what it came to when it was last worked
    out, then those that could not be read.

    Raises: NotFoundError where the draft is of no file.
    """
    found = conn.execute(load("register.address_match", "match.sql")["reported"], {"key": key}).fetchone()
    if found is None:
        raise NotFoundError(
            "This correction was not made of a file of addresses.", "Chỉnh lý này không lập từ tệp địa chỉ."
        )
    proposal, revision, file, findings = found
    return findings, _rows_of(conn, {"proposal": proposal, "revision": revision, "file": file}, findings)


def _rows_of(
    conn: psycopg.Connection, values: Mapping[str, int], findings: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    names = (
        "n",
        "record",
        "outcome",
        "rule",
        "says",
        "parcels",
        "nearest",
        "distance_m",
        "scheme",
        "digital",
        "text",
    )
    with conn.cursor("address_report") as cursor:
        cursor.itersize = 2000
        for row in cursor.execute(load("register.address_match", "match.sql")["report_of"], values):
            yield dict(zip(names, row, strict=True))
    yield from unread_rows(Finding(**finding) for finding in findings)


def counts_of(preview: str | None) -> Counts:
    """The counts of a draft of a file."""
    return Counts(**orjson.loads(preview or "{}")["addresses"]["counts"])
