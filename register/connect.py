"""Connections to one register: one PostgreSQL schema, found by `search_path` alone."""

import select

import psycopg
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool, ConnectionPool

# Readers ask small questions: compiling one costs a second, planning it anew costs more than it saves.
READER = "-c jit=off -c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_generic_plan"

# Questions of any shape: none may take for ever.
ASKER = f"{READER} -c statement_timeout=15000"

RECONNECT_S = 7.0
"""How long a pool tries by itself, less and less often; after that every question that finds no connection tries at once,
so that an outage is over when the database is back, however long it took."""


def search_path(schema: str) -> str:
    """libpq `options` that make `schema` the register of a connection."""
    quoted = '"' + schema.replace('"', '""') + '"'
    name = quoted.replace("\\", "\\\\").replace(" ", "\\ ")
    return f"-c search_path={name},public"


def connect(conninfo: str, schema: str = "register", *, autocommit: bool = False) -> psycopg.Connection:
    """A connection whose unqualified names are those of the register `schema`."""
    return psycopg.connect(conninfo, autocommit=autocommit, options=search_path(schema))


def connect_reader(conninfo: str, schema: str = "register") -> psycopg.Connection:
    """An autocommit connection for one who asks few kinds of questions, over and over: each is prepared at its first use."""
    options = f"{search_path(schema)} {READER}"
    return psycopg.connect(conninfo, autocommit=True, options=options, prepare_threshold=0)


def open_pool(
    conninfo: str, schema: str = "register", size: int = 4, options: str = READER, wait_s: float = 30.0
) -> AsyncConnectionPool:
    """A pool of `size` autocommit connections for readers, not yet opened (`await pool.open()`), each waited for `wait_s`.

    Every statement is prepared at its first use: reads are few kinds, repeated for ever. Connections that ended while they
    waited (the database was killed, and is back) are replaced before anybody gets them.
    """
    return AsyncConnectionPool(
        conninfo,
        min_size=size,
        max_size=size,
        open=False,
        check=_lives,
        reconnect_timeout=RECONNECT_S,
        timeout=wait_s,
        kwargs={"autocommit": True, "options": f"{search_path(schema)} {options}", "prepare_threshold": 0},
    )


def open_editors(conninfo: str, schema: str = "register", size: int = 4) -> ConnectionPool:
    """A pool of up to `size` connections for steps of corrections, not yet opened; each step is one transaction."""
    options = f"{search_path(schema)} -c jit=off -c max_parallel_workers_per_gather=0"
    return ConnectionPool(
        conninfo,
        min_size=1,
        max_size=size,
        open=False,
        check=_lives_too,
        reconnect_timeout=RECONNECT_S,
        kwargs={"autocommit": True, "options": options},
    )


async def _lives(conn: AsyncConnection) -> None:
    """Raises: OperationalError where the connection has ended."""
    if _has_news(conn.fileno()):
        await conn.execute("")


def _lives_too(conn: psycopg.Connection) -> None:
    """The same for threads."""
    if _has_news(conn.fileno()):
        conn.execute("")


def _has_news(fileno: int) -> bool:
    """Whether there is something to read, the end of the connection maybe: nobody has asked, so nothing should come.

    A system call in place of a round trip: most questions take no longer than one.
    """
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return bool(poll.poll(0))


def schema_name(schema: str) -> sql.Identifier:
    """`schema` as it stands in a statement."""
    return sql.Identifier(schema)
