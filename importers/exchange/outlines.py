"""WKB that is no plain polygon taken apart: rings left open, curves, collections, points; x, y alone, nothing mended."""

import struct
from dataclasses import dataclass, field

import numpy as np
import shapely

from importers.exchange import arcs
from importers.exchange.notes import Point

_MOST_POINTS = 100_000
_DEEPEST = 8
_POINT, _LINE, _POLYGON, _CIRCULAR, _COMPOUND, _CURVED_POLYGON, _TRIANGLE = 1, 2, 3, 8, 9, 10, 17
_MANY = (4, 5, 6, 7, 11, 12, 15, 16)


@dataclass(slots=True)
class Outline:
    """What a shape holds: polygons as lists of rings, each ring as it ends (first corner repeated where it is closed);
    points; how many lines; how many arcs became chords."""

    polygons: list[list[tuple[Point, ...]]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    lines: int = 0
    arcs: int = 0

    def gaps(self) -> list[tuple[Point, Point]]:
        """First and last corner of each ring that does not end where it began."""
        return [(r[0], r[-1]) for rings in self.polygons for r in rings if r and r[0] != r[-1]]

    def shape(self) -> shapely.Geometry | None:
        """Polygon or MultiPolygon with open rings closed by straight lines; None where no ring has three corners."""
        made = []
        for rings in self.polygons:
            good = [r if r[0] == r[-1] else (*r, r[0]) for r in rings if len(set(r)) >= 3]
            if good and len(set(rings[0])) >= 3:
                made.append(shapely.Polygon(good[0], good[1:]))
        if not made:
            return None
        return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def outline(content: bytes, off: float) -> Outline | None:
    """The parts of one WKB (ISO or EWKB); `off` bounds how far chords lie off their arcs. None where it is broken."""
    try:
        return _Wkb(content, off).read()
    except (struct.error, ValueError, IndexError):
        return None


class _Wkb:
    def __init__(self, content: bytes, off: float) -> None:
        self.content, self.off, self.at = content, off, 0
        self.found = Outline()
        self.left = _MOST_POINTS

    def read(self) -> Outline:
        self._geometry(0)
        return self.found

    def _head(self) -> tuple[str, int, int]:
        """Byte order, kind, numbers per corner."""
        order = "<" if self.content[self.at] == 1 else ">"
        (code,) = struct.unpack_from(order + "I", self.content, self.at + 1)
        self.at += 5
        size = 2 + (code >> 31) + (code >> 30 & 1)
        if code >> 29 & 1:
            self.at += 4
        code &= 0x1FFFFFFF
        size += (0, 1, 1, 2)[code // 1000] if code >= 1000 else 0
        return order, code % 1000, size

    def _count(self, order: str) -> int:
        (count,) = struct.unpack_from(order + "I", self.content, self.at)
        self.at += 4
        if count > self.left or count > len(self.content):
            raise ValueError("more points than one plot may have")
        self.left -= count
        return int(count)

    def _corners(self, order: str, size: int, count: int | None = None) -> tuple[Point, ...]:
        count = self._count(order) if count is None else count
        values = np.frombuffer(self.content, order + "f8", count * size, self.at).reshape(count, size)[:, :2]
        self.at += count * size * 8
        if not np.isfinite(values).all():
            raise ValueError("a coordinate is not a number")
        return tuple((float(x), float(y)) for x, y in values)

    def _geometry(self, depth: int) -> None:
        order, kind, size = self._head()
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        if kind == _POINT:
            values = np.frombuffer(self.content, order + "f8", size, self.at)
            self.at += size * 8
            if np.isfinite(values[:2]).all():
                self.found.points.append((float(values[0]), float(values[1])))
        elif kind in (_POLYGON, _TRIANGLE):
            self.found.polygons.append([self._corners(order, size) for _ in range(self._count(order))])
        elif kind == _CURVED_POLYGON:
            self.found.polygons.append([self._curve(depth + 1) for _ in range(self._count(order))])
        elif kind in (_LINE, _CIRCULAR, _COMPOUND):
            self.found.lines += 1
            self._run(order, kind, size, depth)
        elif kind in _MANY:
            for _ in range(self._count(order)):
                self._geometry(depth + 1)
        else:
            raise ValueError("no such kind of shape")

    def _curve(self, depth: int) -> tuple[Point, ...]:
        order, kind, size = self._head()
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        return self._run(order, kind, size, depth)

    def _run(self, order: str, kind: int, size: int, depth: int) -> tuple[Point, ...]:
        if kind == _LINE:
            return self._corners(order, size)
        if kind == _CIRCULAR:
            told = self._corners(order, size)
            run: list[Point] = list(told[:1])
            for i in range(0, len(told) - 2, 2):
                run += arcs.through(told[i], told[i + 1], told[i + 2], self.off)[1:]
                self.found.arcs += 1
            return tuple(run)
        if kind == _COMPOUND:
            whole: list[Point] = []
            for _ in range(self._count(order)):
                part = self._curve(depth + 1)
                whole += part[1:] if whole and part and part[0] == whole[-1] else part
            return tuple(whole)
        raise ValueError("no such kind of curve")


def rings_of_text(text: str) -> list[tuple[Point, Point]]:
    """First and last corner of each ring of a WKT polygon that does not end where it began."""
    gaps = []
    for part in text.replace("(", ")").split(")"):
        corners = part.strip(" ,").split(",")
        if len(corners) > 2:
            ends = [_pair(corners[0]), _pair(corners[-1])]
            if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
                gaps.append((ends[0], ends[1]))
    return gaps


def _pair(text: str) -> Point | None:
    words = text.split()
    try:
        return float(words[0]), float(words[1])
    except (ValueError, IndexError):
        return None
