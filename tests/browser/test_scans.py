"""Scans on the page: chosen from their list, drawn over the map as dense as the slider says."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from api.scan_hand_in import Office, hand_in
from api.scan_shapes import ScanFields
from register.connect import connect
from tests.browser.built import NEEDS_PAGE
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
    """Red, green, blue of the map in the middle of the window, as it is drawn."""
    return poll(
        page,
        "new Promise((done) => { const map = diachinh.map; map.once('render', () => { const gl = map.getCanvas()"
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
