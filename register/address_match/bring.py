"""A file of addresses into the register at once, as the office does it by command: matched, linked, told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

import psycopg
import pyarrow as pa

from geo.finding import Finding
from register.address_match.links import MatchedLinks
from register.address_match.match import NEAR_M, Counts, match
from register.address_match.rows import Defaults
from register.apply import apply
from register.correction import Correction
from register.errors import UnaccountedError
from register.statements import load

_REPORTED = (
    "n", "record", "outcome", "rule", "says", "parcels", "nearest", "distance_m", "scheme", "digital", "text",
)  # fmt: skip


class AddressReading(Protocol):
    """What a reader of addresses gives: rows in batches, and when they are through, what was found."""

    findings: list[Finding]

    @property
    def content_hash(self) -> bytes:
        """SHA-256 over what was handed in."""

    @property
    def read(self) -> int:
        """Rows read so far."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows."""


@dataclass(slots=True)
class AddressReceipt:
    """What became of a file: its counts, the correction that made the links (None: it changes nothing)."""

    state: Literal["applied", "unchanged"]
    counts: Counts
    correction: int | None = None
    findings: Sequence[Finding] = field(default_factory=list)


def bring(
    conn: psycopg.Connection,
    reading: AddressReading,
    author: str,
    effective_on: date,
    defaults: Defaults,
    reason: str = "",
    near_m: float = NEAR_M,
) -> AddressReceipt:
    """The receipt of `reading`, its links made under one correction of kind `address`; the same file again changes nothing.

    The caller owns the transaction, in which `report_rows` tells each row. Raises what the reader and `apply` raise, and
    UnaccountedError where the counts do not add up.
    """
    counts = matched(conn, reading, defaults, near_m)
    if not counts.links:
        return AddressReceipt("unchanged", counts, None, reading.findings)
    correction = Correction("address", author, effective_on, reason, content_hash=reading.content_hash)
    applied = apply(conn, correction, MatchedLinks())
    return AddressReceipt("applied", counts, applied.id, reading.findings)


def matched(
    conn: psycopg.Connection, reading: AddressReading, defaults: Defaults, near_m: float = NEAR_M
) -> Counts:
    """The counts of a reading, rows that could not be read among them. Raises: UnaccountedError, what the reader raises."""
    counts = match(conn, reading.batches(), defaults, near_m)
    unread = [finding for finding in reading.findings if finding.severity == "stops"]
    counts.refused += len(unread)
    counts.read = reading.read
    for finding in unread:
        counts.by[f"refused {finding.rule}"] = counts.by.get(f"refused {finding.rule}", 0) + 1
    if not counts.adds_up():
        raise UnaccountedError(
            f"Of {counts.read} rows read some came to nothing: no address is linked; please report this file.",
            f"Trong {counts.read} dòng đã đọc có dòng không rõ kết quả: không gắn địa chỉ nào; xin báo lại tệp này.",
        )
    return counts


def report_rows(
    conn: psycopg.Connection,
    findings: Iterable[Finding] = (),
    statement: str = "report",
    values: Mapping[str, int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Each row of the match of this transaction with what it came to, then those that could not be read.

    `statement`: another of match.sql that tells such rows, with its `values`.
    """
    with conn.cursor("address_report") as cursor:
        cursor.itersize = 2000
        for row in cursor.execute(load("register.address_match", "match.sql")[statement], values):
            yield dict(zip(_REPORTED, row, strict=True))
    yield from unread_rows(findings)


def unread_rows(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    """Rows that could not be read, in the same columns."""
    for finding in findings:
        if finding.severity == "stops":
            yield {
                "n": None, "record": finding.record, "outcome": "refused", "rule": finding.rule, "says": {}, "parcels": [],
                "nearest": None, "distance_m": None, "scheme": None, "digital": None, "text": None,
            }  # fmt: skip
