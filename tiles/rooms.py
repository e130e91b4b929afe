"""The room a parcel has for its text: the rectangle, turned as the text is, that lets it be written largest.

A rectangle reaches from the parcel's deepest point (the anchor; of a long parcel from its middle) as far as the parcel does
to either side along one of a few directions, level or along one of the longest sides; its middle is where the text goes. It
lies inside the parcel, holes left out. A text that can be level is, unless turning lets it be written a third larger.
"""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from geo.cells import CELL_ZOOM
from geo.web_map import WORLD_M
from tiles.outlines import CELL_BITS, Ints, Outlines, Units
from tiles.splice import Splice

BANDS: Final = (16, 18)
"""Tiles from these zooms on have the room for the number alone, and for the number over the area."""
DIGIT_EM, LINE_EM = 0.62, 1.2
"""Width of a digit, height of a line."""

_SHARES = np.array([0.25, 0.4, 0.55, 0.7, 0.85, 0.97, 1.25, 1.7])  # heights tried, of the inscribed circle's
_LEVEL = 0.75


@dataclass(frozen=True, slots=True)
class Rooms:
    """For each of n parcels of a cell in `row` and each of the `BANDS` the room for its text.

    at (2, n, 2): the middle, on the block's grid. angle (2, n): degrees clockwise, from -90 to 89. size_m (2, n, 2): width
    (along the text) and height, in metres on the ground; 0 where there is none.
    """

    at: npt.NDArray[np.int32]
    angle: npt.NDArray[np.int16]
    size_m: npt.NDArray[np.float32]
    row: int

    def changed(self, rows: Splice, more: "Rooms") -> "Rooms":
        """Those of the parcels that remain and those of `more`."""
        return Rooms(
            rows.column(self.at, more.at, 1),
            rows.column(self.angle, more.angle, 1),
            rows.column(self.size_m, more.size_m, 1),
            self.row,
        )


def rooms(
    outlines: Outlines, anchor: Units, digits: Units, area_m2: npt.NDArray[np.float64], row: int
) -> Rooms:
    """The rooms of parcels in a cell in `row`. digits (n,): how many letters the number has."""
    n = len(outlines)
    at, angle = np.empty((2, n, 2), np.int32), np.zeros((2, n), np.int16)
    size_m = np.zeros((2, n, 2), np.float32)
    _rooms(
        outlines.ring,
        outlines.point,
        outlines.x,
        outlines.y,
        anchor,
        digits,
        area_m2,
        metres(row),
        at,
        angle,
        size_m,
    )
    return Rooms(at, angle, size_m, row)


def metres(row: int) -> float:
    """Metres on the ground of one unit, in the middle of the cells in `row`."""
    north = math.pi * (1 - 2 * (row + 0.5) / (1 << CELL_ZOOM))
    return WORLD_M / 2 ** (CELL_ZOOM + CELL_BITS) / math.cosh(north)


@njit(cache=True, nogil=True)
def area_digits(area_m2: float) -> int:  # pragma: no cover
    """How many letters an area has, written with one decimal."""
    whole = np.int64(np.rint(abs(area_m2) * 10)) // 10
    n = 3
    while whole >= 10:
        whole //= 10
        n += 1
    return n


@njit(cache=True, nogil=True)
def _reach(  # pragma: no cover
    ring: Ints, point: Ints, x: Units, y: Units, i: int, u: int, v: int, cos: float, sin: float,
    half: npt.NDArray[np.float64], ahead: npt.NDArray[np.float64], behind: npt.NDArray[np.float64],
) -> None:  # fmt: skip
    """How far strips of these half heights through u, v reach in a direction before a side is met; 0 where one is in them."""
    ahead[:] = np.inf
    behind[:] = np.inf
    for r in range(ring[i], ring[i + 1]):
        last = point[r + 1] - 1
        dx, dy = np.float64(x[last] - u), np.float64(y[last] - v)
        ax, ay = cos * dx + sin * dy, cos * dy - sin * dx
        for k in range(point[r], point[r + 1]):
            dx, dy = np.float64(x[k] - u), np.float64(y[k] - v)
            bx, by = cos * dx + sin * dy, cos * dy - sin * dx
            low, high = min(ay, by), max(ay, by)
            for h in range(half.size):
                b = half[h]
                if high <= -b or low >= b:
                    continue
                if low >= -b and high <= b:
                    west, east = min(ax, bx), max(ax, bx)
                else:
                    slope = (bx - ax) / (by - ay)
                    one = ax + slope * (min(max(ay, -b), b) - ay)
                    other = ax + slope * (min(max(by, -b), b) - ay)
                    west, east = min(one, other), max(one, other)
                if west > 0:
                    ahead[h] = min(ahead[h], west)
                elif east < 0:
                    behind[h] = min(behind[h], -east)
                else:
                    ahead[h] = behind[h] = 0.0
            ax, ay = bx, by


@njit(cache=True, nogil=True)
def _radius(ring: Ints, point: Ints, x: Units, y: Units, i: int, u: int, v: int) -> float:  # pragma: no cover
    """How far the nearest side is."""
    best = np.inf
    for r in range(ring[i], ring[i + 1]):
        last = point[r + 1] - 1
        for k in range(point[r], point[r + 1]):
            ax, ay = np.float64(x[last] - u), np.float64(y[last] - v)
            dx, dy = np.float64(x[k] - u) - ax, np.float64(y[k] - v) - ay
            square = dx * dx + dy * dy
            t = min(max(-(ax * dx + ay * dy) / square, 0.0), 1.0) if square > 0 else 0.0
            best = min(best, (ax + t * dx) ** 2 + (ay + t * dy) ** 2)
            last = k
    return np.sqrt(best) if best < np.inf else 0.0


@njit(cache=True, nogil=True)
def _rooms(  # pragma: no cover
    ring: Ints, point: Ints, x: Units, y: Units, anchor: Units, digits: Units, area_m2: npt.NDArray[np.float64],
    unit_m: float, at: npt.NDArray[np.int32], angle: npt.NDArray[np.int16], size_m: npt.NDArray[np.float32],
) -> None:  # fmt: skip
    ahead, behind = np.empty(_SHARES.size), np.empty(_SHARES.size)
    degrees = np.empty(4, np.int64)
    long = np.empty(4)
    best, strip = np.empty(2), np.empty(1)
    for i in range(ring.size - 1):
        u, v = np.int64(anchor[i, 0]), np.int64(anchor[i, 1])
        at[:, i, 0], at[:, i, 1] = u, v
        radius = _radius(ring, point, x, y, i, u, v)
        if radius < 2:
            continue
        degrees[:] = -999
        degrees[0] = 0
        long[:] = 0.0
        for r in range(ring[i], ring[i + 1]):
            last = point[r + 1] - 1
            for k in range(point[r], point[r + 1]):
                dx, dy = np.float64(x[k]) - x[last], np.float64(y[k]) - y[last]
                last = k
                far = dx * dx + dy * dy
                if far <= long[3]:
                    continue
                turn = (np.int64(np.rint(np.degrees(np.arctan2(dy, dx)))) + 90) % 180 - 90
                slot = 3
                for s in range(1, 4):
                    if abs(degrees[s] - turn) <= 2:
                        slot = s
                if far <= long[slot]:
                    continue
                degrees[slot], long[slot] = turn, far
                while slot > 1 and long[slot] > long[slot - 1]:
                    degrees[slot], degrees[slot - 1] = degrees[slot - 1], degrees[slot]
                    long[slot], long[slot - 1] = long[slot - 1], long[slot]
                    slot -= 1
        if degrees[1] != -999:  # to the middle of a long parcel, where it is as wide there
            turn = np.radians(np.float64(degrees[1]))
            cos, sin = np.cos(turn), np.sin(turn)
            strip[0] = 0.8 * radius
            _reach(ring, point, x, y, i, u, v, cos, sin, strip, ahead, behind)
            if ahead[0] < np.inf and behind[0] < np.inf:
                off = (ahead[0] - behind[0]) / 2
                mid_u, mid_v = np.int64(np.rint(u + off * cos)), np.int64(np.rint(v + off * sin))
                there = _radius(ring, point, x, y, i, mid_u, mid_v)
                if there >= 0.85 * radius:
                    u, v, radius = mid_u, mid_v, there
                    at[:, i, 0], at[:, i, 1] = u, v
        number, area = digits[i], area_digits(area_m2[i])
        best[:] = 0.0
        for s in range(4):
            if degrees[s] == -999:
                continue
            turn = np.radians(np.float64(degrees[s]))
            cos, sin = np.cos(turn), np.sin(turn)
            _reach(ring, point, x, y, i, u, v, cos, sin, _SHARES * radius, ahead, behind)
            for band in range(2):
                wide = DIGIT_EM * (number if band == 0 else max(number, area))
                tall = LINE_EM * (band + 1)
                for h in range(_SHARES.size):
                    if ahead[h] == np.inf or behind[h] == np.inf:
                        continue
                    width, height = ahead[h] + behind[h], 2 * _SHARES[h] * radius
                    em = min(width / wide, height / tall)
                    if degrees[s] == 0:
                        em /= _LEVEL
                    if em > best[band] * 1.02:
                        best[band] = em
                        off = (ahead[h] - behind[h]) / 2
                        at[band, i, 0], at[band, i, 1] = np.int64(u + off * cos), np.int64(v + off * sin)
                        angle[band, i] = degrees[s]
                        size_m[band, i, 0], size_m[band, i, 1] = width * unit_m, height * unit_m
