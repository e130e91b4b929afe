"""Splits: parts cover the parcel, meet in the same corners, keep the old ones; what cannot be cut says where and why."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.coverage import overlaps
from geo.editing.refused import EditRefused
from geo.editing.split import LEAST_M2, by_area, by_lines, by_ring
from tests.geo.drawing import draw
from tests.geo.editing.parcels import at, corners, long_lines, parcels, well_made

OK_TO_REFUSE = {"line_misses", "line_grazes", "part_too_small", "line_separates_nothing"}


def lawful(shape, split):
    """What holds for every split."""
    parts = np.array(split.parts, dtype=object)
    assert len(parts) >= 2
    assert all(well_made(part) and part.area >= LEAST_M2 for part in parts)
    lost = shapely.symmetric_difference(shapely.union_all(parts), shape)
    assert shapely.area(lost) <= 0.001 * shape.length
    assert overlaps(parts).i.size == 0
    old, new, every = corners(shape), corners(*shapely.points(split.corners)), corners(*parts)
    assert old <= every
    assert not new & old
    # Where parts meet, both have the corner: none lies on an edge of the other.
    rim = shapely.boundary(shape)
    for part in parts:
        xy = np.unique(shapely.get_coordinates(part), axis=0)
        for other in parts:
            theirs = corners(other)
            near = xy[shapely.dwithin(other.boundary, shapely.points(xy), 0.0005)]
            assert corners(*shapely.points(near)) <= theirs
        on_rim = xy[shapely.dwithin(rim, shapely.points(xy), 0.0008)]
        assert corners(*shapely.points(on_rim)) <= old | new
    for point in shapely.points(split.corners):
        assert shapely.dwithin(rim, point, 0.0008)


def split_or_told(shape, cut, *args):
    """A lawful split, or why there is none."""
    try:
        got = cut(shape, *args)
    except EditRefused as refused:
        return refused
    lawful(shape, got)
    return got


@given(parcels(), st.lists(long_lines(), min_size=1, max_size=3))
def test_straight_lines_cut_any_parcel_into_lawful_parts(shape, lines):
    got = split_or_told(shape, by_lines, lines)
    if isinstance(got, EditRefused):
        assert got.rule in OK_TO_REFUSE | {"line_along_boundary"}
        if got.rule == "line_misses":
            assert any(shapely.LineString(line).disjoint(shape) for line in lines)
        if got.rule == "line_along_boundary":
            # One of them goes no farther inside than a line may be moved onto a corner.
            inside = shapely.buffer(shape, -0.021)
            assert any(shapely.LineString(line).disjoint(inside) for line in lines)
    else:
        faces = shapely.get_parts(
            shapely.difference(shape, shapely.buffer(shapely.MultiLineString(lines), 0.011))
        )
        # What is clear of the lines by more than they may be moved is one piece of one part.
        for face in faces[shapely.area(faces) > LEAST_M2]:
            assert (
                max(shapely.area(shapely.intersection(face, part)) for part in got.parts)
                >= face.area - 0.001 * shape.length
            )


@given(parcels(), long_lines(), st.integers(0, 20), st.integers(0, 20))
def test_ends_up_to_two_centimetres_short_of_the_boundary_reach_it(shape, line, first_mm, last_mm):
    inside = shapely.get_parts(shapely.intersection(shapely.LineString(line), shape))
    assume(len(inside) == 1 and inside[0].length > 1)
    start, end = shapely.get_coordinates(inside[0])
    along = (end - start) / inside[0].length
    short = np.array([start + along * first_mm / 1000, end - along * last_mm / 1000])
    a, b = split_or_told(shape, by_lines, [line]), split_or_told(shape, by_lines, [short])
    assume(not isinstance(a, EditRefused) and not isinstance(b, EditRefused))
    assert len(a.parts) == len(b.parts)
    assert [p.area for p in a.parts] == pytest.approx([p.area for p in b.parts], abs=0.03 * inside[0].length)


def test_the_order_of_lines_and_their_direction_do_not_matter_where_nothing_is_snapped():
    shape = draw("aaa\naaa")["a"]
    lines = [at((7, -1), (9, 21)), at((-1, 8), (31, 12)), at((15, 21), (18, 8))]
    lines[2][1] = at((17.5, 10.312))[0]  # on the second line, to the millimetre
    one = by_lines(shape, lines)
    other = by_lines(shape, [line[::-1] for line in lines[::-1]])
    lawful(shape, one)
    assert len(one.parts) == 5
    assert [corners(p) for p in one.parts] == [corners(p) for p in other.parts]


def test_a_tree_of_lines_makes_a_part_of_each_face():
    shape = draw("aaaa")["a"]
    trunk, branch, twig = at((21, -3), (21, 12)), at((21.015, 5), (41, 5)), at((31, 4.985), (31, -1))
    got = by_lines(shape, [trunk, branch, twig])
    lawful(shape, got)
    assert [p.area for p in got.parts] == pytest.approx([210, 95, 50, 45], abs=0.2)
    joints = corners(*shapely.points(at((21, 5), (31, 5))))
    assert joints <= corners(*got.parts)
    assert corners(*shapely.points(got.corners)) == corners(
        *shapely.points(at((21, 0), (21, 10), (40, 5), (31, 0)))
    )


def test_a_line_through_a_hole_cuts_both_sides_of_it():
    shape = draw("aaa\naba\naaa")["a"]
    got = by_lines(shape, [at((-1, 15), (31, 15))])
    lawful(shape, got)
    assert [p.area for p in got.parts] == pytest.approx([400, 400])
    assert all(len(p.interiors) == 0 for p in got.parts)
    assert len(got.corners) == 4


def test_a_line_from_the_rim_to_a_hole_separates_nothing():
    shape = draw("aaa\naba\naaa")["a"]
    with pytest.raises(EditRefused, match="line_separates_nothing"):
        by_lines(shape, [at((-1, 15), (12, 15))])
    assert len(by_lines(shape, [at((-1, 15), (12, 15)), at((15, -1), (15, 12))]).parts) == 2


@pytest.mark.parametrize("off_mm", [-10, -6, 0, 3, 10])
def test_within_a_centimetre_of_a_corner_the_cut_goes_through_the_corner(off_mm):
    shape = draw("aa\na.")["a"]
    got = by_lines(shape, [at((-5, 10 + off_mm / 1000), (10, 10 + off_mm / 1000), (10.004, 25))])
    lawful(shape, got)
    # The corners of the drawing at the west and in the middle, and the one in the middle of the north edge.
    assert len(got.corners) == 0


def test_a_line_that_touches_the_boundary_from_inside_gives_no_corner_twice():
    shape = draw("aaa")["a"]
    got = by_lines(shape, [at((-1, 5), (15, 0), (31, 5))])
    lawful(shape, got)
    assert len(got.parts) == 3
    outside = by_lines(shape, [at((-1, 5), (2, 12), (5, 10), (8, 12), (14, -1))])
    lawful(shape, outside)
    # Where it only touches from outside, no corner is left.
    assert corners(*shapely.points(at((5, 10)))).isdisjoint(corners(*outside.parts))


@pytest.mark.parametrize(
    ("rule", "line", "place"),
    [
        ("line_misses", at((-5, 12.5), (25, 12.5)), None),
        ("line_grazes", at((-5, 5), (5, -5)), (0, 0)),
        ("line_along_boundary", at((-5, 0.002), (25, 0)), None),
        ("line_ends_inside", at((10, -5), (10, 9.9)), (10, 9.9)),
        ("line_ends_inside", at((5, 5), (8, 5), (8, 8), (5, 5)), (5, 5)),
        ("line_crosses_itself", at((-1, 2), (12, 8), (12, 2), (-1, 8)), None),
        ("part_too_small", at((-0.1, 0.2), (0.2, -0.1)), None),
        ("too_few_points", at((5, 5), (5, 5)), (5, 5)),
        ("not_a_number", [(548_000, 1_778_000), (float("nan"), 0)], None),
        ("not_a_number", [(548_000, 1_778_000), (float("inf"), 0)], None),
        ("not_a_number", [1.0, 2.0, 3.0], None),
    ],
)
def test_lines_that_do_not_cut_are_refused_with_their_place(rule, line, place):
    with pytest.raises(EditRefused) as refused:
        by_lines(draw("aa")["a"], [line])
    assert refused.value.rule == rule
    assert ";" in refused.value.detail and ";" in refused.value.detail_vi  # noqa: PT018 - what, and what to do
    if place:
        assert (refused.value.x - 548_000, refused.value.y - 1_778_000) == pytest.approx(place, abs=0.002)


def test_no_line_at_all_and_no_shape_are_refused():
    with pytest.raises(EditRefused, match="too_few_points"):
        by_lines(draw("a")["a"], [])
    for shape in (shapely.Polygon(), shapely.Point(1, 1), shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])):
        with pytest.raises(EditRefused, match="shape_not_valid"):
            by_lines(shape, [at((0, 0), (1, 1))])


@given(parcels(), st.lists(st.integers(1_000, 25_000), min_size=3, max_size=7), st.integers(-9000, 9000))
def test_a_ring_gives_what_parcel_and_ring_share(shape, radii_mm, east_mm):
    angle = np.linspace(0, 2 * np.pi, len(radii_mm), endpoint=False) + 0.1
    r = np.array(radii_mm) / 1000
    ring = at(*np.column_stack((east_mm / 1000 + r * np.cos(angle), r * np.sin(angle))))
    got = split_or_told(shape, by_ring, ring)
    if isinstance(got, EditRefused):
        assert got.rule in {"ring_outside", "ring_in_pieces", "part_too_small", "ring_crosses_itself"}
        if got.rule == "ring_outside":
            assert shapely.distance(shape, shapely.points(ring)).max() > 0.02
        if got.rule == "ring_crosses_itself":
            assert not shapely.is_valid(shapely.Polygon(ring))
    else:
        differs = shapely.symmetric_difference(
            got.parts[0], shapely.intersection(shape, shapely.Polygon(ring))
        )
        assert shapely.area(differs) <= 0.021 * shapely.Polygon(ring).length


def test_a_ring_inside_leaves_a_hole_with_its_corners():
    shape = draw("aaa\naaa\naaa")["a"]
    ring = at((10, 10), (20, 11), (19, 20))
    got = by_ring(shape, ring)
    lawful(shape, got)
    assert corners(got.parts[0]) == corners(*shapely.points(ring))
    assert [len(p.interiors) for p in got.parts] == [0, 1]
    assert len(got.corners) == 0


@pytest.mark.parametrize("off_mm", [-20, -7, 0, 10])
def test_corners_of_a_ring_near_the_boundary_are_moved_onto_it(off_mm):
    off = off_mm / 1000
    got = by_ring(draw("aa")["a"], at((5, off), (10, off), (10, 5), (5, 5)))
    lawful(draw("aa")["a"], got)
    # The parcel has a corner at 10, 0 already.
    assert corners(got.parts[0]) == corners(*shapely.points(at((5, 0), (10, 0), (10, 5), (5, 5))))
    assert corners(*shapely.points(got.corners)) == corners(*shapely.points(at((5, 0))))


@pytest.mark.parametrize(
    ("rule", "ring"),
    [
        ("ring_outside", at((5, 5), (5, 10.03), (8, 5))),
        ("ring_is_whole", at((0, 0), (20.005, 0), (20, 10), (0, 10.01))),
        ("ring_crosses_itself", at((2, 2), (8, 8), (8, 2), (2, 8))),
        ("ring_in_pieces", at((2, 18), (2, 12), (28, 12), (28, 18))),
        ("part_too_small", at((5, 5), (5.2, 5), (5, 5.2))),
        ("too_few_points", at((5, 5), (5, 7), (5, 5))),
        ("not_a_number", [(0, 0), (1, 1), (float("nan"), 0)]),
    ],
)
def test_rings_that_are_no_part_are_refused(rule, ring):
    shape = draw("a.a\naaa")["a"] if rule == "ring_in_pieces" else draw("aa")["a"]
    with pytest.raises(EditRefused) as refused:
        by_ring(shape, ring)
    assert refused.value.rule == rule


@given(parcels(), st.floats(0.01, 0.99), st.floats(-400, 400))
def test_the_asked_area_lies_to_the_left_of_the_bearing(shape, share, direction_deg):
    area = round(share * shape.area, 1)
    got = split_or_told(shape, by_area, area, direction_deg)
    if isinstance(got, EditRefused):
        assert got.rule in {"area_in_pieces", "part_too_small"}
        return
    assert abs(got.parts[0].area - area) <= 0.05
    a = np.radians(direction_deg)
    left = np.array([-np.cos(a), np.sin(a)])
    lowest = (shapely.get_coordinates(got.parts[0]) @ left).min()
    for other in got.parts[1:]:
        assert (shapely.get_coordinates(other) @ left).max() <= lowest + 0.025


@pytest.mark.parametrize(
    ("direction_deg", "beside"), [(0, (0, 5)), (90, (10, 10)), (180, (20, 5)), (270, (10, 0)), (-90, (10, 0))]
)
def test_north_is_nought_and_east_is_ninety(direction_deg, beside):
    got = by_area(draw("aa")["a"], 50.0, direction_deg)
    assert got.parts[0].area == pytest.approx(50)
    assert shapely.distance(got.parts[0], shapely.points(at(beside))[0]) == 0
    assert shapely.distance(got.parts[1], shapely.points(at(beside))[0]) > 0


def test_a_side_in_pieces_is_refused_and_the_other_side_may_be():
    shape = draw("a.a\naaa")["a"]
    with pytest.raises(EditRefused, match="area_in_pieces"):
        by_area(shape, 100.0, 90)
    got = by_area(shape, shape.area - 100.0, 270)
    lawful(shape, got)
    assert [p.area for p in got.parts] == pytest.approx([400, 50, 50], abs=0.05)


def test_of_a_parcel_in_two_places_the_wanted_side_is_one_part():
    shape = draw("aa.aa")["a"]
    got = by_area(shape, 100.0, 90)
    lawful(shape, got)
    assert got.parts[0].geom_type == "MultiPolygon"
    assert got.parts[0].area == pytest.approx(100, abs=0.05)


@pytest.mark.parametrize(
    ("rule", "area", "direction"),
    [
        ("area_out_of_range", 0.0, 0),
        ("area_out_of_range", -5.0, 0),
        ("area_out_of_range", 200.0, 0),
        ("part_too_small", 0.04, 45),
        ("part_too_small", 199.95, 45),
        ("not_a_number", float("nan"), 0),
        ("not_a_number", 10.0, float("inf")),
    ],
)
def test_areas_that_cannot_be_cut_off_are_refused(rule, area, direction):
    with pytest.raises(EditRefused) as refused:
        by_area(draw("aa")["a"], area, direction)
    assert refused.value.rule == rule
