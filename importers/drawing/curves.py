"""Curves as chords that stay within a given offset of the curve (rules §5.5: 0.2 mm on the map), never too many."""

import math
from collections.abc import Callable

import numpy as np

from importers.drawing.strokes import Floats

MAX_CHORDS = 4096
MAP_OFFSET_M = 0.0002
DEFAULT_SCALE = 500


def offset_m(scale: int | None) -> float:
    """How far chords may lie off a curve, metres on the ground: 0.2 mm on a map of that scale, 1:500 if unknown."""
    return MAP_OFFSET_M * (scale or DEFAULT_SCALE)


def chords(radius: float, sweep_rad: float, offset: float) -> int:
    """How many equal chords keep an arc within `offset`: sagitta r (1 - cos(step / 2)), at least one per 45°."""
    step = 2 * math.acos(1 - offset / radius) if radius > offset else math.pi
    step = max(1e-9, min(math.pi / 4, step))
    return max(1, min(MAX_CHORDS, math.ceil(abs(sweep_rad) / step - 1e-9)))


def ellipse(
    centre: tuple[float, float],
    major: tuple[float, float],
    minor: tuple[float, float],
    start_rad: float,
    sweep_rad: float,
    offset: float,
) -> Floats:
    """Corners on centre + major cos t + minor sin t from start over sweep, both ends among them, (n, 2)."""
    longest = max(math.hypot(*major), math.hypot(*minor))
    n = chords(longest, sweep_rad, offset)
    t = start_rad + sweep_rad * np.arange(n + 1) / n
    xy: Floats = np.asarray(centre) + np.outer(np.cos(t), major) + np.outer(np.sin(t), minor)
    return xy


def circle(
    centre: tuple[float, float], radius: float, start_rad: float, sweep_rad: float, offset: float
) -> Floats:
    """Corners on an arc, both ends among them, (n, 2); counter-clockwise for a positive sweep."""
    return ellipse(centre, (radius, 0.0), (0.0, radius), start_rad, sweep_rad, offset)


def bulged(xy: Floats, bulges: Floats, closed: bool, offset: float) -> Floats:
    """A polyline whose edges are arcs (bulge = tan of a quarter of the arc's angle) with corners added on the arcs.

    The added corners of an arc are the same, to rounding, when it is drawn in the other direction.
    """
    out: list[Floats] = []
    n = len(xy)
    for i in range(n):
        out.append(xy[i : i + 1])
        if bulges[i] == 0.0 or (i == n - 1 and not closed):
            continue
        a, b = xy[i], xy[(i + 1) % n]
        chord = b - a
        length = float(np.hypot(*chord))
        bulge = float(bulges[i])
        if length == 0.0 or not math.isfinite(bulge) or abs(bulge) > 1e6:
            continue
        sweep = 4 * math.atan(bulge)
        radius = length * (1 + bulge * bulge) / (4 * abs(bulge))
        # From the chord's middle to the centre, left of the direction for a counter-clockwise arc below a half circle.
        middle = (a + b) / 2
        normal = np.array([-chord[1], chord[0]]) / length
        centre = middle + normal * (length / 2) * (1 - bulge * bulge) / (2 * bulge)
        start = math.atan2(a[1] - centre[1], a[0] - centre[0])
        arc = circle((float(centre[0]), float(centre[1])), radius, start, sweep, offset)
        out.append(arc[1:-1])
    return np.concatenate(out) if out else xy


def sampled(curve: Callable[[int], Floats], offset: float) -> Floats:
    """A curve given as `curve(n)` = n + 1 corners, doubled until the corners between lie within `offset` of the chords."""
    n = 16
    now = curve(n)
    while n < MAX_CHORDS:
        finer = curve(2 * n)
        between, a, b = finer[1::2], finer[0:-1:2], finer[2::2]
        if float(np.hypot(*(between - (a + b) / 2).T).max()) <= offset / 2:
            return finer
        n, now = 2 * n, finer
    return now
