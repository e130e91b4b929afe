"""What is wrong is told with the line it stands in, whatever stands before it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.importers.points.files import read

N0, E0 = 1_777_000.0, 544_000.0
FORMS = {
    "points": ("Thửa,Điểm,X,Y", "1,{name},{north:.3f},{east:.3f}", "1,{name},{north:.3f},?"),
    "gsi": (
        "",
        "*110001+{name:0>16} 81..06+{east_t:016} 82..06+{north_t:016}",
        "*110001+{name:0>16} 81..06+{east_t:016} 82..06+00000000?0000000",
    ),
    "sdr33": (
        "00NMSDR33 V04-04.02     15-Jan-26 08:00 113111",
        "08TP{name:>16}{north:<16.8f}{east:<16.8f}{zero:<16.8f}",
        "08TP{name:>16}{north:<16.8f}{word:<16}{zero:<16.8f}",
    ),
    "nikon": ("CO,Nikon RAW data format V2.00", "MP,{name},,{north:.3f},{east:.3f},0.0,X", "MP,{name},,{north:.3f},?,0.0,X"),
    "rw5": (
        "JB,NMA,DT01-15-2026,TM08:00:00\nMO,AD0,UN1,SF1.0,EC1,EO0.0,AU0",
        "SP,PN{name},N {north:.3f},E {east:.3f},EL0.0,--X",
        "SP,PN{name},N {north:.3f},E ?,EL0.0,--X",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@settings(max_examples=15)
@given(count=st.integers(5, 20), bad=st.sets(st.integers(0, 19), min_size=1, max_size=3))
def test_the_line_that_is_wrong_is_named(
    tmp_path_factory: pytest.TempPathFactory, kind: str, end: str, count: int, bad: set[int]
) -> None:
    head, good, wrong = FORMS[kind]
    lines = head.splitlines()
    expected = []
    for i in range(count):
        north, east = N0 + i, E0 + 2 * i
        told = {"north_t": int(north * 10_000), "east_t": int(east * 10_000), "word": "?", "zero": 0.0}
        lines.append((wrong if i in bad else good).format(name=str(100 + i), north=north, east=east, **told))
        if i in bad:
            expected.append(f"dòng {len(lines)}")
    drawn = read(tmp_path_factory.getbasetemp(), end.join(lines) + end, kind)
    assert list(dict.fromkeys(f.record for f in drawn.findings if f.rule == "bad_line")) == expected
    kept = len(drawn.points) + sum(len(p.corners) for p in drawn.plots)
    assert kept == count - len(expected)


def test_a_point_with_two_places_names_both_lines(tmp_path: Path) -> None:
    text = f"MP,1,,{N0},{E0},0,X\nMP,2,,{N0},{E0 + 5},0,X\nMP,1,,{N0 + 3},{E0 + 4},0,X\n"
    drawn = read(tmp_path, f"CO,Nikon RAW data format V2.00\n{text}", "nikon")
    (moved,) = [f for f in drawn.findings if f.rule == "duplicate_point"]
    assert (moved.record, moved.other, moved.width_m) == ("dòng 4", "dòng 2", 5.0)
