"""The page of a report as a phone and a desk show it: by itself, within the screen, in the language asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from importers.check.checked import Checked
from tests.importers.report import survey
from tests.importers.report.reading import once

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
# Whatever reaches beyond the screen, those within a table that scrolls by itself left out.
_OUTSIDE = """() => [...document.querySelectorAll('body *')].filter(e =>
    !e.closest('.scroll, svg') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 200))"""


_COLOURS = """() => [...document.querySelectorAll('h1, article p, td, .badge.explain, svg text.number')].map(e =>
    e.closest('svg') ? getComputedStyle(e).fill : getComputedStyle(e).color)"""


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Callable[[Callable[[], Checked]], Page]:
    """Opens the report of a survey; it fails where the page asks for more than itself, or speaks up."""

    def show(make: Callable[[], Checked]) -> Page:
        file = tmp_path / "report.html"
        file.write_bytes(once(make).html)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        page.on("console", lambda message: asked.append(message.text))
        page.goto(file.as_uri())
        assert asked == [file.as_uri()]
        return page

    return show


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("make", [survey.clean, survey.faulty, survey.hostile])
def test_it_stays_within_the_screen(opened, make, size) -> None:
    page = opened(make)
    page.set_viewport_size(size)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    assert page.evaluate(_OUTSIDE) == []


def test_numbers_of_the_plan_can_be_read_on_a_phone_and_lead_to_findings(opened) -> None:
    page = opened(survey.faulty)
    page.set_viewport_size(PHONE)
    high = page.evaluate(
        "[...document.querySelectorAll('.overview .mark')].map(e => e.getBoundingClientRect().height)"
    )
    assert len(high) == 17
    assert min(high) > 12
    page.locator(".overview a", has_text="7").first.click()
    assert page.url.endswith("#f7")
    top = page.locator("#f7").evaluate("e => e.getBoundingClientRect().top")
    assert 0 <= top < 100


@pytest.mark.parametrize(
    ("tongue", "shown", "hidden"), [("only-vi", ".vi", ".en"), ("only-en", ".en", ".vi:not(:last-child)")]
)
def test_one_language_is_enough(opened, tongue: str, shown: str, hidden: str) -> None:
    page = opened(survey.faulty)
    page.locator(f"#{tongue}").check()
    seen = "([s]) => [...document.querySelectorAll(s)].filter(e => e.getClientRects().length).length"
    assert page.evaluate(seen, [f"article {hidden}"]) == 0
    assert page.evaluate(seen, [f"article {shown}"]) > 100


def test_the_dark_page_is_as_legible(opened, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page = opened(survey.faulty)
    colours = page.evaluate(_COLOURS)
    assert len(colours) > 100
    for colour in set(colours):
        light = [int(v) for v in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        assert max(light) > 140, colour
