"""The slider of time: by keyboard through the moments at which something in view changed, on both clocks, and back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from tests.browser.built import NEEDS_PAGE
from tests.browser.street import lots
from tests.browser.test_fresh import shown, view
from tests.browser.test_page import open_page, poll
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import DAY, hand_in, lot

pytestmark = NEEDS_PAGE


@pytest.fixture(scope="module")
def site(clone: Clone, serve: Serve) -> Iterator[Served]:
    """The street; one of its lots was orchard for a month; something far away changed too."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots())
            row = conn.execute("select v.code from parcel_version v join sheet s on s.id = v.sheet "
                               "where s.number = '12' and v.number = '3'").fetchone()  # fmt: skip
            assert row is not None
            for use, days in (("CLN", 30), ("LUC", 61)):
                version = current_version(conn, row[0])
                assert version is not None
                edits = AttributeDrafts([Edit(version, land_use=use)])
                apply(conn, Correction("attributes", "x", DAY + timedelta(days)), edits)
                conn.commit()
            hand_in(conn, lot("1", 9000, 0, 9030, 20, sheet="40"))
            conn.commit()
        with serve(conninfo) as served:
            yield served


def test_the_map_goes_back_and_forth_by_keyboard(page: Page, site: Served) -> None:
    code, here = view(site, ("12", "3"), 18)
    open_page(page, site, here)
    shown(page, code, "LUC")
    page.get_by_role("button", name="Bản đồ theo thời gian").press("Enter")
    slider = page.get_by_role("slider", name="Thời điểm của bản đồ")
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("max", "3")  # of three legal days, not of what changed far away
    expect(slider).to_have_attribute("aria-valuetext", "Hiện nay")
    for key, label, use in (
        ("ArrowLeft", "01/05/2026", "LUC"),
        ("ArrowLeft", "31/03/2026", "CLN"),
        ("Home", "01/03/2026", "ODT"),
        ("ArrowRight", "31/03/2026", "CLN"),
        ("End", "Hiện nay", "LUC"),
    ):
        slider.press(key)
        expect(slider).to_have_attribute("aria-valuetext", label)
        shown(page, code, use)
    page.get_by_role("button", name="Thay đổi trước đó").click()
    page.get_by_role("button", name="Thay đổi trước đó").click()
    shown(page, code, "CLN")
    slider.press("Escape")
    expect(slider).not_to_be_visible()
    shown(page, code, "LUC")


def test_the_other_clock_counts_what_was_recorded(page: Page, site: Served) -> None:
    code, here = view(site, ("12", "3"), 18)
    open_page(page, site, here)
    page.get_by_role("button", name="Bản đồ theo thời gian").click()
    slider = page.get_by_role("slider", name="Thời điểm của bản đồ")
    expect(slider).to_have_attribute("max", "3")
    page.get_by_role("radio", name="Thời điểm cập nhật").check()
    slider.press("Home")
    shown(page, code, "ODT")
    label = slider.get_attribute("aria-valuetext") or ""
    with connect(site.conninfo) as conn:
        row = conn.execute("select to_char(made_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY, HH24:MI:SS') "
                           "from correction where seq = 1").fetchone()  # fmt: skip
    assert row == (label,)
    expect(page.get_by_text(label).first).to_be_visible()


def test_a_parcel_opened_in_the_past_is_told_as_it_was(page: Page, site: Served) -> None:
    code, here = view(site, ("12", "3"), 18)
    open_page(page, site, here)
    page.get_by_role("button", name="Bản đồ theo thời gian").click()
    slider = page.get_by_role("slider", name="Thời điểm của bản đồ")
    expect(slider).to_have_attribute("max", "3")
    slider.press("Home")
    shown(page, code, "ODT")
    poll(page, "!diachinh.map.isMoving()")
    size = page.viewport_size or {"width": 0, "height": 0}
    page.mouse.click(size["width"] / 2, size["height"] / 2)
    expect(page.locator("[data-code]")).to_have_attribute("data-code", code)
    expect(page.locator(".panel")).to_contain_text("ODT")


def test_on_a_phone_nothing_lies_over_the_slider(browser: Browser, site: Served) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="vi-VN", has_touch=True)
    try:
        page = context.new_page()
        _, here = view(site, ("12", "3"), 18)
        open_page(page, site, here)
        page.get_by_role("button", name="Bản đồ theo thời gian").tap()
        for name in ("Thay đổi trước đó", "Trở về hiện nay"):
            button = page.get_by_role("button", name=name)
            box = button.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
            assert box["y"] + box["height"] <= 640
            button.tap(trial=True)  # fails where something else would be touched
    finally:
        context.close()
