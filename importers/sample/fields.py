"""Fields cut into blocks by paths and ditches, and blocks into paddies: strips of uneven width with slightly bent dykes."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from shapely import LineString, Polygon

from importers.sample.bands import Array, Band, Piece, curve, cut, polygons
from importers.sample.town import mend

PATH: Final = "path"
DITCH: Final = "ditch"
PADDY: Final = "paddy"


def blocks(shape: Polygon, largest_m2: float, rng: np.random.Generator) -> Iterator[Piece]:
    """Paths and ditches through `shape`, and the blocks of paddies that they leave."""
    if shape.area < largest_m2:
        yield Piece(PADDY, shape)
        return
    band = Band.of(shape)
    at = np.array([rng.uniform(0.40, 0.60)])
    line = _wavy(_within(band.rungs(at, rng.normal(0, 0.12))[0], shape), 3.0, rng)
    kind = DITCH if rng.random() < 0.4 else PATH
    way = line.buffer(rng.uniform(0.8, 1.5), cap_style="flat", join_style="mitre")
    for part in polygons(shape.intersection(way)):
        yield Piece(kind, part, line)
    for part in polygons(shape.difference(way)):
        yield from blocks(part, largest_m2, rng)


def paddies(shape: Polygon, strip_m: tuple[float, float], rng: np.random.Generator) -> Iterator[Polygon]:
    """The strips of one block; they cover it."""
    band = Band.of(shape)
    if shape.area < 1.5 * strip_m[0] * 40:
        yield shape
        return
    rows = max(1, round(band.width_m / rng.uniform(42, 62)))
    lines = [
        line
        for row in range(1, rows)
        if (line := band.along(row / rows + rng.normal(0, 0.03), bend=rng.normal(0, 0.03, 5))) is not None
    ]
    for row in cut(shape, lines):
        inner = Band.of(row, along=band.axis)
        count = max(1, round(inner.length_m / rng.uniform(*strip_m)))
        widths = rng.lognormal(0, 0.35, count)
        at = np.cumsum(widths / widths.sum())[:-1]
        turn = rng.normal(0, 0.03, len(at))
        dykes = [_wavy(_within(line, row), 0.8, rng) for line in inner.rungs(at, turn)]
        yield from mend(cut(row, dykes), 150)


def blob(east_m: float, north_m: float, radius_m: float, rng: np.random.Generator) -> Polygon:
    """A round shape as water leaves it: a pond, a mound of graves."""
    turn = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    reach = radius_m * rng.uniform(0.72, 1.25, 8)
    points = np.column_stack([east_m + 1.25 * reach * np.cos(turn), north_m + 0.8 * reach * np.sin(turn)])
    return Polygon(curve(tuple(map(tuple, points)), max(2.5, radius_m / 4), closed=True))


def _within(line: LineString, shape: Polygon) -> LineString:
    """The part of a straight `line` from where it enters `shape` to where it leaves, and a little more."""
    inside = shapely.get_coordinates(shapely.intersection(line, shape))
    if len(inside) < 2:
        return line
    far = inside[[np.argmin(inside @ (inside[-1] - inside[0])), np.argmax(inside @ (inside[-1] - inside[0]))]]
    over = (far[1] - far[0]) / max(float(np.hypot(*(far[1] - far[0]))), 1e-9)
    return LineString([far[0] - 3 * over, far[1] + 3 * over])


def _wavy(line: LineString, by_m: float, rng: np.random.Generator) -> LineString:
    """The same line with a few bends of about `by_m` sideways; its ends stay."""
    ends = shapely.get_coordinates(line)
    way = ends[-1] - ends[0]
    side = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-9)
    count = int(rng.integers(2, 5))
    share = (np.arange(count) + rng.uniform(0.3, 0.7, count)) / count
    inner: Array = ends[0] + share[:, None] * way + rng.normal(0, by_m, count)[:, None] * side
    return LineString(np.vstack([ends[0], inner, ends[-1]]))
