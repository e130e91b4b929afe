"""Drawings that broke a reader while it was fuzzed, each cut down to what did it: read as far as they go, or refused."""

import struct
from pathlib import Path

import pytest

from importers.plots import Drawn
from tests.importers.drawing import v7
from tests.importers.drawing.sheets import rules
from tests.importers.drawing.test_broken import outcome

X, Y = 548_000.0, 1_778_000.0
CHAIN, RING = 12, 14


def complex_of(kind: int, *chains: list[v7.Point]) -> bytes:
    """A shape of 10 m by 10 m, and a complex element of these chains (also of none or one corner)."""
    made = v7.V7().shape([(X + 30, Y), (X + 40, Y), (X + 40, Y + 10), (X + 30, Y + 10)])
    made.element(kind, 10, struct.pack("<HH", 0, len(chains)), [(X, Y)])
    for chain in chains:
        made.string(chain, part=True) if chain else made.element(4, 10, bytes(2), [(X, Y)], part=True)
    return made.bytes()


@pytest.mark.parametrize("kind", [CHAIN, RING])
@pytest.mark.parametrize(
    "chains",
    [
        [[], [(X, Y), (X + 10, Y)]],
        [[(X, Y), (X + 10, Y)], []],
        [[(X, Y)], [(X, Y)]],
        [[(X, Y), (X, Y)], [(X, Y), (X, Y)]],
    ],
)
def test_a_complex_element_with_parts_of_no_length(
    tmp_path: Path, kind: int, chains: list[list[v7.Point]]
) -> None:
    drawn = outcome(complex_of(kind, *chains), tmp_path, "dgn")
    assert isinstance(drawn, Drawn)
    assert [p.shape.area for p in drawn.plots if p.shape is not None] == [pytest.approx(100)]
    assert "not_read" in rules(drawn)


def test_an_entity_of_no_known_kind_in_a_file_that_is_mended(tmp_path: Path) -> None:
    line = "LINE\n8\n10\n10\n{}\n20\n0\n11\n{}\n21\n0\n0\n"
    text = f"0\nSECTION\n2\nENTITIES\n0\n{line.format(0, 5)}ODD thing\n0\n{line.format(5, 9)}ENDSEC\n0\nEOF\n"
    drawn = outcome(text.encode(), tmp_path, "dxf")
    assert isinstance(drawn, Drawn)
    assert drawn.counts["level 10 LINE"] == 2


def test_a_layout_that_stands_in_the_place_of_its_block(tmp_path: Path) -> None:
    text = (
        "9\n$ACADVER\n1\nAC1015\n0\nSECTION\n2\nTABLES\n0\nBLOCK_RECORD\n5\n1E\n2\n*Paper_Space\n0\nSECTION\n2\nOBJECTS\n"
        "0\nDICTIONARY\n3\nACAD_LAYOUT\n350\nD\n0\nDICTIONARY\n5\nD\n3\nModel\n3\nLayout1\n350\n1E\n0\nLAYOUT\n5\n1E\n"
        "100\nAcDbPlotSettings\n100\nAcDbLayout\n1\nLayout1\n100\nDictionaryVariables\n0\nENDSEC\n"
    )
    assert not isinstance(outcome(text.encode(), tmp_path, "dxf"), Drawn)


def test_an_attribute_that_its_drawing_has_dropped(tmp_path: Path) -> None:
    text = (
        "0\nSECTION\n2\nBLOCKS\n0\nBLOCK\n2\nB\n0\nATTDEF\n0\nENDBLK\n0\nSECTION\n2\nENTITIES\n"
        "0\nINSERT\n66\n1\n2\nB\n0\nATTRIB\n0\nPOINT\n"
    )
    outcome(text.encode(), tmp_path, "dxf")
