"""A survey from hand-in to outcome, over HTTP with a worker at work: accepted, returned, unreadable, again, and twice."""

import hashlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.survey_answers import REPORTS
from register import near
from register.accounts import add_account, grant
from register.connect import connect
from tests.api.asked import problem_in
from tests.api.surveying import PREFIX, SAID, Surveyor, clean, faulty, said_by, surveying, town
from tests.conftest import Clone, Serve

ORDER = ["received", "read", "checked", "accepted"]
STRANGER = "a" * 26
OWNER = "Tôn Nữ Thị Bí Mật"
LETTERS = "một mật khẩu dài"


def signed_in(client: httpx.Client, name: str) -> dict[str, str]:
    """The header of somebody who signed in."""
    answer = client.post("/api/v1/sessions", json={"name": name, "password": LETTERS})
    return {"authorization": f"Bearer {answer.json()['access']}"}


@pytest.fixture(scope="module")
def surveyor(clone: Clone, serve: Serve) -> Iterator[Surveyor]:
    with town(clone) as conninfo, surveying(conninfo, serve) as one:
        yield one


@pytest.fixture(scope="module")
def accepted(surveyor: Surveyor) -> str:
    """Key of the clean block, checked."""
    name, content = clean()
    return str(surveyor.checked((name, content))["id"])


def test_the_events_of_an_accepted_survey_are_in_order(surveyor: Surveyor, accepted: str) -> None:
    events = surveyor.follow(accepted)
    survey = surveyor.survey(accepted)
    assert list(dict.fromkeys(event["state"] for event in events)) == ORDER == list(survey["states"])
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0, 1)
    numbers = [event["id"] for event in events]
    assert numbers == sorted(set(numbers))
    assert all(event["message_vi"] and event["message_en"] for event in events)
    assert survey["state"] == "accepted"
    assert survey["receipt"]["reading"] == survey["runs"][0]["counts"]
    assert survey["runs"][0]["counts"]["plots"] == {
        "given": 38,
        "checked": 38,
        "shown": 0,
        "without_shape": 0,
    }


def test_events_go_on_where_the_line_dropped_and_end(surveyor: Surveyor, accepted: str) -> None:
    every = surveyor.follow(accepted)
    assert surveyor.follow(accepted, every[2]["id"]) == every[3:]
    for seen, status in [(every[-1]["id"], 204), (10**17, 204), ("none", 200), (-1, 200), ("9" * 30, 200)]:
        answer = surveyor.client.get(f"{PREFIX}/{accepted}/events", headers={"last-event-id": str(seen)})
        assert (answer.status_code, answer.text == "") == (status, status == 204), seen


@pytest.mark.parametrize(
    ("kind", "magic"),
    [("json", b"{"), ("html", b"<!doctype html"), ("pdf", b"%PDF-"), ("png", b"\x89PNG\r\n")],
)
def test_every_report(surveyor: Surveyor, accepted: str, kind: str, magic: bytes) -> None:
    answer = surveyor.report(accepted, kind)
    assert answer.headers["content-type"] == REPORTS[kind]
    assert answer.content.lower().startswith(magic.lower())
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f'inline; filename="survey-1.{kind}"'
    policy = answer.headers["content-security-policy"]
    if kind == "html":
        assert {"default-src 'none'", "frame-ancestors 'none'", "sandbox"} <= set(policy.split("; "))
        assert "script" not in policy
        assert b"<script" not in answer.content
    links = [link["href"] for link in surveyor.survey(accepted)["links"]]
    assert f"{PREFIX}/{accepted}/report.{kind}" in links


def test_links_lead_where_they_say(surveyor: Surveyor, accepted: str) -> None:
    for link in surveyor.survey(accepted)["links"]:
        if link["rel"] in ("self", "report", "original", "events"):
            answer = surveyor.client.get(link["href"])
            assert answer.headers["content-type"].startswith(link["type"]), link


def test_an_accepted_survey_gives_a_draft_correction_once(surveyor: Surveyor, accepted: str) -> None:
    assert problem_in(surveyor.client.post(f"{PREFIX}/{accepted}/corrections"))["status"] == 401
    with connect(surveyor.conninfo) as conn:
        for name, role in (("an", "surveyor"), ("ca", "approver")):
            add_account(conn, "tester", name, name, LETTERS)
            grant(conn, "tester", name, role, None)
    signed = {name: signed_in(surveyor.client, name) for name in ("an", "ca")}
    refused = surveyor.client.post(f"{PREFIX}/{accepted}/corrections", headers=signed["ca"])
    assert problem_in(refused)["role"] == "surveyor"
    answers = [
        surveyor.client.post(f"{PREFIX}/{accepted}/corrections", headers=signed["an"]) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["counts"] == {"unchanged": 38}
    returned = surveyor.checked(("a.csv", b"nonsense"))["id"]
    assert (
        problem_in(surveyor.client.post(f"{PREFIX}/{returned}/corrections", headers=signed["an"]))["state"]
        == "returned"
    )


def test_the_same_again_is_the_same_survey_and_other_options_are_another(
    surveyor: Surveyor, accepted: str
) -> None:
    name, content = clean()
    for again in (name, "tên khác.CSV"):
        answer = surveyor.post((again, content))
        assert (answer.status_code, answer.json()["id"]) == (200, accepted)
    other = surveyor.post((name, content), scale="1000")
    assert other.status_code == 201
    assert other.json()["id"] != accepted


def test_many_at_the_same_instant_are_one_survey(surveyor: Surveyor) -> None:
    files = [("x.txt", b"one"), ("y.txt", b"two")]
    with ThreadPoolExecutor(12) as crowd:
        turns = [files if n % 2 else files[::-1] for n in range(12)]
        answers = list(crowd.map(lambda turn: surveyor.post(*turn), turns))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("kind", "form"), [("overlap", "gml"), ("open_ring", "dxf_rings"), ("unknown_land_use", "xlsx")]
)
def test_a_faulty_file_is_returned_with_its_findings(surveyor: Surveyor, kind: str, form: str) -> None:
    survey = surveyor.checked(faulty(kind, form))
    told = surveyor.told(survey["id"])
    assert kind in {finding["rule"] for finding in told["findings"]}
    assert survey["runs"][0]["counts"]["findings"] == told["counts"]["severity"]
    assert survey["state"] == ("returned" if told["counts"]["severity"]["stops"] else "accepted")
    with connect(surveyor.conninfo) as conn:
        rows = conn.execute(
            "select f.rule, coalesce(f.record, ''), f.text_vi from finding f join survey s on s.id = f.survey "
            "where s.key = %s order by f.n",
            [survey["id"]],
        ).fetchall()
    assert said_by(told) == set(rows)


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"PK\3\4", b"\0" * 4096, b"%PDF-1.7\n", b"0\nSECTION\n"]
)
@pytest.mark.parametrize("name", ["a.dxf", "a.xlsx"])
def test_what_cannot_be_read_is_returned_with_a_sentence(
    surveyor: Surveyor, name: str, content: bytes
) -> None:
    survey = surveyor.checked((name, content))
    assert survey["state"] == "returned"
    assert surveyor.report(survey["id"], "html").status_code == 200
    for text in (surveyor.report(survey["id"], "json").text, surveyor.report(survey["id"], "html").text):
        assert "Traceback" not in text
        assert "/tmp" not in text  # noqa: S108
    found = surveyor.told(survey["id"])["findings"]
    assert all(f["text_vi"].rstrip(")").endswith((".", "?")) and f["text_en"] != f["text_vi"] for f in found)
    if survey["runs"][0]["refused"]:
        assert survey["runs"][0]["refused"] != "reader_failed"
        assert "no pdf report" in problem_in(surveyor.report(survey["id"], "pdf"))["detail"]


def test_accepting_a_proposal_makes_the_survey_accepted_and_keeps_the_first_report(
    surveyor: Surveyor,
) -> None:
    key = surveyor.checked(faulty("swapped_axes", "gml"))["id"]
    first = surveyor.told(key)
    assert surveyor.survey(key)["state"] == "returned"
    proposal = first["proposals"][0]["key"]
    survey = surveyor.again(key, accept=[proposal])
    assert survey["state"] == "accepted"
    assert [run["outcome"] for run in survey["runs"]] == ["returned", "accepted"]
    assert survey["runs"][1]["asked"] == survey["runs"][0]["asked"] | {"accept": [proposal]}
    assert (surveyor.told(key, 1), surveyor.told(key)) == (first, surveyor.told(key, 2))
    assert surveyor.again(key, accept=None)["state"] == "returned"
    problem_in(surveyor.report(key, "json", 4))


def test_a_check_overtaken_by_a_later_one_says_nothing_more(surveyor: Surveyor) -> None:
    name, content = clean("gml")
    key = surveyor.hand_in((name, content))
    for scale in (500, 1000, 1000):  # the second waits already: it is not asked for twice
        surveyor.client.post(f"{PREFIX}/{key}/runs", json={"scale": scale})
    last = surveyor.follow(key)[-1]
    survey = surveyor.survey(key)
    assert (last["state"], [run["outcome"] is None for run in survey["runs"]]) == (
        survey["state"],
        [False] * 2,
    )


@pytest.mark.parametrize("path", ["", "/report.json", "/report.pdf", "/files/1", "/events", "/runs"])
@pytest.mark.parametrize("key", [STRANGER, "x", "A" * 26, "%00" * 26, "'" * 26])
def test_an_unknown_key_is_told(surveyor: Surveyor, path: str, key: str) -> None:
    ask = surveyor.client.post if path == "/runs" else surveyor.client.get
    told = problem_in(ask(f"{PREFIX}/{key}{path}"))
    assert told["status"] == (404 if key == STRANGER else 422)


def test_a_survey_among_too_many_parcels_is_refused_in_words(
    surveyor: Surveyor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MAX_PARCELS", 5)
    survey = surveyor.checked(clean("geojson"))
    assert survey["runs"][0]["refused"] == "too_much"
    assert "by sheet" in surveyor.told(survey["id"])["findings"][0]["text_en"]


def test_an_owner_is_named_nowhere(surveyor: Surveyor, caplog: pytest.LogCaptureFixture) -> None:
    """In the original alone: not in the report, the findings, the events, an address or the log."""
    caplog.set_level(logging.INFO)
    lines = clean()[1].decode().splitlines()
    owned = "\r\n".join([f"chu_su_dung,{lines[0]}", *(f"{OWNER},{line}" for line in lines[1:-1])])
    texts = []
    drawn = clean("dxf_rings")[1].decode().split("\n")
    broken = "\n".join([*drawn[:400], OWNER, *drawn[400:]])  # where the number of a group belongs
    spoilt = [
        ("a.csv", owned),
        ("a.csv", f"{owned}\r\n{OWNER},20314,12"),
        ("a.csv", f"{owned}\r\n{OWNER}" * 2),
    ]
    for name, text in [*spoilt, ("b.dxf", broken), (f"{OWNER}.txt", OWNER)]:
        survey = surveyor.checked((name, text.encode()))
        if OWNER not in name:  # a report names its files
            texts += [surveyor.report(survey["id"], kind).text for kind in ("json", "html")]
        texts += [str(survey["links"]), str(survey["runs"]), str(surveyor.follow(survey["id"]))]
        original = surveyor.client.get(f"{PREFIX}/{survey['id']}/files/1").content
        assert hashlib.sha256(original).hexdigest() == survey["files"][0]["sha256"]
        assert OWNER in original.decode()
    assert not [text for text in [*texts, caplog.text] if OWNER in text or "Bí Mật" in text]


def test_options_that_make_no_sense_are_told_by_name(surveyor: Surveyor) -> None:
    for field, value in [
        ("commune", "1"), ("scale", "x"), ("axes", "up"), ("crs", "1"), ("sheet", "a\0"), ("what", "1"), ("mapping", "{"),
        ("mapping", '{"so_to": "\\u0000"}'), ("layers", '{"a": 0}'), ("accept", "<b>"), ("dossier", "\x1b"),
    ]:  # fmt: skip
        told = problem_in(surveyor.post(("a.txt", b"1"), **{field: value}))
        assert told["status"] == 422
        assert field in ("mapping", "layers", "accept") or told["wrong"][0]["name"] == field


@pytest.mark.parametrize(
    "key", ["swap", "swap+zone:5897", "swap+degrees", "false_easting:-500000+zone:5899", "operation:5194-out",
            "shift:-0.412,0.655", "us_feet", "swap+false_easting:500000"]
)  # fmt: skip
def test_every_key_of_a_proposal_can_be_handed_back(surveyor: Surveyor, accepted: str, key: str) -> None:
    answer = surveyor.client.post(
        PREFIX, files={"file": ("k.txt", key.encode())}, data=SAID | {"accept": key}
    )
    assert answer.json()["asked"]["accept"] == [key]
