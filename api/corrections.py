"""`/api/v1/corrections`: an intent comes in, its preview goes out; submitted, approved by another, applied as it was seen."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import orjson
import psycopg
from fastapi import APIRouter, Body, Header, Path, Query, Request, Response

from api.correcting import answer, may_read, own, permit, step
from api.correction_shapes import (
    CorrectionAnswer,
    CorrectionList,
    GivenBack,
    NewCorrection,
    Rebase,
    Seen,
    Withdrawn,
)
from api.openapi import problems
from api.reply import JSON
from api.signed_in import SignedIn
from register import proposals
from register.people import require_role
from register.proposal import Proposal, find, hold, listed
from register.proposals import Said
from register.rebase import rebase as rebased

PREFIX = "/api/v1/corrections"
router = APIRouter(prefix=PREFIX, tags=["corrections"])
_Key = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$", description="the correction's key")]
_NO_STORE = {"cache-control": "no-store"}
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": CorrectionAnswer}}


@router.post(
    "",
    summary="Draft a correction",
    status_code=201,
    response_class=Response,
    responses={201: {"model": CorrectionAnswer}, **problems(401, 403, 422)},
)
async def draft(
    request: Request,
    who: SignedIn,
    asked: Annotated[NewCorrection, Body()],
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """What it would do is worked out at once; what hinders it stands in the preview's findings, and the draft is kept.

    With an `Idempotency-Key` the same request again gives the same draft.
    """

    def work(conn: psycopg.Connection) -> tuple[bytes, str]:
        require_role(who, "editor")
        made = proposals.draft(
            conn,
            asked.intent.model_dump(mode="json", by_alias=True),
            who.name,
            _said(asked),
            once=idempotency_key,
        )
        permit(conn, who, made, "editor")
        return answer(conn, made), made.key

    body, key = await step(request, None, work)
    return Response(body, 201, _NO_STORE | {"location": f"{PREFIX}/{key}"}, JSON)


@router.get(
    "",
    summary="Corrections on their way",
    response_class=Response,
    responses={200: {"model": CorrectionList}, **problems(401, 403, 422)},
)
async def queue(
    request: Request,
    who: SignedIn,
    state: Annotated[
        str | None, Query(pattern="^(draft|submitted|approved|applied|returned|withdrawn)$")
    ] = None,
    author: Annotated[str | None, Query(max_length=256)] = None,
    before: Annotated[str | None, Query(max_length=26, description="the cursor `next` of a page")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Those of the communes one works in, and one's own; the last first."""

    def work(conn: psycopg.Connection) -> bytes:
        items, next_ = listed(conn, who.name, who.grants, state, author, before, limit)
        return orjson.dumps({"corrections": items, "next": next_})

    return Response(await step(request, None, work), 200, _NO_STORE, JSON)


@router.get(
    "/{key}",
    summary="A correction",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404)},
)
async def read(request: Request, who: SignedIn, key: _Key) -> Response:
    """Its preview, its steps, what others changed meanwhile, and who else has the same parcels in hand."""

    def work(conn: psycopg.Connection) -> Proposal:
        found = find(conn, key)
        may_read(conn, who, found)
        return found

    return await _answered(request, key, work)


@router.put(
    "/{key}",
    summary="Draft it anew",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409, 422)},
)
async def redraft(
    request: Request, who: SignedIn, key: _Key, asked: Annotated[NewCorrection, Body()]
) -> Response:
    """Another intent of the same kind, other words, or the same over the parcels as they stand now."""
    intent = asked.intent.model_dump(mode="json", by_alias=True)

    def work(conn: psycopg.Connection) -> Proposal:
        _writes(conn, who, key)
        made = proposals.redraft(conn, key, who.name, intent, _said(asked))
        permit(conn, who, made, "editor")
        return made

    return await _answered(request, key, work)


@router.post(
    "/{key}/submit",
    summary="Hand it to the approver",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409)},
)
async def submit(request: Request, who: SignedIn, key: _Key, seen: Annotated[Seen, Body()]) -> Response:
    """As it was seen."""

    def work(conn: psycopg.Connection) -> Proposal:
        _writes(conn, who, key)
        return proposals.submit(conn, key, who.name, bytes.fromhex(seen.hash))

    return await _answered(request, key, work)


@router.post(
    "/{key}/approve",
    summary="Approve it",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409)},
)
async def approve(request: Request, who: SignedIn, key: _Key, seen: Annotated[Seen, Body()]) -> Response:
    """By another person than its author, as it was seen."""

    def work(conn: psycopg.Connection) -> Proposal:
        permit(conn, who, hold(conn, key), "approver")
        return proposals.approve(conn, key, who.name, bytes.fromhex(seen.hash))

    return await _answered(request, key, work)


@router.post(
    "/{key}/return",
    summary="Return it with a reason",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409, 422)},
)
async def give_back(
    request: Request, who: SignedIn, key: _Key, why: Annotated[GivenBack, Body()]
) -> Response:
    """To its author, the reason pinned on the map where a place is given."""

    def work(conn: psycopg.Connection) -> Proposal:
        permit(conn, who, hold(conn, key), "approver")
        return proposals.give_back(conn, key, who.name, why.comment, why.at)

    return await _answered(request, key, work)


@router.post(
    "/{key}/withdraw",
    summary="Give it up",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409)},
)
async def withdraw(
    request: Request,
    who: SignedIn,
    key: _Key,
    why: Annotated[Withdrawn, Body()] = Withdrawn(),  # noqa: B008
) -> Response:
    """By its author or the office; it stays on record."""

    def work(conn: psycopg.Connection) -> Proposal:
        held = hold(conn, key)
        if not own(who, held):
            permit(conn, who, held, "office")
        return proposals.withdraw(conn, key, who.name, why.comment)

    return await _answered(request, key, work)


@router.post(
    "/{key}/apply",
    summary="Apply it",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409)},
)
async def apply(request: Request, who: SignedIn, key: _Key, seen: Annotated[Seen, Body()]) -> Response:
    """What was approved, to the byte; once this is answered it is in the register."""

    def work(conn: psycopg.Connection) -> Proposal:
        permit(conn, who, hold(conn, key), "approver")
        return proposals.apply_approved(conn, key, who.name, bytes.fromhex(seen.hash))[0]

    return await _answered(request, key, work)


@router.post(
    "/{key}/rebase",
    summary="Bring it onto the present",
    response_class=Response,
    responses={**_ANSWER, **problems(401, 403, 404, 409)},
)
async def rebase(
    request: Request,
    who: SignedIn,
    key: _Key,
    asked: Annotated[Rebase, Body()] = Rebase(),  # noqa: B008
) -> Response:
    """When others were faster: worked out anew; what both changed has to be decided."""

    def work(conn: psycopg.Connection) -> Proposal:
        _writes(conn, who, key)
        return rebased(conn, key, who.name, asked.resolve)

    return await _answered(request, key, work)


def _said(asked: NewCorrection) -> Said:
    return Said(asked.effective_on or date.today(), asked.reason, asked.basis, asked.dossier)


def _writes(conn: psycopg.Connection, who: SignedIn, key: str) -> None:
    """Its author, or another editor of its communes. Raises: NotAllowedError, NotFoundError."""
    held = hold(conn, key)
    if held.survey_run is not None:
        permit(conn, who, held, "surveyor", "editor")
    else:
        permit(conn, who, held, "editor")


async def _answered(request: Request, key: str, work: Callable[[psycopg.Connection], Proposal]) -> Response:
    body = await step(request, key, lambda conn: answer(conn, work(conn)))
    return Response(body, 200, _NO_STORE, JSON)
