"""Rows of a correction on their way into the register, from a plan or as they were kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import psycopg
import pyarrow as pa
import shapely

from register import pgcopy
from register.edits.carried import Carried
from register.edits.row import Row
from register.errors import StaleError
from register.fold import fold
from register.stage import worked_out
from register.statements import load

_COPIED = (
    "n", "before", "opens", "issues", "given", "promised", "provisional", "code", "east_m", "north_m", "epsg", "sheet",
    "commune", "number", "land_use", "area_m2", "legal_area_m2", "room_m", "plain_from", "address", "folded", "olc",
    "cell", "shape", "web", "anchor", "point",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """One row as it is kept with its draft: `shape` is WKB in the plane of `epsg`, None: that of version `before`."""

    n: int
    role: str
    before: int | None
    opens: bool
    code: str | None
    issues: bool
    sheet: int
    commune: int
    number: str
    land_use: str
    legal_area_m2: Decimal | None
    provisional: bool
    address: str | None
    epsg: int
    shape: bytes | None


def kept(rows: Sequence[Row]) -> list[Kept]:
    """The rows of a plan as they are kept, numbered in order."""
    return [
        Kept(
            n, row.role, None if row.before is None else row.before.version, row.opens, row.code,
            row.opens and row.code is None, row.sheet, row.commune, row.number, row.land_use, row.legal_area_m2,
            row.provisional, row.address, row.epsg,
            None if row.shape is None else shapely.to_wkb(row.shape, output_dimension=2, byte_order=1),
        )
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StagedDrafts:
    """The rows of one correction, as `register.apply` takes them; `beside`: code → version of parcels that stay as they
    are, and have to."""

    rows: Sequence[Kept]
    beside: Mapping[str, int] = field(default_factory=dict)
    carried: Carried | None = None

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Shapes that are new are worked out and copied; the others are taken from their version."""
        sql = load("register.edits", "staged.sql")
        same = [row for row in self.rows if row.shape is None]
        if same:
            conn.execute(sql["same"], {"rows": json.dumps([_words(row) for row in same])})
        drawn = [row for row in self.rows if row.shape is not None]
        if drawn:
            with conn.cursor() as cursor, cursor.copy(sql["copy_drawn"]) as copy:
                copy.write(pgcopy.HEADER)
                for epsg in sorted({row.epsg for row in drawn}):
                    copy.write(pgcopy.rows(_drawn([r for r in drawn if r.epsg == epsg], epsg)).tobytes())
                copy.write(pgcopy.TRAILER)
        if self.carried is not None:
            self.carried.stage(conn, correction)

    def finish(self, conn: psycopg.Connection, correction: int) -> int:
        """How many address links went on to the parcels opened. Raises: StaleError where one would be lost."""
        return 0 if self.carried is None else self.carried.settle(conn, correction)

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Versions that were closed meanwhile are refused as stale by `register.apply`, and here those beside them.

        Raises: StaleError.
        """
        if not self.beside:
            return
        sql = load("register.edits", "staged.sql")
        closed: dict[str, int] = dict(
            conn.execute(sql["closed"], {"versions": list(self.beside.values())}).fetchall()
        )
        if closed:
            code = min(closed)
            raise StaleError(
                f"The line of parcel {code}, which others would follow, was changed meanwhile: draft this again (rebase).",
                f"Ranh thửa {code} mà các thửa khác theo đã thay đổi: hãy lập lại bản thảo (rebase).",
                closed,
            )


def _words(row: Kept) -> dict[str, object]:
    legal = None if row.legal_area_m2 is None else str(row.legal_area_m2)
    return {
        "n": row.n, "before": row.before, "opens": row.opens, "sheet": row.sheet, "commune": row.commune,
        "number": row.number, "land_use": row.land_use, "legal_area_m2": legal, "provisional": row.provisional,
    }  # fmt: skip


def _drawn(rows: Sequence[Kept], epsg: int) -> pa.RecordBatch:
    derived = worked_out(pa.array([row.shape for row in rows], pa.binary()), epsg)
    n = len(rows)
    issues = np.array([row.issues for row in rows])
    code = [
        row.code if not row.issues else minted
        for row, minted in zip(rows, derived["code"].to_pylist(), strict=True)
    ]
    address = pa.array([row.address if row.issues else None for row in rows], pa.string())
    legal = [None if row.legal_area_m2 is None else float(row.legal_area_m2) for row in rows]
    columns = derived | {
        "n": pa.array([row.n for row in rows], pa.int64()),
        "before": pa.array([row.before for row in rows], pa.int64()),
        "opens": pa.array(np.ones(n, np.bool_)),
        "issues": pa.array(issues),
        "promised": pa.array([row.code if row.issues else None for row in rows], pa.string()),
        "provisional": pa.array([row.provisional for row in rows], pa.bool_()),
        "code": pa.array(code, pa.string()),
        "sheet": pa.array([row.sheet for row in rows], pa.int32()),
        "commune": pa.array([row.commune for row in rows], pa.int32()),
        "number": pa.array([row.number for row in rows], pa.string()),
        "land_use": pa.array([row.land_use for row in rows], pa.string()),
        "legal_area_m2": pa.array(legal, pa.float64()),
        "address": address,
        "folded": fold(address),
    }
    return pa.record_batch({name: columns[name] for name in _COPIED})
