"""Which tiles changed: told as corrections are made, without gaps, by tiles or by regions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from api import tile_events
from geo.cells import bounds, key, place
from register.connect import connect
from register.revert import revert
from register.units_outlines import put_outlines
from tests.conftest import Served
from tests.register.handed_in import hand_in, lot
from tests.tiles.test_stamps import tile_at
from tiles.changed import MOST_REGIONS, MOST_TILES, of_cells

HALF_WORLD_M = 20037508.342789244
CELLS = st.sets(st.tuples(st.integers(13000, 13100), st.integers(7400, 7500)), max_size=200)


@given(CELLS)
def test_every_cell_is_told_and_few_others(cells: set[tuple[int, int]]) -> None:
    told = of_cells(7, [key(*cell) for cell in cells])
    assert told.seq == 7
    if len(cells) <= MOST_TILES:
        assert told.tiles is not None
        assert {tuple(map(int, one.split("/"))) for one in told.tiles} == cells
        return
    assert told.tiles is None
    assert 0 < len(told.regions) <= MOST_REGIONS
    boxes = np.array(told.regions)
    for cell in cells:
        west, south, east, north = bounds(*cell)
        lon = (west + east) / 2 / HALF_WORLD_M * 180
        lat = np.degrees(np.arctan(np.sinh((south + north) / 2 / HALF_WORLD_M * np.pi)))
        assert (
            (boxes[:, 0] < lon) & (lon < boxes[:, 2]) & (boxes[:, 1] < lat) & (lat < boxes[:, 3])
        ).sum() == 1


@contextmanager
def following(client: httpx.Client, **asked: str) -> Iterator[Iterator[tuple[str, int, dict[str, Any]]]]:
    """Events as they come: kind, number, data."""
    headers = {"last-event-id": asked.pop("last")} if "last" in asked else {}
    with client.stream("GET", "/tiles/events", params=asked, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield read(answer.iter_lines())


def read(lines: Iterator[str]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    event: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "data" in event:
            yield event["event"], int(event["id"]), json.loads(event["data"])
            event = {}


def test_outlines_handed_in_anew_are_told_without_a_correction(server: Served) -> None:
    outline = shapely.to_wkb(shapely.box(108.6, 15.0, 108.7, 15.1))
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        with following(client) as events:
            _, seq, said = next(events)
            before = said["units"]
            assert put_outlines(conn, [("20242", None, outline)]).changed == 1
            conn.commit()
            assert next(events) == ("units", seq, {"seq": seq, "units": before + 1})
            assert put_outlines(conn, [("20242", None, outline)]).changed == 0
            conn.commit()
            hand_in(conn, lot("1", 0, 0, 30, 20))
            conn.commit()
            assert next(events)[0] == "tiles"
        with following(client, last="0") as events:  # who was away learns it from the first event
            assert next(events) == ("here", 0, {"seq": 0, "units": before + 1})


def test_followers_are_told_what_to_fetch_again(server: Served) -> None:
    _, x, y = tile_at(14, 1, 1)
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        with following(client) as events, following(client) as others:
            here = next(events)
            assert here == next(others) == ("here", 0, {"seq": 0, "units": here[2]["units"]})
            receipt = hand_in(conn, lot("1", 0, 0, 30, 20))
            kind, seq, said = next(events)
            assert (kind, seq, said["seq"], said["zoom"]) == ("tiles", 1, 1, 14)
            assert f"{x}/{y}" in said["tiles"]
            stamped = {key for (key,) in conn.execute("select key from map_cell")}
            assert {"{}/{}".format(*place(one)) for one in stamped} == set(said["tiles"])
            assert next(others)[2] == said
            assert set(said) == {"seq", "zoom", "tiles"}
        assert receipt.correction is not None
        revert(conn, receipt.correction, "somebody")
        conn.commit()
        for asked in ({"last": "1"}, {"since": "1"}, {"last": "1", "since": "0"}):
            with following(client, **asked) as events:  # the line dropped meanwhile
                assert [next(events)[:2], next(events)[:2]] == [("here", 1), ("tiles", 2)]


def test_a_mass_change_is_told_by_regions(server: Served) -> None:
    far = [(2400.0 * (n % 9), 2400.0 * (n // 9)) for n in range(81)]
    with (
        httpx.Client(base_url=server.url, timeout=60) as client,
        connect(server.conninfo) as conn,
        following(client, since="0") as events,
    ):
        next(events)
        hand_in(conn, *(lot(f"{x:g}/{y:g}", x, y, x + 9, y + 9) for x, y in far))
        _, seq, said = next(events)
        assert (seq, set(said)) == (1, {"seq", "zoom", "regions"})


def test_who_was_away_for_long_is_told_of_all_together(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        for n in range(3):
            hand_in(conn, lot(str(n), 5000.0 * n, 0, 5000 * n + 30, 20))
        with following(client, since="0") as events:  # the server began after them, or holds no more so many
            next(events)
            told = []
            while not told or told[-1][1] < 3:
                told.append(next(events))
            tiles = {one for _, _, said in told for one in said["tiles"]}
            assert {"{}/{}".format(*tile_at(14, 5000.0 * n + 5, 5)[1:]) for n in range(3)} <= tiles
        monkeypatch.setattr(tile_events, "HEARTBEAT_S", -1.0)
        monkeypatch.setattr(tile_events, "LOOK_EVERY_S", 0.05)
        with client.stream("GET", "/tiles/events") as answer:
            assert ": " in answer.iter_lines()


@pytest.mark.parametrize("since", ["x", "-1", "1", "9" * 18, "9" * 19, "1.2.3", "１"])
def test_a_place_that_is_not_there_is_refused(server: Served, since: str) -> None:
    answer = httpx.get(f"{server.url}/tiles/events", params={"since": since})
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
