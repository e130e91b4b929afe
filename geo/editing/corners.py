"""Corners (đỉnh thửa, điểm ranh giới) moved, inserted and removed in all parcels that have them.

`shapes` are the parcels around, Polygons or MultiPolygons in metres of one VN-2000 zone on the millimetre; missing ones
(None) are passed over. What comes back is index → new shape, of the changed ones only, valid, exterior counter-clockwise.
A corner that lies on an edge of another parcel within a millimetre (T-junction) belongs to that parcel too.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.editing.corners_of import Key, Ring, all_corners, key, keys, on_grid, ring_through, rings_of
from geo.editing.following import replaced
from geo.editing.refused import EditRefused, points_mm, vi
from geo.editing.reshaped import ON_EDGE_M, checked_shape, moved_ring, not_in
from geo.ragged import Shapes

__all__ = ["inserted", "moved", "removed", "replaced"]

Floats = NDArray[np.float64]
Point = tuple[float, float]

_LOOK_M: Final = 1.0
"""So far a corner is looked for, to name it where none is."""


def moved(shapes: Shapes, moves: Sequence[tuple[Point, Point]]) -> dict[int, shapely.Geometry]:
    """The shapes with corners moved, each from its place to another, all at the same time.

    Parcels with an edge through the old place get the new one as a corner. Corners of a ring that come to lie on one
    another, one after the other, are one.

    Raises: EditRefused "no_corner_here", "moved_twice" (to different places), "turns_inside_out", "not_a_number".
    """
    start, end = _points([a for a, _ in moves]), _points([b for _, b in moves])
    to: dict[Key, Floats] = {}
    for name, a, b in zip(keys(start), start, end, strict=True):
        if name in to and (to[name] != b).any():
            raise EditRefused(
                "moved_twice",
                "This corner is to move to two different places; give it one.",
                "Đỉnh này được dời đến hai vị trí khác nhau; hãy chọn một vị trí.",
                *a.tolist(),
            )
        to[name] = b
    near, own = _around(shapes, start)
    for point in start:
        _has_corner(point, shapes, near, own)
    return _changed(shapes, near, lambda k, ring: moved_ring(ring, own[k], start, to))


def inserted(shapes: Shapes, points: Sequence[Point] | Floats) -> dict[int, shapely.Geometry]:
    """The shapes with points as corners where an edge passes within 1.5 mm and they have no corner there.

    Raises: EditRefused "no_edge_here" for a point that is on no edge and no corner of any shape, "turns_inside_out",
    "not_a_number".
    """
    xy = _points(points)
    near, own = _around(shapes, xy)

    def with_points(k: int, ring: Ring) -> Ring:
        return ring_through(ring, not_in(xy, own[k]), ON_EDGE_M)

    new = _changed(shapes, near, with_points)
    have = [own[k] for k in near if k not in new] + [set(keys(all_corners(shape))) for shape in new.values()]
    for point in xy:
        if not any(key(*point) in names for names in have):
            raise EditRefused(
                "no_edge_here",
                "No boundary passes here; put the point on the edge of a parcel.",
                "Không có ranh thửa nào đi qua đây; hãy đặt điểm lên một cạnh thửa.",
                *point.tolist(),
            )
    return new


def removed(shapes: Shapes, points: Sequence[Point] | Floats) -> dict[int, shapely.Geometry]:
    """The shapes without these corners.

    Raises: EditRefused "no_corner_here", "boundaries_meet" (three or more end here: without it ground would be nobody's,
    or two's), "too_few_corners" (a ring would have less than three), "turns_inside_out", "not_a_number".
    """
    xy = _points(points)
    near, own = _around(shapes, xy)
    gone = set(keys(xy))
    for point in xy:
        _has_corner(point, shapes, near, own)
        _ends_no_boundary(point, shapes[near])

    def without(k: int, ring: Ring) -> Ring:
        left = ring[[one not in gone for one in keys(ring)]]
        if len(left) < 3:
            x, y = ring[[one in gone for one in keys(ring)]][0].tolist()
            raise EditRefused(
                "too_few_corners",
                f"Without this corner a boundary of parcel {k + 1} (index {k}) has fewer than three; keep it.",
                f"Bỏ đỉnh này thì ranh của thửa thứ {k + 1} còn ít hơn ba đỉnh; hãy giữ lại đỉnh này.",
                x,
                y,
            )
        return left

    return _changed(shapes, near, without)


def _changed(
    shapes: Shapes, near: list[int], change: Callable[[int, Ring], Ring]
) -> dict[int, shapely.Geometry]:
    """The shapes whose rings a change makes other rings, checked."""
    new = {}
    for k in near:
        parts = rings_of(on_grid(shapes[k]))
        after = [[change(k, ring) for ring in part] for part in parts]
        if any(
            not np.array_equal(a, b)
            for was, now in zip(parts, after, strict=True)
            for a, b in zip(was, now, strict=True)
        ):
            new[k] = checked_shape(k, after)
    return new


def _around(shapes: Shapes, points: Floats) -> tuple[list[int], dict[int, set[Key]]]:
    """The indexes of the shapes whose boundary passes by one of the points, and their corners."""
    if len(points) == 0:
        return [], {}
    there = shapely.dwithin(shapely.boundary(shapes), shapely.MultiPoint(points), 2 * ON_EDGE_M)
    near = np.flatnonzero(there).tolist()
    return near, {k: set(keys(all_corners(shapes[k]))) for k in near}


def _has_corner(point: Floats, shapes: Shapes, near: list[int], own: dict[int, set[Key]]) -> None:
    if any(key(*point) in own[k] for k in near):
        return
    spot = shapely.Point(point)
    close = shapes[shapely.dwithin(shapes, spot, _LOOK_M)]
    xy = shapely.get_coordinates(close)
    off = np.hypot(*(xy - point).T)
    text, text_vi = "there is none within 1 m", "không có đỉnh nào trong vòng 1 m"
    if len(off) and off.min() <= _LOOK_M:
        x, y = xy[np.argmin(off)].tolist()
        text = f"the nearest is {off.min():.3f} m away, at {x:.3f}, {y:.3f}"
        text_vi = f"đỉnh gần nhất cách {vi(off.min(), 3)} m, tại {vi(x, 3)}; {vi(y, 3)}"
    raise EditRefused(
        "no_corner_here",
        f"No parcel has a corner here: {text}; choose a corner.",
        f"Không thửa đất nào có đỉnh tại đây: {text_vi}; hãy chọn một đỉnh thửa.",
        *point.tolist(),
    )


def _ends_no_boundary(point: Floats, shapes: Shapes) -> None:
    """Boundaries leave a corner that can be taken out in two directions only, whoever's they are."""
    edges = np.concatenate(
        [np.stack((r, np.roll(r, -1, 0)), 1) for s in shapes for p in rings_of(s) for r in p]
    )
    off = shapely.distance(shapely.linestrings(edges), shapely.Point(point))
    ends = edges[off <= ON_EDGE_M].reshape(-1, 2) - point
    far = np.hypot(*ends.T)
    ends, far = ends[far > ON_EDGE_M], far[far > ON_EDGE_M]
    ways: list[int] = []
    for k in np.argsort(-far).tolist():
        # of two ends in one direction the nearer lies beside the line to the farther
        same = (
            ends[k] @ ends[w] > 0
            and abs(ends[w, 0] * ends[k, 1] - ends[w, 1] * ends[k, 0]) <= far[w] * 2 * ON_EDGE_M
            for w in ways
        )
        if not any(same):
            ways.append(k)
    if len(ways) > 2:
        raise EditRefused(
            "boundaries_meet",
            f"{len(ways)} boundaries meet at this corner and would lose their end; move it, or merge the parcels.",
            f"{len(ways)} đường ranh gặp nhau tại đỉnh này và sẽ mất điểm cuối; hãy dời đỉnh hoặc hợp các thửa.",
            *point.tolist(),
        )


def _points(points: Sequence[Point] | Floats) -> Floats:
    # One by one, so that a point may come twice in a row.
    return np.array([points_mm([point], 1)[0] for point in points]).reshape(-1, 2)
