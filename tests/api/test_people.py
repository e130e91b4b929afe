"""Signing in over HTTP, and what an office does for its people."""

import logging
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.allowance import Allowance, Attempts
from api.people_shapes import Accounts, Key, MadeAccount, Me, Session
from register.accounts import add_account, disable, grant
from register.connect import connect
from register.errors import BusyError, NotSignedInError
from register.units import communes
from tests.api.asked import problem_in
from tests.conftest import Clone, Serve

LETTERS = "Trường Sa 1988 – Hoàng Sa"
HERE, THERE = "20242", "20285"


@dataclass(frozen=True, slots=True)
class Desk:
    """A client of the server over a register with the accounts chi (office for all) and an (editor here)."""

    client: httpx.Client
    conninfo: str

    def sign_in(self, name: str, password: str = LETTERS) -> httpx.Response:
        return self.client.post("/api/v1/sessions", json={"name": name, "password": password})

    def tokens(self, name: str, password: str = LETTERS) -> dict[str, Any]:
        answer = self.sign_in(name, password)
        assert answer.status_code == 201, answer.text
        assert answer.headers["cache-control"] == "no-store"
        body: dict[str, Any] = answer.json()
        Session.model_validate(body)
        return body

    def ask(
        self, who: str | None, method: str, path: str, body: object = None, **more: Any
    ) -> httpx.Response:
        """A request of whom the access token or key `who` belongs to."""
        headers = {} if who is None else {"authorization": f"Bearer {who}"}
        more |= {} if body is None else {"json": body}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def problem(self, who: str | None, method: str, path: str, body: object = None) -> dict[str, Any]:
        return problem_in(self.ask(who, method, path, body))

    def made(self, who: str | None, path: str, body: object = None) -> dict[str, Any]:
        answer = self.ask(who, "POST", path, body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def desk(clone: Clone, serve: Serve) -> Iterator[Desk]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            here = communes(conn, [HERE])[HERE].id
            for name, role, commune in (
                ("chi", "office", None),
                ("an", "editor", here),
                ("ha", "office", here),
            ):
                add_account(conn, "tester", name, name.title(), LETTERS)
                grant(conn, "tester", name, role, commune)
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Desk(client, conninfo)


@pytest.fixture
def chi(desk: Desk) -> str:
    access: str = desk.tokens("chi")["access"]
    return access


def test_signing_in_tells_who_one_is_and_where(desk: Desk) -> None:
    signed = desk.tokens("AN", unicodedata.normalize("NFD", LETTERS))
    me = desk.ask(signed["access"], "GET", "/me").json()
    Me.model_validate(me)
    assert me == signed["account"] == {
        "name": "an",
        "full_name": "An",
        "roles": ["editor"],
        "communes": [{"code": HERE, "name": "phường Hải Châu"}],
        "scopes": {"editor": [HERE]},
    }  # fmt: skip
    everywhere = desk.tokens("chi")["account"]
    assert (everywhere["communes"], everywhere["scopes"]) == (None, {"office": None})


@pytest.mark.parametrize("path", ["/me", "/accounts"])
@pytest.mark.parametrize(
    "header", [None, "Bearer x.y.z", "Bearer", "Basic YTpi", "Bearer dck_nothing", "bearer x y"]
)
def test_without_a_token_that_holds_nobody_is_let_in(desk: Desk, path: str, header: str | None) -> None:
    answer = desk.client.get(f"/api/v1{path}", headers={} if header is None else {"authorization": header})
    assert problem_in(answer)["status"] == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_signing_out_and_refreshing(desk: Desk) -> None:
    first = desk.tokens("an")
    second = desk.made(None, "/sessions/refresh", {"refresh": first["refresh"]})
    assert second["account"] == first["account"]
    assert desk.ask(second["access"], "DELETE", "/sessions/current").status_code == 204
    for access in (first["access"], second["access"]):
        assert desk.problem(access, "GET", "/me")["status"] == 401
    assert desk.problem(None, "POST", "/sessions/refresh", {"refresh": second["refresh"]})["status"] == 401


def test_a_refresh_token_that_comes_twice_ends_the_session(desk: Desk) -> None:
    first = desk.tokens("an")
    second = desk.made(None, "/sessions/refresh", {"refresh": first["refresh"]})
    assert desk.problem(None, "POST", "/sessions/refresh", {"refresh": first["refresh"]})["status"] == 401
    assert desk.problem(second["access"], "GET", "/me")["status"] == 401
    assert desk.problem(None, "POST", "/sessions/refresh", {"refresh": second["refresh"]})["status"] == 401


def test_an_office_makes_people_who_then_can(desk: Desk, chi: str) -> None:
    made = desk.made(chi, "/accounts", {"name": "bình.01", "full_name": "Lê  Thị Bình"})
    MadeAccount.model_validate(made)
    assert (made["name"], made["full_name"], made["grants"]) == ("bình.01", "Lê Thị Bình", [])
    binh = desk.tokens("BÌNH.01", made["password"])["access"]
    assert desk.problem(binh, "GET", "/accounts")["type"] == "/problems/not-allowed"
    given = desk.made(chi, "/accounts/bình.01/grants", {"role": "approver", "commune": HERE})
    again = desk.ask(chi, "POST", "/accounts/bình.01/grants", {"role": "approver", "commune": HERE})
    assert (again.status_code, again.json()) == (200, given)
    assert (given["commune"], given["made_by"]) == ({"code": HERE, "name": "phường Hải Châu"}, "chi")
    assert desk.ask(binh, "GET", "/me").json()["scopes"] == {"approver": [HERE]}
    where = f"/accounts/bình.01/grants/{given['id']}"
    assert desk.ask(chi, "DELETE", where).status_code == 204
    assert desk.problem(chi, "DELETE", where)["status"] == 404
    assert desk.ask(binh, "GET", "/me").json()["roles"] == []
    new = desk.made(chi, "/accounts/bình.01/password")["password"]
    assert desk.problem(binh, "GET", "/me")["status"] == 401
    binh = desk.tokens("bình.01", new)["access"]
    assert desk.made(chi, "/accounts/bình.01/disable")["disabled"] is True
    assert desk.problem(binh, "GET", "/me")["status"] == 401
    assert desk.sign_in("bình.01", new).status_code == 401
    assert desk.made(chi, "/accounts/bình.01/enable")["disabled"] is False
    desk.tokens("bình.01", new)


def test_an_office_of_a_commune_stays_in_it(desk: Desk) -> None:
    ha = desk.tokens("ha")["access"]
    desk.made(ha, "/accounts", {"name": "van", "password": LETTERS})
    desk.made(ha, "/accounts/van/grants", {"role": "editor", "commune": HERE})
    for commune, said in ((THERE, "phường Ngũ Hành Sơn"), (None, "all communes")):
        told = desk.problem(ha, "POST", "/accounts/van/grants", {"role": "editor", "commune": commune})
        assert (told["status"], told["role"]) == (403, "office")
        assert told["detail"] == f"This needs the role office for {said}: ask the land office for it."
    for path, body in (
        ("/accounts/ha/grants", {"role": "approver", "commune": HERE}),
        ("/accounts/chi/disable", None),
        ("/accounts/chi/password", None),
        ("/accounts/ha/password", None),
        ("/accounts/chi/keys", {"label": "x"}),
    ):
        assert desk.problem(ha, "POST", path, body)["status"] == 403, path
    found = desk.ask(ha, "GET", "/accounts").json()
    Accounts.model_validate(found)
    names = [one["name"] for one in found["accounts"]]
    assert {"an", "ha", "van"} <= set(names)
    assert "chi" not in names


def test_the_last_office_stays(desk: Desk, chi: str) -> None:
    assert desk.problem(chi, "POST", "/accounts/chi/disable")["type"] == "/problems/last-office"
    [held] = next(a for a in desk.ask(chi, "GET", "/accounts").json()["accounts"] if a["name"] == "chi")[
        "grants"
    ]
    assert desk.problem(chi, "DELETE", f"/accounts/chi/grants/{held['id']}")["status"] == 409


def test_a_system_asks_with_a_key(desk: Desk, chi: str) -> None:
    made = desk.made(chi, "/accounts", {"name": "thue", "kind": "system"})
    assert (made["kind"], made["password"]) == ("system", None)
    desk.made(chi, "/accounts/thue/grants", {"role": "partner", "commune": None})
    desk.made(chi, "/accounts/thue/grants", {"role": "office", "commune": None})
    key = desk.made(chi, "/accounts/thue/keys", {"label": "Thuế", "expires_at": "2099-01-01T00:00:00+07:00"})
    assert desk.ask(key["key"], "GET", "/me").json()["scopes"] == {"partner": None}
    assert desk.problem(key["key"], "GET", "/accounts")["status"] == 403
    told = desk.problem(key["key"], "DELETE", "/sessions/current")
    assert "A key cannot do this" in told["detail"]
    listed = next(a for a in desk.ask(chi, "GET", "/accounts").json()["accounts"] if a["name"] == "thue")
    [shown] = listed["keys"]
    Key.model_validate(shown)
    assert (shown["label"], shown["last_used"] is not None) == ("Thuế", True)
    assert key["key"] not in str(listed)
    assert desk.ask(chi, "DELETE", f"/accounts/thue/keys/{key['id']}").status_code == 204
    assert desk.problem(key["key"], "GET", "/me")["status"] == 401


def test_changing_ones_password(desk: Desk, chi: str) -> None:
    old = desk.made(chi, "/accounts", {"name": "dung"})["password"]
    here, there = desk.tokens("dung", old)["access"], desk.tokens("dung", old)["access"]
    told = desk.problem(here, "PUT", "/me/password", {"old": "wrong", "new": LETTERS})
    assert told["type"] == "/problems/wrong-password"
    assert desk.problem(here, "PUT", "/me/password", {"old": old, "new": "short"})["status"] == 422
    assert desk.ask(here, "PUT", "/me/password", {"old": old, "new": LETTERS}).status_code == 204
    assert desk.ask(here, "GET", "/me").status_code == 200
    assert desk.problem(there, "GET", "/me")["status"] == 401
    assert desk.sign_in("dung", old).status_code == 401
    desk.tokens("dung")


def test_bad_questions_are_told_without_repeating_secrets(
    desk: Desk, chi: str, caplog: pytest.LogCaptureFixture
) -> None:
    letters = "unmistakable-secret"
    caplog.set_level(logging.DEBUG)
    for path, content, status in (
        ("/sessions", b"", 422),
        ("/sessions", b'{"name": "chi", "password": "unmistakable-secret"', 422),
        ("/sessions", b'{"name": 7, "password": "unmistakable-secret"}', 422),
        ("/sessions", b'{"password": "unmistakable-secret"}', 422),
        ("/sessions", b'{"name": "chi", "password": ["unmistakable-secret"]}', 422),
        ("/sessions", b'{"name": "chi", "password": "unmistakable-secret", "more": "unmistakable-secret"}', 422),
        ("/sessions", b'{"name": "\\u0000", "password": "unmistakable-secret\\u0000"}', 401),
        ("/sessions", b'{"name": "chi", "password": "' + b"unmistakable-secret" * 60 + b'"}', 422),
        ("/sessions", b"[" * 60_000, 422),
        ("/sessions", b" " * 70_000, 413),
        ("/sessions", b"\xff\xfe", 422),
        ("/sessions/refresh", b'{"refresh": "unmistakable-secret"}', 401),
        ("/accounts", b'{"name": "a b", "password": "unmistakable-secret"}', 422),
        ("/accounts", b'{"name": "chi", "password": "unmistakable-secret"}', 409),
        ("/accounts", b'{"name": "x1", "full_name": "\\u0000", "password": "unmistakable-secret"}', 422),
        ("/accounts/an/grants", b'{"role": "king", "commune": null}', 422),
        ("/accounts/an/grants", b'{"role": "editor"}', 422),
        ("/accounts/an/grants", b'{"role": "editor", "commune": "99999"}', 404),
        ("/accounts/an/grants", b'{"role": "editor", "commune": "Da Nang"}', 422),
        ("/accounts/nobody/grants", b'{"role": "editor", "commune": null}', 404),
        ("/accounts/%00/disable", b"", 404),
        ("/accounts/an/keys", b'{"label": ""}', 422),
        ("/accounts/an/keys", b'{"label": "x", "expires_at": "2020-01-01T00:00:00Z"}', 422),
        ("/accounts/an/keys", b'{"label": "x", "expires_at": "2099-01-01T00:00:00"}', 422),
    ):  # fmt: skip
        headers = {"authorization": f"Bearer {chi}", "content-type": "application/json"}
        answer = desk.client.post(f"/api/v1{path}", content=content, headers=headers)
        assert answer.status_code == status, (path, content[:80], answer.text)
        problem_in(answer)
        assert letters not in answer.text
    answer = desk.client.post("/api/v1/sessions", data={"name": "chi", "password": letters})
    assert problem_in(answer)["status"] == 415
    assert letters not in caplog.text
    assert chi not in caplog.text


def test_wrong_passwords_are_slowed_and_right_ones_are_not(clone: Clone, serve: Serve) -> None:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            for name in ("chi", "an"):
                add_account(conn, "tester", name, password=LETTERS)
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            desk = Desk(client, conninfo)
            for _ in range(15):
                desk.tokens("an")
            for _ in range(10):
                assert problem_in(desk.sign_in("chi", "wrong"))["status"] == 401
            answer = desk.sign_in("Chi")
            told = problem_in(answer)
            assert (told["status"], told["type"]) == (429, "/problems/busy")
            assert 0 < int(answer.headers["retry-after"]) == told["retry_after_s"] <= 361
            assert "wrong passwords" in told["detail"]
            desk.tokens("an")
            with connect(conninfo) as conn:
                disable(conn, "tester", "an")
            assert desk.sign_in("an").json()["detail"] == "Name or password is wrong."


def test_what_one_client_tries_does_not_lock_another_out() -> None:
    now_s = 0.0

    def allowance(per_hour: int) -> Allowance:
        return Allowance(per_hour, clock=lambda: now_s)

    attempts = Attempts(allowance(3), allowance(6), allowance(8))

    def tried(host: str, name: str = "chi", right: bool = False) -> bool:
        """Whether the password was looked at."""
        try:
            with attempts.one(host, name):
                if not right:
                    raise NotSignedInError("", "")
        except BusyError:
            return False
        except NotSignedInError:
            pass
        return True

    assert tried("10.0.0.1", right=True)
    assert [tried("10.0.0.2") for _ in range(4)] == [True, True, True, False]
    assert [tried("10.0.0.2", f"n{n}") for n in range(4)] == [True, True, True, False]
    assert [tried(f"10.0.1.{n}") for n in range(6)] == [True] * 5 + [False]
    assert not tried("10.0.9.9", right=True), "a stranger waits"
    assert tried("10.0.0.1", right=True), "who was here before does not"
    now_s = 3600.0
    assert tried("10.0.9.9")
