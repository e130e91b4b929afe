"""Drafts in tests: people, steps, and a whole life in one line."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
import psycopg

from register import proposals
from register.correction import Applied
from register.proposal import Proposal, find
from register.proposals import Said

AUTHOR, APPROVER = "biên tập", "phê duyệt"
LAW = date(2026, 5, 1)


def draft(
    conn: psycopg.Connection, kind: str, day: date = LAW, author: str = AUTHOR, **intent: Any
) -> Proposal:
    """A draft of an intent."""
    return proposals.draft(conn, {"kind": kind, **intent}, author, Said(day, "thử"))


def preview(proposal: Proposal) -> dict[str, Any]:
    """What it will do."""
    told: dict[str, Any] = orjson.loads(proposal.preview or "{}")
    return told


def stops(proposal: Proposal) -> list[str]:
    """Rules of the findings that stop it."""
    return [f["rule"] for f in preview(proposal)["findings"] if f["severity"] == "stops"]


def through(conn: psycopg.Connection, proposal: Proposal, author: str = AUTHOR) -> Applied:
    """Submitted, approved by another, applied."""
    assert stops(proposal) == [], preview(proposal)["findings"]
    seen = proposal.hash or b""
    proposals.submit(conn, proposal.key, author, seen)
    proposals.approve(conn, proposal.key, APPROVER, seen)
    return proposals.apply_approved(conn, proposal.key, APPROVER, seen)[1]


def done(
    conn: psycopg.Connection, kind: str, day: date = LAW, **intent: Any
) -> tuple[Applied, Mapping[str, Any]]:
    """An intent drafted, approved and applied; and its preview."""
    one = draft(conn, kind, day, **intent)
    applied = through(conn, one)
    assert find(conn, one.key).correction == applied.id
    return applied, preview(one)
