"""Arcs of circles as chords within 0.2 mm of the arc on the map (rules §5.5); x east, y north."""

import math

from importers.exchange.notes import Point

_MAP_M = 0.0002
_SCALE = 500
_MOST_CHORDS = 2_000


def sagitta(scale: int | None, unit_m: float) -> float:
    """How far a chord may lie off its arc, in the file's unit; 1:500 where no scale is known."""
    return _MAP_M * (scale if scale and scale > 0 else _SCALE) / unit_m


def arc(start: Point, centre: Point, end: Point, clockwise: bool, off: float) -> tuple[Point, ...]:
    """Corners from start to end, both as given, along the arc about the centre; one turn where they are one point.

    The radius goes evenly from that of the start to that of the end, so that rounded centres leave no step.
    """
    from_rad = math.atan2(start[1] - centre[1], start[0] - centre[0])
    to_rad = math.atan2(end[1] - centre[1], end[0] - centre[0])
    radius, last = math.dist(start, centre), math.dist(end, centre)
    sweep = (to_rad - from_rad) % math.tau
    if clockwise:
        sweep -= math.tau
    if start == end:
        sweep = -math.tau if clockwise else math.tau
    step = 2 * math.acos(max(0.0, 1 - off / radius)) if radius > off else math.pi / 2
    count = max(1, min(_MOST_CHORDS, math.ceil(abs(sweep) / min(max(step, 1e-9), math.pi / 2))))
    inner = []
    for i in range(1, count):
        at, r = from_rad + sweep * i / count, radius + (last - radius) * i / count
        inner.append((centre[0] + r * math.cos(at), centre[1] + r * math.sin(at)))
    return (start, *inner, end)


def centre_of(start: Point, end: Point, radius: float, clockwise: bool, long: bool = False) -> Point | None:
    """The centre of the arc of a radius, the shorter one unless `long`; None where the radius is too small."""
    half = math.dist(start, end) / 2
    if half == 0 or radius < half * (1 - 1e-6):
        return None
    off = math.sqrt(max(0.0, radius * radius - half * half)) * (-1 if clockwise != long else 1)
    dx, dy = (end[0] - start[0]) / (2 * half), (end[1] - start[1]) / (2 * half)
    return (start[0] + end[0]) / 2 - dy * off, (start[1] + end[1]) / 2 + dx * off


def through(start: Point, on: Point, end: Point, off: float) -> tuple[Point, ...]:
    """The arc through three points; a full turn where the first is the last (`on` opposite), a line where they are in one."""
    if start == end:
        centre = (start[0] + on[0]) / 2, (start[1] + on[1]) / 2
        return arc(start, centre, end, False, off) if on != start else (start, end)
    ax, ay, bx, by = on[0] - start[0], on[1] - start[1], end[0] - start[0], end[1] - start[1]
    cross = 2 * (ax * by - ay * bx)
    if abs(cross) <= 1e-12 * (ax * ax + ay * ay + bx * bx + by * by):
        return (start, on, end)
    a, b = ax * ax + ay * ay, bx * bx + by * by
    centre = start[0] + (by * a - ay * b) / cross, start[1] + (ax * b - bx * a) / cross
    first = arc(start, centre, on, cross < 0, off)
    return first[:-1] + arc(on, centre, end, cross < 0, off)
