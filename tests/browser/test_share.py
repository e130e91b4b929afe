"""A link to what is seen: it opens the same place, parcel, moment, look and scans on another's screen."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from api.scan_hand_in import Office
from api.scan_hand_in import hand_in as hand_in_scan
from api.scan_shapes import ScanFields
from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from tests.browser.built import NEEDS_PAGE
from tests.browser.street import lots
from tests.browser.test_fresh import shown, view
from tests.browser.test_page import drawn, on_sheet, open_page, poll, shown_code
from tests.conftest import Clone, Serve, Served
from tests.importers.raster import paper
from tests.register.handed_in import DAY, EAST, EPSG, NORTH, hand_in
from tiles.looks import LOOKS

pytestmark = NEEDS_PAGE
COPIED = "() => window.__copied"
CATCH = """() => { Object.defineProperty(navigator, 'clipboard',
    {value: {writeText: async (text) => { window.__copied = text; }}, configurable: true}); }"""


@pytest.fixture(scope="module")
def site(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The street, one of its lots orchard for a month, under a scan."""
    folder: Path = tmp_path_factory.mktemp("scans")
    picture = paper.save(np.full((160, 240, 3), 90, np.uint8), folder / "to_1.png")
    world = folder / "to_1.pgw"
    world.write_text(f"0.25\n0\n0\n-0.25\n{EAST + 0.125}\n{NORTH + 39.875}\n")
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
        hand_in_scan(
            Office(conninfo, "register", folder),
            "tester",
            [picture, world],
            ScanFields(crs=EPSG, title="Tờ bản đồ số 1"),
        )
        with serve(conninfo, scans=folder) as served:
            yield served


def test_a_link_keeps_place_parcel_moment_look_and_scans(page: Page, browser: Browser, site: Served) -> None:
    code, here = view(site, ("12", "3"), 18)
    open_page(page, site, f"?code={code}{here}")
    page.get_by_role("button", name="Chú giải").click()
    page.get_by_label("Dễ phân biệt màu").check()
    page.get_by_role("button", name="Chú giải").click()
    page.get_by_role("button", name="Tờ quét, ảnh").click()
    page.get_by_label("Tờ bản đồ số 1").check()
    page.get_by_label("Độ đậm").fill("40")
    page.get_by_role("button", name="Bản đồ theo thời gian").click()
    slider = page.get_by_role("slider", name="Thời điểm của bản đồ")
    expect(slider).to_have_attribute("max", "3")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "31/03/2026")
    shown(page, code, "CLN")
    poll(page, "location.search.includes('at=')")
    page.evaluate(CATCH)
    page.get_by_role("button", name="Chép liên kết đến chỗ đang xem").click()
    link = poll(page, COPIED)

    parts = urlsplit(link)
    asked = parse_qs(parts.query)
    assert asked["code"] == [code]
    assert asked["at"] == ["2026-03-31"]
    assert asked["look"] == ["safe"]
    assert asked["density"] == ["40"]
    assert parts.fragment.startswith("18/")
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="vi-VN", reduced_motion="reduce"
    )
    try:
        other = context.new_page()
        other.goto(link)
        drawn(other)
        assert shown_code(other) == code
        expect(other.locator(".panel")).to_contain_text("CLN")  # as it was
        expect(other.get_by_role("slider", name="Thời điểm của bản đồ")).to_have_attribute(
            "aria-valuetext", "31/03/2026"
        )
        shown(other, code, "CLN")
        fill = other.evaluate(
            "() => JSON.stringify(diachinh.map.getPaintProperty('parcels-fill', 'fill-color'))"
        )
        assert LOOKS["safe"].washes["residential"] in fill
        poll(other, "diachinh.map.getStyle().layers.some((one) => one.id.startsWith('scan-') "
             "&& one.paint['raster-opacity'] === 0.4)")  # fmt: skip
        centres = [one.evaluate("() => diachinh.map.getCenter().toArray()") for one in (page, other)]
        assert centres[1] == pytest.approx(centres[0], abs=1e-5)
        other.reload()
        drawn(other)
        shown(other, code, "CLN")
        assert (
            other.evaluate("() => localStorage.getItem('diachinh.look')") is None
        )  # a link changes no habit
    finally:
        context.close()


@pytest.mark.slow
def test_the_panel_s_link_is_the_same(page: Page, site: Served) -> None:
    code = on_sheet(site, "13", "4")["id"]
    open_page(page, site, f"?code={code}&at=2026-03-31")
    assert shown_code(page) == code
    page.evaluate(CATCH)
    page.locator(".panel").get_by_role("button", name="Chép liên kết").click()
    assert f"code={code}&at=2026-03-31" in poll(page, COPIED)


@pytest.mark.slow
@pytest.mark.parametrize("bad", ["at=yesterday", "at=2026-99-99", "look=none&density=900&scans=x,y"])
def test_what_a_link_tells_badly_is_left_out(page: Page, site: Served, bad: str) -> None:
    code, here = view(site, ("12", "3"), 18)
    open_page(page, site, f"?{bad}{here}")
    shown(page, code, "LUC")
    expect(page.get_by_role("button", name="Bản đồ theo thời gian")).to_be_visible()
