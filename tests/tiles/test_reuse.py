"""Tiles that a correction elsewhere in their cell leaves as they are: told without making them, and never wrongly."""

import asyncio
import time
from contextlib import suppress

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from api import tile_ahead
from api.change_events import ChangeWakes
from api.tiles import Asked, Tiles
from register.connect import connect, open_pool
from register.revert import revert
from tests.conftest import Clone
from tests.register.awaited import awaited
from tests.register.handed_in import hand_in, lot
from tests.tiles.ground import CELL, block_of, picture
from tests.tiles.test_stamps import tile_at
from tiles import encode
from tiles.block import Block, changed
from tiles.finished import IN_USE_S, Finished, Key, Tile
from tiles.held import Held
from tiles.layers import LAYERS
from tiles.outlines import CELL_BITS

NAMES = [name for name, layer in LAYERS.items() if layer.from_blocks]
GROUND = "AABBCCDD\nAAEECCFF\nGGEEHHII\nGGJJHHKK"


def moved(shapes: dict[str, shapely.Geometry], by: tuple[int, int]) -> dict[str, shapely.Geometry]:
    return {letter: shapely.affinity.translate(one, *by) for letter, one in shapes.items()}


def drawn(block: Block, name: str, z: int, x: int, y: int) -> bytes:
    return encode.layers([name], {CELL: block}, (z), x, y)


@given(
    st.lists(st.tuples(st.sets(st.sampled_from(range(11))), st.sampled_from("AEK")), min_size=1, max_size=3),
    st.sampled_from([14, 15, 16, 18, 19]),
    st.tuples(st.integers(0, 120_000), st.integers(0, 120_000)),
)
def test_what_is_said_to_be_the_same_is_the_same(
    steps: list[tuple[set[int], str]], z: int, at: tuple[int, int]
) -> None:
    """Parcels go, and come back a little farther on; every tile around is asked about."""
    ground = moved(picture(GROUND, cell_m=60), at)
    before = block_of(ground)
    held = Held(7, 0, before)
    for n, (gone, letter) in enumerate(steps):
        left = np.isin(np.arange(held.block.id.size), list(gone))
        more = block_of(moved({letter: ground[letter]}, (9, 5)), first=100 * (n + 1))
        held = held.after(8 + n, n, changed(held.block, ~left, more), left, more.id)
    reused = 0
    for column in range(4 if z > 15 else 1):
        for row in range(4 if z > 15 else 1):
            x, y = (CELL[0] << (z - 14)) + column, (CELL[1] << (z - 14)) + row
            for name in NAMES:
                if LAYERS[name].min_zoom > z or not encode.are_local([name], z):
                    continue
                if held.same_since(7, encode.reach(z, x, y)):
                    reused += 1
                    assert drawn(before, name, z, x, y) == drawn(held.block, name, z, x, y), (
                        name,
                        column,
                        row,
                    )
    assert not held.same_since(
        6, encode.reach(z, *(c << (z - 14) for c in CELL))
    )  # before what is remembered


@given(
    st.lists(st.integers(-3000, (1 << CELL_BITS) + 3000), min_size=4, max_size=4),
    st.integers(14, 18),
)
def test_tiles_that_show_a_box_are_those_whose_reach_meets_it(sides: list[int], z: int) -> None:
    west, east, north, south = *sorted(sides[:2]), *sorted(sides[2:])
    meets = set()
    for column in range(1 << (z - 14)):
        for row in range(1 << (z - 14)):
            at = (CELL[0] << (z - 14)) + column, (CELL[1] << (z - 14)) + row
            left, top, right, bottom = encode.reach(z, *at)
            if left <= east and right >= west and top <= south and bottom >= north:
                meets.add(at)
    assert set(encode.showing((west, north, east, south), z, *CELL)) == meets


def test_far_from_a_change_nothing_is_made_anew() -> None:
    before = block_of(picture(GROUND, cell_m=60))
    left = np.arange(before.id.size) == 0  # A, in the north-west
    held = Held(7, 0, before).after(9, 1, changed(before, ~left, block_of({})), left, np.empty(0, np.int64))
    x, y = (c << 4 for c in CELL)
    assert not held.same_since(7, encode.reach(18, x, y))
    assert held.same_since(7, encode.reach(18, x + 2, y + 1))
    assert held.same_since(9, encode.reach(18, x, y))


def test_a_tile_elsewhere_keeps_its_bytes_and_those_in_use_are_made_before_they_are_asked_for(
    clone: Clone,
) -> None:
    here, far, cell = tile_at(18, 5, 5), tile_at(18, 400, 5), tile_at(14, 5, 5)
    assert tuple(v >> 4 for v in far[1:]) == tuple(v >> 4 for v in here[1:]) == cell[1:]
    paths = ["/tiles/parcels/{}/{}/{}.mvt".format(*one) for one in (here, far, cell)]

    async def follow(conninfo: str) -> None:
        async with open_pool(conninfo) as pool, open_pool(conninfo, size=2) as looker:
            tiles, wakes = Tiles(pool, looker, Finished()), ChangeWakes(conninfo, "register")
            tasks = [asyncio.create_task(wakes.listen()), asyncio.create_task(tile_ahead.keep(tiles, wakes))]
            await asyncio.sleep(0)
            first = [await tiles.reply(path, Asked()) for path in paths]
            other = await tiles.reply(paths[2].replace("parcels", "edges"), Asked())

            def last(place: tuple[int, int, int], layer: str = "parcels") -> Tile:
                found = tiles.finished.last(Key(layer, *place), False)
                assert found is not None
                return found

            far_before, unasked = last(far), last(cell, "edges")
            unasked.asked -= IN_USE_S
            with connect(conninfo) as conn:
                receipt = hand_in(conn, lot("new", 0, 30, 30, 60))
                conn.commit()
                until = time.monotonic() + 30
                while not all(b"new" in last(one).body for one in (cell, here)):
                    assert time.monotonic() < until, "nobody makes the tiles that are in use"
                    await asyncio.sleep(0.01)
                assert last(far) is far_before
                assert last(cell, "edges") is unasked, "nobody asked for it of late"
                then = [await tiles.reply(path, Asked()) for path in paths]
                assert last(far) is far_before
                assert then[1].body == first[1].body != b""
                assert all(a.headers["etag"] != b.headers["etag"] for a, b in zip(first, then, strict=True))
                assert [b"new" in one.body for one in then] == [True, False, True]
                assert receipt.correction is not None
                revert(conn, receipt.correction, "tester")
                conn.commit()
            assert [(await tiles.reply(path, Asked())).body for path in paths] == [one.body for one in first]
            again = await tiles.reply(paths[2].replace("parcels", "edges"), Asked())
            assert again.body == other.body
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await tiles.close()

    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, lot("1", 0, 0, 30, 20), lot("2", 400, 0, 430, 20))
            conn.commit()
        awaited(follow(conninfo))


@pytest.mark.parametrize("z", [13, 14, 17])
def test_long_lines_are_no_business_of_one_tile(z: int) -> None:
    assert not encode.are_local(["edges"], z)
    assert encode.are_local(["edges", "parcels"], 18)
