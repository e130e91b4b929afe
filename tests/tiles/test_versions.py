"""`?v=` names a state of the map: what is kept for ever under it never shows another."""

from collections.abc import Iterator

import httpx
import pytest

from register.connect import connect
from tests.conftest import Clone, Serve
from tests.register.handed_in import hand_in, lot
from tests.tiles.drawn import Drawn
from tests.tiles.test_fresh import numbers
from tests.tiles.test_stamps import tile_at


@pytest.fixture(scope="module")
def told(clone: Clone, serve: Serve) -> Iterator[Drawn]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, lot("1", 0, 0, 30, 20))
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Drawn(client, conninfo)


def address(told: Drawn, layers: str = "parcels") -> str:
    (template,) = told.client.get(f"/tiles/{layers}.json?v=now").json()["tiles"]
    path = template.removeprefix(str(told.client.base_url).rstrip("/"))
    z, x, y = tile_at(15, 5, 5)
    return str(path.format(z=z, x=x, y=y))


def test_the_present_is_kept_for_ever_and_is_the_tile(told: Drawn) -> None:
    path = address(told)
    answer = told.client.get(path)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == told.client.get(path.partition("?")[0]).content
    again = told.client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, answer.headers["cache-control"])


def test_a_version_that_is_over_leads_to_the_present_one(told: Drawn) -> None:
    before = address(told)
    with connect(told.conninfo) as conn:
        hand_in(conn, lot("2", 30, 0, 60, 20))
    moved = told.client.get(before)
    assert (moved.status_code, moved.headers["cache-control"]) == (307, "no-store")
    here = told.client.get(moved.headers["location"])
    assert numbers(here) == {"1", "2"}
    assert "immutable" in here.headers["cache-control"]
    with connect(told.conninfo) as conn:
        hand_in(conn, lot("3", 90_000, 0, 90_030, 20, sheet="2"))  # elsewhere: the tile is as it was
    assert told.client.get(moved.headers["location"]).content == here.content
    assert told.client.get(address(told)).content == here.content


def test_outlines_of_units_are_part_of_the_version_where_they_are_shown(told: Drawn) -> None:
    communes, parcels = address(told, "communes"), address(told)
    with connect(told.conninfo) as conn:
        conn.execute("update unit set name = name where code = '20194'")
    assert told.client.get(communes).status_code == 307
    assert told.client.get(parcels).status_code == 200


@pytest.mark.parametrize(
    "v", ["", "x", "1.2", "-1.2.3", "1e3", "9" * 30, "4.99999.0", "4.1.99999", "99.1.0", "99999"]
)
def test_a_wrong_one_or_one_to_come_is_refused_and_kept_by_nobody(told: Drawn, v: str) -> None:
    answer = told.client.get(f"{address(told).partition('?')[0]}?v={v}")
    assert (answer.status_code, answer.headers["cache-control"]) == (422, "no-store")
    assert answer.json()["detail_vi"].endswith(".")


def test_a_place_in_the_feed_alone_leads_to_the_version(told: Drawn) -> None:
    answer = told.client.get(f"{address(told).partition('?')[0]}?v=1")
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
