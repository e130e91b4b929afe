"""The drawn place: one clean coverage on the millimetre grid, on the sheets and numbers the rules ask for."""

from collections import Counter

import numpy as np
import pytest
import shapely

from geo.tolerance import area_tolerance_m2
from importers.sample.place import EPSG, Place, draw_place
from importers.sample.sheets import SIZE_M, zigzag


@pytest.fixture(scope="module", params=[1, 7])
def place(request: pytest.FixtureRequest) -> Place:
    return draw_place(request.param)


def test_parcels_tile_the_place_without_gap_or_overlap(place: Place) -> None:
    shapes = place.shapes
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert shapely.area(shapes).min() > 1


def test_coordinates_are_whole_millimetres_and_rings_counter_clockwise(place: Place) -> None:
    points = shapely.get_coordinates(place.shapes)
    np.testing.assert_array_equal(points, np.round(points, 3))
    assert shapely.is_ccw(shapely.get_exterior_ring(place.shapes)).all()


def test_about_three_thousand_parcels_on_a_dozen_sheets(place: Place) -> None:
    assert 2800 <= len(place.parcels) <= 3400
    assert 10 <= len({parcel.sheet for parcel in place.parcels}) <= 14
    assert EPSG == 5899


def test_each_parcel_lies_on_the_sheet_of_its_centre_at_the_largest_scale(place: Place) -> None:
    frames = {frame.number: frame for frame in place.frames}
    for parcel in place.parcels:
        centre = parcel.shape.centroid
        frame = frames[parcel.sheet]
        assert frame.scale == parcel.scale
        assert frame.box.covers(centre)
        finer = [other for other in place.frames if other.scale < frame.scale and other.box.contains(centre)]
        assert finer == []
    for frame in place.frames:
        assert frame.west_m % SIZE_M[frame.scale] == 0
        assert frame.south_m % SIZE_M[frame.scale] == 0


def test_numbers_run_from_one_on_each_sheet(place: Place) -> None:
    for sheet in {parcel.sheet for parcel in place.parcels}:
        numbers = [int(parcel.number) for parcel in place.parcels if parcel.sheet == sheet]
        assert numbers == list(range(1, len(numbers) + 1))


def test_numbers_run_east_then_back_west() -> None:
    #   1 2 3
    #   6 5 4
    #   7 8 9
    centres = np.array([(x, y) for y in (25.0, 15.0, 5.0) for x in (1.0, 2.0, 3.0)])
    assert zigzag(centres, 30.0, 10.0).tolist() == [1, 2, 3, 6, 5, 4, 7, 8, 9]


def test_a_pond_fills_a_hole_in_another_parcel(place: Place) -> None:
    rings = {
        shapely.Polygon(ring).normalize().wkb for parcel in place.parcels for ring in parcel.shape.interiors
    }
    filled = [parcel for parcel in place.parcels if parcel.shape.normalize().wkb in rings]
    assert len(filled) >= 1
    assert {parcel.land_use for parcel in filled} <= {"MNC", "NTS"}


def test_it_is_a_place_with_everything_a_place_has(place: Place) -> None:
    uses = Counter(parcel.land_use for parcel in place.parcels)
    assert {
        "ODT",
        "ONT+CLN",
        "LUC",
        "HNK",
        "CLN",
        "NTS",
        "DGT",
        "DTL",
        "SON",
        "NTD",
        "TON",
        "DGD",
        "DCH",
    } <= uses.keys()
    lots = np.array([parcel.shape for parcel in place.parcels if parcel.kind == "lot"])
    assert 60 < np.median(shapely.area(lots)) < 180
    # Streets run every way: no eighth of the compass holds half of the long sides of the lots.
    sides = shapely.get_coordinates(shapely.oriented_envelope(lots)).reshape(-1, 5, 2)
    along = np.diff(sides, axis=1)[:, :2]
    longer = along[np.arange(len(along)), np.hypot(along[..., 0], along[..., 1]).argmax(axis=1)]
    turn = np.floor((np.arctan2(longer[:, 1], longer[:, 0]) % np.pi) / (np.pi / 8)).astype(int)
    assert max(Counter(turn.tolist()).values()) < 0.5 * len(lots)


def test_legal_areas_differ_from_the_measured_within_the_tolerance(place: Place) -> None:
    measured = shapely.area(place.shapes)
    legal = np.array([parcel.legal_area_m2 for parcel in place.parcels])
    room = [area_tolerance_m2(area, p.scale) for area, p in zip(measured, place.parcels, strict=True)]
    off = np.abs(legal - measured)
    assert (off <= np.array(room) + 0.05).all()
    assert (off > 0.06).sum() > 50


def test_no_two_parcels_share_a_house_number(place: Place) -> None:
    houses = Counter((parcel.house, parcel.street) for parcel in place.parcels if parcel.house)
    assert [house for house, count in houses.items() if count > 1] == []
    assert all(parcel.house for parcel in place.parcels if parcel.kind == "lot")
    assert any(str(parcel.house).startswith("K") for parcel in place.parcels)


@pytest.mark.slow
def test_the_same_seed_draws_the_same_place() -> None:
    assert draw_place(7) == draw_place(7) != draw_place(8)
