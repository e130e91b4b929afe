"""Open maps follow corrections by themselves: in view, out of view, and where a tile was on its way."""

import shapely
from playwright.sync_api import Browser, Page, Route

from register.connect import connect
from register.units_outlines import put_outlines
from tests.api.test_changes import edit
from tests.browser.built import NEEDS_PAGE
from tests.browser.test_page import drawn, on_sheet, open_page, poll
from tests.conftest import Served

pytestmark = NEEDS_PAGE


def shown(page: Page, code: str, use: str) -> None:
    """Wait until the map draws the parcel with this land use."""
    poll(
        page,
        "diachinh.map.queryRenderedFeatures({layers: ['parcels-fill']})"
        f".filter((f) => f.properties.code === '{code}').map((f) => f.properties.land_use)",
        lambda uses: set(uses) == {use},
    )


def view(site: Served, code_of: tuple[str, str], zoom: float) -> tuple[str, str]:
    """The code of a parcel and the part of an address that shows it."""
    feature = on_sheet(site, *code_of)
    lon_deg, lat_deg = feature["properties"]["point"]
    return feature["id"], f"#{zoom}/{lat_deg}/{lon_deg}"


def test_a_correction_shows_in_every_open_map(page: Page, browser: Browser, site: Served) -> None:
    code, here = view(site, ("12", "3"), 18)
    _, far = view(site, ("12", "3"), 15.2)
    open_page(page, site, here)
    context = browser.new_context(
        viewport={"width": 390, "height": 780}, locale="vi-VN", reduced_motion="reduce"
    )
    try:
        other = context.new_page()
        other.goto(f"{site.url}/{far}")
        drawn(other)
        shown(page, code, "ODT")
        for use in ("CLN", "LUC"):
            edit(site.conninfo, code, use)
            shown(page, code, use)
            shown(other, code, use)
    finally:
        context.close()


def test_what_was_out_of_view_is_new_when_it_comes_back(page: Page, site: Served) -> None:
    code, here = view(site, ("13", "7"), 18)
    open_page(page, site, here)
    shown(page, code, "ODT")
    page.evaluate("diachinh.map.panBy([0, 3000], { animate: false })")
    drawn(page)
    edit(site.conninfo, code, "CLN")
    page.evaluate("diachinh.map.panBy([0, -3000], { animate: false })")
    shown(page, code, "CLN")


def test_a_tile_that_was_on_its_way_is_asked_for_again(page: Page, site: Served) -> None:
    code, here = view(site, ("13", "20"), 18)
    held: list[Route] = []
    done = False

    def late(route: Route) -> None:
        if done:
            route.continue_()
        else:
            answer = route.fetch()  # as it was before the correction
            held.append(route)
            answers.append(answer)

    answers: list[object] = []
    page.route("**/tiles/*/18/**", late)
    page.goto(f"{site.url}/{here}")
    poll(page, "Boolean(window.diachinh)")
    while not held:
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    edit(site.conninfo, code, "CLN")
    page.wait_for_timeout(500)  # the page hears of it while it waits for the tiles
    done = True
    for route, answer in zip(held, answers, strict=True):
        route.fulfill(response=answer)  # type: ignore[arg-type]
    shown(page, code, "CLN")


def test_an_outline_handed_in_anew_shows_in_an_open_map(page: Page, site: Served) -> None:
    """No correction tells of it, and no tile by name: all that is in view is asked for again."""
    _, here = view(site, ("12", "3"), 15)
    open_page(page, site, here)
    names = "diachinh.map.querySourceFeatures('register', {sourceLayer: 'communes'}).map((f) => f.properties.name)"
    poll(page, names, lambda seen: len(set(seen)) == 1)
    (name,) = set(page.evaluate(names))
    lat, lon = (float(part) for part in here.split("/")[1:])
    outline = shapely.to_wkb(shapely.box(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001))
    with connect(site.conninfo) as conn:
        row = conn.execute(
            "select code from unit where name = %s and level = 'commune' and valid_to is null", [name]
        ).fetchone()
        assert row is not None
        before = page.evaluate(_WEST)
        assert put_outlines(conn, [(row[0], None, outline)]).changed == 1
        conn.commit()
        poll(page, _WEST, lambda west: abs(west - (lon - 0.001)) < 1e-5)
        conn.execute("update unit set outline = null where code = %s", [row[0]])
        conn.commit()
        poll(page, _WEST, lambda west: west == before)


_WEST = (
    "Math.min(...diachinh.map.querySourceFeatures('register', {sourceLayer: 'communes'})"
    ".flatMap((f) => f.geometry.coordinates.flat(3)).filter((v) => v > 100))"
)
