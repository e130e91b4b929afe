"""Features: pages, places, systems, values; what is asked wrongly is told in bounded time."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo import crs
from tests.api.asked import STREET, Asked
from tests.api.ogc.pages import CRS, all_pages, epsg, keys, link
from tests.api.test_parcels import box
from tests.register.handed_in import EAST, EPSG, NORTH

ITEMS = "/ogc/collections/parcels/items"
LOTS = sorted((one.sheet, one.number) for one in STREET)


def shapes(features: list[dict[str, Any]]) -> dict[tuple[str, str], shapely.Geometry]:
    return {
        (one["properties"]["sheet"], one["properties"]["number"]): shapely.from_geojson(
            json.dumps(one["geometry"])
        )
        for one in features
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 10_000, 99_999])
def test_pages_hold_each_parcel_once(asked: Asked, limit: int) -> None:
    assert keys(all_pages(asked, "parcels", limit=limit)) == LOTS


def test_a_page_tells_how_many_there_are_and_where_it_goes_on(asked: Asked) -> None:
    answer = asked.get(ITEMS, limit=2)
    told = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-crs"] == f"<{CRS}OGC/1.3/CRS84>"
    assert (told["type"], told["numberMatched"], told["numberReturned"]) == (
        "FeatureCollection",
        len(LOTS),
        2,
    )
    assert told["timeStamp"].endswith("Z")
    for rel in ("self", "alternate", "next", "collection"):
        assert f'<{link(told, rel)}>; rel="{rel}"' in answer.headers["link"]
    assert len(asked.json(ITEMS)["features"]) == len(LOTS)
    assert link(asked.json(ITEMS), "next") is None


def test_one_feature_is_the_one_of_the_page(asked: Asked) -> None:
    for name in ("parcels", "sheets", "communes", "addresses"):
        for one in all_pages(asked, name, limit=3):
            alone = asked.json(f"/ogc/collections/{name}/items/{one['id']}")
            assert {k: v for k, v in alone.items() if k != "links"} == one
            assert link(alone, "self") is not None
            assert link(alone, "collection") is not None
    for wrong in (
        "owners",
        "w6ugmu6r6pu",
        "a" * 12,
        "1.2.3",
        "%00",
        "s00000000000",
        asked.codes["9", "1"],
        "9" * 18,
    ):
        for name in ("parcels", "sheets", "communes", "addresses"):
            assert asked.problem(f"/ogc/collections/{name}/items/{wrong}")["status"] == 404


def test_shapes_in_their_own_zone_are_the_surveyed_ones(asked: Asked) -> None:
    surveyed = {(one.sheet, one.number): shapely.affinity.translate(one.shape, EAST, NORTH) for one in STREET}
    found = shapes(all_pages(asked, "parcels", crs=epsg(EPSG)))
    for key, shape in surveyed.items():
        assert found[key].normalize().equals_exact(shape.normalize(), 0.0005)


@pytest.mark.parametrize("code", [4326, 3857, 3405, 9217, 5897, 9205])
def test_shapes_in_other_systems_come_by_the_official_parameters(asked: Asked, code: int) -> None:
    answer = asked.get(ITEMS, crs=epsg(code))
    assert answer.headers["content-crs"] == f"<{epsg(code)}>"
    found = shapes(answer.json()["features"])
    for one in STREET:
        corners = shapely.get_coordinates(shapely.affinity.translate(one.shape, EAST, NORTH))
        lon, lat = crs.to_wgs84(EPSG, *corners.T)
        if code == 4326:
            wanted, off = np.column_stack([lat, lon]), 2e-9
        elif code == 3857:
            wanted, off = np.column_stack(crs.to_web(EPSG, *corners.T)), 0.0015
        else:
            wanted, off = np.column_stack(crs.from_wgs84(code, lon, lat)), 0.0015
        got = shapely.get_coordinates(found[one.sheet, one.number])
        assert len(got) == len(corners)
        assert all(np.abs(wanted - corner).max(axis=1).min() <= off for corner in got)


def test_a_box_finds_what_it_meets_in_every_system(asked: Asked) -> None:
    west_of_street = [("1", "1"), ("1", "2"), ("1", "4")]
    assert keys(all_pages(asked, "parcels", bbox=box(-1, 1, 7, 25), limit=2)) == west_of_street
    x0, y0, x1, y1 = EAST - 1, NORTH + 1, EAST + 7, NORTH + 25
    assert (
        keys(all_pages(asked, "parcels", bbox=f"{x0},{y0},{x1},{y1}", **{"bbox-crs": epsg(EPSG)}))
        == west_of_street
    )
    west, south, east, north = box(-1, 1, 7, 25).split(",")
    flipped = f"{south},{west},{north},{east}"
    assert keys(all_pages(asked, "parcels", bbox=flipped, **{"bbox-crs": epsg(4326)})) == west_of_street
    assert keys(all_pages(asked, "parcels", bbox=f"{west},{south},-50,{east},{north},900")) == west_of_street
    lon, lat = crs.to_wgs84(EPSG, [x0, x1], [y0, y1])
    radius = 6378137.0
    mercator = [*np.radians(lon) * radius, *np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) * radius]
    text = f"{mercator[0]},{mercator[2]},{mercator[1]},{mercator[3]}"
    assert keys(all_pages(asked, "parcels", bbox=text, **{"bbox-crs": epsg(3857)})) == west_of_street
    assert keys(all_pages(asked, "parcels", bbox="-180,-90,180,90")) == LOTS
    assert keys(all_pages(asked, "parcels", bbox="170,-20,-170,20")) == []
    assert keys(all_pages(asked, "parcels", bbox="100,10,-170,20")) == LOTS
    assert keys(all_pages(asked, "parcels", bbox="0,86,10,90")) == []
    assert [one["id"] for one in all_pages(asked, "communes", bbox=box(1, 101, 2, 102))] != []
    assert len(all_pages(asked, "addresses", bbox=box(0, 0, 4, 20))) == 1
    assert [one["properties"]["number"] for one in all_pages(asked, "sheets", bbox=box(150, 1, 151, 2))] == [
        "2"
    ]


def test_values_are_asked_for_by_name(asked: Asked) -> None:
    assert keys(all_pages(asked, "parcels", land_use="LUC")) == [("2", "1"), ("2", "2")]
    assert keys(all_pages(asked, "parcels", sheet="1", number="2")) == [("1", "2")]
    assert keys(all_pages(asked, "parcels", area_m2="100.0", limit=1)) == [("1", "1"), ("1", "2"), ("1", "3")]
    assert keys(all_pages(asked, "parcels", sheet_commune="20195")) == [("5", "7")]
    today = {one["properties"]["commune"] for one in all_pages(asked, "parcels")}
    found = [key for code in today for key in keys(all_pages(asked, "parcels", commune=code, limit=2))]
    assert sorted(found) == LOTS
    assert keys(all_pages(asked, "parcels", effective_on="2026-03-01")) == LOTS
    assert keys(all_pages(asked, "parcels", commune="99999")) == []
    codes = [one["id"] for one in all_pages(asked, "communes")]
    assert set(codes) == today
    assert [
        one["id"]
        for one in all_pages(asked, "communes", name=all_pages(asked, "communes")[0]["properties"]["name"])
    ] == codes[:1]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"limit": "0"}, "limit=0"),
        ({"limit": "-1"}, "limit=-1"),
        ({"limit": "ten"}, "limit=ten"),
        ({"limit": "²"}, "limit"),
        ({"bbox": "1,2,3"}, "4 numbers"),
        ({"bbox": "1,2,3,north"}, "4 numbers"),
        ({"bbox": "1,2,3,nan"}, "4 numbers"),
        ({"bbox": "1,5,3,4"}, "reversed"),
        ({"bbox": "548000,1777000,549000,1778000"}, "axes"),
        ({"bbox": "1,2,3,4", "bbox-crs": "EPSG:2056"}, "bbox-crs=EPSG:2056"),
        ({"crs": epsg(2056)}, "crs="),
        ({"crs": "'; drop table parcel; --"}, "crs="),
        ({"datetime": "2026-02-30"}, "datetime=2026-02-30"),
        ({"datetime": "2026-03-01/2026-02-01"}, "is no time"),
        ({"datetime": "../.."}, "is no time"),
        ({"datetime": "yesterday"}, "is no time"),
        ({"properties": "code,owner"}, "no property “owner”"),
        ({"owner": "Nguyễn"}, "no parameter “owner”"),
        ({"area_m2": "large"}, "area_m2 is a number"),
        ({"version": "0.5"}, "version is a whole number"),
        ({"version": "1e400"}, "version is a whole number"),
        ({"effective_on": "2026-13-01"}, "effective_on is a day"),
        ({"number": "1\x00"}, "number is text"),
        ({"cursor": "forged"}, "cursor"),
        ({"cursor": "WyJhIl0"}, "cursor"),
        ({"f": "shp"}, "f=shp"),
        ({"filter": "number = '1'", "filter-lang": "ecql"}, "filter-lang=ecql"),
    ],
)
def test_what_is_asked_wrongly_is_told(asked: Asked, query: dict[str, str], says: str) -> None:
    problem = asked.problem(ITEMS, **query)
    assert problem["status"] == 400
    assert says in problem["detail"]


def test_a_cursor_belongs_to_its_question(asked: Asked) -> None:
    href = link(asked.json(ITEMS, limit=2, sheet="1"), "next")
    assert href is not None
    cursor = parse_qs(urlsplit(href).query)["cursor"][0]
    assert asked.problem(ITEMS, limit=2, sheet="2", cursor=cursor)["status"] == 400
    assert keys(asked.json(ITEMS, limit=9, sheet="1", cursor=cursor)["features"]) != []


def test_a_question_too_long_is_refused(asked: Asked) -> None:
    assert asked.problem(ITEMS, filter="number = '" + "1" * 9_000 + "'")["status"] == 414
    assert asked.problem(ITEMS, filter="number = '" + "1" * 3_000 + "'")["status"] == 400


@given(
    query=st.dictionaries(
        st.sampled_from(["bbox", "bbox-crs", "crs", "datetime", "limit", "filter", "filter-lang", "filter-crs", "properties",
                         "cursor", "f", "number", "area_m2", "effective_on", "made_at", "version"]),
        st.text(max_size=40) | st.sampled_from(["1", "1e400", "nan", "cql2-json", "{}", "[]", "null", "2026-01-01", "9" * 40]),
        max_size=4,
    )
)  # fmt: skip
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_any_text_is_answered_or_refused(asked: Asked, query: dict[str, str]) -> None:
    answer = asked.client.get(ITEMS, params=query)
    assert answer.status_code in (200, 400, 414), answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
