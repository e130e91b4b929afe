"""`/api/v1/accounts`: what an office (role office) does for its communes' people and systems."""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
import psycopg
from fastapi import APIRouter, Path, Query, Request, Response

from api.body import body_of, read_model
from api.openapi import problems
from api.people import NO_STORE
from api.people_shapes import (
    Account,
    Accounts,
    Grant,
    MadeAccount,
    MadeKey,
    MadePassword,
    NewAccount,
    NewGrant,
    NewKey,
)
from api.reply import JSON
from api.signed_in import SignedIn, in_turn
from register import accounts, api_keys
from register.errors import NotAllowedError, NotFoundError
from register.keys import commune_code
from register.passwords import new_password
from register.people import Who, require_role
from register.units import communes

router = APIRouter(prefix="/api/v1/accounts", tags=["people"])
_Name = Annotated[str, Path(max_length=256)]
_Number = Annotated[int, Path(ge=1, lt=1 << 63)]


async def _done(
    request: Request, work: Callable[[psycopg.Connection], object], status: int = 200
) -> Response:
    """What `work` gives as JSON; 204 where that is nothing."""
    body = await in_turn(request, work)
    if body is None:
        return Response(status_code=204, headers=NO_STORE)
    return Response(orjson.dumps(body), status, NO_STORE, JSON)


@router.get(
    "",
    summary="Accounts",
    response_class=Response,
    responses={200: {"model": Accounts}, **problems(401, 403, 422)},
)
async def list_accounts(
    request: Request, who: SignedIn, after: Annotated[str, Query(max_length=256)] = ""
) -> Response:
    """Those whose grants all lie within the office's communes, by name."""

    def work(conn: psycopg.Connection) -> object:
        found = accounts.list_accounts(conn, who, after)
        more = found[-1].name if len(found) == accounts.MOST_LISTED else None
        return {"accounts": [_account(one) for one in found], "after": more}

    return await _done(request, work)


@router.post(
    "",
    summary="Add an account",
    status_code=201,
    response_class=Response,
    responses={201: {"model": MadeAccount}, **problems(401, 403, 409, 413, 415, 422)},
    openapi_extra=body_of(NewAccount),
)
async def add_account(request: Request, who: SignedIn) -> Response:
    """It may do nothing until it is granted something."""
    require_role(who, "office")
    asked = await read_model(request, NewAccount)
    given = None if asked.password is None else asked.password.get_secret_value()
    made = new_password() if given is None and asked.kind == "person" else None

    def work(conn: psycopg.Connection) -> object:
        password = None if asked.kind == "system" else given or made
        accounts.add_account(conn, who, asked.name, asked.full_name, password)
        return _account(accounts.find_account(conn, asked.name)) | {"password": made}

    return await _done(request, work, 201)


@router.post(
    "/{name}/grants",
    summary="Grant a role",
    status_code=201,
    response_class=Response,
    responses={
        201: {"model": Grant},
        200: {"model": Grant, "description": "It holds already"},
        **problems(401, 403, 404, 413, 415, 422),
    },
    openapi_extra=body_of(NewGrant),
)
async def grant(request: Request, who: SignedIn, name: _Name) -> Response:
    """For a commune of the office, or for all where the office has all; nobody grants himself."""
    require_role(who, "office")
    asked = await read_model(request, NewGrant)

    def work(conn: psycopg.Connection) -> tuple[bool, object]:
        unit = None
        if asked.commune is not None:
            code = commune_code(asked.commune)
            found = communes(conn, [code], before=asked.before).get(code)
            if found is None:
                raise NotFoundError(f"There is no commune {code}.", f"Không có xã {code}.")
            unit = found.id
        number, new = accounts.grant(conn, who, name, asked.role, unit)
        held = {one.id: one for one in accounts.find_account(conn, name).grants}
        return new, _grant(held[number])

    new, body = await in_turn(request, work)
    return Response(orjson.dumps(body), 201 if new else 200, NO_STORE, JSON)


@router.delete(
    "/{name}/grants/{number}",
    summary="Take a role back",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It holds no more"}, **problems(401, 403, 404, 409, 422)},
)
async def revoke(request: Request, who: SignedIn, name: _Name, number: _Number) -> Response:
    """From the next request on; that it held is kept."""
    return await _done(request, lambda conn: accounts.revoke(conn, who, name, number))


@router.post(
    "/{name}/keys",
    summary="Make a key for a system",
    status_code=201,
    response_class=Response,
    responses={201: {"model": MadeKey}, **problems(401, 403, 404, 413, 415, 422)},
    openapi_extra=body_of(NewKey),
)
async def add_key(request: Request, who: SignedIn, name: _Name) -> Response:
    """Shown this once. It carries the roles surveyor and partner of its account, no others."""
    require_role(who, "office")
    asked = await read_model(request, NewKey)

    def work(conn: psycopg.Connection) -> object:
        number, key = api_keys.add_key(conn, who, name, asked.label, asked.expires_at)
        return {"id": number, "key": key}

    return await _done(request, work, 201)


@router.post(
    "/{name}/disable",
    summary="Let an account in no more",
    response_class=Response,
    responses={200: {"model": Account}, **problems(401, 403, 404, 409)},
)
async def disable(request: Request, who: SignedIn, name: _Name) -> Response:
    """Its sessions end, its keys do not hold."""
    return await _changed(request, who, name, accounts.disable)


@router.post(
    "/{name}/enable",
    summary="Let an account in again",
    response_class=Response,
    responses={200: {"model": Account}, **problems(401, 403, 404)},
)
async def enable(request: Request, who: SignedIn, name: _Name) -> Response:
    """Its keys hold again; its sessions stay ended."""
    return await _changed(request, who, name, accounts.enable)


@router.post(
    "/{name}/password",
    summary="Give an account a new password",
    response_class=Response,
    responses={200: {"model": MadePassword}, **problems(401, 403, 404)},
)
async def set_password(request: Request, who: SignedIn, name: _Name) -> Response:
    """A generated one, shown this once; its sessions end. One's own is changed at /api/v1/me/password."""

    def work(conn: psycopg.Connection) -> object:
        if accounts.key_of(name) == accounts.key_of(who.name):
            raise NotAllowedError(
                "One's own password is changed with the old one, at /api/v1/me/password.",
                "Mật khẩu của chính mình phải đổi bằng mật khẩu cũ, tại /api/v1/me/password.",
                "office",
                None,
            )
        made = new_password()
        accounts.set_password(conn, who, name, made)
        return {"password": made}

    return await _done(request, work)


@router.delete(
    "/{name}/keys/{number}",
    summary="Revoke a key",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It holds no more"}, **problems(401, 403, 404, 422)},
)
async def revoke_key(request: Request, who: SignedIn, name: _Name, number: _Number) -> Response:
    """From the next request on."""
    return await _done(request, lambda conn: api_keys.revoke_key(conn, who, name, number))


async def _changed(
    request: Request, who: Who, name: str, change: Callable[[psycopg.Connection, Who, str], None]
) -> Response:
    """The account after a change."""

    def work(conn: psycopg.Connection) -> object:
        change(conn, who, name)
        return _account(accounts.find_account(conn, name))

    return await _done(request, work)


def _grant(one: accounts.Grant) -> dict[str, Any]:
    return {
        "id": one.id,
        "role": one.role,
        "commune": None if one.unit is None else {"code": one.code, "name": one.place},
        "made_at": one.made_at,
        "made_by": one.made_by,
    }


def _account(one: accounts.Account) -> dict[str, Any]:
    return {
        "name": one.name,
        "full_name": one.full_name,
        "kind": "person" if one.is_person else "system",
        "disabled": one.disabled,
        "made_at": one.made_at,
        "grants": [_grant(held) for held in one.grants],
        "keys": [
            {
                "id": key.id,
                "label": key.label,
                "made_at": key.made_at,
                "made_by": key.made_by,
                "expires_at": key.expires_at,
                "last_used": key.last_used,
            }
            for key in one.keys
        ],
    }
