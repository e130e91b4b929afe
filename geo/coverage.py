"""Parcels side by side: who overlaps whom, and what they cover together.

Two parcels overlap when a part of their intersection is wider than the snapping grid: its mean width, twice
the area by the perimeter, above one millimetre. Where a corner of one lies on an edge of the other, rounding
both to the millimetre leaves a sliver of up to 1.4 mm at its widest and half of that in the mean: that is no
overlap.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ragged import Shapes, rings
from geo.touching import may_overlap

GRID_M = 0.001

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs that share ground, sorted by i, j: area in m², greatest mean width in metres, a point x, y
    inside it."""

    i: Indexes
    j: Indexes
    area_m2: Floats
    width_m: Floats
    x: Floats
    y: Floats


def overlaps(shapes: Shapes, others: Shapes | None = None) -> Overlaps:
    """All pairs of shapes (i < j), or of a shape (i) and one of the others (j), that share more than the
    grid.

    Shapes are valid Polygons or MultiPolygons in one VN-2000 zone. Missing and empty ones overlap nothing.
    """
    a = rings(shapes)
    b = a if others is None else rings(others)
    i, j = _neighbours(shapes, shapes if others is None else others)
    if others is None:
        i, j = i[i < j], j[i < j]
    suspect = may_overlap(a, b, i, j, 0.9 * GRID_M)
    i, j = i[suspect], j[suspect]
    order = np.lexsort((j, i))
    return _shared(shapes, shapes if others is None else others, i[order], j[order])


def outline(shapes: Shapes) -> shapely.Geometry:
    """What the shapes cover together: a Polygon or MultiPolygon; empty when there is nothing.

    Gaps about as narrow as the grid (the slivers of rounding) are closed.
    """
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if shapes.size == 0:
        return shapely.MultiPolygon()
    covered = _joined(shapes)
    if covered is None:
        covered = shapely.union_all(shapes, grid_size=GRID_M)
    if shapely.get_num_geometries(covered) > 1 or shapely.get_num_interior_rings(covered) > 0:
        # Where corners lie beside edges instead of on them, slits remain, as holes or between parts.
        wider = shapely.buffer(covered, GRID_M, join_style="mitre")
        covered = shapely.set_precision(shapely.buffer(wider, -GRID_M, join_style="mitre"), GRID_M)
    parts = shapely.get_parts(covered)
    parts = parts[shapely.get_type_id(parts) == 3]
    holed = np.flatnonzero(shapely.get_num_interior_rings(parts) > 0)
    for k in holed:
        holes = shapely.get_rings(parts[k])[1:]
        faces = np.asarray(shapely.polygons(holes), dtype=object)
        parts[k] = shapely.Polygon(
            shapely.get_exterior_ring(parts[k]), list(holes[_mean_width_m(faces) > GRID_M])
        )
    return shapely.Polygon(parts[0]) if parts.size == 1 else shapely.MultiPolygon(list(parts))


def _joined(shapes: Shapes) -> shapely.Geometry | None:
    """The union by shared edges, an order of magnitude faster; None where edges do not match or parcels
    overlap."""
    try:
        covered = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        return None
    total = float(shapely.area(shapes).sum())
    if not shapely.is_valid(covered) or abs(float(shapely.area(covered)) - total) > 1e-9 * total + GRID_M**2:
        return None
    return covered


def _neighbours(shapes: Shapes, others: Shapes) -> tuple[Indexes, Indexes]:
    found = shapely.STRtree(others).query(shapes)
    return found[0].astype(np.int64), found[1].astype(np.int64)


def _mean_width_m(faces: Shapes) -> Floats:
    length = shapely.length(faces)
    width: Floats = np.divide(2 * shapely.area(faces), length, out=np.zeros_like(length), where=length > 0)
    return width


def _shared(shapes: Shapes, others: Shapes, i: Indexes, j: Indexes) -> Overlaps:
    """The exact intersections of suspected pairs, the slivers of rounding left out."""
    common, pair = shapely.get_parts(shapely.intersection(shapes[i], others[j]), return_index=True)
    faces, owner = shapely.get_parts(common, return_index=True)
    pair = pair[owner]
    width = _mean_width_m(faces)
    wide = width > GRID_M
    faces, pair, width = faces[wide], pair[wide], width[wide]
    area = shapely.area(faces)
    total = np.bincount(pair, weights=area, minlength=i.size).astype(np.float64)
    widest = np.zeros(i.size, dtype=np.float64)
    np.maximum.at(widest, pair, width)
    hit = np.flatnonzero(widest > 0)
    # The point is in the part with the most ground.
    by_size = np.lexsort((area, pair))
    last = np.searchsorted(pair[by_size], hit, side="right") - 1
    points = shapely.point_on_surface(faces[by_size[last]])
    return Overlaps(i[hit], j[hit], total[hit], widest[hit], shapely.get_x(points), shapely.get_y(points))
