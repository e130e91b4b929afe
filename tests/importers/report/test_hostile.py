"""What stands in files stays words: never markup, script, typst code or a character that cannot be seen."""

import re
import unicodedata
from copy import deepcopy
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.report.body import body
from importers.report.page import page
from importers.report.paper import pdf
from importers.report.picture import Picture
from importers.report.pictures import Pictures
from importers.report.telling import facts
from importers.report.wording import shown
from tests.importers.report import survey
from tests.importers.report.reading import Node, bare, once, tree, words

ANY = st.text(st.characters(exclude_categories=[]), max_size=60)
SHARP = st.text(st.sampled_from("<>&\"'#$*_`@/\\[]{}()=;:-~^|% \nặĐe1²\u200b\u202e\x00\x1b"), max_size=60)
TEXTS = (
    "text_vi",
    "text_en",
    "title_vi",
    "title_en",
    "record",
    "other",
    "repair_vi",
    "repair_en",
    "law",
)


def test_the_page_of_a_hostile_survey() -> None:
    shown_page = once(survey.hostile).page
    tags = {node.tag for node in shown_page.all()}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "form", "foreignObject", "base"}
    for node in shown_page.all():
        assert not [key for key in node.attributes if key.startswith("on") or key == "style"]
    text = shown_page.text
    assert "<script>alert(1)</script>" in text
    assert "</svg></style></script><img src=x onerror=alert(1)>" in text
    assert "‹202E›đảo‹202C›" in text
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c != "\n"]


def test_the_paper_of_a_hostile_survey() -> None:
    said = words(once(survey.hostile).pdf)
    for literal in (
        '#eval("1")*đậm*$x$@ref<label>`raw`//\\[',
        "]]>&amp;<![CDATA[",
        "<script>alert(1)</script>",
    ):
        assert literal in said


def test_the_json_of_a_hostile_survey_keeps_what_the_file_said() -> None:
    told = once(survey.hostile).told
    kept = [bad.encode("utf-8", "replace").decode() for bad in survey.HOSTILE]
    assert {f["text_vi"] for f in told["findings"]} == set(kept)


def skeleton(node: Node) -> list[Any]:
    """The markup without its words."""
    return [(n.tag, n.attributes) for n in node.all()]


@cache
def plain() -> dict[str, Any]:
    checked = survey.faulty(3)
    told = body(checked, survey.drawn(checked), survey.about(checked))
    told["findings"] = told["findings"][:2]
    told["plots"] = told["plots"][:1]
    return told


def filled(text: str) -> dict[str, Any]:
    """A report that bears the text wherever a file can have put words; two that differ, as equal ones are said once."""
    told = deepcopy(plain())
    for finding in told["findings"]:
        finding.update(dict.fromkeys(TEXTS, f"v{text}"))
        finding.update({key: f"e{text}" for key in TEXTS if key.endswith("_en")})
    for plot in told["plots"]:
        plot.update(dict.fromkeys(("record", "sheet", "number", "land_use", "code", "match"), f"v{text}"))
    told["files"][0].update(name=f"v{text}", format=f"v{text}", encoding=f"v{text}", counts={f"v{text}": 1})
    told.update(commune_name=f"v{text}", zone=f"v{text}", survey=f"v{text}", accepted=[f"v{text}"])
    told["proposals"][0].update(key=f"v{text}", text_vi=f"v{text}", text_en=f"e{text}")
    told["left"][0].update(title_vi=f"v{text}", title_en=f"e{text}", text_vi=f"v{text}", text_en=f"e{text}")
    return told


@given(SHARP | ANY)
def test_no_words_change_the_markup(text: str) -> None:
    written = page(filled(text), Pictures())
    written.encode()
    read = tree(written)
    assert skeleton(read) == skeleton(tree(page(filled(""), Pictures())))
    assert shown(f"v{text}") in next(read.all("article")).text


@settings(max_examples=25)
@given(SHARP | ANY)
def test_no_words_stop_the_paper(text: str) -> None:
    assert pdf(filled(text), Pictures()).startswith(b"%PDF-")


@settings(max_examples=25)
@given(st.text(st.sampled_from("<>&\"'#$*_`@/\\[]{}()=;:~^|% ặĐe1²"), max_size=60))
def test_the_paper_says_the_words_themselves(text: str) -> None:
    assert bare(f"v{text}") in words(pdf(filled(text), Pictures()))


@given(SHARP | ANY)
def test_no_words_change_a_picture(text: str) -> None:
    picture = Picture("a", 10, 10, text)
    picture.text(1, 2, text, 3)
    read = ElementTree.fromstring(picture.svg())
    assert [e.tag.split("}")[1] for e in read.iter()] == ["svg", "title", "defs", "text"]
    assert (read[0].text or "", read[2].text or "") == (shown(text), shown(text))


@given(ANY)
def test_shown_words_are_seen(text: str) -> None:
    said = shown(text)
    assert len(said.splitlines()) <= 1
    assert not [c for c in said if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", said)
    assert shown(said) == said


@given(ANY, st.integers(1, 30))
def test_shown_words_are_cut(text: str, most: int) -> None:
    # What cannot be seen is told by its number, of eight letters at most.
    assert len(shown(text, most)) <= 8 * most


@pytest.mark.parametrize("record", [*survey.HOSTILE, "x" * 10_000])
def test_facts_are_short(record: str) -> None:
    told = plain()["findings"][0] | {
        "record": record,
        "other": record,
        "width_m": float("nan"),
        "size_m2": 1e300,
    }
    assert all(len(said) < 2100 for fact in facts(told) for said in fact)
