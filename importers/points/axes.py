"""Which of two columns is north: in VN-2000 the numbers themselves say it (rules §3.2, §9.6), also in another unit, or
where the false easting is missing or the zone's number stands before it: what is wrong then is for the check to tell."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Literal

NORTH_M = (900_000.0, 2_600_000.0)
EAST_M = (300_000.0, 700_000.0)
LATITUDE_DEG = (7.0, 24.5)
LONGITUDE_DEG = (101.0, 118.0)
"""The land and islands of Vietnam, in its 3° zones (false easting 500,000) and in degrees."""
_FALSE_M = 500_000.0
_PREFIXED_M = (1e7, 1e8)

Order = Literal["north_east", "east_north"]


def order(first: Sequence[float], second: Sequence[float], whole: bool = False) -> tuple[Order | None, bool]:
    """Which column is north by its median (None where numbers cannot tell), and whether the numbers are degrees.

    whole: only where both say it; a short east, without its 500 km, may be any number.
    """
    a, b = median(first), median(second)
    for is_place in _WHOLE if whole else (*_WHOLE, *_SHORT):
        if is_place(a, b):
            return "north_east", is_place is _degrees
        if is_place(b, a):
            return "east_north", is_place is _degrees
    return None, False


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _degrees(north: float, east: float) -> bool:
    return _within(north, LATITUDE_DEG) and _within(east, LONGITUDE_DEG)


def _in_units_of(metres: float) -> Callable[[float, float], bool]:
    return lambda north, east: _within(north * metres, NORTH_M) and _within(east * metres, EAST_M)


def _without_false_easting(north: float, east: float) -> bool:
    return _within(north, NORTH_M) and _within(east + _FALSE_M, EAST_M)


def _behind_the_zone(north: float, east: float) -> bool:
    return _within(north, NORTH_M) and _within(east, _PREFIXED_M) and _within(east % 1e6, EAST_M)


_WHOLE: tuple[Callable[[float, float], bool], ...] = (
    _in_units_of(1.0), _degrees, _in_units_of(0.001), _in_units_of(0.01), _in_units_of(0.3048), _behind_the_zone,
)  # fmt: skip
_SHORT = (_without_false_easting,)
"""What two numbers can be, the likelier first. Kilometres are not tried: they look like a surveyor's own system."""
