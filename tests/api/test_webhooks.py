"""Webhooks: managed by partners and offices, signed, in order and without gaps through failures; never into our own network."""

import asyncio
import hashlib
import hmac
import http.server
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import AsyncConnection

from api.limits import Limits
from api.outbound import Unreachable, post, target
from api.webhook_delivery import Patience, deliver_webhooks, signature
from api.webhook_shapes import MadeWebhook, Webhook, Webhooks
from register.accounts import add_account, grant
from register.api_keys import add_key
from register.connect import connect, search_path
from register.errors import InvalidKeyError
from register.webhooks import checked_url, delivered, is_public, lease
from tests.api.test_people import LETTERS, Desk
from tests.conftest import Clone, Serve
from tests.register.awaited import awaited
from tests.register.handed_in import COMMUNE, hand_in, lot

QUICK = Patience(first_s=0.05, most_s=0.2, give_up_s=3600, timeout_s=2)


@dataclass
class Receiver:
    """A real HTTP server that answers as told, and what came to it."""

    port: int = 0
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: Callable[[int], int] = lambda n: 200
    slow_s: float = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    def taken(self) -> list[dict[str, Any]]:
        """The pages it answered with 2xx."""
        return [json.loads(body) for n, (_, body) in enumerate(self.came) if 200 <= self.answers(n) < 300]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.came.append(({k.lower(): v for k, v in self.headers.items()} | {"path": self.path}, body))
            time.sleep(told.slow_s)
            self.send_response(told.answers(len(told.came) - 1))
            self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield told
        server.shutdown()


@dataclass(frozen=True, slots=True)
class Office(Desk):
    """A desk, and the key of the system thue, a partner for all communes."""

    thue: str


@contextmanager
def opened(clone: Clone, serve: Serve, checks: int = 0, private: bool = True) -> Iterator[Office]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            add_account(conn, "tester", "thue", "Thuế", None)
            grant(conn, "tester", "thue", "partner", None)
            _, thue = add_key(conn, "tester", "thue", "thue")
        with (
            serve(conninfo, checks=checks, limits=Limits(private_webhooks=private)) as served,
            httpx.Client(base_url=served.url, timeout=60) as client,
        ):
            yield Office(client, conninfo, thue)


@pytest.fixture
def desk(clone: Clone, serve: Serve) -> Iterator[Office]:
    with opened(clone, serve) as office:
        yield office


@contextmanager
def delivering(conninfo: str, patience: Patience = QUICK, private: bool = True) -> Iterator[None]:
    """The worker that delivers, on a thread of its own."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    work = deliver_webhooks(conninfo, "register", stop, private, patience)
    thread = threading.Thread(target=loop.run_until_complete, args=[work], daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


def until(what: Callable[[], Any]) -> None:
    limit = time.monotonic() + 30
    while not what():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def subscribed(desk: Desk, who: str, url: str, **more: object) -> dict[str, Any]:
    made = desk.made(who, "/webhooks", {"url": url, **more})
    MadeWebhook.model_validate(made)
    return made


def correct(conninfo: str, n: int, commune: str = COMMUNE) -> None:
    """One more correction."""
    with connect(conninfo) as db:
        hand_in(db, lot(str(n), 20 * n, 0, 20 * n + 10, 10, commune=commune), salt=str(n))


def partner(desk: Desk, chi: str, name: str) -> str:
    desk.made(chi, "/accounts", {"name": name, "kind": "system"})
    desk.made(chi, f"/accounts/{name}/grants", {"role": "partner", "commune": None})
    key: str = desk.made(chi, f"/accounts/{name}/keys", {"label": name})["key"]
    return key


def seqs(pages: list[dict[str, Any]]) -> list[int]:
    return [change["seq"] for page in pages for change in page["changes"]]


def test_partners_see_their_own_and_offices_all(desk: Office, receiver: Receiver) -> None:
    with connect(desk.conninfo) as conn:
        for name, role in (("chi", "office"), ("an", "editor")):
            add_account(conn, "tester", name, name.title(), LETTERS)
            grant(conn, "tester", name, role, None)
    chi, an = desk.tokens("chi")["access"], desk.tokens("an")["access"]
    thue, bank = desk.thue, partner(desk, chi, "bank")
    made = subscribed(desk, thue, receiver.url, communes=["20242"])["webhook"]
    assert (made["state"], made["communes"], made["name"], made["at"]) == ("active", ["20242"], "thue", "0")
    number = made["id"]
    assert [one["id"] for one in desk.ask(thue, "GET", "/webhooks").json()["webhooks"]] == [number]
    assert desk.ask(bank, "GET", "/webhooks").json() == {"webhooks": []}
    found = desk.ask(chi, "GET", "/webhooks").json()
    Webhooks.model_validate(found)
    assert ([one["id"] for one in found["webhooks"]], "whsec_" in str(found)) == ([number], False)
    for who, status in ((None, 401), (an, 403), (bank, 404)):
        for method, path in (("GET", f"/{number}"), ("DELETE", f"/{number}"), ("POST", f"/{number}/pause")):
            assert desk.problem(who, method, f"/webhooks{path}")["status"] == status
    assert desk.problem(an, "POST", "/webhooks", {"url": receiver.url})["status"] == 403
    assert desk.made(thue, f"/webhooks/{number}/pause")["state"] == "paused"
    assert desk.made(thue, f"/webhooks/{number}/resume", {"since": "0"})["state"] == "active"
    assert desk.ask(chi, "DELETE", f"/webhooks/{number}").status_code == 204
    assert desk.problem(thue, "GET", f"/webhooks/{number}")["status"] == 404
    for n in range(20):
        subscribed(desk, thue, f"{receiver.url}&{n}")
    assert desk.problem(thue, "POST", "/webhooks", {"url": receiver.url})["status"] == 413


REFUSED: list[dict[str, object]] = [
    {},
    {"url": "https://x.vn/", "communes": ["99999"]},
    {"url": "https://x.vn/", "communes": []},
    {"url": "https://x.vn/", "communes": ["'; drop table webhook"]},
    {"url": "https://x.vn/", "since": "999"},
    {"url": "https://x.vn/", "since": "x"},
    {"url": "https://x.vn/", "shapes": "dwg"},
    {"url": "https://x.vn/", "role": "office"},
    *(
        {"url": url}
        for url in (
            "ftp://x.vn/", "https://", "https://a:b@x.vn/", "https://x.vn/#a", "https://x.vn:0/", "https://x.vn:99999/",
            "https://x y.vn/", "https://x.vn/\n", "javascript:alert(1)", "https://[::1", "https://x.vn/" + "x" * 2000,
        )
    ),
]  # fmt: skip


def test_subscriptions_that_are_refused(desk: Office) -> None:
    thue = desk.thue
    for body in REFUSED:
        assert desk.problem(thue, "POST", "/webhooks", body)["status"] == 422, body
    assert desk.ask(thue, "GET", "/webhooks").json() == {"webhooks": []}


def test_pages_come_signed_in_order_and_without_gaps(desk: Office, receiver: Receiver) -> None:
    thue = desk.thue
    correct(desk.conninfo, 1)
    made = subscribed(desk, thue, receiver.url, since="0")
    with delivering(desk.conninfo):
        until(lambda: seqs(receiver.taken()) == [1])
        for n in (2, 3, 4):
            correct(desk.conninfo, n)
        until(lambda: seqs(receiver.taken()) == [1, 2, 3, 4])
    pages = receiver.taken()
    assert [page["since"] for page in pages] == ["0", *(page["next"] for page in pages[:-1])]
    for headers, body in receiver.came:
        assert headers["webhook-signature"] == signature(
            made["secret"], int(headers["webhook-timestamp"]), body
        )
        signed = headers["webhook-timestamp"].encode() + b"." + body
        digest = hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()
        assert headers["webhook-signature"] == f"v1={digest}"
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
        assert (headers["path"], headers["content-type"]) == ("/hook?a=1", "application/json")
    feed = desk.ask(None, "GET", "/changes?since=0").json()["changes"]
    assert [change for page in pages for change in page["changes"]] == feed, "what is sent is the feed itself"
    assert "tester" not in str(receiver.came), "nobody's name is in it"
    shown = desk.ask(thue, "GET", f"/webhooks/{made['webhook']['id']}").json()
    Webhook.model_validate(shown)
    assert (shown["at"], shown["failures"], shown["problem"]) == ("4", 0, None)


def test_what_fails_comes_again_until_it_is_taken(desk: Office, receiver: Receiver) -> None:
    receiver.answers = lambda n: (500, 302, 200, 404, 200)[n] if n < 5 else 200
    made = subscribed(desk, desk.thue, receiver.url)
    with delivering(desk.conninfo):
        for n in (1, 2, 3):
            correct(desk.conninfo, n)
        until(lambda: seqs(receiver.taken()) == [1, 2, 3])
    assert len(receiver.came) >= 5
    pages = receiver.taken()
    assert [page["since"] for page in pages] == ["0", *(page["next"] for page in pages[:-1])]
    assert made["webhook"]["at"] == "0"


def test_a_receiver_that_is_gone_or_fails_for_long_is_disabled_and_goes_on_when_resumed(
    desk: Office, receiver: Receiver
) -> None:
    thue = desk.thue
    receiver.answers = lambda n: 410 if n == 0 else 500 if n < 4 else 200
    path = f"/webhooks/{subscribed(desk, thue, receiver.url)['webhook']['id']}"
    correct(desk.conninfo, 1)

    def state() -> str:
        found: str = desk.ask(thue, "GET", path).json()["state"]
        return found

    with delivering(desk.conninfo, Patience(0.02, 0.05, 0.1, 2)):
        until(lambda: state() == "disabled")
        assert "410" in desk.ask(thue, "GET", path).json()["problem"]
        desk.made(thue, f"{path}/resume", {})
        until(lambda: state() == "disabled" or receiver.taken())
        correct(desk.conninfo, 2)
        desk.made(thue, f"{path}/resume", {})
        until(lambda: seqs(receiver.taken()) == [1, 2])


def test_only_corrections_in_its_communes_are_told(desk: Office, receiver: Receiver) -> None:
    subscribed(desk, desk.thue, receiver.url, communes=["20242"])
    with delivering(desk.conninfo):
        correct(desk.conninfo, 1)
        correct(desk.conninfo, 2, "20242")
        correct(desk.conninfo, 3)
        correct(desk.conninfo, 4, "20242")
        until(lambda: seqs(receiver.taken()) == [2, 4])


def test_a_receiver_that_answers_too_late_did_not_take_it(desk: Office, receiver: Receiver) -> None:
    thue = desk.thue
    receiver.slow_s = 5
    path = f"/webhooks/{subscribed(desk, thue, receiver.url)['webhook']['id']}"
    correct(desk.conninfo, 1)
    with delivering(desk.conninfo, Patience(30, 30, 3600, 0.3)):
        until(lambda: desk.ask(thue, "GET", path).json()["failures"] == 1)
    assert desk.ask(thue, "GET", path).json()["at"] == "0"


def test_two_workers_do_not_deliver_the_same_and_a_lost_lease_counts_for_nothing(
    desk: Office, receiver: Receiver
) -> None:
    subscribed(desk, desk.thue, receiver.url)
    correct(desk.conninfo, 1)

    async def ask() -> None:
        options = search_path("register")
        async with await AsyncConnection.connect(desk.conninfo, options=options, autocommit=True) as conn:
            one = await lease(conn)
            assert one is not None
            assert await lease(conn) is None
            await conn.execute("update webhook set lease = lease + 1")
            await delivered(conn, one, "1", True)
            row = await (await conn.execute("select at from webhook")).fetchone()
            assert row == ("0",)
            await conn.execute("update webhook set leased_until = clock_timestamp() - interval '1 second'")
            again = await lease(conn)
            assert again is not None
            await delivered(conn, again, "1", True)
            assert await lease(conn) is None, "there is nothing more"

    awaited(ask())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "[::1]",  # noqa: S104
        "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost", "a.localhost",
        "db.internal", "nas.local",
    ],
)  # fmt: skip
def test_nothing_goes_into_our_own_network(host: str) -> None:
    with pytest.raises(InvalidKeyError):
        checked_url(f"https://{host}/x")
    checked_url(f"https://{host}/x", private=True)
    if not host.endswith((".internal", ".local")):
        with pytest.raises(Unreachable):
            target(f"http://{host}/x")


def test_public_addresses_may_be_used_and_names_that_lead_inside_are_refused(receiver: Receiver) -> None:
    for text in ("8.8.8.8", "2606:4700:4700::1111", "113.160.0.1"):
        assert is_public(ipaddress.ip_address(text))
    with pytest.raises(Unreachable):
        target("http://no-such-name.invalid/")
    inside = target(receiver.url, private=True)
    assert post(inside, b"{}", {"content-length": "2"}) == 200
    receiver.answers = lambda n: 302
    assert post(inside, b"{}", {"content-length": "2"}) == 302, "a redirect is not followed"
    with pytest.raises(Unreachable):
        post(target("http://127.0.0.1:1/", private=True), b"{}", {})


def test_without_the_setting_a_private_address_is_refused_at_both_ends(
    clone: Clone, serve: Serve, receiver: Receiver
) -> None:
    with opened(clone, serve, private=False) as desk:
        told = desk.problem(desk.thue, "POST", "/webhooks", {"url": receiver.url})
        assert "DIACHINH_WEBHOOKS_PRIVATE" in told["detail"]
        number = subscribed(desk, desk.thue, "https://example.com/x")["webhook"]["id"]
        with psycopg.connect(desk.conninfo, options=search_path("register")) as conn:
            conn.execute("update webhook set url = %s", [receiver.url])
        correct(desk.conninfo, 1)
        with delivering(desk.conninfo, private=False):
            until(lambda: desk.ask(desk.thue, "GET", f"/webhooks/{number}").json()["failures"] > 0)
        assert receiver.came == []


def test_the_server_delivers_by_itself(clone: Clone, serve: Serve, receiver: Receiver) -> None:
    with opened(clone, serve, checks=1) as desk:
        subscribed(desk, desk.thue, receiver.url)
        correct(desk.conninfo, 1)
        until(lambda: seqs(receiver.taken()) == [1])
