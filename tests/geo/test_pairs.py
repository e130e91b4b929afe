"""Pairs of boxes: all of them, or as many as are asked for and the word that these are not all."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.pairs import box_pairs

cells = st.lists(st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 9)] * 2), max_size=40)


def boxes(sides):
    return np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in sides], dtype=object)


def all_pairs(one, other, near):
    return {(i, j) for i, a in enumerate(one) for j, b in enumerate(other) if near(a, b)}


def as_set(found):
    i, j, complete = found
    assert complete
    pairs = list(zip(i.tolist(), j.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    return set(pairs)


@given(cells, cells, st.sampled_from([None, 10_000]))
def test_boxes_that_meet(one, other, most):
    one, other = boxes(one), boxes(other)
    assert as_set(box_pairs(one, other, most)) == all_pairs(one, other, shapely.intersects)


@given(cells, cells, st.integers(1, 6), st.sampled_from([None, 10_000]))
def test_shapes_within_reach(one, other, reach_m, most):
    one, other = boxes(one), boxes(other)
    near = all_pairs(one, other, lambda a, b: shapely.distance(a, b) <= reach_m)
    assert as_set(box_pairs(one, other, most, reach_m)) == near


@pytest.mark.parametrize(("count", "most"), [(300, 1), (300, 5_000), (2_000, 100_000)])
def test_copies_on_one_place_end_the_search_in_bounded_time(count, most):
    """A block of the search may go beyond `most`, by the block's own size at most."""
    many = np.full(count, shapely.box(0, 0, 1, 1), dtype=object)
    i, j, complete = box_pairs(many, many, most)
    assert not complete
    assert most < i.size < count * count
    assert (np.diff(i) >= 0).all()
    assert set(zip(i.tolist(), j.tolist(), strict=True)) == all_pairs(
        many[: i[-1] + 1], many, lambda _a, _b: True
    )


def test_as_many_as_there_are_is_complete():
    many = np.full(100, shapely.box(0, 0, 1, 1), dtype=object)
    i, _, complete = box_pairs(many, many, 10_000)
    assert (i.size, complete) == (10_000, True)


def test_missing_and_empty_shapes_pair_with_nothing():
    box = shapely.box(0, 0, 1, 1)
    many = np.array([None, shapely.Polygon(), box], dtype=object)
    assert as_set(box_pairs(many, many, 5)) == {(2, 2)}
    assert as_set(box_pairs(many[:0], many, 5)) == set()
    assert as_set(box_pairs(many, many[:0])) == set()
