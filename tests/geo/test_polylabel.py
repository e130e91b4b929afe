"""The feature point: inside, deep, Mapbox's, and the same for ever."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.polylabel import PRECISION_M, interior_points
from tests.geo import danang
from tests.geo.drawing import draw, shapes
from tests.geo.mapbox import polylabel
from tests.geo.strange import EAST_M, NORTH_M, parcels

# Between two walls and the corner of the hole: 10 metres of street, turned.
CORNER_M = 10 * math.sqrt(2) / (1 + math.sqrt(2))


def one(shape: shapely.Geometry) -> tuple[float, float, float]:
    points, radius = interior_points(np.array([shape], dtype=object))
    return float(points[0, 0]), float(points[0, 1]), float(radius[0])


def deepest_m(shape: shapely.Geometry, tolerance_m: float) -> float:
    return max(
        float(shapely.maximum_inscribed_circle(part, tolerance_m).length) for part in shapely.get_parts(shape)
    )


@settings(max_examples=300, deadline=None)
@given(parcels())
def test_inside_and_as_deep_as_the_precision_says(shape: shapely.Geometry) -> None:
    x, y, radius = one(shape)
    assert shapely.contains_xy(shape, x, y)
    assert radius == pytest.approx(shapely.distance(shapely.Point(x, y), shape.boundary), abs=1e-8)
    # A tenth of the width below a metre: a fifth of the radius found.
    precision = min(PRECISION_M, radius / 5)
    assert radius >= deepest_m(shape, precision / 5) - precision * 1.0001 - 1e-9


@settings(max_examples=150, deadline=None)
@given(parcels().filter(lambda shape: shape.geom_type == "Polygon"))
def test_the_very_point_of_mapbox(shape: shapely.Geometry) -> None:
    x, y, radius = one(shape)
    if radius < 0.5:  # searched more closely than Mapbox would unasked
        return
    # Seen from a corner of its box, as here: far numbers would blur what is equal.
    near = [
        [(px - shape.bounds[0], py - shape.bounds[1]) for px, py in ring.coords] for ring in rings_of(shape)
    ]
    mine, theirs = (x - shape.bounds[0], y - shape.bounds[1]), polylabel(near, PRECISION_M)
    # Of two points equally deep, as in a shape that mirrors itself, the last bit of a float decides.
    outline = shapely.MultiLineString([shapely.LineString(ring) for ring in near])
    depth = [shapely.distance(shapely.Point(at), outline) for at in (mine, theirs)]
    assert mine == pytest.approx(theirs, abs=1e-6) or depth[0] == pytest.approx(depth[1], abs=1e-9)


def rings_of(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return list(shapely.get_rings(shape))


@pytest.mark.parametrize(
    ("picture", "cell_m", "radius_m"),
    [
        (
            "aaa\na.a\naaa",
            10.0,
            CORNER_M,
        ),  # a ring: the centroid is in the hole
        ("a.a\na.a\naaa", 10.0, CORNER_M),  # a U
        ("aaaaaaaaaaaaaaaaaaaaaaaa", 1.0, 0.5),  # an alley of one metre
        ("aaaaaaaaaaaaaaaaaaaaaaaa", 0.02, 0.01),  # a strip of two centimetres
        ("a.a\n...\naa.", 10.0, 5.0),  # three parts
    ],
)
def test_shapes_whose_middle_is_elsewhere(picture: str, cell_m: float, radius_m: float) -> None:
    shape = draw(picture, cell_m=cell_m)["a"]
    x, y, radius = one(shape)
    assert shapely.contains_xy(shape, x, y)
    assert radius_m - min(0.1, radius_m / 5) <= radius <= radius_m + 1e-6


def test_a_square_has_its_centre_and_a_pond_pushes_the_point_aside() -> None:
    assert one(draw("aa\naa")["a"]) == (EAST_M + 10, NORTH_M + 10, 10)
    pond = shapely.Polygon(
        shapely.box(EAST_M, NORTH_M, EAST_M + 40, NORTH_M + 20).exterior.coords,
        [shapely.box(EAST_M + 15, NORTH_M + 5, EAST_M + 25, NORTH_M + 15).exterior.coords[::-1]],
    )
    x, _, radius = one(pond)
    assert abs(x - EAST_M - 20) > 11
    assert radius == pytest.approx(7.5, abs=0.1)


def test_the_widest_part_wins_and_the_first_of_equals() -> None:
    narrow, wide = draw("aa.bbb\naa.bbb\n...bbb").values()
    both = shapely.multipolygons([narrow, wide])
    assert one(both) == one(wide)
    twin = shapely.transform(narrow, lambda xy: xy + np.array([100, 0]))
    assert one(shapely.multipolygons([narrow, twin])) == one(narrow)
    assert one(shapely.multipolygons([twin, narrow])) == one(twin)


@pytest.mark.parametrize("height_m", [1.0, 0.001])
@pytest.mark.parametrize("angle_deg", [0.0, 33.0, 90.0])
def test_slivers_and_endless_alleys_end(height_m: float, angle_deg: float) -> None:
    sliver = shapely.affinity.rotate(
        shapely.Polygon([(0, 0), (3000, 0), (0, height_m)]), angle_deg, origin=(0, 0)
    )
    x, y, radius = one(shapely.transform(sliver, lambda xy: xy + np.array([EAST_M, NORTH_M])))
    assert radius > 0
    assert shapely.contains_xy(shapely.transform(sliver, lambda xy: xy + np.array([EAST_M, NORTH_M])), x, y)


def test_what_has_no_inside_has_no_point() -> None:
    flat = shapely.Polygon([(0, 0), (5, 5), (9, 9), (0, 0)])
    points, radius = interior_points(
        np.array(
            [shapely.Polygon(), flat, None, shapely.MultiPolygon(), shapely.box(0, 0, 2, 2)], dtype=object
        )
    )
    assert np.isnan(points[:4]).all()
    assert radius.tolist() == [0, 0, 0, 0, 1]
    with pytest.raises(TypeError, match="polygons"):
        interior_points(np.array([shapely.Point(1, 2)], dtype=object))


@settings(max_examples=30, deadline=None)
@given(st.lists(parcels(), min_size=2, max_size=6))
def test_a_batch_is_its_parcels_one_by_one(many: list[shapely.Geometry]) -> None:
    points, radius = interior_points(np.array(many, dtype=object))
    assert [(x, y, r) for (x, y), r in zip(points.tolist(), radius.tolist(), strict=True)] == [
        one(shape) for shape in many
    ]


def test_neighbours_in_a_drawing_have_points_of_their_own() -> None:
    points, _ = interior_points(shapes("aab\nccb\ndd."))
    assert len({tuple(p) for p in points.tolist()}) == 4


@pytest.mark.skipif(not danang.ARCHIVE.exists(), reason="shared/data/vn_danang_parcels is not there")
def test_real_parcels_hold_their_points() -> None:
    for ward in danang.wards():
        ward = ward[shapely.is_valid(ward)]  # noqa: PLW2901
        points, radius = interior_points(ward)
        assert shapely.contains_xy(ward, points[:, 0], points[:, 1]).all()
        sample = np.random.default_rng(1).permutation(ward.size)[:150]
        circle = shapely.length(shapely.maximum_inscribed_circle(ward[sample], 0.005))
        assert (circle - radius[sample] <= PRECISION_M).all()
