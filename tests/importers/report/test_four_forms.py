"""JSON, page, paper and picture say the same of the same findings; the same survey gives the same bytes."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from importers.report.body import body
from importers.report.page import page
from importers.report.paper import phone, typeset
from importers.report.pictures import pictures
from importers.report.wording import SEVERITY_WORDS, STATE_WORDS
from tests.importers.report import survey
from tests.importers.report.reading import Written, bare, once, words, written

SURVEYS = [survey.clean, survey.faulty]


@pytest.fixture(params=SURVEYS, ids=lambda make: make.__name__)
def made(request: pytest.FixtureRequest) -> Written:
    return once(request.param)


def test_the_page_says_what_the_json_says(made: Written) -> None:
    told, shown = made.told, made.page
    articles = list(shown.all("article"))
    assert [a.attributes["id"] for a in articles] == [f"f{f['n']}" for f in told["findings"]]
    for finding, article in zip(told["findings"], articles, strict=True):
        (badge,) = article.all("span", "badge")
        assert badge.text == str(finding["n"])
        assert article.attributes["class"] == finding["severity"]
        for key in ("title_vi", "title_en", "text_vi", "text_en", "law"):
            assert bare(finding[key]) in bare(article.text)
    (state,) = shown.all("div", "state")
    assert all(said in state.text for said in STATE_WORDS[told["state"]])
    (plots,) = shown.all("table", "plots")
    assert len(list(plots.all("tr"))) == len(told["plots"]) + 1


def test_the_paper_says_what_the_json_says(made: Written) -> None:
    told, said = made.told, words(made.pdf)
    assert all(bare(state) in said for state in STATE_WORDS[told["state"]])
    at = said.index("Cácpháthiện") if told["findings"] else 0
    for finding in told["findings"]:  # in order, each behind its number and how grave it is
        head = bare(f"{finding['n']}{SEVERITY_WORDS[finding['severity']][0]}")
        for part in (head, finding["title_vi"], finding["text_vi"], finding["text_en"]):
            at = said.index(bare(part), at)
    assert all(bare(f["sha256"]) in said for f in told["files"])
    for plot in told["plots"]:
        assert bare(f"{plot['number']}{plot['sheet']}{plot['land_use']}") in said


def test_the_picture_says_the_first_of_it() -> None:
    checked = survey.faulty()
    told = body(checked, survey.drawn(checked), survey.about(checked))
    data = phone(told, pictures(checked, survey.drawn(checked), told["findings"]))
    said = words(typeset("phone.typ", data, "pdf"))
    first, rest = told["findings"][:8], told["findings"][8:]
    for finding in first:
        assert bare(f"{finding['n']}{finding['title_vi']}{finding['text_vi']}{finding['text_en']}") in said
    assert f"{len(rest)}mụcnữa" in said
    assert all(bare(f"{n}{SEVERITY_WORDS[s][0]}") in said for s, n in told["counts"]["severity"].items())


def test_the_picture_is_as_wide_as_a_phone(made: Written) -> None:
    assert made.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(made.png[16:20], "big") == 1080


def test_counts_add_up(made: Written) -> None:
    told = made.told
    counts = told["counts"]
    assert sum(counts["severity"].values()) == sum(counts["rule"].values()) == counts["findings"]
    assert counts["findings"] == len(told["findings"])
    named = {n for plot in told["plots"] for n in plot["findings"]}
    assert named == {f["n"] for f in told["findings"] if f["record"] is not None}


def test_a_plot_names_its_findings_and_an_area_to_the_decimetre() -> None:
    told, checked = once(survey.faulty).told, survey.faulty()
    for plot, shape in zip(told["plots"], checked.shapes, strict=True):
        assert plot["area_m2"] == pytest.approx(shape.area, abs=0.051)
        mine = [f["n"] for f in told["findings"] if plot["record"] in (f["record"], f["other"])]
        assert plot["findings"] == mine


def test_places_reach_the_page_and_the_paper_alike() -> None:
    """North first, as X, in all forms."""
    made = once(survey.faulty)
    said = words(made.pdf)
    articles = list(made.page.all("article"))
    for finding, article in zip(made.told["findings"], articles, strict=True):
        if finding["x"] is None:
            assert "Tọa độ" not in article.text
            continue
        swap = str.maketrans(",.", ".,")
        place = "; ".join(f"{finding[key]:,.2f}".translate(swap) for key in ("y", "x"))
        assert place in article.text
        assert bare(place) in said


def test_the_same_survey_gives_the_same_bytes() -> None:
    assert written(survey.faulty(12)) == written(survey.faulty(12))


@pytest.mark.parametrize("seed", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_the_same_bytes_in_another_process_of_another_place(seed: str) -> None:
    code = (
        "import hashlib; from tests.importers.report import survey; from tests.importers.report.reading import written;"
        "w = written(survey.faulty(12)); print(hashlib.sha256(w.json + w.html + w.pdf + w.png).hexdigest())"
    )
    zone = {"PYTHONHASHSEED": seed, "TZ": "America/Lima", "LC_ALL": "C"}
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **zone}, cwd=Path(__file__).parents[3],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = written(survey.faulty(12))
    assert told.stdout.strip() == hashlib.sha256(here.json + here.html + here.pdf + here.png).hexdigest()


def test_one_word_more_is_another_report() -> None:
    checked = survey.faulty(12)
    checked.findings[0] = replace(checked.findings[0], text_vi="Khác.")
    ours, theirs = written(checked), written(survey.faulty(12))
    assert all(getattr(ours, form) != getattr(theirs, form) for form in ("json", "html", "pdf", "png"))


def test_what_is_not_known_is_null_and_said_not_to_be() -> None:
    checked = survey.clean(3)
    checked.epsg = None
    checked.shapes = np.array([None] * 3, dtype=object)
    told = body(checked, survey.drawn(checked), survey.about(checked))
    assert told["zone"] is None
    assert {plot[key] for plot in told["plots"] for key in ("area_m2", "lon_deg", "lat_deg")} == {None}
    assert "chưa rõ · not known" in page(told, pictures(checked, [], []))
