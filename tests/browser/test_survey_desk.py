"""The surveyor's desk: files dropped, sent in spite of a bad line, their report beside the map, handed on."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from register.connect import connect
from tests.api.surveying import SHEET, clean, faulty, town
from tests.browser.at_desks import PASSWORD, enter, hire, sign_in
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.test_page import drawn, poll
from tests.conftest import Clone, Serve, Served

pytestmark = NEEDS_PAGE
File = tuple[str, bytes]


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Served]:
    """A block of the sample town, a worker that checks surveys, and people."""
    with town(clone) as conninfo:
        hire(conninfo, {"an": ("surveyor",), "ca": ("approver",)})
        with serve(conninfo, checks=1) as served:
            yield served


@pytest.fixture
def desk(page: Page, office: Served) -> Page:
    page.goto(f"{office.url}/?desk=survey")
    sign_in(page, "an")
    return page


def choose(desk: Page, *files: File) -> None:
    """Put files into the box."""
    kept = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files
    ]
    desk.locator(".drop input[type=file]").set_input_files(kept)  # type: ignore[arg-type]


def hand_in(desk: Page, *files: File) -> None:
    """And send them, with the sheet and scale they do not say."""
    choose(desk, *files)
    desk.get_by_label("Tờ bản đồ", exact=True).fill(SHEET)
    desk.get_by_role("combobox", name="Tỷ lệ").select_option("500")
    desk.get_by_role("button", name="Nộp để kiểm tra").click()


def outcome(desk: Page) -> str:
    """What came of the check."""
    told = desk.locator(".outcome")
    expect(told).to_be_visible(timeout=2 * PATIENCE_MS)
    return told.inner_text()


def shapes(desk: Page, layer: str) -> int:
    """How many features a layer of the desk draws."""
    return int(desk.evaluate(f"diachinh.map.queryRenderedFeatures({{layers: ['{layer}']}}).length"))


def test_a_fault_is_shown_in_the_list_in_a_picture_and_on_the_map(desk: Page) -> None:
    hand_in(desk, faulty("overlap", "wkt"))
    assert "Trả lại" in outcome(desk)
    finding = desk.get_by_role("button", name="Hai thửa chồng lên nhau")
    finding.click()
    closeup = desk.get_by_role("img", name="Hình cận cảnh của mục 1")
    expect(closeup).to_be_visible(timeout=PATIENCE_MS)
    assert poll(desk, "document.querySelector('.finding img').naturalWidth") > 50
    expect(desk.get_by_text("Dùng chung một đường ranh.")).to_be_visible()
    drawn(desk)
    assert shapes(desk, "survey-spots-mark") == 1
    assert shapes(desk, "survey-plots-line") > 1
    desk.get_by_role("button", name="Trước", exact=True).click()
    poll(desk, "diachinh.map.queryRenderedFeatures({layers: ['survey-plots-line']}).length", lambda n: n == 0)
    finding.click()
    expect(closeup).to_have_count(0)
    place = desk.evaluate(
        "(({x, y}, box) => [x + box.left, y + box.top])(diachinh.map.project("
        "diachinh.map.queryRenderedFeatures({layers: ['survey-spots-mark']})[0].geometry.coordinates),"
        "diachinh.map.getCanvas().getBoundingClientRect())"
    )
    desk.mouse.click(*place)  # the mark on the map opens it in the list
    expect(closeup).to_be_visible(timeout=PATIENCE_MS)
    expect(desk.locator(".panel")).to_have_count(0)  # the parcel's panel stays shut


@pytest.mark.slow
def test_a_dropped_line_and_a_closed_tab_lose_nothing(desk: Page, office: Served) -> None:
    lines = {"down": True}
    desk.route("**/api/v1/uploads/**", lambda route: route.abort() if lines["down"] else route.continue_())
    name, content = faulty("spike", "wkt")
    hand_in(desk, (name, content))
    expect(desk.get_by_text("Mất kết nối: sẽ gửi tiếp khi có mạng")).to_be_visible(timeout=PATIENCE_MS)
    desk.reload()  # the tab is closed in the middle of it
    expect(desk.get_by_text("Gửi dở: bấm Nộp để gửi tiếp")).to_be_visible(timeout=PATIENCE_MS)
    expect(desk.get_by_label("Tờ bản đồ", exact=True)).to_have_value(SHEET)
    begun: list[str] = []
    desk.on(
        "request",
        lambda asked: (
            begun.append(asked.url) if asked.method == "POST" and asked.url.endswith("/uploads") else None
        ),
    )
    desk.get_by_role("button", name="Nộp để kiểm tra").click()
    expect(desk.get_by_text("Mất kết nối: sẽ gửi tiếp khi có mạng")).to_be_visible(timeout=PATIENCE_MS)
    lines["down"] = False
    assert "vấn đề" in outcome(desk)
    assert begun == []  # the upload that was begun was gone on with
    desk.get_by_text("Biên nhận", exact=True).click()
    expect(desk.get_by_text("trùng với tệp trên máy này")).to_be_visible()
    key = desk.evaluate("new URLSearchParams(location.search).get('survey')")
    assert httpx.get(f"{office.url}/api/v1/surveys/{key}/files/1").content == content
    desk.get_by_role("button", name="← Nộp tệp khác").click()
    expect(desk.get_by_role("button", name=name).first).to_be_visible()


@pytest.mark.slow
def test_a_shift_is_seen_accepted_and_checked_again(desk: Page) -> None:
    hand_in(desk, faulty("shifted_sheet", "wkt"))
    outcome(desk)
    drawn(desk)
    desk.get_by_role("button", name="Xem thử trên bản đồ").click()
    poll(desk, "diachinh.map.queryRenderedFeatures({layers: ['survey-moved-line']}).length", lambda n: n > 0)
    desk.get_by_role("button", name="Chấp nhận và kiểm tra lại").click()
    expect(desk.locator(".outcome")).to_have_count(0, timeout=PATIENCE_MS)
    assert "Đạt" in outcome(desk)
    expect(desk.get_by_role("button", name="Rút lại và kiểm tra lại")).to_be_visible()


@pytest.mark.slow
def test_an_expired_login_is_asked_again_and_the_work_goes_on(desk: Page, office: Served) -> None:
    hand_in(desk, clean())
    assert "Đạt" in outcome(desk)
    with connect(office.conninfo) as conn:
        conn.execute("update session set ended_at = now() where ended_at is null")
    desk.get_by_role("button", name="Lập bản thảo chỉnh lý").click()
    dialog = desk.get_by_role("dialog", name="Đăng nhập lại")
    expect(dialog).to_be_visible(timeout=PATIENCE_MS)
    expect(dialog.get_by_label("Tên đăng nhập")).to_have_value("an")
    enter(desk, "an", PASSWORD)
    expect(desk.get_by_text("giữ nguyên: 38")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.slow
def test_what_cannot_be_read_is_said_where_it_happened(desk: Page) -> None:
    hand_in(desk, ("ảnh.jpg", b"\xff\xd8\xff\xe0 no survey"))
    poll(desk, "document.querySelector('.outcome, .wrong:not(:empty)')?.textContent ?? ''")
    assert "{" not in desk.locator(".survey-desk").inner_text()
    expect(desk.locator(".finding, .wrong:not(:empty)").first).to_be_visible()


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_hand_in_goes_on(page: Page, office: Served) -> None:
    page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    page.goto(f"{office.url}/?desk=survey")
    sign_in(page, "an")
    choose(page, clean())
    expect(page.get_by_text("Ổ đĩa của máy này đã đầy")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Nộp để kiểm tra")).to_be_enabled()
