"""The map of a commune kept on a device: fetched and found, used with the server stopped, removed; a lost line, a full disk."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from cli.http_server import listen
from register.connect import connect
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.street import lots
from tests.browser.test_page import drawn, on_sheet, open_page, poll, search, shown_code
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import hand_in

pytestmark = NEEDS_PAGE


@pytest.fixture(scope="module")
def filled(clone: Clone) -> Iterator[str]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots())
        yield conninfo


@pytest.fixture(scope="module")
def site(filled: str, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(filled, archives=tmp_path_factory.mktemp("archives")) as served:
        yield served


def keep(page: Page) -> None:
    sheet = page.get_by_role("region", name="Bản đồ khi không có mạng")
    page.get_by_role("button", name="Giữ bản đồ trên máy").click()
    expect(sheet.get_by_text("Chưa giữ bản đồ nào")).to_be_visible(timeout=PATIENCE_MS)
    sheet.get_by_role("button", name="Giữ xã này trên máy").click()
    expect(sheet.get_by_role("status")).to_contain_text("Đã giữ bản đồ", timeout=PATIENCE_MS)


def test_a_commune_kept_is_used_with_the_server_stopped(
    page: Page, filled: str, serve: Serve, tmp_path: Path
) -> None:
    with ExitStack() as running:
        site = running.enter_context(serve(filled, archives=tmp_path))
        wanted = on_sheet(site, "12", "7")
        code = wanted["id"]
        open_page(page, site)
        keep(page)
        item = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Xóa bản đồ"))
        expect(item).to_contain_text("kB")
        running.close()
    with pytest.raises(httpx.TransportError):
        httpx.get(site.url)

    page.reload()
    told = page.locator(".archive-told")
    expect(told).to_contain_text("Không có kết nối", timeout=PATIENCE_MS)
    drawn(page)
    assert poll(page, "diachinh.map.queryRenderedFeatures({layers: ['parcels-fill']}).length") > 20
    search(page, "tờ 12 thửa 7")
    page.keyboard.press("Enter")
    assert shown_code(page) == code
    panel = page.get_by_role("region", name="Thửa đất", exact=True)
    for words in ("13 Lê Lợi", "ODT", "100,0 m²", "99,5 m²"):
        expect(panel).to_contain_text(words)
    poll(page, "diachinh.map.queryRenderedFeatures({layers: ['selected-line']}).length")
    lon, lat = wanted["properties"]["point"]
    assert page.evaluate("() => diachinh.map.getCenter().toArray()") == pytest.approx([lon, lat], abs=2e-5)
    page.get_by_role("button", name="Đóng", exact=True).click()
    telex = on_code(code)
    search(page, telex)
    page.keyboard.press("Enter")
    assert shown_code(page) == code
    page.keyboard.press("Escape")
    search(page, "25 le loi")
    expect(page.get_by_role("option").first).to_contain_text("Tờ 12, thửa 13")
    page.get_by_role("combobox").fill("99/99")
    expect(page.locator(".search-word")).to_contain_text("Không tìm thấy", timeout=PATIENCE_MS)
    # and a tile is clicked as ever
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.mouse.click(640, 400)
    shown_code(page)


def on_code(code: str) -> str:
    """The code as a Vietnamese keyboard writes it."""
    return code.replace("w", "ư")


@pytest.mark.slow
def test_the_live_map_is_offered_when_the_server_is_back(
    page: Page, filled: str, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(filled, archives=tmp_path) as site:
        open_page(page, site)
        keep(page)
    page.reload()
    expect(page.locator(".archive-told")).to_contain_text("Không có kết nối", timeout=PATIENCE_MS)
    port = int(site.url.rpartition(":")[2])
    monkeypatch.setattr("cli.http_server.listen", lambda host, _port: listen(host, port))
    with serve(filled, archives=tmp_path):
        live = page.get_by_role("button", name="Về bản đồ trực tuyến")
        expect(live).to_be_visible(timeout=PATIENCE_MS)
        live.click()
        page.wait_for_timeout(500)
        drawn(page)
        expect(page.locator(".archive-told")).to_have_count(0)
        expect(page.get_by_role("button", name="Bản đồ theo thời gian")).to_be_visible()


@pytest.mark.slow
def test_a_pack_is_removed(page: Page, site: Served) -> None:
    open_page(page, site)
    keep(page)
    page.get_by_role("button", name="Xóa bản đồ").click()
    expect(page.get_by_text("Chưa giữ bản đồ nào")).to_be_visible(timeout=PATIENCE_MS)
    page.reload()
    drawn(page)
    page.get_by_role("button", name="Giữ bản đồ trên máy").click()
    expect(page.get_by_text("Chưa giữ bản đồ nào")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_full_disk_is_said_and_what_was_kept_stays(page: Page, site: Served) -> None:
    open_page(page, site)
    keep(page)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": 1000})
    sheet = page.get_by_role("region", name="Bản đồ khi không có mạng")
    sheet.get_by_role("button", name="Tải lại bản mới").click()
    expect(sheet.get_by_role("alert")).to_contain_text("không còn đủ chỗ", timeout=PATIENCE_MS)
    expect(sheet.get_by_role("button", name="Xóa bản đồ")).to_be_visible()


@pytest.mark.slow
def test_a_line_lost_while_fetching_keeps_what_was_there(page: Page, site: Served) -> None:
    open_page(page, site)
    keep(page)
    page.route("**/archives/**", lambda route: route.abort())
    sheet = page.get_by_role("region", name="Bản đồ khi không có mạng")
    sheet.get_by_role("button", name="Tải lại bản mới").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Mất kết nối khi đang tải", timeout=PATIENCE_MS)
    expect(sheet.get_by_role("button", name="Xóa bản đồ")).to_be_visible()


@pytest.mark.slow
def test_a_server_that_keeps_no_archives_says_so(browser: Browser, filled: str, serve: Serve) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="vi-VN", reduced_motion="reduce"
    )
    try:
        page = context.new_page()
        with serve(filled) as site:
            open_page(page, site)
            page.get_by_role("button", name="Công cụ bản đồ").click()
            page.get_by_role("button", name="Giữ bản đồ trên máy").click()
            sheet = page.get_by_role("region", name="Bản đồ khi không có mạng")
            sheet.get_by_role("button", name="Giữ xã này trên máy").click()
            expect(sheet.get_by_role("alert")).to_contain_text("không giữ tệp bản đồ", timeout=PATIENCE_MS)
    finally:
        context.close()


def test_the_page_can_be_installed(site: Served) -> None:
    page = httpx.get(site.url).text
    assert 'rel="manifest" href="/app.webmanifest"' in page
    answer = httpx.get(f"{site.url}/app.webmanifest").raise_for_status()
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert told["display"] == "standalone"
    sizes = {icon["sizes"] for icon in told["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in told["icons"]:
        assert httpx.get(site.url + icon["src"]).raise_for_status().headers["content-type"] == icon["type"]
    worker = httpx.get(f"{site.url}/sw.js").raise_for_status()
    assert worker.headers["cache-control"] == "no-cache"
    assert "__" not in worker.text.partition("const PATIENCE_MS")[0]
