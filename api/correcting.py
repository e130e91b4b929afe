"""One step of a correction on a thread: a transaction, rights, and what others did meanwhile told three ways."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

import orjson
import psycopg
from fastapi import Request

from register.conflicts import conflict_error, conflicts
from register.errors import StaleError
from register.people import Who, require_on, require_role
from register.proposal import Proposal, find
from register.proposals import events, others, reverted_by

_Out = TypeVar("_Out")
READERS = ("editor", "approver", "office", "auditor", "surveyor")


async def step(request: Request, key: str | None, work: Callable[[psycopg.Connection], _Out]) -> _Out:
    """What `work` gives, in one transaction. Raises: ConflictError in place of StaleError, with yours, theirs, base."""
    state = request.app.state

    def run() -> _Out:
        with state.edit_pool.connection() as conn:
            try:
                with conn.transaction():
                    return work(conn)
            except StaleError:
                found = [] if key is None else conflicts(conn, find(conn, key))
                if found:
                    raise conflict_error(found) from None
                raise

    return await asyncio.to_thread(run)


def permit(conn: psycopg.Connection, who: Who, proposal: Proposal, *roles: str) -> None:
    """Raises: NotAllowedError where `who` has none of the roles for all communes whose parcels are changed."""
    if not proposal.communes:
        if not any(role in who.grants for role in roles):
            require_role(who, roles[0])
        return
    if not any(_everywhere(who, role, proposal.communes) for role in roles):
        lacking = next(c for c in proposal.communes if not who.may(roles[0], c))
        require_on(conn, who, roles[0], lacking)


def may_read(conn: psycopg.Connection, who: Who, proposal: Proposal) -> None:
    """Raises: NotAllowedError."""
    if proposal.author != who.name:
        permit(conn, who, proposal, *READERS)


def own(who: Who, proposal: Proposal) -> bool:
    """Whether it is one's own draft."""
    return proposal.author == who.name


def _everywhere(who: Who, role: str, communes: Iterable[int]) -> bool:
    return all(who.may(role, commune) for commune in communes)


def answer(conn: psycopg.Connection, proposal: Proposal) -> bytes:
    """The correction as JSON, with its steps, open conflicts and other drafts on the same parcels."""
    open_ = proposal.state in ("draft", "submitted", "approved", "returned")
    return orjson.dumps(
        {
            "correction": proposal.key,
            "kind": proposal.kind,
            "state": proposal.state,
            "author": proposal.author,
            "approver": proposal.approver,
            "reason": proposal.reason,
            "basis": proposal.basis,
            "dossier": proposal.dossier,
            "effective_on": proposal.effective_on,
            "made_at": proposal.made_at,
            "revision": proposal.revision,
            "hash": None if proposal.hash is None else proposal.hash.hex(),
            "stops": proposal.stops,
            "applied": proposal.correction,
            "reverted_by": reverted_by(conn, proposal),
            "preview": orjson.Fragment(proposal.preview or "{}"),
            "conflicts": conflicts(conn, proposal) if open_ else [],
            "others": others(conn, proposal) if open_ else [],
            "events": events(conn, proposal),
        }
    )
