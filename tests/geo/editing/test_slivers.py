"""The sliver doctor: planted slivers are found with their width and repaired; no repair breaks its word."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from geo.coverage import mean_width_m, overlaps
from geo.editing.slivers import greatest_width_m, repair, slivers
from geo.gaps import gaps
from tests.geo.drawing import shapes
from tests.geo.editing.parcels import at, corners, well_made
from tests.geo.strips import MAPS, elsewhere, strips

TOLERANCE_M = 0.6


def polygon(*points):
    return shapely.Polygon(at(*points))


def many_of(*polygons):
    return np.array(polygons, dtype=object)


def wide(shape):
    """The parts that are wider than the grid, and a tenth of it: the same ground cut otherwise is as wide but for rounding."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return parts[mean_width_m(parts) > 0.0011]


def kept(many, sliver, got):
    """What holds of every repair; the map after it."""
    after = many.copy()
    for k, shape in got.changed.items():
        after[k] = shape
        assert well_made(shape)
        assert not shape.equals_exact(many[k], 0, normalize=True)
        assert got.effect_m2[k] == shape.area - many[k].area
        # No farther than the sliver is wide: with all its ground in that distance of the old, and the other way round.
        reach = sliver.width_m + 0.0012
        assert shapely.buffer(many[k], reach, quad_segs=128).contains(shape)
        assert shapely.buffer(shape, reach, quad_segs=128).contains(many[k])
        assert got.moved_m <= reach
    assert set(got.effect_m2) == set(got.changed)
    assert got.changed
    # Gone, nothing else lost, no new overlap.
    before_all, after_all = shapely.union_all(many), shapely.union_all(after)
    assert wide(shapely.difference(before_all, after_all)).size == 0
    if sliver.kind == "gap":
        assert wide(shapely.difference(sliver.polygon, after_all)).size == 0
    else:
        i, j = sliver.parcels
        both = shapely.intersection(after[i], after[j])
        assert wide(shapely.intersection(both, sliver.polygon)).size == 0
    was, now = overlaps(many, least_m=0.0009), overlaps(after)
    had = dict(zip(zip(was.i.tolist(), was.j.tolist(), strict=True), was.area_m2.tolist(), strict=True))
    for i, j, area in zip(now.i.tolist(), now.j.tolist(), now.area_m2.tolist(), strict=True):
        # A pair that overlaps elsewhere may do so by a hair of rounding more.
        assert area <= had[i, j] + 0.001 * many[i].length
    return after


@given(strips(2, 500, out=False), st.data())
def test_a_planted_gap_is_found_and_closed(strip, data):
    many, order = data.draw(elsewhere(strip.shapes))
    many = shapely.orient_polygons(many)
    (found,) = slivers(many, TOLERANCE_M)
    assert found.kind == "gap"
    assert {order.index(strip.i), order.index(strip.j)} <= set(found.parcels)
    assert found.area_m2 == pytest.approx(strip.area_m2, abs=2e-6)
    got = repair(many, found)
    assert got is not None
    after = kept(many, found, got)
    assert sum(got.effect_m2.values()) == pytest.approx(found.area_m2, abs=1e-6)
    assert slivers(after, TOLERANCE_M) == []
    assert shapely.area(after).sum() == pytest.approx(shapely.area(strip.clean).sum(), abs=1e-6)


@given(strips(2, 500, out=True), st.data())
def test_a_planted_overlap_is_found_and_ended(strip, data):
    many, order = data.draw(elsewhere(strip.shapes))
    many = shapely.orient_polygons(many)
    (found,) = slivers(many, TOLERANCE_M)
    assert found.kind == "overlap"
    assert found.parcels == tuple(sorted((order.index(strip.i), order.index(strip.j))))
    got = repair(many, found)
    assert got is not None
    after = kept(many, found, got)
    assert sum(got.effect_m2.values()) == pytest.approx(-found.area_m2, abs=1e-6)
    assert slivers(after, TOLERANCE_M) == []


@given(st.one_of(strips(2, 300, out=True), strips(2, 300, out=False)), st.floats(1, 89))
def test_turned_and_rounded_to_the_millimetre_it_is_the_same(strip, angle_deg):
    turned = [affinity.rotate(s, angle_deg, origin=(548_000, 1_778_000)) for s in strip.shapes]
    many = shapely.transform(np.array(turned, dtype=object), lambda xy: np.round(xy, 3))
    for found in slivers(many, TOLERANCE_M):
        got = repair(many, found)
        # A strip of two or three millimetres is mostly rounding.
        assert got is not None or found.width_m < 0.005
        if got is not None:
            after = kept(many, found, got)
            assert overlaps(after).i.size == 0 or found.kind == "gap"
            assert gaps(after, TOLERANCE_M, least_m=0.0015).i.size == 0


@given(st.sampled_from(MAPS), st.integers(2, 60), st.data())
def test_in_a_map_measured_parcel_by_parcel_no_repair_breaks_its_word(picture, most_mm, data):
    many = shapes(picture)
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    for k, shape in enumerate(many):
        # Each parcel's own errors: equal corners of a ring stay equal.
        names, where = np.unique(shapely.get_coordinates(shape), axis=0, return_inverse=True)
        there = np.round(names + rng.integers(-most_mm, most_mm + 1, names.shape) / 1000, 3)[where.ravel()]
        many[k] = shapely.orient_polygons(shapely.set_coordinates(shape, there))
    for _ in range(4):
        found = slivers(many, TOLERANCE_M)
        done = next(((f, r) for f in found if (r := repair(many, f)) is not None), None)
        if done is None:
            return
        many = kept(many, *done)


def test_a_strip_across_which_a_third_parcel_runs_is_closed_without_a_tiny_edge():
    a, b = polygon((0, 0), (10, 0), (10, 10), (0, 10)), polygon((10.02, 0), (20, 0), (20, 10), (10.02, 10))
    above = polygon((0, 10), (10, 10), (10.02, 10), (20, 10), (20, 20), (0, 20))
    many = many_of(a, b, above)
    (found,) = slivers(many, TOLERANCE_M)
    assert found.parcels == (0, 1, 2)
    assert found.width_m == pytest.approx(0.02, abs=1e-4)
    after = kept(many, found, repair(many, found))
    lengths = [np.hypot(*np.diff(shapely.get_coordinates(s), axis=0).T).min() for s in after]
    assert min(lengths) > 1
    assert corners(after[0]) & corners(after[1]) <= corners(after[2]) | corners(after[1])
    assert len(corners(after[0]) & corners(after[1])) == 2


def test_the_line_with_corners_that_more_parcels_share_is_kept():
    a, b = polygon((0, 0), (10, 0), (10, 10), (0, 10)), polygon((10.02, 0), (20, 0), (20, 10), (10.02, 10))
    above = polygon((0, 10), (10.02, 10), (20, 10), (20, 20), (0, 20))
    below = polygon((0, -9), (20, -9), (20, 0), (10.02, 0), (0, 0))
    for many, moves in ((many_of(a, b, above, below), 0), (many_of(b, a, above, below), 1)):
        (found,) = slivers(many, TOLERANCE_M)
        got = repair(many, found)
        kept(many, found, got)
        assert set(got.changed) == {moves}
        assert f"Parcel {moves + 1} follows" in got.how
        assert f"Thửa thứ {moves + 1} theo ranh" in got.how_vi


def test_wider_than_the_tolerance_is_no_sliver_and_rounding_is_none():
    wedge = many_of(
        polygon((0, 0), (10, 0), (10.3, 10), (0, 10)), polygon((10, 0), (20, 0), (20, 10), (10, 10))
    )
    (found,) = slivers(wedge, 0.3)
    assert found.width_m == pytest.approx(
        shapely.maximum_inscribed_circle(found.polygon, 1e-5).length * 2, abs=1e-4
    )
    assert slivers(wedge, found.width_m - 0.001) == []
    assert slivers(wedge, 0.001) == []
    close = many_of(
        polygon((0, 0), (10, 0), (10, 10), (0, 10)), polygon((10.001, 0), (20, 0), (20, 10), (10.001, 10))
    )
    assert slivers(close, 0.3) == []


def test_the_greatest_width_of_a_strip_is_its_width():
    assert greatest_width_m(polygon((0, 0), (30, 0), (30, 0.02), (0, 0.02)), 0.5) == pytest.approx(
        0.02, abs=1e-4
    )
    assert greatest_width_m(polygon((0, 0), (30, 0), (30, 0.51), (0, 0.51)), 0.5) is None


def test_a_parcel_wholly_within_another_has_no_repair_and_missing_shapes_are_passed_over():
    thin = polygon((3, 3), (8, 3), (8, 3.1), (3, 3.1))
    many = np.array([polygon((0, 0), (10, 0), (10, 10), (0, 10)), None, thin], dtype=object)
    (found,) = slivers(many, TOLERANCE_M)
    assert found.parcels == (0, 2)
    assert repair(many, found) is None
    assert slivers(np.array([None, None], dtype=object), 0.3) == []
