"""Archives on the page: at an address of a server that has nothing else, and as a file dropped on it."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from register.connect import connect
from tests.browser.built import NEEDS_PAGE
from tests.browser.street import lots
from tests.browser.test_page import poll
from tests.conftest import Clone, Serve
from tests.register.handed_in import hand_in
from tiles.archive.export import Ask, export

pytestmark = NEEDS_PAGE


@pytest.fixture(scope="module")
def archive(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The street, as a file."""
    path = tmp_path_factory.mktemp("archives") / "street.pmtiles"
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots())
        export(conninfo, "register", path, Ask(), processes=0)
    return path


@pytest.fixture(scope="module")
def static(clone: Clone, serve: Serve, archive: Path) -> Iterator[str]:
    """The page and the archive, over a register in which nothing is."""
    with clone() as conninfo, serve(conninfo, archives=archive.parent) as served:
        yield served.url


def seen(page: Page, layer: str) -> int:
    """How many features of a layer are drawn, once there are any."""
    count: int = poll(
        page, f"diachinh.map.isStyleLoaded() && diachinh.map.areTilesLoaded() ? "
        f"diachinh.map.queryRenderedFeatures({{layers: ['{layer}']}}).length : 0"
    )  # fmt: skip
    return count


def only_files(page: Page) -> list[str]:
    """What is asked of the server beside the page's own files and archives, as it is asked."""
    asked: list[str] = []

    def note(url: str) -> None:
        if "/api/" in url or "/tiles/" in url:
            asked.append(url)

    page.on("request", lambda request: note(request.url))
    return asked


def test_an_archive_at_an_address_is_shown_without_a_server(page: Page, static: str) -> None:
    asked = only_files(page)
    page.goto(f"{static}/?archive=/archives/street.pmtiles")
    expect(page.get_by_text("Bản đồ lưu lúc")).to_be_visible(timeout=60_000)
    assert seen(page, "parcels-fill") > 50
    assert page.get_by_role("combobox").count() == 0
    page.evaluate("diachinh.map.jumpTo({zoom: 16.5})")
    label = poll(
        page, "diachinh.map.querySourceFeatures('register', {sourceLayer: 'labels'})[0]?.geometry.coordinates"
    )
    page.evaluate("diachinh.map.jumpTo({zoom: 10})")
    assert seen(page, "communes-ground") > 0
    page.evaluate(f"diachinh.map.jumpTo({{center: {label}, zoom: 18.5}})")
    assert seen(page, "parcels-fill") > 0
    page.locator("canvas.maplibregl-canvas").click(position={"x": 640, "y": 400})
    expect(page.locator(".notice")).to_contain_text(" · ")
    assert asked == []


def test_a_file_dropped_on_the_page_is_opened(page: Page, static: str, archive: Path) -> None:
    page.goto(static)
    expect(page.get_by_text("Mở tệp bản đồ")).to_be_visible()
    data = base64.b64encode(archive.read_bytes()).decode()
    page.evaluate(
        "data => { const carried = new DataTransfer();"
        "carried.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], 'street.pmtiles'));"
        "dispatchEvent(new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true})); }",
        data,
    )
    expect(page.get_by_text("Bản đồ lưu lúc")).to_be_visible(timeout=60_000)
    assert seen(page, "parcels-fill") > 50


def test_what_is_no_archive_is_said(page: Page, static: str, tmp_path: Path) -> None:
    page.goto(f"{static}/?archive=/archives/none.pmtiles")
    expect(page.get_by_text("Không đọc được tệp này")).to_be_visible(timeout=60_000)
    wrong = tmp_path / "wrong.pmtiles"
    wrong.write_bytes(b"PMTiles\x03" + b"\xff" * 200)
    page.goto(static)
    page.set_input_files("input[type=file][accept='.pmtiles']", wrong)
    expect(page.get_by_text("Không đọc được tệp này")).to_be_visible(timeout=60_000)
