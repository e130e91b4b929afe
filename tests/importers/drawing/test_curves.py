"""Chords stay within their offset of the curve."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from importers.drawing.curves import bulged, circle, offset_m


def test_the_offset_is_two_tenths_of_a_millimetre_on_the_map() -> None:
    assert offset_m(500) == offset_m(None) == 0.1
    assert offset_m(2000) == 0.4


@given(st.floats(0.01, 5_000), st.floats(-6.28, 6.28).filter(lambda s: abs(s) > 1e-3), st.floats(0.01, 1))
def test_chords_stay_within_their_offset(radius: float, sweep: float, offset: float) -> None:
    xy = circle((0.0, 0.0), radius, 0.3, sweep, offset)
    middles = np.hypot(*((xy[1:] + xy[:-1]) / 2).T)
    assert (radius - middles <= offset + 1e-9).all()
    assert np.allclose(np.hypot(*xy.T), radius)


@given(st.floats(-3, 3).filter(lambda b: abs(b) > 1e-3), st.floats(1, 300))
def test_an_arc_is_the_same_from_both_sides(bulge: float, length: float) -> None:
    ends = np.array([[0.0, 0.0], [length, 0.4]])
    there = bulged(ends, np.array([bulge, 0.0]), False, 0.1)
    back = bulged(ends[::-1], np.array([-bulge, 0.0]), False, 0.1)
    assert np.allclose(there, back[::-1], atol=1e-6)


def test_a_half_circle() -> None:
    xy = bulged(np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([1.0, 0.0]), False, 0.001)
    assert np.allclose(np.hypot(xy[:, 0] - 1, xy[:, 1]), 1)
    assert math.isclose(xy[:, 1].min(), -1, abs_tol=1e-3)
