"""Slivers repaired one after the other: the promise holds over all of them, in whatever map."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import overlaps
from geo.editing.mended import mended, moves_within
from tests.geo.drawing import shapes
from tests.geo.editing.parcels import at, well_made
from tests.geo.strips import MAPS

TOLERANCE_M = 0.15


def box(west, south, east, north):
    (x0, y0), (x1, y1) = at((west, south), (east, north)).tolist()
    return shapely.orient_polygons(shapely.box(x0, y0, x1, y1))


@settings(max_examples=25)
@given(st.sampled_from(MAPS), st.integers(2, 40), st.integers(0, 10_000))
def test_in_a_map_measured_parcel_by_parcel_nothing_moves_more_than_said(picture, most_mm, seed):
    many = shapes(picture)
    rng = np.random.default_rng(seed)
    for k, shape in enumerate(many):
        names, where = np.unique(shapely.get_coordinates(shape), axis=0, return_inverse=True)
        there = np.round(names + rng.integers(-most_mm, most_mm + 1, names.shape) / 1000, 3)[where.ravel()]
        many[k] = shapely.orient_polygons(shapely.set_coordinates(shape, there))
    after, steps = mended(many, TOLERANCE_M, lambda _: True)
    limit, effect = np.zeros(many.size), np.zeros(many.size)
    for step in steps:
        assert (step.why == "") == (step.repair is not None)
        if step.repair is None:
            continue
        assert step.repair.moved_m <= step.sliver.width_m + 0.001
        for k, area in step.repair.effect_m2.items():
            effect[k] += area
            limit[k] = max(limit[k], step.sliver.width_m + 0.001)
    for k, shape in enumerate(after):
        assert well_made(shape)
        assert shape.area - many[k].area == pytest.approx(effect[k], abs=1e-6)
        reach = limit[k] * 1.001 + 1e-5
        assert shapely.buffer(many[k], reach, quad_segs=128).contains(shape)
        assert shapely.buffer(shape, reach, quad_segs=128).contains(many[k])
    was = overlaps(many)
    had = {(i, j) for i, j in zip(was.i.tolist(), was.j.tolist(), strict=True)}
    now = overlaps(after)
    assert {(i, j) for i, j in zip(now.i.tolist(), now.j.tolist(), strict=True)} <= had


def test_only_what_is_wanted_is_repaired():
    many = np.array([box(0, 0, 10, 10), box(10.02, 0, 20, 10), box(20.03, 0, 30, 10)], object)
    after, steps = mended(many, 0.05, lambda sliver: 2 in sliver.parcels)
    assert [round(step.sliver.width_m, 3) for step in steps] == [0.03]
    assert after[0].equals(many[0])
    assert mended(many, 0.05, lambda _: False)[1] == []


def test_how_far_a_boundary_is_from_another_is_measured_along_all_of_it():
    square, wider = box(0, 0, 10, 10), box(0, 0, 10.02, 10)
    assert moves_within(square, wider, 0.02)
    assert not moves_within(square, wider, 0.019)
    assert moves_within(square, square, 0.001)
    assert not moves_within(square, shapely.difference(square, box(4, 4, 6, 6)), 0.5)
