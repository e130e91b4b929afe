"""Parcels over HTTP: by code as people type it, by sheet and number, point, box, land use; page by page."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
import shapely

from api.shapes import Parcel, Parcels
from geo import crs
from tests.api.asked import Asked
from tests.register.handed_in import EAST, EPSG, NORTH


def lon_lat(east_m: float, north_m: float) -> tuple[float, float]:
    """Degrees of a place given in metres from the corner of the street."""
    lon_deg, lat_deg = crs.to_wgs84(EPSG, np.array([EAST + east_m]), np.array([NORTH + north_m]))
    return float(lon_deg[0]), float(lat_deg[0])


def box(x0: float, y0: float, x1: float, y1: float) -> str:
    """A bbox parameter around a part of the street."""
    west, south = lon_lat(x0, y0)
    east, north = lon_lat(x1, y1)
    return f"{west},{south},{east},{north}"


def test_a_parcel_tells_what_the_register_knows_of_it(asked: Asked) -> None:
    code = asked.codes["1", "2"]
    answer = asked.json(f"/api/v1/parcels/{code}")
    Parcel.model_validate(answer)
    facts = answer["properties"]
    assert (answer["id"], facts["code"], facts["status"], facts["retired"]) == (code, code, "current", None)
    assert (facts["sheet"]["number"], facts["number"], facts["land_use"]) == ("1", "2", "ODT+CLN")
    assert [use["code"] for use in facts["land_uses"]] == ["ODT", "CLN"]
    assert facts["commune"]["name"] == "Hải Vân"
    assert facts["area_m2"] == 100.0
    assert [a["scheme"] for a in facts["addresses"]] == ["olc", "vpostcode"]
    assert facts["addresses"][0]["text"] == "14 Đường Trần Phú, Phường Hải Châu"
    shape = shapely.from_geojson(json.dumps(answer["geometry"]))
    assert shape.contains(shapely.Point(facts["point"]))
    assert shape.contains(shapely.Point(lon_lat(7.5, 10)))


@pytest.mark.parametrize("typed", ["{upper}", "{a}-{b}-{c}", "%20{a}%20{b}{c}%20", "{a}.{b}_{c}"])
def test_a_code_is_understood_as_people_type_it(asked: Asked, typed: str) -> None:
    code = asked.codes["1", "1"]
    text = typed.format(upper=code.upper(), a=code[:4], b=code[4:8], c=code[8:])
    assert asked.json(f"/api/v1/parcels/{text}")["id"] == code


def test_a_shape_in_metres_is_the_surveyed_one_to_the_millimetre(asked: Asked) -> None:
    code = asked.codes["2", "2"]
    surveyed = shapely.box(140, 0, 200, 60).difference(shapely.box(150, 10, 160, 20))
    surveyed = shapely.affinity.translate(surveyed, EAST, NORTH)
    for crs_asked in ("vn2000", "VN-2000", "EPSG:5899", "5899"):
        answer = asked.get(f"/api/v1/parcels/{code}", crs=crs_asked)
        assert answer.headers["content-crs"].endswith("EPSG/0/5899>")
        shape = shapely.from_geojson(json.dumps(answer.json()["geometry"]))
        assert shape.normalize().equals_exact(surveyed.normalize(), 0.0005)
    degrees = asked.json(f"/api/v1/parcels/{code}")["geometry"]
    lon_deg, lat_deg = shapely.get_coordinates(shapely.from_geojson(json.dumps(degrees))).T
    east_m, north_m = crs.from_wgs84(EPSG, lon_deg, lat_deg)
    corners = shapely.get_coordinates(surveyed)
    assert all(abs(corners - (e, n)).max(axis=1).min() < 0.001 for e, n in zip(east_m, north_m, strict=True))


def test_a_retired_parcel_still_answers(asked: Asked) -> None:
    facts = asked.json(f"/api/v1/parcels/{asked.codes['9', '1']}")["properties"]
    assert facts["status"] == "retired"
    assert (facts["retired"]["kind"], facts["retired"]["successors"]) == ("revert", [])
    assert asked.found(sheet="9") == []


def test_the_head_of_an_answer_tells_its_length(asked: Asked) -> None:
    path = f"/api/v1/parcels/{asked.codes['1', '1']}"
    head = asked.client.head(path)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(asked.get(path).content)))


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("w6ug", "invalid-key", "12 characters"),
        ("a" * 12, "invalid-key", "not a parcel code"),
        ("w6ugmu6r6pux0", "invalid-key", "not a parcel code"),
        ("%00%01w6ugmu6r6", "invalid-key", "not a parcel code"),
        ("Đường", "invalid-key", "“Đường”"),
        ("z" * 5000, "invalid-key", "…"),
        ("s00000000000", "not-found", "No parcel has ever had the code s00000000000"),
    ],
)
def test_a_wrong_code_is_told_what_is_wrong(asked: Asked, code: str, kind: str, says: str) -> None:
    problem = asked.problem(f"/api/v1/parcels/{code}")
    assert problem["type"] == f"/problems/{kind}"
    assert says in problem["detail"]


def test_another_zone_than_the_sheets_is_refused_with_the_right_one(asked: Asked) -> None:
    path = f"/api/v1/parcels/{asked.codes['1', '1']}"
    assert "EPSG:5899, not EPSG:5897" in asked.problem(path, crs="5897")["detail"]
    assert "crs=moon" in asked.problem(path, crs="moon")["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sheet": "1", "number": "2"}, [("1", "2")]),
        ({"sheet": "2"}, [("2", "1"), ("2", "2")]),
        ({"sheet": "1", "number": "1", "commune": "20194"}, [("1", "1")]),
        ({"sheet": "5", "commune": "20194"}, [("5", "7")]),  # by today's commune
        ({"sheet": "5", "commune": "20195"}, [("5", "7")]),  # and by the one it was surveyed for
        ({"commune": "20195"}, [("5", "7")]),
        ({"sheet": "1", "commune": "00001"}, []),
        ({"land_use": "LUC"}, [("2", "1"), ("2", "2")]),
        ({"land_use": "LUC", "sheet": "1"}, []),
        ({"at": ",".join(map(str, lon_lat(2, 2)))}, [("1", "1")]),
        ({"at": ",".join(map(str, lon_lat(155, 15)))}, []),  # in the hole
        ({"at": "0,0"}, []),
        ({"bbox": box(1, 1, 12, 19)}, [("1", "1"), ("1", "2"), ("1", "3")]),
        ({"bbox": box(1, 1, 12, 21), "land_use": "DGT"}, [("1", "4")]),
        ({"bbox": box(152, 12, 158, 18)}, []),  # a box wholly in the hole
    ],
)
def test_parcels_are_found_by(asked: Asked, query: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert asked.found(**query) == found


def test_pages_follow_one_another_until_all_are_seen_once(asked: Asked) -> None:
    seen: list[str] = []
    link: str | None = "/api/v1/parcels?limit=2&bbox=" + box(-10, -10, 300, 300)
    pages = 0
    while link is not None:
        page = asked.json(link)
        Parcels.model_validate(page)
        assert page["numberReturned"] == len(page["features"]) <= 2
        seen += [feature["id"] for feature in page["features"]]
        link = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
        pages += 1
    assert seen == sorted(code for (sheet, _), code in asked.codes.items() if sheet != "9")
    assert pages == 4


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "dzZ1Z3E1emZ5Z2JxOTFkNzEyNjk", "é"])
def test_a_forged_cursor_is_refused(asked: Asked, cursor: str) -> None:
    assert "cursor" in asked.problem("/api/v1/parcels", cursor=cursor)["detail"]


def test_a_cursor_of_another_question_is_refused(asked: Asked) -> None:
    (link,) = asked.json("/api/v1/parcels", limit=1, sheet="1")["links"]
    cursor = httpx.URL(link["href"]).params["cursor"]
    assert len(asked.json("/api/v1/parcels", limit=1, sheet="1", cursor=cursor)["features"]) == 1
    assert "does not belong" in asked.problem("/api/v1/parcels", sheet="2", cursor=cursor)["detail"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"at": "abc"}, "at=abc is not a point"),
        ({"at": "108.2"}, "not a point"),
        ({"at": "16.06,108.2"}, "not a point"),  # the axes swapped
        ({"at": "nan,16"}, "not a point"),
        ({"at": "1e400,16"}, "not a point"),
        ({"bbox": "108.3,16,108.2,16.1"}, "reversed"),
        ({"bbox": "108.2,16.1,108.3,16"}, "reversed"),
        ({"bbox": "108.2,16.1,108.3"}, "not a box"),
        ({"bbox": "inf,16,109,17"}, "not a box"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1000000000000"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"number": "3"}, "give sheet="),
        ({"commune": "123"}, "5 digits"),
        ({"commune": "२०१९४"}, "5 digits"),  # digits, but not ours
        ({"sheet": "1\x00"}, "sheet"),
        ({"land_use": "\x1b[31m"}, "land_use"),
        ({"sheet": "9" * 65}, "sheet"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(asked: Asked, query: dict[str, str], says: str) -> None:
    assert says in asked.problem("/api/v1/parcels", **query)["detail"]


def test_quotes_and_percents_are_only_text(asked: Asked) -> None:
    for nasty in ("' or 1=1 --", "%s", "%(codes)s", "\\", '"', "{}"):
        assert asked.found(sheet=nasty) == []


def test_a_question_without_end_is_refused(asked: Asked) -> None:
    assert asked.problem("/api/v1/parcels", sheet="1", land_use="x" * 3000)["type"] == "/problems/too-long"


def test_many_askers_at_once_all_get_their_parcel(asked: Asked) -> None:
    codes = [code for (sheet, _), code in asked.codes.items() if sheet != "9"] * 20
    with ThreadPoolExecutor(16) as askers:
        answers = list(askers.map(lambda code: asked.json(f"/api/v1/parcels/{code}")["id"], codes))
    assert answers == codes


def test_the_past_is_asked_for_with_a_day_or_an_instant(asked: Asked) -> None:
    code = asked.codes["9", "1"]
    path = f"/api/v1/parcels/{code}"
    now = asked.get(path, as_of="2026-03-01")
    assert (now.json()["properties"]["status"], now.headers["cache-control"]) == ("retired", "no-cache")
    assert now.headers["etag"]
    undone_at = now.json()["properties"]["retired"]["made_at"]
    before = now.json()["properties"]["since"]["made_at"]
    then = asked.get(path, as_of=before)
    facts = then.json()["properties"]
    assert (facts["status"], facts["retired"]) == ("current", None)
    assert "immutable" in then.headers["cache-control"]
    again = asked.client.get(path, params={"as_of": before}, headers={"if-none-match": then.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert asked.found(sheet="9", as_of=before) == [("9", "1")]
    assert asked.found(sheet="9", as_of=undone_at) == []
    assert asked.found(sheet="9", as_of="2026-03-01", known_at=before) == [("9", "1")]
    assert asked.found(bbox=box(-10, -10, 300, 300), as_of="2020-01-01") == []
    assert "yet" in asked.problem(path, as_of="2020-01-01")["detail"]
    for query in ({"as_of": "soon"}, {"as_of": "2026-02-30"}, {"known_at": before}, {"as_of": "\x00"}):
        assert asked.problem(path, **query)["type"] == "/problems/invalid-key"
        assert asked.problem("/api/v1/parcels", **query)["type"] == "/problems/invalid-key"
