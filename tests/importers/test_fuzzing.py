"""What fuzzing calls a crash is seen as one, in the process that reads and in the one that watches it."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench._fuzz_markup import changed
from tests.bench._fuzz_target import joined, parts_of
from tests.bench.fuzz import _Reader

ROOT = Path(__file__).parents[2]
# A reader with a fault, in the place of the one for GSI.
RUN = """
import sys, os, time
from pathlib import Path
from tests.bench import _fuzz_target as target
target.INPUT_SECONDS = 1
from importers.points import gsi
from importers.plots import Drawn
def read(source, how):
{fault}
gsi.read = read
target.main("gsi", Path({folder!r}), 60.0, [Path({file!r})])
"""
FINDING = "    from geo.finding import Finding\n    return Drawn('a', 'gsi', findings=[Finding('r', 'note', {!r}, 'en')])"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("    return Drawn('a', 'gsi')", None),
        ("    from importers.errors import BrokenFile\n    raise BrokenFile('vi', 'en')", None),
        (FINDING.format("vi"), None),
        (FINDING.format(" "), "Wordless"),
        ("    from importers.errors import BrokenFile\n    raise BrokenFile('', 'en')", "BrokenFile"),
        ("    raise IndexError", "IndexError"),
        ("    raise MemoryError", "MemoryError"),
        ("    return read(source, how)", "RecursionError"),
        ("    bytearray(3 << 30)", "MemoryError"),
        ("    os.abort()", "ended with"),
        ("    os._exit(3)", "ended with 3"),
        ("    while True: pass", "over 30 s of CPU"),
    ],
)
def test_a_fault_is_told(tmp_path: Path, fault: str, said: str | None) -> None:
    (tmp_path / "crashes").mkdir()
    (tmp_path / "log").touch()
    file = tmp_path / "input"
    file.write_text("*110001+0000000000000001 81..00+0000000000100000 82..00+0000000000200000 \n")
    run = RUN.format(fault=fault, folder=str(tmp_path), file=str(file))
    reader = _Reader("gsi", tmp_path, 60.0)
    reader.process = subprocess.Popen([sys.executable, "-c", run], cwd=ROOT, stderr=subprocess.DEVNULL)
    reader.process.wait()
    assert reader.turned()
    assert reader.told().came == (0 if said and ("ended" in said or "over" in said) else 1)
    crashes = reader.crashes()
    assert len(crashes) == (said is not None)
    assert said is None or crashes[0].startswith(said)


def test_parts_come_apart_as_they_were_joined() -> None:
    parts = [("a.shp", b"\x00\n"), ("a.dbf", b""), ("xl/b.xml", b"--8<-- \n")]
    assert parts_of(joined(parts)) == parts
    assert parts_of(b"no parts") == []


@given(st.integers(0, 2**32 - 1))
def test_changed_xml_is_xml_or_is_meant_not_to_be(seed: int) -> None:
    text = '<?xml version="1.0"?><a><b c="đ">12</b><d/><e f="1" g="2">tờ <h>7</h></e></a>'.encode()
    calls = []

    def mutate(data: bytes, most_bytes: int) -> bytes:
        calls.append(data)
        return data[::-1] + b'<&">\x00'

    made = changed(text, 500, seed, mutate)
    assert len(made) <= 500
    if text not in calls:
        ET.fromstring(made)
