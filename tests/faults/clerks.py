"""People at work over HTTP, without pause, while everything is killed under them; they note what they were told.

An editor drafts, submits, and an approver approves and applies. Where no answer comes, or one that says the register is
away, nobody knows what became of the step: like anybody, they look, and do it again where it was not done.
"""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import numpy as np

from geo import crs
from importers.sample.surveys.survey import Survey
from tests.api.surveying import SAID, block, written
from tests.faults.office import APPROVER, COLUMNS, DEEP_M, EAST_M, NORTH_M, PASSWORD, ROWS, WIDE_M
from tests.register.handed_in import EAST, EPSG, NORTH

PLOTS = 4  # of a survey
STATES = ("draft", "submitted", "approved", "applied")
_STEPS = {"submitted": "submit", "approved": "approve", "applied": "apply"}


class NotKnownError(Exception):
    """No answer came, or none that says what became of it."""


@dataclass(slots=True)
class Noted:
    """A correction as its clerk knows it: the last state that was acknowledged, its number once it was applied; `doubt`:
    the apply was once not answered."""

    key: str
    kind: str
    hash: str
    state: str = "draft"
    applied: int | None = None
    doubt: bool = False


@dataclass(slots=True)
class Ledger:
    """What all clerks noted. `faults`: answers that are the server's fault, in its words."""

    noted: list[Noted] = field(default_factory=list)
    surveys: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self.lock:
            self.told[what] += 1

    def copy(self) -> list[Noted]:
        """The corrections as noted now."""
        with self.lock:
            return [replace(one) for one in self.noted]

    def acknowledged(self) -> int:
        """How many corrections were said to be applied."""
        with self.lock:
            return sum(one.state == "applied" for one in self.noted)


@dataclass(slots=True)
class Desk:
    """One connection to the server, for people by name."""

    url: str
    ledger: Ledger
    stop: threading.Event
    tokens: dict[str, str] = field(default_factory=dict)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=90))

    def ask(self, who: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer. Raises: NotKnownError."""
        if who is not None:
            if who not in self.tokens:
                self._sign_in(who)
            more.setdefault("headers", {})["authorization"] = f"Bearer {self.tokens[who]}"
        try:
            answer = self.client.request(method, self.url + path, **more)
        except httpx.TransportError:
            self.ledger.count("no answer")
            raise NotKnownError from None
        if answer.status_code == 401 and who is not None:
            del self.tokens[who]
            return self.ask(who, method, path, **more)
        if answer.status_code == 503:
            self.ledger.count("503")
            raise NotKnownError
        if answer.status_code >= 500:
            with self.ledger.lock:
                self.ledger.faults.append(f"{method} {path}: {answer.status_code} {answer.text}")
            raise NotKnownError
        return answer

    def _sign_in(self, who: str) -> None:
        given = {"name": who, "password": PASSWORD}
        answer = self.ask(None, "POST", "/api/v1/sessions", json=given)
        if answer.status_code not in (200, 201):
            self.ledger.faults.append(f"signing in: {answer.status_code} {answer.text}")
            raise NotKnownError
        self.tokens[who] = answer.json()["access"]

    def surely(self, work: Callable[[], httpx.Response]) -> httpx.Response | None:
        """The answer, however often one has to ask; None once it is time to stop."""
        while True:
            try:
                return work()
            except NotKnownError:
                if self.stop.is_set():
                    return None
                time.sleep(0.05)


class Clerk(threading.Thread):
    """Corrects at random, one correction after the other, until `stop`."""

    def __init__(self, url: str, ledger: Ledger, stop: threading.Event, name: str, seed: int) -> None:
        super().__init__(daemon=True, name=name)
        self.desk = Desk(url, ledger, stop)
        self.ledger, self.stop, self.editor = ledger, stop, name
        self.random = random.Random(seed)
        self.mine: list[int] = []

    def run(self) -> None:
        with self.desk.client:
            while not self.stop.is_set():
                try:
                    self._one()
                except NotKnownError:
                    time.sleep(0.02)

    def _one(self) -> None:
        intent = self._intent()
        if intent is None:
            return
        noted = self._drafted(intent)
        if noted is None:
            return
        for state in STATES[1:]:
            if not self._step(noted, state):
                return
        if noted.applied is not None and noted.kind != "revert":
            self.mine.append(noted.applied)

    def _drafted(self, intent: dict[str, Any]) -> Noted | None:
        once = {"idempotency-key": uuid.uuid4().hex}
        answer = self.desk.surely(
            lambda: self.desk.ask(
                self.editor, "POST", "/api/v1/corrections", json={"intent": intent}, headers=dict(once)
            )
        )
        if answer is None:
            return None
        if answer.status_code != 201:
            self.ledger.count(f"{intent['kind']} refused: {answer.status_code}")
            return None
        told = answer.json()
        noted = Noted(told["correction"], told["kind"], told["hash"])
        with self.ledger.lock:
            self.ledger.noted.append(noted)
        if told["stops"]:
            self.ledger.count(f"{intent['kind']} stopped: {told['preview']['findings'][0]['rule']}")
            return None
        return noted

    def _step(self, noted: Noted, state: str) -> bool:
        """Whether the correction came into `state`."""
        who = self.editor if state == "submitted" else APPROVER
        path, seen = f"/api/v1/corrections/{noted.key}", {"hash": noted.hash}
        doubt = False
        while True:
            try:
                answer = self.desk.ask(who, "POST", f"{path}/{_STEPS[state]}", json=seen)
            except NotKnownError:
                doubt = True
                noted.doubt = noted.doubt or state == "applied"
                answer = None
            if answer is not None and (answer.status_code == 200 or not doubt):
                break
            # not known, or refused because it was done after all
            looked = self.desk.surely(lambda: self.desk.ask(APPROVER, "GET", path))
            if looked is None:
                return False
            if answer is not None or looked.status_code != 200 or looked.json()["state"] == state:
                answer = looked
                break
        if answer.status_code != 200 or answer.json()["state"] != state:
            self.ledger.count(f"{_STEPS[state]} refused: {answer.status_code}")
            return False
        with self.ledger.lock:
            noted.state, noted.applied = state, answer.json()["applied"]
        if state == "applied":
            self.ledger.count(f"{noted.kind} applied")
        return True

    def _intent(self) -> dict[str, Any] | None:
        kind = self.random.choices(
            ("attributes", "split", "merge", "boundary", "renumber", "revert"), (2, 3, 3, 3, 1, 2)
        )[0]
        if kind == "revert":
            return {"kind": kind, "correction": self.mine.pop()} if self.mine else None
        found = self._parcel()
        if found is None:
            return None
        code, ring = found["properties"]["code"], found["geometry"]["coordinates"][0]
        if kind == "attributes":
            use = self.random.choice(("ODT", "CLN", "LUC", "ONT"))
            return {"kind": kind, "parcels": [{"parcel": code, "land_use": use}]}
        if kind == "split":
            area = found["properties"]["area_m2"]
            if area < 20:
                return None
            at = round(area * self.random.uniform(0.3, 0.7), 1)
            return {
                "kind": kind,
                "parcel": code,
                "area_m2": at,
                "direction_deg": self.random.choice((0.0, 90.0)),
            }
        if kind == "merge":
            beside = self.desk.ask(None, "GET", f"/api/v1/parcels/{code}/neighbours")
            codes = [one["code"] for one in beside.json().get("neighbours", [])[:3]]
            return {"kind": kind, "parcels": [code, self.random.choice(codes)]} if codes else None
        if kind == "boundary":
            east, north = self.random.choice(ring)
            moved = [round(value + self.random.uniform(-0.3, 0.3), 3) for value in (east, north)]
            return {"kind": kind, "parcel": code, "moves": [{"from": [east, north], "to": moved}]}
        return {"kind": kind, "parcels": [{"parcel": code}]}

    def _parcel(self) -> dict[str, Any] | None:
        """A current parcel at a random place of the grid, in metres."""
        east = EAST + EAST_M + self.random.uniform(0.5, COLUMNS * WIDE_M - 0.5)
        north = NORTH + NORTH_M + self.random.uniform(0.5, ROWS * DEEP_M - 0.5)
        lon, lat = crs.to_wgs84(EPSG, np.array([east]), np.array([north]))
        at = {"at": f"{lon[0]:.8f},{lat[0]:.8f}", "limit": "1"}
        features = self.desk.ask(None, "GET", "/api/v1/parcels", params=at).json().get("features", [])
        if not features:
            return None
        code = features[0]["properties"]["code"]
        answer = self.desk.ask(None, "GET", f"/api/v1/parcels/{code}", params={"crs": "vn2000"})
        told: dict[str, Any] = answer.json()
        return told if "geometry" in told and told["geometry"]["type"] == "Polygon" else None


class Surveyor(threading.Thread):
    """Hands in a small survey now and then, never the same twice."""

    def __init__(
        self, url: str, ledger: Ledger, stop: threading.Event, seed: int, every_s: float = 4.0
    ) -> None:
        super().__init__(daemon=True, name="surveyor")
        self.desk, self.ledger, self.stop, self.every_s = Desk(url, ledger, stop), ledger, stop, every_s
        self.random = random.Random(seed)

    def run(self) -> None:
        with self.desk.client:
            while not self.stop.is_set():
                told = self._hand_in()
                self.stop.wait(self.every_s if told else 0.2)

    def _hand_in(self) -> bool:
        """Whether there was an answer."""
        name, content = written("wkt", Survey(tuple(self.random.sample(block().survey.lots, PLOTS))))
        sent = {"file": (name, content)}
        try:
            answer = self.desk.ask(None, "POST", "/api/v1/surveys", files=sent, data=SAID)
        except NotKnownError:
            self.ledger.count("survey not known")
            return False
        if answer.status_code in (200, 201):
            with self.ledger.lock:
                self.ledger.surveys.append(answer.json()["id"])
        else:
            self.ledger.count(f"survey refused: {answer.status_code}")
        return True
