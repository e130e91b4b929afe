"""Gaps: a planted one is found with its parcels and its size, wherever the map lies; a clean map has none."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from geo.gaps import gaps
from tests.geo.drawing import draw, shapes
from tests.geo.strips import MAPS, common_edges, elsewhere, moved, strips

LIMIT_M = 0.5


def told(got):
    """Pair, area to the square millimetre, and whether it is closed, of each gap."""
    return sorted(
        zip(
            got.i.tolist(),
            got.j.tolist(),
            np.round(got.area_m2, 6).tolist(),
            got.closed.tolist(),
            strict=True,
        )
    )


def without_needless_corners(many):
    """The same map as surveyors draw it: a corner that a neighbour alone needs is on no edge (T-junctions)."""
    return shapely.simplify(many, 0)


@given(strips(1, 500, out=False), st.booleans())
def test_a_planted_gap_is_found_with_its_size_and_its_two_parcels(strip, bare):
    got = gaps(without_needless_corners(strip.shapes) if bare else strip.shapes, LIMIT_M)
    assert [(i, j, closed) for i, j, _, closed in told(got)] == [(strip.i, strip.j, True)]
    assert got.area_m2[0] == pytest.approx(strip.area_m2, abs=1e-6)
    assert got.width_m[0] == pytest.approx(2 * got.area_m2[0] / got.shape[0].length)
    lost = shapely.difference(
        strip.clean[strip.i].union(strip.clean[strip.j]), shapely.union_all(strip.shapes)
    )
    assert shapely.area(shapely.symmetric_difference(got.shape[0], lost)) < 1e-6
    assert got.complete


@given(strips(1, 500, out=False), st.data())
def test_neither_place_nor_order_nor_direction_changes_what_is_found(strip, data):
    many, order = data.draw(elsewhere(strip.shapes))
    i, j = sorted((order.index(strip.i), order.index(strip.j)))
    assert told(gaps(many, LIMIT_M)) == [(i, j, pytest.approx(strip.area_m2, abs=2e-6), True)]


@given(st.sampled_from(MAPS), st.data())
def test_a_clean_map_has_none(picture, data):
    many, _ = data.draw(elsewhere(shapes(picture)))
    assert gaps(many, LIMIT_M).i.size == 0
    assert gaps(without_needless_corners(many), LIMIT_M).i.size == 0


@given(strips(650, 2000, out=False))
def test_wider_ground_is_no_gap(strip):
    assert gaps(strip.shapes, LIMIT_M).i.size == 0


@pytest.mark.parametrize("angle_deg", [7, 31, 45, 83.5])
@pytest.mark.parametrize("wide_mm", [3, 20, 400])
def test_turned_and_rounded_the_gap_is_there_and_the_t_junctions_are_none(angle_deg, wide_mm):
    clean = shapes("aab\nccb\ncdd")
    k, at, n = common_edges(clean)[0]
    strip = moved(clean, k, at, n, -wide_mm / 1000)
    turned = [affinity.rotate(one, angle_deg, origin=(548_000, 1_778_000)) for one in strip.shapes]
    many = shapely.transform(np.array(turned, dtype=object), lambda xy: np.round(xy, 3))
    got = gaps(without_needless_corners(many), LIMIT_M)
    assert list(zip(got.i.tolist(), got.j.tolist(), strict=True)) == [(strip.i, strip.j)]
    assert got.area_m2[0] == pytest.approx(strip.area_m2, abs=0.001 * 22)


@pytest.mark.parametrize("wide_m", [0.001, 0.01, 0.1, 0.5])
@pytest.mark.parametrize("picture", ["ab", "aabb\naabb"])
def test_open_at_both_ends_it_is_a_gap_that_is_not_closed(picture, wide_m):
    left, right = shapes(picture)
    height = shapely.bounds(left)[3] - shapely.bounds(left)[1]
    got = gaps(np.array([left, affinity.translate(right, wide_m, 0)], dtype=object), LIMIT_M)
    assert told(got) == [(0, 1, pytest.approx(wide_m * height, abs=1e-6), False)]


def test_open_at_one_end_it_is_a_gap_too():
    """a and b over c, b moved away from a along c: the slit is open at the top."""
    a, b, c = shapes("ab\ncc")
    got = gaps(np.array([a, affinity.translate(b, 0.02, 0), c], dtype=object), LIMIT_M)
    assert told(got) == [(0, 1, pytest.approx(0.2, abs=1e-6), False)]


@pytest.mark.parametrize(("wide_m", "slit"), [(2.0, True), (2.4, True), (5.0, False), (8.0, False)])
def test_open_and_half_as_wide_as_long_it_is_a_corner_of_the_street(wide_m, slit):
    """Ten metres long: a slit is five times as long as its mean width."""
    left, right = shapes("ab")
    got = gaps(np.array([left, affinity.translate(right, wide_m, 0)], dtype=object), 2 * wide_m)
    assert got.i.size == slit


def test_boundaries_that_drift_apart_into_open_ground_are_a_fork_of_roads():
    left = shapely.Polygon([(0, 0), (10, 0), (10, 30), (0, 30)])
    right = shapely.Polygon([(10, 0), (40, 0), (40, 30), (25, 30)])
    assert gaps(np.array([left, right], dtype=object), LIMIT_M).i.size == 0


@pytest.mark.parametrize("cut_m", [0.05, 0.3])
def test_a_gap_between_three_parcels_is_told_once(cut_m):
    """The corner of a where b and c meet it is cut off."""
    drawn = draw("ab\ncc")
    a, b, c = drawn.values()
    x, y = 548_010.0, 1_778_010.0
    cut = shapely.Polygon([(x, y), (x, y + cut_m), (x - cut_m, y)])
    got = gaps(np.array([shapely.difference(a, cut), b, c], dtype=object), LIMIT_M)
    assert told(got) == [(0, got.j[0], pytest.approx(cut_m**2 / 2, abs=1e-6), True)]


def test_slits_that_end_in_a_wide_chamber_are_told_without_it():
    """Two slits of 24 m and 26 m and 0.1 m into a chamber of 1.6 m between them, which was perhaps meant."""
    hole = shapely.union_all([shapely.box(5, 10, 55, 10.1), shapely.box(29, 10, 30.6, 11.6)])
    halves = [shapely.box(0, 0, 60, 10), shapely.box(0, 10, 60, 20)]
    many = np.array([shapely.difference(half, hole) for half in halves], dtype=object)
    assert told(gaps(many, LIMIT_M)) == [
        (0, 1, pytest.approx(2.4, abs=1e-6), False),
        (0, 1, pytest.approx(2.44, abs=1e-6), False),
    ]


def test_a_long_gap_between_many_is_told_pair_by_pair():
    """Six parcels on each side of a slit of 5 cm."""
    above, below = shapes("abcdef"), shapes("abcdef", north_m=1_777_989.95)
    got = gaps(np.concatenate((above, below)), LIMIT_M)
    assert [(i, j) for i, j, *_ in told(got)] == [(k, k + 6) for k in range(6)]
    assert got.area_m2 == pytest.approx([0.5] * 6, abs=1e-6)


def test_with_others_a_gap_is_told_to_them_and_not_between_two_of_them():
    a, b, c = shapes("abc")
    mine = np.array([a], dtype=object)
    others = np.array([affinity.translate(b, 0.01, 0), affinity.translate(c, 0.03, 0)], dtype=object)
    got = gaps(mine, LIMIT_M, others)
    assert told(got) == [(0, 1, pytest.approx(0.1, abs=1e-6), False)]
    assert gaps(np.array([], dtype=object), LIMIT_M, others).i.size == 0


def test_missing_and_empty_shapes_have_none():
    left, right = shapes("ab")
    many = np.array([None, left, shapely.Polygon(), affinity.translate(right, 0.01, 0)], dtype=object)
    assert [(i, j) for i, j, *_ in told(gaps(many, LIMIT_M))] == [(1, 3)]
    assert gaps(np.array([None, shapely.Polygon()], dtype=object), LIMIT_M).i.size == 0


def test_what_cannot_be_looked_at_is_said():
    """A hundred plots in one place, each a millimetre beside the last: every edge is near every other."""
    many = np.array(
        [affinity.translate(shapes("a")[0], k / 1000, k / 1000) for k in range(100)], dtype=object
    )
    assert not gaps(many, LIMIT_M, most=100).complete
    assert gaps(many[:2], LIMIT_M, most=1000).complete
