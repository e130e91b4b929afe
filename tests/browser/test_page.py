"""The page in a real browser, over a real server and register."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import mapbox_vector_tile
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.built import NEEDS_PAGE, PATIENCE_MS, WEB
from tests.browser.street import STREET, lots
from tests.conftest import Served
from tiles.looks import LOOKS

pytestmark = NEEDS_PAGE


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser's console complains of; a test that expects none of it ends with an empty list."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # SwiftShader reports its own reads of pixels; that is the test machine, not the page.
        if message.type in ("error", "warning") and "GPU stall" not in message.text:
            found.append(f"{message.type}: {message.text}")

    page.on("console", listen)
    yield found
    assert found == []


def poll(page: Page, script: str, wanted: Callable[[Any], bool] = bool) -> Any:
    """The value of `script` once it is wanted. (Playwright's own waiting needs eval, which the page's CSP forbids.)"""
    for _ in range(PATIENCE_MS // 100):
        if wanted(value := page.evaluate(script)):
            return value
        page.wait_for_timeout(100)
    raise AssertionError(f"still {value!r}: {script}")


def drawn(page: Page) -> None:
    """Wait until the map stands still and every tile of the view is drawn."""
    poll(
        page,
        "() => Boolean(window.diachinh) && window.diachinh.map.areTilesLoaded() && window.diachinh.map.loaded()"
        " && !window.diachinh.map.isMoving() && document.documentElement.dataset.map === 'idle'",
    )


def open_page(page: Page, site: Served, rest: str = "") -> None:
    page.goto(f"{site.url}/{rest}")
    drawn(page)


def asked(site: Served, path: str) -> Any:
    return httpx.get(site.url + path).raise_for_status().json()


def on_sheet(site: Served, sheet: str, number: str) -> Any:
    (feature,) = asked(site, f"/api/v1/parcels?sheet={sheet}&number={number}")["features"]
    return feature


def shown_code(page: Page) -> str:
    code = page.locator("[data-code]")
    code.wait_for(timeout=PATIENCE_MS)
    return code.get_attribute("data-code") or ""


def search(page: Page, text: str) -> None:
    page.get_by_role("combobox").fill(text)
    expect(page.get_by_role("option").first).to_be_visible(timeout=PATIENCE_MS)


def test_the_map_draws_the_parcels(page: Page, site: Served, complaints: list[str]) -> None:
    open_page(page, site)
    count = "() => new Set(window.diachinh.map.queryRenderedFeatures({layers: ['parcels-fill']})" + (
        ".map(f => f.properties.code)).size"
    )
    assert poll(page, count, lambda n: n == len(lots())) == len(lots())


def test_a_parcel_of_a_tile_opens_by_a_click_as_the_api_tells_it(
    page: Page, site: Served, complaints: list[str]
) -> None:
    feature = on_sheet(site, "12", "7")
    lon, lat = feature["properties"]["point"]
    open_page(page, site, f"#19/{lat}/{lon}")
    tile_code = _code_in_tile(page, site, lon, lat)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert shown_code(page) == tile_code == feature["id"]
    assert asked(site, f"/api/v1/parcels/{tile_code}")["properties"]["number"] == "7"
    panel = page.get_by_role("region", name="Thửa đất", exact=True)
    for words in ("13 " + STREET, "ODT", "100,0 m²", "99,5 m²", "Đất ở"):
        expect(panel).to_contain_text(words)
    assert f"code={tile_code}" in page.url


def _code_in_tile(page: Page, site: Served, lon: float, lat: float) -> str:
    """The code of the parcel at a place, read from the deepest tile there."""
    z = 18
    x, y = page.evaluate(
        "([lon, lat, z]) => { const n = 2 ** z, r = lat * Math.PI / 180;"
        " return [(lon + 180) / 360 * n, (1 - Math.asinh(Math.tan(r)) / Math.PI) / 2 * n]; }",
        [lon, lat, z],
    )
    answer = httpx.get(f"{site.url}/tiles/labels/{z}/{int(x)}/{int(y)}.mvt").raise_for_status()
    tile = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    px, py = (x % 1) * 4096, (y % 1) * 4096
    near = min(
        tile["labels"]["features"],
        key=lambda f: (
            (f["geometry"]["coordinates"][0] - px) ** 2 + (f["geometry"]["coordinates"][1] - py) ** 2
        ),
    )
    return str(near["properties"]["code"])


@pytest.mark.parametrize(
    ("typed", "sheet", "number"),
    [
        ("12/7", "12", "7"),
        ("tờ 13 thửa 20", "13", "20"),
        ("Thửa đất số 20, tờ bản đồ số 13", "13", "20"),
        ("sheet 13 parcel 20", "13", "20"),
        ("25 le loi", "12", "13"),
        ("25 Lê Lợi", "12", "13"),
    ],
)
def test_search_finds_by_sheet_and_number_and_by_address(
    page: Page, site: Served, complaints: list[str], typed: str, sheet: str, number: str
) -> None:
    open_page(page, site)
    search(page, typed)
    page.keyboard.press("Enter")
    assert shown_code(page) == on_sheet(site, sheet, number)["id"]


def test_search_understands_codes_as_they_are_written(
    page: Page, site: Served, complaints: list[str]
) -> None:
    feature = on_sheet(site, "13", "5")
    code = feature["id"]
    digital = [a["code"] for a in feature["properties"]["addresses"] if a["scheme"] in ("olc", "vpostcode")]
    assert len(digital) == 2
    telex = code.replace("w", "ư")
    open_page(page, site)
    for typed in (f"{code[:4]} {code[4:8]}-{code[8:]}".upper(), telex, *digital, digital[0].lower()):
        search(page, typed)
        page.keyboard.press("Enter")
        assert shown_code(page) == code, typed
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Đóng", exact=True).click()
        expect(page.locator("[data-code]")).to_have_count(0)


def test_nothing_found_is_said(page: Page, site: Served, complaints: list[str]) -> None:
    open_page(page, site)
    page.get_by_role("combobox").fill("đường không có thật")
    expect(page.locator(".search-word")).to_contain_text(
        "Không tìm thấy “đường không có thật”", timeout=PATIENCE_MS
    )


def test_a_link_opens_its_parcel_and_the_back_button_leaves_it(
    page: Page, site: Served, complaints: list[str]
) -> None:
    first, second = on_sheet(site, "12", "3")["id"], on_sheet(site, "13", "9")["id"]
    open_page(page, site, f"#/parcel/{first}")
    assert shown_code(page) == first
    drawn(page)
    assert page.evaluate("() => window.diachinh.map.getZoom()") > 17
    search(page, "13/9")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-code='{second}']")).to_be_visible(timeout=PATIENCE_MS)
    page.go_back()
    expect(page.locator(f"[data-code='{first}']")).to_be_visible(timeout=PATIENCE_MS)


def test_a_code_never_issued_is_answered_in_words(page: Page, site: Served) -> None:
    open_page(page, site, "?code=w00000000000")
    alert = page.get_by_role("alert").filter(has_text="w00000000000")
    expect(alert).to_contain_text("chưa từng được cấp", timeout=PATIENCE_MS)
    page.get_by_role("button", name="English").click()
    expect(alert).to_contain_text("ever had")


def test_english_is_a_switch_and_is_remembered(page: Page, site: Served, complaints: list[str]) -> None:
    open_page(page, site, f"?code={on_sheet(site, '12', '7')['id']}")
    assert page.locator("html").get_attribute("lang") == "vi"
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("Measured area")).to_be_visible()
    expect(page.locator(".panel")).to_contain_text("100.0 m²")
    page.reload()
    expect(page.get_by_text("Measured area")).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("html").get_attribute("lang") == "en"


def test_both_languages_have_the_same_words_to_fill() -> None:
    vi, en = (json.loads((WEB / f"src/texts/{name}.json").read_text()) for name in ("vi", "en"))
    assert vi.keys() == en.keys()

    def holes(texts: dict[str, str]) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in texts.items()}

    assert holes(vi) == holes(en)
    assert all(text.strip() for text in (*vi.values(), *en.values()))
    source = "".join(path.read_text() for path in (WEB / "src").glob("*.ts*"))
    said = {key: (f'"{key}"', f"`{key.rpartition('.')[0]}.${{") for key in vi}
    assert [key for key, forms in said.items() if not any(form in source for form in forms)] == []


def test_the_map_changes_its_look_and_keeps_it(page: Page, site: Served, complaints: list[str]) -> None:
    open_page(page, site)
    page.get_by_role("button", name="Chú giải").click()
    drawn = "() => JSON.stringify(window.diachinh.map.getPaintProperty('parcels-fill', 'fill-color'))"
    colour = (
        "(name) => [...document.querySelectorAll('.legend summary')].map((one) => [one.textContent.trim(), "
    )
    colour += "getComputedStyle(one.querySelector('i')).backgroundColor])"
    for label, look in (
        ("Dễ phân biệt màu", "safe"),
        ("In giấy", "print"),
        ("Sáng", "light"),
        ("Dễ phân biệt màu", "safe"),
    ):
        page.get_by_label(label).check()
        washes = LOOKS[look].washes
        water = "rgb({}, {}, {})".format(*(int(washes["water"][k : k + 2], 16) for k in (1, 3, 5)))
        assert (
            dict(poll(page, colour, lambda told, water=water: water in dict(told).values()))[
                "Mặt nước, thủy lợi"
            ]
            == water
        )
        poll(page, drawn, lambda told, look=look: LOOKS[look].washes["residential"] in told)
    page.locator("summary", has_text="Đất ở").click()
    expect(page.locator("dt", has_text="ODT")).to_be_visible()
    page.reload()
    page.wait_for_selector("html[data-map=idle]")
    assert LOOKS["safe"].washes["residential"] in page.evaluate(drawn)


def test_a_phone_of_360_pixels_scrolls_nowhere_sideways(
    page: Page, site: Served, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    open_page(page, site, f"?code={on_sheet(site, '12', '7')['id']}")
    shown_code(page)
    search(page, "le loi")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    outside = page.evaluate(
        "() => [...document.querySelectorAll('button, input, h1, .panel, .results')]"
        ".filter(e => e.offsetParent && !e.closest('.off-screen'))"
        ".map(e => [e.className || e.textContent, e.getBoundingClientRect()])"
        ".filter(([, r]) => r.left < 0 || r.right > 360).map(([name]) => name)"
    )
    assert outside == []


def test_the_keyboard_alone_is_enough(page: Page, site: Served, complaints: list[str]) -> None:
    feature = on_sheet(site, "13", "15")
    lon, lat = feature["properties"]["point"]
    open_page(page, site, f"#20/{lat}/{lon}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Đến ô tìm kiếm")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("12/1")
    expect(page.get_by_role("option").first).to_be_visible(timeout=PATIENCE_MS)
    active = page.get_by_role("combobox").get_attribute("aria-activedescendant")
    assert page.locator(f"[id='{active}']").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_have_value("")
    canvas = page.locator("canvas")
    for _ in range(12):
        if canvas.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(canvas).to_be_focused()
    page.keyboard.press("Enter")
    assert shown_code(page) == feature["id"]
    page.keyboard.press("Escape")
    expect(page.locator("[data-code]")).to_have_count(0)


def test_an_empty_register_says_how_to_fill_it(page: Page, server: Served, complaints: list[str]) -> None:
    open_page(page, server)
    expect(page.get_by_role("status").filter(has_text="diachinh import")).to_be_visible(timeout=PATIENCE_MS)


def test_a_lost_server_is_said_and_found_again(page: Page, site: Served) -> None:
    open_page(page, site)
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("combobox").fill("12/7")
    lost = page.get_by_role("alert").filter(has_text="Mất kết nối với máy chủ")
    expect(lost).to_be_visible(timeout=PATIENCE_MS)
    page.unroute("**/api/**")
    expect(page.get_by_text("Đã nối lại với máy chủ.")).to_be_visible(timeout=PATIENCE_MS)
    expect(lost).to_have_count(0)


def test_a_server_in_trouble_is_said_and_asked_again(page: Page, site: Served) -> None:
    page.route("**/tiles/styles/*.json", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(site.url)
    alert = page.get_by_role("alert").filter(has_text="Máy chủ gặp lỗi (503)")
    expect(alert).to_be_visible(timeout=PATIENCE_MS)
    page.unroute("**/tiles/styles/*.json")
    alert.get_by_role("button", name="Thử lại").click()
    drawn(page)
    expect(alert).to_have_count(0)


def test_the_page_loads_nothing_from_elsewhere_under_a_strict_policy(
    page: Page, site: Served, complaints: list[str]
) -> None:
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    answer = page.goto(site.url)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    drawn(page)
    assert [url for url in asked_for if not url.startswith((site.url, "blob:", "data:"))] == []
    assert any(".woff2" in url for url in asked_for)
