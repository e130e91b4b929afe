"""The demo from nothing to answers, and again: whatever stops it, the next start is whole."""

import json
import re
import signal
import urllib.request
from pathlib import Path

import psycopg
import pytest

from cli.cluster import Cluster
from tests.cli.command import READY, Running, free_port, run, running

README = Path(__file__).parents[2] / "README.md"
CODE = re.compile(r"\bw6[0-9b-z]{2}-?[0-9b-z]{4}-?[0-9b-z]{4}\b")
"""Parcels of the demo that the README names."""


def get(url: str | urllib.request.Request) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own server
        body: dict[str, object] = json.load(answer)
    return body


def parcels(home: Path) -> int:
    """How many parcels the register of a running demo has."""
    with psycopg.connect(Cluster(home).conninfo("diachinh")) as conn:
        row = conn.execute("select count(*) from register.parcel").fetchone()
    assert row is not None
    return int(row[0])


def is_stopped(home: Path) -> bool:
    return not (home / "postgres/data/postmaster.pid").exists()


def demo(home: Path) -> "running":
    return running(home, "demo", "--port", free_port())


@pytest.fixture(scope="module")
def first(register_home: Path) -> tuple[Running, str, int]:
    """A first demo, killed half-way through its import, then begun again and stopped when it was ready."""
    with demo(register_home) as killed:
        killed.wait_for(killed.err, "Ghi thửa đất")
        killed.process.kill()
    with demo(register_home) as again:
        url = again.url()
        page = get(f"{url}/api/v1/parcels?bbox=102,8,110,24&limit=1")
        code = page["features"][0]["id"]  # type: ignore[index]
        count = parcels(register_home)
        assert again.stop(signal.SIGTERM) == 0
    return again, str(code), count


def test_a_killed_import_leaves_nothing_and_the_next_start_completes(
    first: tuple[Running, str, int], register_home: Path
) -> None:
    again, _, count = first
    read, stored = re.search(r"read ([\d,]+) = .*?stored ([\d,]+) \+", "\n".join(again.out)).groups()  # type: ignore[union-attr]
    assert read == stored == f"{count:,}", again.out
    assert again.out[-1].startswith(READY), "the ready line is the last"
    assert is_stopped(register_home)


def test_a_second_start_imports_nothing_and_answers_the_same(
    first: tuple[Running, str, int], register_home: Path
) -> None:
    _, code, count = first
    with demo(register_home) as second:
        url = second.url()
        assert second.out == [READY + url.rsplit(":", 1)[1]]
        assert get(f"{url}/api/v1/parcels/{code}")["id"] == code
        printed = run(register_home, "code", code)
        assert json.loads(printed.out)["id"] == code
        assert parcels(register_home) == count
        for named in set(CODE.findall(README.read_text(encoding="utf-8"))):
            assert get(f"{url}/api/v1/parcels/{named}")["properties"]["status"] == "current", named  # type: ignore[index]
        assert second.stop(signal.SIGINT) == 0
    assert is_stopped(register_home)


def test_the_accounts_are_shown_at_the_first_start_and_nowhere_else(
    first: tuple[Running, str, int], register_home: Path
) -> None:
    again, _, _ = first
    shown = dict(
        re.findall(r"^  (\w+) +([a-z2-9]{5}(?:-[a-z2-9]{5}){3}) ·", "\n".join(again.err), re.MULTILINE)
    )
    assert set(shown) == {"surveyor", "editor", "approver", "office", "partner", "auditor"}
    with demo(register_home) as second:
        url = second.url()
        assert any("diachinh user password" in line for line in second.err)
        said = "\n".join(second.err + second.out)
        for name, password in shown.items():
            assert password not in said
            question = json.dumps({"name": name, "password": password}).encode()
            asked = urllib.request.Request(  # noqa: S310 - our own server
                f"{url}/api/v1/sessions", question, {"content-type": "application/json"}
            )
            assert get(asked)["account"]["scopes"] == {name: None}  # type: ignore[index]
        assert second.stop() == 0
    kept = [path.read_bytes() for path in register_home.rglob("*") if path.is_file()]
    assert not any(password.encode() in content for password in shown.values() for content in kept)


def test_two_demos_share_the_database_until_the_last_one_stops(
    first: tuple[Running, str, int], register_home: Path
) -> None:
    _, code, _ = first
    with demo(register_home) as one, demo(register_home) as two:
        one.url()
        assert two.url() != one.url()
        assert one.stop() == 0
        assert get(f"{two.url()}/api/v1/parcels/{code}")["id"] == code
        assert two.stop() == 0
    assert is_stopped(register_home)


def test_a_killed_demo_is_taken_over(first: tuple[Running, str, int], register_home: Path) -> None:
    _, code, _ = first
    with demo(register_home) as killed:
        killed.url()
        killed.process.kill()
    assert not is_stopped(register_home)
    with demo(register_home) as next_one:
        assert get(f"{next_one.url()}/api/v1/parcels/{code}")["id"] == code
        assert next_one.stop() == 0
    assert is_stopped(register_home)


def test_a_closed_terminal_stops_it_cleanly(first: tuple[Running, str, int], register_home: Path) -> None:
    heard = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, by what we start too
    with demo(register_home) as closed:
        signal.signal(signal.SIGHUP, heard)
        closed.url()
        assert closed.stop(signal.SIGHUP) == 0, closed.err
    assert is_stopped(register_home)


def test_own_data_comes_in_beside_what_is_there_and_only_once(
    first: tuple[Running, str, int], register_home: Path
) -> None:
    _, _, count = first
    sample = register_home / "sample/to-1-4.gpkg"
    with running(register_home, "demo", "--port", free_port(), "--data", str(sample)) as same:
        same.url()
        assert parcels(register_home) == count
        assert same.stop() == 0
