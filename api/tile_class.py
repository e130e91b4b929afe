"""As what somebody sees the map: a class, never a person, so that tiles can be kept and shared."""

from collections.abc import Sequence
from typing import Any

from psycopg_pool import AsyncConnectionPool

from register.errors import NotAllowedError, NotSignedInError
from register.people import Who, who_is_async
from tiles.layers import Class, Layer

_OFFICE = frozenset(("surveyor", "editor", "approver", "office", "auditor"))


async def class_of(pool: AsyncConnectionPool[Any], layers: Sequence[Layer], authorization: str) -> Class:
    """The class some layers are answered for: public where everybody may see them all, whoever asks.

    Raises: NotSignedInError, NotAllowedError where the caller's class may not see one of them.
    """
    closed = [layer for layer in layers if "public" not in layer.classes]
    if not closed:
        return "public"
    scheme, _, bearer = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedInError(
            f"The layer {closed[0].name} is not open to everybody: send Authorization: Bearer with an access token or a key.",
            f"Lớp {closed[0].name} không mở cho mọi người: hãy gửi Authorization: Bearer kèm mã truy cập hoặc khóa.",
        )
    async with pool.connection() as conn:
        of = _class(await who_is_async(conn, bearer.strip()))
    for layer in closed:
        if of not in layer.classes:
            raise NotAllowedError(
                f"The layer {layer.name} is not for everybody: ask the land office for a role.",
                f"Lớp {layer.name} không mở cho mọi người: hãy đề nghị văn phòng đăng ký đất đai cấp vai trò.",
                "office" if "office" in layer.classes else "partner",
                None,
            )
    return of


def _class(who: Who) -> Class:
    if who.roles & _OFFICE:
        return "office"
    return "professional" if who.roles else "public"
