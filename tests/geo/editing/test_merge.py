"""Merging: what was split comes together again, corners on the outline stay, slits close, strangers are refused."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import affinity

from geo.coverage import outline
from geo.editing.merge import merged
from geo.editing.refused import EditRefused
from geo.editing.split import by_lines
from tests.geo.drawing import draw, shapes
from tests.geo.editing.parcels import at, corners, long_lines, parcels, well_made
from tests.geo.strips import MAPS


def rounded(shape):
    return shapely.transform(shape, lambda xy: np.round(xy, 3))


@given(parcels(), st.lists(long_lines(), min_size=1, max_size=3))
def test_merging_what_was_split_gives_the_parcel_back_with_the_new_corners(shape, lines):
    try:
        split = by_lines(shape, lines)
    except EditRefused:
        assume(False)
    got = merged(split.parts)
    assert well_made(got)
    assert corners(got) == corners(shape) | corners(*shapely.points(split.corners))
    assert shapely.area(shapely.symmetric_difference(got, shape)) <= 0.001 * shape.length


@given(st.sampled_from(MAPS), st.floats(0, 90), st.booleans())
def test_turned_and_rounded_maps_with_or_without_t_junctions_merge_without_slits(picture, angle_deg, bare):
    many = np.array(
        [rounded(affinity.rotate(s, angle_deg, origin=(548_000, 1_778_000))) for s in shapes(picture)],
        dtype=object,
    )
    given_ = shapely.simplify(many, 0.0008) if bare else many
    got = merged(given_)
    want = outline(many)
    assert well_made(got)
    assert len(got.interiors) == len(want.interiors)
    assert shapely.area(shapely.symmetric_difference(got, want)) <= 0.0015 * shapely.length(want)
    on_rim = [
        p
        for s in given_
        for p in shapely.points(shapely.get_coordinates(s))
        if shapely.dwithin(want.boundary, p, 0.0005)
    ]
    assert corners(*on_rim) <= corners(got) <= corners(*given_)


def test_collinear_corners_between_two_neighbours_stay():
    many = draw("ab\ncd")
    got = merged([many["a"], many["b"]])
    assert corners(got) == corners(many["a"], many["b"])


def test_a_hole_that_is_real_stays_and_the_parcel_in_it_closes_it():
    many = draw("aab\ncxb\ncdd")
    ring = merged([many[k] for k in "abcd"])
    assert well_made(ring)
    assert [h.length for h in ring.interiors] == [40]
    assert merged(list(many.values())).area == 900
    assert len(merged(list(many.values())).interiors) == 0


@pytest.mark.parametrize("wide_mm", [0, 1])
def test_a_slit_of_a_millimetre_is_closed_and_both_its_mouths_keep_their_corners(wide_mm):
    w = wide_mm / 1000
    a = shapely.Polygon(at((0, 0), (10, 0), (10, 10), (0, 10)))
    b = shapely.Polygon(at((10 + w, 0), (20, 0), (20, 10), (10 + w, 10)))
    got = merged([a, b])
    assert well_made(got)
    assert got.geom_type == "Polygon"
    assert len(got.interiors) == 0
    assert got.area == pytest.approx(200)
    assert corners(got) == corners(a, b)


def test_a_gap_of_five_millimetres_is_not_bridged():
    a, b = (shapely.Polygon(at((x, 0), (x + 10, 0), (x + 10, 10), (x, 10))) for x in (0, 10.005))
    with pytest.raises(EditRefused, match="not_adjacent"):
        merged([a, b])


def test_sharp_corners_are_not_blunted_where_slits_are_closed():
    sharp = shapely.Polygon(at((10, 0), (40, 0.3), (10, 0.6), (10.001, 0.31)))
    left = shapely.Polygon(at((0, 0), (10, 0), (10, 0.6), (0, 0.6)))
    got = merged([left, sharp])
    assert corners(shapely.Point(at((40, 0.3))[0])) <= corners(got)
    assert well_made(got)


@pytest.mark.parametrize(
    ("picture", "order", "apart"),
    [
        ("a.b", "ab", 1),
        ("a.\n.b", "ab", 1),
        ("aab.c", "bca", 1),
        ("aab\n...c", "cab", 0),
        ("ab.cd", "abcd", 2),
    ],
)
def test_parcels_that_meet_in_a_point_or_not_at_all_are_refused_by_name(picture, order, apart):
    many = draw(picture)
    with pytest.raises(EditRefused) as refused:
        merged([many[k] for k in order])
    assert refused.value.rule == "not_adjacent"
    assert f"(index {apart})" in refused.value.detail
    assert f"Thửa thứ {apart + 1} " in refused.value.detail_vi
    assert shapely.contains_xy(many[order[apart]], refused.value.x, refused.value.y)


def test_one_parcel_none_and_a_broken_one_are_refused():
    one = draw("a")["a"]
    for many in ([], [one]):
        with pytest.raises(EditRefused, match="too_few_parcels"):
            merged(many)
    with pytest.raises(EditRefused, match="shape_not_valid"):
        merged([one, shapely.Polygon(at((0, 0), (1, 1), (1, 0), (0, 1)))])


def test_a_parcel_in_two_places_brings_its_far_piece_along():
    many = draw("ab.a")
    got = merged([many["a"], many["b"]])
    assert got.geom_type == "MultiPolygon"
    assert got.area == 300
