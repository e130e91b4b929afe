"""VN-2000 to WGS84 and the web map, with the official seven parameters and no other.

Left to itself, PROJ (and PostGIS, and everything else built on it) picks another operation, EPSG:5194, around
Ho Chi Minh City and the Mekong delta: 0.8 m off, another parcel code. So nothing here asks PROJ to choose:
the parameters of Decision 05/2007/QĐ-BTNMT (EPSG:6960) are written out, as a PROJ pipeline for those who need
one and as a compiled loop (`geo.helmert`) that gives the same numbers to a thousandth of a millimetre and
runs without the interpreter's lock.

Axes: east, north in metres and longitude, latitude in degrees, in this order everywhere. Vietnamese papers
call north X and east Y. Heights are taken as zero on the way out and are not carried: going there and back
moves a point by up to 1 mm, so surveyed VN-2000 coordinates stay the master and are never made from WGS84
twice.

Compiled loops are imported by who converts: to name a zone is quick.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo import datum

Coordinates = tuple[NDArray[np.float64], NDArray[np.float64]]

FALSE_EASTING_M = 500_000.0
"""East of every zone's central meridian (Circular 973/2001/TT-TCĐC, article 4); north starts at the
equator."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A projection zone of VN-2000 (múi chiếu): its EPSG code, central meridian and scale on that
    meridian."""

    epsg: int
    central_meridian_deg: float
    name: str
    scale: float = 0.9999


_MERIDIANS_DEG = {
    5896: 102.0, 5897: 105.0, 5898: 108.0, 5899: 107.75,
    9205: 103.0, 9206: 104.0, 9207: 104.5, 9208: 104.75, 9209: 105.5, 9210: 105.75, 9211: 106.0,
    9212: 106.25, 9213: 106.5, 9214: 107.0, 9215: 107.25, 9216: 107.5, 9217: 108.25, 9218: 108.5,
}  # fmt: skip


def _name(meridian_deg: float) -> str:
    return f"VN-2000 {int(meridian_deg)}°{round(meridian_deg % 1 * 60):02d}'"


ZONES: Mapping[int, Zone] = MappingProxyType(
    {
        3405: Zone(3405, 105.0, "VN-2000 UTM 48N", 0.9996),
        3406: Zone(3406, 111.0, "VN-2000 UTM 49N", 0.9996),
        **{epsg: Zone(epsg, deg, _name(deg)) for epsg, deg in _MERIDIANS_DEG.items()},
    }
)
"""Every VN-2000 zone in use, by EPSG code: 6° (scale 0.9996) and 3° (0.9999, all cadastral maps)."""


def zone(epsg: int) -> Zone:
    """The zone of this EPSG code. Raises: ValueError when it is not a VN-2000 zone."""
    try:
        return ZONES[epsg]
    except KeyError:
        raise ValueError(f"EPSG:{epsg} is not a VN-2000 zone") from None


def pipeline(epsg: int) -> str:
    """The PROJ pipeline from east, north (m) of this zone to longitude, latitude (degrees) WGS84: the
    reference.

    The rotations stand here as the decision prints them, in the coordinate-frame sense.
    """
    z = zone(epsg)
    x, y, z_m = datum.SHIFT_M
    rx, ry, rz = datum.ROTATION_COORDINATE_FRAME_ARCSEC
    return (
        f"+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0={z.central_meridian_deg} +k={z.scale}"
        f" +x_0={FALSE_EASTING_M:.0f} +y_0=0 +ellps=WGS84 +step +proj=cart +ellps=WGS84"
        f" +step +proj=helmert +x={x} +y={y} +z={z_m} +rx={rx} +ry={ry} +rz={rz} +s={datum.SCALE_PPM}"
        " +convention=coordinate_frame +step +inv +proj=cart +ellps=WGS84"
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def proj4(epsg: int) -> str:
    """The definition for PostGIS' `spatial_ref_sys.proj4text`; its `auth_name` must not be EPSG, or PROJ
    chooses again.

    `+towgs84` wants rotations in the position-vector sense: the opposite signs of the decision's. Copied
    unchanged they put every parcel half a metre away.
    """
    z = zone(epsg)
    shift = ",".join(str(v) for v in datum.SHIFT_M)
    rotation = ",".join(f"{-v:.8f}" for v in datum.ROTATION_COORDINATE_FRAME_ARCSEC)
    return (
        f"+proj=tmerc +lat_0=0 +lon_0={z.central_meridian_deg} +k={z.scale} +x_0={FALSE_EASTING_M:.0f} +y_0=0"
        f" +ellps=WGS84 +towgs84={shift},{rotation},{datum.SCALE_PPM} +units=m +no_defs"
    )


def to_wgs84(epsg: int, east_m: ArrayLike, north_m: ArrayLike) -> Coordinates:
    """Longitude and latitude, WGS84 degrees, of points of a VN-2000 zone; arrays (n,). NaN stays NaN."""
    from geo import helmert

    return helmert.to_geographic(zone(epsg).central_meridian_deg, zone(epsg).scale, *_pair(east_m, north_m))


def from_wgs84(epsg: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Coordinates:
    """East and north, metres in a VN-2000 zone, of WGS84 degrees; arrays (n,). For files that came in
    WGS84, once."""
    from geo import helmert

    return helmert.from_geographic(
        zone(epsg).central_meridian_deg, zone(epsg).scale, *_pair(lon_deg, lat_deg)
    )


def to_web(epsg: int, east_m: ArrayLike, north_m: ArrayLike) -> Coordinates:
    """x, y in metres of EPSG:3857 (the web map) of points of a VN-2000 zone; arrays (n,). For drawing
    only."""
    from geo import helmert

    return helmert.to_web_mercator(zone(epsg).central_meridian_deg, zone(epsg).scale, *_pair(east_m, north_m))


def _pair(first: ArrayLike, second: ArrayLike) -> Coordinates:
    a = np.ascontiguousarray(first, dtype=np.float64).ravel()
    b = np.ascontiguousarray(second, dtype=np.float64).ravel()
    if a.shape != b.shape:
        raise ValueError(f"{a.size} first coordinates but {b.size} second ones")
    return a, b


Look = Literal["lon_lat", "lat_lon", "east_north", "north_east", "unknown"]


def looks_like(x_min: float, y_min: float, x_max: float, y_max: float) -> Look:
    """What numbers with this box can be, if they lie in Vietnam: degrees or VN-2000 metres, in either order.

    Told by size alone: VN-2000 north runs from 850 to 2,700 km, east from 100 to 900 km; longitude from 101°
    to 118° (with the islands), latitude from 6° to 24°. For the words of a refusal, never to convert
    silently.
    """

    def within(low: float, high: float, least: float, most: float) -> bool:
        return least <= low and high <= most

    x, y = (x_min, x_max), (y_min, y_max)
    if within(*x, 101, 118) and within(*y, 6, 24):
        return "lon_lat"
    if within(*y, 101, 118) and within(*x, 6, 24):
        return "lat_lon"
    # The ranges of east and north meet around 850-900 km: the fitting order, the right one first.
    if within(*x, 100e3, 900e3) and within(*y, 650e3, 2.7e6):
        return "east_north"
    if within(*y, 100e3, 900e3) and within(*x, 650e3, 2.7e6):
        return "north_east"
    return "unknown"


def likely_zones(x_min: float, y_min: float, x_max: float, y_max: float) -> tuple[int, ...]:
    """The EPSG codes of cadastral zones that east, north numbers with this box may belong to, likeliest
    first.

    Every 3° zone in which the box falls on Vietnam's land; the ones where it lies closest to the middle of
    the country at that latitude come first. Empty when the numbers are not VN-2000 metres in the order east,
    north.
    """
    if looks_like(x_min, y_min, x_max, y_max) != "east_north":
        return ()
    east, north = (x_min + x_max) / 2, (y_min + y_max) / 2
    ranked = []
    for epsg in _MERIDIANS_DEG:
        lon, lat = to_wgs84(epsg, [east], [north])
        west_deg, east_deg = _land_deg(float(lat[0]))
        if west_deg <= lon[0] <= east_deg:
            ranked.append((abs(float(lon[0]) - (west_deg + east_deg) / 2), epsg))
    return tuple(epsg for _, epsg in sorted(ranked))


def _land_deg(lat_deg: float) -> tuple[float, float]:
    """West and east limit of the mainland and near islands at a latitude, coarse (a quarter of a degree)."""
    row = int(np.clip((lat_deg - 8.0) // 1.0, 0, len(_LAND_DEG) - 1))
    return _LAND_DEG[row]


_LAND_DEG = (
    (104.3, 106.8), (103.7, 106.9), (103.8, 108.4), (105.7, 109.4), (106.3, 109.5), (107.3, 109.5),
    (107.2, 109.4), (107.2, 109.3), (106.5, 108.6), (105.5, 107.7), (105.0, 107.0), (103.8, 106.2),
    (102.9, 107.2), (102.0, 108.1), (102.0, 108.2), (103.9, 106.8),
)  # fmt: skip
"""West and east limit of the land by whole degree of latitude, from 8° north: only to rank zones in a
message."""
