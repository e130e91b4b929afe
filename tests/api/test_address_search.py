"""The address search over HTTP: what matched, at a place, in lists, and after a correction."""

import asyncio
import csv
import io
import time
from typing import Any

import httpx
import psycopg
import pytest

from api.address_search import AddressSearch
from api.change_events import ChangeWakes
from api.shapes import Addresses
from register.connect import connect
from register.revert import revert
from tests.api.asked import Asked, problem_in
from tests.conftest import Clone, Serve
from tests.register.awaited import awaited
from tests.register.handed_in import hand_in, lot


def search(asked: Asked, **query: object) -> list[dict[str, Any]]:
    answer = asked.json("/api/v1/addresses", **query)
    Addresses.model_validate(answer)
    found: list[dict[str, Any]] = answer["addresses"]
    return found


def test_a_hit_says_what_matched_and_what_it_is_made_of(asked: Asked) -> None:
    deadline = time.monotonic() + 30
    while (best := search(asked, q="12 tran phú hai chau")[0])["parts"] is None:  # read in the background
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [(m["part"], m["how"]) for m in best["matched"]] == [
        ("house", "exact"),
        ("street", "without_marks"),
        ("commune", "without_marks"),
    ]
    assert best["parts"] == {
        "house": "12", "alleys": [], "street": "Đường Trần Phú", "hamlet": None, "commune": "Phường Hải Châu",
        "district": None, "province": None,
    }  # fmt: skip
    assert best["commune"]["kind"] == "phường"
    (alley,) = search(asked, q="số 3 kiệt 12 Hoàng Diệu")
    assert (alley["parts"]["alleys"], alley["parts"]["house"]) == (["12"], "3")


def test_a_typo_is_forgiven_and_named(asked: Asked) -> None:
    (best,) = search(asked, q="14 tarn phu", complete="true")
    assert best["text"].startswith("14 Đường Trần Phú")
    assert {"part": "street", "name": "đường trần phú", "how": "typo", "former": False} in best["matched"]


def test_a_digital_address_is_found_as_it_is_typed(asked: Asked) -> None:
    parcel = asked.codes["1", "1"]
    (code,) = [
        a["code"]
        for a in asked.json(f"/api/v1/parcels/{parcel}")["properties"]["addresses"]
        if a["scheme"] == "olc"
    ]
    for typed in (code, code.lower(), code.replace("+", ""), f"{code[:4]} {code[4:]}", code[:11]):
        assert code in [one["code"] for one in search(asked, q=typed)], typed


def test_at_a_place_its_parcel_comes_first_then_the_nearest(asked: Asked) -> None:
    lon, lat = asked.json(f"/api/v1/parcels/{asked.codes['1', '1']}")["properties"]["point"]
    here = search(asked, at=f"{lon},{lat}", limit=4)
    assert here[0]["text"] == "12 Đường Trần Phú, Phường Hải Châu"
    assert here[0]["distance_m"] == 0
    off = [one["distance_m"] for one in here]
    assert off == sorted(off)
    assert off[-1] > 0
    beside = search(asked, at=f"{lon + 0.0003},{lat}", limit=3)
    assert [one["distance_m"] > 0 for one in beside if one["text"]] == [True] * len(
        [o for o in beside if o["text"]]
    )
    assert search(asked, at="0,0") == []


def test_nearest_first_where_a_place_is_given(asked: Asked) -> None:
    points = {one["text"]: one["point"] for one in search(asked, q="tran phu")}
    assert len(points) == 2
    for text, (lon, lat) in points.items():
        assert search(asked, q="tran phu", near=f"{lon},{lat}")[0]["text"] == text


@pytest.mark.parametrize(
    "query",
    [{"q": "a"}, {"q": "x" * 201}, {"q": "tran\x07phu"}, {"q": "tran\x00phu"}, {}, {"q": "tran phu", "at": "1,2"},
     {"at": "here"}, {"q": "tran phu", "near": "1"}, {"q": "tran phu", "limit": 0}, {"q": "tran phu", "limit": 101}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_searched_for_is_said(asked: Asked, query: dict[str, object]) -> None:
    assert asked.problem("/api/v1/addresses", **query)["status"] == 422


def test_ten_megabytes_of_text_are_refused_at_the_door(asked: Asked) -> None:
    answer = asked.client.get("/api/v1/addresses?q=" + "a" * 60_000)
    assert answer.status_code in (400, 414, 431)


def batch(asked: Asked, text: str | bytes, **query: object) -> httpx.Response:
    content = text if isinstance(text, bytes) else text.encode()
    kind = {"content-type": "text/csv"}
    return asked.client.post("/api/v1/addresses/batch", content=content, headers=kind, params=query)  # type: ignore[arg-type]


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_list_is_located_row_by_row(asked: Asked) -> None:
    told = rows(
        batch(
            asked,
            '\ufeffid;Dia_Chi\n1;"12 Trần Phú, P. Hải Châu"\n2;99 tran phu\n3;\n4;12/3 hoang dieu, x\n5;14 tarn phu\n',
        )
    )
    assert [(one["row"], one["status"]) for one in told] == [
        ("1", "found"), ("2", "none"), ("3", "none"), ("4", told[3]["status"]), ("5", "found"),
    ]  # fmt: skip
    assert told[0]["parcel"] == asked.codes["1", "1"]
    assert told[0]["text"] == "12 Đường Trần Phú, Phường Hải Châu"
    assert float(told[0]["lon"]) > 100
    assert told[4]["typos"] == "1"


def test_two_addresses_as_good_are_ambiguous(asked: Asked) -> None:
    (one,) = rows(batch(asked, "address\ntran phu, hai chau\n"))
    assert one["status"] == "ambiguous"


def test_a_list_that_broke_off_goes_on_where_it_stood(asked: Asked) -> None:
    text = "address\n" + "".join(f"{n} tran phu\n" for n in range(1, 351))
    whole = batch(asked, text).text.splitlines(keepends=True)
    for start in (2, 101, 200, 350):
        assert whole[start:] == batch(asked, text, **{"from": start}).text.splitlines(keepends=True)
    assert len(whole) == 351
    assert batch(asked, text, **{"from": 351}).text == ""


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"a,b\n1,2\n", 422), ("địa chỉ\n12 Trần".encode("utf-16"), 400), (b"address\n\"12 tran", 400),
     (b"address\n\0\n", 400), (b"address\n" + b"1 a\n" * 100_001, 413), (b"address\n" + b"x" * (17 << 20), 413)],
    ids=["empty", "no column", "utf-16", "open quote", "nul", "too many rows", "too many bytes"],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(asked: Asked, content: bytes, status: int) -> None:
    assert problem_in(batch(asked, content))["status"] == status


def test_a_list_of_another_type_is_refused(asked: Asked) -> None:
    answer = asked.client.post(
        "/api/v1/addresses/batch", content=b"{}", headers={"content-type": "application/json"}
    )
    assert problem_in(answer)["status"] == 415


def test_an_address_is_found_soon_after_its_correction_and_not_after_its_undo(
    clone: Clone, serve: Serve
) -> None:
    with (
        clone() as conninfo,
        serve(conninfo) as served,
        httpx.Client(base_url=served.url, timeout=60) as client,
    ):

        def texts() -> list[str]:
            answer = client.get("/api/v1/addresses", params={"q": "7 ngo gia tu"})
            assert answer.status_code == 200, answer.text
            return [one["text"] for one in answer.json()["addresses"]]

        def awaited(wanted: list[str]) -> None:
            deadline = time.monotonic() + 60
            while texts() != wanted:
                assert time.monotonic() < deadline, f"still {texts()}"
                time.sleep(0.05)

        assert texts() == []
        with connect(conninfo) as conn:
            hand_in(conn, lot("1", 0, 0, 10, 10, address="5 Ngô Gia Tự"))
            made = hand_in(conn, lot("2", 20, 0, 30, 10, address="7 Ngô Gia Tự"))
        awaited(["7 Ngô Gia Tự"])
        assert made.correction is not None
        with connect(conninfo) as conn, conn.transaction():
            revert(conn, made.correction, "tester")
        awaited([])


def test_stopped_in_the_middle_of_reading_it_withdraws_its_question(conninfo: str) -> None:
    search = AddressSearch(conninfo, "register")
    others = (
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = ''"
    )

    async def waits(looking: psycopg.Connection, condition: str, wanted: int) -> None:
        while looking.execute(f"{others} and {condition}").fetchone() != (wanted,):
            await asyncio.sleep(0.01)

    async def stopped(looking: psycopg.Connection) -> None:
        reading = asyncio.create_task(search.keep(ChangeWakes(conninfo, "register")))
        await waits(looking, "wait_event_type = 'Lock'", 1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await waits(looking, "true", 0)

    told = {"application_name": "test"}
    with (
        psycopg.connect(conninfo, **told) as holding,
        psycopg.connect(conninfo, autocommit=True, **told) as looking,
    ):
        holding.execute("lock table register.correction in access exclusive mode")
        awaited(asyncio.wait_for(stopped(looking), 30))
