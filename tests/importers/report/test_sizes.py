"""Reports of nothing, of one, of hundreds and of ten thousand: whole, and no larger than a phone can take."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import shapely

from importers.check.checked import Checked
from importers.plots import Plot
from importers.report.page import MOST_FINDINGS, MOST_PLOTS, page
from importers.report.pictures import MOST_CLOSEUPS, Pictures
from importers.report.wording import SEVERITY_WORDS, number
from tests.importers.report import survey
from tests.importers.report.reading import Written, bare, drawing, looks, once, words, written

MB = 1_000_000


def findings(count: int) -> Checked:
    """A survey with that many."""
    checked = survey.faulty()
    checked.findings = (checked.findings * (count // 20 + 1))[:count]
    return checked


def field(count: int, notes: int) -> Checked:
    """That many plots side by side, the first with a note each."""
    checked = survey.clean(1)
    side = int(count**0.5)
    shapes = [
        shapely.box(x, y, x + 12, y + 25)
        for x, y in ((550_000 + k % side * 12, 1_768_000 + k // side * 25) for k in range(count))
    ]
    checked.plots = [
        Plot(f"{k:X}", shape, sheet="7", number=str(k + 1), land_use="ODT") for k, shape in enumerate(shapes)
    ]
    checked.shapes, checked.files, checked.match = np.array(shapes, dtype=object), ["a.dxf"] * count, {}
    note = survey.faulty().findings[-3]
    checked.findings = [
        survey.placed(replace(note, record=p.record), shape.centroid)
        for p, shape in zip(checked.plots[:notes], shapes, strict=False)
    ]
    return checked


def nothing() -> Checked:
    """No plot at all."""
    return survey.clean(0)


def nowhere() -> Checked:
    """Plots whose place is not known, in metres of their own, with findings."""
    checked = survey.faulty(20)
    checked.epsg = None
    checked.findings = [replace(f, lon_deg=None, lat_deg=None) for f in checked.findings]
    return checked


def in_degrees() -> Checked:
    """Plots in degrees of no known system."""
    checked = nowhere()
    checked.shapes = shapely.transform(checked.shapes, lambda xy: xy / 20_000)
    checked.findings = [replace(f, x=None, y=None, extent=None) for f in checked.findings]
    return checked


def whole(made: Written) -> None:
    """The four forms are there and agree on how many findings there are."""
    told = made.told
    count = len(told["findings"])
    assert len(list(made.page.all("article"))) == min(count, MOST_FINDINGS)
    said = words(made.pdf, slice(1))
    assert all(
        bare(f"{SEVERITY_WORDS[s][0]}{SEVERITY_WORDS[s][1]}{number(n, 0)[0]}") in said
        for s, n in told["counts"]["severity"].items()
    )
    assert made.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("count", [0, 1, 50, 500])
def test_any_number_of_findings(count: int) -> None:
    made = written(findings(count))
    whole(made)
    assert len(made.told["findings"]) == count
    assert ("Không có phát hiện nào." in made.page.text) == (count == 0)
    assert bare("Không có phát hiện nào.") in words(made.pdf) or count
    assert len(made.html) < 0.15 * MB + 4_000 * count
    assert len(made.pdf) < 0.5 * MB + 2_000 * count
    assert len(made.png) < 1.5 * MB
    assert len(list(made.page.all("figure"))) <= MOST_CLOSEUPS + 1


@pytest.mark.parametrize("make", [nothing, in_degrees])
def test_where_nothing_can_be_drawn_it_is_said(make: Callable[[], Checked]) -> None:
    made = once(make)
    whole(made)
    assert "Không vẽ được sơ đồ" in made.page.text
    assert bare("Không vẽ được sơ đồ") in words(made.pdf)
    assert not list(made.page.all("figure"))


def test_without_a_zone_plots_and_places_are_drawn_as_the_file_has_them() -> None:
    made = once(nowhere)
    whole(made)
    assert made.told["zone"] is None
    assert {f["lon_deg"] for f in made.told["findings"]} == {None}
    figures = list(made.page.all("figure"))
    assert len(figures) > 3
    assert all("Tọa độ của tệp" in f.text for f in figures)
    assert "chưa rõ · not known" in made.page.text
    assert "1:" not in "".join(f.text for f in figures)


@pytest.mark.slow
def test_ten_thousand_plots() -> None:
    made = written(field(10_000, 1_200))
    whole(made)
    assert len(made.told["plots"]) == 10_000
    (plots,) = made.page.all("table", "plots")
    assert len(list(plots.all("tr"))) == min(10_000, MOST_PLOTS) + 1
    said = words(made.pdf, slice(1, 3))
    assert bare("1.000 mục đầu trong 1.200") in said
    assert len(made.json) < 6 * MB
    assert len(made.html) < 5 * MB
    assert len(made.pdf) < 3 * MB
    assert len(made.png) < 1.5 * MB


def test_a_page_of_too_many_findings_says_that_there_are_more() -> None:
    told = once(survey.faulty).told
    told["findings"] = told["findings"] * (MOST_FINDINGS // 20 + 1)
    said = page(told, Pictures())
    assert said.count("<article") == MOST_FINDINGS
    assert "Ở đây chỉ có 5.000 mục đầu trong 5.020" in said
    assert "Only the first 5,000 of 5,020 findings" in said


def test_outlines_of_many_corners_are_thinned() -> None:
    """What print cannot show is not written."""
    checked = survey.clean(1)
    turn = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    circle = np.column_stack((550_000 + 40 * np.cos(turn), 1_768_000 + 40 * np.sin(turn)))
    checked.shapes = np.array([shapely.Polygon(circle)], dtype=object)
    made = written(checked)
    assert len(made.html) < 0.2 * MB
    (figure,) = made.page.all("figure")
    assert figure.text
    start = made.html.index(b"<svg xmlns")
    picture = drawing(made.html[start : made.html.index(b"</svg>", start) + 6].decode())
    (outline,) = looks(picture, "path", "plots")
    assert 50 < outline.get("d", "").count(" ") < 2_000
