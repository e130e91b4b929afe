"""The plane of the web map (EPSG:3857): how large it is, and degrees of WGS84 to it and back."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

HALF_WORLD_M: Final = 20037508.342789244
WORLD_M: Final = 2 * HALF_WORLD_M
_RADIUS_M: Final = 6378137.0

Coordinates = tuple[NDArray[np.float64], NDArray[np.float64]]


def from_degrees(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Coordinates:
    """x, y in metres of points in degrees (n,). Infinite at the poles."""
    lat = np.radians(np.asarray(lat_deg))
    return _RADIUS_M * np.radians(np.asarray(lon_deg)), _RADIUS_M * np.log(np.tan(np.pi / 4 + lat / 2))


def to_degrees(x_m: ArrayLike, y_m: ArrayLike) -> Coordinates:
    """Longitude and latitude in degrees of points in metres (n,)."""
    lat = np.arctan(np.sinh(np.asarray(y_m) / _RADIUS_M))
    return np.degrees(np.asarray(x_m) / _RADIUS_M), np.degrees(lat)
