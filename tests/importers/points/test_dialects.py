"""One list of corners, however a spreadsheet writes it, gives the same plots."""

import io
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.plots import How
from tests.importers.points.files import read, rings, told

N0, E0 = 1_777_000.0, 544_000.0
HEADERS = {
    "vi": {"point": "Tên điểm", "north": "X(m)", "east": "Y(m)", "height": "H(m)", "code": "Mã", "parcel": "Thửa"},
    "en": {"point": "Name", "north": "Northing", "east": "Easting", "height": "Elevation", "code": "Code", "parcel": "Parcel"},
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """How a list is written. `plots`: what tells one plot's corners from the next's."""

    separator: str
    decimal: str
    order: tuple[str, ...]
    header: str | None
    plots: str
    newline: str
    encoding: str
    closed: bool


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    separator = draw(st.sampled_from([",", ";", "\t", " ", "  ", ", ", " ; "]))
    decimal = draw(st.sampled_from([".", ","])) if "," not in separator else "."
    plots = draw(st.sampled_from(["column", "titles", "blanks"]))
    pair = draw(st.permutations(["north", "east"]))
    order = ["point", *pair, *draw(st.sampled_from([[], ["height"], ["height", "code"]]))]
    header = draw(st.sampled_from(["vi", "en", None]))
    if plots == "column":
        order.insert(0, "parcel")
    newline = draw(st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return Dialect(separator, decimal, tuple(order), header, plots, newline, encoding, draw(st.booleans()))


@st.composite
def parcels(draw: st.DrawFn) -> list[list[tuple[float, float]]]:
    """Two to four plots of three to six corners, (east, north) in whole millimetres."""
    made = []
    for index in range(draw(st.integers(2, 4))):
        count = draw(st.integers(3, 6))
        offsets = draw(
            st.lists(
                st.tuples(st.integers(1, 40_000), st.integers(1, 40_000)),
                min_size=count,
                max_size=count,
                unique=True,
            )
        )
        made.append([(E0 + 50 * index + a / 1000, N0 + b / 1000) for a, b in offsets])
    return made


def rows(plots: list[list[tuple[float, float]]], d: Dialect) -> list[list[str]]:
    """Cells of each line; a title is a line of one cell, a blank line has none."""
    out: list[list[str]] = [[HEADERS[d.header][f] for f in d.order]] if d.header else []
    for index, plot in enumerate(plots):
        if d.plots == "titles":
            out.append([f"Thửa đất số: {index + 7}, tờ bản đồ số 5"])
        elif d.plots == "blanks" and index:
            out.append([])
        corners = [*enumerate(plot, 1), *([(1, plot[0])] if d.closed else [])]
        for number, (east, north) in corners:
            value = {
                "point": f"M{number}", "north": f"{north:.3f}".replace(".", d.decimal), "height": f"5{d.decimal}250",
                "east": f"{east:.3f}".replace(".", d.decimal), "code": "MOC", "parcel": str(index + 7),
            }  # fmt: skip
            out.append([value[f] for f in d.order])
    return out


@settings(max_examples=150)
@given(plots=parcels(), d=dialects())
def test_every_dialect_gives_the_same_plots(
    tmp_path_factory: pytest.TempPathFactory, plots: list[list[tuple[float, float]]], d: Dialect
) -> None:
    text = d.newline.join(d.separator.join(cells) for cells in rows(plots, d)) + d.newline
    folder = tmp_path_factory.getbasetemp()
    assert told(text.encode(d.encoding)) == "points"
    drawn = read(folder, text.encode(d.encoding))
    numbers = [None if d.plots == "blanks" else str(i + 7) for i in range(len(plots))]
    assert rings(drawn) == [
        (n, [(round(x, 3), round(y, 3)) for x, y in p]) for n, p in zip(numbers, plots, strict=True)
    ]
    assert [p.corners for p in drawn.plots] == [tuple(f"M{i + 1}" for i in range(len(p))) for p in plots]
    # Without a header the order is told where it is not that of Vietnamese papers: X, north, first.
    east_first = d.header is None and d.order.index("east") < d.order.index("north")
    assert [f.rule for f in drawn.findings] == ["swapped_axes"] * east_first
    assert [p.sheet for p in drawn.plots] == ["5" if d.plots == "titles" else None] * len(plots)
    assert drawn.axes == ("east_north" if d.header == "en" else "guessed")


@settings(max_examples=25)
@given(plots=parcels(), d=dialects())
def test_a_workbook_gives_what_its_text_gives(
    tmp_path_factory: pytest.TempPathFactory, plots: list[list[tuple[float, float]]], d: Dialect
) -> None:
    book = openpyxl.Workbook()
    for cells in rows(plots, d):
        numbers = [
            float(c.replace(",", ".")) if c[:1].isdigit() and len(c) > 4 and len(cells) > 1 else c
            for c in cells
        ]
        book.active.append(numbers or [None])
    content = io.BytesIO()
    book.save(content)
    assert told(content.getvalue(), ".xlsx") == "xlsx"
    folder = tmp_path_factory.getbasetemp()
    drawn = read(folder, content.getvalue(), "xlsx")
    text = "\n".join("\t".join(cells) for cells in rows(plots, d))
    plain = read(folder, text)
    assert rings(drawn) == rings(plain)
    assert [f.rule for f in drawn.findings] == [f.rule for f in plain.findings]
    assert [p.record.split(" (")[1] for p in drawn.plots] == [
        f"Sheet, {p.record.split(' (')[1]}" for p in plain.plots
    ]


LOCAL = """Thửa 12
A;100,25;200,5
B;100,25;240,5
C;130,75;240,5
Diện tích: 1.220,0 m2
Thửa 13
1;10,0;20,0
2;10,0;40,0
3;30,0;40,0
"""


def test_numbers_that_do_not_tell_are_x_north_y_east_and_said(tmp_path: Path) -> None:
    drawn = read(tmp_path, LOCAL)
    assert rings(drawn)[0] == ("12", [(200.5, 100.25), (240.5, 100.25), (240.5, 130.75)])
    assert drawn.plots[0].record == "Thửa 12 (dòng 1–4)"
    assert drawn.plots[0].told_area_m2 == 1220.0
    assert [(f.rule, f.severity) for f in drawn.findings] == [("no_place", "note")]
    assert drawn.axes == "guessed"


def test_the_user_overrules_the_order(tmp_path: Path) -> None:
    drawn = read(tmp_path, LOCAL, how=How(axes="east_north", sheet="4"))
    assert rings(drawn)[0] == ("12", [(100.25, 200.5), (100.25, 240.5), (130.75, 240.5)])
    assert (drawn.axes, drawn.plots[0].sheet, drawn.findings) == ("east_north", "4", [])


def test_x_and_y_of_a_gis_program_are_read_by_their_size_and_said(tmp_path: Path) -> None:
    drawn = read(tmp_path, f"Thua,Ten,X,Y\n1,a,{E0},{N0}\n1,b,{E0 + 9},{N0}\n1,c,{E0},{N0 + 9}\n")
    assert rings(drawn) == [("1", [(E0, N0), (E0 + 9, N0), (E0, N0 + 9)])]
    assert [(f.rule, f.severity) for f in drawn.findings] == [("swapped_axes", "note")]


def test_degrees_are_known_for_what_they_are(tmp_path: Path) -> None:
    drawn = read(
        tmp_path,
        "p,lat,lon\n1,16.081,108.171\n2,16.082,108.171\n3,16.082,108.172\n".replace("lat,lon", "X,Y"),
    )
    assert drawn.unit_m is None
    assert drawn.points[0][1:3] == (108.171, 16.081)


def test_a_receiver_s_name_code_n_e_h(tmp_path: Path) -> None:
    drawn = read(
        tmp_path,
        f"P1,R4,{N0},{E0},3.2\nP2,R4,{N0 + 9},{E0},3.2\nP3,R4,{N0},{E0 + 8},3.1\nP4,TD,{N0},{E0 + 5},3.1\n",
    )
    assert rings(drawn) == [("4", [(E0, N0), (E0, N0 + 9), (E0 + 8, N0)])]
    assert drawn.points == [("P4", E0 + 5, N0, "TD")]


def test_corners_listed_by_name(tmp_path: Path) -> None:
    grid = "".join(f"G{i}{j} {N0 + 10 * i} {E0 + 10 * j}\n" for i in range(2) for j in range(3))
    drawn = read(
        tmp_path, f"{grid}Thửa 1: G00, G01, G11, G10\nThửa 2: G01-G02-G12-G11\nThửa 3: G00, G99, G12, G02\n"
    )
    assert [n for n, _ in rings(drawn)] == ["1", "2", "3"]
    assert rings(drawn)[1][1] == [(E0 + 10, N0), (E0 + 20, N0), (E0 + 20, N0 + 10), (E0 + 10, N0 + 10)]
    assert [(f.rule, f.record) for f in drawn.findings] == [("unknown_point", "dòng 9")]
    assert "G99" in drawn.findings[0].text_vi
