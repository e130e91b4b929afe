"""The editor's desk in a real browser, over a real server and register: drawn, typed, undone, kept, and in conflict."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from register.connect import connect
from tests.browser.at_desks import PASSWORD, enter, hire
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.street import lots
from tests.browser.test_page import drawn, on_sheet
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import EAST, NORTH, hand_in

pytestmark = NEEDS_PAGE
LOT = (EAST + 5.0, NORTH + 28.0)
"""The south-west corner of parcel 2 of sheet 12: 5 m wide, 20 m deep, the road to its south."""


@pytest.fixture
def site(clone: Clone, serve: Serve) -> Iterator[Served]:
    """The street, with two editors and an approver; each story has its own."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots())
        hire(conninfo, {"an": ("editor",), "be": ("editor",), "ca": ("approver",)})
        with serve(conninfo) as served:
            yield served


def desk(page: Page, site: Served, who: str, view: str = "") -> Locator:
    """The editor's desk, open and signed in to."""
    page.goto(f"{site.url}/?desk=edit{view}")
    enter(page, who)
    region = page.get_by_role("region", name="Chỉnh lý", exact=True)
    expect(region.get_by_role("heading", name="Chỉnh lý thửa đất")).to_be_visible(timeout=PATIENCE_MS)
    return region


def choose(region: Locator, parcel: str) -> None:
    region.get_by_label("Thửa đất cần chỉnh lý", exact=True).fill(parcel)
    region.get_by_role("button", name="Chọn", exact=True).click()
    sheet, number = parcel.split("/")
    expect(region.get_by_role("button", name=f"Tờ {sheet}, thửa {number}", exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )


def task(region: Locator, name: str) -> None:
    region.get_by_role("group", name="Việc cần làm").get_by_role("button", name=name).click()


def pixel(page: Page, east_m: float, north_m: float) -> tuple[float, float]:
    """Where a point of the zone is on the screen."""
    from geo import crs

    lon, lat = crs.to_wgs84(5899, [east_m], [north_m])
    x, y = page.evaluate(
        "([lon, lat]) => { const p = window.diachinh.map.project([lon, lat]);"
        " const r = window.diachinh.map.getCanvas().getBoundingClientRect(); return [p.x + r.left, p.y + r.top]; }",
        [float(lon[0]), float(lat[0])],
    )
    return x, y


def asks(site: Served, who: str, method: str, path: str, body: Any = None) -> Any:
    """The API as another person asks it."""
    token = httpx.post(f"{site.url}/api/v1/sessions", json={"name": who, "password": PASSWORD}).json()[
        "access"
    ]
    answer = httpx.request(
        method,
        f"{site.url}/api/v1/corrections{path}",
        json=body,
        headers={"authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.status_code < 300, answer.text
    return answer.json()


def through(site: Served, key: str) -> None:
    """What was submitted, approved and applied."""
    seen = {"hash": asks(site, "ca", "GET", f"/{key}")["hash"]}
    asks(site, "ca", "POST", f"/{key}/approve", seen)
    asks(site, "ca", "POST", f"/{key}/apply", seen)


def numbers(site: Served, sheet: str) -> list[str]:
    answer = httpx.get(f"{site.url}/api/v1/parcels", params={"sheet": sheet, "limit": 100}).json()
    return sorted(one["properties"]["number"] for one in answer["features"])


def submitted(site: Served, author: str) -> list[dict[str, Any]]:
    return list(asks(site, "ca", "GET", f"?state=submitted&author={author}")["corrections"])


def test_a_split_is_drawn_with_live_areas_undone_redone_previewed_and_submitted(
    page: Page, site: Served
) -> None:
    region = desk(page, site, "an")
    choose(region, "12/2")
    drawn(page)
    task(region, "Tách thửa")
    x, y = LOT
    for east, north in ((x - 0.02, y + 8), (x + 5.02, y + 8)):
        px, py = pixel(page, east, north)
        page.mouse.move(px, py)
        page.mouse.click(px, py)
    expect(page.locator(".edit-readout")).to_contain_text("X")
    parts = region.locator("[data-part]")
    expect(parts).to_have_count(2, timeout=PATIENCE_MS)
    page.keyboard.press("e")
    before = parts.all_inner_texts()
    page.get_by_role("button", name="Hoàn tác").click()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(parts).to_have_count(0)
    page.get_by_role("button", name="Làm lại").click()
    page.get_by_role("button", name="Làm lại").click()
    expect(parts).to_have_count(2)
    assert parts.all_inner_texts() == before
    region.get_by_role("button", name="Xem trước", exact=True).click()
    preview = region.get_by_role("region", name="Xem trước")
    expect(preview.get_by_text("Bảng biến động").first).to_be_visible(timeout=PATIENCE_MS)
    for text in before:  # what was told while drawing is what the server makes, to the tenth that is written
        area = float(text.removesuffix("\u00a0m²").replace(",", "."))
        expect(preview).to_contain_text(f"{area:.1f}\u00a0m²".replace(".", ","))
    assert numbers(site, "12").count("2") == 1
    region.get_by_role("button", name="Trình duyệt").click()
    expect(region.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=PATIENCE_MS)
    [one] = submitted(site, "an")
    through(site, one["correction"])
    assert {"T1", "T2"} <= set(numbers(site, "12"))
    assert "2" not in numbers(site, "12")


def test_a_split_by_the_keyboard_alone(page: Page, site: Served) -> None:
    page.goto(f"{site.url}/?desk=edit")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=PATIENCE_MS)
    expect(dialog.get_by_label("Tên đăng nhập")).to_be_focused()
    page.keyboard.type("an")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Chỉnh lý thửa đất")).to_be_visible(timeout=PATIENCE_MS)
    expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Phím tắt", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("f")
    page.keyboard.type("12/2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-chosen]")).to_contain_text("100,0", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.locator(":focus").evaluate("e => e.blur()")  # what Tab out of the field does, sooner
    page.keyboard.press("s")
    page.keyboard.press("t")
    expect(page.locator("#edit-typed")).to_be_focused()
    x, y = LOT
    page.keyboard.type(f"{y + 8:.3f}; {x:.3f}")
    page.keyboard.press("Enter")
    page.keyboard.type("5 < 90")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the empty field ends the line
    parts = page.locator("[data-part]")
    expect(parts).to_have_count(2, timeout=PATIENCE_MS)
    assert parts.all_inner_texts() == ["60,0\u00a0m²", "40,0\u00a0m²"]
    page.keyboard.press("Tab")
    page.keyboard.press("p")
    expect(page.get_by_role("region", name="Xem trước")).to_contain_text("T1", timeout=PATIENCE_MS)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=PATIENCE_MS)
    [one] = submitted(site, "an")
    preview = asks(site, "ca", "GET", f"/{one['correction']}")["preview"]
    assert preview["intent"]["lines"] == [[[x, y + 8], [x + 5, y + 8]]]  # the register's own metres


def test_two_editors_in_conflict_both_keep_their_work(page: Page, browser: Browser, site: Served) -> None:
    region = desk(page, site, "an")
    choose(region, "12/2")
    task(region, "Thuộc tính")
    region.get_by_label("Loại đất").fill("cln")
    region.get_by_role("button", name="Xem trước", exact=True).click()
    expect(region.get_by_role("region", name="Xem trước")).to_contain_text("CLN", timeout=PATIENCE_MS)

    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="vi-VN", reduced_motion="reduce"
    )
    other = context.new_page()
    theirs = desk(other, site, "be")
    choose(theirs, "12/2")
    task(theirs, "Thuộc tính")
    theirs.get_by_label("Loại đất").fill("LUC")
    theirs.get_by_label("Số thửa").fill("702")
    theirs.get_by_role("button", name="Xem trước", exact=True).click()
    expect(theirs.get_by_text("an đang chỉnh lý")).to_be_visible(timeout=PATIENCE_MS)
    theirs.get_by_role("button", name="Trình duyệt").click()
    expect(theirs.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=PATIENCE_MS)
    context.close()
    [one] = submitted(site, "be")
    through(site, one["correction"])

    region.get_by_role("button", name="Trình duyệt").click()
    conflict = region.get_by_role("region", name="Người khác đã chỉnh lý trước")
    expect(conflict).to_be_visible(timeout=PATIENCE_MS)
    sides = conflict.locator(".edit-three > div")
    assert [("ODT" in s, "LUC" in s, "CLN" in s) for s in sides.all_inner_texts()] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    expect(conflict.get_by_role("button", name="Đưa lên hiện trạng")).to_be_disabled()
    conflict.get_by_label("Giữ phần của tôi").check()
    conflict.get_by_role("button", name="Đưa lên hiện trạng").click()
    expect(conflict).to_have_count(0, timeout=PATIENCE_MS)
    expect(region.get_by_label("Loại đất")).to_have_value("CLN")
    region.get_by_role("button", name="Trình duyệt").click()
    expect(region.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=PATIENCE_MS)
    [mine] = submitted(site, "an")
    through(site, mine["correction"])
    facts = on_sheet(site, "12", "702")["properties"]
    assert facts["land_use"] == "CLN"  # my land use over their number


@pytest.mark.slow
def test_a_draft_survives_a_closed_tab_and_a_lost_server(page: Page, site: Served) -> None:
    region = desk(page, site, "an")
    choose(region, "13/3")
    task(region, "Tách thửa")
    region.get_by_label("Diện tích", exact=True).check()
    region.get_by_label("Diện tích phần tách").fill("30")
    expect(region.locator("[data-part='1']")).to_have_text("30,0\u00a0m²", timeout=PATIENCE_MS)
    page.route("**/api/v1/corrections", lambda route: route.abort())
    region.get_by_role("button", name="Xem trước", exact=True).click()
    expect(region.get_by_role("alert").filter(has_text="Bản nháp được giữ")).to_be_visible(
        timeout=PATIENCE_MS
    )
    context = page.context
    page.close(run_before_unload=True)
    again = context.new_page()
    region = desk(again, site, "an")
    expect(region.get_by_label("Diện tích phần tách")).to_have_value("30", timeout=PATIENCE_MS)
    expect(region.locator("[data-part='1']")).to_have_text("30,0\u00a0m²", timeout=PATIENCE_MS)
    region.get_by_role("button", name="Xem trước", exact=True).click()
    expect(region.get_by_role("region", name="Xem trước")).to_contain_text("T1", timeout=PATIENCE_MS)
    again.reload()
    region = again.get_by_role("region", name="Chỉnh lý", exact=True)
    expect(region.get_by_role("region", name="Xem trước")).to_contain_text("T1", timeout=PATIENCE_MS)
    expect(region.get_by_role("button", name="Trình duyệt")).to_be_enabled()
    assert len(asks(site, "ca", "GET", "?state=draft&author=an")["corrections"]) == 1

    with connect(site.conninfo) as conn:  # the login ends while the draft is being changed
        conn.execute("update session set ended_at = clock_timestamp()")
    region.get_by_label("Diện tích phần tách").fill("40")
    region.get_by_role("button", name="Xem trước lại").click()
    dialog = again.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_label("Mật khẩu").fill(PASSWORD)
    dialog.get_by_role("button", name="Đăng nhập").click()
    expect(region.get_by_role("region", name="Xem trước")).to_contain_text("40,0", timeout=PATIENCE_MS)
    assert len(asks(site, "ca", "GET", "?state=draft&author=an")["corrections"]) == 1


@pytest.mark.slow
def test_a_shared_corner_is_dragged_and_its_neighbours_follow(page: Page, site: Served) -> None:
    region = desk(page, site, "an")
    choose(region, "12/2")
    drawn(page)
    task(region, "Dời đỉnh")
    x, y = LOT
    expect(region.get_by_label("Đỉnh đang chỉnh").get_by_role("option")).to_have_count(5)
    start, end = pixel(page, x, y + 20), pixel(page, x + 0.8, y + 19)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    expect(page.locator(".edit-readout")).to_contain_text("X", timeout=PATIENCE_MS)
    page.mouse.up()
    expect(region.locator("[data-move]")).to_have_count(1, timeout=PATIENCE_MS)
    arrows = "() => window.diachinh.map.queryRenderedFeatures({layers: ['edit-arrow']}).length"
    for _ in range(100):
        if page.evaluate(arrows):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(arrows)
    region.get_by_role("button", name="Xem trước", exact=True).click()
    preview = region.get_by_role("region", name="Xem trước")
    expect(preview.get_by_text("Thửa liền kề thay đổi")).to_be_visible(timeout=PATIENCE_MS)
    [one] = asks(site, "ca", "GET", "?state=draft&author=an")["corrections"]
    told = asks(site, "ca", "GET", f"/{one['correction']}")["preview"]
    [move] = told["intent"]["moves"]
    assert move["from"] == [x, y + 20]  # the register's own corner, to the millimetre
    assert [n["number"] for n in told["neighbours"]] == ["1"]
    assert [x, y + 20] in told["neighbours"][0]["gone"]
    assert told["neighbours"][0]["come"] == [move["to"]]


@pytest.mark.slow
def test_parcels_are_merged_and_a_pin_gives_an_address(page: Page, site: Served) -> None:
    region = desk(page, site, "an")
    choose(region, "12/4")
    choose(region, "12/5")
    task(region, "Hợp thửa")
    expect(region.get_by_text("200,0")).to_be_visible(timeout=PATIENCE_MS)
    region.get_by_role("button", name="Xem trước", exact=True).click()
    expect(region.get_by_role("region", name="Xem trước")).to_contain_text(
        "Hợp từ các thửa đất số 4, 5", timeout=PATIENCE_MS
    )
    region.get_by_role("button", name="Rút bản nháp").click()
    expect(region.get_by_role("region", name="Xem trước")).to_have_count(0, timeout=PATIENCE_MS)
    task(region, "Địa chỉ")
    drawn(page)
    page.mouse.click(*pixel(page, EAST + 22.5, NORTH + 38))
    region.get_by_label("Nội dung địa chỉ").fill("9A Lê Lợi")
    region.get_by_label("9 Lê Lợi (chính)").uncheck()  # and the one it had is taken from it
    region.get_by_role("button", name="Xem trước", exact=True).click()
    expect(region.get_by_text("Không có vấn đề nào.")).to_be_visible(timeout=PATIENCE_MS)
    region.get_by_role("button", name="Trình duyệt").click()
    expect(region.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=PATIENCE_MS)
    [one] = submitted(site, "an")
    through(site, one["correction"])
    texts = [a["text"] for a in on_sheet(site, "12", "5")["properties"]["addresses"]]
    assert "9A Lê Lợi" in texts
    assert "9 Lê Lợi" not in texts
