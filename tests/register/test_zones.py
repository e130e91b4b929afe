"""PostGIS itself gives the official answer for every VN-2000 zone (EPSG:6960; left alone it is 0.8 m off in the south)."""

import psycopg
import pytest

from geo import crs

METRES_PER_DEGREE = 111_320
PLACES = [(602_500.123, 1_191_800.456), (452_000, 1_014_000), (587_427.412, 2_325_987.631)]


@pytest.mark.parametrize("epsg", sorted(crs.ZONES))
@pytest.mark.parametrize(
    ("east_m", "north_m"), [(602_500.123, 1_191_800.456), (452_000, 1_014_000), (587_427.412, 2_325_987.631)]
)
def test_postgis_transforms_as_we_do(
    db: psycopg.Connection, epsg: int, east_m: float, north_m: float
) -> None:
    point = "st_transform(st_setsrid(st_makepoint(%s, %s), %s), 4326)"
    row = db.execute(f"select st_x({point}), st_y({point})", [east_m, north_m, epsg] * 2).fetchone()
    assert row is not None
    lon_deg, lat_deg = crs.to_wgs84(epsg, [east_m], [north_m])  # type: ignore[arg-type]
    assert abs(row[0] - lon_deg[0]) * METRES_PER_DEGREE < 0.001
    assert abs(row[1] - lat_deg[0]) * METRES_PER_DEGREE < 0.001


def test_ho_chi_minh_city_is_where_the_official_parameters_put_it(db: psycopg.Connection) -> None:
    """The vector of the rules (§1.3, zone 105°45'): the other operation would be 0.8 m away."""
    row = db.execute(
        "select st_x(p), st_y(p) from st_transform(st_setsrid(st_makepoint(604000, 1192000), 9210), 4326) p"
    ).fetchone()
    assert row == (pytest.approx(106.702755290, abs=1e-9), pytest.approx(10.777415879, abs=1e-9))
