"""`diachinh doctor`: a table of narrow gaps and overlaps, and drafts of an account's."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from register.accounts import add_account
from register.connect import connect
from tests.cli.command import PATIENCE_S, PROGRAM, Ran, environment
from tests.conftest import Clone
from tests.register.handed_in import COMMUNE
from tests.register.slivered import WIDTHS_MM, planted

EACH, BOTH = len(WIDTHS_MM), 2 * len(WIDTHS_MM)


@pytest.fixture(scope="module")
def database(clone: Clone) -> Iterator[str]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            planted(conn)
            add_account(conn, "tester", "an", "An", "một mật khẩu dài")
        yield conninfo


def doctor(database: str, *arguments: str) -> Ran:
    done = subprocess.run(
        [PROGRAM, "doctor", *arguments],
        env=environment(Path("/nonexistent"), DIACHINH_DATABASE=database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def drafts(database: str) -> int:
    with connect(database) as conn:
        return len(conn.execute("select from proposal where kind = 'slivers'").fetchall())


def test_the_table_then_the_drafts(database: str) -> None:
    told = doctor(database, COMMUNE)
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert len(lines) == BOTH + 2
    assert lines[-1] == f"{EACH} khe hở, {EACH} chồng lấn · {EACH} gaps, {EACH} overlaps"
    assert "Tìm khe hở, chồng lấn … · Finding gaps and overlaps …" in told.err
    assert doctor(database, COMMUNE, "--sheet", "7").out.startswith("0 khe hở")
    assert doctor(database, COMMUNE, "--tolerance-m", "0.01").out.endswith("2 gaps, 2 overlaps\n")
    dry = doctor(database, COMMUNE, "--draft", "--author", "an", "--dry-run")
    assert f"{BOTH} drafts; 0 slivers wait" in dry.out
    assert drafts(database) == 0
    made = doctor(database, COMMUNE, "--draft", "--author", "an")
    assert f"{BOTH} bản thảo" in made.out
    assert drafts(database) == BOTH
    assert f"0 drafts; {BOTH} slivers wait" in doctor(database, COMMUNE, "--draft", "--author", "an").out


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ((COMMUNE, "--draft"), 2, "--author"),
        ((COMMUNE, "--draft", "--author", "nobody"), 1, "nobody"),
        (("99999",), 1, "99999"),
        ((COMMUNE, "--tolerance-m", "0.3"), 2, "--tolerance-m"),
    ],
)
def test_a_wrong_call_is_a_sentence_in_each_language(
    database: str, arguments: tuple[str, ...], code: int, word: str
) -> None:
    told = doctor(database, *arguments)
    assert told.code == code, told.err
    assert word in told.err
    assert len(told.err.strip().splitlines()) >= 2
