"""The guides: what they link to is there, both languages have the same, and the examples run as they stand."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.api.surveying import town
from tests.conftest import Clone, Serve

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *CHECKOUT.glob("*.md")])
GUIDES = {"surveyor.md", "editor.md", "approver.md", "office.md", "integrator.md"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """What a page links to within the checkout."""
    text = BLOCK.sub("", page.read_text())
    return [one for one in LINK.findall(text) if not re.match(r"[a-z]+:|#", one)]


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def broken(page: Path) -> list[str]:
    return [one for one in links(page) if not (page.parent / one.partition("#")[0]).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_what_a_page_links_to_is_there(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](gone.md) [b](https://example.org/x) ![c](#here)\n```\n[d](code.md)\n```\n")
    assert broken(page) == ["gone.md"]


def test_every_guide_is_there_in_both_languages_with_the_same_pictures() -> None:
    for language in ("vi", "en"):
        assert {page.name for page in (DOCS / language).iterdir()} == GUIDES
    for name in GUIDES | {"../../README"}:
        vi, en = DOCS / "vi" / name, DOCS / "en" / name
        if name.endswith("README"):
            vi, en = CHECKOUT / "README.vi.md", CHECKOUT / "README.md"
        # the two READMEs lead to each other and each to its own guides; all else is the same
        told = [
            [re.sub(r"(docs/)(vi|en)/|README(\.vi)?\.md", r"\1", one) for one in links(page)]
            for page in (vi, en)
        ]
        assert told[0] == told[1], name
        kinds = [[kind for kind, _ in blocks(page)] for page in (vi, en)]
        assert kinds[0] == kinds[1], name


def test_pictures_are_small() -> None:
    big = {one.name: one.stat().st_size for one in (DOCS / "pictures").glob("*-*.png")}
    assert big
    assert {name: size for name, size in big.items() if size > 250_000} == {}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_integrator_s_examples_run_as_they_stand(
    clone: Clone, serve: Serve, tmp_path: Path, language: str
) -> None:
    script = "".join(code for kind, code in blocks(DOCS / language / "integrator.md") if kind == "sh")
    with town(clone) as conninfo, serve(conninfo) as served:
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=os.environ | {"BASE": served.url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    assert '"found_by":"keyboard"' in ran.stdout.replace(
        " ", ""
    )  # the code that a Vietnamese keyboard spoilt
    assert re.search(r"\b1 (chỉnh lý|corrections);", ran.stdout)  # one so far: the import
