"""From what a total station observes to coordinates: stations, orientations, directions, distances.

With station (N₀, E₀, H₀), height of instrument i, of prism t, slope distance s, zenith angle z, azimuth a:

    N = N₀ + s·sin z·cos a      E = E₀ + s·sin z·sin a      H = H₀ + i + s·cos z − t
    a = r + o                   o = azimuth of the backsight − reading at the backsight

r is the reading of the horizontal circle, clockwise. Curvature, refraction and the scale of the projection are left out:
over the 300 m of a parcel survey they stay below 5 mm in height, and the scale (k₀ = 0.9999, TT 973/2001 art. 4) is
for the surveyor's own computation to apply.
"""

import math
from dataclasses import dataclass, field

from importers.points.met import Met

SAME_M = 0.001


@dataclass(frozen=True, slots=True)
class Point:
    """A named point: east, north (and height where there is one) in the file's own unit, its code, and its line."""

    name: str
    east: float
    north: float
    height: float | None = None
    code: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Shot:
    """One observation: reading (circle, clockwise), zenith in radians, slope distance; `azimuth` when the reading is one."""

    target: str
    reading: float
    zenith: float
    slope: float
    prism_height: float = 0.0
    code: str | None = None
    line: int = 0
    azimuth: bool = False


@dataclass(slots=True)
class Setup:
    """One set-up of the instrument and its shots. `orientation` is what makes readings azimuths; where it is None, it is
    found from the backsight (name, reading) or from a shot at a point that has coordinates."""

    station: str
    instrument_height: float = 0.0
    orientation: float | None = None
    backsight: str | None = None
    backsight_reading: float | None = None
    shots: list[Shot] = field(default_factory=list)


@dataclass(slots=True)
class FieldBook:
    """What one file of an instrument holds: points with coordinates, and set-ups in the order of the work."""

    fixed: list[Point] = field(default_factory=list)
    setups: list[Setup] = field(default_factory=list)


def shoot(station: Point, instrument_height: float, azimuth: float, shot: Shot) -> Point:
    """The point that a shot meets: see the head of this module."""
    flat = shot.slope * math.sin(shot.zenith)
    height = None
    if station.height is not None:
        height = station.height + instrument_height + shot.slope * math.cos(shot.zenith) - shot.prism_height
    return Point(
        shot.target, station.east + flat * math.sin(azimuth), station.north + flat * math.cos(azimuth), height,
        shot.code, shot.line,
    )  # fmt: skip


def azimuth(start: Point, end: Point) -> float | None:
    """Clockwise from north, radians; None for two points in one place."""
    east, north = end.east - start.east, end.north - start.north
    return None if math.hypot(east, north) < SAME_M else math.atan2(east, north)


def reduced(book: FieldBook, met: Met) -> tuple[list[Point], int]:
    """All points of a book in the order of the file, and how many shots could not be reduced.

    A point that has been shot may be the station of a later set-up (traverse). A second place of a name, farther than
    1 mm, is a finding; both are kept.
    """
    known: dict[str, Point] = {}
    points: list[Point] = []
    for point in book.fixed:
        _keep(point, known, points, met)
    left = 0
    for setup in book.setups:
        station = known.get(setup.station)
        orientation = None if station is None else _orientation(setup, station, known)
        for shot in setup.shots:
            if station is None or shot.slope <= 0 or (orientation is None and not shot.azimuth):
                left += 1
                continue
            turned = shot.reading if shot.azimuth else shot.reading + (orientation or 0.0)
            _keep(shoot(station, setup.instrument_height, turned, shot), known, points, met)
    return sorted(points, key=lambda p: p.line), left


def _orientation(setup: Setup, station: Point, known: dict[str, Point]) -> float | None:
    if setup.orientation is not None:
        return setup.orientation
    if setup.backsight in known and setup.backsight_reading is not None:
        along = azimuth(station, known[setup.backsight])
        if along is not None:
            return along - setup.backsight_reading
    for shot in setup.shots:
        if shot.target in known and not shot.azimuth:
            along = azimuth(station, known[shot.target])
            if along is not None:
                return along - shot.reading
    return None


def _keep(point: Point, known: dict[str, Point], points: list[Point], met: Met) -> None:
    first = known.get(point.name)
    if first is None:
        known[point.name] = point
    elif math.hypot(first.east - point.east, first.north - point.north) > SAME_M:
        met.moved(point.name, (first.east, first.north, first.line), (point.east, point.north, point.line))
    points.append(point)
