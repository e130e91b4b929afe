"""The worker, pulled out of the wall: what was acknowledged is checked by the next one, once."""

import asyncio
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from api import jobs
from api.survey_examination import examiner
from api.survey_job import MOST_ATTEMPTS, MOST_KILLED, CheckFailed, Stopped, check
from cli.cluster import Cluster
from importers.plots import Plot
from importers.survey import Ready
from register.connect import connect
from register.survey_runs import NotRead, Outcome
from tests.api.surveying import PREFIX, SAID, Surveyor, clean, surveying, town
from tests.cli.command import PATIENCE_S, Running, free_port, running
from tests.conftest import Clone, Serve
from tests.importers.test_fence import dying

WAITING = "Đang chờ bản đo"
OWNER = "Tôn Nữ Thị Bí Mật"
NOTHING = NotRead((), {"json": b"{}"}, "refused")


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Surveyor]:
    """A server that takes surveys and checks none."""
    with town(clone) as conninfo, surveying(conninfo, serve, checks=0) as one:
        yield one


@contextmanager
def worker(office: Surveyor) -> Iterator[Running]:
    """`diachinh worker` over the office's register, once it waits."""
    home = Path(f"/var/tmp/diachinh-none-{uuid.uuid4().hex[:8]}")  # noqa: S108 - never made
    with running(home, "worker", DIACHINH_DATABASE=office.conninfo) as one:
        one.wait_for(one.err, WAITING)
        yield one


def value(conninfo: str, statement: str, *values: object) -> Any:
    with connect(conninfo, autocommit=True) as conn:
        row = conn.execute(statement, values).fetchone()  # type: ignore[call-overload]
    return None if row is None else row[0]


def run_of(office: Surveyor, key: str) -> int:
    statement = "select r.id from survey_run r join survey s on s.id = r.survey where s.key = %s order by n desc limit 1"
    return int(value(office.conninfo, statement, key))


def until(true: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < give_up, f"still waiting for {what}"
        time.sleep(0.02)


def test_a_worker_killed_in_the_middle_of_a_check_is_followed_by_the_next(office: Surveyor) -> None:
    name, content = clean()
    with connect(office.conninfo) as barrier, worker(office) as first:
        barrier.execute(
            "lock table parcel_version in access exclusive mode"
        )  # it stands still at the neighbours
        key = office.hand_in((name, content))
        waits = "select count(*) from pg_locks where not granted and relation = 'parcel_version'::regclass"
        begun = "select count(*) from survey_run where attempts = 1"  # others wait for the table too
        until(
            lambda: value(office.conninfo, begun) and value(office.conninfo, waits),
            "the worker to ask for the neighbours",
        )
        first.process.kill()
        first.process.wait()
    assert office.survey(key)["runs"][0]["outcome"] is None
    with connect(office.conninfo, autocommit=True) as conn:
        conn.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
    with worker(office):
        assert office.follow(key)[-1]["state"] == "accepted"
    run = run_of(office, key)
    assert value(office.conninfo, "select attempts from survey_run where id = %s", run) == 2
    assert value(office.conninfo, "select count(*) from survey_plot where run = %s", run) == 38
    ends = "select count(*) from survey_event where run = %s and state = 'accepted'"
    assert value(office.conninfo, ends, run) == 1


def test_a_check_the_queue_has_forgotten_gets_a_job_and_a_worker_stops_when_told(office: Surveyor) -> None:
    key = office.hand_in(("a.txt", b"forgotten"))
    with connect(office.conninfo, autocommit=True) as conn:
        conn.execute("delete from procrastinate_jobs")
    with worker(office) as one:
        assert office.follow(key)[-1]["state"] == "returned"
        # The check is through a moment before the queue has put its job away.
        jobs = "select count(*) from procrastinate_jobs where task_name = 'check_survey'"
        until(lambda: not value(office.conninfo, jobs), "the queue to be empty")
        assert one.stop() == 0
        assert "Traceback" not in "\n".join(one.err)


def test_two_that_take_up_the_same_job_do_not_stumble(office: Surveyor) -> None:
    office.hand_in(("a.txt", b"stalled"))

    async def both() -> None:
        app = jobs.worker_app(office.conninfo)
        async with app.open_async():
            tasks = [asyncio.create_task(jobs._rescue(app, office.conninfo, "register")) for _ in range(2)]
            waits = "select count(*) from pg_locks where not granted"
            while await asyncio.to_thread(value, office.conninfo, waits) < 2:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(conn.commit)
            moved = "select count(*) from procrastinate_jobs where status = 'todo'"
            while await asyncio.to_thread(value, office.conninfo, moved) < 1:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            assert not [task.exception() for task in tasks if task.done()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    with connect(office.conninfo) as conn:
        conn.execute("update procrastinate_jobs set status = 'doing', worker_id = null")
        conn.commit()
        conn.execute("select from procrastinate_jobs for update")  # both have seen it, none has it
        with ThreadPoolExecutor(1) as thread:  # a loop of the browser tests may run in this one
            thread.submit(asyncio.run, both()).result()


def test_a_check_begun_twice_stores_one_outcome(office: Surveyor) -> None:
    run = run_of(office, office.hand_in(("a.txt", b"twice")))
    begun, go = threading.Event(), threading.Event()
    times: list[int] = []

    def examine(*_: object) -> Outcome:
        times.append(1)
        begun.set()
        assert go.wait(60)
        return NOTHING

    arguments = (office.conninfo, "register", run, examine, threading.Event())
    first = threading.Thread(target=check, args=arguments)
    first.start()
    assert begun.wait(60)
    check(*arguments)  # type: ignore[arg-type]
    go.set()
    first.join()
    check(*arguments)  # type: ignore[arg-type]
    assert times == [1]
    assert value(office.conninfo, "select count(*) from survey_report where run = %s", run) == 1


def test_a_fault_of_ours_is_told_after_some_times_and_never_in_its_own_words(
    office: Surveyor, caplog: pytest.LogCaptureFixture
) -> None:
    key = office.hand_in(("a.txt", b"ours"))

    def examine(*_: object) -> Outcome:
        raise ValueError(OWNER)

    arguments = (office.conninfo, "register", run_of(office, key), examine, threading.Event())
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(CheckFailed, match=r"^ValueError$") as caught:
            check(*arguments)
        assert caught.value.__suppress_context__
        assert office.survey(key)["runs"][0]["outcome"] is None
    check(*arguments)
    assert office.survey(key)["runs"][0]["refused"] == "reader_failed"
    assert "office" in office.told(key)["findings"][0]["text_en"]
    assert "test_worker.py" in caplog.text
    assert OWNER not in caplog.text + office.report(key, "html").text + str(office.follow(key))


def test_a_survey_is_not_given_up_because_its_worker_was_killed_again_and_again(office: Surveyor) -> None:
    patient, killer = (run_of(office, office.hand_in(("a.txt", name))) for name in (b"patient", b"killer"))
    begun = "update survey_run set attempts = %s where id = %s returning id"
    assert value(office.conninfo, begun, MOST_KILLED - 1, patient) == patient
    assert value(office.conninfo, begun, MOST_KILLED, killer) == killer
    for run in (patient, killer):
        check(office.conninfo, "register", run, lambda *_: NOTHING, threading.Event())
    refused = "select refused from survey_run where id = %s"
    assert value(office.conninfo, refused, patient) == NOTHING.refused
    assert value(office.conninfo, refused, killer) == "reader_failed"


def test_an_outcome_that_cannot_be_stored_leaves_nothing_of_itself(office: Surveyor) -> None:
    key = office.hand_in(("a.txt", b"unfit"))
    run = run_of(office, key)

    plots = pa.table({name: pa.array(["x"]) for name in (*Plot.__slots__, "match")})
    unfit = NotRead((), {"json": b"{}"}, "refused", plots=plots)
    arguments = (office.conninfo, "register", run, lambda *_: unfit, threading.Event())
    with pytest.raises(CheckFailed):
        check(*arguments)  # type: ignore[arg-type]
    assert value(office.conninfo, "select count(*) from survey_report where run = %s", run) == 0
    assert office.survey(key)["state"] == "received"


def test_a_worker_that_is_told_to_stop_leaves_its_check_to_the_next(office: Surveyor) -> None:
    run = run_of(office, office.hand_in(("a.txt", b"stopped")))
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(Stopped):
        check(office.conninfo, "register", run, lambda *_: NOTHING, stopping)
    check(office.conninfo, "register", run, lambda *_: NOTHING, threading.Event())
    assert value(office.conninfo, "select outcome from survey_run where id = %s", run) == "returned"


@pytest.mark.parametrize(
    ("ending", "rule"),
    [
        ("os.kill(os.getpid(), 11)", "broken_file"),
        ("raise ValueError('Tôn Nữ Thị Bí Mật')", "reader_failed"),
        ("raise MemoryError", "too_much"),
    ],
)
def test_a_reading_that_crashes_is_returned_with_a_sentence(
    office: Surveyor, monkeypatch: pytest.MonkeyPatch, ending: str, rule: str
) -> None:
    key = office.hand_in(("a.txt", ending.encode()))

    dying(monkeypatch, f"import os; {ending}")
    ready = Ready()
    check(office.conninfo, "register", run_of(office, key), examiner(ready), threading.Event())
    ready.close()
    [finding] = office.told(key)["findings"]
    assert office.survey(key)["runs"][0]["refused"] == finding["rule"] == rule
    assert finding["text_vi"].endswith(".")
    assert finding["text_en"].endswith(".")
    assert OWNER not in str(finding)


def test_nothing_acknowledged_is_lost_when_server_and_database_are_killed() -> None:
    home = Path(f"/var/tmp/diachinh-kill-{os.geteuid()}-{uuid.uuid4().hex[:8]}")  # noqa: S108
    name, content = clean()
    try:
        with (
            running(home, "serve", PORT=free_port(), DIACHINH_CHECKS="0") as server,
            httpx.Client(base_url=server.url(), timeout=60) as client,
        ):
            key = client.post(PREFIX, files={"file": (name, content)}, data=SAID).json()["id"]
            postmaster = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGKILL)
            server.process.kill()
        with (
            running(home, "serve", PORT=free_port()) as server,
            httpx.Client(base_url=server.url(), timeout=60) as client,
        ):
            one = Surveyor(client, "")
            assert one.follow(key)[-1]["progress"] == 1
            assert client.get(f"{PREFIX}/{key}/files/1").content == content
            assert server.stop() == 0
    finally:
        cluster = Cluster(home)
        cluster.start()
        assert cluster.stop(discard=True)
