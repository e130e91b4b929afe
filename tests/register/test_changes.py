"""The feed: everything once and in order, from any place on; and a mirror made of it that says the same."""

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.changes import Cursor, Shapes, changes, cursor, events
from register.connect import connect
from register.correction import Correction
from register.errors import ChainError, InvalidKeyError
from register.replay import fingerprint, replay
from tests.conftest import Clone
from tests.register.handed_in import DAY, current, hand_in, lot
from tests.register.story import STEPS, Step, Story
from tests.register.test_past import ask

Item = dict[str, Any]
LISTS = ("closed", "opened", "links_closed", "links_opened")


def feed(
    conninfo: str, shapes: Shapes = "wkb", since: str = "0", limit: int = 100, rows: int = 2000
) -> list[tuple[Item, str]]:
    """All items from a place on, each page's last with the cursor after it (the others: none)."""

    async def follow(conn: AsyncConnection[Any]) -> list[tuple[Item, str]]:
        found: list[tuple[Item, str]] = []
        at = cursor(since)
        while True:
            page = await changes(conn, at, limit, shapes, rows)
            assert sum(len(json.loads(i)[name]) for i in page.items for name in LISTS) <= rows
            assert cursor(str(page.next)) == page.next
            items = [json.loads(item) for item in page.items]
            found += [(item, str(page.next) if item is items[-1] else "") for item in items]
            if page.complete:
                return found
            assert page.next != at
            at = page.next

    out: list[tuple[Item, str]] = ask(conninfo, follow)
    return out


def joined(items: list[Item]) -> list[Item]:
    """Items with the rows of those that came in several put together again."""
    out: list[Item] = []
    for item in items:
        if item["continued"]:
            assert out[-1]["seq"] == item["seq"]
            assert not out[-1]["complete"]
            for name in LISTS:
                out[-1][name] += item[name]
            out[-1]["complete"] = item["complete"]
        else:
            assert not out or out[-1]["complete"]
            out.append(copy.deepcopy(item))
    return out


@given(steps=STEPS, limit=st.integers(1, 4), rows=st.integers(1, 5))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_mirror_says_the_same_whatever_the_pages(
    clone: Clone, steps: list[Step], limit: int, rows: int
) -> None:
    with clone() as conninfo, clone() as other, connect(conninfo) as db, connect(other) as mirror:
        Story(db).tell(steps)
        whole = [item for item, _ in feed(conninfo)]
        pieces = feed(conninfo, limit=limit, rows=rows)
        assert joined([item for item, _ in pieces]) == whole
        for n, (_, place) in enumerate(pieces):
            if place:  # from any place on: the rest, nothing twice
                rest = [item for item, _ in feed(conninfo, since=place, limit=limit, rows=rows)]
                assert rest == [item for item, _ in pieces[n + 1 :]]
        assert [item["seq"] for item in whole] == list(range(1, len(whole) + 1))
        assert replay((item for item, _ in pieces), mirror) == len(whole)
        mirror.commit()
        assert fingerprint(mirror) == fingerprint(db)
        assert current(mirror) == current(db)
        assert chain_of(mirror) == chain_of(db)
        assert derived(mirror) == derived(db)
        assert [item for item, _ in feed(other)] == whole  # and can be mirrored itself


def chain_of(conn: psycopg.Connection) -> Any:
    """The last link."""
    return conn.execute("select last, hash, seq, made_at::text from chain").fetchone()


def derived(conn: psycopg.Connection) -> Any:
    """What follows from shapes."""
    return conn.execute(
        "select id, st_asbinary(web), st_asbinary(anchor), room_m, plain_from from parcel_version order by id"
    ).fetchall()


def test_an_empty_register_has_an_empty_feed(conninfo: str, db: psycopg.Connection, clone: Clone) -> None:
    assert feed(conninfo) == []
    with clone() as other, connect(other) as mirror:
        assert replay([], mirror) == 0
        assert (fingerprint(mirror), chain_of(mirror)) == (fingerprint(db), chain_of(db))


@pytest.fixture
def told(conninfo: str, db: psycopg.Connection) -> list[Item]:
    """A feed of an import, an edit, a split and its undo."""
    story = Story(db)
    for what in ("import", "edit", "split", "undo"):
        story.step(what, 0, DAY)
    assert [one.kind for one in story.told] == ["import", "attributes", "split", "revert"]
    return [item for item, _ in feed(conninfo)]


def test_nobody_is_named(told: list[Item]) -> None:
    text = json.dumps(told)
    assert "tester" not in text
    assert '"author"' not in text
    assert '"approver"' not in text


def test_an_item_says_what_was_done(told: list[Item]) -> None:
    first, edit, split, undo = told
    assert (first["closed"], len(first["opened"]), len(first["links_opened"])) == ([], 2, 3)
    one = next(row for row in first["opened"] if row["sheet"]["number"] == "1")
    assert one["sheet"]["commune"] == "20194"
    assert one["issued"]["algorithm"]
    assert len(one["issued"]["point"]) == 2
    assert (one["area_m2"], one["land_use"], one["provisional"]) == (100.0, "ODT", False)
    assert edit["closed"][0]["code"] == edit["opened"][0]["code"]
    assert edit["opened"][0]["issued"] is None
    assert len(split["opened"]) == 2
    assert split["links_closed"]
    assert undo["reverts"] == split["correction"]
    assert {row["code"] for row in undo["closed"]} == {row["code"] for row in split["opened"]}
    west, south, east, north = first["bbox"]
    assert 108 < west < east < 109
    assert 16 < south < north < 17
    assert [item["previous"] for item in told] == ["00", *(item["hash"] for item in told[:-1])]


def test_shapes_come_as_asked(conninfo: str, told: list[Item]) -> None:
    bare = [item for item, _ in feed(conninfo, "none")]
    assert all("shape" not in row for item in bare for row in item["opened"])
    drawn = next(item for item, _ in feed(conninfo, "geojson"))["opened"][0]["shape"]
    assert drawn["type"] == "Polygon"
    assert drawn["coordinates"][0][0][0] > 500_000  # metres of the sheet's zone


def _without(item: Item, name: str) -> None:
    item[name].pop()


FORGERIES: dict[str, tuple[int, Callable[[list[Item]], object]]] = {
    "a link left out": (3, lambda f: f.pop(1)),
    "the order changed": (3, lambda f: f.insert(1, f.pop(2))),
    "a land use": (2, lambda f: f[1]["opened"][0].update(land_use="XXX")),
    "an area": (1, lambda f: f[0]["opened"][0].update(legal_area_m2=1)),
    "a corner": (1, lambda f: f[0]["opened"][0].update(shape=f[0]["opened"][1]["shape"])),
    "a day": (2, lambda f: f[1].update(effective_on="2020-01-01")),
    "an instant": (2, lambda f: f[1].update(made_at="2020-01-01T00:00:00+00:00")),
    "a reason": (4, lambda f: f[3].update(reason="because")),
    "the hash": (2, lambda f: f[1].update(hash="00" * 32)),
    "the previous hash": (2, lambda f: f[1].update(previous="00")),
    "who made it": (2, lambda f: f[1].update(who="00" * 32)),
    "a version not opened": (1, lambda f: _without(f[0], "opened")),
    "a version not closed": (3, lambda f: _without(f[2], "closed")),
    "a number of a version": (2, lambda f: f[1]["closed"][0].update(version=999)),
    "a code": (3, lambda f: f[2]["opened"][0].update(code="w6ugmu6r6pux")),
    "a unit": (1, lambda f: f[0]["opened"][0].update(commune="00000")),
    "no shapes": (1, lambda f: f[0]["opened"][0].pop("shape")),
    "a point for a shape": (1, lambda f: f[0]["opened"][0].update(shape="0101000000" + "00" * 16)),
    "a torn shape": (1, lambda f: f[0]["opened"][0].update(shape=f[0]["opened"][0]["shape"][:-2])),
    "no rows": (2, lambda f: f[1].pop("closed")),
    "no hash": (2, lambda f: f[1].pop("hash")),
    "an instant that is none": (2, lambda f: f[1].update(made_at="soon")),
    "a day that is none": (2, lambda f: f[1].update(effective_on="soon")),
    "a zone that is none": (1, lambda f: f[0]["opened"][0]["sheet"].update(epsg=1)),
    "a number of a correction that is taken": (2, lambda f: f[1].update(correction=f[0]["correction"])),
    "half a correction": (4, lambda f: f[3].update(complete=False)),
    "a link closed twice": (3, lambda f: f[2]["links_closed"].append(f[2]["links_closed"][0])),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_or_missing_link_is_refused_with_its_place(
    told: list[Item], clone: Clone, what: str
) -> None:
    seq, forge = FORGERIES[what]
    forge(told)
    with clone() as other, connect(other) as mirror:
        with pytest.raises(ChainError) as refused:
            replay(told, mirror)
        assert refused.value.seq == seq
        assert f"correction {seq}" in refused.value.detail
        mirror.rollback()
        assert mirror.execute("select count(*) from correction").fetchone() == (0,)


def test_a_mirror_goes_on_where_it_stood(
    conninfo: str, told: list[Item], clone: Clone, db: psycopg.Connection
) -> None:
    with clone() as other, connect(other) as mirror:
        assert replay(told[:2], mirror) == 2
        mirror.commit()
        assert replay(told[2:], mirror) == 4
        mirror.commit()
        assert fingerprint(mirror) == fingerprint(db)
        code = sorted(current(mirror))[0]
        version = current_version(mirror, code)
        assert version is not None
        edited = AttributeDrafts([Edit(version, land_use="LUC")])
        assert (
            apply(mirror, Correction("attributes", "e", DAY), edited).seq == 5
        )  # a backup that is taken into use
        assert fingerprint(mirror) != fingerprint(db)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.5", "1.0.3", "1.2", "1.2.3.4", "9" * 19, "१", "1\n", "1.2.-3"]
)
def test_what_is_no_place_is_told_so(text: str) -> None:
    with pytest.raises(InvalidKeyError) as refused:
        cursor(text)
    assert "no place in the feed" in refused.value.detail
    assert "vị trí" in refused.value.detail_vi


def test_a_place_that_is_not_yet_there_is_told_so(conninfo: str, told: list[Item]) -> None:
    for question in (
        lambda conn: changes(conn, Cursor(5), 10),
        lambda conn: events(conn, 5, 10),
    ):
        with pytest.raises(InvalidKeyError, match=r"beyond the end of the feed \(4\)"):
            ask(conninfo, question)
    assert ask(conninfo, lambda conn: changes(conn, Cursor(4), 10)).items == []


def test_readers_beside_writers_see_each_once_and_in_order(conninfo: str, db: psycopg.Connection) -> None:
    writers, each = 4, 6
    hand_in(db, *(lot(str(n), n * 200, 0, n * 200 + 10, 10) for n in range(writers)))
    db.commit()
    codes = {v: c for c, v in db.execute("select code, number from parcel_version")}
    db.commit()
    start, done = Barrier(writers + 2), Event()

    def write(n: int) -> None:
        with connect(conninfo) as conn:
            start.wait(timeout=60)
            for turn in range(each):
                version = current_version(conn, codes[str(n)])
                assert version is not None
                edits = AttributeDrafts([Edit(version, land_use=("CLN", "ODT")[turn % 2])])
                apply(conn, Correction("attributes", "e", DAY), edits)
                if turn % 3 == 2:
                    conn.rollback()  # a number that is not used is the next one's
                conn.commit()

    async def follow(conn: AsyncConnection[Any]) -> list[int]:
        seen: list[int] = []
        at = Cursor()
        while True:
            over = done.is_set()
            page = await changes(conn, at, 3, rows=2)
            items = [json.loads(item) for item in page.items]
            seen += [item["seq"] for item in items if not item["continued"]]
            at = page.next
            if over and page.complete:
                return seen

    def read(_: int) -> list[int]:
        start.wait(timeout=60)
        seen: list[int] = ask(conninfo, follow)
        return seen

    with ThreadPoolExecutor(writers + 2) as pool:
        reading = [pool.submit(read, n) for n in range(2)]
        for writing in [pool.submit(write, n) for n in range(writers)]:
            writing.result()
        done.set()
        expected = list(range(1, 1 + writers * (each - each // 3) + 1))
        assert [one.result() for one in reading] == [expected, expected]
