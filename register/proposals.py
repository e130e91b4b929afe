"""The life of a correction before it is applied: drafted, submitted, approved by another person, applied; or returned,
withdrawn. What is applied is what was approved, to the byte.

Each function is one step in the caller's transaction; drafts are never lost and never deleted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import psycopg

from register.address_match.drafts import FileLinks, keep_match, work_out_file
from register.apply import apply
from register.conflicts import refuse_stale
from register.correction import Applied, Correction, Drafts
from register.edits.carried import carried_of
from register.edits.intents import INTENT
from register.edits.preview import digest
from register.edits.staged import Kept, StagedDrafts
from register.edits.worked import work_out
from register.errors import NotPreviewedError, StaleError, StateError
from register.files import new_key
from register.links import LinkDrafts
from register.proposal import Proposal, find, hold, rows
from register.revert import chain, revert_chain
from register.statements import load, one


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with an intent: since when by law, why, on which paper, in which file of the office."""

    effective_on: date
    reason: str = ""
    basis: str | None = None
    dossier: str | None = None


def draft(
    conn: psycopg.Connection,
    intent: Mapping[str, Any],
    author: str,
    said: Said,
    survey_run: int | None = None,
    once: str | None = None,
) -> Proposal:
    """A new draft of an intent (`register.edits.intents`), worked out; what hinders it stands in its findings.
    The same `once` of the same author gives the draft it gave before.

    Raises: pydantic.ValidationError for an intent of a wrong form.
    """
    model = INTENT.validate_python(intent)
    values = {
        "key": new_key(), "kind": model.kind, "intent": _kept(model), "author": author, "survey_run": survey_run, "once": once,
    }  # fmt: skip
    sql = load("register", "proposals.sql")
    made = conn.execute(sql["make"], values | _said(conn, said)).fetchone()
    if made is None:
        return find(conn, one(conn, sql["made_once"], {"author": author, "once": once})[0])
    _work(conn, hold(conn, str(values["key"])))
    _event(conn, made[0], "draft", author)
    return find(conn, str(values["key"]))


def redraft(
    conn: psycopg.Connection,
    key: str,
    who: str,
    intent: Mapping[str, Any] | None = None,
    said: Said | None = None,
) -> Proposal:
    """The draft with another intent or other words, or only worked out anew over the parcels as they stand now.

    Raises: NotFoundError, StateError once it is applied or withdrawn.
    """
    old = _in(hold(conn, key), "draft", "submitted", "approved", "returned")
    model = INTENT.validate_python(old.intent if intent is None else intent)
    if model.kind != old.kind:
        raise StateError(
            f"This draft is a {old.kind}: draft another for a {model.kind}.",
            f"Bản thảo này thuộc loại {old.kind}: hãy lập bản thảo khác cho {model.kind}.",
            old.state,
        )
    said = said or Said(old.effective_on, old.reason, old.basis, old.dossier)
    conn.execute(
        load("register", "proposals.sql")["say"], {"id": old.id, "intent": _kept(model)} | _said(conn, said)
    )
    _work(conn, hold(conn, key))
    _event(conn, old.id, "draft", who)
    return find(conn, key)


def submit(conn: psycopg.Connection, key: str, who: str, seen: bytes) -> Proposal:
    """Handed to the approver, as seen. Raises: StateError, NotPreviewedError."""
    one_ = _seen(_in(hold(conn, key), "draft"), seen)
    refuse_stale(conn, one_)
    if one_.stops:
        raise StateError(
            f"{one_.stops} findings stop this draft: see its findings and draft it again.",
            f"Có {one_.stops} vấn đề phải xử lý trước khi trình: xem danh sách và sửa bản thảo.",
            one_.state,
        )
    return _move(conn, one_, "submitted", who)


def approve(conn: psycopg.Connection, key: str, who: str, seen: bytes) -> Proposal:
    """Approved by another person than its author, as seen. Raises: StateError, NotPreviewedError."""
    one_ = _seen(_in(hold(conn, key), "submitted"), seen)
    refuse_stale(conn, one_)
    if who == one_.author:
        raise StateError(
            "Nobody approves what they drafted themselves: another approver has to.",
            "Không ai được duyệt chỉnh lý do chính mình lập: cần người duyệt khác.",
            one_.state,
        )
    return _move(conn, one_, "approved", who, approver=who)


def give_back(
    conn: psycopg.Connection, key: str, who: str, comment: str, place: tuple[float, float] | None = None
) -> Proposal:
    """Returned to its author with a reason, pinned to a place (longitude, latitude) where one is given."""
    return _move(conn, _in(hold(conn, key), "submitted", "approved"), "returned", who, comment, place)


def withdraw(conn: psycopg.Connection, key: str, who: str, comment: str = "") -> Proposal:
    """Given up; it stays on record."""
    open_ = _in(hold(conn, key), "draft", "submitted", "approved", "returned")
    return _move(conn, open_, "withdrawn", who, comment)


def apply_approved(conn: psycopg.Connection, key: str, who: str, seen: bytes) -> tuple[Proposal, Applied]:
    """The approved correction, applied as it was seen; the caller commits, or rolls back on any error.

    Raises: StateError, NotPreviewedError; what `register.apply.apply` raises, StaleError above all.
    """
    one_ = _seen(_in(hold(conn, key), "approved"), seen)
    refuse_stale(conn, one_)
    kept = rows(conn, one_)
    preview = orjson.loads(one_.preview or "{}")
    if (
        hashlib.sha256((one_.preview or "").encode()).digest() != one_.hash
        or digest(kept).hex() != preview["rows"]
    ):
        raise _not_seen(one_)
    (dossier,) = (None,) if one_.dossier is None else _dossier(conn, one_.dossier)
    reverts = one_.intent["correction"] if one_.kind == "revert" else None
    correction = Correction(
        one_.kind, one_.author, one_.effective_on, one_.reason, one_.basis, one_.approver,  # type: ignore[arg-type]
        reverts=reverts, dossier=dossier,
    )  # fmt: skip
    if reverts is not None:
        together = bool(one_.intent.get("chain"))
        if together and chain(conn, reverts) != preview["undoes"]:
            raise StaleError(
                "Other corrections stand on what is to be undone than when this was seen: work the draft out again.",
                "Các chỉnh lý dựa trên chỉnh lý cần hoàn tác đã khác lúc xem: hãy cập nhật lại bản thảo.",
                {},
            )
        applied = revert_chain(conn, correction, together)
    else:
        applied = apply(conn, correction, drafts_of(one_, kept, preview))
    conn.execute(
        load("register", "proposals.sql")["move"],
        {"id": one_.id, "state": "applied", "approver": None, "correction": applied.id},
    )
    _event(conn, one_.id, "applied", who, hash=one_.hash)
    return find(conn, key), applied


def drafts_of(proposal: Proposal, kept: list[Kept], preview: Mapping[str, Any]) -> Drafts:
    """What `register.apply` takes."""
    if proposal.kind == "address" and "file" in preview["addresses"]:
        return FileLinks(proposal.id, proposal.revision, preview["addresses"]["digest"])
    if proposal.kind == "address":
        return LinkDrafts(preview["addresses"]["link"], preview["addresses"]["unlink"])
    told = preview["addresses"]
    going = carried_of(proposal.kind, told.get("moved", []), told.get("ended", []))
    return StagedDrafts(kept, preview.get("beside", {}), going)


def _work(conn: psycopg.Connection, proposal: Proposal) -> None:
    """Work the intent out over the parcels as they stand, and keep what comes of it."""
    sql = load("register", "proposals.sql")
    said = {"reason": proposal.reason, "basis": proposal.basis, "dossier": proposal.dossier}
    revision = proposal.revision + 1
    if proposal.kind == "address" and proposal.intent.get("file"):
        worked = work_out_file(conn, proposal.intent, proposal.effective_on, said)
        keep_match(conn, proposal.id, revision)
    else:
        worked = work_out(
            conn,
            proposal.id,
            proposal.kind,
            proposal.intent,
            proposal.effective_on,
            said,
            proposal.survey_run,
        )
    with conn.cursor() as cursor:
        cursor.executemany(
            sql["put_row"],
            [
                (proposal.id, revision, k.n, k.role, k.before, k.opens, k.code, k.issues, k.sheet, k.commune, k.number,
                 k.land_use, k.legal_area_m2, k.provisional, k.address, k.shape, k.epsg)
                for k in worked.rows
            ],
        )  # fmt: skip
    conn.execute(
        sql["worked_out"],
        {"id": proposal.id, "revision": revision, "hash": worked.hash, "preview": worked.preview,
         "stops": worked.stops, "communes": worked.communes},
    )  # fmt: skip


def _kept(model: Any) -> str:
    text: str = model.model_dump_json(by_alias=True)
    return text


def _said(conn: psycopg.Connection, said: Said) -> dict[str, Any]:
    (dossier,) = (None,) if said.dossier is None else _dossier(conn, said.dossier)
    return {
        "effective_on": said.effective_on, "reason": said.reason, "basis": said.basis, "dossier": dossier,
    }  # fmt: skip


def _dossier(conn: psycopg.Connection, number: str) -> tuple[int]:
    found: tuple[int] = one(conn, load("register", "proposals.sql")["dossier"], {"number": number})
    return found


def _in(proposal: Proposal, *states: str) -> Proposal:
    if proposal.state not in states:
        raise StateError(
            f"The correction is {proposal.state}: this step needs it to be {' or '.join(states)}.",
            f"Chỉnh lý đang ở trạng thái “{STATES_VI[proposal.state]}”: bước này cần "
            f"“{'” hoặc “'.join(STATES_VI[s] for s in states)}”.",
            proposal.state,
        )
    return proposal


STATES_VI = {
    "draft": "bản thảo",
    "submitted": "đã trình",
    "approved": "đã duyệt",
    "applied": "đã áp dụng",
    "returned": "bị trả lại",
    "withdrawn": "đã rút",
}


def _seen(proposal: Proposal, seen: bytes) -> Proposal:
    if proposal.hash is None or seen != proposal.hash:
        raise _not_seen(proposal)
    return proposal


def _not_seen(proposal: Proposal) -> NotPreviewedError:
    return NotPreviewedError(
        "The correction is not what was seen: look at it again and send the hash it has now.",
        "Chỉnh lý không còn như lúc đã xem: hãy xem lại và gửi đúng mã băm hiện tại.",
        None if proposal.hash is None else proposal.hash.hex(),
    )


def _move(
    conn: psycopg.Connection,
    proposal: Proposal,
    state: str,
    who: str,
    comment: str = "",
    place: tuple[float, float] | None = None,
    approver: str | None = None,
) -> Proposal:
    conn.execute(
        load("register", "proposals.sql")["move"],
        {"id": proposal.id, "state": state, "approver": approver, "correction": None},
    )
    _event(conn, proposal.id, state, who, comment, place, proposal.hash)
    return find(conn, proposal.key)


def _event(
    conn: psycopg.Connection,
    id: int,
    state: str,
    who: str,
    comment: str = "",
    place: tuple[float, float] | None = None,
    hash: bytes | None = None,
) -> None:
    lon, lat = place or (None, None)
    values = {"id": id, "state": state, "who": who, "comment": comment, "lon": lon, "lat": lat, "hash": hash}
    conn.execute(load("register", "proposals.sql")["event"], values)


def others(conn: psycopg.Connection, proposal: Proposal) -> list[dict[str, Any]]:
    """Open drafts of others that change the same parcels: key, kind, state, author, code."""
    values = {"id": proposal.id, "revision": proposal.revision}
    rows = conn.execute(load("register", "proposals.sql")["others"], values).fetchall()
    return [dict(zip(("key", "kind", "state", "author", "code"), row, strict=True)) for row in rows]


def events(conn: psycopg.Connection, proposal: Proposal) -> list[dict[str, Any]]:
    """Its steps in order: at, state, who, comment, place (longitude, latitude), hash (hex) of what was seen."""
    rows = conn.execute(load("register", "proposals.sql")["events"], {"id": proposal.id}).fetchall()
    return [
        {"at": at, "state": state, "who": who, "comment": comment, "place": None if lon is None else (lon, lat),
         "hash": None if hash is None else hash.hex()}
        for at, state, who, comment, lon, lat, hash in rows
    ]  # fmt: skip


def reverted_by(conn: psycopg.Connection, proposal: Proposal) -> int | None:
    """The correction that has undone it; None while it stands."""
    if proposal.correction is None:
        return None
    row = conn.execute(
        load("register", "proposals.sql")["reverted_by"], {"id": proposal.correction}
    ).fetchone()
    return None if row is None else row[0]
