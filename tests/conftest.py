"""A private, throw-away PostGIS for a whole run, and in it an empty register of its own for every test.

A register is cloned from one migrated template in a tenth of a second. Larger scopes use `clone` and `serve`:

    @pytest.fixture(scope="module")
    def filled(clone):
        with clone() as conninfo:
            ...
            yield conninfo
"""

import fcntl
import hashlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from cli.cluster import Cluster
from cli.errors import CommandError
from tests.environment import CLUSTERS

if TYPE_CHECKING:
    from api.limits import Limits

TEMPLATE = "template_register"

# The first call of a compiled loop compiles it, and machines differ: no test is a measurement of time. What CI tries is the
# same each time, so that a change is judged by itself; new examples are what `make soak` is for.
_ALWAYS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", _ALWAYS, max_examples=20, derandomize=True, database=None)
settings.register_profile("soak", _ALWAYS, max_examples=2000)
settings.load_profile("ci")

Clone = Callable[..., AbstractContextManager[str]]
"""`clone()`, or `clone(name)` where `name` is a database nobody is connected to."""


@dataclass(frozen=True, slots=True)
class Served:
    """A real HTTP server at `url` over the database `conninfo`."""

    url: str
    conninfo: str


Serve = Callable[..., AbstractContextManager[Served]]
"""`serve(conninfo)`, with `checks` a worker beside it, with other `limits` than usual."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for the run: the workers of pytest-xdist share it, the last one throws it away."""
    prefix = f"diachinh-test-{os.geteuid()}-"
    _sweep(prefix)
    run = hashlib.sha256(os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex).encode()).hexdigest()[
        :12
    ]
    cluster = Cluster(CLUSTERS / f"{prefix}{run}", durable=False)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop(discard=True)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """Name of the database that holds an empty, migrated register."""
    from api.jobs import install
    from register.connect import connect
    from register.migrate import migrate

    with (cluster.home / "template").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            find = "select 1 from pg_database where datname = %s"
            if server.execute(find, [TEMPLATE]).fetchone() is None:
                unfinished = f"{TEMPLATE}_unfinished"
                _drop(server, unfinished)
                server.execute(sql.SQL("create database {}").format(sql.Identifier(unfinished)))
                with connect(cluster.conninfo(unfinished)) as conn:
                    migrate(conn)
                    install(conn)
                names = sql.Identifier(unfinished), sql.Identifier(TEMPLATE)
                server.execute(sql.SQL("alter database {} rename to {}").format(*names))
    return TEMPLATE


@pytest.fixture(scope="session")
def clone(cluster: Cluster, template: str) -> Clone:
    """`with clone() as conninfo`: a fresh register in a database of its own, dropped at the end."""

    @contextmanager
    def cloned(template: str = template) -> Iterator[str]:
        name = f"register_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            # by file: half the work of going through the log, which is what PostgreSQL 15 does untold
            by = " strategy file_copy" if server.info.server_version >= 150000 else ""
            words = sql.SQL("create database {} template {}" + by)
            server.execute(words.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield cluster.conninfo(name)
        finally:
            with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
                _drop(server, name)

    return cloned


@pytest.fixture
def conninfo(clone: Clone) -> Iterator[str]:
    """libpq's words for a fresh, empty register."""
    with clone() as words:
        yield words


@pytest.fixture
def db(conninfo: str) -> Iterator[psycopg.Connection]:
    """A connection to a fresh, empty register; what is not committed is rolled back."""
    from register.connect import connect

    conn = connect(conninfo)
    try:
        yield conn
    finally:
        conn.close()


@pytest.fixture(scope="session")
def serve() -> Serve:
    """`with serve(conninfo) as served`: the real HTTP server over that database, on a free port."""

    @contextmanager
    def serving(
        conninfo: str,
        checks: int = 0,
        limits: "Limits | None" = None,
        scans: Path | None = None,
        archives: Path | None = None,
    ) -> Iterator[Served]:
        from api.app import create_app
        from cli.http_server import listen, server_of
        from cli.settings import read_settings
        from cli.worker import workers

        private = "1" if limits is not None and limits.private_webhooks else ""
        settings = read_settings({"DIACHINH_CHECKS": str(checks), "DIACHINH_WEBHOOKS_PRIVATE": private})
        app = create_app(
            conninfo,
            page=settings.page,
            limits=limits,
            beside=workers(settings, conninfo),
            scans=scans,
            archives=archives,
        )
        socket = listen("127.0.0.1", 0)
        server = server_of(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the HTTP server ended while starting; its log is above"
                time.sleep(0.01)
            yield Served(f"http://127.0.0.1:{socket.getsockname()[1]}", conninfo)
        finally:
            server.should_exit = True
            thread.join(timeout=30)
            socket.close()

    return serving


@pytest.fixture
def server(conninfo: str, serve: Serve) -> Iterator[Served]:
    """The real HTTP server over a fresh, empty register: `server.url`, `server.conninfo`."""
    with serve(conninfo) as served:
        yield served


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _sweep(prefix: str) -> None:
    """Throw away what killed runs left: folders nobody holds any more, an hour old or older."""
    for home in CLUSTERS.glob(f"{prefix}*"):
        if time.time() - home.stat().st_mtime > 3600:
            left = Cluster(home, durable=False)
            try:
                left.start()
                left.stop(discard=True)
            except CommandError:  # it cannot even start: there is nothing to stop
                shutil.rmtree(home, ignore_errors=True)
