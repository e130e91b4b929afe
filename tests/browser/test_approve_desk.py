"""The approver's desk, and the whole way: uploaded, reported, drafted, approved, seen on a map that stood open meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.surveying import faulty, town
from tests.browser.at_desks import PASSWORD, hire, sign_in
from tests.browser.built import NEEDS_PAGE, PATIENCE_MS
from tests.browser.test_page import drawn, poll
from tests.browser.test_survey_desk import hand_in, outcome
from tests.conftest import Clone, Serve, Served

pytestmark = NEEDS_PAGE


@dataclass(frozen=True, slots=True)
class Office:
    """The server, and what people do there without the page."""

    served: Served
    client: httpx.Client

    def ask(self, who: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        signed = self.client.post("/api/v1/sessions", json={"name": who, "password": PASSWORD}).json()
        answer = self.client.request(
            method, f"/api/v1{path}", json=body, headers={"authorization": f"Bearer {signed['access']}"}
        )
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def parcel(self, number: str) -> dict[str, Any]:
        found = self.client.get("/api/v1/parcels", params={"sheet": "12", "number": number}).json()
        (feature,) = found["features"]
        return feature  # type: ignore[no-any-return]

    def submitted(self, number: str, use: str) -> str:
        """The key of a correction that waits: the parcel of another land use."""
        intent = {"kind": "attributes", "parcels": [{"parcel": self.parcel(number)["id"], "land_use": use}]}
        made = self.ask("be", "POST", "/corrections", {"intent": intent, "reason": f"Đổi thửa {number}"})
        key = made["correction"]
        self.ask("be", "POST", f"/corrections/{key}/submit", {"hash": made["hash"]})
        return str(key)

    def state(self, key: str) -> str:
        return str(self.ask("ca", "GET", f"/corrections/{key}")["state"])


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Office]:
    with town(clone) as conninfo:
        hire(
            conninfo,
            {"an": ("surveyor",), "be": ("editor",), "ca": ("approver",), "da": ("approver", "editor")},
        )
        with (
            serve(conninfo, checks=1) as served,
            httpx.Client(base_url=served.url, timeout=120) as client,
        ):
            yield Office(served, client)


@contextmanager
def somebody_else(browser: Browser) -> Iterator[Page]:
    """Another browser."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="vi-VN", reduced_motion="reduce"
    )
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def desk(page: Page, office: Office) -> Page:
    page.goto(f"{office.served.url}/?desk=approve")
    sign_in(page, "ca")
    return page


def open_waiting(desk: Page, reason: str) -> None:
    """Open the correction of this reason from the queue."""
    desk.get_by_role("button", name=reason).click()
    expect(desk.locator(".correction")).to_be_visible(timeout=PATIENCE_MS)


def state(desk: Page, wanted: str) -> None:
    expect(desk.locator(f".correction[data-state={wanted}]")).to_be_visible(timeout=PATIENCE_MS)


def test_from_the_file_to_every_open_map(page: Page, browser: Browser, office: Office) -> None:
    """Upload, report, draft, approval; a second browser that stands open shows the new ground without being loaded again."""
    url = office.served.url
    before = office.parcel("50")
    lon_deg, lat_deg = before["properties"]["point"]
    with somebody_else(browser) as citizen, somebody_else(browser) as approver:
        citizen.goto(f"{url}/#19.5/{lat_deg}/{lon_deg}")
        drawn(citizen)
        shape = (
            "JSON.stringify(diachinh.map.querySourceFeatures('register', {sourceLayer: 'parcels'})"
            f".filter((f) => f.properties.code === '{before['id']}').map((f) => f.geometry.coordinates))"
        )
        stood = poll(citizen, shape, lambda told: len(told) > 10)

        page.goto(f"{url}/?desk=survey")
        sign_in(page, "an")
        hand_in(page, faulty("registered_area", "wkt"))
        assert "Đạt" in outcome(page)
        page.get_by_role("button", name="Lập bản thảo chỉnh lý").click()
        expect(page.get_by_text("đổi hình: 3")).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("button", name="Trình người phê duyệt").click()
        expect(page.get_by_text("Đã trình, đang chờ người phê duyệt.")).to_be_visible(timeout=PATIENCE_MS)

        approver.goto(f"{url}/?desk=approve")
        sign_in(approver, "ca")
        drawn(approver)
        approver.get_by_role("button", name="Cập nhật theo kết quả đo").click()
        expect(approver.get_by_text("Diện tích thay đổi từ").first).to_be_visible(timeout=PATIENCE_MS)
        handle = approver.get_by_role("slider", name="Vạch so sánh trước và sau")
        drawn(approver)
        handle.press("Home")  # all of it after
        count = "diachinh.map.querySourceFeatures('{}').length"
        poll(approver, count.format("after"), lambda n: n > 0)
        poll(approver, count.format("before"), lambda n: n == 0)
        handle.press("End")
        poll(approver, count.format("before"), lambda n: n > 0)
        poll(approver, count.format("after"), lambda n: n == 0)
        approver.get_by_role("button", name="Duyệt và áp dụng").click()
        state(approver, "applied")

        poll(citizen, shape, lambda told: len(told) > 10 and told != stood)
    assert office.parcel("50")["properties"]["area_m2"] != before["properties"]["area_m2"]


@pytest.mark.slow
def test_returned_with_a_comment_on_the_map(desk: Page, office: Office) -> None:
    key = office.submitted("70", "CLN")
    open_waiting(desk, "Đổi thửa 70")
    drawn(desk)
    desk.get_by_role("button", name="Trả lại").click()
    desk.get_by_label("Lý do trả lại").fill("Thiếu quyết định chuyển mục đích.")
    box = desk.locator(".maplibregl-canvas").bounding_box()
    assert box
    desk.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6)
    expect(desk.get_by_text("Đã ghim trên bản đồ")).to_be_visible()
    desk.reload()  # the tab closes while it is written
    expect(desk.get_by_label("Lý do trả lại")).to_have_value(
        "Thiếu quyết định chuyển mục đích.", timeout=PATIENCE_MS
    )
    desk.locator(".returning").get_by_role("button", name="Trả lại").click()
    state(desk, "returned")
    told = office.ask("be", "GET", f"/corrections/{key}")
    last = told["events"][-1]
    assert (last["state"], last["comment"]) == ("returned", "Thiếu quyết định chuyển mục đích.")
    assert last["place"] is not None
    poll(desk, "diachinh.map.querySourceFeatures('pins').length", lambda n: n > 0)


@pytest.mark.slow
def test_what_was_changed_meanwhile_is_not_approved_unseen(desk: Page, office: Office) -> None:
    key = office.submitted("71", "CLN")
    open_waiting(desk, "Đổi thửa 71")
    intent = {"kind": "attributes", "parcels": [{"parcel": office.parcel("71")["id"], "land_use": "TMD"}]}
    anew = office.ask("be", "PUT", f"/corrections/{key}", {"intent": intent, "reason": "Đổi thửa 71"})
    office.ask("be", "POST", f"/corrections/{key}/submit", {"hash": anew["hash"]})
    desk.get_by_role("button", name="Duyệt và áp dụng").click()
    expect(desk.get_by_text("không còn như lúc đã xem")).to_be_visible(timeout=PATIENCE_MS)
    assert office.state(key) == "submitted"
    expect(desk.get_by_role("cell", name="TMD")).to_be_visible()  # what stands now is shown
    desk.get_by_role("button", name="Duyệt và áp dụng").click()
    state(desk, "applied")


@pytest.mark.slow
def test_a_lost_server_keeps_the_decision_open(desk: Page, office: Office) -> None:
    key = office.submitted("72", "CLN")
    open_waiting(desk, "Đổi thửa 72")
    desk.route("**/approve", lambda route: route.abort())
    desk.get_by_role("button", name="Duyệt và áp dụng").click()
    expect(desk.get_by_text("Không nối được máy chủ")).to_be_visible(timeout=PATIENCE_MS)
    assert office.state(key) == "submitted"
    desk.unroute("**/approve")
    desk.get_by_role("button", name="Chỉ duyệt").click()
    state(desk, "approved")
    desk.get_by_role("button", name="Áp dụng vào sổ").click()
    state(desk, "applied")


@pytest.mark.slow
def test_a_step_is_undone_by_one_and_approved_by_another(page: Page, office: Office) -> None:
    key = office.submitted("73", "TMD")
    told = office.ask("ca", "GET", f"/corrections/{key}")
    for step in ("approve", "apply"):
        office.ask("ca", "POST", f"/corrections/{key}/{step}", {"hash": told["hash"]})
    parcel = office.parcel("73")
    assert parcel["properties"]["land_use"] == "TMD"
    page.goto(f"{office.served.url}/?desk=approve")
    sign_in(page, "da")
    page.get_by_role("button", name="Lịch sử thửa").click()
    page.get_by_label("Mã thửa").fill(parcel["id"])
    page.get_by_role("button", name="Xem", exact=True).click()
    page.get_by_role("button", name="Hoàn tác…").click(timeout=PATIENCE_MS)
    page.get_by_label("Lý do").fill("Nhập nhầm thửa 73")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator(".undo").get_by_role("table")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.locator(".undo").get_by_text("Đã trình bản hoàn tác")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Đóng", exact=True).click()
    page.get_by_role("button", name="Hàng đợi").click()
    page.get_by_role("button", name="Nhập nhầm thửa 73").click()
    expect(page.get_by_text("Không ai được duyệt chỉnh lý do chính mình lập")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.get_by_role("button", name="Duyệt và áp dụng")).to_have_count(0)
    (waiting,) = [
        one
        for one in office.ask("ca", "GET", "/corrections?state=submitted")["corrections"]
        if one["kind"] == "revert"
    ]
    undo = office.ask("ca", "GET", f"/corrections/{waiting['correction']}")
    for step in ("approve", "apply"):
        office.ask("ca", "POST", f"/corrections/{waiting['correction']}/{step}", {"hash": undo["hash"]})
    assert office.parcel("73")["properties"]["land_use"] != "TMD"
