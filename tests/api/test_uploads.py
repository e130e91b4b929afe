"""Uploads in pieces (tus 1.0): whatever the cutting, the drops and the repeats, the bytes are those that were sent."""

import hashlib
import socket
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.limits import Limits
from register.connect import connect
from register.files import PART_BYTES, end_expired
from tests.api.asked import problem_in
from tests.api.surveying import PREFIX, SAID, Surveyor, clean, surveying, town
from tests.conftest import Clone, Serve

UPLOADS = "/api/v1/uploads"
TUS = {"tus-resumable": "1.0.0"}
PIECE = TUS | {"content-type": "application/offset+octet-stream"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Someone who sends one file to `where`."""

    surveyor: Surveyor
    where: str

    @property
    def key(self) -> str:
        return self.where.rsplit("/", 1)[1]

    def send(self, offset: int | str, piece: bytes, **more: str) -> httpx.Response:
        headers = PIECE | {"upload-offset": str(offset)} | {n.replace("_", "-"): v for n, v in more.items()}
        return self.surveyor.client.patch(self.where, content=piece, headers=headers)

    def head(self) -> httpx.Response:
        return self.surveyor.client.head(self.where, headers=TUS)

    def stands(self) -> int:
        return int(self.head().headers["upload-offset"])

    def drop(self, offset: int, piece: bytes, announced: int) -> None:
        """Send `piece` of `announced` bytes, and be gone."""
        where = urlsplit(str(self.surveyor.client.base_url))
        head = "".join(f"{n}: {v}\r\n" for n, v in (PIECE | {"upload-offset": str(offset)}).items())
        with socket.create_connection((where.hostname, where.port), timeout=60) as line:
            line.sendall(
                f"PATCH {self.where} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {announced}\r\n\r\n".encode()
                + piece
            )


@pytest.fixture(scope="module")
def surveyor(clone: Clone, serve: Serve) -> Iterator[Surveyor]:
    limits = Limits(file_bytes=8 << 20, waiting_bytes=1 << 30)
    with town(clone) as conninfo, surveying(conninfo, serve, limits=limits) as one:
        yield one


def begin(surveyor: Surveyor, size: int, name: str = "đo.txt") -> Sender:
    told = f"filename {b64encode(name.encode()).decode()},is_confidential"
    headers = TUS | {"upload-length": str(size), "upload-metadata": told}
    answer = surveyor.client.post(UPLOADS, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["upload-expires"].endswith("GMT") or "+0000" in answer.headers["upload-expires"]
    return Sender(surveyor, answer.headers["location"])


def hand_in(surveyor: Surveyor, *senders: Sender, **said: object) -> httpx.Response:
    keys = [sender.key for sender in senders]
    return surveyor.client.post(PREFIX, json=SAID | {"scale": 500, "uploads": keys} | said)


def original(surveyor: Surveyor, key: str) -> bytes:
    [link] = [link["href"] for link in surveyor.survey(key)["links"] if link["rel"] == "original"]
    return surveyor.client.get(link).content


def test_a_survey_of_uploads_is_the_survey_of_the_same_files(surveyor: Surveyor) -> None:
    name, content = clean()
    sender = begin(surveyor, len(content), name)
    sender.send(0, content)
    answer = hand_in(surveyor, sender)
    assert answer.status_code == 201
    key = answer.json()["id"]
    surveyor.follow(key)
    assert surveyor.survey(key)["state"] == "accepted"
    other = begin(surveyor, len(content), "khác.csv")
    other.send(0, content)
    for again in (surveyor.post((name, content)), hand_in(surveyor, sender), hand_in(surveyor, other)):
        assert (again.status_code, again.json()["id"]) == (200, key)
    assert problem_in(sender.send(len(content), b"x"))["status"] == 413
    assert surveyor.client.delete(sender.where, headers=TUS).status_code == 204  # what a survey has stays
    assert original(surveyor, key) == content


turns = st.lists(
    st.tuples(st.sampled_from(["send", "drop", "repeat", "ahead"]), st.floats(0, 1)), max_size=12
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=0, max_size=3000), blow_up=st.sampled_from([1, 1, 1, 700]), turns=turns)
def test_any_cutting_gives_the_same_bytes(
    surveyor: Surveyor, content: bytes, blow_up: int, turns: list[tuple[str, float]]
) -> None:
    content *= blow_up
    sender = begin(surveyor, len(content))
    for how, share in turns:
        at = sender.stands()
        piece = content[at : at + int(share * (len(content) - at))]
        match how:
            case "send":
                answer = sender.send(at, piece)
                assert answer.status_code == 409 or answer.headers["upload-offset"] == str(at + len(piece))
            case "drop":
                sender.drop(at, piece, len(content) - at)
            case "repeat" if at:
                assert problem_in(sender.send(0, content))["offset"] >= at
            case "ahead" if at < len(content):
                assert sender.send(len(content) + 1, piece).status_code in (409, 413)
    # 409 also where a dropped line was still being stored: asked again
    while (at := sender.stands()) < len(content):
        sender.send(at, content[at:])
    answer = hand_in(surveyor, sender)
    assert answer.status_code in (200, 201), answer.text
    assert answer.json()["files"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert original(surveyor, answer.json()["id"]) == content


def test_two_senders_of_one_upload_never_mix(surveyor: Surveyor) -> None:
    content = bytes(range(256)) * 20 * 1024
    sender = begin(surveyor, len(content))
    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda _: sender.send(0, content), range(4)))
    assert {answer.status_code for answer in answers} <= {204, 409}
    at = sender.stands()
    while at < len(content):  # whoever is left goes on
        sender.send(at, content[at:])
        at = sender.stands()
    key = hand_in(surveyor, sender).json()["id"]
    assert original(surveyor, key) == content


def test_what_is_not_finished_or_not_there_is_no_survey(surveyor: Surveyor) -> None:
    half = begin(surveyor, 10)
    half.send(0, b"12345")
    told = problem_in(hand_in(surveyor, half))
    assert (told["status"], told["offset"]) == (409, 5)
    assert problem_in(hand_in(surveyor, Sender(surveyor, f"/{'a' * 26}")))["status"] == 404


def test_withdrawn_and_expired_uploads_are_gone(surveyor: Surveyor) -> None:
    withdrawn, expired, old = (begin(surveyor, 4) for _ in range(3))
    for sender in (withdrawn, expired, old):
        sender.send(0, b"12")
    assert surveyor.client.delete(withdrawn.where, headers=TUS).status_code == 204
    with connect(surveyor.conninfo, autocommit=True) as conn:
        conn.execute(
            "update upload set expires_at = now() - interval '1 s' where key = any(%s)",
            [[expired.key, old.key]],
        )
        for sender in (withdrawn, expired):
            assert problem_in(sender.send(2, b"34"))["status"] == 410
            assert sender.head().status_code == 410
            assert problem_in(hand_in(surveyor, sender))["status"] == 410
        assert problem_in(surveyor.client.delete(withdrawn.where, headers=TUS))["status"] == 410
        conn.execute("update upload set expires_at = now() - interval '91 days' where key = %s", [old.key])
        assert end_expired(conn) == 2
        left = "select count(*) from file_part p join upload u using (store) where u.key = any(%s)"
        assert conn.execute(left, [[withdrawn.key, expired.key, old.key]]).fetchone() == (0,)
    assert old.head().status_code == 404


def test_what_a_server_of_tus_says(surveyor: Surveyor) -> None:
    told = surveyor.client.options(UPLOADS)
    assert told.status_code == 204
    assert told.headers["tus-version"] == "1.0.0"
    assert told.headers["tus-extension"] == "creation,termination,expiration"
    assert told.headers["tus-max-size"] == str(8 << 20)
    sender = begin(surveyor, 7)
    head = sender.head()
    assert [head.headers[name] for name in ("upload-offset", "upload-length", "tus-resumable", "cache-control")] == [
        "0", "7", "1.0.0", "no-store",
    ]  # fmt: skip
    for version in ({}, {"tus-resumable": "0.2.2"}):
        for method, where in (
            ("POST", UPLOADS),
            ("PATCH", sender.where),
            ("HEAD", sender.where),
            ("DELETE", sender.where),
        ):
            answer = surveyor.client.request(
                method, where, headers=version | {"upload-offset": "0", "upload-length": "1"}
            )
            assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    assert sender.stands() == 0


@pytest.mark.parametrize(
    ("offset", "piece", "more", "status"),
    [
        ("", b"1", {}, 422),
        ("-1", b"1", {}, 422),
        ("1e3", b"1", {}, 422),
        ("9" * 40, b"1", {}, 422),
        ("3", b"1", {}, 409),
        ("0", b"12345678", {}, 413),
        ("0", b"1", {"content_type": "application/octet-stream"}, 415),
    ],
)
def test_a_piece_that_does_not_fit_is_not_taken(
    surveyor: Surveyor, offset: str, piece: bytes, more: dict[str, str], status: int
) -> None:
    sender = begin(surveyor, 7)
    assert problem_in(sender.send(offset, piece, **more))["status"] == status
    assert sender.stands() == 0


@pytest.mark.parametrize(
    ("size", "metadata", "status"),
    [("", "", 422), ("x", "", 422), ("9" * 15, "", 413), ("9" * 16, "", 422), ("1", "filename %%%", 422),
     ("1", "filename é", 422), ("1", "filename", 201), ("1", "a b,c", 422), ("0", "", 201), ("1", "x" * 9000, 201)]
)  # fmt: skip
def test_an_upload_is_begun_or_told(surveyor: Surveyor, size: str, metadata: str, status: int) -> None:
    headers = [*TUS.items(), ("upload-length", size), ("upload-metadata", metadata.encode("latin-1"))]
    answer = surveyor.client.post(UPLOADS, headers=headers)  # type: ignore[arg-type]
    assert (problem_in(answer)["status"] if status != 201 else answer.status_code) == status


def test_unfinished_uploads_have_room_in_all(clone: Clone, serve: Serve) -> None:
    limits = Limits(waiting_bytes=3 * PART_BYTES, hour_bytes=4 * PART_BYTES)
    with clone() as conninfo, surveying(conninfo, serve, checks=0, limits=limits) as one:
        first, _ = begin(one, 2 * PART_BYTES), begin(one, PART_BYTES - 65536)
        begin(one, 0)
        refused = {"upload-length": "0"} | TUS  # even the smallest counts
        assert "unfinished uploads" in problem_in(one.client.post(UPLOADS, headers=refused))["detail"]
        one.client.delete(first.where, headers=TUS)
        assert begin(one, 0).stands() == 0
        asked = {"upload-length": str(2 * PART_BYTES)} | TUS
        assert "from this address" in problem_in(one.client.post(UPLOADS, headers=asked))["detail"]
