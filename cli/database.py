"""The database a command works on: the one of the settings, or the private one, running while the command does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from cli.errors import CommandError
from cli.settings import Settings

NAME = "diachinh"
PATIENCE_S = 60.0
_Out = TypeVar("_Out")


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """libpq words of a database that answers. A private server is started again should it die, and stopped at the end
    where nobody else uses it.

    Raises: CommandError where it does not answer, ClusterError where the private one does not start.
    """
    import psycopg

    from cli.cluster import Cluster
    from cli.keeping import kept_running

    if settings.database is not None:
        try:
            psycopg.connect(settings.database, connect_timeout=10).close()
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise CommandError(
                f"Không kết nối được cơ sở dữ liệu của DIACHINH_DATABASE: {reason}",
                f"The database of DIACHINH_DATABASE does not answer: {reason}",
            ) from None
        yield settings.database
        return
    cluster = Cluster(settings.home)
    cluster.start()
    try:
        with kept_running(cluster):
            patiently(lambda: _make_database(cluster.conninfo()))
            yield cluster.conninfo(NAME)
    finally:
        cluster.stop()


def _make_database(conninfo: str) -> None:
    import psycopg

    with psycopg.connect(conninfo, autocommit=True) as server:
        found = server.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
        if found is None:
            with suppress(psycopg.errors.DuplicateDatabase):  # another command of ours was faster
                server.execute("create database diachinh")


def patiently(work: Callable[[], _Out]) -> _Out:
    """What `work` gives, begun again while the database restarts under it: it must be safe to do twice.

    Raises: CommandError where the database is not back within PATIENCE_S.
    """
    import psycopg

    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except psycopg.OperationalError as error:
            # without a state the connection itself failed; 57P01 to 57P03: it is shutting down or starting up
            if error.sqlstate is not None and not error.sqlstate.startswith(("08", "57P")):
                raise
            if time.monotonic() > give_up:
                reason = " ".join(str(error).split())
                raise CommandError(
                    f"Cơ sở dữ liệu đã ngừng trả lời: {reason}",
                    f"The database stopped answering: {reason}",
                ) from None
            time.sleep(0.1)
