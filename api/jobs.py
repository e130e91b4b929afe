"""Background work: surveys are checked by a worker, here in the server or on another machine, over the same PostgreSQL.

The queue is procrastinate's, in the register's own schema. A job is enqueued in the transaction that acknowledges the
survey; jobs of a worker that died are taken up by the next, and a check without a job gets one.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.resources import files
from threading import Event, Thread
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition
from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection

from api.survey_job import Examine, Stopped, check
from register.connect import connect, search_path
from register.files import end_expired
from register.statements import load, one
from register.survey_runs import forgotten

QUEUE = "surveys"
HEARTBEAT_S = 2.0
DEAD_AFTER_S = 10.0
RESCUE_EVERY_S = 5.0
_log = logging.getLogger(__name__)


def install(conn: psycopg.Connection) -> list[str]:
    """Bring the queue's tables to the version of procrastinate that is installed, in the first schema of `search_path`.

    After `register.migrate`, in the caller's transaction; a second run changes nothing. What was applied is given.
    """
    sql = load("api", "jobs.sql")
    conn.execute(sql["lock"])
    folder = files("procrastinate.sql").joinpath("migrations")
    every = sorted(f"procrastinate/{f.name}" for f in folder.iterdir() if f.name.endswith(".sql"))
    known = {name for (name,) in conn.execute(sql["known"])}
    missing = [name for name in every if name not in known]
    if not one(conn, sql["installed"])[0]:
        conn.execute(SchemaManager.get_schema())
    else:
        for name in missing:
            conn.execute(folder.joinpath(name.split("/")[1]).read_text(encoding="utf-8"))
    for name in missing:
        conn.execute(sql["remember"], {"name": name})
    return missing[-1:]


@cache
def _enqueuer() -> App:
    """Enqueues over connections it is given, and has none of its own."""
    return App(connector=PsycopgConnector())


async def enqueue(conn: AsyncConnection[Any], survey: int, run: int) -> None:
    """A job for a check, in the caller's transaction; checks of one survey go one after the other."""
    job = _enqueuer().configure_task(
        "check_survey", queue=QUEUE, lock=f"survey {survey}", connection=conn, allow_unknown=True
    )
    await job.defer_async(survey=survey, run=run)


def worker_app(
    conninfo: str, schema: str = "register", examine: Examine | None = None, stop: Event | None = None
) -> App:
    """The queue of one register; `examine` checks a survey, `stop` ends a check that is at work (it is begun again)."""
    app = App(
        connector=PsycopgConnector(
            conninfo=conninfo, min_size=1, max_size=4, kwargs={"options": search_path(schema)}
        )
    )
    stopping = stop or Event()

    @app.task(name="check_survey", queue=QUEUE, retry=RetryStrategy(wait=2))
    async def check_survey(survey: int, run: int) -> None:
        if examine is None:
            raise RuntimeError("this worker was given nothing to examine with")
        await _in_thread(lambda: check(conninfo, schema, run, examine, stopping), stopping)

    @app.periodic(cron="17 * * * *")
    @app.task(name="clear_uploads", queue=QUEUE, queueing_lock="clear_uploads")
    async def clear_uploads(timestamp: int) -> None:
        await _in_thread(lambda: _clear(conninfo, schema), stopping)

    return app


async def run_worker(
    conninfo: str,
    schema: str,
    examine: Examine,
    *,
    concurrency: int = 1,
    stop: asyncio.Event | None = None,
) -> None:
    """Check surveys until `stop` is set or the task is cancelled; a lost database is waited for.

    Runs in the server's loop as well as alone: whatever blocks is done on threads.
    """
    stop = stop or asyncio.Event()
    while not stop.is_set():
        halted = Event()
        app = worker_app(conninfo, schema, examine, halted)
        try:
            async with app.open_async():
                await _work(app, conninfo, schema, concurrency, stop, halted)
        except Exception:
            _log.exception("the worker lost its database or its footing; it begins again")
        finally:
            halted.set()
        if not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)


async def _work(
    app: App, conninfo: str, schema: str, concurrency: int, stop: asyncio.Event, halted: Event
) -> None:
    worker = asyncio.create_task(
        app.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=DEAD_AFTER_S,
            shutdown_graceful_timeout=2.0,
            delete_jobs=DeleteJobCondition.SUCCESSFUL.value,
        )
    )
    rescue = asyncio.create_task(_rescue(app, conninfo, schema))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((worker, rescue, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        halted.set()
        for task in (rescue, stopped, worker):
            task.cancel()
        results = await asyncio.gather(rescue, stopped, worker, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _rescue(app: App, conninfo: str, schema: str) -> None:
    """Take up what dead workers left, and checks that have no job, again and again."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
            with suppress(ConnectorException):  # another worker was faster
                await app.job_manager.retry_job(job)
        for survey, run in await _in_thread(lambda: _jobless(conninfo, schema)):
            job_of = app.configure_task("check_survey", lock=f"survey {survey}")
            await job_of.defer_async(survey=survey, run=run)
        await asyncio.sleep(RESCUE_EVERY_S)


def _jobless(conninfo: str, schema: str) -> list[tuple[int, int]]:
    with connect(conninfo, schema) as conn:
        waiting = forgotten(conn)
        if not waiting:
            return []
        values = {"surveys": [survey for survey, _ in waiting], "runs": [run for _, run in waiting]}
        return conn.execute(load("api", "jobs.sql")["jobless"], values).fetchall()


def _clear(conninfo: str, schema: str) -> None:
    with connect(conninfo, schema) as conn:
        end_expired(conn)


async def _in_thread(work: Callable[[], Any], stopping: Event | None = None) -> Any:
    """What `work` gives on a thread that does not hold up the end of the process; cancelled, it is told to stop."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(result: object, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        try:
            outcome: tuple[object, BaseException | None] = (work(), None)
        except Stopped as stopped:
            outcome = None, stopped
        except BaseException as error:  # handed to whoever awaits
            outcome = None, error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, *outcome)

    Thread(target=run, daemon=True, name="survey").start()
    try:
        return await done
    except asyncio.CancelledError:
        if stopping is not None:
            stopping.set()
        raise
