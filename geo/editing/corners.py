"""Corners of a map: moved, put in, taken out of every parcel that has them. Neighbours share corners by construction."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.editing.refused import EditRefused
from geo.editing.ringed import Floats, mapped, on_mm, with_corners

T_JUNCTION_M = 0.001
"""A corner this near to a neighbour's edge lies on it: both were rounded to the millimetre."""
_ON_EDGE_M = 0.0015

Shapes = NDArray[np.object_]
Changed = dict[int, shapely.Geometry]


def moved(shapes: Shapes, moves: Sequence[tuple[ArrayLike, ArrayLike]]) -> Changed:
    """The shapes (by index) that change when corners go from one place to another, all at once.

    Shapes (n,) of one zone, metres. A shape on whose edge such a corner lies gets it. Raises: EditRefused: no_corner_here,
    turns_inside_out.
    """
    start = on_mm(np.array([m[0] for m in moves], np.float64).reshape(-1, 2))
    end = on_mm(np.array([m[1] for m in moves], np.float64).reshape(-1, 2))
    _finite(start, end)
    for point in start:
        _is_corner(shapes, point)
    changed = {}
    for k in _near(shapes, start, T_JUNCTION_M):
        became = mapped(shapes[k], lambda ring: _go(with_corners(ring, start, T_JUNCTION_M), start, end))
        if became is None or not shapely.equals_exact(became, shapes[k]):
            changed[k] = _sound(shapes[k], became, k, end)
    return changed


def inserted(shapes: Shapes, points: ArrayLike) -> Changed:
    """The shapes (by index) that get new corners: those with an edge within 1.5 mm of one.

    Raises: EditRefused (no_edge_here) where no shape has a corner or an edge there.
    """
    xy = on_mm(np.array(points, np.float64).reshape(-1, 2))
    _finite(xy)
    for point in xy:
        if not _near(shapes, point[None], _ON_EDGE_M):
            raise EditRefused(
                "no_edge_here",
                f"No boundary passes at {_place(point)}: pick a point on a boundary.",
                f"Không có ranh thửa nào qua điểm {_place(point)}: hãy chọn điểm trên ranh.",
                *point.tolist(),
            )
    return _with(shapes, xy)


def removed(shapes: Shapes, points: ArrayLike) -> Changed:
    """The shapes (by index) without these corners. Raises: EditRefused: no_corner_here, turns_inside_out."""
    xy = on_mm(np.array(points, np.float64).reshape(-1, 2))
    _finite(xy)
    for point in xy:
        _is_corner(shapes, point)
    changed = {}
    for k in _near(shapes, xy, 0.0):
        became = mapped(shapes[k], lambda ring: ring[~_among(ring, xy)])
        if became is None or shapely.get_num_coordinates(became) != shapely.get_num_coordinates(shapes[k]):
            changed[k] = _sound(shapes[k], became, k, xy)
    return changed


def replaced(
    before: shapely.Geometry, after: shapely.Geometry, neighbours: Shapes, tolerance_m: float
) -> Changed:
    """Neighbours (by index) that follow when a parcel is measured anew.

    A corner of `before` that `after` lacks goes, in the neighbours too, to the nearest corner that only `after` has, else
    onto its boundary, if that is within `tolerance_m`; corners that `after` has besides are put into the neighbours'
    edges they lie on. Corners further off are left: what then overlaps or gapes is found by the check. Raises:
    EditRefused (turns_inside_out).
    """
    old, new = _corners(before), _corners(after)
    gone, come = old[~_among(old, new)], new[~_among(new, old)]
    moves: dict[tuple[float, float], tuple[float, float]] = {}
    if len(gone) and len(come):
        off = np.hypot(*(gone[:, None] - come[None]).transpose(2, 0, 1))
        for i, j in zip(*np.unravel_index(np.argsort(off, axis=None), off.shape), strict=True):
            old_place, new_place = tuple(gone[i].tolist()), tuple(come[j].tolist())
            if off[i, j] <= tolerance_m and old_place not in moves and new_place not in moves.values():
                moves[old_place] = new_place
    rim = shapely.boundary(after)
    for east, north in gone.tolist():
        spot = shapely.Point(east, north)
        if (east, north) not in moves and shapely.dwithin(rim, spot, tolerance_m):
            foot = shapely.shortest_line(rim, spot)
            moves[east, north] = tuple(on_mm(shapely.get_coordinates(foot)[0]).tolist())
    changed: Changed = {}
    shapes = neighbours.copy()
    if moves:
        start, end = np.array(list(moves)), np.array(list(moves.values()))
        for k in _near(shapes, start, T_JUNCTION_M):
            became = mapped(shapes[k], lambda ring: _go(with_corners(ring, start, T_JUNCTION_M), start, end))
            changed[k] = shapes[k] = _sound(shapes[k], became, k, end)
    if len(come):
        changed |= _with(shapes, come)
    return {k: shape for k, shape in changed.items() if not shapely.equals_exact(shape, neighbours[k])}


def _with(shapes: Shapes, xy: Floats) -> Changed:
    changed = {}
    for k in _near(shapes, xy, _ON_EDGE_M):
        became = mapped(shapes[k], lambda ring: with_corners(ring, xy, _ON_EDGE_M))
        if became is None or shapely.get_num_coordinates(became) != shapely.get_num_coordinates(shapes[k]):
            changed[k] = _sound(shapes[k], became, k, xy)
    return changed


def _near(shapes: Shapes, xy: Floats, reach_m: float) -> list[int]:
    """Shapes whose boundary passes within reach of one of the points."""
    if not len(xy):
        return []
    points = shapely.MultiPoint(xy)
    return np.flatnonzero(shapely.dwithin(shapely.boundary(shapes), points, reach_m + 1e-9)).tolist()


def _go(ring: Floats, start: Floats, end: Floats) -> Floats:
    ring = ring.copy()
    was = ring.copy()
    for a, b in zip(start, end, strict=True):
        ring[(was == a).all(axis=1)] = b
    return ring


def _among(xy: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which of xy (n, 2) are among the points."""
    return (
        np.asarray((xy[:, None] == points[None]).all(axis=2).any(axis=1))
        if len(points)
        else np.zeros(len(xy), bool)
    )


def _corners(shape: shapely.Geometry) -> Floats:
    return np.unique(shapely.get_coordinates(shape), axis=0)


def _sound(
    before: shapely.Geometry, after: shapely.Geometry | None, k: int, where: Floats
) -> shapely.Geometry:
    """The shape as it became, if it is one: valid, and no ring turned inside out. Raises: EditRefused."""
    good: bool = after is not None and bool(shapely.is_valid(after)) and bool(shapely.area(after) > 0)
    if good:
        turns = [shapely.is_ccw(shapely.get_rings(part)) for part in shapely.get_parts(before)]
        now = [shapely.is_ccw(shapely.get_rings(part)) for part in shapely.get_parts(after)]
        good = all(bool(np.array_equal(a, b)) for a, b in zip(turns, now, strict=True))
    if not good or after is None:
        boundary = shapely.boundary(before)
        x, y = where[int(shapely.distance(shapely.points(where), boundary).argmin())].tolist()
        raise EditRefused(
            "turns_inside_out",
            f"A parcel at {x:.3f}, {y:.3f} would cross itself, vanish or turn inside out (parcel {k} of those around).",
            f"Một thửa tại ({x:.3f}; {y:.3f}) sẽ tự cắt, mất diện tích hoặc lộn ngược (thửa thứ {k} quanh đó).",
            x,
            y,
        )
    return after


def _is_corner(shapes: Shapes, point: Floats) -> None:
    xy = shapely.get_coordinates(shapes)
    if len(xy) and (xy == point).all(axis=1).any():
        return
    hint, hint_vi = "", ""
    if len(xy):
        off = np.hypot(*(xy - point).T)
        if off.min() <= 1.0:
            nearest = _place(xy[off.argmin()])
            hint, hint_vi = f"; the nearest is {nearest}", f"; đỉnh gần nhất là {nearest}"
    raise EditRefused(
        "no_corner_here",
        f"There is no corner at {_place(point)}{hint}.",
        f"Không có đỉnh thửa nào tại {_place(point)}{hint_vi}.",
        *point.tolist(),
    )


def _place(point: Floats) -> str:
    return f"({point[0]:.3f}; {point[1]:.3f})"


def _finite(*many: Floats) -> None:
    if not all(np.isfinite(xy).all() for xy in many):
        raise EditRefused("not_a_number", "A coordinate is no number.", "Có tọa độ không phải là số.")
