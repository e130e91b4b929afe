"""Look-ups that come at once are answered each as if it had come alone."""

import asyncio

import psycopg
import pytest

from api.together import Together
from register.connect import open_pool
from register.find import OWN_ZONE, WGS84
from tests.api.asked import Asked
from tests.bench.wire import Answer, load
from tests.register.awaited import awaited


def test_many_at_once_get_what_each_gets_alone(asked: Asked) -> None:
    codes = [*asked.codes.values(), "w6zzzzzzzzzz", "ail", "W6UG-QHVU-RB1P"]
    paths = [
        f"/api/v1/parcels/{code}{query}"
        for code in codes
        for query in ("", "?crs=vn2000", "?crs=9999", "?as_of=2026-03-01")
    ]
    alone = {path: asked.client.get(path) for path in paths}
    many = paths * 12
    host, port = asked.client.base_url.host, asked.client.base_url.port
    assert port is not None
    _, answers = awaited(load(host, port, many, 40))
    for path, answer in zip(many, answers, strict=True):
        one: Answer = answer
        assert (one.status, one.body) == (alone[path].status_code, alone[path].content), path


def test_one_question_asks_for_all_who_wait(asked: Asked) -> None:
    async def ask() -> None:
        async with open_pool(asked.conninfo, size=2) as pool:
            together = Together(pool)
            codes = [*asked.codes.values()] * 30
            found = await asyncio.gather(*(together.parcel(code, WGS84) for code in codes))
            assert [one and one.code for one in found] == codes
            assert await together.parcel("w6zzzzzzzzzz", WGS84) is None
            metres = await together.parcel(codes[0], OWN_ZONE)
            assert metres is not None
            assert found[0] is not None
            assert metres.feature != found[0].feature
            gone = asyncio.create_task(together.parcel(codes[0], WGS84))
            await asyncio.sleep(0)
            gone.cancel()
            again = await together.parcel(codes[0], WGS84)
            assert again == found[0]

    awaited(ask())


def test_an_error_is_told_to_each_and_the_next_is_answered(asked: Asked) -> None:
    async def ask() -> None:
        async with open_pool(asked.conninfo, "no_such_schema", 1) as pool:
            together = Together(pool)
            codes = [*asked.codes.values()]
            told = await asyncio.gather(
                *(together.parcel(code, WGS84) for code in codes), return_exceptions=True
            )
            assert {type(one) for one in told} == {psycopg.errors.UndefinedTable}
            with pytest.raises(psycopg.errors.UndefinedTable):
                await together.parcel(codes[0], WGS84)

    awaited(ask())
