"""`/api/v1/sessions`, `/api/v1/me`: signing in and out, and who one is. Tokens travel in bodies and headers, never in URLs."""

import orjson
import psycopg
from fastapi import APIRouter, Request, Response

from api.allowance import host
from api.body import body_of, read_model
from api.openapi import problems
from api.people_shapes import Me, NewPassword, Refresh, Session, SignIn
from api.reply import JSON
from api.signed_in import SignedIn, in_turn, on_screen
from register import sessions
from register.accounts import about, key_of
from register.people import Who, not_signed_in

router = APIRouter(prefix="/api/v1", tags=["people"])
AT_ONCE = 3
"""Passwords looked at at once: each takes 64 MiB and most of a core for a moment."""
NO_STORE = {"cache-control": "no-store"}


@router.post(
    "/sessions",
    summary="Sign in",
    status_code=201,
    response_class=Response,
    responses={201: {"model": Session}, **problems(401, 413, 415, 422, 429)},
    openapi_extra=body_of(SignIn),
)
async def sign_in(request: Request) -> Response:
    """A session for a name and its password. Wrong ones are slowed, by name and by client."""
    asked = await read_model(request, SignIn)

    def work(conn: psycopg.Connection) -> bytes:
        return _session(conn, sessions.sign_in(conn, asked.name, asked.password.get_secret_value()))

    with request.app.state.attempts.one(host(request), key_of(asked.name)):
        body = await in_turn(request, work)
    return Response(body, 201, NO_STORE, JSON)


@router.post(
    "/sessions/refresh",
    summary="New tokens for a session",
    response_class=Response,
    responses={200: {"model": Session}, **problems(401, 413, 415, 422)},
    openapi_extra=body_of(Refresh),
)
async def refresh(request: Request) -> Response:
    """A refresh token is good once; where it comes again the session ends, for whoever has it."""
    token = (await read_model(request, Refresh)).refresh.get_secret_value()

    def work(conn: psycopg.Connection) -> bytes | None:
        signed = sessions.refresh(conn, token)
        return None if signed is None else _session(conn, signed)

    body = await in_turn(request, work)
    if body is None:
        raise not_signed_in()
    return Response(body, 200, NO_STORE, JSON)


@router.delete(
    "/sessions/current",
    summary="Sign out",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "None of its tokens holds any more"}, **problems(401)},
)
async def sign_out(request: Request, who: SignedIn) -> Response:
    """At once, for access and refresh tokens alike."""
    session = on_screen(who)
    await in_turn(request, lambda conn: sessions.end_session(conn, session))
    return Response(status_code=204, headers=NO_STORE)


@router.get(
    "/me", summary="Who asks", response_class=Response, responses={200: {"model": Me}, **problems(401)}
)
async def me(request: Request, who: SignedIn) -> Response:
    """Name, roles and communes, as they are now."""
    body = await in_turn(request, lambda conn: orjson.dumps(_me(conn, who)))
    return Response(body, 200, NO_STORE, JSON)


@router.put(
    "/me/password",
    summary="Change one's password",
    status_code=204,
    response_class=Response,
    responses={
        204: {"description": "Changed; all other sessions ended"},
        **problems(401, 413, 415, 422, 429),
    },
    openapi_extra=body_of(NewPassword),
)
async def change_password(request: Request, who: SignedIn) -> Response:
    """Needs the old one."""
    on_screen(who)
    asked = await read_model(request, NewPassword)
    old, new = asked.old.get_secret_value(), asked.new.get_secret_value()
    with request.app.state.attempts.one(host(request), key_of(who.name)):
        await in_turn(request, lambda conn: sessions.change_password(conn, who, old, new))
    return Response(status_code=204, headers=NO_STORE)


def _session(conn: psycopg.Connection, signed: sessions.SignedIn) -> bytes:
    return orjson.dumps(
        {
            "access": signed.access,
            "refresh": signed.refresh,
            "expires_at": signed.expires_at,
            "refresh_until": signed.refresh_until,
            "account": _me(conn, signed.who),
        }
    )


def _me(conn: psycopg.Connection, who: Who) -> dict[str, object]:
    full_name, communes = about(conn, who)
    everywhere = None in who.grants.values()
    return {
        "name": who.name,
        "full_name": full_name,
        "roles": sorted(who.roles),
        "communes": None
        if everywhere
        else [{"code": code, "name": name} for code, name in communes.values()],
        "scopes": {
            role: None
            if units is None
            else [code for number, (code, _) in communes.items() if number in units]
            for role, units in sorted(who.grants.items())
        },
    }
