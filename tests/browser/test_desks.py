"""Signing in on the page, and the desks that roles open."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.at_desks import desks, enter, hire, sign_in
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.test_page import open_page
from tests.conftest import Served

pytestmark = NEEDS_PAGE


@pytest.fixture(scope="module", autouse=True)
def staff(site: Served) -> None:
    hire(site.conninfo, {"an": ("surveyor",), "ca": ("approver",), "moi": ()})


def test_roles_open_desks_and_signing_out_closes_them(page: Page, site: Served) -> None:
    open_page(page, site)
    sign_in(page, "an")
    assert desks(page) == ["Bản đồ", "Đo đạc"]
    page.get_by_role("button", name="Đo đạc").click()
    expect(page.get_by_role("region", name="Đo đạc", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    page.reload()
    expect(page.get_by_role("region", name="Đo đạc", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Tài khoản An").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("navigation")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=PATIENCE_MS)  # the address still names the desk


def test_a_wrong_password_is_told_in_the_dialog(page: Page, site: Served) -> None:
    open_page(page, site, "?desk=approve")
    enter(page, "ca", "sai mật khẩu rồi")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).not_to_be_empty(timeout=PATIENCE_MS)
    assert "mật khẩu" in dialog.get_by_role("alert").inner_text()
    enter(page, "ca")
    expect(page.get_by_role("region", name="Phê duyệt")).to_be_visible(timeout=PATIENCE_MS)


def test_a_lost_server_is_told_in_the_dialog(page: Page, site: Served) -> None:
    open_page(page, site)
    page.route("**/api/v1/sessions", lambda route: route.abort())
    page.get_by_role("button", name="Đăng nhập").click()
    enter(page, "ca")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Không nối được máy chủ")


def test_who_has_no_role_is_told_so_and_opens_no_desk(page: Page, site: Served) -> None:
    open_page(page, site, "?desk=approve")
    sign_in(page, "moi")
    assert desks(page) == ["Bản đồ"]
    page.get_by_label("Tài khoản Moi").click()
    expect(page.get_by_text("chưa được giao vai trò nào")).to_be_visible()
    expect(page.get_by_role("region", name="Phê duyệt")).to_have_count(0)
