"""Addresses handed in as a list beside the parcels, or later for parcels that are in the register already."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import psycopg
import pyarrow as pa

from geo.finding import Finding
from register import pgcopy
from register.fold import fold
from register.statements import load, one


@dataclass(slots=True)
class AddressRows:
    """Batches with the text columns record, commune, sheet, number, address, postcode (the last two may be null)."""

    batches: Iterable[pa.RecordBatch]
    findings: list[Finding] = field(default_factory=list)
    read: int = 0
    linked: int = 0
    unchanged: int = 0

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Link each row's address to its parcel: of this hand-in (its row in `change` takes it over) or of the register.

        A main link without text gives way to the one with text; a second text becomes a further address.
        """
        sql = load("register", "address_rows.sql")
        conn.execute(sql["open_rows"])
        self._copy(conn)
        if self.read:
            conn.execute(sql["match_new"])
            conn.execute(sql["match_current"])
            for record, sheet, number, matches in conn.execute(sql["unmatched"]).fetchall():
                self.findings.append(_unmatched(record, sheet, number, matches))
            self.unchanged = one(conn, sql["linked_before"])[0]
            conn.execute(sql["close_bare"], {"correction": correction})
            conn.execute(sql["make"], {"correction": correction})
            self.linked = self.read - self.unchanged - len(self.findings)
        conn.execute(sql["done"])

    def _copy(self, conn: psycopg.Connection) -> None:
        names = ("n", "record", "commune", "sheet", "number", "address", "folded", "postcode")
        with conn.cursor() as cursor, cursor.copy(load("register", "address_rows.sql")["copy"]) as copy:
            copy.write(pgcopy.HEADER)
            for batch in self.batches:
                n = np.arange(self.read, self.read + batch.num_rows, dtype=np.int64)
                more = {"n": pa.array(n), "folded": fold(batch.column("address"))}
                columns = {name: more[name] if name in more else batch.column(name) for name in names}
                copy.write(pgcopy.rows(pa.record_batch(columns)).tobytes())
                self.read += batch.num_rows
            copy.write(pgcopy.TRAILER)


def _unmatched(record: str, sheet: str, number: str, matches: int) -> Finding:
    if matches == 0:
        vi = f"Địa chỉ của thửa {number} tờ {sheet}: không có thửa này trong tệp hay trong sổ; hãy kiểm tra số tờ, số thửa."
        en = f"Address of parcel {number}, sheet {sheet}: no such parcel in the files or the register; check sheet and number."
        return Finding("address_without_parcel", "stops", vi, en, record)
    vi = f"Địa chỉ của thửa {number} tờ {sheet}: có {matches} thửa cùng số; hãy nối bằng mã thửa đất."
    en = f"Address of parcel {number}, sheet {sheet}: {matches} parcels have that number; link it by parcel code."
    return Finding("address_ambiguous", "stops", vi, en, record)
