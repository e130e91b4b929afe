"""A parcel cut: by lines, by the corners of a part, by area along a direction."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geo.editing.refused import EditRefused
from geo.editing.ringed import Floats, on_mm, rings_of, with_corners
from geo.shapes import round_mm

SNAP_M = 0.01
"""Ends and crossings this near to a corner go there: no slivers, no short edges."""
REACH_M = 0.02
"""A line that ends this near to the boundary is meant to reach it."""
SMALLEST_M2 = 0.1
_ON_EDGE_M = 0.0015


@dataclass(frozen=True, slots=True)
class Split:
    """The parts, and the new corners (k, 2) on the old boundary, which the neighbours must get too; metres."""

    parts: list[shapely.Geometry]
    corners: Floats


def by_lines(shape: shapely.Geometry, lines: Sequence[ArrayLike]) -> Split:
    """The faces into which the lines (n, 2) cut the parcel, from the north-west; lines may cross each other.

    Ends up to 2 cm short of the boundary reach it, what lies outside is cut off; ends and crossings within 1 cm of a
    corner go there. Raises: EditRefused: line_too_short, line_crosses_itself, line_misses, line_grazes, line_ends_inside,
    part_too_small.
    """
    drawn = [_line(line) for line in lines]
    for xy in drawn:
        if not shapely.is_simple(shapely.LineString(xy)):
            raise _refused(
                "line_crosses_itself",
                "The line crosses itself: draw it again.",
                "Đường tách tự cắt: hãy vẽ lại.",
                xy[0],
            )
    return _cut(shape, drawn)


def by_ring(shape: shapely.Geometry, ring: ArrayLike) -> Split:
    """The part inside a ring of corners (n, 2) first, then the others.

    Corners may lie up to 2 cm outside. Raises: as `by_lines`, and ring_outside, ring_is_all.
    """
    xy = _line(ring)
    xy = xy if (xy[0] == xy[-1]).all() else np.vstack((xy, xy[:1]))
    if len(xy) < 4:
        raise _refused(
            "line_too_short", "A part has at least three corners.", "Một phần có ít nhất ba đỉnh.", xy[0]
        )
    if not shapely.is_simple(shapely.LinearRing(xy)):
        raise _refused(
            "line_crosses_itself",
            "The ring crosses itself: correct its corners.",
            "Ranh phần tách tự cắt: hãy sửa lại các đỉnh.",
            xy[0],
        )
    off = shapely.distance(shapely.points(xy), shape)
    if off.max() > REACH_M:
        raise _refused(
            "ring_outside",
            f"A corner lies {off.max():.2f} m outside the parcel.",
            f"Có đỉnh nằm ngoài thửa {off.max():.2f} m.".replace(".", ",", 1),
            xy[int(off.argmax())],
        )
    xy = np.array([_onto(shape, point) for point in xy])
    cut = _cut(shape, [xy], "ring_is_all")
    inner = shapely.Polygon(xy)
    inside = [
        k for k, part in enumerate(cut.parts) if shapely.contains(inner, shapely.point_on_surface(part))
    ]
    if len(inside) != 1:
        raise _refused(
            "part_in_pieces",
            "The ring cuts the part in pieces.",
            "Phần tách bị chia thành nhiều mảnh.",
            xy[0],
        )
    first = cut.parts[inside[0]]
    return Split([first, *(part for part in cut.parts if part is not first)], cut.corners)


def by_area(shape: shapely.Geometry, area_m2: float, direction_deg: float) -> Split:
    """The part of this area to the left of a straight cut first, then the others; the cut runs at a bearing in degrees
    clockwise from north.

    The area is met as nearly as corners on the millimetre allow. Raises: EditRefused: area_impossible, part_in_pieces,
    part_too_small.
    """
    whole = float(shapely.area(shape))
    if not (np.isfinite(area_m2) and SMALLEST_M2 <= area_m2 <= whole - SMALLEST_M2):
        raise _refused(
            "area_impossible",
            f"{area_m2:.1f} m² cannot be cut off a parcel of {whole:.1f} m².",
            f"Không thể tách {area_m2:.1f} m² từ thửa {whole:.1f} m².".replace(".", ","),
            shapely.get_coordinates(shape)[0],
        )
    angle = np.radians(direction_deg)
    ahead, left = np.array([np.sin(angle), np.cos(angle)]), np.array([-np.cos(angle), np.sin(angle)])
    xy = shapely.get_coordinates(shape)
    origin = xy.mean(axis=0)
    reach = float(np.hypot(*(xy - origin).T).max()) + 10

    def half(c: float) -> shapely.Geometry:
        a, b = origin + left * c - ahead * reach, origin + left * c + ahead * reach
        return shapely.Polygon([a, b, b + left * 3 * reach, a + left * 3 * reach])

    low, high = -reach, reach
    for _ in range(60):
        middle = (low + high) / 2
        if shapely.area(shapely.intersection(shape, half(middle))) > area_m2:
            low = middle
        else:
            high = middle
    best: Split | None = None
    refused: EditRefused | None = None
    # Rounding the two ends to the millimetre changes the area by up to the cut's length times half of one.
    for step in sorted(range(-6, 7), key=abs):
        c = (low + high) / 2 + step * 0.0002
        line = np.array([origin + left * c - ahead * reach, origin + left * c + ahead * reach])
        try:
            cut = _ordered(_cut(shape, [on_mm(line)], snap_m=0.0), shape, half(c))
        except EditRefused as error:
            refused = refused or error
            continue
        if best is None or _off(cut, area_m2) < _off(best, area_m2) - 1e-9:
            best = cut
        if _off(best, area_m2) < 5e-4:
            break
    if best is None:
        raise refused or _refused(
            "line_misses", "The cut misses the parcel.", "Đường tách không cắt thửa.", xy[0]
        )
    return best


def _off(cut: Split, area_m2: float) -> float:
    return abs(float(shapely.area(cut.parts[0])) - area_m2)


def _ordered(cut: Split, shape: shapely.Geometry, half: shapely.Geometry) -> Split:
    lies = [bool(shapely.contains(half, shapely.point_on_surface(part))) for part in cut.parts]
    if lies.count(True) != 1:
        x, y = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
        raise EditRefused(
            "part_in_pieces",
            "A straight cut of this direction gives the part in pieces: choose another direction, or draw the line.",
            "Đường tách thẳng theo hướng này chia phần tách thành nhiều mảnh: hãy chọn hướng khác hoặc vẽ đường tách.",
            float(x), float(y),
        )  # fmt: skip
    first = cut.parts[lies.index(True)]
    return Split([first, *(part for part in cut.parts if part is not first)], cut.corners)


def _cut(
    shape: shapely.Geometry, lines: Sequence[Floats], none: str = "line_misses", snap_m: float = SNAP_M
) -> Split:
    boundary = shapely.boundary(shape)
    corners = np.unique(shapely.get_coordinates(shape), axis=0)
    crossings: list[Floats] = []
    noded = [_reaching(shape, boundary, corners, xy, snap_m) for xy in lines]
    for k, xy in enumerate(noded):
        points = _meetings(shapely.LineString(xy), boundary)
        snapped = np.array([_snapped(p, corners, snap_m) for p in points]).reshape(-1, 2)
        crossings.append(snapped)
        noded[k] = _passing(xy, snapped)
    for a in range(len(noded)):
        for b in range(a):
            points = on_mm(_meetings(shapely.LineString(noded[a]), shapely.LineString(noded[b])))
            ends = np.vstack((noded[a], noded[b]))
            points = np.array([_snapped(p, ends, snap_m) for p in points]).reshape(-1, 2)
            noded[a], noded[b] = _passing(noded[a], points), _passing(noded[b], points)
    on_boundary = np.unique(np.vstack(crossings), axis=0)
    edges = [_segments(_ring(ring, on_boundary)) for rings in rings_of(shape) for ring in rings]
    inside = [piece for xy in noded for piece in _inside(shape, boundary, xy)]
    if not inside:
        where = noded[0][len(noded[0]) // 2]
        touches = any(shapely.dwithin(shapely.LineString(xy), boundary, 0.001) for xy in noded)
        if none == "ring_is_all":
            raise _refused(none, "The ring is the whole parcel.", "Ranh phần tách trùng với cả thửa.", where)
        if touches:
            raise _refused(
                "line_grazes",
                "The line only touches the boundary or runs along it: draw it across the parcel.",
                "Đường tách chỉ chạm hoặc trùng ranh thửa: hãy vẽ cắt ngang qua thửa.",
                where,
            )
        raise _refused(
            "line_misses",
            "The line misses the parcel: draw it across.",
            "Đường tách không cắt qua thửa: hãy vẽ lại.",
            where,
        )
    segments = np.unique(_undirected(np.vstack([*edges, *inside])), axis=0)
    faces, cuts, dangles, _ = shapely.polygonize_full(shapely.linestrings(segments.reshape(-1, 2, 2)))
    loose = [*shapely.get_parts(dangles), *shapely.get_parts(cuts)]
    if loose:
        ends = shapely.get_coordinates(loose[0])
        off = shapely.distance(shapely.points(ends), boundary)
        raise _refused(
            "line_ends_inside",
            "The line ends inside the parcel: draw it to the boundary or to another line.",
            "Đường tách dừng giữa thửa: hãy vẽ tới ranh thửa hoặc tới đường tách khác.",
            ends[int(off.argmax())],
        )
    parts = shapely.get_parts(faces)
    parts = parts[shapely.contains(shape, shapely.point_on_surface(parts))]
    return Split(_checked(shape, parts), on_boundary[~_among(on_boundary, corners)])


def _checked(shape: shapely.Geometry, parts: np.ndarray) -> list[shapely.Geometry]:
    """The parts in order, from the north-west. Raises: EditRefused."""
    if len(parts) < 2:
        where = shapely.get_coordinates(shape)[0]
        raise _refused(
            "line_grazes", "The line cuts nothing off.", "Đường tách không tách được phần nào.", where
        )
    rounded = round_mm(np.asarray(parts, object))
    width = 2 * shapely.area(rounded) / shapely.length(rounded)
    small = np.flatnonzero((shapely.area(rounded) < SMALLEST_M2) | (width < 0.002))
    if len(small):
        where = shapely.get_coordinates(rounded[small[0]])[0]
        area = f"{shapely.area(rounded[small[0]]):.2f}"
        raise _refused(
            "part_too_small",
            f"A part would have {area} m²: that is no parcel.",
            f"Một phần chỉ có {area.replace('.', ',')} m²: không thành thửa.",
            where,
        )
    whole = float(shapely.area(shape))
    if (
        not shapely.is_valid(rounded).all()
        or abs(shapely.area(rounded).sum() - whole) > shapely.length(shape) * 0.001
    ):
        where = shapely.get_coordinates(shape)[0]
        raise _refused(
            "not_clean",
            "The line runs too close to the boundary to be told from it: draw it again.",
            "Đường tách quá sát ranh thửa, không phân biệt được: hãy vẽ lại.",
            where,
        )
    bounds = shapely.bounds(rounded)
    order = np.lexsort((bounds[:, 0], -bounds[:, 3]))
    return [rounded[k] for k in order]


def _line(given: ArrayLike) -> Floats:
    xy = np.asarray(given, np.float64).reshape(-1, 2)
    if not np.isfinite(xy).all():
        raise EditRefused("not_a_number", "A coordinate is no number.", "Có tọa độ không phải là số.")
    xy = on_mm(xy)
    keep = np.concatenate(([True], (xy[1:] != xy[:-1]).any(axis=1))) if len(xy) else np.zeros(0, bool)
    xy = xy[keep]
    if len(xy) < 2:
        where = xy[0] if len(xy) else np.array([np.nan, np.nan])
        raise _refused(
            "line_too_short",
            "A line has at least two different points.",
            "Đường tách có ít nhất hai điểm khác nhau.",
            where,
        )
    return xy


def _reaching(
    shape: shapely.Geometry, boundary: shapely.Geometry, corners: Floats, xy: Floats, snap_m: float
) -> Floats:
    """The line with points near a corner on it, and ends just inside brought to the boundary."""
    xy = np.array([_snapped(p, corners, snap_m) for p in xy])
    if (xy[0] == xy[-1]).all():
        return xy
    for end in (0, -1):
        point = shapely.Point(xy[end])
        if shapely.contains(shape, point) and shapely.distance(point, boundary) <= REACH_M:
            xy[end] = _onto(shape, xy[end])
    keep = np.concatenate(([True], (xy[1:] != xy[:-1]).any(axis=1)))
    return xy[keep]


def _onto(shape: shapely.Geometry, point: Floats) -> Floats:
    """A point within reach of the boundary, on it: on a corner where one is near."""
    boundary = shapely.boundary(shape)
    corners = shapely.get_coordinates(shape)
    at = _snapped(point, corners, SNAP_M)
    spot = shapely.Point(at)
    if (corners == at).all(axis=1).any() or shapely.distance(spot, boundary) > REACH_M:
        return at
    foot = shapely.line_interpolate_point(boundary, shapely.line_locate_point(boundary, spot))
    return _snapped(on_mm(shapely.get_coordinates(foot)[0]), corners, SNAP_M)


def _snapped(point: Floats, corners: Floats, snap_m: float) -> Floats:
    off = np.hypot(*(corners - point).T)
    k = int(off.argmin())
    return np.asarray(corners[k] if off[k] <= snap_m else on_mm(point))


def _meetings(a: shapely.Geometry, b: shapely.Geometry) -> Floats:
    """Points where two lines meet; of stretches they share, the ends."""
    common = shapely.intersection(a, b)
    parts = shapely.get_parts(shapely.get_parts(common))
    found = [shapely.get_coordinates(part)[[0, -1]] for part in parts if not shapely.is_empty(part)]
    # An end that lies on the other line by rounding alone.
    for one, other in ((a, b), (b, a)):
        ends = shapely.get_coordinates(one)[[0, -1]]
        found.append(ends[shapely.distance(shapely.points(ends), other) <= _ON_EDGE_M])
    return np.unique(np.vstack(found), axis=0)


def _passing(xy: Floats, points: Floats) -> Floats:
    """The line through the points, in the order in which it meets them."""
    line = shapely.LineString(xy)
    closed = bool((xy[0] == xy[-1]).all())
    for point in points:
        if (xy == point).all(axis=1).any():
            continue
        along = np.hypot(*(xy[1:] - xy[:-1]).T).cumsum()
        at = float(shapely.line_locate_point(line, shapely.Point(point)))
        k = int(np.searchsorted(along, at))
        # A line that was snapped to a corner passes a little off its own course.
        near = np.flatnonzero(np.hypot(*(xy - point).T) <= SNAP_M)
        if len(near):
            xy = xy.copy()
            xy[near[0]] = point
            if closed and near[0] in (0, len(xy) - 1):
                xy[[0, -1]] = point
        else:
            xy = np.insert(xy, min(k, len(xy) - 2) + 1, point, axis=0)
        line = shapely.LineString(xy)
    return xy


def _ring(ring: Floats, points: Floats) -> Floats:
    wide = with_corners(ring[:-1], points, _ON_EDGE_M)
    return np.vstack((wide, wide[:1]))


def _segments(xy: Floats) -> Floats:
    return np.hstack((xy[:-1], xy[1:]))


def _undirected(segments: Floats) -> Floats:
    """Each segment (x0, y0, x1, y1) from its lesser end."""
    a, b = segments[:, :2], segments[:, 2:]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    return np.where(swap[:, None], np.hstack((b, a)), segments)


def _inside(shape: shapely.Geometry, boundary: shapely.Geometry, xy: Floats) -> list[Floats]:
    """Segments of a line that run inside the shape, not along its boundary."""
    segments = _segments(xy)
    middle = shapely.points((segments[:, :2] + segments[:, 2:]) / 2)
    keep = shapely.contains(shape, middle) & (shapely.distance(middle, boundary) > _ON_EDGE_M)
    return [segments[keep]] if keep.any() else []


def _among(xy: Floats, points: Floats) -> np.ndarray:
    return np.asarray((xy[:, None] == points[None]).all(axis=2).any(axis=1))


def _refused(rule: str, detail: str, detail_vi: str, where: Floats) -> EditRefused:
    x, y = (float(v) for v in where)
    return EditRefused(rule, detail, detail_vi, x, y)
