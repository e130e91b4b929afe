"""The office's desk: what was done, who may do what, what came in, and what happens where the server does not answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from register.connect import connect
from tests.browser.at_desks import desks, enter, hire, sign_in
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.street import lots
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import hand_in

pytestmark = NEEDS_PAGE


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Served]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots())
        hire(conninfo, {"chi": ("office",), "an": ("surveyor",)})
        with serve(conninfo, checks=1) as served:
            yield served


@pytest.fixture
def desk(page: Page, office: Served) -> Page:
    page.goto(f"{office.url}/?desk=office")
    sign_in(page, "chi")
    expect(page.get_by_role("region", name="Văn phòng")).to_be_visible(timeout=PATIENCE_MS)
    return page


def part(desk: Page, name: str) -> None:
    desk.get_by_role("group", name="Bàn văn phòng").get_by_role("button", name=name).click()


def test_counts_are_shown_with_their_total_and_downloaded(desk: Page) -> None:
    table = desk.get_by_role("region", name="Thống kê", exact=True).get_by_role("table")
    expect(table.get_by_role("row", name="Tổng cộng")).to_contain_text("ha", timeout=PATIENCE_MS)
    expect(desk.get_by_text(f"1 lần nhập với {len(lots())} thửa")).to_be_visible()
    with desk.expect_download() as waiting:
        desk.get_by_role("button", name="Tải bảng CSV").click()
    assert waiting.value.suggested_filename.endswith(".csv")
    assert "Tổng cộng" in Path(waiting.value.path()).read_text("utf-8-sig")
    desk.get_by_label("Từ tháng").fill("2020-01")
    desk.get_by_label("Đến tháng").fill("2020-02")
    desk.get_by_label("Đến tháng").blur()
    expect(desk.get_by_text("Không có đo đạc hay chỉnh lý nào")).to_be_visible(timeout=PATIENCE_MS)
    desk.get_by_label("Từ tháng").fill("2021-01")
    desk.get_by_label("Từ tháng").blur()
    expect(desk.get_by_text("Từ một tháng đến chính tháng đó")).to_be_visible(timeout=PATIENCE_MS)


def test_somebody_new_is_given_a_role_signs_in_and_is_locked_out(desk: Page, office: Served) -> None:
    part(desk, "Người dùng")
    desk.get_by_text("Thêm người dùng").click()
    desk.get_by_label("Tên đăng nhập").fill("moi")
    desk.get_by_label("Họ và tên").fill("Lê Thị Mới")
    desk.get_by_role("button", name="Thêm", exact=True).click()
    password = desk.locator(".office-secret code").inner_text(timeout=PATIENCE_MS)
    desk.get_by_text("Lê Thị Mới").click(timeout=PATIENCE_MS)
    person = desk.get_by_role("listitem").filter(has_text="Lê Thị Mới").first
    person.get_by_label("Mã xã").fill("99999")
    person.get_by_role("button", name="Giao vai trò").click()
    expect(person.get_by_text("Không có xã 99999")).to_be_visible(timeout=PATIENCE_MS)
    person.get_by_label("Mã xã").fill("")
    person.get_by_role("button", name="Giao vai trò").click()
    expect(person.get_by_text("chỉnh lý · mọi xã, phường")).to_be_visible(timeout=PATIENCE_MS)
    desk.get_by_label("Tài khoản Chi").click()
    desk.get_by_role("button", name="Đăng xuất").click()
    desk.goto(office.url)
    desk.get_by_role("button", name="Đăng nhập").click()
    enter(desk, "moi", password)
    expect(desk.get_by_role("navigation")).to_be_visible(timeout=PATIENCE_MS)
    assert desks(desk) == ["Bản đồ", "Đo đạc", "Chỉnh lý"]  # the office's desk is not theirs


def test_imports_communes_and_health(desk: Page) -> None:
    part(desk, "Nhập liệu")
    one = desk.get_by_role("listitem").filter(has=desk.get_by_role("group")).first
    one.locator("summary").click(timeout=PATIENCE_MS)
    expect(desk.get_by_text(f"Đọc {len(lots())} = lưu {len(lots())}")).to_be_visible()
    part(desk, "Xã và tờ")
    desk.locator(".office-people summary").first.click(timeout=PATIENCE_MS)
    desk.get_by_role("button", name="Xem trên bản đồ: Tờ").first.click(timeout=PATIENCE_MS)
    part(desk, "Máy chủ")
    expect(desk.get_by_text("Việc nền")).to_be_visible(timeout=PATIENCE_MS)


def test_a_server_that_does_not_answer_is_told_and_asked_again(desk: Page) -> None:
    part(desk, "Người dùng")
    desk.route("**/api/v1/office/**", lambda route: route.abort())
    for name in ("Thống kê", "Nhập liệu", "Xã và tờ", "Máy chủ"):
        part(desk, name)
        expect(desk.get_by_text("Không nối được máy chủ")).to_be_visible(timeout=PATIENCE_MS)
    desk.unroute("**/api/v1/office/**")
    desk.get_by_role("button", name="Thử lại").click()
    expect(desk.get_by_text("Việc nền")).to_be_visible(timeout=PATIENCE_MS)
