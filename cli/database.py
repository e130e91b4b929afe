"""The database a command works on: the one of the settings, or the private one, running while the command does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cli.errors import CommandError
from cli.settings import Settings

NAME = "diachinh"


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
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            found = server.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
            if found is None:
                with suppress(psycopg.errors.DuplicateDatabase):  # another command of ours was faster
                    server.execute("create database diachinh")
        with kept_running(cluster):
            yield cluster.conninfo(NAME)
    finally:
        cluster.stop()
