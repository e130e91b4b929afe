"""Drafts of what the sliver doctor found: one per cluster, for a person to look at, submit, and another to approve."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg

from register import proposals
from register.correction import Progress
from register.doctor import Area, find
from register.errors import BusyError
from register.proposal import Proposal
from register.proposals import Said
from register.statements import load, one

RETRY_AFTER_S = 30
_NOTHING = frozenset({"no_repair", "no_sliver"})


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was made: its key, and how many parcels it changes, slivers it repairs, has no repair for; findings
    that stop it."""

    key: str
    parcels: int
    repaired: int
    left: int
    stops: int


@dataclass(slots=True)
class Round:
    """What was made of the slivers found: the rest waits (an open draft is near), has no repair, or lies with parcels of a
    commune the author may not change; `next`: the cursor from where to go on."""

    slivers: int = 0
    drafts: list[Drafted] = field(default_factory=list)
    waiting: int = 0
    no_repair: int = 0
    not_allowed: int = 0
    next: str | None = None


def draft_all(
    conn: psycopg.Connection,
    author: str,
    said: Said,
    area: Area,
    tolerance_m: float,
    limit: int,
    cursor: str | None = None,
    may: Callable[[Proposal], bool] = lambda _: True,
    progress: Progress = lambda *_: None,
) -> Round:
    """One draft per cluster of at most `limit` slivers; made again, it makes none for parcels that have an open one.

    Raises: as `register.doctor.find`; BusyError while another round goes on.
    """
    if not one(conn, load("register", "doctor.sql")["one_doctor"])[0]:
        raise BusyError(
            "Another round of drafts is being made: ask again in a moment.",
            "Đang lập một loạt bản thảo khác: hãy thử lại sau ít phút.",
            RETRY_AFTER_S,
        )
    seen = find(conn, area, tolerance_m, limit, cursor, progress)
    done = Round(len(seen.slivers), next=seen.next)
    done.waiting = done.slivers - sum(len(cluster.slivers) for cluster in seen.clusters)
    used: set[str] = set()
    for n, cluster in enumerate(seen.clusters):
        intent: dict[str, Any] = {"kind": "slivers", "parcels": cluster.parcels, "tolerance_m": tolerance_m}
        if area.bbox is not None:
            intent["within"] = area.bbox
        with conn.transaction() as kept:
            made = proposals.draft(conn, intent, author, said)
            told = orjson.loads(made.preview or "{}")
            touched = {parcel["code"] for parcel in told["parcels"]} | set(told["beside"])
            why = _why_not(made, told, may, not touched.isdisjoint(used))
            if why is not None:
                setattr(done, why, getattr(done, why) + len(cluster.slivers))
                raise psycopg.Rollback(kept)
            used |= touched
            done.drafts.append(_drafted(made, told))
        progress("doctor_draft", n + 1, len(seen.clusters))
    return done


def _why_not(
    made: Proposal, told: dict[str, Any], may: Callable[[Proposal], bool], clashes: bool
) -> str | None:
    """Why a draft is not kept, as the field of `Round` that counts it."""
    if _NOTHING & {finding["rule"] for finding in told["findings"]}:
        return "no_repair"
    if not may(made):
        return "not_allowed"
    return "waiting" if clashes else None


def _drafted(made: Proposal, told: dict[str, Any]) -> Drafted:
    repaired = sum(bool(sliver["effect_m2"]) for sliver in told["slivers"])
    return Drafted(made.key, len(told["parcels"]), repaired, len(told["slivers"]) - repaired, made.stops)
