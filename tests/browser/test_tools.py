"""Tools of the map: printing at a true scale, measuring on the ground, this device's place, dark pages."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from geo import crs
from tests.api.test_plans import MM, has, outlines
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.test_page import on_sheet, open_page, poll
from tests.conftest import Served
from tests.register.handed_in import EAST, EPSG, NORTH
from tiles.looks import LOOKS

pytestmark = NEEDS_PAGE


def degrees(east: float, north: float) -> tuple[float, float]:
    lon, lat = crs.to_wgs84(EPSG, [EAST + east], [NORTH + north])
    return float(lon[0]), float(lat[0])


def view(east: float, north: float, zoom: float) -> str:
    lon, lat = degrees(east, north)
    return f"#{zoom}/{lat:.7f}/{lon:.7f}"


def plane(places: list[list[float]]) -> np.ndarray:
    """East and north (n, 2) in the zone of places in degrees."""
    lon, lat = np.array(places).T
    return np.column_stack(crs.from_wgs84(EPSG, lon, lat))


def test_what_the_frame_shows_is_printed_at_its_true_scale(page: Page, site: Served, tmp_path: Path) -> None:
    code = on_sheet(site, "12", "7")["id"]
    open_page(page, site, f"?code={code}{view(30, 30, 18)}")
    page.get_by_role("button", name="In ra PDF đúng tỷ lệ").click()
    sheet = page.get_by_role("region", name="In bản đồ")
    sheet.get_by_role("combobox", name="Tỷ lệ").select_option("500")
    sheet.get_by_label("Hướng giấy").select_option("landscape")
    sheet.get_by_label("Tên bản in").fill("Đường Lê Lợi")
    frame = "() => diachinh.map.getSource('frame').serialize().data.features[0]?.geometry.coordinates[0]"
    sides = poll(
        page, f"!diachinh.map.isMoving() && ({frame})()", lambda told: bool(told) and wide(told) == 135
    )
    corners = plane(sides)
    west = corners[:, 0].min()
    assert corners.max(axis=0) - corners.min(axis=0) == pytest.approx([135, 65], abs=0.01)
    seen = page.evaluate("([[w, s], [e, n]]) => [diachinh.map.project([w, n]), diachinh.map.project([e, s])]",
                         [np.min(sides, axis=0).tolist(), np.max(sides, axis=0).tolist()])  # fmt: skip
    assert 392 < seen[0]["x"] < seen[1]["x"] < 1280 - 380  # beside the panel and the tool
    sheet.get_by_role("button", name="Tạo PDF").click()
    save = sheet.get_by_role("link", name="Lưu PDF")
    expect(save).to_be_visible(timeout=PATIENCE_MS)
    with page.expect_download() as downloading:
        save.click()
    assert downloading.value.suggested_filename == f"thua-{code}-1-500.pdf"
    (paper,) = PdfReader(BytesIO(Path(downloading.value.path()).read_bytes())).pages
    assert float(paper.mediabox.width) / MM == pytest.approx(297, abs=0.01)
    lots = has(outlines(paper), 10, 40)  # 5 m by 20 m
    assert len(lots) > 20
    # where the first lot stands in the frame is where the preview had it
    first = min(box[0] for box in lots) - 17
    assert first == pytest.approx((EAST - west) * 2, abs=0.1)
    assert "Đường Lê Lợi" in paper.extract_text()
    page.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    expect(page.locator("[data-code]")).to_be_visible()  # the panel stays
    assert not page.evaluate("() => Boolean(diachinh.map.getSource('frame'))")


def wide(sides: list[list[float]]) -> float:
    corners = plane(sides)
    return round(float(np.ptp(corners[:, 0])), 1)


@pytest.mark.slow
def test_a_plan_of_too_much_is_refused_where_it_was_asked(
    page: Page, site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.plans.MOST_PARCELS", 5)
    open_page(page, site, view(30, 30, 18))
    page.get_by_role("button", name="In ra PDF đúng tỷ lệ").click()
    sheet = page.get_by_role("region", name="In bản đồ")
    sheet.get_by_role("button", name="Tạo PDF").click()
    expect(sheet.get_by_role("alert")).to_contain_text("hơn 5 thửa đất", timeout=PATIENCE_MS)


def test_measuring_by_clicks_tells_metres_of_the_ground(page: Page, site: Served) -> None:
    open_page(page, site, view(20, 30, 20))
    page.get_by_role("button", name="Đo dài, đo diện tích").click()
    sheet = page.get_by_role("region", name="Đo trên bản đồ")
    expect(sheet).to_be_visible()
    page.evaluate(
        "() => { window.__at = []; diachinh.map.on('click', (e) => __at.push(e.lngLat.toArray())); }"
    )
    for corner in ((10, 28), (30, 28), (30, 48)):
        at = page.evaluate(
            "(place) => { const p = diachinh.map.project(place); return [p.x, p.y]; }", degrees(*corner)
        )
        page.mouse.click(*at)
        page.wait_for_timeout(400)  # two clicks at once are a double click
    length = sheet.locator("[data-length]")
    page.mouse.move(5, 700)  # off the map: what is told is what was clicked
    page.get_by_role("combobox").hover()
    points = plane(poll(page, "window.__at", lambda told: len(told) == 3))
    true = float(np.hypot(*np.diff(points, axis=0).T).sum())
    poll(page, "Number(document.querySelector('[data-length]').dataset.length)",
         lambda told: told == pytest.approx(true, abs=0.002))  # fmt: skip
    assert true == pytest.approx(40, rel=0.01)
    expect(length).to_contain_text(f"{true:.2f}".replace(".", ","))
    one, two, three = points
    area = abs(np.linalg.det([two - one, three - one])) / 2
    assert float(sheet.locator("[data-area]").get_attribute("data-area") or 0) == pytest.approx(
        area, abs=0.01
    )
    expect(page.locator("[data-code]")).to_have_count(0)  # no parcel was opened by it
    sheet.get_by_role("button", name="Bỏ điểm cuối").click()
    expect(length).to_contain_text("20,0")
    page.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    page.mouse.click(760, 420)
    expect(page.locator("[data-code]")).to_be_visible(timeout=PATIENCE_MS)  # clicks open parcels again


@pytest.mark.slow
def test_measuring_by_keyboard_alone(page: Page, site: Served) -> None:
    open_page(page, site, view(20, 30, 19))
    page.get_by_role("button", name="Đo dài, đo diện tích").press("Enter")
    sheet = page.get_by_role("region", name="Đo trên bản đồ")
    expect(page.locator("canvas.maplibregl-canvas")).to_be_focused(timeout=PATIENCE_MS)
    middles = []
    for _ in range(2):
        middles.append(page.evaluate("() => diachinh.map.getCenter().toArray()"))
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(600)
        poll(page, "!diachinh.map.isMoving()")
    true = float(np.hypot(*np.diff(plane(middles), axis=0)[0]))
    told = poll(page, "Number(document.querySelector('[data-length]').dataset.length)")
    assert told == pytest.approx(true, abs=0.002)
    assert told > 10
    page.keyboard.press("Backspace")
    poll(page, "document.querySelector('[data-length]').dataset.length === '0.000'")
    page.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    expect(page.get_by_role("button", name="Đo dài, đo diện tích")).to_be_focused()


@pytest.fixture
def located(browser: Browser) -> Iterator[Page]:
    """A page of a device that may tell where it is."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="vi-VN", permissions=["geolocation"]
    )
    lon, lat = degrees(50, 10)
    context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 12})
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_my_location_is_shown_and_how_sure_it_is(located: Page, site: Served) -> None:
    open_page(located, site)
    button = located.get_by_role("button", name="Vị trí của tôi")
    button.click()
    expect(located.locator(".notice")).to_contain_text("khoảng 12 m", timeout=PATIENCE_MS)
    poll(located, "!diachinh.map.isMoving() && diachinh.map.getZoom() >= 18")
    assert located.evaluate("() => diachinh.map.getCenter().toArray()") == pytest.approx(
        degrees(50, 10), abs=1e-5
    )
    button.click()
    poll(located, "!diachinh.map.getSource('device')")


@pytest.mark.slow
def test_a_location_refused_is_said(page: Page, site: Served) -> None:
    open_page(page, site)
    page.get_by_role("button", name="Vị trí của tôi").click()
    expect(page.locator(".notice")).to_contain_text("không cho xem vị trí", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Vị trí của tôi")).to_have_attribute("aria-pressed", "false")


@pytest.mark.slow
def test_a_dark_system_has_a_dark_page_and_the_switch_is_remembered(browser: Browser, site: Served) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="vi-VN", color_scheme="dark"
    )
    try:
        page = context.new_page()
        open_page(page, site)
        fill = "() => JSON.stringify(diachinh.map.getPaintProperty('parcels-fill', 'fill-color'))"
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert LOOKS["dark"].washes["residential"] in page.evaluate(fill)
        page.get_by_role("button", name="Nền tối").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        poll(page, fill, lambda told: LOOKS["light"].washes["residential"] in told)
        page.reload()
        poll(page, "document.documentElement.dataset.map === 'idle'")
        assert page.locator("html").get_attribute("data-theme") == "light"
        assert LOOKS["light"].washes["residential"] in page.evaluate(fill)
        page.get_by_role("button", name="Chú giải").click()
        page.get_by_label("Dễ phân biệt màu").check()
        page.get_by_role("button", name="Nền tối").click()
        poll(
            page, fill, lambda told: LOOKS["safe"].washes["residential"] in told
        )  # what every eye sees stays
    finally:
        context.close()
