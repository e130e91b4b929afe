"""How far another set of WGS84 parameters puts a point (rules §1.4, §3.1): 0.8 m in the south, and nobody sees it.

Decision 05/2007 is EPSG:6960. Programs that are left to choose take EPSG:5194; copied parameters often have rotations of the
wrong sign. A file that went through WGS84 one way with the right set and the other way with a wrong one is off by this.
"""

import math

import numpy as np
from numpy.typing import NDArray

from geo import datum, helmert
from geo.crs import to_wgs84, zone

Floats = NDArray[np.float64]
Set = tuple[tuple[float, float, float], tuple[float, float, float], float]

_RIGHT: Set = (datum.SHIFT_M, datum.ROTATION_COORDINATE_FRAME_ARCSEC, datum.SCALE_PPM)
_FLIPPED: Set = (
    datum.SHIFT_M,
    tuple(-v for v in datum.ROTATION_COORDINATE_FRAME_ARCSEC),
    datum.SCALE_PPM,
)  # type: ignore[assignment]
_EPSG_5194: Set = ((-192.873, -39.382, -111.202), (0.00205, 0.0005, -0.00335), 0.0188)
_WRONG = {"5194": _EPSG_5194, "rotation": _FLIPPED}

NAMES = ("5194", "5194-out", "rotation", "rotation-out")
"""Made with the wrong set on the way in from WGS84; "-out": on the way out to it."""


def shifts_m(epsg: int, points: Floats) -> dict[str, Floats]:
    """East, north (n, 2) by which points (n, 2) of a zone have to move back, for each way of going wrong."""
    lon_deg, lat_deg = to_wgs84(epsg, points[:, 0], points[:, 1])
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    v = helmert.WGS84_A_M / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    space = np.column_stack(
        (v * np.cos(lat) * np.cos(lon), v * np.cos(lat) * np.sin(lon), v * (1 - _E2) * np.sin(lat))
    )
    right = _to_wgs84(space, _RIGHT)
    made: dict[str, Floats] = {}
    for name, parameters in _WRONG.items():
        # In from WGS84 with the wrong set, a point lands as far off as the sets differ, the other way round.
        back = _on_the_map(epsg, _to_wgs84(space, parameters) - right, lon, lat)
        made[name], made[f"{name}-out"] = back, -back
    return made


_E2 = helmert.WGS84_F * (2 - helmert.WGS84_F)


def _to_wgs84(space: Floats, parameters: Set) -> Floats:
    shift, rotation, ppm = parameters
    rx, ry, rz = (math.radians(r / 3600) for r in rotation)
    turn = np.array([[1, rz, -ry], [-rz, 1, rx], [ry, -rx, 1]])
    moved: Floats = np.array(shift) + (1 + ppm * 1e-6) * space @ turn.T
    return moved


def _on_the_map(epsg: int, d: Floats, lon: Floats, lat: Floats) -> Floats:
    """Small vectors in space as east and north of the grid, which is turned by the convergence of meridians."""
    east = -np.sin(lon) * d[:, 0] + np.cos(lon) * d[:, 1]
    north = -np.sin(lat) * np.cos(lon) * d[:, 0] - np.sin(lat) * np.sin(lon) * d[:, 1] + np.cos(lat) * d[:, 2]
    turn = np.arctan(np.tan(lon - math.radians(zone(epsg).central_meridian_deg)) * np.sin(lat))
    return np.column_stack(
        (east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn))
    )
