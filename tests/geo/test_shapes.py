"""Rounding to the millimetre, validity with its place, mending within the tolerance."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import shapes
from tests.geo.drawing import draw
from tests.geo.strange import parcels

COORDINATE = st.floats(-1e6, 3e6)


def only(shape):
    return np.array([shape], dtype=object)


@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=12))
def test_rounding_moves_less_than_a_millimetre_and_twice_is_once(points):
    drawn = shapely.Polygon(points)
    rounded = shapes.round_mm(only(drawn))
    xy = shapely.get_coordinates(rounded[0])
    assert np.array_equal(xy, np.round(xy, 3))
    near = shapely.MultiPoint(points)
    for point in xy:
        assert shapely.distance(near, shapely.Point(point)) <= 0.00071
    again = shapes.round_mm(rounded)
    # A ring that crosses itself has no direction to keep.
    same_way = shapely.equals_identical(again[0], rounded[0])
    other_way = shapely.equals_identical(shapely.reverse(again[0]), rounded[0])
    assert same_way or (other_way and not shapely.is_valid(rounded[0]))


@settings(max_examples=50, deadline=None)
@given(parcels())
def test_rounded_shapes_are_drawn_counter_clockwise_without_repeats(shape):
    turned = shapely.force_3d(shapely.reverse(shape), 7.0)
    rounded = shapes.round_mm(only(turned))[0]
    assert not shapely.has_z(rounded)
    for part in shapely.get_parts(rounded):
        rings = shapely.get_rings(part)
        assert shapely.is_ccw(rings).tolist() == [True] + [False] * (len(rings) - 1)
    xy, ring = shapely.get_coordinates(shapely.get_rings(rounded), return_index=True)
    assert not ((np.diff(xy, axis=0) == 0).all(axis=1) & (np.diff(ring) == 0)).any()
    assert shapely.equals(rounded, shape)


def test_a_parcel_smaller_than_a_millimetre_does_not_stop_the_others():
    speck = shapely.box(0, 0, 0.0001, 0.0001)
    rounded = shapes.round_mm(np.array([draw("a")["a"], speck], dtype=object))
    assert shapes.valid(rounded).tolist() == [True, False]


def test_missing_and_empty_shapes_pass_through():
    rounded = shapes.round_mm(np.array([None, shapely.Polygon(), draw("a")["a"]], dtype=object))
    assert rounded[0] is None
    assert rounded[1].is_empty
    assert shapes.valid(rounded).tolist() == [False, False, True]
    assert shapes.vertices(rounded).tolist() == [0, 0, 5]
    assert shapes.finite(rounded).tolist() == [True, True, True]
    assert shapes.round_mm(np.array([], dtype=object)).size == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_found(bad):
    with np.errstate(invalid="ignore"):
        broken = shapely.linestrings([(0, 0), (1, bad), (1, 1)])
    good = draw("a")["a"]
    assert shapes.finite(np.array([good, broken, good], dtype=object)).tolist() == [True, False, True]


def test_a_fault_has_its_place():
    found = shapes.fault(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    assert found is not None
    assert (found.reason, found.x, found.y) == ("Self-intersection", 1, 1)
    assert shapes.fault(draw("a")["a"]) is None


def spiked(spike_m: float) -> shapely.Geometry:
    return shapely.Polygon([(0, 0), (20, 0), (20, 20), (0, 20), (0, 0), (-spike_m, 0)])


def test_a_spike_without_area_is_cut_off():
    mended = shapes.mend(spiked(5), 0.0)
    assert mended is not None
    assert shapely.equals(mended.shape, shapely.box(0, 0, 20, 20))
    assert mended.changed_m2 == 0
    assert mended.fault.reason.startswith("Ring Self-intersection")


def test_a_figure_of_eight_is_not_mended_in_silence():
    """Its halves cancel: which of the two areas was meant is for the surveyor to say."""
    eight = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    assert shapes.mend(eight, 1.0) is None
    small = shapely.Polygon([(0, 0), (20, 0), (20, 20), (0.02, 20), (0, 20.02), (0, 20), (0.01, 20.02)])
    mended = shapes.mend(small, 0.01)
    assert mended is not None
    assert 0 < mended.changed_m2 < 0.001


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9),
    st.sampled_from([0.0, 0.5, 5.0]),
    st.sampled_from([1.0, 0.3, 0.001]),
)
def test_mending_never_changes_more_than_the_tolerance(points, tolerance_m2, scale):
    drawn = shapes.round_mm(only(shapely.Polygon([(x * scale, y * scale) for x, y in points])))[0]
    if shapely.is_valid(drawn):
        return
    mended = shapes.mend(drawn, tolerance_m2)
    if mended is None:
        return
    assert shapes.valid(only(mended.shape)).all()
    assert mended.shape.geom_type in ("Polygon", "MultiPolygon")
    assert shapely.equals_identical(shapes.round_mm(only(mended.shape))[0], mended.shape)
    assert abs(mended.shape.area - drawn.area) <= tolerance_m2 + 1e-12
    covered = shapely.make_valid(drawn)
    assert shapely.area(shapely.symmetric_difference(covered, mended.shape)) <= tolerance_m2 + 1e-12


def test_lines_and_numbers_that_are_none_are_not_mended():
    assert shapes.mend(shapely.Polygon([(0, 0), (5, 5), (9, 9)]), 100.0) is None
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(0, 0), (5, math.nan), (9, 9)])
    assert shapes.mend(broken, 100.0) is None
