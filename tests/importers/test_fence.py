"""The process that parses may die, fill memory or run for ever: the one that asked gets a sentence and a clean disk."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers import child as reader
from importers.errors import ReaderFailed, Refused
from importers.read import read
from tests.importers.parcels import options, squares, taken, write


@pytest.fixture(autouse=True)
def clean_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All that a reader writes goes to a folder that is empty afterwards."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert list(place.iterdir()) == []


def dying(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the reader be another program."""
    popen = subprocess.Popen

    def start(_: object, **given: object) -> object:
        return popen([sys.executable, "-c", code], **given)  # type: ignore[call-overload]

    monkeypatch.setattr(reader.subprocess, "Popen", start)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "broken_file"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "too_much"),
        ("raise MemoryError", "too_much"),
        ("print('not a frame at all' * 99)", "broken_file"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "too_much"),
        ("1/0", "reader_failed"),
    ],
)
def test_a_reader_that_dies_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, rule: str
) -> None:
    path = write(tmp_path / "a.gpkg", squares(1))
    dying(monkeypatch, code)
    with pytest.raises(Refused) as caught:
        read([path], options())
    assert caught.value.rule == rule
    assert "a.gpkg" in caught.value.place


def test_a_reader_that_says_nothing_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.gpkg", squares(1))
    dying(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(reader, "STALL_SECONDS", 0.2)
    with pytest.raises(Refused) as caught:
        read([path], options())
    assert caught.value.rule == "too_much"


def test_a_reading_left_half_way_leaves_nothing(tmp_path: Path) -> None:
    reading = read([write(tmp_path / "a.gpkg", squares(60_000, 300_000.0))], options())
    batches = reading.batches()
    next(batches)
    child = reading._child.process.pid
    batches.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_reading_that_is_never_used_leaves_nothing(tmp_path: Path) -> None:
    reading = read([write(tmp_path / "a.gpkg", squares(1))], options())
    child = reading._child.process.pid
    del reading
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_when_the_one_that_asked_is_killed_the_reader_cleans_up(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", squares(60_000, 300_000.0))
    code = (
        "import os, signal, sys, tempfile; from pathlib import Path\n"
        f"tempfile.tempdir = {tempfile.gettempdir()!r}\n"
        "from importers.read import ReadOptions, read\n"
        f"reading = read([Path({str(path)!r})], ReadOptions(zone_of=lambda _: 5899))\n"
        "print(reading._child.process.pid, flush=True); next(reading.batches()); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == -9
    child = int(done.stdout)
    for _ in range(600):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the reader lives on")


def test_the_limits_hold_in_the_reader() -> None:
    code = (
        "import importers.fenced as f, resource, sys, io\n"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b'{'))\n"
        "try:\n f.main()\n"
        "except ValueError: pass\n"
        "print([resource.getrlimit(r)[0] for r in (resource.RLIMIT_AS, resource.RLIMIT_CORE)], file=sys.stderr)\n"
        "try:\n bytearray(5 << 30)\n"
        "except MemoryError: print('bounded', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert done.stderr.split("\n")[:2] == [f"[{4 << 30}, 0]", "bounded"]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    folder = tmp_path_factory.mktemp("seeds")
    made = [write(folder / f"a{suffix}", squares(3)) for suffix in (".gpkg", ".geojson", ".fgb", ".gml")]
    (folder / "a.csv").write_text(f'maxa,soto,sothua,wkt\n20207,1,1,"{squares(1)[0].wkt}"\n')
    return [(p.suffix, p.read_bytes()) for p in [*made, folder / "a.csv"]]


edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=6)), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 6), edits=edits)
def test_any_bytes_are_read_or_refused(
    which: int, edits: list[tuple[float, int, bytes]], seeds: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    suffix, content = [*seeds, (".bin", b""), (".zip", b"PK\x03\x04")][which]
    changed = bytearray(content)
    for where, length, put in edits:
        at = int(where * len(changed))
        changed[at : at + length] = put
    path = tmp_path / f"a{suffix}"
    path.write_bytes(bytes(changed))
    try:
        taken(path, crs=5899)
    except Refused as refused:
        if isinstance(refused, ReaderFailed):
            raise
