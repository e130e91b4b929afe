"""Tiles written in runs: the same to the byte however a block came about, and whole when they are unpacked."""

import gzip
from itertools import pairwise
from unittest import mock

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.ground import CELL, block_of, picture
from tests.tiles.test_reuse import GROUND, moved
from tiles import encode, pieces, runs
from tiles.block import Block, changed, from_bytes, to_bytes
from tiles.parcels import RUNS
from tiles.pieces import Body, Piece

TILES = [
    (z, (CELL[0] << (z - 14)) + c, (CELL[1] << (z - 14)) + r)
    for z, c, r in [(14, 0, 0), (15, 0, 0), (15, 1, 0)]
]


def body_of(block: Block, at: tuple[int, int, int]) -> Body:
    return encode.pieces(["parcels"], {CELL: block}, *at)


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(range(30))), st.sampled_from("ABCEK")), min_size=1, max_size=5
    ),
    st.sampled_from([1, 2, 5, 512]),
    st.tuples(st.integers(0, 300_000), st.integers(-9000, 90_000)),
)
def test_a_tile_is_the_same_however_its_block_came_about(
    steps: list[tuple[set[int], str]], one_in: int, at: tuple[int, int]
) -> None:
    """Parcels go and come; each state is drawn with what is kept of the one before, and anew."""
    ground = moved(picture(GROUND, cell_m=90), at)
    with mock.patch.dict(RUNS, {14: one_in, 15: one_in}):
        block = block_of(ground)
        for n, (gone, letter) in enumerate(steps):
            for tile in TILES:
                body_of(block, tile)
            left = np.isin(np.arange(block.id.size), list(gone))
            block = changed(
                block, ~left, block_of(moved({letter: ground[letter]}, (9, 5)), first=100 * (n + 1))
            )
            for tile in TILES:
                body = body_of(block, tile)
                fresh = pieces.whole(body_of(from_bytes(to_bytes(block)), tile))
                assert pieces.whole(body) == fresh
                packed = pieces.packed(body)
                assert (gzip.decompress(packed) if packed else b"") == fresh
                if fresh:
                    seen = mapbox_vector_tile.decode(fresh)["parcels"]["features"]
                    assert {f["id"] for f in seen} <= set(block.id.tolist())
                    assert all({"code", "number", "land_use"} <= f["properties"].keys() for f in seen)


def test_what_is_far_from_a_change_is_not_written_again() -> None:
    ground = picture(GROUND, cell_m=60)
    with mock.patch.dict(RUNS, {14: 2}):
        block = block_of(ground)
        body_of(block, TILES[0])
        after = changed(block, block.id != block.id[-1], block_of({}))
        body_of(after, TILES[0])
    before, now = block.later.runs[TILES[0]].runs, after.later.runs[TILES[0]].runs
    same = [one for one in now if any(one is other for other in before)]
    assert len(same) >= len(before) - 1 >= 3
    assert block.id[-1] not in np.concatenate([one.ids for one in now])


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=6))
def test_pieces_unpack_to_the_whole(parts: list[tuple[bool, bytes]]) -> None:
    body = [Piece(np.frombuffer(raw, np.uint8)) if again else raw for again, raw in parts]
    whole = b"".join(raw for _, raw in parts)
    assert pieces.whole(body) == whole
    for _ in range(2):  # anew, and from what was compressed before
        packed = pieces.packed(body)
        assert (gzip.decompress(packed) if packed else b"") == whole
    assert pieces.fresh(body) == sum(len(raw) for again, raw in parts if not again)


@pytest.mark.parametrize("ids", [[5], [1, 2, 3], list(range(2000))])
def test_runs_cover_the_versions_in_order(ids: list[int]) -> None:
    cuts = runs.cuts_of(np.array(ids, np.int64), 100)
    assert (cuts[0], cuts[-1]) == (0, len(ids))
    assert all(a < b for a, b in pairwise(cuts))
