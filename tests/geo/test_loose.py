"""Loose corners: just short of a boundary, on none, and nobody's ground between."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from geo.loose import loose_corners
from tests.geo.drawing import shapes
from tests.geo.strips import MAPS, elsewhere

REACH_M = 0.07
ORIGIN = (548_000.0, 1_778_000.0)


def told(many, reach_m=REACH_M, **more):
    got = loose_corners(many, np.full(many.size, reach_m), **more)
    return sorted(zip(got.i.tolist(), got.j.tolist(), np.round(got.distance_m, 6).tolist(), strict=True))


def apart(short_m, drift_m=3.0):
    """A square, and beside it one whose upper left corner ends `short_m` before it and whose boundary drifts away."""
    x, y = ORIGIN
    left = shapely.box(x - 20, y, x, y + 20)
    right = shapely.Polygon(
        [(x + round(short_m, 3), y + 15), (x + drift_m, y), (x + 20, y), (x + 20, y + 15)]
    )
    return np.array([left, right], dtype=object)


@given(st.integers(2, 69), st.data())
def test_a_corner_short_of_a_boundary_is_told_with_its_distance_wherever_the_map_lies(short_mm, data):
    many, order = data.draw(elsewhere(apart(short_mm / 1000)))
    got = loose_corners(many, np.full(2, REACH_M))
    assert told(many) == [(order.index(1), order.index(0), pytest.approx(short_mm / 1000, abs=1e-6))]
    corner, foot = shapely.Point(got.x[0], got.y[0]), shapely.Point(got.to_x[0], got.to_y[0])
    assert shapely.distance(many[order.index(0)].exterior, foot) < 1e-9
    assert shapely.distance(corner, shapely.multipoints(shapely.get_coordinates(many[order.index(1)]))) == 0
    assert shapely.distance(corner, foot) == pytest.approx(got.distance_m[0])


@pytest.mark.parametrize("short_m", [0.0, 0.001, -0.01, 0.071, 1.0])
def test_on_the_boundary_beyond_it_or_out_of_reach_it_is_none(short_m):
    assert told(apart(short_m)) == []


@given(st.sampled_from(MAPS), st.booleans(), st.data())
def test_a_clean_map_has_none(picture, bare, data):
    clean = shapes(picture)
    many, _ = data.draw(elsewhere(shapely.simplify(clean, 0) if bare else clean))
    assert told(many) == []


@pytest.mark.parametrize("angle_deg", [3, 28, 45, 77])
def test_corners_rounded_beside_a_slanting_boundary_are_on_it(angle_deg):
    """T-junctions of a turned map, on the millimetre."""
    turned = [
        affinity.rotate(one, angle_deg, origin=ORIGIN) for one in shapely.simplify(shapes("aaa\nbcd"), 0)
    ]
    many = shapely.transform(np.array(turned, dtype=object), lambda xy: np.round(xy, 3))
    assert told(many) == []


def test_each_shape_has_its_own_reach():
    many = apart(0.05)
    both = np.array([*many, *(affinity.translate(one, 100, 0) for one in many)], dtype=object)
    got = loose_corners(both, np.array([0.0, 0.04, 0.0, 0.06]))
    assert (got.i.tolist(), got.j.tolist()) == ([3], [2])


def test_somebody_between_keeps_a_corner_from_being_loose():
    left, right = apart(0.05)
    x, y = ORIGIN
    between = shapely.box(x, y, x + 0.05, y + 20)
    assert told(np.array([left, right, between], dtype=object)) == []


def test_the_nearest_boundary_decides():
    """On its own neighbour a corner is not loose, however near the next one is."""
    a, b = shapes("ab")
    thin = shapely.box(b.bounds[0], b.bounds[1], b.bounds[0] + 0.03, b.bounds[3])
    rest = shapely.box(b.bounds[0] + 0.03, b.bounds[1], b.bounds[2], b.bounds[3])
    assert told(np.array([a, thin, rest], dtype=object)) == []


def test_others_are_counted_on_and_their_own_corners_are_none_of_ours():
    left, right = apart(0.02)
    mine, theirs = np.array([right], dtype=object), np.array([left], dtype=object)
    assert told(mine, others=theirs) == [(0, 1, 0.02)]
    assert told(theirs, others=mine) == []


def test_missing_and_empty_shapes_have_none():
    left, right = apart(0.02)
    assert told(np.array([None, left, shapely.Polygon(), right], dtype=object)) == [(3, 1, 0.02)]
    assert told(np.array([], dtype=object)) == []


def test_what_cannot_be_looked_at_is_said():
    many = np.array([affinity.translate(shapes("a")[0], k / 100, k / 100) for k in range(100)], dtype=object)
    assert not loose_corners(many, np.full(100, 0.15), most=50).complete
    assert loose_corners(many[:2], np.full(2, 0.15), most=1000).complete
