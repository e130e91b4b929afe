"""`/api/v1/webhooks`: who is told of corrections as they are made (roles partner and office)."""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
import psycopg
from fastapi import APIRouter, Path, Request, Response

from api.body import body_of, read_model
from api.openapi import problems
from api.people import NO_STORE
from api.reply import JSON
from api.signed_in import SignedIn, in_turn
from api.webhook_shapes import MadeWebhook, NewWebhook, Resume, Webhook, Webhooks
from register import webhooks

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
_Number = Annotated[int, Path(ge=1, lt=1 << 63)]


async def _done(request: Request, work: Callable[[psycopg.Connection], Any], status: int = 200) -> Response:
    return Response(orjson.dumps(await in_turn(request, work)), status, NO_STORE, JSON)


@router.get(
    "",
    summary="Webhooks",
    response_class=Response,
    responses={200: {"model": Webhooks}, **problems(401, 403)},
)
async def list_webhooks(request: Request, who: SignedIn) -> Response:
    """One's own; for an office of all communes, all. Secrets are not shown again."""
    return await _done(request, lambda conn: {"webhooks": webhooks.listed(conn, who)})


@router.post(
    "",
    summary="Be told of corrections",
    status_code=201,
    response_class=Response,
    responses={201: {"model": MadeWebhook}, **problems(401, 403, 413, 415, 422)},
    openapi_extra=body_of(NewWebhook),
)
async def add_webhook(request: Request, who: SignedIn) -> Response:
    """Pages of the feed come by POST, in order and without gaps: `since` of each is `next` of the one before. Answer 2xx to
    take one; else it comes again, later and later, for three days; 410 ends it. A page may come twice."""
    asked = await read_model(request, NewWebhook)
    private: bool = request.app.state.limits.private_webhooks

    def work(conn: psycopg.Connection) -> object:
        number, secret = webhooks.add(
            conn, who, asked.url, asked.communes, asked.shapes, asked.since, private
        )
        return {"webhook": webhooks.listed(conn, who, number)[0], "secret": secret}

    return await _done(request, work, 201)


@router.get(
    "/{number}",
    summary="A webhook and how it goes",
    response_class=Response,
    responses={200: {"model": Webhook}, **problems(401, 403, 404, 422)},
)
async def get_webhook(request: Request, who: SignedIn, number: _Number) -> Response:
    """Why the last try failed, when the next one is, up to which place all was taken."""
    return await _done(request, lambda conn: webhooks.listed(conn, who, number)[0])


@router.delete(
    "/{number}",
    summary="Be told no more",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is gone"}, **problems(401, 403, 404, 422)},
)
async def remove_webhook(request: Request, who: SignedIn, number: _Number) -> Response:
    """What is on its way may still arrive."""
    await in_turn(request, lambda conn: webhooks.remove(conn, who, number))
    return Response(status_code=204, headers=NO_STORE)


@router.post(
    "/{number}/pause",
    summary="Pause a webhook",
    response_class=Response,
    responses={200: {"model": Webhook}, **problems(401, 403, 404, 422)},
)
async def pause_webhook(request: Request, who: SignedIn, number: _Number) -> Response:
    """It keeps its place in the feed."""
    return await _changed(request, who, number, "paused", None)


@router.post(
    "/{number}/resume",
    summary="Go on with a webhook",
    response_class=Response,
    responses={200: {"model": Webhook}, **problems(401, 403, 404, 413, 415, 422)},
    openapi_extra=body_of(Resume),
)
async def resume_webhook(request: Request, who: SignedIn, number: _Number) -> Response:
    """Paused or disabled, it goes on where it stood: nothing is left out."""
    asked = await read_model(request, Resume)
    return await _changed(request, who, number, "active", asked.since)


async def _changed(request: Request, who: SignedIn, number: int, state: str, since: str | None) -> Response:
    def work(conn: psycopg.Connection) -> object:
        webhooks.set_state(conn, who, number, state, since)
        return webhooks.listed(conn, who, number)[0]

    return await _done(request, work)
