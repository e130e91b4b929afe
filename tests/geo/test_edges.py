"""Free edges: what no neighbour has drawn the other way."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.edges import free_edges
from tests.geo.drawing import shapes
from tests.geo.strips import MAPS, elsewhere


def drawn(edges):
    return sorted(
        zip(
            edges.owner.tolist(), *(a.tolist() for a in (edges.x0, edges.y0, edges.x1, edges.y1)), strict=True
        )
    )


def by_hand(many):
    """Every edge of every ring, inside on the left, whose opposite is nobody's."""
    sides = []
    for k, shape in enumerate(many):
        for part in shapely.get_parts(shapely.orient_polygons(shape)):
            for ring in shapely.get_rings(part):
                xy = shapely.get_coordinates(ring).tolist()
                sides += [(k, *a, *b) for a, b in itertools.pairwise(xy) if a != b]
    opposite = {(c, d, a, b) for _, a, b, c, d in sides}
    return sorted(side for side in sides if side[1:] not in opposite)


@given(st.sampled_from(MAPS), st.data())
def test_those_whose_opposite_is_nobodys_wherever_the_map_lies(picture, data):
    many, _ = data.draw(elsewhere(shapes(picture)))
    assert drawn(free_edges(many)) == by_hand(many)


@pytest.mark.parametrize(
    ("picture", "free"),
    [
        ("a", 4),
        ("ab\ncd", 8),  # only the rim
        ("aaa\naba\naaa", 12),  # an island is drawn from both sides
        ("aaa\na.a\naaa", 16),  # a pond is not
        ("a..\n...\n..b", 8),
    ],
)
def test_a_drawing_has_the_rim_of_what_it_covers(picture, free):
    many = shapes(picture)
    got = free_edges(many)
    assert len(got) == free
    lines = [
        shapely.LineString(c)
        for c in zip(zip(got.x0, got.y0, strict=True), zip(got.x1, got.y1, strict=True), strict=True)
    ]
    assert shapely.equals(shapely.union_all(lines), shapely.boundary(shapely.union_all(many)))


def test_a_corner_of_a_neighbour_in_its_middle_makes_both_sides_free():
    a, b, c = shapely.simplify(shapes("aa\nbc"), 0)  # b and c have a corner that a's edge has not
    got = free_edges(np.array([a, b, c], dtype=object))
    assert np.bincount(got.owner).tolist() == [4, 3, 3]


def test_a_copy_has_drawn_its_edges_in_the_same_direction():
    a, b = shapes("ab")
    assert np.bincount(free_edges(np.array([a, a, a], dtype=object)).owner).tolist() == [4, 4, 4]
    assert np.bincount(free_edges(np.array([a, a, b], dtype=object)).owner).tolist() == [3, 3, 3]


def test_minus_zero_is_zero_and_repeated_corners_are_no_edge():
    left = shapely.Polygon([(-1, 0), (-0.0, 0), (-0.0, 0.0), (0.0, 1), (-1, 1)])
    right = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert len(free_edges(np.array([left, right], dtype=object))) == 6


def test_missing_and_empty_shapes_have_none():
    many = np.array([None, shapely.Polygon(), shapely.MultiPolygon()], dtype=object)
    assert len(free_edges(many)) == 0
    assert free_edges(np.array([None, *shapes("ab")], dtype=object)).owner.tolist().count(0) == 0
