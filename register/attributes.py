"""Corrections of what is written about a parcel: number, land use, legal area. The shape stays."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg

from register.statements import load


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for the version an editor looked at; None keeps what is there."""

    version: int
    number: str | None = None
    land_use: str | None = None
    legal_area_m2: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AttributeDrafts:
    """The edits of one correction of kind `attributes`."""

    edits: Sequence[Edit]

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """One row of `change` per edit: the old version closed, the same shape opened with the new values."""
        rows = [
            {
                "n": n,
                "version": edit.version,
                "number": edit.number,
                "land_use": edit.land_use,
                "legal_area_m2": None if edit.legal_area_m2 is None else str(edit.legal_area_m2),
                "keeps_legal_area": edit.legal_area_m2 is None,
            }
            for n, edit in enumerate(self.edits)
        ]
        conn.execute(load("register", "attributes.sql")["stage"], {"edits": json.dumps(rows)})

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing: versions that were closed meanwhile are refused as stale."""


def current_version(conn: psycopg.Connection, code: str) -> int | None:
    """Number of the current version of the parcel `code`; None where there is none."""
    row = conn.execute(load("register", "attributes.sql")["current"], {"code": code}).fetchone()
    return None if row is None else row[0]
