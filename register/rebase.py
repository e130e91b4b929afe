"""A draft brought onto what stands there now, when others were faster; nothing of it is lost."""

from collections.abc import Mapping
from typing import Any, Literal

import psycopg

from register.conflicts import conflict_error, conflicts
from register.errors import StateError
from register.proposal import Proposal, hold
from register.proposals import redraft

Choice = Literal["mine", "theirs"]


def rebase(
    conn: psycopg.Connection, key: str, who: str, resolve: Mapping[str, Choice] | None = None
) -> Proposal:
    """The draft worked out anew over the present. What both changed is decided in `resolve`: mine, or theirs, which takes
    the parcel out of the draft.

    Raises: ConflictError with what is undecided; StateError where nothing would be left.
    """
    proposal = hold(conn, key)
    resolve = resolve or {}
    found = conflicts(conn, proposal)
    open_ = [
        entry for entry in found
        if not entry["free"] and entry["yours"] is not None and resolve.get(entry["code"]) is None
    ]  # fmt: skip
    open_ += [
        e for e in found if e["theirs"] is None and resolve.get(e["code"]) != "theirs" and e not in open_
    ]
    if open_:
        raise conflict_error(open_)
    left_out = {code for code, choice in resolve.items() if choice == "theirs"}
    return redraft(conn, key, who, _without(proposal, left_out) if left_out else None)


def _without(proposal: Proposal, codes: set[str]) -> dict[str, Any]:
    """The intent without these parcels. Raises: StateError where it has no list of parcels, or too few are left."""
    parcels = proposal.intent.get("parcels")
    left = [
        one for one in parcels or [] if (one.get("parcel") if isinstance(one, dict) else one) not in codes
    ]
    if len(left) < (2 if proposal.kind == "merge" else 1):
        raise StateError(
            "Nothing would be left of this draft: withdraw it, or keep your own side.",
            "Bản thảo sẽ không còn nội dung: hãy rút bản thảo, hoặc giữ phần của bạn.",
            proposal.state,
        )
    return {**proposal.intent, "parcels": left}
