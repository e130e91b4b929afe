"""A correction on its way to be applied, as it is kept."""

from collections.abc import Mapping
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


def listed(
    conn: psycopg.Connection,
    name: str,
    grants: Mapping[str, frozenset[int] | None],
    state: str | None,
    author: str | None,
    before: str | None,
    limit: int,
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of corrections that `name` wrote or whose communes its roles cover, the last first, and the next cursor."""
    sql = load("register", "proposals.sql")
    everywhere = any(units is None for units in grants.values())
    mine = None if everywhere else sorted(set().union(*(units or () for units in grants.values())))
    row = None if before is None else conn.execute(sql["number_of"], {"key": before}).fetchone()
    values = {
        "state": state, "communes": mine, "author": author, "name": name, "before": None if row is None else row[0],
        "limit": limit + 1,
    }  # fmt: skip
    names = (
        "correction", "kind", "state", "author", "approver", "reason", "effective_on", "made_at", "stops", "communes",
        "applied",
    )  # fmt: skip
    found = [dict(zip(names, row, strict=True)) for row in conn.execute(sql["list"], values)]
    return found[:limit], found[limit - 1]["correction"] if len(found) > limit else None


def rows(conn: psycopg.Connection, proposal: Proposal) -> list[Kept]:
    """What it will do, in order."""
    values = {"id": proposal.id, "revision": proposal.revision}
    found = conn.cursor(binary=True).execute(load("register", "proposals.sql")["rows"], values).fetchall()
    return [Kept(*row) for row in found]


def _found(row: tuple[Any, ...] | None) -> Proposal:
    if row is None:
        raise NotFoundError("There is no such correction.", "Không có chỉnh lý nào ở địa chỉ này.")
    return Proposal(*row)
