"""An upload of parcels into the register: all of it or nothing, once, with a receipt that adds up."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

import psycopg
import pyarrow as pa

from geo.finding import Finding
from register.address_rows import AddressRows
from register.apply import apply
from register.correction import Correction
from register.errors import UnaccountedError
from register.inherited import inherited_findings
from register.revert import revert
from register.stage import ParcelDrafts
from register.statements import load, one

Progress = Callable[[str, int, int | None], None]


class Reading(Protocol):
    """What a reader gives: batches of drafts, and when they are through, what was found."""

    findings: list[Finding]

    @property
    def content_hash(self) -> bytes:
        """SHA-256 over what was handed in."""

    @property
    def files(self) -> Sequence[tuple[str, bytes, int]]:
        """Name, SHA-256 and size of each file."""

    @property
    def read(self) -> int:
        """Records read so far."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The drafts, columns of `importers.draft.DRAFT_SCHEMA`."""

    def address_batches(self) -> Iterator[pa.RecordBatch]:
        """Address lists handed in beside them: text columns record, commune, sheet, number, address, postcode."""


@dataclass(slots=True)
class Receipt:
    """What became of an upload: read = stored + unchanged + refused, by kind in `refused` and `inherited`; `unchanged` stood
    in the register already, or earlier in the upload. So for the rows of address lists: read = linked + unchanged +
    refused in `addresses`."""

    state: Literal["applied", "unchanged", "restored"]
    survey: int | None = None
    correction: int | None = None
    read: int = 0
    stored: int = 0
    unchanged: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    inherited: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def adds_up(self) -> bool:
        """Whether nothing was lost in silence (DESIGN, law 4)."""
        rows = self.addresses
        return self.read == self.stored + self.unchanged + sum(self.refused.values()) and rows.get(
            "read", 0
        ) == (rows.get("linked", 0) + rows.get("unchanged", 0) + rows.get("refused", 0))


@dataclass(slots=True)
class _Upload:
    """Drafts of an upload, less what stands in the register already."""

    drafts: ParcelDrafts
    addresses: AddressRows
    findings: list[Finding]
    unchanged: int = 0
    stored: int = 0

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Copy the drafts."""
        self.drafts.stage(conn, correction)

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Take out what changes nothing and what an import may not change; then the address lists."""
        sql = load("register", "receive.sql")
        self.unchanged = conn.execute(sql["unchanged"]).rowcount
        self._doubled([row[0] for row in conn.execute(sql["doubled"])])
        for record, sheet, number, code, lon_deg, lat_deg in conn.execute(sql["replaced"]).fetchall():
            self.findings.append(
                Finding(
                    "exists",
                    "stops",
                    f"Thửa {number} tờ {sheet} đã có trong sổ (mã {code}) với ranh giới khác: hãy lập chỉnh lý.",
                    f"Parcel {number} of sheet {sheet} is registered (code {code}) with another shape: draft a correction.",
                    record,
                    lon_deg,
                    lat_deg,
                    other=code,
                )
            )
        for old, old_name, today, name, parcels in self.drafts.places.left_to_default:
            self.findings.append(
                Finding(
                    "divided",
                    "note",
                    f"Xã cũ {old} ({old_name}) đã chia tách; {parcels} thửa tạm thuộc {today} ({name}) vì chưa có ranh giới "
                    "xã: hãy nạp bằng `diachinh units import`.",
                    f"The former commune {old} ({old_name}) was divided; {parcels} parcels go to {today} ({name}) for want "
                    "of commune outlines: bring them by `diachinh units import`.",
                )
            )
        self.addresses.stage(conn, correction)
        self.stored = self.drafts.staged - self.unchanged - sum(f.rule == "exists" for f in self.findings)

    def _doubled(self, records: list[str]) -> None:
        """Records that only repeat another one count among the unchanged; one note says how many."""
        self.unchanged += len(records)
        if records:
            self.findings.append(
                Finding(
                    "doubled",
                    "note",
                    f"{len(records)} bản ghi lặp lại nguyên một bản ghi khác của tệp: mỗi thửa chỉ nhập một lần.",
                    f"{len(records)} records repeat another of the file word for word: each parcel is stored once.",
                    min(records, key=lambda one: (len(one), one)),
                )
            )


def receive(
    conn: psycopg.Connection,
    reading: Reading,
    author: str,
    effective_on: date,
    reason: str = "",
    progress: Progress = lambda *_: None,
) -> Receipt:
    """The receipt of `reading`, its parcels stored under one correction of kind `import`.

    What was handed in before changes nothing; where that import was undone it is brought back under the same codes. The
    caller owns the transaction: rolled back, nothing is there. Raises what `apply` and the
    reader raise, and UnaccountedError where the receipt does not add up.
    """
    sql = load("register", "receive.sql")
    conn.execute(sql["one_at_a_time"], {"hash": reading.content_hash})
    seen = conn.execute(sql["seen"], {"hash": reading.content_hash}).fetchone()
    if seen is not None:
        return _again(conn, seen[0], seen[1], seen[2], author, progress)
    addresses = AddressRows(reading.address_batches())
    upload = _Upload(ParcelDrafts(reading.batches(), progress=progress), addresses, reading.findings)
    correction = Correction("import", author, effective_on, reason, content_hash=reading.content_hash)
    applied = apply(conn, correction, upload, progress)
    findings = [*reading.findings, *inherited_findings(conn, applied.id)]
    receipt = Receipt(
        "applied", None, applied.id, reading.read, upload.stored, upload.unchanged, findings=findings
    )
    for finding in findings:
        where = {"stops": receipt.refused, "explain": receipt.inherited, "note": receipt.notes}[
            finding.severity
        ]
        where[finding.rule] = where.get(finding.rule, 0) + 1
    receipt.findings += addresses.findings
    receipt.addresses = {
        "read": addresses.read,
        "linked": addresses.linked,
        "unchanged": addresses.unchanged,
        "refused": len(addresses.findings),
    }
    if not receipt.adds_up():
        raise UnaccountedError(
            f"Of {receipt.read} records read some are neither stored nor refused: nothing is imported; "
            "please report this file.",
            f"Trong {receipt.read} bản ghi đã đọc có bản ghi không rõ đi đâu: không nhập gì; xin báo lại tệp này.",
        )
    _keep(conn, reading, receipt)
    return receipt


def _again(
    conn: psycopg.Connection,
    survey: int,
    correction: int,
    kept: dict[str, Any],
    author: str,
    progress: Progress,
) -> Receipt:
    """The same content again: nothing to do, or the undone import brought back by undoing the undo."""
    last = one(conn, load("register", "receive.sql")["undone_again"], {"id": correction})
    counts = {name: value for name, value in kept.items() if name not in ("state", "survey", "correction")}
    read = counts["read"]
    if last[1] % 2 == 1:
        applied = revert(conn, last[0], author, "handed in again", progress)
        return Receipt("restored", survey, applied.id, **counts)
    refused = counts["refused"]
    unchanged = read - sum(refused.values())
    rows = counts["addresses"]
    rows = rows | {"linked": 0, "unchanged": rows["read"] - rows["refused"]}
    return Receipt("unchanged", survey, None, read, 0, unchanged, refused, addresses=rows)


def _keep(conn: psycopg.Connection, reading: Reading, receipt: Receipt) -> None:
    """Write the upload, its files, findings and receipt."""
    sql = load("register", "receive.sql")
    body = {name: value for name, value in asdict(receipt).items() if name != "findings"}
    row = one(
        conn,
        sql["survey"],
        {
            "state": "accepted",
            "correction": receipt.correction,
            "hash": reading.content_hash,
            "receipt": json.dumps(body),
        },
    )
    receipt.survey = row[0]
    with conn.cursor() as cursor:
        cursor.executemany(sql["file"], [(row[0], *file) for file in reading.files])
        with cursor.copy(sql["finding"]) as copy:
            for f in receipt.findings:
                place = None if f.lon_deg is None else f"SRID=4326;POINT({f.lon_deg!r} {f.lat_deg!r})"
                copy.write_row(
                    (row[0], f.rule, f.severity, f.record, f.text_vi, f.text_en, place, f.size, f.other)
                )
