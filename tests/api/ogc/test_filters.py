"""CQL2 filters, text and JSON: what they find is what a plain reading of them finds; bombs are refused."""

import json
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.errors import InvalidKeyError
from register.features.cql2 import LONGEST, to_json
from tests.api.asked import STREET, Asked
from tests.api.ogc.pages import all_pages, epsg, keys
from tests.api.test_parcels import lon_lat
from tests.register.handed_in import EAST, EPSG, NORTH

ITEMS = "/ogc/collections/parcels/items"
ALL = sorted((one.sheet, one.number) for one in STREET)


def found(asked: Asked, filter: str, **more: object) -> list[tuple[str, str]]:
    return keys(all_pages(asked, "parcels", filter=filter, limit=3, **more))


def lots(test: Callable[[Any], bool]) -> list[tuple[str, str]]:
    return sorted((one.sheet, one.number) for one in STREET if test(one))


@pytest.mark.parametrize(
    ("filter", "test"),
    [
        ("land_use = 'ODT'", lambda one: one.land_use == "ODT"),
        ("'ODT' = land_use", lambda one: one.land_use == "ODT"),
        ("land_use <> 'ODT'", lambda one: one.land_use != "ODT"),
        ("land_use LIKE 'O%'", lambda one: one.land_use[0] == "O"),
        ("land_use not like 'O__'", lambda one: not (one.land_use[0] == "O" and len(one.land_use) == 3)),
        ("area_m2 > 100", lambda one: one.shape.area > 100),
        ("100 < area_m2", lambda one: one.shape.area > 100),
        ("area_m2 BETWEEN 30 AND 100", lambda one: 30 <= one.shape.area <= 100),
        ("area_m2 NOT BETWEEN 30 AND 100", lambda one: not 30 <= one.shape.area <= 100),
        ("number IN ('1','7')", lambda one: one.number in ("1", "7")),
        ("number NOT IN ('1','7')", lambda one: one.number not in ("1", "7")),
        ("legal_area_m2 IS NULL", lambda one: one.legal_area_m2 is None),
        ("legal_area_m2 IS NOT NULL", lambda one: one.legal_area_m2 is not None),
        ("NOT (land_use = 'ODT' OR sheet = '2')", lambda one: not (one.land_use == "ODT" or one.sheet == "2")),
        ("land_use = 'ODT' AND number = '1' OR sheet = '5'",
         lambda one: (one.land_use == "ODT" and one.number == "1") or one.sheet == "5"),
        ("effective_on >= DATE('2026-03-01')", lambda one: True),
        ("effective_on > DATE('2026-03-01')", lambda one: False),
        ("made_at > TIMESTAMP('2020-01-01T00:00:00Z')", lambda one: True),
        ("TRUE", lambda one: True),
        ("\"number\" = '1' AND sheet_commune = '20195'", lambda one: False),
        ("land_use = 'Đất ở''; drop table parcel; --'", lambda one: False),
        ("epsg = 5899 AND epsg < 9999999999 AND area_m2 < 1e9", lambda one: True),
        ("number LIKE '\\%'", lambda one: False),
    ],
)  # fmt: skip
def test_both_forms_find_what_a_plain_reading_finds(
    asked: Asked, filter: str, test: Callable[[Any], bool]
) -> None:
    assert found(asked, filter) == lots(test)
    assert found(asked, json.dumps(to_json(filter)), **{"filter-lang": "cql2-json"}) == lots(test)


def test_places_are_compared_in_every_system(asked: Asked) -> None:
    (x0, y0), (x1, y1) = lon_lat(-1, 1), lon_lat(7, 25)
    west = [("1", "1"), ("1", "2"), ("1", "4")]
    assert found(asked, f"S_INTERSECTS(geometry, BBOX({x0},{y0},{x1},{y1}))") == west
    ring = f"{x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}"
    for shape in (f"POLYGON(({ring}))", f"MULTIPOLYGON((({ring})))"):
        assert found(asked, f"S_INTERSECTS(geometry, {shape})") == west
        assert found(asked, f"NOT S_INTERSECTS({shape}, geometry)") == [key for key in ALL if key not in west]
    metres = {"filter-crs": epsg(EPSG)}
    assert found(asked, f"S_INTERSECTS(geometry, POINT({EAST + 2} {NORTH + 3}))", **metres) == [("1", "1")]
    line = f"LINESTRING({EAST + 2} {NORTH + 3}, {EAST + 12} {NORTH + 3})"
    assert found(asked, f"S_INTERSECTS(geometry, {line})", **metres) == [("1", "1"), ("1", "2"), ("1", "3")]
    lon, lat = lon_lat(2, 3)
    assert found(asked, f"S_INTERSECTS(geometry, POINT({lat} {lon}))", **{"filter-crs": epsg(4326)}) == [
        ("1", "1")
    ]
    assert found(
        asked, f"S_INTERSECTS(geometry, POINT({lon} {lat})) AND number = '1'", bbox=f"{lon},{lat},{lon},{lat}"
    ) == [("1", "1")]
    answer = asked.json(
        "/ogc/collections/communes/items", filter=f"S_INTERSECTS(geometry, POINT({lon} {lat}))"
    )
    assert answer["numberMatched"] == 1


@pytest.mark.parametrize(
    ("filter", "says"),
    [
        ("number = ", "character 10"),
        ("number ~ '1'", "character 8"),
        ("number = 1", "number is text"),
        ("area_m2 = 'large'", "area_m2 is a number"),
        ("area_m2 LIKE '1%'", "like goes with text"),
        ("owner = 'Nguyễn'", "“owner” is no property"),
        ("number = sheet", "number is text"),
        ("S_INTERSECTS(number, POINT(1 2))", "geometry with a shape"),
        ("S_TOUCHES(geometry, POINT(1 2))", "s_touches"),
        ("S_INTERSECTS(geometry, POINT(1 2000))", "outside"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,1 1)))", "a shape that is none"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "meets itself"),
        ("S_INTERSECTS(geometry, BBOX(1,2,3))", "box"),
        ("number = '1'; DROP TABLE parcel", "character 13"),
        ("number = '\x01'", "number is text"),
        ("effective_on = DATE('2026-02-30')", "effective_on is a day"),
        ("version = 99999999999999999999999", "version is a whole number"),
    ],
)
def test_what_is_not_read_is_told_with_its_place(asked: Asked, filter: str, says: str) -> None:
    problem = asked.problem(ITEMS, filter=filter)
    assert problem["status"] == 400
    assert says in problem["detail"]


BOMBS = {
    "open": "(" * 3_900,
    "nested": "(" * 1_900 + "number = '1'" + ")" * 1_900,
    "not": "NOT " * 990 + "number = '1'",
    "or": " OR ".join(["epsg=1"] * 390),
    "in": f"number IN ({','.join(chr(39) + '1' + chr(39) for _ in range(900))})",
    "corners": f"S_INTERSECTS(geometry, LINESTRING({','.join('1 2' for _ in range(900))}))",
    "quotes": "'" * 3_999,
    "long": "number = '" + "1" * 3_900 + "'",
    "too long": "number = '" + "1" * (LONGEST + 1) + "'",
}
JSON_BOMBS = {
    "array": "[" * 3_000 + "]" * 3_000,
    "args": '{"op":"not","args":[' * 150 + "true" + "]}" * 150,
    "coordinates": '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":'
    + "[" * 900 + "]" * 900 + "}]}",
    "empty": "",
    "number": "1" * 3_000,
    "surrogate": '{"op":"=","args":[{"property":"number"},"\\ud800"]}',
    "nul": '{"op":"=","args":[{"property":"number"},"\\u0000"]}',
    "huge": '{"op":"=","args":[{"property":"area_m2"},1e400]}',
    "property": '{"op":"=","args":[{"property":["number"]},"1"]}',
    "op": '{"op":["="],"args":[]}',
    "no args": '{"op":"and","args":[]}',
    "like": '{"op":"like","args":[{"property":"number"},{"a":1}]}',
    "text": '"number"',
    "geometry": '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":["1","2"]}]}',
    "empty shape": '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[]}]}',
    "no shape": '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}',
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_in_text_are_refused(asked: Asked, name: str) -> None:
    problem = asked.problem(ITEMS, filter=BOMBS[name])
    assert problem["status"] in (400, 414)
    assert len(problem["detail"]) < 300


@pytest.mark.parametrize("name", JSON_BOMBS)
def test_bombs_in_json_are_refused(asked: Asked, name: str) -> None:
    problem = asked.problem(ITEMS, filter=JSON_BOMBS[name], **{"filter-lang": "cql2-json"})
    assert problem["status"] in (400, 414)
    assert len(problem["detail"]) < 300


COMPARED = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LEAVES = st.tuples(
    st.sampled_from(["number", "sheet", "land_use"]),
    st.sampled_from(list(COMPARED)),
    st.sampled_from(["1", "2", "ODT", "LUC"]),
)
TREES = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.tuples(st.just("not"), part),
        st.tuples(st.just("and"), part, part),
        st.tuples(st.just("or"), part, part),
    ),
    max_leaves=8,
)


def written(tree: Any) -> str:
    """A tree as CQL2 text, with every parenthesis."""
    if tree[0] == "not":
        return f"NOT ({written(tree[1])})"
    if tree[0] in ("and", "or"):
        return f"({written(tree[1])}) {tree[0].upper()} ({written(tree[2])})"
    name, op, text = tree
    return f"{name} {op} '{text}'"


def holds(tree: Any, one: Any) -> bool:
    """What a tree says of a parcel."""
    if tree[0] == "not":
        return not holds(tree[1], one)
    if tree[0] in ("and", "or"):
        parts = [holds(part, one) for part in tree[1:]]
        return all(parts) if tree[0] == "and" else any(parts)
    name, op, text = tree
    return bool(COMPARED[op](getattr(one, name).encode(), text.encode()))


@given(tree=TREES)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_any_filter_finds_what_it_says(asked: Asked, tree: Any) -> None:
    assert keys(all_pages(asked, "parcels", filter=written(tree))) == lots(lambda one: holds(tree, one))


@given(text=st.text(alphabet=st.sampled_from("aAnNdDoOrR()'\",=<>1. \\%ươ"), max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        told = to_json(text)
    except InvalidKeyError:
        return
    assert isinstance(told, dict | bool)
