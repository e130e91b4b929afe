"""Parcel codes: minted from the point, kept when they fit, replaced on a clash the same way every time."""

from itertools import islice

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from geo import codes, crs, geohash
from tests.geo.drawing import draw, shapes
from tests.geo.strange import parcels

EPSG = 5899


def only(shape: shapely.Geometry) -> np.ndarray:
    return np.array([shape], dtype=object)


@settings(max_examples=100, deadline=None)
@given(parcels())
def test_a_minted_code_is_that_of_its_point_and_fits(shape):
    minted = codes.mint(only(shape), EPSG)
    lon, lat = crs.to_wgs84(EPSG, minted.points[:, 0], minted.points[:, 1])
    assert geohash.encode(lon, lat).tolist() == minted.codes.tolist()
    assert (minted.lon_deg.tolist(), minted.lat_deg.tolist()) == (lon.tolist(), lat.tolist())
    # The centre of a cell is up to 2 cm from a point in it: deeper parcels always hold it.
    if minted.radius_m[0] > 0.025:
        assert codes.fits(minted.codes, only(shape), EPSG).all()
    assert codes.mint(only(shape), EPSG).codes.tolist() == minted.codes.tolist()


@settings(max_examples=60, deadline=None)
@given(parcels())
def test_candidates_lie_inside_are_new_and_come_the_same_way(shape):
    minted = codes.mint(only(shape), EPSG).codes[0].decode()
    first = list(islice(codes.candidates(shape, EPSG), 60))
    assert first == list(islice(codes.candidates(shape, EPSG), 60))
    found = [code for code, _, _ in first]
    assert len({minted, *found}) == len(found) + 1
    for code, east, north in first:
        assert shapely.contains_xy(shape, east, north)
        assert codes.fits([code], only(shape), EPSG).all()
        assert geohash.encode(*crs.to_wgs84(EPSG, [east], [north]))[0].decode() == code


def test_candidates_are_the_neighbours_first_and_end_with_the_shape():
    shape = draw("a", cell_m=0.3)["a"]
    column, row = geohash.cells(codes.mint(only(shape), EPSG).codes)
    found = [code for code, _, _ in codes.candidates(shape, EPSG)]
    columns, rows = geohash.cells(found)
    distance = np.maximum(abs(columns - column), abs(rows - row))
    assert (np.diff(distance) >= 0).all()
    assert (distance[:8] == 1).all()
    # All cells whose centre is inside, but the minted one: 30 cm by 30 cm hold about 8 by 16.
    around = [(c, r) for c in range(column[0] - 20, column[0] + 21) for r in range(row[0] - 40, row[0] + 41)]
    every = geohash.encode_cells(np.array([c for c, _ in around]), np.array([r for _, r in around]))
    inside = every[codes.fits(every, np.array([shape] * every.size, dtype=object), EPSG)]
    assert {code.decode() for code in inside} == {*found, codes.mint(only(shape), EPSG).codes[0].decode()}


def test_a_given_code_fits_its_own_parcel_only():
    drawn = shapes("aab\nccb")
    minted = codes.mint(drawn, EPSG).codes
    assert codes.fits(minted, drawn, EPSG).tolist() == [True, True, True]
    assert codes.fits(np.roll(minted, 1), drawn, EPSG).tolist() == [False, False, False]
    given_text = [minted[0].decode().upper(), "", minted[2].decode()]
    assert codes.fits(given_text, drawn, EPSG).tolist() == [False, False, True]


def test_copies_of_a_parcel_clash_and_what_has_no_inside_has_no_code():
    shape = draw("aa")["a"]
    minted = codes.mint(np.array([shape, shape], dtype=object), EPSG)
    assert minted.codes[0] == minted.codes[1]
    with pytest.raises(ValueError, match="shape 1 has no inside"):
        codes.mint(np.array([shape, shapely.Polygon()], dtype=object), EPSG)


def test_nothing_in_nothing_out():
    assert codes.mint(np.array([], dtype=object), EPSG).codes.size == 0
