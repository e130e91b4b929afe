"""Polygons as flat arrays: taken apart and put together again they are what they were."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.ragged import rings
from tests.geo.strange import parcels

EMPTY = (None, shapely.Polygon(), shapely.MultiPolygon())


def together(r, s):
    """Shape s, from the arrays alone."""
    parts = []
    for p in range(r.shape[s], r.shape[s + 1]):
        lines = [
            np.column_stack((r.x, r.y))[r.ring[k] : r.ring[k + 1]] for k in range(r.part[p], r.part[p + 1])
        ]
        parts.append(shapely.Polygon(lines[0], lines[1:]))
    return parts


@given(st.lists(st.one_of(parcels(), st.sampled_from(EMPTY)), max_size=6))
def test_taken_apart_and_put_together_shapes_are_what_they_were(many):
    r = rings(np.array([*many, None], dtype=object)[:-1])
    assert r.shape.size == len(many) + 1
    assert (r.ring[-1], r.part[-1], r.shape[-1]) == (r.x.size, r.ring.size - 1, r.part.size - 1)
    for s, shape in enumerate(many):
        want = [] if shape is None or shape.is_empty else shapely.get_parts(shape).tolist()
        assert all(shapely.equals_identical(a, b) for a, b in zip(together(r, s), want, strict=True))


@pytest.mark.parametrize(
    "bad", [shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.GeometryCollection()]
)
def test_what_has_no_rings_is_refused(bad):
    with pytest.raises(TypeError, match="polygons"):
        rings(np.array([shapely.box(0, 0, 1, 1), bad], dtype=object))
