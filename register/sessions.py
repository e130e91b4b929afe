"""Signing in: a session, an access token that holds for minutes, and refresh tokens that are used once each.

A refresh token that comes a second time was stolen, from whoever used it first or from whoever comes now: the session ends.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Final

import jwt
import psycopg

from register.accounts import By, end_sessions, key_of
from register.audit import record
from register.errors import NotSignedInError, WrongPasswordError
from register.passwords import digest, hashed, hashed_anew, is_right, new_secret
from register.people import ALGORITHM, Who, who_is
from register.statements import load, one

ACCESS_MINUTES: Final = 15
REFRESH_HOURS: Final = 12
SESSION_HOURS: Final = 7 * 24
"""However often it is refreshed: then name and password are asked again."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What somebody who signed in is given: tokens are shown once and never in a log."""

    who: Who
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    refresh_until: datetime


def sign_in(conn: psycopg.Connection, name: str, password: str) -> SignedIn:
    """A new session. Raises: NotSignedInError, the same for a wrong name, a wrong password and a disabled account."""
    sql = load("register", "sessions.sql")
    row = conn.execute(sql["password"], {"key": key_of(name)}).fetchone()
    account, _, kept = row or (0, "", None)
    values = {"account": account, "was": kept, "hours": SESSION_HOURS}
    opened = conn.execute(sql["open"], values).fetchone() if is_right(kept, password) else None
    if kept is None or opened is None:
        raise NotSignedInError("Name or password is wrong.", "Tên đăng nhập hoặc mật khẩu không đúng.")
    anew = hashed_anew(kept, password)
    if anew is not None:
        conn.execute(sql["set_password"], {"account": account, "password": anew, "was": kept})
    conn.execute(sql["clear"])
    return _tokens(conn, account, opened[0])


def refresh(conn: psycopg.Connection, token: str) -> SignedIn | None:
    """New tokens for a refresh token; None where it does not hold.

    Where it was used before, its session has ended: the caller commits that before saying no.
    """
    sql = load("register", "sessions.sql")
    hash_ = {"hash": digest(token)}
    row = conn.execute(sql["find_token"], hash_).fetchone()
    if row is None:
        return None
    session, account, used, expired = row
    if used or one(conn, sql["is_used"], hash_)[0]:
        end_session(conn, session)
        return None
    if expired:
        return None
    conn.execute(sql["use_token"], hash_)
    return _tokens(conn, account, session)


def end_session(conn: psycopg.Connection, session: int) -> None:
    """Sign out: none of its tokens holds any more."""
    conn.execute(load("register", "sessions.sql")["end"], {"session": session})


def change_password(conn: psycopg.Connection, who: Who, old: str, new: str) -> None:
    """One's own password; all other sessions end. Raises: WrongPasswordError, PasswordError."""
    sql = load("register", "accounts.sql")
    conn.execute(sql["hold"], {"account": who.account})
    (kept,) = one(conn, sql["password"], {"account": who.account})
    if not is_right(kept, old):
        raise WrongPasswordError("The old password is wrong.", "Mật khẩu cũ không đúng.")
    conn.execute(sql["set_password"], {"account": who.account, "password": hashed(new, who.name)})
    end_sessions(conn, who.account, but=who.session)
    record(conn, who, "password changed", who.name)


def rotate(conn: psycopg.Connection, by: By, *, sessions: bool = False) -> None:
    """Sign with a new key: access tokens hold no more and are refreshed; with `sessions` everybody signs in again."""
    sql = load("register", "sessions.sql")
    conn.execute(sql["new_secret"], {"secret": token_bytes(32)})
    if sessions:
        conn.execute(sql["end_all"])
    record(conn, by, "signing key rotated" + (", all sessions ended" if sessions else ""))


def _tokens(conn: psycopg.Connection, account: int, session: int) -> SignedIn:
    sql = load("register", "sessions.sql")
    conn.execute(sql["make_secret"], {"secret": token_bytes(32)})
    (secret,) = one(conn, sql["secret"])
    now = datetime.now(UTC).replace(microsecond=0)
    expires_at = now + timedelta(minutes=ACCESS_MINUTES)
    claims = {"sub": str(account), "sid": session, "iat": now, "exp": expires_at}
    access = jwt.encode(claims, secret, algorithm=ALGORITHM)
    following = new_secret()
    values = {"hash": digest(following), "session": session, "hours": REFRESH_HOURS}
    (until,) = one(conn, sql["add_token"], values)
    return SignedIn(who_is(conn, access), access, following, expires_at, until)
