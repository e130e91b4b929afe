"""The quick look never misses an overlap, and lets pass what only touches."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from geo.coverage import GRID_M, mean_width_m
from geo.ragged import rings
from geo.touching import may_overlap, turns
from tests.geo.drawing import shapes
from tests.geo.strange import parcels
from tests.geo.strips import MAPS, elsewhere, strips

DEPTH_M = 0.9 * GRID_M


def suspected(one, other):
    """Whether each pair of the two lists is (n, m)."""
    i, j = (k.ravel() for k in np.meshgrid(np.arange(one.size), np.arange(other.size), indexing="ij"))
    return may_overlap(rings(one), rings(other), i, j, DEPTH_M).reshape(one.size, other.size)


def shared_m(a, b):
    """The mean width of the widest part of the intersection."""
    faces = shapely.get_parts(shapely.get_parts(shapely.intersection(a, b)))
    faces = faces[shapely.get_type_id(faces) == 3]
    return float(mean_width_m(faces).max()) if faces.size else 0.0


def misses_none(one, other):
    seen = suspected(one, other)
    wide = np.array([[shared_m(a, b) > GRID_M for b in other] for a in one])
    assert (seen | ~wide).all()


@given(st.lists(parcels(), min_size=1, max_size=3), st.lists(parcels(), min_size=1, max_size=3))
def test_no_overlap_is_missed_among_strange_shapes(one, other):
    misses_none(np.array(one, dtype=object), np.array(other, dtype=object))


@given(parcels(), st.integers(-3000, 3000), st.integers(-3000, 3000))
def test_no_overlap_is_missed_where_a_shape_lies_beside_itself(shape, east_mm, north_mm):
    """Parallel edges everywhere, many on one line, some exactly one another's."""
    moved = shapely.transform(
        affinity.translate(shape, east_mm / 1000, north_mm / 1000), lambda xy: np.round(xy, 3)
    )
    misses_none(np.array([shape], dtype=object), np.array([moved], dtype=object))


@given(strips(1, 2000, out=True), st.data())
def test_a_strip_of_a_millimetre_is_suspected_wherever_the_map_lies(strip, data):
    """With it perhaps a pair that meets at its end: that is for the intersection to decide."""
    many, order = data.draw(elsewhere(strip.shapes))
    seen = suspected(many, many)
    pairs = {frozenset((order[i], order[j])) for i, j in np.argwhere(seen).tolist() if i != j}
    assert frozenset((strip.i, strip.j)) in pairs
    assert len(pairs) <= 3


@given(st.sampled_from(MAPS), st.booleans(), st.data())
def test_neighbours_of_a_clean_map_only_touch(picture, bare, data):
    clean = shapes(picture)
    many, _ = data.draw(elsewhere(shapely.simplify(clean, 0) if bare else clean))
    assert (suspected(many, many) == np.eye(many.size, dtype=bool)).all()


def test_shared_edges_do_not_hide_an_overlap_elsewhere():
    """b has an edge of a, the other way round, and an arm that comes back into a."""
    a = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    b = shapely.Polygon(
        [(10, 0), (14, 0), (14, 14), (5, 14), (5, 9), (6, 9), (6, 12), (12, 12), (12, 10), (10, 10)]
    )
    assert shapely.is_valid(b)
    assert shared_m(a, b) > 0.1
    assert suspected(np.array([a], dtype=object), np.array([b], dtype=object)).all()


@pytest.mark.parametrize("shape", ["whole", "hole", "parts"])
def test_a_copy_is_suspected_whatever_neighbours_share(shape):
    box = shapely.box(0, 0, 10, 10)
    one = {
        "whole": box,
        "hole": shapely.difference(box, shapely.box(3, 3, 6, 6)),
        "parts": shapely.MultiPolygon([box, shapely.box(20, 0, 30, 10)]),
    }[shape]
    assert suspected(np.array([one], dtype=object), np.array([shapely.reverse(one)], dtype=object)).all()


def test_a_pond_fills_its_hole_and_a_larger_one_does_not():
    around = shapely.difference(shapely.box(0, 0, 10, 10), shapely.box(3, 3, 6, 6))
    ponds = np.array([shapely.box(3, 3, 6, 6), shapely.box(3, 3, 6.01, 6)], dtype=object)
    assert suspected(np.array([around], dtype=object), ponds).tolist() == [[False, True]]


def test_missing_and_empty_shapes_touch_nothing():
    many = np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], dtype=object)
    assert np.argwhere(suspected(many, many)).tolist() == [[2, 2]]


@given(st.lists(parcels(), min_size=1, max_size=4), st.booleans())
def test_the_inside_is_where_it_is_however_a_ring_was_drawn(many, backwards):
    """+1 where the inside is on the left: exteriors that run counter-clockwise, holes that run clockwise."""
    shapes_ = np.array(many, dtype=object)
    r = rings(shapely.reverse(shapes_) if backwards else shapes_)
    for p in range(r.part.size - 1):
        for k in range(r.part[p], r.part[p + 1]):
            line = shapely.LinearRing(np.column_stack((r.x, r.y))[r.ring[k] : r.ring[k + 1]])
            assert turns(r)[k] == (1 if shapely.is_ccw(line) == (k == r.part[p]) else -1)
