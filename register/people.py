"""Who asks, and what they may do: the one question every door that is not open puts first.

A grant gives a role for one commune or for all. A grant for an old commune holds for all that became of it, and a grant
for a commune of today for the old ones that lie wholly in it. A key of a system never decides: it carries the roles
surveyor and partner only, whatever its account may do besides.

Whoever is asked is read from the database each time: what is revoked holds no more from the next request on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
import psycopg
from psycopg import AsyncConnection

from register.errors import NotAllowedError, NotSignedInError
from register.passwords import digest
from register.statements import load

ROLES: Final = {
    "surveyor": "đo đạc",
    "editor": "chỉnh lý",
    "approver": "phê duyệt",
    "office": "quản trị",
    "partner": "hệ thống liên thông",
    "auditor": "kiểm tra",
}
"""Roles, and what they are called in Vietnamese."""
OF_KEYS: Final = frozenset({"surveyor", "partner"})
KEY_PREFIX: Final = "dck_"
ALGORITHM: Final = "HS256"
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Who:
    """An account that asks, over a `session` or by a `key` (their numbers); role → units, None: all."""

    account: int
    name: str
    grants: Mapping[str, frozenset[int] | None]
    session: int | None = None
    key: int | None = None

    def may(self, role: str, commune: int | None) -> bool:
        """Whether it has `role` for a commune (number of the unit, of today or before); None: for all communes."""
        if role not in self.grants:
            return False
        units = self.grants[role]
        return units is None or commune in units

    @property
    def roles(self) -> frozenset[str]:
        """The roles it has, for whatever commune."""
        return frozenset(self.grants)


def who_is(conn: psycopg.Connection, bearer: str) -> Who:
    """Who an access token or a key belongs to. Raises: NotSignedInError."""
    name, values = _asked(bearer)
    row = conn.execute(load("register", "people.sql")[name], values).fetchone()
    who, used = _found(name, row, bearer)
    if used:
        conn.execute(load("register", "people.sql")["key_used"], {"key": who.key})
    return who


async def who_is_async(conn: AsyncConnection[Any], bearer: str) -> Who:
    """The same over a connection of a pool."""
    name, values = _asked(bearer)
    row = await (await conn.execute(load("register", "people.sql")[name], values)).fetchone()
    who, used = _found(name, row, bearer)
    if used:
        await conn.execute(load("register", "people.sql")["key_used"], {"key": who.key})
    return who


def require(who: Who, role: str, commune: int | None, place: str = "") -> None:
    """Raises: NotAllowedError where `who` lacks `role` for the commune (None: for all), called `place` in the sentence."""
    if not who.may(role, commune):
        everywhere = commune is None
        where_vi = "tất cả các xã" if everywhere else place or "xã này"
        where = "all communes" if everywhere else place or "this commune"
        raise missing(role, commune, f"for {where}", f"cho {where_vi}")


def require_role(who: Who, role: str) -> None:
    """Raises: NotAllowedError where `who` has `role` for no commune at all."""
    if role not in who.grants:
        raise missing(role, None, "for at least one commune", "cho ít nhất một xã")


def require_on(conn: psycopg.Connection, who: Who, role: str, commune: int | None) -> None:
    """As `require`, with the commune called by its name. Raises: NotAllowedError."""
    if not who.may(role, commune):
        row = conn.execute(load("register", "people.sql")["place"], {"unit": commune}).fetchone()
        require(who, role, commune, "" if row is None else row[0])


async def require_on_async(conn: AsyncConnection[Any], who: Who, role: str, commune: int | None) -> None:
    """As `require`, with the commune called by its name, over a connection of a pool. Raises: NotAllowedError."""
    if not who.may(role, commune):
        statement = load("register", "people.sql")["place"]
        row = await (await conn.execute(statement, {"unit": commune})).fetchone()
        require(who, role, commune, "" if row is None else row[0])


def missing(role: str, commune: int | None, where: str, where_vi: str) -> NotAllowedError:
    """Why something is not allowed."""
    return NotAllowedError(
        f"This needs the role {role} {where}: ask the land office for it.",
        f"Việc này cần vai trò {ROLES[role]} ({role}) {where_vi}: hãy đề nghị văn phòng đăng ký đất đai cấp.",
        role,
        commune,
    )


def not_signed_in() -> NotSignedInError:
    """Why a token or key is not taken; which of the reasons it was is not told."""
    return NotSignedInError(
        "The token or key does not hold, or no more: sign in again.",
        "Mã truy cập không hợp lệ hoặc đã hết hạn: hãy đăng nhập lại.",
    )


def _asked(bearer: str) -> tuple[str, Mapping[str, object]]:
    """The statement that finds who it is, and its values: those of a token are not to be believed yet."""
    if len(bearer) > _LONGEST or not bearer.isascii():
        raise not_signed_in()
    if bearer.startswith(KEY_PREFIX):
        return "by_key", {"hash": digest(bearer)}
    try:
        claims = jwt.decode(bearer, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise not_signed_in() from None
    session = claims.get("sid")
    if type(session) is not int or not 0 < session < 1 << 63:
        raise not_signed_in()
    return "by_session", {"session": session}


def _found(name: str, row: Sequence[Any] | None, bearer: str) -> tuple[Who, bool]:
    """Who it is, and whether the use of a key is to be noted."""
    if row is None:
        raise not_signed_in()
    account, called, scopes, last, *more = row
    grants = {role: None if units is None else frozenset(units) for role, units in scopes.items()}
    if name == "by_key":
        kept = {role: units for role, units in grants.items() if role in OF_KEYS}
        return Who(account, called, kept, key=last), not more[0]
    try:
        required = {"require": ["exp", "iat", "sub", "sid"]}
        claims = jwt.decode(bearer, last, algorithms=[ALGORITHM], options=required)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        raise not_signed_in() from None
    if claims["sub"] != str(account):
        raise not_signed_in()
    return Who(account, called, grants, session=claims["sid"]), False
