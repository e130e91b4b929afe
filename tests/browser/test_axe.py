"""Nothing on any view that axe knows to keep somebody out: light and dark, at the size of a desk and of a phone."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from cli.demo_people import NAMES
from tests.api.surveying import town
from tests.browser.at_desks import PASSWORD, hire
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS, WEB
from tests.browser.stage import Stage, set_stage
from tests.browser.views import DESKTOP, PHONE, VIEWS, View
from tests.conftest import Clone, Serve

AXE = WEB / "node_modules/axe-core/axe.min.js"
pytestmark = [
    NEEDS_PAGE,
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: `cli/setup.sh run` does it"),
]
RUN = """async (only) => {
    const found = await axe.run(document, only ? {runOnly: {type: 'rule', values: [only]}} : {});
    return found.violations.map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 160) + ' ' +
        node.any.map((why) => why.message).join(' ').slice(0, 200))]);
}"""


@pytest.fixture(scope="module")
def stage(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A block of the sample town, everybody who works there, work under way."""
    with town(clone) as conninfo:
        hire(conninfo, {role: (role,) for role in NAMES})
        with serve(conninfo, checks=1, archives=tmp_path_factory.mktemp("archives")) as served:
            yield set_stage(served.url, dict.fromkeys(NAMES, PASSWORD))


@pytest.fixture
def still(browser: Browser) -> Iterator[Page]:
    """A page on which nothing moves: what fades in would have another contrast meanwhile."""
    context = browser.new_context(viewport=DESKTOP, locale="vi-VN", reduced_motion="reduce")
    yield context.new_page()
    context.close()


def violations(page: Page, only: str | None = None) -> list[Any]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())  # the page's own rules let no script in by address
    found: list[Any] = page.evaluate(RUN, only)
    return found


# a dark view is the same view: what is dark differs in contrast alone. `make test` tries those unlike any other.
TRIED = [
    pytest.param(one, id=one.name, marks=() if one.first else pytest.mark.slow)
    for one in VIEWS
    if not one.dark
]


def turn(page: Page, look: Literal["light", "dark"]) -> None:
    """The system changes its mind; the page follows a moment later."""
    page.emulate_media(color_scheme=look)
    expect(page.locator("html")).to_have_attribute("data-theme", look)


@pytest.mark.parametrize("view", TRIED)
def test_axe_finds_nothing(still: Page, stage: Stage, view: View) -> None:
    still.set_default_timeout(PATIENCE_MS)
    view.go(still, stage)
    found = {}
    for size in (DESKTOP, PHONE):
        still.set_viewport_size(size)
        turn(still, "light")
        found[size["width"], "light"] = violations(still)
        turn(still, "dark")
        found[size["width"], "dark"] = violations(still, "color-contrast")
    assert not any(found.values()), {how: what for how, what in found.items() if what}
