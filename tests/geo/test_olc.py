"""Open Location Code against the project's own implementation."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openlocationcode import openlocationcode as peer

from geo import crs, olc

# zone, east, north, the 11-digit code of that point
VECTORS = [
    (9217, 568262.924, 1255172.51, "7P3C8VXG+PVW"),
    (5897, 589000, 2325000, "7PH72V85+G6M"),
    (9210, 604000, 1192000, "7P28QPG3+X46"),
    (5899, 548000, 1778000, "7P8C36G2+755"),
    (9218, 452000, 1402000, "7P4CM3G5+RWQ"),
    (9207, 571000, 1014000, "6PX7549X+G4W"),
    (9206, 562000, 2343000, "7PH65HJX+2H9"),
]


@pytest.mark.parametrize(("epsg", "east", "north", "code"), VECTORS)
def test_agreed_codes(epsg: int, east: float, north: float, code: str) -> None:
    assert olc.encode(*crs.to_wgs84(epsg, [east], [north])).tolist() == [code.encode()]


@given(lon=st.floats(-180, 180), lat=st.floats(-100, 100))  # further round, floats lose what decides a border
@example(lon=-905.3, lat=-12.5)
@example(lon=2.7821875, lat=20.3700625)
@example(lon=180.0, lat=90.0)
@example(lon=-180.0, lat=-90.0)
@example(lon=540.0, lat=0.0)
@example(lon=179.9999999999, lat=89.9999999999)
@example(lon=math.nextafter(180, 0), lat=math.nextafter(90, 0))
def test_equals_the_projects_own(lon: float, lat: float) -> None:
    ours = olc.encode([lon], [lat])[0].decode()
    theirs = peer.encode(lat, lon, 11)
    # Its last cell before the antimeridian rounds over the end of the alphabet's range; ours wraps to the
    # first.
    if peer.isFull(theirs):
        assert ours == theirs
    assert peer.isFull(ours)


@given(lon=st.floats(-179.9, 179.9), lat=st.floats(-89.9, 89.9))
def test_the_position_lies_in_the_cell(lon: float, lat: float) -> None:
    area = peer.decode(olc.encode([lon], [lat])[0].decode())
    assert area.longitudeLo - 1e-9 <= lon <= area.longitudeHi + 1e-9
    assert area.latitudeLo - 1e-9 <= lat <= area.latitudeHi + 1e-9


def test_vpostcode_is_the_postcode_and_the_last_seven_digits() -> None:
    assert olc.vpostcode("70000", "7P28QPG3+X46") == "70000QPG3X46"
    with pytest.raises(ValueError, match="not a postcode"):
        olc.vpostcode("7000", "7P28QPG3+X46")
    with pytest.raises(ValueError, match="not a postcode"):
        olc.vpostcode("７０００0", "7P28QPG3+X46")
    with pytest.raises(ValueError, match="11 digits"):
        olc.vpostcode("70000", "7P28QPG3+X4")


def test_nothing_comes_of_nan() -> None:
    with pytest.raises(ValueError, match="not a number"):
        olc.encode([math.nan], [10])
