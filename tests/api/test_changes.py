"""The feed, histories and neighbours over HTTP: pages, waiting, events, and bad questions."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from api import change_events, past_shapes
from api.change_shapes import Changes, Made
from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from register.replay import fingerprint, replay
from tests.api.asked import Asked, problem_in
from tests.conftest import Clone, Served
from tests.register.handed_in import DAY, hand_in, lot


def pages(client: httpx.Client, **query: Any) -> Iterator[dict[str, Any]]:
    """Pages until there is no more."""
    since = "0"
    while True:
        page = client.get("/api/v1/changes", params={**query, "since": since}).json()
        Changes.model_validate(page)
        yield page
        if page["complete"]:
            return
        since = page["next"]


def edit(conninfo: str, code: str, use: str) -> int:
    """The place in the feed of a new land use."""
    with connect(conninfo) as conn:
        version = current_version(conn, code)
        assert version is not None
        return apply(
            conn, Correction("attributes", "somebody", DAY), AttributeDrafts([Edit(version, land_use=use)])
        ).seq


@pytest.fixture
def follower(server: Served, db: psycopg.Connection) -> Iterator[tuple[httpx.Client, str, str]]:
    """A client of a server over one parcel, its database and code."""
    hand_in(db, lot("1", 0, 0, 10, 10))
    db.commit()
    (code,) = (row[0] for row in db.execute("select code from parcel"))
    db.commit()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client, server.conninfo, code


def test_a_mirror_follows_over_http(asked: Asked, clone: Clone) -> None:
    with clone() as other, connect(other) as mirror, connect(asked.conninfo) as db:
        items = [item for page in pages(asked.client, limit=1, shapes="wkb") for item in page["changes"]]
        assert [item["kind"] for item in items] == ["import", "import", "revert"]
        assert replay(items, mirror) == 3
        mirror.commit()
        assert fingerprint(mirror) == fingerprint(db)


def test_pages_that_are_over_may_be_kept(asked: Asked) -> None:
    first = asked.get("/api/v1/changes", limit=1)
    assert "immutable" in first.headers["cache-control"]
    end = asked.get("/api/v1/changes", since="3")
    assert (end.json()["changes"], end.json()["next"], end.headers["cache-control"]) == ([], "3", "no-cache")
    again = asked.client.get("/api/v1/changes?since=3", headers={"if-none-match": end.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"since": "x"}, "no place in the feed"),
        ({"since": "-1"}, "no place in the feed"),
        ({"since": "4"}, "beyond the end"),
        ({"since": "1.9.1"}, "no place in the feed"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"shapes": "svg"}, "shapes"),
        ({"wait": "31"}, "wait"),
        ({"wait": "-1"}, "wait"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(asked: Asked, query: dict[str, str], says: str) -> None:
    assert says in asked.problem("/api/v1/changes", **query)["detail"]


def test_events_of_no_place_are_refused(asked: Asked) -> None:
    assert "beyond" in asked.problem("/api/v1/changes/events", since="4")["detail"]
    answer = asked.client.get("/api/v1/changes/events", headers={"last-event-id": "x"})
    assert "no place" in problem_in(answer)["detail"]


def test_who_waits_is_answered_when_it_happens(follower: tuple[httpx.Client, str, str]) -> None:
    client, conninfo, code = follower
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/api/v1/changes?since=1&wait=30")
        edit(conninfo, code, "CLN")
        page = waiting.result().json()
    Changes.model_validate(page)
    assert [(item["seq"], item["kind"]) for item in page["changes"]] == [(2, "attributes")]
    assert "somebody" not in json.dumps(page)
    assert client.get("/api/v1/changes?since=2&wait=1").json()["changes"] == []


def events_of(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbers and data of the events on the wire; comments as number 0."""
    seq = 0
    for line in lines:
        if line.startswith("id: "):
            seq = int(line[4:])
        elif line.startswith("data: "):
            yield seq, json.loads(line[6:])
        elif line.startswith(":"):
            yield 0, {}


def test_events_come_as_corrections_are_made_and_go_on_after_a_break(
    follower: tuple[httpx.Client, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, conninfo, code = follower
    with client.stream("GET", "/api/v1/changes/events?since=0") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = events_of(answer.iter_lines())
        seq, said = next(lines)
        Made.model_validate(said)
        assert (seq, said["kind"], said["counts"]["opened"]) == (1, "import", 1)
        west, south, east, north = said["bbox"]
        assert 108 < west < east < 109
        assert 16 < south < north < 17
        for use in ("CLN", "LUC"):
            edit(conninfo, code, use)
        assert [next(lines)[0], next(lines)[0]] == [2, 3]
    edit(conninfo, code, "ODT")
    with client.stream("GET", "/api/v1/changes/events", headers={"last-event-id": "2"}) as answer:
        lines = events_of(answer.iter_lines())
        assert [next(lines)[0], next(lines)[0]] == [3, 4]
    monkeypatch.setattr(change_events, "HEARTBEAT_S", 0.0)
    monkeypatch.setattr(change_events, "LOOK_EVERY_S", 0.05)
    with client.stream("GET", "/api/v1/changes/events") as answer:  # from now on
        lines = events_of(answer.iter_lines())
        assert next(lines) == (0, {})
        edit(conninfo, code, "CLN")
        assert next(one for one in lines if one[0])[0] == 5


def test_a_history_and_neighbours_are_told(asked: Asked) -> None:
    code = asked.codes["1", "2"]
    found = asked.json(f"/api/v1/parcels/{code.upper()}/history")
    past_shapes.History.model_validate(found)
    assert (found["code"], len(found["versions"]), found["note"]) == (code, 1, None)
    beside = asked.json(f"/api/v1/parcels/{code}/neighbours")
    past_shapes.Neighbours.model_validate(beside)
    shared = {(one["number"], one["shared_m"]) for one in beside["neighbours"]}
    assert shared == {("1", 20), ("3", 20), ("4", 5)}
    retired = asked.codes["9", "1"]
    assert [v["closed"]["kind"] for v in asked.json(f"/api/v1/parcels/{retired}/history")["versions"]] == [
        "revert"
    ]
    assert "retired" in asked.problem(f"/api/v1/parcels/{retired}/neighbours")["detail"]
    for question in ("history", "neighbours"):
        assert asked.problem(f"/api/v1/parcels/s00000000000/{question}")["type"] == "/problems/not-found"
        assert asked.problem(f"/api/v1/parcels/a/{question}")["type"] == "/problems/invalid-key"
