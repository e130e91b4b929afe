"""The page stands by itself: nothing is fetched, nothing runs, each word says in which language it is."""

import re
from collections.abc import Callable

import pytest

from importers.check.checked import Checked
from importers.report.page import policy
from tests.importers.report import survey
from tests.importers.report.reading import Node, once

SURVEYS = [survey.clean, survey.faulty, survey.hostile]


@pytest.fixture(params=SURVEYS, ids=lambda make: make.__name__)
def page(request: pytest.FixtureRequest) -> Node:
    return once(request.param).page


def test_nothing_is_fetched(page: Node) -> None:
    ids = [n.attributes["id"] for n in page.all() if "id" in n.attributes]
    assert len(set(ids)) == len(ids)
    for node in page.all():
        for key, value in node.attributes.items():
            assert "//" not in value or key in ("xmlns", "content"), (node.tag, key, value)
            for target in [value] if key in ("href", "src", "xlink:href", "data", "srcset", "action") else []:
                assert target.startswith("#"), target
                assert target[1:] in ids
            for target in re.findall(r"url\(([^)]*)\)", value):
                assert target.startswith("#"), target
                assert target[1:] in ids
    (style,) = page.all("style")
    assert not re.search(r"url\(|@import|expression", style.text)


def test_nothing_runs(page: Node) -> None:
    tags = {node.tag for node in page.all()}
    assert not tags & {"script", "object", "embed", "iframe", "form", "animate", "set", "link", "base"}
    assert not [key for node in page.all() for key in node.attributes if key.startswith("on")]


def test_a_browser_is_told_to_run_nothing(page: Node) -> None:
    (rule,) = (n.attributes["content"] for n in page.all("meta") if "http-equiv" in n.attributes)
    assert rule == policy()
    assert rule.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in rule


def test_each_word_says_its_language(page: Node) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "vi"
    for node in page.all():
        looks = node.attributes.get("class", "").split()
        assert ("en" in looks) == (node.attributes.get("lang") == "en"), node.attributes
    for head in page.all("h2"):
        assert [n.attributes["class"] for n in head.all("span")] == ["vi", "en"]


@pytest.mark.parametrize("make", [survey.faulty, survey.hostile])
def test_each_finding_is_one_step_from_the_plan_and_its_kind(make: Callable[[], Checked]) -> None:
    made = once(make)
    targets = [a.attributes["href"] for a in made.page.all("a")]
    for finding in made.told["findings"]:
        assert f"#f{finding['n']}" in targets


def test_pictures_have_titles_and_icons_are_hidden(page: Node) -> None:
    for svg in page.all("svg"):
        named = [n.tag for n in svg.inside if isinstance(n, Node)][:1] == ["title"]
        assert named == (svg.attributes.get("role") == "img")
        assert named != (svg.attributes.get("aria-hidden") == "true")
