"""Corners moved, inserted, removed: everyone who has them follows, nobody else; what would break a parcel is refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import outline, overlaps
from geo.editing.corners import inserted, moved, removed, replaced
from geo.editing.refused import EditRefused
from tests.geo.drawing import draw, shapes
from tests.geo.editing.parcels import at, corners, well_made
from tests.geo.strips import MAPS


def spot(x, y):
    """A point in metres from the corner of the drawing."""
    return tuple(at((x, y))[0].tolist())


def name(point):
    return (round(point[0] * 1000), round(point[1] * 1000))


def applied(many, new):
    out = many.copy()
    for k, shape in new.items():
        out[k] = shape
    return out


def same(one, other):
    """Equal as sets of points and corners, wherever the rings begin."""
    return all(corners(a) == corners(b) and a.equals(b) for a, b in zip(one, other, strict=True))


@st.composite
def maps_with_moves(draw):
    """A drawn map and some of its corners, each moved by up to two metres: never enough to cross a cell's side."""
    many = shapes(draw(st.sampled_from(MAPS)))
    points = sorted(set(map(tuple, shapely.get_coordinates(many).tolist())))
    some = draw(st.lists(st.sampled_from(points), min_size=1, max_size=4, unique=True))
    off = st.integers(-2000, 2000)
    to = [(p[0] + draw(off) / 1000, p[1] + draw(off) / 1000) for p in some]
    return many, [(a, tuple(np.round(b, 3).tolist())) for a, b in zip(some, to, strict=True)]


@given(maps_with_moves())
def test_all_parcels_with_a_corner_follow_and_the_map_stays_without_overlaps(case):
    many, moves = case
    new = moved(many, moves)
    have = {k for k, s in enumerate(many) if any(name(a) in corners(s) and a != b for a, b in moves)}
    assert set(new) == have
    after = applied(many, new)
    assert all(well_made(s) for s in new.values())
    assert overlaps(after).i.size == 0
    to = {name(a): name(b) for a, b in moves}
    assert [corners(s) for s in after] == [{to.get(c, c) for c in corners(s)} for s in many]
    back = applied(after, moved(after, [(b, a) for a, b in moves]))
    assert same(back, many)


@given(maps_with_moves())
def test_inner_corners_move_ground_between_parcels_and_lose_none(case):
    many, moves = case
    rim = shapely.boundary(outline(many))
    inner = [(a, b) for a, b in moves if not shapely.dwithin(rim, shapely.Point(a), 0.001)]
    after = applied(many, moved(many, inner))
    assert shapely.area(after).sum() == pytest.approx(shapely.area(many).sum())


def test_a_parcel_with_an_edge_through_the_corner_gets_it_and_moves_along():
    many = np.array([*shapes("ab"), shapely.Polygon(at((0, 10), (20, 10), (20, 20), (0, 20)))], dtype=object)
    new = moved(many, [(spot(10, 10), spot(11, 12))])
    assert set(new) == {0, 1, 2}
    assert corners(new[2]) == corners(many[2]) | {name(spot(11, 12))}
    assert overlaps(applied(many, new)).i.size == 0
    assert shapely.area(list(new.values())).sum() == pytest.approx(400)


def test_corners_moved_onto_each_other_become_one():
    many = shapes("ab")
    new = moved(many, [(spot(0, 10), spot(10, 10))])
    assert set(new) == {0}
    assert corners(new[0]) == corners(*shapely.points(at((0, 0), (10, 0), (10, 10))))
    assert well_made(new[0])


def test_two_corners_change_places_at_the_same_time():
    shape = np.array([shapely.Polygon(at((0, 0), (10, 0), (10, 10), (5, 11), (0, 10)))], dtype=object)
    chain = moved(
        shape, [(spot(10, 0), spot(10, 10)), (spot(10, 10), spot(5, 11)), (spot(5, 11), spot(0, 10))]
    )
    assert corners(chain[0]) == corners(*shapely.points(at((0, 0), (10, 10), (5, 11), (0, 10))))


@pytest.mark.parametrize(
    ("rule", "moves", "says"),
    [
        ("no_corner_here", [(spot(10.3, 10), spot(11, 11))], "0.300 m"),
        ("no_corner_here", [(spot(5, 5), spot(6, 6))], "none within 1 m"),
        ("turns_inside_out", [(spot(0, 0), spot(30, 30))], "index 0"),
        ("turns_inside_out", [(spot(0, 0), spot(10, 0)), (spot(0, 10), spot(10, 0))], "index 0"),
        ("turns_inside_out", [(spot(20, 0), spot(0, 0)), (spot(20, 10), spot(0, 10))], "index 1"),
        ("moved_twice", [(spot(0, 0), spot(1, 1)), (spot(0, 0), spot(2, 1))], "two"),
        ("not_a_number", [(spot(0, 0), (float("nan"), 1.0))], "number"),
    ],
)
def test_moves_that_break_a_parcel_are_refused(rule, moves, says):
    with pytest.raises(EditRefused) as refused:
        moved(shapes("ab"), moves)
    assert refused.value.rule == rule
    assert says in refused.value.detail
    assert ";" in refused.value.detail_vi
    assert (refused.value.x is None) == (rule == "not_a_number")


def test_the_nearest_corner_is_named_in_vietnamese_numbers():
    with pytest.raises(EditRefused) as refused:
        moved(shapes("ab"), [(spot(10.3, 10), spot(11, 11))])
    assert "cách 0,300 m, tại 548.010,000; 1.778.010,000" in refused.value.detail_vi


@given(st.sampled_from(MAPS), st.data())
def test_what_is_inserted_is_a_corner_of_all_along_the_edge_and_removing_it_is_the_inverse(picture, data):
    many = shapes(picture)
    k = data.draw(st.integers(0, many.size - 1))
    ring = shapely.get_coordinates(many[k])
    e = data.draw(st.integers(0, len(many[k].exterior.coords) - 2))
    mm = data.draw(st.integers(2, 9_998))
    aside = data.draw(st.sampled_from([0.0, 0.001, -0.001]))
    along = (ring[e + 1] - ring[e]) / 10
    point = np.round(ring[e] + along * mm / 1000 + np.array([-along[1], along[0]]) * aside, 3)
    new = inserted(many, [tuple(point)])
    assert set(new) == {
        i for i, s in enumerate(many) if shapely.dwithin(s.boundary, shapely.Point(point), 0.0015)
    }
    for i, shape in new.items():
        assert corners(shape) == corners(many[i]) | {name(point)}
        assert well_made(shape)
    after = applied(many, new)
    assert overlaps(after).i.size == 0
    assert inserted(after, [tuple(point)]) == {}
    assert same(applied(after, removed(after, [tuple(point)])), many)


def test_a_point_on_no_edge_is_refused_and_a_corner_is_not():
    many = shapes("ab")
    for point in (spot(5, 5), spot(5, 0.002), spot(-0.001, -0.001)):
        with pytest.raises(EditRefused, match="no_edge_here") as refused:
            inserted(many, [point])
        assert (refused.value.x, refused.value.y) == point
    assert inserted(many, [spot(10, 10)]) == {}


def test_removing_what_is_no_corner_or_one_of_three_is_refused():
    many = np.array([shapely.Polygon(at((0, 0), (10, 0), (10, 10)))], dtype=object)
    with pytest.raises(EditRefused, match="too_few_corners") as refused:
        removed(many, [spot(10, 0)])
    assert (refused.value.x, refused.value.y) == spot(10, 0)
    with pytest.raises(EditRefused, match="no_corner_here"):
        removed(many, [spot(5, 0)])
    notch = np.array(
        [shapely.Polygon(at((0, 0), (10, 0), (10, 10), (1, 1), (2, 8)), [at((8, 5), (9, 5), (9, 4))])]
    )
    with pytest.raises(EditRefused, match="turns_inside_out"):
        removed(notch, [spot(10, 0)])


def test_missing_shapes_are_passed_over():
    many = np.array([None, *shapes("ab")], dtype=object)
    assert set(moved(many, [(spot(10, 10), spot(10, 11))])) == {1, 2}
    assert replaced(many[1], many[1], many[[0, 2]], 0.5) == {}


@given(maps_with_moves(), st.data())
def test_neighbours_follow_a_parcel_measured_again_as_if_its_corners_had_been_moved(case, data):
    many, moves = case
    k = data.draw(st.integers(0, many.size - 1))
    mine = [(a, b) for a, b in moves if name(a) in corners(many[k]) and a != b]
    want = applied(many, moved(many, mine))
    others = many.copy()
    others[k] = None
    got = applied(many, {**replaced(many[k], want[k], others, 3.0), k: want[k]})
    assert same(got, want)


def test_what_moved_farther_than_the_tolerance_stays():
    many = shapes("ab")
    far = moved(many, [(spot(10, 10), spot(10, 10.6))])
    assert replaced(many[0], far[0], many[1:], 0.5) == {}
    assert set(replaced(many[0], far[0], many[1:], 0.7)) == {0}


def test_new_corners_on_a_shared_edge_go_into_the_neighbour_in_its_order():
    many = shapes("ab")
    bent = shapely.Polygon(at((0, 0), (10, 0), (10.3, 3), (10.1, 6), (10, 10), (0, 10)))
    new = replaced(many[0], bent, many[1:], 0.5)
    assert corners(new[0]) == corners(many[1]) | corners(*shapely.points(at((10.3, 3), (10.1, 6))))
    assert overlaps(np.array([bent, new[0]], dtype=object)).i.size == 0
    assert bent.area + new[0].area == pytest.approx(200)


def test_a_corner_that_is_no_more_leaves_the_neighbour_and_a_boundary_that_ends_there_is_moved():
    a = shapely.Polygon(at((0, 0), (10, 0), (10.2, 5), (10, 10), (0, 10)))
    b = shapely.Polygon(at((10, 0), (20, 0), (20, 10), (10, 10), (10.2, 5)))
    straight = shapely.Polygon(at((0, 0), (10, 0), (10, 10), (0, 10)))
    new = replaced(a, straight, np.array([b], dtype=object), 0.5)
    assert corners(new[0]) == corners(*shapely.points(at((10, 0), (20, 0), (20, 10), (10, 10))))
    low = shapely.Polygon(at((10, 0), (20, 0), (20, 5), (10.2, 5)))
    high = shapely.Polygon(at((10.2, 5), (20, 5), (20, 10), (10, 10)))
    both = replaced(a, straight, np.array([low, high], dtype=object), 0.5)
    assert name(spot(10, 5)) in corners(both[0]) & corners(both[1])
    assert both[0].area + both[1].area == pytest.approx(100)
    assert overlaps(np.array([straight, *both.values()], dtype=object)).i.size == 0


def test_a_neighbour_that_would_turn_inside_out_is_refused():
    thin = shapely.Polygon(at((10, 0), (10.2, 0), (10.2, 10), (10, 10)))
    a = draw("a")["a"]
    wider = shapely.Polygon(at((0, 0), (10.4, 0), (10.4, 10), (0, 10)))
    with pytest.raises(EditRefused, match="turns_inside_out"):
        replaced(a, wider, np.array([thin], dtype=object), 0.5)
