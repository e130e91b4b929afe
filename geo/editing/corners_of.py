"""Shapes taken apart into rings of corners, and put together again on the millimetre."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.shapes import round_mm

Floats = NDArray[np.float64]
Ring = Floats
"""Corners (n, 2) in metres, the first not repeated at the end; the inside of the shape is on the left."""
Key = tuple[int, int]
"""A point in whole millimetres: equal for points that are equal on the grid."""


def key(x: float, y: float) -> Key:
    return round(x * 1000), round(y * 1000)


def keys(ring: Ring) -> list[Key]:
    """The corners in whole millimetres."""
    return [(x, y) for x, y in np.round(ring * 1000).astype(np.int64).tolist()]


def on_grid(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape on the millimetre grid, exterior rings counter-clockwise."""
    rounded: shapely.Geometry = round_mm(np.array([shape], dtype=object))[0]
    return rounded


def rings_of(shape: shapely.Geometry) -> list[list[Ring]]:
    """For each polygon of a shape its rings, the exterior first."""
    return [
        [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(part)]
        for part in shapely.get_parts(shape)
    ]


def shape_of(parts: list[list[Ring]]) -> shapely.Geometry:
    """The Polygon or MultiPolygon of these rings, as they are: it may be invalid.

    Raises: ValueError for a ring of fewer than three corners.
    """
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def with_rings(shape: shapely.Geometry, change: Callable[[Ring], Ring]) -> shapely.Geometry:
    """The shape with each ring changed."""
    return shape_of([[change(ring) for ring in part] for part in rings_of(shape)])


def all_corners(shape: shapely.Geometry) -> Floats:
    """Each corner (n, 2) once, in metres, sorted."""
    return np.unique(shapely.get_coordinates(shape), axis=0)


def through(line: Floats, points: Floats, within_m: float, apart_m: float = 0.0) -> Floats:
    """A line (n, 2) that passes through those points (m, 2) which lie within a distance of one of its pieces.

    Of points that lie closer than `apart_m` to one another or to the piece's ends only the nearest to it is taken;
    ends of pieces stay. All in metres. A point beside several pieces is taken by the nearest one.
    """
    if len(points) == 0 or len(line) < 2:
        return line
    start, end = line[:-1], line[1:]
    d = end - start
    length = np.hypot(d[:, 0], d[:, 1])
    # Few points at a time: a parcel of ten thousand corners cut by a long line would need much memory.
    with np.errstate(divide="ignore", invalid="ignore"):
        u = d / length[:, None]
    new: dict[int, list[tuple[float, float, int]]] = {}
    for k, point in enumerate(points):
        r = point - start
        along = (r * u).sum(axis=1)
        off = np.abs(r[:, 0] * u[:, 1] - r[:, 1] * u[:, 0])
        fits = (along > 0) & (along < length) & (off <= within_m + 1e-9)
        if not fits.any() or (line == point).all(axis=1).any():
            continue
        piece = int(np.argmin(np.where(fits, off, np.inf)))
        new.setdefault(piece, []).append((float(off[piece]), float(along[piece]), k))
    out: list[Floats] = []
    for piece in range(len(start)):
        out.append(start[piece])
        kept: list[tuple[float, Floats]] = []
        for _, along_m, k in sorted(new.get(piece, [])):
            others = [start[piece], end[piece], *(p for _, p in kept)]
            if all(np.hypot(*(points[k] - other)) >= apart_m for other in others):
                kept.append((along_m, points[k]))
        out.extend(p for _, p in sorted(kept, key=lambda one: one[0]))
    out.append(end[-1])
    return np.array(out)


def ring_through(ring: Ring, points: Floats, within_m: float) -> Ring:
    """A ring with those points as corners that lie within a distance of one of its edges and are none yet."""
    return through(np.concatenate((ring, ring[:1])), points, within_m)[:-1]
