"""Folders for files of others: gone when done, and when whoever made them was killed."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from importers.scratch import scratch

KEEPER = """
import sys
from importers.scratch import scratch
with scratch() as folder:
    (folder / "thua.csv").write_text("Tôn Nữ Thị Bí Mật")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def keeper() -> tuple["subprocess.Popen[str]", Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_lives_as_long_as_it_is_used(place: Path) -> None:
    process, folder = keeper()
    with scratch() as mine:
        assert (folder / "thua.csv").exists(), "another process is at work there"
        assert mine != folder
        assert mine.stat().st_mode & 0o777 == 0o700
    process.communicate("")
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(place: Path) -> None:
    process, folder = keeper()
    process.kill()
    process.communicate()
    assert (folder / "thua.csv").exists()
    with scratch() as mine:
        assert list(place.iterdir()) == [mine]


def test_nothing_else_is_removed(place: Path) -> None:
    (place / "diachinh-read-file").write_text("a file")
    (place / "elsewhere").mkdir()
    (place / "elsewhere/kept").write_text("kept")
    (place / "diachinh-read-link").symlink_to(place / "elsewhere")
    with scratch():
        pass
    assert (place / "elsewhere/kept").exists()
    assert (place / "diachinh-read-file").exists()
