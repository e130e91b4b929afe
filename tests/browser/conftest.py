"""The distribution's chromium, driven by playwright: one browser for the run, a fresh page for every test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from register.connect import connect
from tests.browser.street import lots
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import hand_in

TESTS = Path(__file__).parent
# Software rendering: the map is WebGL, and test machines have no graphics card.
ARGUMENTS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; without its sandbox only for root, where it refuses to run otherwise."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip(
            "chromium is not installed: `make test` installs it on Debian, on Ubuntu it is a snap only"
        )
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(clone: Clone, serve: Serve) -> Iterator[Served]:
    """The street, imported and served: each file of tests has its own."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots())
        with serve(conninfo) as served:
            yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, Vietnamese, 1280 × 800; a script error on it fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="vi-VN", reduced_motion="reduce"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, f"script errors on the page: {errors}"
