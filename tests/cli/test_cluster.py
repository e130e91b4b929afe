"""The private PostGIS: made, shared, stopped by the last, and alive again after any kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import register.migrate
from cli.cluster import SOCKET_BYTES, Cluster
from cli.database import open_database, patiently
from cli.errors import ClusterError, CommandError
from cli.keeping import kept_running
from cli.migrate import bring_up
from cli.settings import read_settings

# Starts a cluster as another process would, says so, and holds it until its input ends.
HOLDER = """
import sys
from pathlib import Path
from cli.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]), durable=False)
cluster.start()
print("held", flush=True)
sys.stdin.read()
print("stopped" if cluster.stop() else "left", flush=True)
"""


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder the database's account can enter, with a blank and a quote in its name, removed at the end."""
    home = Path(f"/var/tmp/diachinh o'nhà {os.getpid()}")  # noqa: S108
    yield home
    cluster = Cluster(home, durable=False)
    cluster.start()
    assert cluster.stop(discard=True)
    assert not home.exists()


def answer(cluster: Cluster, statement: str) -> object:
    with psycopg.connect(cluster.conninfo(), autocommit=True) as conn:
        row = conn.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def holder(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_go(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate()
    assert process.returncode == 0
    return output.strip()


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def test_made_stopped_and_started_again_with_its_data(home: Path) -> None:
    with Cluster(home) as cluster:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as conn:
            conn.execute("create table kept as select 'Đà Nẵng' as name")
        assert answer(cluster, "show listen_addresses") == ""
        assert answer(cluster, "show fsync") == "on"
        assert answer(cluster, "show server_encoding") == "UTF8"
        assert answer(
            cluster, "select string_agg(w, ' ' order by w) from unnest('{Ơ,Đà,Da,Ăn,An}'::text[]) w"
        ) == ("An Ăn Da Đà Ơ")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.conninfo())
    with Cluster(home) as cluster:
        assert answer(cluster, "select name from kept") == "Đà Nẵng"


def test_only_its_owner_can_reach_the_socket(home: Path) -> None:
    with Cluster(home, durable=False) as cluster:
        assert cluster.folder.stat().st_mode & 0o777 == 0o700
        assert next(cluster.folder.glob(".s.PGSQL.*[0-9]")).stat().st_mode & 0o777 == 0o700
        assert cluster.folder.stat().st_uid != 0, "PostgreSQL never runs as root"


def test_two_starters_share_one_server_and_the_last_one_stops_it(home: Path) -> None:
    first, second = holder(home), holder(home)
    assert [line(first), line(second)] == ["held", "held"]
    number = postmaster(home)
    assert let_go(first) == "left"
    assert postmaster(home) == number
    assert let_go(second) == "stopped"
    assert not (home / "postgres/data/postmaster.pid").exists()


def test_a_killed_postmaster_is_replaced_and_what_was_committed_is_there(home: Path) -> None:
    cluster = Cluster(home)
    cluster.start()
    with psycopg.connect(cluster.conninfo(), autocommit=True) as conn:
        conn.execute("create table kept as select 7 as n")
    killed = postmaster(home)
    os.kill(killed, signal.SIGKILL)
    cluster.start()
    assert postmaster(home) != killed
    assert answer(cluster, "select n from kept") == 7
    assert cluster.stop()


def test_a_server_that_dies_under_its_holders_is_started_again_by_one_of_them(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = ""
    with Cluster(home) as one, Cluster(home) as two, kept_running(one), kept_running(two):
        for times in (1, 2):
            os.kill(postmaster(home), signal.SIGKILL)
            while said.count("started again") < times:
                said += capfd.readouterr().err
                time.sleep(0.01)
            assert answer(two, "select 1") == 1
    assert not (home / "postgres/data/postmaster.pid").exists()
    assert (said + capfd.readouterr().err).count("started again") == 2


def test_a_folder_that_is_removed_under_a_command_is_not_made_anew(home: Path) -> None:
    with Cluster(home) as cluster:
        away = home / "postgres/away"
        os.kill(postmaster(home), signal.SIGKILL)
        cluster.data.rename(away)
        with pytest.raises(ClusterError, match="was removed"):
            cluster.revive()
        assert not cluster.data.exists()
        away.rename(cluster.data)
        while not cluster.revive():
            time.sleep(0.01)


def test_a_register_is_brought_up_though_its_database_restarts_under_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []

    def migrate(conn: psycopg.Connection, schema: str) -> list[str]:
        if not killed:
            killed.append(postmaster(home))
            os.kill(killed[0], signal.SIGKILL)
        return real(conn, schema)

    real = register.migrate.migrate
    monkeypatch.setattr("register.migrate.migrate", migrate)
    with open_database(read_settings({"DIACHINH_HOME": str(home)})) as conninfo:
        assert bring_up(conninfo, "register")
        assert bring_up(conninfo, "register") == []
    assert killed


def test_what_is_wrong_with_a_living_database_is_not_tried_again() -> None:
    times: list[int] = []

    def work() -> None:
        times.append(1)
        raise psycopg.errors.DiskFull("no space left")

    with pytest.raises(psycopg.errors.DiskFull):
        patiently(work)
    assert times == [1]


def test_a_database_that_stays_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.database.PATIENCE_S", 0.0)
    with pytest.raises(CommandError, match="stopped answering"):
        patiently(lambda: psycopg.connect("host=/nonexistent"))


def test_a_server_that_cannot_be_started_again_is_told_once_and_tried_again(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.keeping.AGAIN_EVERY_S", 0.01)
    with Cluster(home) as cluster, kept_running(cluster):
        away, killed = home / "postgres/away", postmaster(home)
        (cluster.data / "pg_hba.conf").rename(away)
        os.kill(killed, signal.SIGKILL)
        said = ""
        while str(cluster.log) not in said:
            said += capfd.readouterr().err
            time.sleep(0.01)
        away.rename(cluster.data / "pg_hba.conf")
        while "started again" not in said:
            said += capfd.readouterr().err
            time.sleep(0.01)
        assert answer(cluster, "select 1") == 1
    assert said.count(str(cluster.log)) == 2, "once in each language"


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_the_start(home: Path) -> None:
    with Cluster(home, durable=False) as cluster:
        pass
    # A zombie of the server's own account: `kill(pid, 0)` finds it, PostgreSQL alone would refuse for ever.
    owner = cluster.data.stat()
    as_root = os.geteuid() == 0
    zombie = subprocess.Popen(
        ["true"],
        cwd="/",
        user=owner.st_uid if as_root else None,
        group=owner.st_gid if as_root else None,
        extra_groups=[] if as_root else None,
    )
    while "State:\tZ" not in Path(f"/proc/{zombie.pid}/status").read_text():
        time.sleep(0.01)
    stale = f"{zombie.pid}\n{cluster.data}\n1\n54321\n{cluster.folder}\n\n 0 0\nready\n"
    (cluster.data / "postmaster.pid").write_text(stale)
    (cluster.folder / ".s.PGSQL.54321.lock").write_text(stale)
    with cluster:
        assert postmaster(home) != zombie.pid
        assert answer(cluster, "select 1") == 1
    zombie.wait()


def test_a_killed_holder_leaves_a_server_that_the_next_one_takes_over(home: Path) -> None:
    killed = holder(home)
    assert line(killed) == "held"
    number = postmaster(home)
    killed.kill()
    killed.communicate()
    with Cluster(home, durable=False) as cluster:
        assert postmaster(home) == number
        assert answer(cluster, "select 1") == 1
    assert not (home / "postgres/data/postmaster.pid").exists()


def test_a_killed_initdb_leaves_nothing_that_looks_whole(home: Path) -> None:
    with Cluster(home, durable=False) as cluster:
        pass
    cluster.data.rename(cluster.folder / "data.unfinished")
    (cluster.folder / "data.unfinished/PG_VERSION").unlink()
    with cluster:
        assert answer(cluster, "select 1") == 1
    assert not (cluster.folder / "data.unfinished").exists()


def test_a_broken_setting_is_told_with_the_log(home: Path) -> None:
    with Cluster(home, durable=False) as cluster:
        pass
    (cluster.data / "pg_hba.conf").write_text("nonsense\n")
    with pytest.raises(ClusterError) as refusal:
        cluster.start()
    assert str(cluster.log) in refusal.value.text_vi
    assert str(cluster.log) in refusal.value.text_en
    (cluster.data / "pg_hba.conf").write_text("local all all trust\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    os.chown(other, 65534, 65534)
    with pytest.raises(ClusterError, match="belongs to another user"):
        Cluster(other).start()


def test_a_path_too_long_for_a_socket_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * SOCKET_BYTES)
    with pytest.raises(ClusterError) as refusal:
        Cluster(deep).start()
    assert "DIACHINH_HOME" in refusal.value.text_en
    assert not deep.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="for root the server runs under an account of its own")
def test_a_folder_the_account_cannot_enter_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(ClusterError) as refusal:
        Cluster(tmp_path / "db").start()
    assert "postgres cannot enter" in refusal.value.text_en
