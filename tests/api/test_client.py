"""The Python client against a real server, and against one that fails; the page about it is run as it stands."""

import contextlib
import http.server
import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.client import Client, ProblemError, UnreachableError
from api.webhook_delivery import signature
from register.accounts import add_account, grant
from register.connect import connect
from tests.api.asked import Asked
from tests.api.test_people import LETTERS
from tests.conftest import Clone, Serve
from tests.geo.keyboards import Engine, typed
from tests.register.handed_in import COMMUNE, hand_in, lot

PAGE = Path(__file__).parents[2] / "docs/client.md"


@pytest.fixture
def office(asked: Asked) -> Iterator[Client]:
    with Client(str(asked.client.base_url)) as client:
        yield client


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in a language."""
    parts = PAGE.read_text("utf-8").split("```")[1::2]
    return [part.split("\n", 1)[1] for part in parts if part.split("\n", 1)[0] == language]


def test_the_example_of_the_page_prints_what_the_page_says(asked: Asked) -> None:
    example, verify = blocks("python")
    code = asked.codes["1", "1"]
    names: dict[str, Any] = {
        "code": code,
        "typed": typed(code, Engine()),
        "old_key": f"{COMMUNE}.1.1",
        "commune": COMMUNE,
    }
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(example.replace("http://localhost:8000", str(asked.client.base_url)), names)  # noqa: S102
    lines = printed.getvalue().splitlines()
    shown = blocks("")[0].splitlines()
    # the register of the tests has a second correction that undoes an import, and codes of its own
    told = [
        line.replace(code, "w6ugqhv5pqbw") for line in lines if not re.match(r"[23] (import|revert) ", line)
    ]
    assert told == [line.replace(shown[0].split()[-1], "w6ugqhv5pqbw") for line in shown]
    exec(verify, names)  # noqa: S102
    body = b'{"changes":[]}'
    headers = {"webhook-timestamp": "1767225600", "webhook-signature": signature("whsec_x", 1767225600, body)}
    assert names["is_ours"]("whsec_x", headers, body)
    assert not names["is_ours"]("whsec_y", headers, body)
    assert not names["is_ours"]("whsec_x", headers, body + b" ")


def test_it_needs_nothing_but_the_standard_library() -> None:
    check = "import sys; from api.client import Client; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", check], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert {"fastapi", "pydantic", "psycopg", "httpx", "numpy", "orjson", "register", "geo"}.isdisjoint(
        loaded
    )


def test_pages_are_followed_to_the_end(asked: Asked, office: Client) -> None:
    every = [feature["id"] for feature in office.parcels(limit=2)]
    assert every == sorted(code for key, code in asked.codes.items() if key != ("9", "1"))
    assert [f["id"] for f in office.parcels(sheet="2", commune=COMMUNE, as_of="2026-03-01")] == sorted(
        asked.codes["2", n] for n in "12"
    )
    changes = [change["seq"] for page in office.changes(limit=1) for change in page["changes"]]
    assert changes == [1, 2, 3]
    assert list(office.changes(since="3")) == []


def test_any_number_of_keys_is_resolved_in_order(asked: Asked, office: Client) -> None:
    codes = [*asked.codes.values()]
    keys = (codes[n % len(codes)] for n in range(10_050))
    found = [answer["parcel"]["code"] for answer in office.resolve(keys)]
    assert found == [codes[n % len(codes)] for n in range(10_050)]
    assert list(office.resolve([])) == []
    [then] = office.resolve([codes[0]], as_of="2020-01-01")
    assert then["status"] == "never_issued"


def test_what_is_refused_tells_why(asked: Asked, office: Client) -> None:
    with pytest.raises(ProblemError) as told:
        office.parcel("ail")
    assert (told.value.status, told.value.problem["type"]) == (422, "/problems/invalid-key")
    assert office.code("w6zzzzzzzzzz")["status"] == "never_issued"
    assert office.code(asked.codes["9", "1"])["status"] == "withdrawn"
    with pytest.raises(ProblemError):
        office.code(asked.codes["1", "1"], as_of="never")
    assert office.history(asked.codes["1", "1"])["code"] == asked.codes["1", "1"]
    digital = office.parcel(asked.codes["1", "1"])["properties"]["addresses"][0]["code"]
    assert office.address(digital)[0]["parcels"][0]["code"] == asked.codes["1", "1"]
    with pytest.raises(ProblemError) as told:
        office.draft({"kind": "retire", "parcels": []})
    assert told.value.status == 401
    with pytest.raises(ValueError, match="not the address"):
        Client("ftp://x").parcel("x")


def test_a_correction_from_draft_to_applied(clone: Clone, serve: Serve) -> None:
    with clone() as conninfo:
        with connect(conninfo) as db:
            hand_in(db, lot("1", 0, 0, 10, 10))
            for name, role in (("an", "editor"), ("binh", "approver")):
                add_account(db, "tester", name, name.title(), LETTERS)
                grant(db, "tester", name, role, None)
        with serve(conninfo) as served:
            tokens = {}
            for name in ("an", "binh"):
                body = {"name": name, "password": LETTERS}
                with Client(served.url) as anyone:
                    tokens[name] = anyone._json("POST", "/api/v1/sessions", body=body)["access"]
            with Client(served.url, tokens["an"]) as an, Client(served.url, tokens["binh"]) as binh:
                [code] = [feature["id"] for feature in an.parcels()]
                intent = {"kind": "attributes", "parcels": [{"parcel": code, "land_use": "CLN"}]}
                draft = an.draft(intent, reason="sai loại đất")
                key, seen = draft["correction"], draft["hash"]
                assert an.step(key, "submit", seen)["state"] == "submitted"
                assert binh.give_back(key, "xem lại")["state"] == "returned"
                seen = an.redraft(key, intent, reason="sai loại đất, đã xem lại")["hash"]
                assert an.step(key, "submit", seen)["state"] == "submitted"
                assert binh.step(key, "approve", seen)["state"] == "approved"
                assert binh.step(key, "apply", seen)["state"] == "applied"
                assert an.parcel(code)["properties"]["land_use"] == "CLN"
                assert an.correction(key)["state"] == "applied"
                other = an.draft({**intent, "parcels": [{"parcel": code, "land_use": "ODT"}]})
                assert an.withdraw(other["correction"])["state"] == "withdrawn"


class Failing(http.server.BaseHTTPRequestHandler):
    """Answers as its class is told: a status, or None to hang up."""

    answers: Callable[[int], int | None] = staticmethod(lambda n: 200)
    came: list[tuple[str, dict[str, str]]] = []  # noqa: RUF012
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        self.rfile.read(int(self.headers.get("content-length") or 0))
        status = type(self).answers(len(self.came) - 1)
        if status is None:
            self.close_connection = True
            return
        body = b'{"n": %d}' % len(self.came) if status == 200 else b"<html>"
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if status == 429:
            self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def failing() -> Iterator[tuple[type[Failing], str]]:
    kind = type("Told", (Failing,), {"came": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield kind, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_questions_are_asked_again_and_steps_are_not(failing: tuple[type[Failing], str]) -> None:
    kind, url = failing
    kind.answers = staticmethod(lambda n: (503, None, 429, 502, 200)[n] if n < 5 else 200)
    with Client(url, "dck_x", first_wait_s=0.01) as client:
        assert client.parcel("w 1/2?") == {"n": 5}
        assert kind.came[-1][0] == "/api/v1/parcels/w%201%2F2%3F"
        assert {headers["authorization"] for _, headers in kind.came} == {"Bearer dck_x"}
        kind.answers = staticmethod(lambda n: 503 if n == 5 else 200)
        assert client.draft({"kind": "x"}) == {"n": 7}
        assert len({headers["idempotency-key"] for _, headers in kind.came[5:]}) == 1
        kind.answers = staticmethod(lambda n: 503)
        with pytest.raises(ProblemError) as told:
            client.step("k", "apply", "0" * 64)
        assert (told.value.status, len(kind.came)) == (503, 8)
        with pytest.raises(ProblemError):
            client.history("x")
        assert len(kind.came) == 8 + 6
        kind.answers = staticmethod(lambda n: None)
        with pytest.raises(UnreachableError):
            client.history("x")
        assert len(kind.came) == 14 + 6
        kind.answers = staticmethod(lambda n: 404)
        with pytest.raises(ProblemError) as told:
            client.history("x")
        assert (told.value.status, len(kind.came)) == (404, 21)
    assert json.dumps(told.value.problem)
