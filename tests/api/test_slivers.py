"""Slivers over HTTP: listed for those of the commune, drafted by an editor, approved by another, gone from the map."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.sliver_shapes import MadeDrafts, SliverList
from register.accounts import add_account, grant
from register.connect import connect
from register.units import communes
from tests.api.asked import problem_in
from tests.api.test_corrections import PASSWORD, PEOPLE, Desk
from tests.conftest import Clone, Serve
from tests.register.handed_in import COMMUNE
from tests.register.slivered import WIDTHS_MM, defects, planted

SLIVERS = "/api/v1/slivers"
MANY = 2 * len(WIDTHS_MM)


@pytest.fixture(scope="module")
def filled(clone: Clone) -> Iterator[str]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            for name, role, commune in PEOPLE:
                add_account(conn, "tester", name, name.title(), PASSWORD)
                unit = None if commune is None else communes(conn, [commune])[commune].id
                grant(conn, "tester", name, role, unit)
            planted(conn)
        yield conninfo


@pytest.fixture
def desk(clone: Clone, serve: Serve, filled: str) -> Iterator[Desk]:
    with (
        clone(filled.rsplit("dbname=", 1)[1].split(maxsplit=1)[0]) as conninfo,
        serve(conninfo) as served,
        httpx.Client(base_url=served.url, timeout=60) as client,
    ):
        yield Desk(client, conninfo, {})


def ask(desk: Desk, who: str | None, query: str) -> httpx.Response:
    return desk.ask(who, "GET", f"?{query}", under=SLIVERS)


def listed(desk: Desk, query: str, who: str = "an") -> dict[str, Any]:
    answer = ask(desk, who, query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    told: dict[str, Any] = answer.json()
    SliverList.model_validate(told)
    return told


def drafted(desk: Desk, body: dict[str, Any], who: str = "an") -> dict[str, Any]:
    answer = desk.ask(who, "POST", "/drafts", body, under=SLIVERS)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    MadeDrafts.model_validate(told)
    return told


def test_from_the_list_to_a_clean_map(desk: Desk) -> None:
    told = listed(desk, f"commune={COMMUNE}")
    assert len(told["features"]) == MANY
    assert len({f["properties"]["cluster"] for f in told["features"]}) == MANY
    lon, lat = told["features"][0]["geometry"]["coordinates"]
    near = listed(desk, f"bbox={lon - 1e-4},{lat - 1e-4},{lon + 1e-4},{lat + 1e-4}&tolerance_m=0.05", "ki")
    assert [f["geometry"] for f in near["features"]] == [told["features"][0]["geometry"]]
    body = {"commune": COMMUNE, "sheet": "1", "effective_on": "2026-06-01", "reason": "sửa khe hở"}
    made = drafted(desk, body)
    assert (made["slivers"], len(made["drafts"]), made["next"]) == (MANY, MANY, None)
    assert drafted(desk, body)["drafts"] == []
    assert {f["properties"]["draft"] for f in listed(desk, f"commune={COMMUNE}")["features"]} == {
        d["correction"] for d in made["drafts"]
    }
    for one in made["drafts"]:
        draft = desk.ask("an", "GET", f"/{one['correction']}").json()
        [sliver] = draft["preview"]["slivers"]
        assert sliver["moved_m"] <= sliver["width_m"] + 0.001
        assert desk.through(draft)["state"] == "applied"
    assert listed(desk, f"commune={COMMUNE}&tolerance_m=0.25")["features"] == []
    with connect(desk.conninfo) as conn:
        assert defects(conn) == []
    assert drafted(desk, body)["slivers"] == 0


def test_pages_and_the_limit_of_drafts(desk: Desk) -> None:
    first = listed(desk, f"commune={COMMUNE}&limit=5")
    rest = listed(desk, f"commune={COMMUNE}&limit=5&cursor={first['next']}")
    assert (len(first["features"]), len(rest["features"]), rest["next"]) == (5, MANY - 5, None)
    made = drafted(desk, {"commune": COMMUNE, "limit": 3, "effective_on": "2026-06-01"})
    assert len(made["drafts"]) == 3
    assert made["next"] is not None


def test_rights_are_held_or_told(desk: Desk) -> None:
    told = problem_in(ask(desk, None, f"commune={COMMUNE}"))
    assert told["type"] == "/problems/not-signed-in"
    for stranger in ("xa", "ca"):
        assert problem_in(ask(desk, stranger, f"commune={COMMUNE}"))["type"] == "/problems/not-allowed"
    assert len(listed(desk, f"commune={COMMUNE}", "ong")["features"]) == MANY
    whole = "bbox=108.4,16,108.5,16.1"
    assert len(listed(desk, whole, "be")["features"]) == len(listed(desk, whole, "ki")["features"])
    assert listed(desk, whole, "xa")["features"] == []
    for reader in ("ki", "ong", "xa"):
        told = problem_in(desk.ask(reader, "POST", "/drafts", {"commune": COMMUNE}, under=SLIVERS))
        assert (told["type"], told["role"]) == ("/problems/not-allowed", "editor")


BAD_QUESTIONS = [
    "",
    "sheet=1",
    "commune=99999",
    "commune=x",
    "bbox=1,2,3",
    "bbox=108,16,109,17",
    f"commune={COMMUNE}&tolerance_m=0.3",
    f"commune={COMMUNE}&tolerance_m=nan",
    f"commune={COMMUNE}&tolerance_m=0",
    f"commune={COMMUNE}&limit=0",
    f"commune={COMMUNE}&cursor=a.b",
]


def test_bad_questions_are_told_in_words(desk: Desk) -> None:
    for query in BAD_QUESTIONS:
        problem_in(ask(desk, "an", query))


BAD_ROUNDS: list[dict[str, Any]] = [
    {},
    {"sheet": "1"},
    {"commune": COMMUNE, "tolerance_m": 1},
    {"bbox": [109, 16, 108, 17]},
    {"commune": COMMUNE, "extra": 1},
]


def test_bad_rounds_of_drafts_are_told_in_words(desk: Desk) -> None:
    for body in BAD_ROUNDS:
        problem_in(desk.ask("an", "POST", "/drafts", body, under=SLIVERS))
