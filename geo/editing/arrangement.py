"""Lines laid over a parcel: where they meet its boundary and one another, and the faces they make of it.

Corners of the parcel never move. Lines do, by at most two centimetres: onto the boundary where an end falls short of
it, into corners they pass by within a centimetre. What is left is noded on the millimetre grid, so that faces share
their corners to the bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.editing.corners_of import (
    Ring,
    all_corners,
    keys,
    on_grid,
    ring_through,
    rings_of,
    through,
    with_rings,
)
from geo.ragged import Shapes
from geo.shapes import GRID_M

Floats = NDArray[np.float64]

SNAP_M: Final = 0.01
"""Nearer than that to a corner is that corner."""
REACH_M: Final = 0.02
"""So far an end may fall short of the boundary or of another line."""
ROUNDING_M: Final = 0.00075
"""A point of a line is no farther from it when rounded to the millimetre."""
_ON_M: Final = 0.0015
"""A point this near to a line lies on it: both are rounded to the millimetre."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The parcel's Polygons between the lines, from north-west; the lines as they run now, each (n, 2) in metres; pieces
    of lines inside the parcel that end in nothing (`loose`), and those with the same face on both sides (`idle`)."""

    faces: Shapes
    lines: list[Floats]
    loose: Shapes
    idle: Shapes


def arranged(shape: shapely.Geometry, lines: Sequence[Floats], snap_m: float = SNAP_M) -> Arrangement:
    """The faces of a valid Polygon or MultiPolygon cut by lines (n, 2), in metres of one VN-2000 zone, on the mm."""
    corners = all_corners(shape)
    drawn = _ends_on_lines(shape, _on_boundary(shape, corners, lines, snap_m))
    sites = _sites(shape, corners, drawn, snap_m)
    every = np.concatenate((corners, sites))
    routed = [through(line, every, snap_m, apart_m=snap_m) for line in drawn]
    ground = with_rings(shape, lambda ring: ring_through(ring, sites, GRID_M))
    if not shapely.is_valid(ground):
        ground = shape
    pieces = [shapely.LineString(line) for line in routed if len(line) > 1]
    noded = shapely.union_all([*shapely.get_rings(shapely.get_parts(ground)), *pieces], grid_size=GRID_M)
    made, idle, loose, _ = (
        shapely.get_parts(one) for one in shapely.polygonize_full(shapely.get_parts(noded))
    )
    inner = shapely.point_on_surface(made)
    shapely.prepare(ground)
    faces = np.array([on_grid(face) for face in made[shapely.contains(ground, inner)]], dtype=object)
    return Arrangement(
        from_north_west(_without_needless(faces, corners)),
        routed,
        _inside(loose, ground, REACH_M),
        _inside(idle, ground, _ON_M),
    )


def from_north_west(faces: Shapes) -> Shapes:
    """The shapes from the topmost down, then from west to east."""
    bounds = shapely.bounds(faces)
    order = np.lexsort((shapely.area(faces), bounds[:, 1], bounds[:, 0], -bounds[:, 3]))
    return np.asarray(faces[order], dtype=object)


def _on_boundary(
    shape: shapely.Geometry, corners: Floats, lines: Sequence[Floats], snap_m: float
) -> list[Floats]:
    """The lines with corners near the boundary, and ends that fall just short of it, on it."""
    rim = shapely.boundary(shape)
    shapely.prepare(shape)
    seen = corners
    out = []
    for line in lines:
        closed = bool((line[0] == line[-1]).all())
        new: list[Floats] = []
        for k, point in enumerate(line):
            end = not closed and k in (0, len(line) - 1)
            reach = REACH_M if end and shapely.contains_xy(shape, *point) else snap_m
            there = _nearest(seen, point, snap_m)
            if there is None:
                there = foot(rim, point, reach, point)
                there = _or(_nearest(corners, there, snap_m), there)
            new.append(there)
            seen = np.concatenate((seen, there[None]))
        out.append(_without_repeats(np.array(new)))
    return out


def _ends_on_lines(shape: shapely.Geometry, lines: list[Floats]) -> list[Floats]:
    """The lines with ends inside the parcel moved onto another line that is near."""
    lines = [line.copy() for line in lines]
    rim = shapely.boundary(shape)
    for k, line in enumerate(lines):
        others = shapely.MultiLineString([one for i, one in enumerate(lines) if i != k and len(one) > 1])
        if others.is_empty or (line[0] == line[-1]).all():
            continue
        for end in (0, -1):
            point = shapely.Point(line[end])
            if shapely.contains(shape, point) and shapely.distance(rim, point) > _ON_M:
                there = foot(others, line[end], REACH_M, line[end])
                line[end] = _or(_nearest(shapely.get_coordinates(others), there, SNAP_M), there)
        lines[k] = _without_repeats(line)
    return lines


def _sites(shape: shapely.Geometry, corners: Floats, lines: list[Floats], snap_m: float) -> Floats:
    """Points (n, 2) that are to be corners: those of the lines, and where these cross one another or the boundary."""
    drawn = [shapely.LineString(line) for line in lines if len(line) > 1]
    rim = shapely.boundary(shape)
    crossings = [shapely.get_coordinates(shapely.intersection(line, rim)) for line in drawn]
    for k, line in enumerate(drawn):
        crossings += [shapely.get_coordinates(shapely.intersection(line, one)) for one in drawn[:k]]
    every = np.concatenate((corners, *lines))
    for point in np.concatenate([np.empty((0, 2)), *crossings]):
        if _nearest(every, point, snap_m) is None:
            every = np.concatenate((every, np.round(point[None], 3)))
    return every[len(corners) :]


def foot(rim: shapely.Geometry, point: Floats, within_m: float, otherwise: Floats) -> Floats:
    """The point of a line nearest to a point, on the millimetre; the point itself where it lies on it already, and
    what stands for it where the line is farther."""
    near = shapely.get_coordinates(shapely.shortest_line(rim, shapely.Point(point)))[0]
    off = float(np.hypot(*(near - point)))
    if off > within_m + 1e-9:
        return otherwise
    return point if off <= ROUNDING_M else np.round(near * 1000) / 1000


def _nearest(points: Floats, point: Floats, within_m: float) -> Floats | None:
    off = np.hypot(points[:, 0] - point[0], points[:, 1] - point[1])
    k = int(np.argmin(off))
    return points[k] if off[k] <= within_m + 1e-9 else None


def _or(point: Floats | None, otherwise: Floats) -> Floats:
    return otherwise if point is None else point


def _without_repeats(line: Floats) -> Floats:
    again = np.concatenate(([False], (line[1:] == line[:-1]).all(axis=1)))
    return np.asarray(line[~again], dtype=np.float64)


def _inside(pieces: Shapes, ground: shapely.Geometry, least_m: float) -> Shapes:
    """Pieces of lines longer than that inside the parcel, away from its boundary."""
    inner = shapely.difference(
        shapely.intersection(pieces, ground), shapely.buffer(shapely.boundary(ground), _ON_M)
    )
    return np.asarray(inner[shapely.length(inner) > least_m], dtype=object)


def _without_needless(faces: Shapes, corners: Floats) -> Shapes:
    """The faces without corners on the old boundary where no line leaves it: the lines only touch it there."""
    if faces.size < 2:
        return faces
    xy = np.concatenate([ring for face in faces for part in rings_of(face) for ring in part])
    points, uses = np.unique(np.round(xy * 1000).astype(np.int64), axis=0, return_counts=True)
    old = set(keys(corners))
    once = {
        (x, y)
        for (x, y), n in zip(points.tolist(), uses.tolist(), strict=True)
        if n == 1 and (x, y) not in old
    }

    def kept(ring: Ring) -> Ring:
        return np.asarray(ring[[one not in once for one in keys(ring)]], dtype=np.float64)

    return np.array([with_rings(face, kept) if once else face for face in faces], dtype=object)
