"""How the numbers of a file become metres of a zone, step by step; and the steps a user may accept.

Numbers are put right first (axes, unit, false easting), then taken from their system into the zone, then moved on the ground.
From zone to zone they go through the ellipsoid both share, never through WGS84: nothing is lost and no datum is chosen.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.crs import FALSE_EASTING_M, ZONES, from_wgs84, zone
from importers.crs import WEB_MERCATOR, WGS84, web_to_wgs84
from importers.datum import operations

Floats = NDArray[np.float64]
Move = Callable[[Floats], Floats]

UNITS_M = {"feet": 0.3048, "us_feet": 1200 / 3937, "mm": 0.001, "cm": 0.01, "km": 1000.0}
_FARTHEST_M = 1e11
"""Farther than Vietnam's north in millimetres."""


@dataclass(frozen=True, slots=True)
class Course:
    """The way of one file's numbers into a zone: `epsg` None leaves them in their own system.

    unit_m: metres of a unit as the file says. numbers, ground: accepted steps before and after the change of system.
    """

    system: int | None
    epsg: int | None
    unit_m: float = 1.0
    numbers: tuple[str, ...] = ()
    ground: tuple[str, ...] = ()

    def then(self, key: str) -> "Course":
        """This way with one more step, or several joined by "+". Raises: ValueError for a key that is not known."""
        made = self
        for part in key.split("+"):
            name, value = _parse(part)
            if name == "zone":
                made = replace(made, system=int(value))
            elif name == "degrees":
                made = replace(made, system=WGS84, unit_m=1.0)
            elif name in ("shift", "operation"):
                made = replace(made, ground=(*made.ground, part))
            elif name in UNITS_M:
                made = replace(made, numbers=(*made.numbers, part), unit_m=1.0)
            else:
                made = replace(made, numbers=(*made.numbers, part))
        return made

    def move(self, points: Floats) -> Floats:
        """Points (n, 2) of the file, x and y, as east and north of the zone; what no zone can hold becomes NaN."""
        with np.errstate(all="ignore"):
            at = np.asarray(points, np.float64) * self.unit_m
            for key in self.numbers:
                at = _number_step(key, at)
            at = _finite(at, _FARTHEST_M)
            at = _into_zone(at, self.system, self.epsg)
            for key in self.ground:
                at = _ground_step(key, at, self.epsg)
            return _finite(at, math.inf)


def move(key: str, epsg: int | None, system: int | None = None) -> Move:
    """What an accepted proposal does to points (n, 2) of a file in `system` (None: that of the zone `epsg`).

    Raises: ValueError for a key that is not known.
    """
    return Course(system if system is not None else epsg, epsg).then(key).move


def is_known(key: str) -> bool:
    """Whether a key is of the forms that proposals have."""
    try:
        for part in key.split("+"):
            _parse(part)
    except ValueError:
        return False
    return True


def _parse(key: str) -> tuple[str, str]:
    name, _, value = key.partition(":")
    if name in ("swap", "degrees", *UNITS_M) and not value:
        return name, value
    try:
        if name == "zone" and int(value) in ZONES:
            return name, value
        if name == "operation" and value in operations.NAMES:
            return name, value
        numbers = [float(v) for v in value.split(",")]
        wanted = {"false_easting": 1, "shift": 2}.get(name)
        if len(numbers) == wanted and all(math.isfinite(v) and abs(v) < _FARTHEST_M for v in numbers):
            return name, value
    except ValueError:
        pass
    raise ValueError(f"{key} is not a correction that is known here")


def _number_step(key: str, at: Floats) -> Floats:
    name, value = _parse(key)
    if name == "swap":
        return np.ascontiguousarray(at[:, ::-1])
    if name == "false_easting":
        east_m: Floats = at + np.array([float(value), 0.0])
        return east_m
    scaled: Floats = at * UNITS_M[name]
    return scaled


def _ground_step(key: str, at: Floats, epsg: int | None) -> Floats:
    name, value = _parse(key)
    if name == "shift":
        east_m, north_m = (float(v) for v in value.split(","))
        shifted: Floats = at + np.array([east_m, north_m])
        return shifted
    if epsg is None:
        return at
    moved: Floats = at + operations.shifts_m(epsg, at)[value]
    return moved


def _finite(at: Floats, farthest: float) -> Floats:
    made = np.array(at, np.float64)
    made[~(np.abs(made) < farthest).all(axis=1)] = np.nan
    return made


def _into_zone(at: Floats, system: int | None, epsg: int | None) -> Floats:
    if epsg is None or system is None or system == epsg:
        return at
    x, y = np.ascontiguousarray(at[:, 0]), np.ascontiguousarray(at[:, 1])
    if system in ZONES:
        return np.column_stack(_between(system, epsg).transform(x, y))
    if system == WEB_MERCATOR:
        x, y = web_to_wgs84(x, y)
    bad = ~((np.abs(x) <= 180) & (np.abs(y) < 90))
    lon, lat = np.where(bad, np.nan, x), np.where(bad, np.nan, y)
    return np.column_stack(from_wgs84(epsg, lon, lat))


@lru_cache(maxsize=512)
def _between(one: int, other: int) -> pyproj.Transformer:
    def projection(epsg: int) -> str:
        z = zone(epsg)
        return (
            f"+proj=tmerc +lat_0=0 +lon_0={z.central_meridian_deg} +k={z.scale} +x_0={FALSE_EASTING_M:.0f} +y_0=0"
            " +ellps=WGS84"
        )

    return pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv {projection(one)} +step {projection(other)}"
    )
