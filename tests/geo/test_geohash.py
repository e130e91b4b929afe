"""GeoHash-12 against another implementation and the agreed vectors."""

import math

import pygeohash
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo import crs, geohash

LON = st.floats(-180, 180)
LAT = st.floats(-90, 90)

# zone, east, north, the code of that point
VECTORS = [
    (9217, 568262.924, 1255172.51, "w6j2td1fy9tm"),
    (5897, 589000, 2325000, "w7er8cgkzrz8"),
    (9210, 604000, 1192000, "w3gvk1fwfrvj"),
    (5899, 548000, 1778000, "w6ugqnmpq4g6"),
    (9218, 452000, 1402000, "w6kb4gyc34q7"),
    (9207, 571000, 1014000, "w3du0tnk6nnd"),
    (9206, 562000, 2343000, "w7f2kpwwth8r"),
]


@pytest.mark.parametrize(("epsg", "east", "north", "code"), VECTORS)
def test_agreed_codes(epsg: int, east: float, north: float, code: str) -> None:
    assert geohash.encode(*crs.to_wgs84(epsg, [east], [north])).tolist() == [code.encode()]


def test_the_classical_vector() -> None:
    assert geohash.encode([10.40744], [57.64911])[0][:11] == b"u4pruydqqvj"


@given(lon=LON, lat=LAT)
def test_equals_pygeohash(lon: float, lat: float) -> None:
    assert geohash.encode([lon], [lat])[0].decode() == pygeohash.encode(lat, lon, precision=12)


@given(lon=LON, lat=LAT)
@example(lon=180.0, lat=90.0)
@example(lon=-180.0, lat=-90.0)
@example(lon=math.nextafter(0.0, -1), lat=math.nextafter(0.0, -1))
def test_a_position_lies_in_its_cell_and_the_centre_has_the_same_code(lon: float, lat: float) -> None:
    code = geohash.encode([lon], [lat])[0].decode()
    assert geohash.is_code(code)
    centre_lon, centre_lat = geohash.decode(code)
    assert abs(lon - centre_lon) <= geohash.CELL_LON_DEG / 2
    assert abs(lat - centre_lat) <= geohash.CELL_LAT_DEG / 2
    assert geohash.encode([centre_lon], [centre_lat])[0].decode() == code


@pytest.mark.parametrize(
    "text",
    ["", "w7er8cgkzrz", "w7er8cgkzrz88", "W7ER8CGKZRZ8", "w7er8cgkzrza", "w7er8cgkzrz8\n", "ư7er8cgkzrz8"],
)
def test_what_is_no_code(text: str) -> None:
    assert not geohash.is_code(text)
    assert geohash.cells([text])[0].tolist() == [-1]
    with pytest.raises(ValueError, match="not a parcel code"):
        geohash.decode(text)


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 0), (0, math.inf), (180.1, 0), (0, -90.1)])
def test_off_the_earth_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="not on earth"):
        geohash.encode([lon], [lat])
