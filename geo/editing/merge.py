"""Parcels joined into one."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import coverage
from geo.editing.refused import EditRefused
from geo.editing.ringed import mapped, with_corners
from geo.shapes import round_mm

_ON_EDGE_M = 0.0015


def merged(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    """The Polygon (or MultiPolygon, where a part of one stood apart before) the shapes cover together, metres.

    Corners of the shapes that lie on the new outline stay, for the neighbours; slits of rounding are closed. Raises:
    EditRefused (not_adjacent) where they do not hang together by edges.
    """
    given = np.array(shapes, object)
    covered = coverage.outline(given)
    parts = shapely.get_parts(covered)
    apart = _apart(given, parts)
    if apart is not None:
        x, y = shapely.get_coordinates(shapely.point_on_surface(given[apart]))[0].tolist()
        raise EditRefused(
            "not_adjacent",
            f"Parcel {apart + 1} of those named has no common border with the others: only neighbours are merged.",
            f"Thửa thứ {apart + 1} không có ranh chung với các thửa còn lại: chỉ hợp được các thửa liền kề.",
            x,
            y,
        )
    corners = np.unique(shapely.get_coordinates(given), axis=0)
    near = shapely.dwithin(shapely.points(corners), shapely.boundary(covered), _ON_EDGE_M)
    whole = mapped(covered, lambda ring: with_corners(ring, corners[near], _ON_EDGE_M))
    rounded = None if whole is None else round_mm(np.array([whole], object))[0]
    if rounded is None or not shapely.is_valid(rounded):
        rounded = round_mm(np.array([covered], object))[0]
    if not shapely.is_valid(rounded):
        raise EditRefused(
            "invalid_whole",
            "The parcels joined are no valid shape: mend their common border first.",
            "Thửa sau khi hợp không hợp lệ: hãy sửa ranh chung trước.",
        )
    return rounded


def _apart(shapes: NDArray[np.object_], parts: NDArray[np.object_]) -> int | None:
    """The first shape that stands apart from the part most of the others are in; None: they are one."""
    if len(parts) == 1:
        return None
    # Which parts of the whole each shape has ground in; those of one shape belong together.
    points = [shapely.point_on_surface(shapely.get_parts(shape)) for shape in shapes]
    group = list(range(len(parts)))

    def root(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    lies = [[int(shapely.distance(parts, point).argmin()) for point in mine] for mine in points]
    for mine in lies:
        for k in mine[1:]:
            group[root(k)] = root(mine[0])
    roots = [root(mine[0]) for mine in lies]
    main = max(set(roots), key=lambda r: (roots.count(r), -r))
    return next((k for k, r in enumerate(roots) if r != main), None)
