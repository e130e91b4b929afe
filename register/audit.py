"""Who read or changed what is protected: one line each, never rewritten and never deleted (triggers refuse it)."""

from typing import Any

import psycopg
from psycopg import AsyncConnection

from register.people import Who
from register.statements import load


def record(conn: psycopg.Connection, who: Who | str, what: str, code: str | None = None) -> None:
    """Note that `who` (an account, or a name at the command line) did `what`, with the code of what it was done to.

    It counts once the caller's transaction is committed: hand out what was read only then.
    """
    conn.execute(load("register", "people.sql")["record"], _values(who, what, code))


async def record_async(
    conn: AsyncConnection[Any], who: Who | str, what: str, code: str | None = None
) -> None:
    """The same over a connection of a pool."""
    await conn.execute(load("register", "people.sql")["record"], _values(who, what, code))


def _values(who: Who | str, what: str, code: str | None) -> dict[str, object]:
    account, author = (who.account, None) if isinstance(who, Who) else (None, who)
    return {"account": account, "author": author, "what": what, "code": code}
