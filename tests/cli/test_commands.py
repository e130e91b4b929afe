"""What commands say and how they end: exit 0 done, 1 refused, 2 called wrongly; two languages, never a trace."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from cli.cluster import Cluster
from tests.cli.command import Ran, run

VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


def told(ran: Ran) -> tuple[str, str]:
    """The two sentences of a refusal: Vietnamese, then English."""
    assert "Traceback" not in ran.err
    assert ran.out == ""
    lines = ran.err.strip().splitlines()
    assert len(lines) == 2, lines
    assert VIETNAMESE.search(lines[0])
    return lines[0], lines[1]


def test_help_names_every_command_and_loads_nothing_heavy(tmp_path: Path) -> None:
    ran = run(tmp_path, "--help")
    assert ran.code == 0
    for command in ("demo", "serve", "import", "migrate", "code", "resolve", "units"):
        assert re.search(rf"^\W*{command} ", ran.out, re.MULTILINE), command
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, cli.main; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"psycopg", "pyarrow", "numba", "numpy", "shapely", "fastapi", "sqlalchemy"}.isdisjoint(loaded)


@pytest.mark.parametrize(
    ("arguments", "vi", "en"),
    [
        (["dem"], "diachinh --help", "No such command 'dem'"),
        (["serve", "--prot", "1"], "Không có tùy chọn --prot", "No such option: --prot"),
        (["serve", "--port", "x"], "Giá trị của '--port' không hợp lệ", "Invalid value for '--port'"),
        (["code"], "Thiếu 'code'", "Missing argument 'code'"),
    ],
)
def test_a_wrong_call_is_told_and_ends_with_2(arguments: list[str], vi: str, en: str, tmp_path: Path) -> None:
    ran = run(tmp_path / "none", *arguments)
    text_vi, text_en = told(ran)
    assert vi in text_vi
    assert en in text_en
    assert ran.code == 2
    assert not (tmp_path / "none").exists()


def test_a_port_that_is_none_in_the_environment(tmp_path: Path) -> None:
    ran = run(tmp_path / "none", "serve", PORT="http")
    assert told(ran)[1] == "PORT=http is no port number; give one from 1 to 65535."
    assert ran.code == 2


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run(tmp_path / "none", "demo", "--port", str(port))
    assert f"Cổng {port}" in told(ran)[0]
    assert f"Port {port} of 127.0.0.1 is in use" in told(ran)[1]
    assert ran.code == 1
    assert not (tmp_path / "none").exists()


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    ran = run(tmp_path, "migrate", DIACHINH_DATABASE=f"host={tmp_path} dbname=none")
    assert "DIACHINH_DATABASE" in told(ran)[0]
    assert str(tmp_path) in told(ran)[1]
    assert ran.code == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="for root the server runs under an account of its own")
def test_a_home_the_database_cannot_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    ran = run(tmp_path / "db", "migrate")
    assert "DIACHINH_HOME" in told(ran)[0]
    assert "postgres cannot enter" in told(ran)[1]
    assert ran.code == 1


def test_migrate_names_what_it_applied_and_then_nothing(register_home: Path) -> None:
    first = run(register_home, "migrate")
    migrations = Path(__file__).parents[2] / "register/migrations"
    *ours, queue = first.out.split()
    assert ours == sorted(file.name for file in migrations.glob("*.sql"))
    assert queue.startswith("procrastinate/")
    again = run(register_home, "migrate")
    assert (first.code, again.code) == (0, 0)
    assert "up to date" in again.out
    assert not (register_home / "postgres/data/postmaster.pid").exists(), "the command stopped its database"


def test_migrate_works_in_a_schema_of_another_name(register_home: Path) -> None:
    ran = run(register_home, "migrate", DIACHINH_SCHEMA="tỉnh 48")
    assert ran.err == ""
    assert ran.out.split()[0] == "0001_units.sql"


def test_codes_that_are_none_or_were_never_issued(register_home: Path) -> None:
    malformed, unknown = run(register_home, "code", "ail"), run(register_home, "code", "w7er8sp5fqef")
    assert "12" in told(malformed)[1]
    assert "w7er8sp5fqef" in told(unknown)[0]
    assert (malformed.code, unknown.code) == (1, 1)


def test_keys_of_a_file_are_answered_a_line_each(register_home: Path, tmp_path: Path) -> None:
    assert run(register_home, "migrate").code == 0
    (tmp_path / "khóa.csv").write_text("ma_xa,so_to,so_thua\n20194,1,1\n,,\n99999,1,1\n", "utf-8")
    (tmp_path / "khóa.txt").write_text("w7er8sp5fqef\nail\n", "utf-8")
    for name, statuses in (("khóa.csv", ["never_issued"] * 2), ("khóa.txt", ["never_issued", "not_found"])):
        ran = run(register_home, "resolve", str(tmp_path / name))
        assert ran.code == 0, ran.err
        found = [json.loads(line) for line in ran.out.splitlines()]
        assert [one["status"] for one in found if one["status"] != "invalid"] == statuses
    missing = run(register_home, "resolve", str(tmp_path / "none"))
    assert (missing.code, "none" in told(missing)[0]) == (1, True)
    impossible = run(register_home, "resolve", str(tmp_path / "khóa.txt"), "--as-of", "2026-02-30")
    assert (impossible.code, "2026-02-30" in told(impossible)[0]) == (1, True)


def test_a_register_that_is_not_set_up(tmp_path: Path, cluster: Cluster) -> None:
    """Is told so, with what to do."""
    with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
        server.execute("create database bare")
    try:
        (tmp_path / "keys.txt").write_text("w7er8sp5fqef\n", "utf-8")
        ran = run(tmp_path, "resolve", str(tmp_path / "keys.txt"), DIACHINH_DATABASE=cluster.conninfo("bare"))
        assert ran.code == 1
        assert all("`diachinh migrate`" in sentence for sentence in told(ran))
    finally:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            server.execute("drop database bare")


def test_a_file_that_is_not_there(register_home: Path, tmp_path: Path) -> None:
    ran = run(register_home, "import", str(tmp_path / "không có.gpkg"))
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "không có.gpkg" in ran.err
