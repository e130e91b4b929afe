"""A correction on its way to be applied, as it is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from register.edits.staged import Kept
from register.errors import NotFoundError
from register.statements import load


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction on its way. `hash`: over all it will do; `preview`: that, as JSON; `stops`: findings that stop it."""

    id: int
    key: str
    kind: str
    state: str
    intent: dict[str, Any]
    author: str
    approver: str | None
    reason: str
    basis: str | None
    dossier: str | None
    effective_on: date
    made_at: datetime
    revision: int
    hash: bytes | None
    preview: str | None
    stops: int
    communes: list[int]
    survey_run: int | None
    correction: int | None


def find(conn: psycopg.Connection, key: str) -> Proposal:
    """Raises: NotFoundError."""
    return _found(conn.execute(load("register", "proposals.sql")["find"], {"key": key}).fetchone())


def hold(conn: psycopg.Connection, key: str) -> Proposal:
    """The same, held until the transaction ends: its steps come one after the other."""
    return _found(conn.execute(load("register", "proposals.sql")["hold"], {"key": key}).fetchone())


def rows(conn: psycopg.Connection, proposal: Proposal) -> list[Kept]:
    """What it will do, in order."""
    values = {"id": proposal.id, "revision": proposal.revision}
    found = conn.cursor(binary=True).execute(load("register", "proposals.sql")["rows"], values).fetchall()
    return [Kept(*row) for row in found]


def _found(row: tuple[Any, ...] | None) -> Proposal:
    if row is None:
        raise NotFoundError("There is no such correction.", "Không có chỉnh lý nào ở địa chỉ này.")
    return Proposal(*row)
