"""Every view of the page, and how one gets there by hand: for pictures of them, and for trying them all.

Long because the page has many views; each way there is a few lines, and the list at the foot needs them all.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from geo import crs
from tests.api.surveying import clean, faulty
from tests.browser.at_desks import enter
from tests.browser.built import PATIENCE_MS
from tests.browser.stage import RETURNED, SHEET, SPLIT, WHOLE, Stage
from tests.browser.test_page import drawn

PHONE: Final = {"width": 360, "height": 740}
DESKTOP: Final = {"width": 1440, "height": 900}


@dataclass(frozen=True, slots=True)
class View:
    """`go` brings a fresh page there, whatever its size; `dark`: its picture is taken dark; `first`: unlike any other view."""

    name: str
    go: Callable[[Page, Stage], None]
    dark: bool = False
    first: bool = False


def phone(page: Page) -> bool:
    size = page.viewport_size
    return size is not None and size["width"] < 600


def tool(page: Page, name: str) -> None:
    """Press a tool of the map; on a phone they unfold first."""
    if phone(page):
        page.get_by_role("button", name="Công cụ bản đồ").click()
    page.get_by_role("button", name=name, exact=True).click()


def at_map(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/{stage.here()}")
    drawn(page)


def at_parcel(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/?code={stage.code}{stage.here()}")
    expect(page.locator("[data-code]")).to_be_visible(timeout=PATIENCE_MS)
    drawn(page)


def at_search(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    page.get_by_role("combobox").fill(f"{SHEET}/{SPLIT}")
    expect(page.get_by_role("option").first).to_be_visible(timeout=PATIENCE_MS)


def at_nothing_found(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    page.get_by_role("combobox").fill("99/9999")
    expect(page.locator(".search-word")).to_contain_text("Không tìm thấy", timeout=PATIENCE_MS)


def at_unknown_code(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/?code=w7er8sp5fqef{stage.here()}")
    expect(page.get_by_text("chưa từng được cấp")).to_be_visible(timeout=PATIENCE_MS)
    drawn(page)


def at_lost_server(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    for path in ("**/api/**", "**/tiles/**"):
        page.route(path, lambda route: route.abort())
    page.get_by_role("combobox").fill(f"{SHEET}/{SPLIT}")
    expect(page.get_by_text("Mất kết nối với máy chủ")).to_be_visible(timeout=PATIENCE_MS)


def at_legend(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    page.get_by_role("button", name="Chú giải").click()
    expect(page.get_by_text("Dễ phân biệt màu")).to_be_visible(timeout=PATIENCE_MS)


def at_print_look(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/?look=print{stage.here()}")
    drawn(page)


def at_safe_look(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/?look=safe{stage.here()}")
    drawn(page)


def at_time(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    page.get_by_role("button", name="Bản đồ theo thời gian").click()
    slider = page.get_by_role("slider", name="Thời điểm của bản đồ")
    expect(slider).to_be_visible()
    page.get_by_role("radio", name="Thời điểm cập nhật").check()
    expect(slider).not_to_have_attribute("max", "0", timeout=PATIENCE_MS)
    slider.press("Home")
    page.wait_for_timeout(300)
    drawn(page)


def at_measure(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    tool(page, "Đo dài, đo diện tích")
    expect(page.get_by_role("region", name="Đo trên bản đồ")).to_be_visible(timeout=PATIENCE_MS)
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for x, y in ((-70, -60), (60, -75), (75, 20)):
        page.mouse.click(middle[0] + x, middle[1] + y)
        page.wait_for_timeout(400)  # two clicks at once are a double click


def at_print(page: Page, stage: Stage) -> None:
    at_parcel(page, stage)
    tool(page, "In ra PDF đúng tỷ lệ")
    sheet = page.get_by_role("region", name="In bản đồ")
    expect(sheet).to_be_visible(timeout=PATIENCE_MS)
    sheet.get_by_role("combobox", name="Tỷ lệ").select_option("500")
    page.wait_for_timeout(600)
    drawn(page)


def at_tools(page: Page, stage: Stage) -> None:
    """The tools, the link to what is seen just copied."""
    at_map(page, stage)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tool(page, "Chép liên kết đến chỗ đang xem")


def at_offline(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    tool(page, "Giữ bản đồ trên máy")
    sheet = page.get_by_role("region", name="Bản đồ khi không có mạng")
    expect(sheet.get_by_text("Chưa giữ bản đồ nào")).to_be_visible(timeout=PATIENCE_MS)


def at_offline_kept(page: Page, stage: Stage) -> None:
    at_offline(page, stage)
    sheet = page.get_by_role("region", name="Bản đồ khi không có mạng")
    sheet.get_by_role("button", name="Giữ xã này trên máy").click()
    expect(sheet.get_by_role("status")).to_contain_text("Đã giữ bản đồ", timeout=3 * PATIENCE_MS)


def at_sign_in(page: Page, stage: Stage) -> None:
    at_map(page, stage)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def at_refused_sign_in(page: Page, stage: Stage) -> None:
    at_sign_in(page, stage)
    enter(page, "editor", "mật khẩu không đúng")
    expect(page.get_by_role("dialog").get_by_role("alert")).not_to_be_empty(timeout=PATIENCE_MS)


def desk(page: Page, stage: Stage, name: str, role: str, zoom: float = 19.3) -> None:
    page.goto(f"{stage.url}/?desk={name}{stage.here(zoom)}")
    enter(page, role, stage.passwords[role])
    expect(page.locator(f"[data-desk={name}]")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".workdesk-word")).to_have_count(0, timeout=PATIENCE_MS)
    drawn(page)


def at_account(page: Page, stage: Stage) -> None:
    desk(page, stage, "survey", "surveyor")
    page.locator(".workbar-me summary").click()


def give(page: Page, *files: tuple[str, bytes]) -> None:
    chosen = [{"name": name, "mimeType": "application/octet-stream", "buffer": body} for name, body in files]
    page.locator(".drop input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
    page.get_by_label("Tờ bản đồ", exact=True).fill(SHEET)
    page.get_by_role("combobox", name="Tỷ lệ").select_option("500")


def checked(page: Page, stage: Stage, file: tuple[str, bytes]) -> None:
    desk(page, stage, "survey", "surveyor")
    give(page, file)
    page.get_by_role("button", name="Nộp để kiểm tra").click()
    expect(page.locator(".outcome")).to_be_visible(timeout=3 * PATIENCE_MS)
    page.wait_for_timeout(500)
    drawn(page)


def at_hand_in(page: Page, stage: Stage) -> None:
    desk(page, stage, "survey", "surveyor")
    give(page, clean())


def at_report(page: Page, stage: Stage) -> None:
    checked(page, stage, faulty("overlap", "wkt"))
    page.get_by_role("button", name="Hai thửa chồng lên nhau").click()
    expect(page.get_by_role("img", name="Hình cận cảnh của mục 1")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    drawn(page)


def at_proposal(page: Page, stage: Stage) -> None:
    checked(page, stage, faulty("shifted_sheet", "wkt"))
    page.get_by_role("button", name="Xem thử trên bản đồ").click()
    page.wait_for_timeout(500)
    drawn(page)


def at_passed(page: Page, stage: Stage) -> None:
    checked(page, stage, faulty("registered_area", "wkt"))
    draft = page.get_by_role("button", name="Lập bản thảo chỉnh lý")
    submit = page.get_by_role("button", name="Trình người phê duyệt")
    expect(draft.or_(submit)).to_be_visible(timeout=PATIENCE_MS)
    if draft.is_visible():  # the same file was not drafted before
        draft.click()
    expect(submit).to_be_visible(timeout=PATIENCE_MS)
    submit.scroll_into_view_if_needed()


def at_edit(page: Page, stage: Stage) -> None:
    desk(page, stage, "edit", "editor")


def at_split(page: Page, stage: Stage) -> None:
    desk(page, stage, "edit", "editor")
    region = page.locator("[data-desk=edit]")
    region.get_by_label("Thửa đất cần chỉnh lý", exact=True).fill(f"{SHEET}/{WHOLE}")
    region.get_by_role("button", name="Chọn", exact=True).click()
    expect(region.get_by_role("button", name=f"Tờ {SHEET}, thửa {WHOLE}", exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )
    region.get_by_role("group", name="Việc cần làm").get_by_role("button", name="Tách thửa").click()
    region.get_by_label("Diện tích", exact=True).check()
    region.get_by_label("Diện tích phần tách").fill("40")
    expect(region.locator("[data-part]")).to_have_count(2, timeout=PATIENCE_MS)


def at_preview(page: Page, stage: Stage) -> None:
    at_split(page, stage)
    region = page.locator("[data-desk=edit]")
    region.get_by_role("button", name="Xem trước", exact=True).click()
    preview = region.get_by_role("region", name="Xem trước")
    expect(preview).to_contain_text(re.compile(r"T\d"), timeout=PATIENCE_MS)
    preview.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    drawn(page)


def at_corners(page: Page, stage: Stage) -> None:
    desk(page, stage, "edit", "editor")
    region = page.locator("[data-desk=edit]")
    region.get_by_label("Thửa đất cần chỉnh lý", exact=True).fill(f"{SHEET}/{RETURNED}")
    region.get_by_role("button", name="Chọn", exact=True).click()
    expect(region.get_by_role("button", name=f"Tờ {SHEET}, thửa {RETURNED}", exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )
    region.get_by_role("group", name="Việc cần làm").get_by_role("button", name="Dời đỉnh").click()
    corner = region.get_by_label("Đỉnh đang chỉnh")
    expect(corner.get_by_role("option").nth(2)).to_be_attached(timeout=PATIENCE_MS)
    corner.select_option(index=1)


def at_keys(page: Page, stage: Stage) -> None:
    at_edit(page, stage)
    page.get_by_role("button", name="Phím tắt").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def at_queue(page: Page, stage: Stage) -> None:
    desk(page, stage, "approve", "approver", 18.2)
    expect(page.get_by_role("button", name="Tách thửa do thừa kế")).to_be_visible(timeout=PATIENCE_MS)


def at_correction(page: Page, stage: Stage) -> None:
    at_queue(page, stage)
    page.get_by_role("button", name="Tách thửa do thừa kế").click()
    expect(page.locator(".correction")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    drawn(page)


def at_returned(page: Page, stage: Stage) -> None:
    at_queue(page, stage)
    page.get_by_role("button", name="Đã trả lại", exact=True).click()
    page.get_by_role("button", name="Chuyển sang đất trồng cây lâu năm").click(timeout=PATIENCE_MS)
    expect(page.locator(".correction[data-state=returned]")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    drawn(page)


def at_empty_queue(page: Page, stage: Stage) -> None:
    at_queue(page, stage)
    page.get_by_role("button", name="Chờ áp dụng", exact=True).click()
    expect(page.get_by_text("Không có chỉnh lý nào chờ áp dụng.")).to_be_visible(timeout=PATIENCE_MS)


def at_history(page: Page, stage: Stage) -> None:
    desk(page, stage, "approve", "approver")
    page.get_by_role("button", name="Lịch sử thửa").click()
    page.get_by_label("Mã thửa").fill(stage.code)
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_role("button", name="Hoàn tác…").first).to_be_visible(timeout=PATIENCE_MS)


def at_office(page: Page, stage: Stage, part: str = "Thống kê") -> None:
    desk(page, stage, "office", "office", 18.2)
    page.get_by_role("group", name="Bàn văn phòng").get_by_role("button", name=part, exact=True).click()
    expect(page.get_by_text("Đang đọc…")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator("[data-desk=office] .wrong:not(:empty)")).to_have_count(0)


def at_people(page: Page, stage: Stage) -> None:
    at_office(page, stage, "Người dùng")
    page.locator(".office-people details").first.locator("summary").click()


def at_imports(page: Page, stage: Stage) -> None:
    at_office(page, stage, "Nhập liệu")
    page.locator(".office-people details").first.locator("summary").click()
    expect(page.get_by_text("Đang đọc…")).to_have_count(0, timeout=PATIENCE_MS)


def at_communes(page: Page, stage: Stage) -> None:
    at_office(page, stage, "Xã và tờ")
    page.locator(".office-people details").first.locator("summary").click()
    expect(page.locator(".office-grants li").first).to_be_visible(timeout=PATIENCE_MS)


def at_health(page: Page, stage: Stage) -> None:
    at_office(page, stage, "Máy chủ")


def at_scans(page: Page, stage: Stage) -> None:
    """A paper of what the map shows in print; four points told in it and on the map, the fifth by half."""
    page.goto(f"{stage.url}/?look=print{stage.here(18.2)}")
    drawn(page)
    size = page.viewport_size
    assert size is not None
    half = 150 if phone(page) else 260
    left, top = size["width"] // 2 - half, size["height"] // 2 - 140
    paper = page.screenshot(clip={"x": left, "y": top, "width": 2 * half, "height": 280})
    told = [(0.1, 0.1), (0.9, 0.15), (0.85, 0.9), (0.15, 0.85), (0.5, 0.5)]
    ground = page.evaluate(
        "(spots) => spots.map(([x, y]) => { const box = diachinh.map.getCanvas().getBoundingClientRect();"
        " return diachinh.map.unproject([x - box.left, y - box.top]).toArray(); })",
        [[left + x * 2 * half, top + y * 280] for x, y in told],
    )
    at_office(page, stage, "Ảnh quét")
    part = page.get_by_role("region", name="Ảnh quét và ảnh trực giao")
    part.get_by_label("Chọn ảnh").set_input_files(
        {"name": "to-12.png", "mimeType": "image/png", "buffer": paper}
    )
    pane = part.get_by_role("application")
    expect(pane.get_by_role("img")).to_have_js_property("naturalWidth", 2 * half)
    rows = part.get_by_role("table", name="Điểm khống chế").get_by_role("row")
    for k, ((x, y), (lon, lat)) in enumerate(zip(told, ground, strict=True), 1):
        box = pane.locator("img").bounding_box()
        assert box is not None
        pane.locator("img").click(position={"x": x * box["width"], "y": y * box["height"]})
        expect(rows).to_have_count(k + 1)
        if k == len(told):
            break
        for name, metres in zip(("Y (Đông)", "X (Bắc)"), plane(page, lon, lat), strict=True):
            part.get_by_label(f"Điểm {k}: {name}").fill(f"{metres:.3f}".replace(".", ","))
    pane.scroll_into_view_if_needed()
    drawn(page)


def plane(page: Page, lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """East and north in the zone the desk has chosen."""
    epsg = int(page.get_by_label("Kinh tuyến trục").input_value())
    east, north = crs.from_wgs84(epsg, [lon_deg], [lat_deg])
    return float(east[0]), float(north[0])


VIEWS: Final = (
    View("map", at_map),
    View("map-dark", at_parcel, dark=True),
    View("parcel", at_parcel),
    View("search", at_search),
    View("search-none", at_nothing_found),
    View("parcel-unknown", at_unknown_code),
    View("server-lost", at_lost_server),
    View("legend", at_legend, first=True),
    View("look-print", at_print_look),
    View("look-safe", at_safe_look),
    View("time", at_time),
    View("measure", at_measure),
    View("print", at_print),
    View("share", at_tools),
    View("offline", at_offline),
    View("offline-kept", at_offline_kept),
    View("sign-in", at_sign_in),
    View("sign-in-refused", at_refused_sign_in),
    View("account", at_account),
    View("survey", at_hand_in),
    View("survey-report", at_report, first=True),
    View("survey-proposal", at_proposal),
    View("survey-passed", at_passed),
    View("edit", at_edit),
    View("edit-split", at_split),
    View("edit-preview", at_preview, first=True),
    View("edit-preview-dark", at_preview, dark=True),
    View("edit-corners", at_corners),
    View("edit-keys", at_keys),
    View("approve-queue", at_queue),
    View("approve-correction", at_correction, first=True),
    View("approve-returned", at_returned),
    View("approve-empty", at_empty_queue),
    View("approve-history", at_history),
    View("office", at_office),
    View("office-people", at_people),
    View("office-imports", at_imports),
    View("office-communes", at_communes),
    View("office-scans", at_scans, first=True),
    View("office-health", at_health),
)
