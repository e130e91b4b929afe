"""What the service says of itself: landing page, conformance, collections, their systems, properties and links."""

import re
from typing import Any

import pytest

from register.features.collections import COLLECTIONS
from tests.api.asked import Asked
from tests.api.ogc.pages import CRS, epsg, link

JSON, HTML = "application/json", "text/html"
PATHS = [
    "/ogc", "/ogc/", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/parcels",
    "/ogc/collections/sheets/queryables", "/ogc/collections/communes/schema", "/ogc/collections/parcels/items",
    "/ogc/collections/addresses/items",
]  # fmt: skip


def test_every_link_leads_where_it_says(asked: Asked) -> None:
    """From the landing page to all that is linked: answered, and of the media type the link tells."""
    seen: set[str] = set()
    waiting = [link(asked.json("/ogc"), "self")]
    while waiting and len(seen) < 200:
        href = waiting.pop()
        if href is None or href in seen:
            continue
        seen.add(href)
        answer = asked.client.get(href)
        assert answer.status_code == 200, f"{href}: {answer.text}"
        if "json" not in answer.headers["content-type"]:
            continue
        told = answer.json()
        parts = [told, *told.get("collections", ())]
        links = [one for part in parts for one in part.get("links", ())]
        if told.get("type") in ("Feature", "FeatureCollection"):
            links = [one for one in links if one["rel"] in ("self", "alternate", "next", "collection")]
        for one in links:
            got = asked.client.get(one["href"])
            assert got.headers["content-type"].split(";")[0] == one["type"].split(";")[0], one
            waiting.append(one["href"])
    paths = {re.sub(r"\?.*", "", href.split("/ogc", 1)[1]) for href in seen}
    assert {"/conformance", "/api", "/collections"} < paths
    assert {
        f"/collections/{name}{more}"
        for name in COLLECTIONS
        for more in ("", "/items", "/queryables", "/schema")
    } < paths


def test_the_landing_page_has_the_links_the_standard_wants(asked: Asked) -> None:
    told = asked.json("/ogc")
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= {
        one["rel"] for one in told["links"]
    }
    classes = asked.json("/ogc/conformance")["conformsTo"]
    assert len(set(classes)) == len(classes)
    core = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
    assert core in classes


def test_collections_tell_where_they_lie_and_in_which_systems(asked: Asked) -> None:
    told = {one["id"]: one for one in asked.json("/ogc/collections")["collections"]}
    assert set(told) == {"parcels", "sheets", "communes", "addresses"}
    for name, one in told.items():
        assert {k: v for k, v in asked.json(f"/ogc/collections/{name}").items() if k != "links"} == {
            k: v for k, v in one.items() if k != "links"
        }
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert 108.1 < west < east < 108.3
        assert 16.0 < south < north < 16.2
        assert one["crs"][0] == f"{CRS}OGC/1.3/CRS84"
        assert {epsg(4326), epsg(3857), epsg(5899), epsg(3405), epsg(9205)} <= set(one["crs"])
        assert one["storageCrs"] in one["crs"]
    assert told["parcels"]["storageCrs"] == epsg(5899)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_features_have_the_properties_the_schema_tells(asked: Asked, name: str) -> None:
    schema = asked.json(f"/ogc/collections/{name}/schema")["properties"]
    queryables = asked.json(f"/ogc/collections/{name}/queryables")["properties"]
    (feature,) = asked.json(f"/ogc/collections/{name}/items", limit=1)["features"]
    assert {"geometry", *feature["properties"]} == set(schema)
    assert set(queryables) <= set(schema)
    kinds = {"string": str, "integer": int, "number": int | float}
    for key, value in feature["properties"].items():
        assert value is None or isinstance(value, kinds[schema[key]["type"]]), key
    (part,) = (
        asked.json(f"/ogc/collections/{name}/items", limit=1, properties="code")["features"]
        if name != "sheets"
        else [{}]
    )
    assert part.get("properties", {"code": 1}).keys() == {"code"}


@pytest.mark.parametrize("path", PATHS)
def test_people_and_programs_each_get_their_form(asked: Asked, path: str) -> None:
    accepts: dict[str, dict[str, Any]] = {
        HTML: {"headers": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}},
        JSON: {"headers": {"accept": "application/geo+json, application/json"}},
    }
    html = asked.client.get(path, **accepts[HTML])
    assert html.headers["content-type"].startswith(HTML)
    assert html.text.startswith("<!doctype html>")
    assert (
        asked.client.get(path, params={"f": "html"}, **accepts[JSON]).headers["content-type"].startswith(HTML)
    )
    for json in (
        asked.client.get(path),
        asked.client.get(path, params={"f": "json"}, **accepts[HTML]),
        asked.client.get(path, **accepts[JSON]),
    ):
        assert "json" in json.headers["content-type"]
        assert json.json()
    head = asked.client.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_a_page_for_people_escapes_what_it_is_told(asked: Asked) -> None:
    answer = asked.get("/ogc/collections/parcels/items", f="html", number='"><script>alert(1)</script>')
    assert answer.status_code == 200
    assert "<script" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_what_is_known_already_is_not_sent_again(asked: Asked, path: str) -> None:
    first = asked.client.get(path)
    again = asked.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = asked.client.get(path, headers={"if-none-match": 'W/"0123"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/ogc/collections/owners", 404, "no collection “owners”"),
        ("/ogc/collections/owners/items", 404, "no collection"),
        ("/ogc/nothing", 404, "nothing at this address"),
        ("/ogc?page=2", 400, "no parameter “page”"),
        ("/ogc/collections?f=xml", 400, "f=xml"),
        ("/ogc/conformance?f=json&f=html", 400, "given twice"),
        ("/ogcx", 404, "nothing"),
    ],
)
def test_a_wrong_address_is_told_what_is_wrong(asked: Asked, path: str, status: int, says: str) -> None:
    problem = asked.problem(path)
    assert problem["status"] == status
    assert says in problem["detail"]
