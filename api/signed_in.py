"""Who asks, for doors that are not open to everybody: `who: SignedIn` among a route's arguments."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import psycopg
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from register.connect import connect
from register.errors import NotSignedInError
from register.people import Who, require_on_async, who_is_async

_bearer = HTTPBearer(auto_error=False, description="Access token of a session, or key of a system (dck_…)")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
_Out = TypeVar("_Out")


async def signed_in(request: Request, given: _Credentials) -> Who:
    """Who asks. Raises: NotSignedInError."""
    if given is None:
        raise NotSignedInError(
            "This needs you to be signed in: send Authorization: Bearer with an access token or a key.",
            "Cần đăng nhập: hãy gửi Authorization: Bearer kèm mã truy cập hoặc khóa.",
        )
    async with request.app.state.pool.connection() as conn:
        return await who_is_async(conn, given.credentials)


async def maybe_signed_in(request: Request, given: _Credentials) -> Who | None:
    """Who asks; None where no Authorization comes. Raises: NotSignedInError where one comes that does not hold."""
    if given is None and "authorization" not in request.headers:
        return None
    return await signed_in(request, given)


SignedIn = Annotated[Who, Depends(signed_in)]
MaybeSignedIn = Annotated[Who | None, Depends(maybe_signed_in)]


async def permit(request: Request, who: Who, role: str, commune: int | None) -> None:
    """Raises: NotAllowedError, with the commune's name, where `who` lacks `role` for it (None: for all)."""
    if not who.may(role, commune):
        async with request.app.state.pool.connection() as conn:
            await require_on_async(conn, who, role, commune)


def on_screen(who: Who) -> int:
    """The session of `who`. Raises: NotSignedInError for a key: systems have none."""
    if who.session is None:
        raise NotSignedInError(
            "A key cannot do this: sign in with name and password.",
            "Khóa không dùng được ở đây: hãy đăng nhập bằng tên và mật khẩu.",
        )
    return who.session


async def in_turn(request: Request, work: Callable[[psycopg.Connection], _Out]) -> _Out:
    """What `work` gives, in one transaction and on a thread: argon2 takes its time and memory, few at once."""
    state = request.app.state

    def run() -> _Out:
        with connect(state.conninfo, state.schema) as conn:
            return work(conn)

    async with state.people_turns:
        return await asyncio.to_thread(run)
