"""Corrections over HTTP: drafted by an editor, approved by another, applied; scopes, conflicts and bad input in words."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import shapely

from api.correction_shapes import CorrectionAnswer, CorrectionList
from register.accounts import add_account, grant
from register.connect import connect
from register.units import communes
from tests.api.asked import problem_in
from tests.conftest import Clone, Serve
from tests.register.handed_in import COMMUNE, EAST, NORTH, hand_in, lot

PASSWORD = "một mật khẩu dài"  # noqa: S105
OTHER = "00331"
PEOPLE = (("an", "editor", COMMUNE), ("be", "editor", COMMUNE), ("ca", "approver", COMMUNE), ("xa", "editor", OTHER),
          ("ya", "approver", OTHER), ("ki", "auditor", None), ("ong", "office", None))  # fmt: skip


@dataclass(slots=True)
class Desk:
    """The server, and who asks."""

    client: httpx.Client
    conninfo: str
    codes: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        who: str | None,
        method: str,
        path: str,
        body: object = None,
        under: str = "/api/v1/corrections",
        **headers: str,
    ) -> httpx.Response:
        if who is not None:
            if who not in self.tokens:
                signed = self.client.post("/api/v1/sessions", json={"name": who, "password": PASSWORD})
                self.tokens[who] = signed.json()["access"]
            headers["authorization"] = f"Bearer {self.tokens[who]}"
        return self.client.request(method, f"{under}{path}", json=body, headers=headers)

    def post(self, who: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self.ask(who, "POST", path, {} if body is None else body)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        CorrectionAnswer.model_validate(told)
        return told

    def problem(
        self, who: str | None, path: str, body: object, kind: str, method: str = "POST"
    ) -> dict[str, Any]:
        told = problem_in(self.ask(who, method, path, body))
        assert told["type"] == f"/problems/{kind}", told
        return told

    def draft(self, who: str = "an", **intent: Any) -> dict[str, Any]:
        return self.post(who, "", {"intent": intent, "effective_on": "2026-06-01", "reason": "thử"})

    def through(self, made: dict[str, Any], who: str = "an") -> dict[str, Any]:
        path, seen = f"/{made['correction']}", {"hash": made["hash"]}
        self.post(who, f"{path}/submit", seen)
        self.post("ca", f"{path}/approve", seen)
        return self.post("ca", f"{path}/apply", seen)

    def numbers(self) -> list[str]:
        answer = self.client.get("/api/v1/parcels", params={"commune": COMMUNE, "sheet": "1", "limit": 100})
        return sorted(f["properties"]["number"] for f in answer.json()["features"])


@pytest.fixture
def desk(clone: Clone, serve: Serve) -> Iterator[Desk]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            for name, role, commune in PEOPLE:
                add_account(conn, "tester", name, name.title(), PASSWORD)
                unit = None if commune is None else communes(conn, [commune])[commune].id
                grant(conn, "tester", name, role, unit)
            hand_in(conn, *(lot(str(n), 10 * n, 0, 10 * n + 10, 20) for n in (1, 2, 3)))
            codes = dict(conn.execute("select number, code from parcel_version").fetchall())
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Desk(client, conninfo, codes)


def line(y: float, x0: float = 9, x1: float = 21) -> list[list[float]]:
    return [[EAST + x0, NORTH + y], [EAST + x1, NORTH + y]]


def test_a_split_from_draft_to_the_map_and_back(desk: Desk) -> None:
    made = desk.draft(kind="split", parcel=desk.codes["1"], lines=[line(8)])
    assert made["state"] == "draft"
    assert made["stops"] == 0
    after = [
        shapely.from_geojson(str(p["after"]["geometry"]).replace("'", '"'))
        for p in made["preview"]["parcels"][1:3]
    ]
    assert all(108 < part.centroid.x < 109 for part in after)
    assert desk.numbers() == ["1", "2", "3"]
    done = desk.through(made)
    assert done["state"] == "applied"
    assert desk.numbers() == ["2", "3", "T1", "T2"]
    assert [e["state"] for e in done["events"]] == ["draft", "submitted", "approved", "applied"]
    part = done["preview"]["codes"]["issued"][0]
    assert desk.client.get(f"/api/v1/parcels/{part}").json()["properties"]["status"] == "current"
    undo = desk.draft(kind="revert", correction=done["applied"])
    desk.through(undo)
    assert desk.numbers() == ["1", "2", "3"]


def test_rights_are_held_or_told(desk: Desk) -> None:
    intent = {"intent": {"kind": "attributes", "parcels": [{"parcel": desk.codes["1"], "land_use": "CLN"}]}}
    desk.problem(None, "", intent, "not-signed-in")
    for stranger in ("xa", "ca", "ki"):
        told = desk.problem(stranger, "", intent, "not-allowed")
        assert told["role"] == "editor"
    made = desk.post("an", "", intent)
    path, seen = f"/{made['correction']}", {"hash": made["hash"]}
    desk.problem("xa", path, None, "not-allowed", "GET")
    desk.problem("xa", f"{path}/submit", seen, "not-allowed")
    assert desk.ask("ki", "GET", path).status_code == 200
    desk.problem("an", f"{path}/approve", seen, "not-allowed")
    desk.post("an", f"{path}/submit", seen)
    desk.problem("ya", f"{path}/approve", seen, "not-allowed")
    desk.problem("ca", f"{path}/approve", {"hash": "0" * 64}, "not-previewed")
    desk.problem("ca", f"{path}/apply", seen, "state")
    back = desk.post("ca", f"{path}/return", {"comment": "thiếu giấy tờ", "at": [108.2, 16.06]})
    assert back["events"][-1]["place"] == [108.2, 16.06]
    desk.problem("be", f"{path}/withdraw", {}, "not-allowed")
    assert desk.post("ong", f"{path}/withdraw", {"comment": "trùng"})["state"] == "withdrawn"
    with connect(desk.conninfo) as conn:
        assert conn.execute("select count(*) from correction where kind <> 'import'").fetchone() == (0,)


def test_an_editor_who_is_approver_too_does_not_approve_their_own(desk: Desk) -> None:
    with connect(desk.conninfo) as conn:
        grant(conn, "tester", "an", "approver", None)
    made = desk.draft(kind="retire", parcels=[desk.codes["3"]])
    path, seen = f"/{made['correction']}", {"hash": made["hash"]}
    desk.post("an", f"{path}/submit", seen)
    assert "themselves" in desk.problem("an", f"{path}/approve", seen, "state")["detail"]


def test_the_slower_of_two_keeps_the_draft_and_sees_three_ways(desk: Desk) -> None:
    mine = desk.draft(kind="split", parcel=desk.codes["1"], lines=[line(8)])
    theirs = desk.draft("be", kind="attributes", parcels=[{"parcel": desk.codes["1"], "land_use": "CLN"}])
    assert (
        theirs["others"][0]["correction" if "correction" in theirs["others"][0] else "key"]
        == mine["correction"]
    )
    path, seen = f"/{mine['correction']}", {"hash": mine["hash"]}
    desk.post("an", f"{path}/submit", seen)
    desk.post("ca", f"{path}/approve", seen)
    desk.through(theirs, "be")
    told = desk.problem("ca", f"{path}/apply", seen, "conflict")
    [entry] = told["conflicts"]
    assert (entry["base"]["land_use"], entry["theirs"]["land_use"]) == ("ODT", "CLN")
    again = desk.post("an", f"{path}/rebase", {})
    assert again["conflicts"] == []
    assert {p["after"]["land_use"] for p in again["preview"]["parcels"] if p["role"] == "part"} == {"CLN"}
    desk.through(again)
    assert desk.numbers() == ["2", "3", "T1", "T2"]


def test_many_at_once_on_one_parcel_are_one_after_the_other(desk: Desk) -> None:
    drafts = [
        desk.draft(kind="attributes", parcels=[{"parcel": desk.codes["2"], "land_use": use}])
        for use in ("CLN", "LUC", "ONT", "DGT")
    ]
    for made in drafts:
        desk.post("an", f"/{made['correction']}/submit", {"hash": made["hash"]})
        desk.post("ca", f"/{made['correction']}/approve", {"hash": made["hash"]})
    answers: list[int] = []

    def apply(made: dict[str, Any]) -> None:
        answers.append(
            desk.ask("ca", "POST", f"/{made['correction']}/apply", {"hash": made["hash"]}).status_code
        )

    threads = [threading.Thread(target=apply, args=(made,)) for made in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409]


def test_the_same_request_again_is_the_same_draft_and_lists_have_pages(desk: Desk) -> None:
    body = {"intent": {"kind": "retire", "parcels": [desk.codes["3"]]}}
    keys = {
        desk.ask("an", "POST", "", body, **{"idempotency-key": "mot"}).json()["correction"] for _ in range(3)
    }
    assert len(keys) == 1
    others = [desk.draft(kind="retire", parcels=[desk.codes["3"]])["correction"] for _ in range(2)]
    first = desk.ask("an", "GET", "?limit=2").json()
    CorrectionList.model_validate(first)
    assert [c["correction"] for c in first["corrections"]] == others[::-1]
    rest = desk.ask("an", "GET", f"?limit=2&before={first['next']}").json()
    assert [c["correction"] for c in rest["corrections"]] == list(keys)
    assert desk.ask("xa", "GET", "").json()["corrections"] == []
    assert len(desk.ask("ki", "GET", "").json()["corrections"]) == 3


NO_INTENTS: list[dict[str, object]] = [
    {},
    {"kind": "split", "parcel": "not a code", "area_m2": 3},
    {"kind": "split", "parcel": "w7er8sp5fqef"},
    {"kind": "split", "parcel": "w7er8sp5fqef", "area_m2": 3, "lines": [[[0, 0], [1, 1]]]},
    {"kind": "split", "parcel": "w7er8sp5fqef", "area_m2": "NaN"},
    {"kind": "merge", "parcels": ["w7er8sp5fqef"]},
    {"kind": "boundary", "parcel": "w7er8sp5fqef"},
    {"kind": "attributes", "parcels": [{"parcel": "w7er8sp5fqef", "land_use": "<b>"}]},
    {"kind": "import", "parcels": []},
    {"kind": "retire", "parcels": ["w7er8sp5fqef"], "extra": 1},
    {"kind": "revert", "correction": 1, "chain": 0},
]


def test_what_is_no_intent_is_refused_in_words(desk: Desk) -> None:
    for intent in NO_INTENTS:
        problem_in(desk.ask("an", "POST", "", {"intent": intent}))
    assert desk.ask("an", "GET", "").json()["corrections"] == []
