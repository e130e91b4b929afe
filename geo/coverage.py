"""Parcels side by side: who overlaps whom, and what they cover together.

Two parcels overlap when a part of their intersection is wider than the snapping grid: its mean width, twice
the area by the perimeter, above one millimetre. Where a corner of one lies on an edge of the other, rounding
both to the millimetre leaves a sliver of up to 1.4 mm at its widest and half of that in the mean: that is no
overlap. A strip of one millimetre, measured as twice the area by the perimeter, is a trace narrower than that:
a survey is held to `SURVEY_M`.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.pairs import box_pairs
from geo.ragged import Shapes, rings
from geo.touching import may_overlap

GRID_M = 0.001
SURVEY_M = 0.00095
"""Finds strips of one millimetre that are longer than two centimetres."""

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs that share ground, sorted by i, j: area in m², greatest mean width in metres, a point x, y
    inside it. complete: False where so many lie on one another that not all pairs were looked at."""

    i: Indexes
    j: Indexes
    area_m2: Floats
    width_m: Floats
    x: Floats
    y: Floats
    complete: bool = True


def overlaps(
    shapes: Shapes, others: Shapes | None = None, least_m: float = GRID_M, most: int | None = None
) -> Overlaps:
    """All pairs of shapes (i < j), or of a shape (i) and one of the others (j), that share a part wider than
    `least_m`.

    Shapes are valid Polygons or MultiPolygons in one VN-2000 zone. Missing and empty ones overlap nothing.
    `most` bounds the exact intersections, and the looks before them at fifty times as many, for shapes from
    strangers.
    """
    a = rings(shapes)
    b = a if others is None else rings(others)
    i, j, complete = box_pairs(shapes, shapes if others is None else others, most and 50 * most)
    if others is None:
        i, j = i[i < j], j[i < j]
    suspect = may_overlap(a, b, i, j, 0.9 * least_m)
    i, j = i[suspect], j[suspect]
    order = np.lexsort((j, i))[:most]
    complete = complete and order.size == i.size
    return _shared(shapes, shapes if others is None else others, i[order], j[order], least_m, complete)


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
            shapely.get_exterior_ring(parts[k]), list(holes[mean_width_m(faces) > GRID_M])
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


def mean_width_m(faces: Shapes) -> Floats:
    """Twice the area by the perimeter, metres (n,): the width of long strips."""
    length = shapely.length(faces)
    width: Floats = np.divide(2 * shapely.area(faces), length, out=np.zeros_like(length), where=length > 0)
    return width


def _shared(
    shapes: Shapes, others: Shapes, i: Indexes, j: Indexes, least_m: float, complete: bool
) -> Overlaps:
    """The exact intersections of suspected pairs, the slivers of rounding left out."""
    common, pair = shapely.get_parts(shapely.intersection(shapes[i], others[j]), return_index=True)
    faces, owner = shapely.get_parts(common, return_index=True)
    pair = pair[owner]
    width = mean_width_m(faces)
    wide = width > least_m
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
    x, y = shapely.get_x(points), shapely.get_y(points)
    return Overlaps(i[hit], j[hit], total[hit], widest[hit], x, y, complete)
