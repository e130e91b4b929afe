"""Overlaps: every pair that brute force finds, and no sliver of rounding. Outlines: what is covered."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from geo import coverage
from tests.geo import danang
from tests.geo.drawing import draw, shapes
from tests.geo.strange import parcels
from tests.geo.strips import MAPS, elsewhere, strips


def brute_force(one, other):
    """(i, j) → area of the parts of their intersection wider than a millimetre in the mean; every pair
    intersected."""
    found = {}
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            if one is other and i >= j:
                continue
            faces = [
                f for f in shapely.get_parts(shapely.get_parts(shapely.intersection(a, b))) if f.area > 0
            ]
            wide = [f.area for f in faces if 2 * f.area / f.length > coverage.GRID_M]
            if wide:
                found[i, j] = sum(wide)
    return found


def agree(one, other=None):
    got = coverage.overlaps(one, other)
    want = brute_force(one, one if other is None else other)
    assert dict(zip(zip(got.i.tolist(), got.j.tolist(), strict=True), got.area_m2.tolist(), strict=True)) == (
        pytest.approx(want)
    )
    assert list(zip(got.i, got.j, strict=True)) == sorted(want)
    for i, j, x, y in zip(got.i, got.j, got.x, got.y, strict=True):
        assert shapely.contains_xy(shapely.intersection(one[i], (one if other is None else other)[j]), x, y)
    assert (got.width_m > coverage.GRID_M).all()
    return got


@st.composite
def grid_shapes(draw_, sides=(0.001, 0.01, 1.0, 13.7)):
    """Blobs of cells on one small grid: shared edges, T-junctions, holes, copies, one within another's
    hole."""
    m = draw_(st.sampled_from(sides))
    angle = draw_(st.sampled_from([0.0, 0.0, 31.0]))
    many = draw_(
        st.lists(
            st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=14),
            min_size=2,
            max_size=5,
        )
    )
    out = []
    for cells in many:
        blob = shapely.union_all([shapely.box(x, y, x + 1, y + 1) for x, y in cells])
        turned = affinity.rotate(affinity.scale(blob, m, m, origin=(0, 0)), angle, origin=(0, 0))
        out.append(shapely.transform(turned, lambda xy: np.round(xy, 3) + np.array([548000, 1778000])))
    return np.array([s for s in out if shapely.is_valid(s) and s.area > 0], dtype=object)


@settings(max_examples=400, deadline=None)
@given(grid_shapes())
def test_equals_brute_force_on_grids(many):
    agree(many)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=7),
        min_size=2,
        max_size=5,
    ),
    st.sampled_from([0.001, 0.05, 3.0]),
)
def test_equals_brute_force_on_anything_valid(rings, scale):
    """Corners on edges, crossings without corners inside, shallow angles: integer corners make them all
    likely."""
    many = [shapely.Polygon([(x * scale, y * scale) for x, y in ring]) for ring in rings]
    agree(np.array([s for s in many if shapely.is_valid(s) and s.area > 0], dtype=object))


@settings(max_examples=60, deadline=None)
@given(st.lists(parcels(), min_size=1, max_size=3), st.lists(parcels(), min_size=1, max_size=3))
def test_equals_brute_force_against_others(one, other):
    agree(np.array(one, dtype=object), np.array(other, dtype=object))


def test_a_clean_map_has_none_and_drawing_direction_does_not_matter():
    many = shapes("aabb\naccb\nddde\nd.de\nddde")
    assert coverage.overlaps(many).i.size == 0
    assert coverage.overlaps(shapely.reverse(many)).i.size == 0
    mixed = np.where(np.arange(many.size) % 2, shapely.reverse(many), many)
    assert coverage.overlaps(mixed).i.size == 0


def test_copies_plus_signs_islands_and_ponds():
    whole, cross, pond = shapely.box(0, 0, 30, 10), shapely.box(10, -10, 20, 20), shapely.box(12, 3, 16, 6)
    holed = shapely.Polygon(whole.exterior.coords, [pond.exterior.coords])
    many = np.array([whole, whole, shapely.reverse(whole), cross, pond, holed], dtype=object)
    got = agree(many)
    pairs = set(zip(got.i.tolist(), got.j.tolist(), strict=True))
    assert {(0, 1), (0, 2), (1, 2), (0, 3), (0, 4), (0, 5), (3, 5)} <= pairs
    assert (4, 5) not in pairs  # the pond fills the hole


@pytest.mark.parametrize("off_m", [-0.0007, 0.0, 0.0007, 0.0014])
def test_a_corner_rounded_off_a_long_edge_is_no_overlap(off_m):
    road = shapely.Polygon([(0, 0), (40, 0), (40, 5), (0, 5)])
    left = shapely.Polygon([(0, 5), (20, 5 - off_m), (20, 15), (0, 15)])
    right = shapely.Polygon([(20, 5 - off_m), (40, 5), (40, 15), (20, 15)])
    assert agree(np.array([road, left, right], dtype=object)).i.size == 0


@pytest.mark.parametrize("depth_m", [0.0012, 0.002, 0.01])
def test_a_shift_wider_than_the_grid_is_one(depth_m):
    left, right = shapely.box(0, 0, 20, 10), shapely.box(20 - depth_m, 0, 40, 10)
    got = agree(np.array([left, right], dtype=object))
    assert got.width_m.tolist() == pytest.approx([depth_m], rel=1e-3)
    assert got.area_m2.tolist() == pytest.approx([10 * depth_m])


def test_missing_and_empty_shapes_overlap_nothing():
    box = shapely.box(0, 0, 1, 1)
    many = np.array([None, box, shapely.Polygon(), box], dtype=object)
    got = coverage.overlaps(many)
    assert (got.i.tolist(), got.j.tolist()) == ([1], [3])
    assert coverage.overlaps(np.array([], dtype=object)).i.size == 0


@pytest.mark.slow
@pytest.mark.skipif(not danang.ARCHIVE.exists(), reason="shared/data/vn_danang_parcels is not there")
def test_real_wards_have_the_overlaps_shapely_finds():
    large = 0
    for ward in danang.wards()[:6]:
        ward = ward[shapely.is_valid(ward)]  # noqa: PLW2901
        got = coverage.overlaps(ward)
        i, j = shapely.STRtree(ward).query(ward, predicate="intersects")
        i, j = i[i < j], j[i < j]
        faces, pair = shapely.get_parts(shapely.intersection(ward[i], ward[j]), return_index=True)
        faces, part = shapely.get_parts(faces, return_index=True)
        length = shapely.length(faces)
        wide = (length > 0) & (2 * shapely.area(faces) > coverage.GRID_M * length)
        want = {(int(i[p]), int(j[p])) for p in pair[part[wide]]}
        assert set(zip(got.i.tolist(), got.j.tolist(), strict=True)) == want
        large += int((got.area_m2 > 0.05).sum())
    assert large > 0


def test_outline_of_a_clean_map_is_one_ring_around_it():
    drawn = draw("aabb\naccb\ndddb\nd.db\ndddb")
    got = coverage.outline(np.array(list(drawn.values()), dtype=object))
    assert got.geom_type == "Polygon"
    assert len(got.interiors) == 1  # the dot
    assert shapely.equals(got, shapely.union_all(list(drawn.values())))


@settings(max_examples=100, deadline=None)
@given(grid_shapes(sides=(1.0, 13.7)))
def test_outline_covers_what_the_shapes_cover(many):
    if many.size == 0:
        assert coverage.outline(many).is_empty
        return
    got, want = coverage.outline(many), shapely.union_all(many)
    assert shapely.is_valid(got)
    assert shapely.area(shapely.symmetric_difference(got, want)) < 0.002 * want.length


def test_outline_closes_the_slivers_of_rounding():
    road = shapely.Polygon([(0, 0), (40, 0), (40, 5), (0, 5)])
    left = shapely.Polygon([(0, 5), (20, 5.0007), (20, 15), (0, 15)])
    right = shapely.Polygon([(20, 5.0007), (40, 5), (40, 15), (20, 15)])
    got = coverage.outline(np.array([road, left, right], dtype=object))
    assert (got.geom_type, len(got.interiors)) == ("Polygon", 0)


def pairs_of(got):
    return [
        (i, j, pytest.approx(area, abs=2e-6))
        for i, j, area in zip(got.i.tolist(), got.j.tolist(), got.area_m2.tolist(), strict=True)
    ]


@given(strips(1, 3000, out=True), st.data())
def test_a_planted_overlap_is_found_with_its_size_wherever_the_map_lies(strip, data):
    got = coverage.overlaps(strip.shapes, least_m=coverage.SURVEY_M)
    assert pairs_of(got) == [(strip.i, strip.j, strip.area_m2)]
    many, order = data.draw(elsewhere(strip.shapes))
    i, j = sorted((order.index(strip.i), order.index(strip.j)))
    assert pairs_of(coverage.overlaps(many, least_m=coverage.SURVEY_M)) == [(i, j, strip.area_m2)]


@given(st.sampled_from(MAPS), st.data())
def test_a_clean_map_has_no_overlap_wherever_it_lies(picture, data):
    many, _ = data.draw(elsewhere(shapes(picture)))
    assert coverage.overlaps(many, least_m=coverage.SURVEY_M).i.size == 0


def test_most_bounds_what_is_found_and_says_so():
    many = np.array([shapely.box(0, 0, 10 + k, 10) for k in range(12)], dtype=object)  # 66 pairs
    got = coverage.overlaps(many, most=20)
    assert (got.i.size, got.complete) == (20, False)
    whole = coverage.overlaps(many, most=66)
    assert (whole.i.size, whole.complete) == (66, True)
    assert list(zip(got.i, got.j, strict=True)) == list(zip(whole.i, whole.j, strict=True))[:20]
