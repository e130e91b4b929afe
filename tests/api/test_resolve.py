"""The resolver over HTTP: one key, ten thousand, in every media type, and what is refused."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from api.resolve_shapes import Resolved, ResolvedList
from tests.api.asked import Asked, problem_in
from tests.geo.keyboards import Engine, typed
from tests.register.handed_in import COMMUNE

PATH = "/api/v1/resolve"


def resolved(asked: Asked, keys: list[Any], **query: str) -> list[dict[str, Any]]:
    answer = asked.client.post(PATH, json={"keys": keys}, params=query)
    assert answer.status_code == 200, answer.text
    ResolvedList.model_validate_json(answer.content)
    found: list[dict[str, Any]] = answer.json()
    assert [one["key"] for one in found] == keys
    return found


def test_a_key_of_any_kind_is_answered(asked: Asked) -> None:
    code = asked.codes["1", "1"]
    for text in (
        code,
        code.upper(),
        f"{COMMUNE}.1.1",
        f"thửa 1 tờ 1 xã {COMMUNE}",
        "12 đường trần phú phường hải châu",
    ):
        found = asked.json(f"/api/v1/codes/{quote(text, safe='')}")
        Resolved.model_validate(found)
        assert (found["status"], found["parcel"]["code"]) == ("current", code), text
        assert found["parcel"]["since"]["kind"] == "import"
    slashed = asked.json("/api/v1/codes/12/3%20Đường%20Hoàng%20Diệu")
    assert slashed["parcel"]["code"] == asked.codes["1", "3"]


def test_addresses_are_found_as_people_type_them(asked: Asked) -> None:
    code, other = asked.codes["1", "1"], asked.codes["1", "2"]
    keys = [
        "12 tran phu",
        "14 Đ. Trần Phú P. Hải Châu",
        "trần phú hải châu",
        "99 trần phú",
        "12 tran phuu hai chau",
    ]
    found = resolved(asked, keys)
    assert [(one["status"], one["found_by"]) for one in found[:2]] == [("current", "address")] * 2
    assert [one["parcel"]["code"] for one in found[:2]] == [code, other]
    assert found[2]["status"] == "ambiguous"
    assert {one["parcel"]["code"] for one in found[2]["candidates"]} == {code, other}
    assert found[3]["status"] == "not_found"
    assert (found[4]["parcel"]["code"], found[4]["found_by"]) == (code, "address_with_typos")


def test_what_is_not_there_says_why(asked: Asked) -> None:
    code = asked.codes["1", "1"]
    wrong = code[:6] + ("z" if code[6] != "z" else "y") + code[7:]
    told = asked.problem(f"/api/v1/codes/{wrong}")
    assert (told["status"], told["type"]) == (404, "/problems/never-issued")
    assert told["answer"]["did_you_mean"] == [{"code": code, "how": "wrong", "at": 7}]
    Resolved.model_validate(told["answer"])
    assert asked.problem(f"/api/v1/codes/{asked.codes['9', '1']}")["status"] == 410
    assert asked.problem("/api/v1/codes/16.9,108.9")["type"] == "/problems/not-found"
    assert asked.problem("/api/v1/codes/%00")["status"] == 422
    assert asked.problem(f"/api/v1/codes/{'x' * 501}")["status"] == 422
    assert asked.problem(f"/api/v1/codes/{'1%27%20or%201=1--' * 20}")["status"] in (404, 422)


def test_the_past_is_asked_on_both_clocks(asked: Asked) -> None:
    code = asked.codes["1", "1"]
    told = asked.problem(f"/api/v1/codes/{code}", as_of="2020-01-01")
    assert told["type"] == "/problems/never-issued"
    found = asked.get(f"/api/v1/codes/{code}", as_of="2026-03-01")
    assert found.json()["status"] == "current"
    again = asked.client.get(
        f"/api/v1/codes/{code}?as_of=2026-03-01", headers={"if-none-match": found.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    [undone] = resolved(asked, [asked.codes["9", "1"]], as_of="2026-03-01", known_at="2099-01-01T00:00:00Z")
    assert undone["status"] == "withdrawn"
    for wrong in (
        {"as_of": "2026-02-30"},
        {"as_of": "yesterday"},
        {"known_at": "2026-01-01T00:00:00Z"},
        {"as_of": "9999-99-99"},
    ):
        assert problem_in(asked.client.post(PATH, json=[code], params=wrong))["status"] == 422


def test_many_keys_of_all_kinds_in_their_order(asked: Asked) -> None:
    code, other = asked.codes["1", "1"], asked.codes["2", "1"]
    keys: list[Any] = [
        code, typed(code, Engine()), f"{COMMUNE}.2.1", {"commune": COMMUNE, "sheet": "2", "number": "1"}, "99 đường lạ",
        {"lon": 200, "lat": 0}, {"nonsense": "1"}, 17, "", "16.9, 108.9", other, "20195.5.7",
    ]  # fmt: skip
    found = resolved_loosely(asked, keys)
    assert [one["status"] for one in found] == [
        "current", "current", "current", "current", "not_found", "invalid", "invalid", "invalid", "invalid", "not_found",
        "current", "current",
    ]  # fmt: skip
    assert [one["parcel"]["code"] for one in found if one["parcel"]] == [
        code, code, other, other, other, asked.codes["5", "7"]
    ]  # fmt: skip
    assert all(one["detail"].strip() and one["detail_vi"].strip() for one in found)


def resolved_loosely(asked: Asked, keys: list[Any]) -> list[dict[str, Any]]:
    answer = asked.client.post(PATH, json=keys)
    assert answer.status_code == 200, answer.text
    ResolvedList.model_validate_json(answer.content)
    found: list[dict[str, Any]] = answer.json()
    return found


def test_ten_thousand_keys_are_streamed(asked: Asked) -> None:
    code = asked.codes["1", "1"]
    keys = [code if n % 3 else f"{COMMUNE}.1.{n}" for n in range(10_000)]
    headers = {"accept": "application/x-ndjson"}
    with asked.client.stream("POST", PATH, json={"keys": keys}, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        assert "content-length" not in answer.headers
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert [one["key"] for one in lines] == keys
    assert sum(one["status"] == "current" for one in lines) > 6_000
    assert asked.client.post(PATH, json={"keys": keys}).json() == lines
    refused = asked.client.post(PATH, json={"keys": [*keys, code]})
    assert problem_in(refused)["status"] == 413
    assert "10,001" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("media", "text"),
    [
        ("text/plain", "{code}\r\n{commune}.1.1\r\n"),
        ("text/plain; charset=utf-8", "\ufeff{code}\n{commune}.1.1"),
        ("text/csv", "{code}\n{commune}.1.1\n"),
        ("text/csv", "Mã xã;Số tờ;Số thửa;Ghi chú\n{commune};1;1;x\n{commune};01;1;"),
        ("text/csv", "commune,sheet,number,code\n{commune},1,1,\n,,,{code}\n"),
        ("text/csv", "{commune},1,1\n{commune},1,1\n"),
        ("text/csv", 'key,note\n"thửa 1, tờ 1, xã {commune}",\n{code},"a\n"'),
    ],
)
def test_lists_come_as_lines_and_as_csv(asked: Asked, media: str, text: str) -> None:
    body = text.format(code=asked.codes["1", "1"], commune=COMMUNE).encode()
    answer = asked.client.post(PATH, content=body, headers={"content-type": media})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(one["status"], one["parcel"]["code"]) for one in found] == [
        ("current", asked.codes["1", "1"])
    ] * 2


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("application/json", b"", 400),
        ("application/json", b"{", 400),
        ("application/json", b"\xff\xfe", 400),
        ("application/json", b'{"keys": []}', 422),
        ("application/json", b'{"keys": "x"}', 422),
        ("application/json", b'{"kys": ["x"]}', 422),
        ("application/json", b'["a\\u0000b"]', 422),
        ("application/json", b'[{"address": "a\\u001bb"}]', 422),
        ("application/json", b"[" * 100_000, 400),
        ("application/json", b"null", 422),
        ("text/plain", b"", 422),
        ("text/plain", b"\n \n", 422),
        ("text/plain", b"\xff\xfe\x00", 400),
        ("text/plain", b"w6ug\x00mu6r6pux", 422),
        ("text/csv", b'a,"b\nc', 400),
        ("text/csv", b"commune,sheet,number\n", 422),
        ("application/xml", b"<x/>", 415),
        ("", b"w6ugmu6r6pux", 415),
    ],
)  # fmt: skip
def test_bodies_that_are_refused(asked: Asked, media: str, body: bytes, status: int) -> None:
    headers = {"content-type": media} if media else {}
    assert problem_in(asked.client.post(PATH, content=body, headers=headers))["status"] == status


def test_ten_megabytes_are_refused_at_once(asked: Asked) -> None:
    for media, body in (
        ("application/json", b'{"keys": ["' + b"x" * 10_000_000 + b'"]}'),
        ("text/plain", b"w" * 10_000_000),
        ("text/csv", b"a," * 5_000_000),
    ):
        answer = asked.client.post(PATH, content=body, headers={"content-type": media})
        assert problem_in(answer)["status"] == 413
    long = asked.client.post(PATH, json=["w" * 5_000_000, "ư" * 1_000_000, "1," * 100_000, "(" * 100_000])
    assert [one["status"] for one in long.json()] == ["invalid"] * 4


def test_sql_in_a_field_is_a_text_like_any_other(asked: Asked) -> None:
    before = len(asked.json("/api/v1/parcels")["features"])
    bombs = ["'; drop table parcel; --", "x') or 1=1 --", "%' or '%'='", "\\'; select pg_sleep(10); --"]
    found = resolved_loosely(
        asked, [*bombs, *({"address": b} for b in bombs), {"commune": bombs[0], "sheet": "1", "number": "1"}]
    )
    assert {one["status"] for one in found} <= {"not_found", "never_issued", "invalid"}
    assert len(asked.json("/api/v1/parcels")["features"]) == before


def test_a_reader_who_goes_away_leaves_the_connections(asked: Asked) -> None:
    keys = [f"{COMMUNE}.1.{n}" for n in range(10_000)]
    for _ in range(6):
        with asked.client.stream("POST", PATH, json=keys) as answer:
            next(answer.iter_raw())
    assert asked.client.post(PATH, json=keys[:1]).status_code == 200
