"""VN-2000 to WGS84: the agreed vectors to a millimetre, PROJ's pinned pipeline to a hundredth of one."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import crs

PAIRS = Path(__file__).parents[3] / "shared/data/vn_projection_tests/vn2000_point_pairs.csv"

# east, north, longitude, latitude, printed to nine decimals of a degree (0.1 mm).
VECTORS = [
    (9217, 568262.924, 1255172.51, 108.877201144, 11.349358047),
    (5897, 589000, 2325000, 105.858055918, 21.016329461),
    (9210, 604000, 1192000, 106.702755290, 10.777415879),
    (5899, 548000, 1778000, 108.200487934, 16.075631059),
    (9218, 452000, 1402000, 108.059858262, 12.677076603),
    (9207, 571000, 1014000, 105.147837961, 9.168853042),
    (9206, 562000, 2343000, 104.598985212, 21.180035244),
    (5897, 587427.412, 2325987.631, 105.842979163, 21.025325342),
    (9210, 602500.123, 1191800.456, 106.689036245, 10.775653826),
    (5899, 548000.500, 1777000.250, 108.200472267, 16.066595934),
    (9218, 585000, 1326000, 109.282326459, 11.989273736),
    (9205, 520000, 2360000, 103.194706636, 21.334550969),
    (5896, 585000, 1110000, 102.777202095, 10.036576019),
    (9206, 540000, 1000000, 104.365634847, 9.042660578),
    (9209, 460000, 2270000, 105.118324074, 20.521240985),
]

ANY_ZONE = st.sampled_from(sorted(crs.ZONES))
EAST_M = st.floats(200_000, 800_000)
NORTH_M = st.floats(850_000, 2_650_000)


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    return math.hypot((lon - other_lon) * 111_320 * math.cos(math.radians(lat)), (lat - other_lat) * 110_574)


@pytest.mark.parametrize(("epsg", "east", "north", "lon", "lat"), VECTORS)
def test_agreed_vectors_to_a_millimetre(epsg: int, east: float, north: float, lon: float, lat: float) -> None:
    got_lon, got_lat = crs.to_wgs84(epsg, [east], [north])
    assert metres(got_lon[0], got_lat[0], lon, lat) < 0.001


def pairs() -> list[dict[str, Any]]:
    if not PAIRS.exists():
        return []
    with PAIRS.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not PAIRS.exists(), reason="shared/data/vn_projection_tests is not there")
def test_published_pairs_within_their_own_rounding() -> None:
    """P1 and the T pairs were made with the official signs; P2 and P3 with the opposite ones, half a metre
    away."""
    agreed, other_signs = 0, 0
    for pair in pairs():
        lon, lat = crs.to_wgs84(int(pair["epsg"]), [float(pair["easting_m"])], [float(pair["northing_m"])])
        off_m = metres(lon[0], lat[0], float(pair["lon_wgs84"]), float(pair["lat_wgs84"]))
        if pair["id"] in ("P2", "P3"):
            assert 0.3 < off_m < 0.6, pair["id"]
            other_signs += 1
        else:
            # The file gives the residual against the official parameters, which is its own rounding of
            # degrees.
            official_m = float(pair["residual_m_towgs84_signs_plus_minus_plus"])
            assert abs(off_m - official_m) < 0.001, pair["id"]
            agreed += 1
    assert (agreed, other_signs) == (51, 2)


@given(epsg=ANY_ZONE, east=EAST_M, north=NORTH_M)
def test_the_compiled_loop_is_the_pinned_pipeline(epsg: int, east: float, north: float) -> None:
    reference = pyproj.Transformer.from_pipeline(crs.pipeline(epsg))
    lon, lat = crs.to_wgs84(epsg, [east], [north])
    proj_lon, proj_lat = reference.transform(east, north)
    assert metres(lon[0], lat[0], proj_lon, proj_lat) < 1e-5

    back_east, back_north = crs.from_wgs84(epsg, lon, lat)
    proj_east, proj_north = reference.transform(lon[0], lat[0], direction="INVERSE")
    assert math.hypot(back_east[0] - proj_east, back_north[0] - proj_north) < 1e-5


@given(epsg=ANY_ZONE, east=EAST_M, north=NORTH_M)
def test_the_web_map_is_the_mercator_of_the_degrees(epsg: int, east: float, north: float) -> None:
    mercator = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    lon, lat = crs.to_wgs84(epsg, [east], [north])
    x, y = crs.to_web(epsg, [east], [north])
    proj_x, proj_y = mercator.transform(lon[0], lat[0])
    assert math.hypot(x[0] - proj_x, y[0] - proj_y) < 1e-5


@given(
    epsg=st.sampled_from([e for e in crs.ZONES if e > 4000]),
    off_m=st.floats(-150_000, 150_000),
    north=NORTH_M,
)
def test_there_and_back_is_a_millimetre_or_two_off(epsg: int, off_m: float, north: float) -> None:
    """The dropped height: why the surveyed numbers are the master. More than 2 mm would be a fault."""
    east = crs.FALSE_EASTING_M + off_m
    back_east, back_north = crs.from_wgs84(epsg, *crs.to_wgs84(epsg, [east], [north]))
    assert math.hypot(back_east[0] - east, back_north[0] - north) < 0.002


@pytest.mark.parametrize("epsg", sorted(crs.ZONES))
def test_zones_are_those_of_the_epsg_register(epsg: int) -> None:
    parameters = {
        p["name"]: p["value"] for p in pyproj.CRS.from_epsg(epsg).to_json_dict()["conversion"]["parameters"]
    }
    zone = crs.ZONES[epsg]
    assert parameters["Longitude of natural origin"] == zone.central_meridian_deg
    assert parameters["Scale factor at natural origin"] == zone.scale
    assert parameters["False easting"] == crs.FALSE_EASTING_M
    assert parameters["False northing"] == 0


@pytest.mark.parametrize("epsg", [5897, 9210, 3405])
def test_the_definition_for_postgis_means_the_same(epsg: int) -> None:
    """`+towgs84` with the signs turned, as PROJ itself reads it."""
    bound = pyproj.CRS.from_proj4(crs.proj4(epsg) + " +type=crs")
    transformer = pyproj.Transformer.from_crs(bound, "EPSG:4326", always_xy=True)
    lon, lat = crs.to_wgs84(epsg, [602500.123], [1191800.456])
    assert metres(*transformer.transform(602500.123, 1191800.456), lon[0], lat[0]) < 1e-4


def test_a_wrong_zone_is_refused_and_nan_stays_nan() -> None:
    with pytest.raises(ValueError, match="EPSG:32648 is not a VN-2000 zone"):
        crs.to_wgs84(32648, [500_000], [2_000_000])
    with pytest.raises(ValueError, match="2 first coordinates but 1 second"):
        crs.to_wgs84(5899, [1, 2], [1])
    lon, lat = crs.to_wgs84(5899, [math.nan, 548_000], [1_778_000, 1_778_000])
    assert np.isnan([lon[0], lat[0]]).all()
    assert np.isfinite([lon[1], lat[1]]).all()


@pytest.mark.parametrize(
    ("box", "look"),
    [
        ((105.8, 21.0, 105.9, 21.1), "lon_lat"),
        ((21.0, 105.8, 21.1, 105.9), "lat_lon"),
        ((548_000, 1_777_000, 549_000, 1_778_000), "east_north"),
        ((1_777_000, 548_000, 1_778_000, 549_000), "north_east"),
        ((571_000, 1_014_000, 572_000, 1_015_000), "east_north"),
        ((0, 0, 100, 100), "unknown"),
        ((12_000_000, 1_800_000, 12_000_100, 1_800_100), "unknown"),
    ],
)
def test_what_numbers_look_like(box: tuple[float, float, float, float], look: str) -> None:
    assert crs.looks_like(*box) == look


@given(
    point=st.sampled_from([(5897, 105.85, 21.02), (9210, 106.7, 10.78), (5899, 108.2, 16.07), (9218, 108.05, 12.68),
                           (9207, 105.15, 9.17), (9206, 104.0, 21.2), (9215, 106.75, 21.85), (9217, 109.2, 13.8)])
)  # fmt: skip
def test_the_right_zone_is_among_the_likely_ones(point: tuple[int, float, float]) -> None:
    epsg, lon, lat = point
    east, north = crs.from_wgs84(epsg, [lon], [lat])
    assert epsg in crs.likely_zones(east[0], north[0], east[0] + 100, north[0] + 100)
