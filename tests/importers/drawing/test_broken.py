"""Broken drawings are read as far as they go and say so, or are refused: never a traceback."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.drawing import dgn, dxf
from importers.errors import Refused
from importers.plots import Drawn, How
from tests.importers.drawing.sheets import document, draw, lines, numbers, saved, source
from tests.importers.drawing.test_dgn import town
from tests.importers.parcels import data

_FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def _dxf(form: str) -> bytes:
    import tempfile

    parcels = draw("AAB\nACB\nCCB")
    with tempfile.TemporaryDirectory() as folder:
        made = numbers(lines(document(), parcels), parcels)
        return saved(made, Path(folder), fmt=form).read_bytes()


def outcome(content: bytes, folder: Path, kind: str) -> Drawn | Refused:
    path = folder / f"a.{kind}"
    path.write_bytes(content)
    try:
        return (dxf if kind == "dxf" else dgn).read(source(path, kind), How())
    except Refused as error:
        refused = error
    assert refused.text_vi
    return refused


def told(result: Drawn | Refused) -> bool:
    """Whether the file's author learns that it is not whole."""
    return isinstance(result, Refused) or any(f.rule == "incomplete_file" for f in result.findings)


@pytest.mark.parametrize("form", ["asc", "bin", "dgn"])
@pytest.mark.parametrize("tenth", range(10))
def test_a_file_cut_short_is_told(tmp_path: Path, form: str, tenth: int) -> None:
    whole = town().bytes() if form == "dgn" else _dxf(form)
    assert told(outcome(whole[: len(whole) * tenth // 10], tmp_path, "dgn" if form == "dgn" else "dxf"))


def test_what_was_read_before_the_cut_is_there(tmp_path: Path) -> None:
    whole = _dxf("asc")
    end = whole.index(b"TEXT", whole.index(b"ENTITIES")) + 20
    result = outcome(whole[:end], tmp_path, "dxf")
    assert isinstance(result, Drawn)
    assert len(result.plots) == 3
    assert [f.text_en for f in result.findings if f.rule == "incomplete_file"] == [
        "The DXF is incomplete, its end mark (EOF) is missing: 18 of 19 entities were read."
    ]


@pytest.mark.parametrize("form", ["asc", "bin", "dgn"])
@_FEW
@given(bits=st.data())
def test_flipped_bits(tmp_path: Path, form: str, bits: st.DataObject) -> None:
    broken = bytearray(town().bytes() if form == "dgn" else _dxf(form))
    for at in bits.draw(st.lists(st.integers(0, len(broken) * 8 - 1), min_size=1, max_size=8)):
        broken[at // 8] ^= 1 << at % 8
    outcome(bytes(broken), tmp_path, "dgn" if form == "dgn" else "dxf")


def test_malformed_samples(tmp_path: Path) -> None:
    samples = sorted(data("malformed_samples").glob("ezdxf_*.dxf"))
    assert len(samples) == 7
    for sample in samples:
        outcome(sample.read_bytes(), tmp_path, "dxf")


@pytest.mark.parametrize(
    "entity",
    [
        "SPLINE\n8\n10\n71\n1000000\n72\n5\n73\n5\n",
        "SPLINE\n8\n10\n71\n3\n40\n1e308\n40\n-1e308\n10\n1e308\n20\nnan\n",
        "ARC\n8\n10\n10\n0\n20\n0\n40\n1e300\n50\n0\n51\n180\n",
        "CIRCLE\n8\n10\n10\n0\n20\n0\n40\n-inf\n",
        "ELLIPSE\n8\n10\n10\n0\n20\n0\n11\n0\n21\n0\n40\n0\n",
        "LWPOLYLINE\n8\n10\n90\n3\n70\n1\n10\n0\n20\n0\n42\n1e300\n10\n1\n20\n1\n42\nnan\n10\n2\n20\n0\n",
        "TEXT\n8\n13\n10\n0\n20\n0\n40\n-1e309\n1\n1\n",
        "MTEXT\n8\n13\n10\n0\n20\n0\n40\n1\n1\n" + "{\\H" * 80 + "\n",
        "INSERT\n8\n10\n2\nnone\n10\n0\n20\n0\n70\n30000\n71\n30000\n",
        "LINE\n8\n10\n10\n0\n20\n0\n",
    ],
)
def test_impossible_values(tmp_path: Path, entity: str) -> None:
    good = "LWPOLYLINE\n8\n10\n90\n3\n70\n1\n10\n0\n20\n0\n10\n10\n20\n0\n10\n10\n20\n10\n"
    text = f"0\nSECTION\n2\nENTITIES\n0\n{entity}0\n{good}0\nENDSEC\n0\nEOF\n"
    result = outcome(text.encode(), tmp_path, "dxf")
    if isinstance(result, Drawn):
        assert any(p.shape is not None and p.shape.area == 50 for p in result.plots)
