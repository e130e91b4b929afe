"""Which of two columns is north: in VN-2000 the numbers themselves say it (rules §3.2, §9.6)."""

from collections.abc import Sequence
from statistics import median
from typing import Literal

NORTH_M = (900_000.0, 2_600_000.0)
EAST_M = (300_000.0, 700_000.0)
LATITUDE_DEG = (7.0, 24.5)
LONGITUDE_DEG = (101.0, 118.0)
"""The land and islands of Vietnam, in its 3° zones (false easting 500,000) and in degrees."""

Order = Literal["north_east", "east_north"]


def order(first: Sequence[float], second: Sequence[float]) -> tuple[Order | None, bool]:
    """Which column is north by its median (None where numbers cannot tell), and whether the numbers are degrees."""
    a, b = median(first), median(second)
    for (low, high), (left, right), degrees in (
        (NORTH_M, EAST_M, False),
        (LATITUDE_DEG, LONGITUDE_DEG, True),
    ):
        if low <= a <= high and left <= b <= right:
            return "north_east", degrees
        if low <= b <= high and left <= a <= right:
            return "east_north", degrees
    return None, False
