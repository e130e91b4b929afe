"""Scans on the page: chosen from their list, drawn over the map as dense as the slider says; placed by points one clicks."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from api.scan_hand_in import Office, hand_in
from api.scan_shapes import ScanFields
from geo import crs
from register.connect import connect
from tests.browser.at_desks import hire, sign_in
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.street import lots
from tests.browser.test_page import poll
from tests.conftest import Clone, Serve, Served
from tests.importers.raster import paper
from tests.register.handed_in import EAST, EPSG, NORTH
from tests.register.handed_in import hand_in as hand_in_parcels

pytestmark = NEEDS_PAGE


@pytest.fixture(scope="module")
def site(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The street under a blue scan, 60 m by 40 m from its corner."""
    folder: Path = tmp_path_factory.mktemp("scans")
    blue = np.zeros((160, 240, 3), np.uint8)
    blue[:, :, 2] = 250
    picture = paper.save(blue, folder / "to_1.png")
    world = folder / "to_1.pgw"
    world.write_text(f"0.25\n0\n0\n-0.25\n{EAST + 0.125}\n{NORTH + 39.875}\n")
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in_parcels(conn, *lots())
        office = Office(conninfo, "register", folder)
        hand_in(office, "tester", [picture, world], ScanFields(crs=EPSG, title="Tờ bản đồ số 1"))
        with serve(conninfo, scans=folder) as served:
            yield served


def middle(page: Page) -> list[int]:
    """Red, green, blue of the map in the middle of the window, drawn to the end: tiles come, fades over."""
    return poll(
        page,
        "new Promise((done) => { const map = diachinh.map; map.once('idle', () => { const gl = map.getCanvas()"
        ".getContext('webgl2'); const at = new Uint8Array(4); gl.readPixels(gl.drawingBufferWidth / 2, "
        "gl.drawingBufferHeight / 2, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, at); done([...at].slice(0, 3)); });"
        "map.triggerRepaint(); })",
    )


def test_a_scan_is_drawn_over_the_map_and_fades(page: Page, site: Served) -> None:
    page.goto(site.url)
    page.get_by_role("button", name="Tờ quét, ảnh").click()
    page.get_by_role("button", name="Đến đó").click()
    poll(page, "diachinh.map.getZoom() > 18 && !diachinh.map.isMoving()")
    before = middle(page)
    page.get_by_label("Tờ bản đồ số 1").check()
    slider = page.get_by_label("Độ đậm")
    expect(slider).to_have_value("70")
    slider.fill("100")
    poll(page, "diachinh.map.areTilesLoaded()")
    dense = poll_colour(page, lambda c: c[2] > 200 and c[0] < 60)
    slider.fill("50")
    half = [(one + two) / 2 for one, two in zip(before, dense, strict=True)]
    poll_colour(page, lambda c: c == pytest.approx(half, abs=12))
    page.get_by_label("Tờ bản đồ số 1").uncheck()
    poll_colour(page, lambda c: c == pytest.approx(before, abs=12))


def poll_colour(page: Page, wanted: object) -> list[int]:
    """The colour in the middle once it is wanted."""
    for _ in range(300):
        if wanted(colour := middle(page)):  # type: ignore[operator]
            return colour
        page.wait_for_timeout(100)
    raise AssertionError(f"still {colour}")


def test_a_paper_is_placed_by_points_in_the_picture_and_on_the_map(
    page: Page, site: Served, tmp_path: Path
) -> None:
    """Pixels of 0.25 m, row 0 at 40 m north: clicked at the same corners of lots in the picture and on the map, the last
    point typed; what was begun outlives the tab."""
    hire(site.conninfo, {"hoa": ("office",)})
    sheet = np.full((160, 240, 3), 240, np.uint8)
    sheet[:, ::20] = 60
    picture = paper.save(sheet, tmp_path / "to_giay.png")
    lon, lat = crs.to_wgs84(EPSG, [EAST + 30], [NORTH + 24])
    page.goto(f"{site.url}/?desk=office#20/{lat[0]:.7f}/{lon[0]:.7f}")
    sign_in(page, "hoa")
    page.get_by_role("group", name="Bàn văn phòng").get_by_role("button", name="Ảnh quét").click()
    part = page.get_by_role("region", name="Ảnh quét và ảnh trực giao")
    part.get_by_label("Chọn ảnh").set_input_files(picture)
    pane = part.get_by_role("application")
    expect(pane.get_by_role("img")).to_have_js_property("naturalWidth", 240)
    for k, (east, north) in enumerate(
        ((25, 28), (45, 28), (30, 20), (40, 20)), 1
    ):  # corners of lots, the road between
        pane.click(position={"x": 4 * east, "y": 4 * (40 - north)})
        on_map(page, east + 0.1, north + 0.1)
        corner = f"{EAST + east:.3f}".replace(".", ",")  # near it is the corner itself
        expect(part.get_by_label(f"Điểm {k}: Y (Đông)")).to_have_value(corner, timeout=PATIENCE_MS)
    rows = part.get_by_role("table", name="Điểm khống chế").get_by_role("row")
    expect(rows).to_have_count(5)
    for k, (east, north) in enumerate(((25, 28), (45, 28), (30, 20), (40, 20)), 1):
        assert number(part, k, "Y (Đông)") == pytest.approx(EAST + east, abs=0.0005)
        assert number(part, k, "X (Bắc)") == pytest.approx(NORTH + north, abs=0.0005)
    page.reload()
    page.get_by_role("group", name="Bàn văn phòng").get_by_role("button", name="Ảnh quét").click()
    expect(rows).to_have_count(5)
    part.get_by_role("button", name="Thêm điểm").click()
    for name, text in (
        ("Cột", "8"),
        ("Hàng", "8"),
        ("X (Bắc)", f"{NORTH + 38:.3f}"),
        ("Y (Đông)", f"{EAST + 12:.3f}"),
    ):
        part.get_by_label(f"Điểm 5: {name}").fill(text.replace(".", ","))
    expect(part.locator(".scan-worst")).to_contain_text(
        "m"
    )  # ten metres off: a slip is seen before it is sent
    part.get_by_label("Điểm 5: Y (Đông)").fill(f"{EAST + 2:.3f}")
    part.get_by_label("Tên hiện trên bản đồ").fill("Tờ giấy cũ")
    part.get_by_role("button", name="Đặt ảnh", exact=True).click()
    placed = part.get_by_role("status", name="Ảnh vừa đặt")
    expect(placed).to_contain_text("Đã đặt: Tờ giấy cũ", timeout=PATIENCE_MS)
    expect(placed.get_by_role("row", name="Affine")).to_contain_text("0,", timeout=PATIENCE_MS)
    west, south, east, north = next(
        one
        for one in httpx.get(f"{site.url}/tiles/scans.json", timeout=60).json()["scans"]
        if one["name"] == "Tờ giấy cũ"
    )["bounds"]
    lon, lat = crs.to_wgs84(EPSG, [EAST, EAST + 60], [NORTH, NORTH + 40])
    assert [west, south, east, north] == pytest.approx(
        [lon[0], lat[0], lon[1], lat[1]], abs=8e-6
    )  # 0.8 m: pixels of clicks
    part.get_by_text("Tờ giấy cũ", exact=True).click()
    part.get_by_role("button", name="Thôi hiển thị").click()
    part.get_by_role("button", name="Bấm lần nữa").click()
    expect(part.get_by_text("Tờ giấy cũ", exact=True)).to_have_count(0)


def on_map(page: Page, east: float, north: float) -> None:
    lon, lat = crs.to_wgs84(EPSG, [EAST + east], [NORTH + north])
    poll(page, "!diachinh.map.isMoving()")
    at = page.evaluate(
        "(place) => { const p = diachinh.map.project(place); const b = diachinh.map.getCanvas().getBoundingClientRect();"
        " return [b.left + p.x, b.top + p.y]; }",
        [float(lon[0]), float(lat[0])],
    )
    page.mouse.click(*at)


def number(part: Locator, row: int, name: str) -> float:
    return float(part.get_by_label(f"Điểm {row}: {name}").input_value().replace(",", "."))
