"""Positions of addresses in WGS84, whatever system and order of axes the file has them in."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo import crs
from importers import texts
from importers.address_files.rows import Bools, Floats
from importers.crs import WEB_MERCATOR, WGS84
from importers.errors import NoCrs

_RADIUS_M = 6378137.0
ZoneOf = Callable[[str], int | None]


def numbers(values: pa.Array) -> tuple[Floats, Bools]:
    """Numbers of a text column (NaN where none), and where something stands that is none."""
    told, bad = texts.number(values)
    return told.to_numpy(zero_copy_only=False).astype(np.float64), np.asarray(pc.fill_null(bad, False))


def degrees(epsg: int, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of coordinates in one system, their order told by their size: in Vietnam no latitude is above
    24°, no longitude below 101°, and north is more than 850 km where east is less than 900 km."""
    if epsg == WEB_MERCATOR:
        lat = np.degrees(2 * np.arctan(np.exp(b / _RADIUS_M)) - np.pi / 2)
        return np.degrees(a / _RADIUS_M), lat
    turned = (a < 90) & (b > 100) if epsg == WGS84 else (a > b)
    first, second = np.where(turned, b, a), np.where(turned, a, b)
    if epsg == WGS84:
        return first, second
    lon, lat = crs.to_wgs84(epsg, first, second)
    return lon, lat


def zones(communes: pa.Array, placed: Bools, epsg: int | None, zone_of: ZoneOf, name: str) -> Floats:
    """The system of each row's VN-2000 coordinates (EPSG; NaN where nothing is placed): as said for the file, else that of
    the row's commune.

    Raises: NoCrs where there is neither.
    """
    if epsg is not None:
        return np.where(placed, float(epsg), np.nan)
    found = np.full(len(placed), np.nan)
    told = communes.to_numpy(zero_copy_only=False)
    for commune in sorted({told[row] for row in np.flatnonzero(placed) if told[row] is not None}):
        zone = zone_of(commune)
        if zone is not None:
            found[placed & (told == commune)] = zone
    if np.isnan(found[placed]).any():
        raise NoCrs(
            "Tệp có tọa độ mét nhưng không rõ hệ: hãy chỉ rõ múi VN-2000, ví dụ --crs EPSG:9217, hoặc mã xã (--commune).",
            "The file has coordinates in metres of no known system: say the VN-2000 zone, such as --crs EPSG:9217, or the "
            "commune (--commune).",
            name,
        )
    return found
