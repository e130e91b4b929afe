"""A survey's life at the counter: handed in, followed, reported, checked again, corrected; and what is refused at the door."""

import hashlib
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from api.limits import Limits
from register.connect import connect
from register.statements import one
from tests.api.asked import problem_in
from tests.api.surveying import PREFIX, SHEET, Surveyor, clean, faulty, surveying, town
from tests.conftest import Clone, Serve

STATES = ["received", "read", "checked", "accepted", "returned"]
PARTS = {"json": "application/json", "html": "text/html", "pdf": "application/pdf", "png": "image/png"}
BEGINS = {"json": b"{", "html": b"<!doctype html>", "pdf": b"%PDF-", "png": b"\x89PNG"}


@pytest.fixture(scope="module")
def surveyor(clone: Clone, serve: Serve) -> Iterator[Surveyor]:
    """One counter for all: surveys do not touch one another."""
    with town(clone) as conninfo, surveying(conninfo, serve) as one:
        yield one


def test_a_clean_survey_is_followed_until_it_is_accepted(
    surveyor: Surveyor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    name, content = clean()
    key = surveyor.hand_in((name, content))
    events = surveyor.follow(key)
    states = [event["state"] for event in events]
    assert [s for n, s in enumerate(states) if n == 0 or states[n - 1] != s] == STATES[:4]
    assert [e["id"] for e in events] == sorted({e["id"] for e in events})
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress)
    assert progress[-1] == 1
    assert all(event["message_vi"] and event["message_en"] for event in events)
    survey = surveyor.survey(key)
    assert list(survey["states"]) == STATES[:4]
    said = {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert survey["files"] == survey["receipt"]["files"] == [said]
    assert surveyor.told(key)["findings"] == []
    middle = events[len(events) // 2]["id"]
    assert surveyor.follow(key, after=middle) == [event for event in events if event["id"] > middle]
    over = surveyor.client.get(f"{PREFIX}/{key}/events", headers={"last-event-id": str(events[-1]["id"])})
    assert (over.status_code, over.content) == (204, b"")
    ours = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert not [r for r in ours if key in r.getMessage()], "a key is a password: it is in no log"


@pytest.fixture(scope="module")
def returned(surveyor: Surveyor) -> dict[str, Any]:
    """A survey with an overlap, when it is through."""
    return surveyor.checked(faulty("overlap", "wkt"))


@pytest.mark.parametrize("kind", PARTS)
def test_every_kind_of_report_has_its_type_and_goes_into_no_shared_cache(
    surveyor: Surveyor, returned: dict[str, Any], kind: str
) -> None:
    (link,) = [
        one for one in returned["links"] if one["rel"] == "report" and one["type"].startswith(PARTS[kind])
    ]
    answer = surveyor.client.get(link["href"])
    assert answer.content[:20].lower().startswith(BEGINS[kind].lower())
    assert answer.headers["content-type"] == link["type"]
    assert answer.headers["content-disposition"] == f'inline; filename="survey-1.{kind}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if kind == "html":
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert b"<script" not in answer.content.lower()


def test_the_same_twice_is_one_survey_and_other_options_are_another(surveyor: Surveyor) -> None:
    file = clean("geojson")
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: surveyor.post(file), range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    (key,) = {answer.json()["id"] for answer in answers}
    surveyor.follow(key)
    later = surveyor.post(("tên khác.geojson", file[1]))
    assert (later.status_code, later.json()["id"]) == (200, key)
    other = surveyor.post(file, scale="1000")
    assert other.status_code == 201
    assert other.json()["id"] != key


@pytest.mark.parametrize(("kind", "form"), [("overlap", "dxf_rings"), ("number_taken", "gpkg")])
def test_a_fault_is_returned_with_its_finding(surveyor: Surveyor, kind: str, form: str) -> None:
    survey = surveyor.checked(faulty(kind, form))
    assert survey["state"] == "returned"
    finding = next(f for f in surveyor.told(survey["id"])["findings"] if f["rule"] == kind)
    assert finding["text_vi"]
    assert finding["text_en"]
    assert surveyor.client.post(f"{PREFIX}/{survey['id']}/corrections").status_code == 409


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rỗng.dxf", b""),
        ("ảnh.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("hỏng.zip", b"PK\x03\x04" + bytes(range(256))),
        ("hỏng.gpkg", b"SQLite format 3\x00" + bytes(500)),
    ],
)
def test_what_cannot_be_read_is_returned_with_a_sentence(
    surveyor: Surveyor, name: str, content: bytes
) -> None:
    survey = surveyor.checked((name, content))
    assert survey["state"] == "returned"
    told = surveyor.told(survey["id"])
    assert told["findings"]
    assert all(f["text_vi"] and f["text_en"] for f in told["findings"])
    for link in survey["runs"][0]["links"]:
        text = surveyor.client.get(link["href"]).text
        assert "Traceback" not in text
        assert "/tmp/" not in text  # noqa: S108 - where the worker read it is nobody's business


def test_names_are_made_safe_and_originals_come_back_byte_for_byte(surveyor: Surveyor) -> None:
    sent = [
        "../../etc/passwd.csv", "C:\\bản đo\\thửa số 1.csv", "thửa số 1.csv", "THỬA SỐ 1.CSV",
        "d" * 300 + ".csv", "a\tb.csv", "..", "CON", "đất, \"nhà\" & <b>.csv",
    ]  # fmt: skip
    files = [(name, f"{n};không phải bản đo\n".encode()) for n, name in enumerate(sent)]
    survey = surveyor.checked(*files)
    names = [one["name"] for one in survey["files"]]
    assert names[:4] == ["passwd.csv", "thửa số 1.csv", "thửa số 1 (2).csv", "THỬA SỐ 1 (3).CSV"]
    assert len({name.casefold() for name in names}) == len(sent)
    for name in names:
        assert len(name.encode()) <= 180
        assert name.isprintable()
        assert not set('/\\<>:"|?*') & set(name)
        assert name.strip(". ") == name != ""
    links = [one["href"] for one in survey["links"] if one["rel"] == "original"]
    for link, (_, content), said in zip(links, files, survey["files"], strict=True):
        answer = surveyor.client.get(link)
        assert answer.content == content
        assert hashlib.sha256(answer.content).hexdigest() == said["sha256"]
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers["content-type"] == "application/octet-stream"


def test_an_accepted_proposal_is_checked_again_and_each_run_keeps_its_report(surveyor: Surveyor) -> None:
    survey = surveyor.checked(faulty("swapped_axes", "wkt"))
    key = survey["id"]
    assert survey["state"] == "returned"
    before = {kind: surveyor.report(key, kind, 1).content for kind in ("json", "html")}
    proposal = surveyor.told(key)["proposals"][0]
    again = surveyor.again(key, accept=[proposal["key"]])
    assert again["state"] == "accepted"
    assert [run["outcome"] for run in again["runs"]] == ["returned", "accepted"]
    assert again["runs"][1]["asked"]["accept"] == [proposal["key"]]
    assert {kind: surveyor.report(key, kind, 1).content for kind in before} == before
    assert surveyor.report(key).content == surveyor.report(key, "json", 2).content != before["json"]


def test_an_accepted_survey_becomes_one_draft(surveyor: Surveyor) -> None:
    key = surveyor.checked(clean("gml"))["id"]
    made, same = (surveyor.client.post(f"{PREFIX}/{key}/corrections") for _ in range(2))
    assert (made.status_code, same.status_code) == (201, 200)
    assert made.json() == same.json()
    assert {plot["sheet"] for plot in made.json()["plots"]} == {SHEET}
    assert sum(made.json()["counts"].values()) == len(made.json()["plots"])
    assert surveyor.survey(key)["runs"][0]["correction"] == made.json()["correction"]


@pytest.mark.parametrize("rest", ["", "/report.json", "/events", "/files/a.csv", "/runs", "/corrections"])
def test_an_unknown_key_is_not_found(surveyor: Surveyor, rest: str) -> None:
    method = "POST" if rest in ("/runs", "/corrections") else "GET"
    answer = surveyor.client.request(method, f"{PREFIX}/{'a' * 26}{rest}")
    assert problem_in(answer)["status"] == 404


FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/csv", b"a", 415),
        ("multipart/form-data", PART + b"1\r\n--x--\r\n", 400),
        (FORM, b"nothing of a form", 400),
        (FORM, PART + b"cut off", 400),
        (FORM, PART.replace(b"form-data", b"attachment") + b"1\r\n--x--\r\n", 400),
        (FORM, PART.replace(b'"file"', b'"other"') + b"1\r\n--x--\r\n", 400),
        (FORM, b'--x\r\nContent-Disposition: form-data; name="scale"\r\n\r\n500\r\n--x--\r\n', 400),
        (
            FORM,
            PART + b'1\r\n--x\r\nContent-Disposition: form-data; name="scale"\r\n\r\nbig\r\n--x--\r\n',
            422,
        ),
        ("application/json", b"{", 400),
        ("application/json", b'{"uploads": ["' + b"a" * 26 + b'"]}', 404),
        ("application/json", b" " * (1 << 20) + b"{}", 422),
    ],
)
def test_what_is_no_hand_in_is_told_and_leaves_nothing(
    surveyor: Surveyor, kind: str, body: bytes, status: int
) -> None:
    before = kept(surveyor)
    answer = surveyor.client.post(PREFIX, content=body, headers={"content-type": kind})
    assert problem_in(answer)["status"] == status
    assert kept(surveyor) == before


@pytest.mark.parametrize("parts", [1, 3])
def test_too_much_is_refused_while_it_comes(clone: Clone, serve: Serve, parts: int) -> None:
    """The sender waits in the middle of its body: an answer comes only from a server that does not wait for the end."""
    small = replace(Limits(), file_bytes=2 << 20, survey_bytes=3 << 20, files=2)
    head = f"POST {PREFIX} HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: 3000000\r\n\r\n"
    body = (PART + b"1\r\n") * parts + PART * (parts == 1) + bytes((2 << 20) + 1) * (parts == 1)
    with clone() as conninfo, surveying(conninfo, serve, checks=0, limits=small) as counter:
        where = counter.client.base_url
        with socket.create_connection((where.host, where.port or 80), timeout=30) as line:
            line.sendall(head.encode() + body)
            assert line.recv(100).startswith(b"HTTP/1.1 413 ")
        assert kept(counter) == (0, 0)


def test_a_body_cut_off_half_way_leaves_nothing(surveyor: Surveyor) -> None:
    before = kept(surveyor)
    head = f"POST {PREFIX} HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: 9999\r\n\r\n"
    where = surveyor.client.base_url
    with socket.create_connection((where.host, where.port or 80), timeout=30) as line:
        line.sendall(head.encode() + PART + b"half")
        line.shutdown(socket.SHUT_WR)
        line.recv(100)  # whatever it is told: the server has seen the end
    assert kept(surveyor) == before


def kept(surveyor: Surveyor) -> tuple[int, int]:
    """How many surveys and contents there are."""
    with connect(surveyor.conninfo) as conn:
        surveys, files = one(conn, "select (select count(*) from survey), (select count(*) from file)")
    return surveys, files
