"""Blocks at hand are told of corrections: they become what they would be made from nothing, and nothing is asked again."""

import asyncio
import random

import numpy as np
import psycopg
import pytest

from register.connect import connect, open_pool
from register.revert import revert
from tests.conftest import Clone
from tests.register.awaited import awaited
from tests.register.handed_in import hand_in, lot
from tiles.blocks import Blocks
from tiles.held import Held, among
from tiles.news import MOST, News
from tiles.revisions import Revisions


class Told(Blocks):
    """Blocks that count how often they had to ask."""

    brought = 0

    async def _bring(self, keys, *more):  # type: ignore[no-untyped-def]
        self.brought += 1
        return await super()._bring(keys, *more)


def wanted(now: Revisions) -> dict[int, int]:
    return dict(zip(now.keys.tolist(), now.revisions.tolist(), strict=True))


def some_correction(conn: psycopg.Connection, dice: random.Random, turn: int, made: list[int]) -> None:
    """Parcels come, are cut anew or go: here, on the border of cells (some 2.4 km apart), or in both at once."""
    if made and dice.random() < 0.3:
        revert(conn, made.pop(), "tester")
    else:
        places = dice.sample(range(60), dice.randint(1, 4))
        lots = [
            lot(f"{turn}-{n}", 61.0 * n, 40.0 * turn, 61.0 * n + 60, 40.0 * turn + 40)
            for n in places  # 3.6 km in a row
        ]
        receipt = hand_in(conn, *lots)
        assert receipt.correction is not None
        made.append(receipt.correction)
    conn.commit()


async def as_from_nothing(pool, now: Revisions, mine: Blocks) -> None:  # type: ignore[no-untyped-def]
    new = Blocks(pool, most_bytes=1)
    here, there = await mine.of(wanted(now)), await new.of(wanted(now))
    await new.close()
    async with pool.connection() as conn:
        await conn.execute("delete from map_block")
    assert here.keys() == there.keys() != set()
    for key, block in here.items():
        assert (block.id == there[key].id).all()
        assert (block.bounds == there[key].bounds).all()
        assert (block.outlines.mm == there[key].outlines.mm).all()
        assert [block.texts[n] for n in block.number] == [there[key].texts[n] for n in there[key].number]


@pytest.mark.parametrize("seed", range(3))
def test_what_blocks_are_told_is_all_they_need(clone: Clone, seed: int) -> None:
    """A look by somebody else may come between, and several corrections at once."""
    dice = random.Random(seed)

    async def run(conninfo: str, conn: psycopg.Connection) -> None:
        async with open_pool(conninfo, size=3) as pool:
            now, blocks, made = Revisions(pool), Told(pool), []
            hand_in(conn, *(lot(f"a{n}", 610.0 * n, -40, 610.0 * n + 600, 0) for n in range(6)))
            conn.commit()
            blocks.news = News(pool, now, blocks).follow
            await blocks.follow()  # the first look: nothing is told
            await as_from_nothing(pool, now, blocks)
            assert len(wanted(now)) > 1
            for turn in range(8):
                for part in range(dice.randint(1, 2)):
                    some_correction(conn, dice, 10 * turn + part, made)
                    if dice.random() < 0.3:
                        await now.now()
                    elif dice.random() < 0.5:  # one that is asked for, or brought, before it is told
                        news, blocks.news = blocks.news, dice.choice([blocks.news, None])
                        await now.now()
                        await blocks.of(wanted(now))
                        blocks.news = news
                await blocks.follow()
                await as_from_nothing(pool, now, blocks)

    with clone() as conninfo, connect(conninfo) as conn:
        awaited(run(conninfo, conn))


def test_a_block_is_told_and_needs_not_ask(clone: Clone) -> None:
    async def run(conninfo: str, conn: psycopg.Connection) -> None:
        async with open_pool(conninfo, size=3) as pool:
            now, blocks = Revisions(pool), Told(pool)
            blocks.news = News(pool, now, blocks).follow
            hand_in(conn, *(lot(f"a{n}", 610.0 * n, 0, 610.0 * n + 600, 40) for n in range(6)))
            conn.commit()
            await now.now()
            await blocks.of(wanted(now))
            brought = blocks.brought
            receipt = hand_in(conn, lot("b", 0, 50, 3600, 90))  # over all of them
            conn.commit()
            asked = asyncio.create_task(now.now())  # another look meanwhile
            await asyncio.gather(asked, blocks.follow())
            await as_from_nothing(pool, now, blocks)
            assert receipt.correction is not None
            revert(conn, receipt.correction, "tester")
            conn.commit()
            telling = asyncio.create_task(blocks.follow())
            await asyncio.sleep(0)
            await now.now()
            await blocks.of(wanted(now))  # who asks waits for what is being told
            await telling
            await as_from_nothing(pool, now, blocks)
            hand_in(conn, lot("d", 0, 50, 3600, 90))
            conn.commit()
            await now.now()  # a look before anybody follows
            await blocks.of(wanted(now))
            await as_from_nothing(pool, now, blocks)
            assert blocks.brought == brought
            # of many nothing is told: they are asked for
            hand_in(conn, *(lot(f"c{n}", 10.0 * n, 100, 10.0 * n + 10, 140) for n in range(MOST + 1)))
            conn.commit()
            await blocks.follow()
            assert not blocks.are_at_hand(wanted(now))
            await as_from_nothing(pool, now, blocks)
            assert blocks.brought > brought

    with clone() as conninfo, connect(conninfo) as conn:
        awaited(run(conninfo, conn))


def test_nothing_is_told_where_the_state_before_is_not_known() -> None:
    blocks = Blocks.__new__(Blocks)
    blocks._held = {}  # type: ignore[assignment]
    none = np.empty(0, np.int64)
    blocks.tell(5, 1, 2, 9, none, none, ())  # not at hand
    held = Held(3, 7, None)  # type: ignore[arg-type]
    blocks._held[5] = held
    blocks.tell(5, 4, 5, 9, none, none, ())  # between 3 and 4 something happened that is not told
    blocks.tell(5, 1, 3, 9, none, none, ())  # known
    assert blocks._held[5] is held


def test_among() -> None:
    ids = np.array([2, 5, 9])
    assert among(np.array([1, 2, 9, 10, 5]), ids).tolist() == [False, True, True, False, True]
    assert among(np.array([1]), ids[:0]).tolist() == [False]
