"""Points inside shapes, whatever the shapes are like: where a number is written and where a plot is pointed at."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.polylabel import interior_points

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]

MOST_M = 1e9
"""Coordinates beyond this are no place on the earth, and are not drawn."""
_MANY = 2_000
_POLYGON, _MULTIPOLYGON = 3, 6


def drawable(shapes: Objects) -> NDArray[np.bool_]:
    """Which are Polygons or MultiPolygons with something in them and coordinates that can be drawn."""
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    kind = shapely.get_type_id(shapes)
    ok = ((kind == _POLYGON) | (kind == _MULTIPOLYGON)) & ~shapely.is_empty(shapes)
    with np.errstate(invalid="ignore"):
        ok &= (np.abs(shapely.bounds(shapes)) < MOST_M).all(axis=1)
    return np.asarray(ok, dtype=np.bool_)


def inner_points(shapes: Objects, precision_m: float = 0.1) -> tuple[Floats, Floats]:
    """A point deep inside each shape (n, 2: x, y) and its distance from the boundary (n,); NaN and 0 where there is none.

    Outlines of thousands of corners are thinned first: the point is for pointing, not for issuing codes.
    """
    points = np.full((len(shapes), 2), np.nan)
    radius = np.zeros(len(shapes))
    ok = np.flatnonzero(drawable(shapes))
    if not ok.size:
        return points, radius
    chosen = shapes[ok].copy()
    many = np.flatnonzero(shapely.get_num_coordinates(chosen) > _MANY)
    for i in many.tolist():
        x0, y0, x1, y1 = chosen[i].bounds
        thin = shapely.simplify(chosen[i], max(x1 - x0, y1 - y0) / 1000, preserve_topology=False)
        if drawable(np.array([thin], dtype=object))[0]:
            chosen[i] = thin
    points[ok], radius[ok] = interior_points(chosen, precision_m)
    return points, radius
