"""A block seen as a band: two long sides, rungs across it and lines along it.

All that is cut in the sample (blocks, rows, lots, paddies) is cut by rungs and lines of a band, so that lots stand square to
bent streets and fan out in curves, as they do on the ground. Shapes are shapely geometries in metres, east then north.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a cut leaves: a kind of ground, its shape and, for a way, its centre line."""

    kind: str
    shape: Polygon
    line: LineString | None = None


def curve(points: tuple[tuple[float, float], ...], step_m: float = 9.0, *, closed: bool = False) -> Array:
    """Catmull-Rom curve through `points` as (n, 2), a vertex about every `step_m`."""
    given = np.array(points, dtype=float)
    ends = (given[-1], given[:2]) if closed else (2 * given[0] - given[1], 2 * given[-1] - given[-2])
    knots = np.vstack([ends[0], given, ends[1]])
    parts = []
    for p0, p1, p2, p3 in zip(knots[:-3], knots[1:-2], knots[2:-1], knots[3:], strict=True):
        count = max(1, round(float(np.hypot(*(p2 - p1))) / step_m))
        t = np.arange(count)[:, None] / count
        parts.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
        )
    if not closed:
        parts.append(given[-1:])
    return np.vstack(parts)


def polygons(shape: BaseGeometry, least_m2: float = 0.5) -> list[Polygon]:
    """The polygons of any geometry that are larger than `least_m2`."""
    return [
        part
        for part in shapely.get_parts(shapely.get_parts(shape))
        if part.geom_type == "Polygon" and part.area > least_m2
    ]


def cut(shape: Polygon, lines: list[LineString]) -> list[Polygon]:
    """The faces of `shape` cut along `lines`; lines that do not cross it leave it whole."""
    if not lines:
        return [shape]
    faces = shapely.get_parts(shapely.polygonize([unary_union([shape.boundary, *lines])]))
    inside = shapely.contains_xy(shape, shapely.get_coordinates(shapely.point_on_surface(faces)))
    return [face for face, keep in zip(faces, inside, strict=True) if keep]


@dataclass(frozen=True, slots=True)
class Band:
    """A block with a spine: a cubic through the middles of its crossings, in a frame that lies along the block.

    `frame` has the unit vectors along and across as rows; `start_m, end_m` are its extent along; `spine` are the coefficients,
    highest power first, of the place across (metres, frame) over the place along (fraction 0 to 1).
    """

    shape: Polygon
    frame: Array
    start_m: float
    end_m: float
    spine: Array

    @classmethod
    def of(cls, shape: Polygon, along: Array | None = None) -> "Band":
        """The band of `shape` along its longer axis, or along the direction `along` (2,)."""
        if along is None:
            box = shapely.get_coordinates(shapely.oriented_envelope(shape))
            sides = box[1:3] - box[0:2]
            along = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
        unit = along / np.hypot(*along)
        frame = np.array([unit, (-unit[1], unit[0])])
        places = shapely.get_coordinates(shape.exterior) @ frame.T
        start, end = float(places[:, 0].min()), float(places[:, 0].max())
        at, ends = _crossings(shape, frame, start, end, places)
        spine = np.zeros(4)
        if len(at):
            middle, wide = ends.mean(axis=1), ends[:, 1] - ends[:, 0]
            degree = min(3, max(0, len(at) // 3), max(0, round((end - start) / 25)))
            spine[3 - degree :] = np.polyfit(at, middle, degree, w=np.sqrt(np.maximum(wide, 0.01)))
        return cls(shape, frame, start, end, spine)

    @property
    def length_m(self) -> float:
        return self.end_m - self.start_m

    @property
    def width_m(self) -> float:
        return float(self.shape.area) / max(self.length_m, 1e-9)

    @property
    def axis(self) -> Array:
        return np.asarray(self.frame[0], dtype=np.float64)

    def place(self, point: tuple[float, float]) -> float:
        """Where `point` lies along the band, as a fraction of its length."""
        return (float(self.axis @ np.array(point)) - self.start_m) / self.length_m

    def rungs(self, at: Array, turn_rad: Array | float = 0.0, reach_m: float = 150.0) -> list[LineString]:
        """Lines square to the spine at the fractions `at` of the length, each turned by `turn_rad`."""
        along = self.start_m + at * self.length_m
        slope = np.clip(np.polyval(np.polyder(self.spine), at) / self.length_m, -0.7, 0.7)
        way = np.column_stack([-slope, np.ones(len(at))]) / np.hypot(1.0, slope)[:, None]
        cos, sin = np.cos(turn_rad), np.sin(turn_rad)
        way = np.column_stack([cos * way[:, 0] - sin * way[:, 1], sin * way[:, 0] + cos * way[:, 1]])
        middle = np.column_stack([along, np.polyval(self.spine, at)])
        ends = np.stack([middle - reach_m * way, middle + reach_m * way], axis=1) @ self.frame
        return [LineString(end) for end in ends]

    def along(self, fraction: float, bend: Array | None = None) -> LineString | None:
        """A line from end to end at `fraction` of the width, bent as both sides are; `bend` (k,) moves it by fractions.

        None where the block is too odd for such a line.
        """
        places = shapely.get_coordinates(self.shape.exterior) @ self.frame.T
        at, ends = _crossings(self.shape, self.frame, self.start_m, self.end_m, places)
        if len(at) < 4:
            return None
        step = 0.0 if bend is None else np.interp(at, np.linspace(0, 1, len(bend)), bend)
        wide = ends[:, 1] - ends[:, 0]
        across = ends[:, 0] + (fraction + step) * wide
        fit = np.polyfit(at, across, min(3, len(at) // 3 + 1), w=np.sqrt(np.maximum(wide, 0.01)))
        steps = np.linspace(0.0, 1.0, max(3, round(self.length_m / 13)))
        line = np.column_stack([self.start_m + steps * self.length_m, np.polyval(fit, steps)])
        first, last = line[0] - line[1], line[-1] - line[-2]
        line = np.vstack(
            [line[0] + 30 * first / np.hypot(*first), line, line[-1] + 30 * last / np.hypot(*last)]
        )
        return LineString(line @ self.frame)


def _crossings(shape: Polygon, frame: Array, start: float, end: float, places: Array) -> tuple[Array, Array]:
    """Fractions along (n,) and the two sides across (n, 2) of a shape, seen in `frame`."""
    low, high = places[:, 1].min() - 1, places[:, 1].max() + 1
    at = np.linspace(0.04, 0.96, max(4, min(28, round((end - start) / 7))))
    along = start + at * (end - start)
    lines = (
        np.stack([np.column_stack([along, np.full_like(at, side)]) for side in (low, high)], axis=1) @ frame
    )
    cuts = shapely.intersection(shapely.linestrings(lines), shape)
    sides = np.full((len(at), 2), np.nan)
    for index, crossing in enumerate(np.asarray(cuts)):
        pieces = [piece for piece in shapely.get_parts(crossing) if piece.geom_type == "LineString"]
        if pieces:
            longest = max(pieces, key=lambda piece: float(piece.length))
            across = shapely.get_coordinates(longest) @ frame[1]
            sides[index] = across.min(), across.max()
    kept = ~np.isnan(sides[:, 0])
    return at[kept], sides[kept]
