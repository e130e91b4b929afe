"""One parcel becomes several (tách thửa): along lines, along a ring, or by an area.

The parts cover the parcel up to rounding to the millimetre, share their corners along the cut to the bit, and keep
every corner the parcel had. Shapes are valid Polygons or MultiPolygons in metres of one VN-2000 zone, x east, y north.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import mean_width_m
from geo.editing.arrangement import REACH_M, SNAP_M, Arrangement, arranged, foot
from geo.editing.bearing import cuts_by_area
from geo.editing.corners_of import all_corners, keys
from geo.editing.refused import EditRefused, checked, points_mm, vi
from geo.ragged import Shapes
from geo.shapes import GRID_M, fault

Floats = NDArray[np.float64]

LEAST_M2: Final = 0.1
"""Areas are written to a tenth of a square metre (Circular 25/2014/TT-BTNMT, article 5): less is no parcel."""
_ON_M: Final = 0.0015


@dataclass(frozen=True, slots=True)
class Split:
    """The parts (two or more) a parcel is split into, and the new corners (k, 2) that lie on its old boundary, exterior
    or hole, in metres: its neighbours need them too (`corners.inserted`)."""

    parts: list[shapely.Geometry]
    corners: Floats


def by_lines(shape: shapely.Geometry, lines: Sequence[object]) -> Split:
    """The parcel cut along lines, each an array (n, 2) of corners from outside or from the boundary through the parcel.

    Lines may cross one another, end on one another, and pass through holes. An end up to 2 cm short of the boundary or
    of another line is moved onto it, what goes beyond is cut off, and what comes within 1 cm of a corner goes through
    that corner. Each face is a part of its own, from the north-west: also the pieces of a MultiPolygon that no line
    touches.

    Raises: EditRefused "not_a_number", "too_few_points", "line_crosses_itself", "line_misses", "line_grazes",
    "line_along_boundary", "line_ends_inside", "line_separates_nothing", "part_too_small", "shape_not_valid".
    """
    checked(shape)
    if len(lines) == 0:
        points_mm([], 2)
    drawn = [points_mm(line, 2) for line in lines]
    for line in drawn:
        _not_crossing(line)
    made = arranged(shape, drawn)
    for line, now in zip(drawn, made.lines, strict=True):
        _goes_through(shape, line, now)
    _ends(shape, made)
    return _split(shape, made.faces)


def by_ring(shape: shapely.Geometry, ring: object) -> Split:
    """The parcel cut along a ring of corners (n, 2), open or closed: first the part inside the ring, then the others
    from the north-west.

    Corners may lie up to 2 cm outside the parcel; those within 1 cm of its corners or edges are moved onto them. Where
    the ring runs outside between its corners, the part ends at the parcel's boundary.

    Raises: EditRefused "not_a_number", "too_few_points", "ring_crosses_itself", "ring_outside", "ring_is_whole",
    "ring_in_pieces", "part_too_small", "shape_not_valid".
    """
    checked(shape)
    xy = points_mm(ring, 3)
    if (xy[0] == xy[-1]).all():
        xy = xy[:-1]
    wrong = fault(shapely.Polygon(xy))
    if wrong is not None:
        raise EditRefused(
            "ring_crosses_itself",
            "The boundary of the new part crosses itself here; put its corners in the order of walking round it.",
            "Ranh của phần tách tự cắt tại đây; hãy nhập các đỉnh theo thứ tự đi vòng quanh phần đất.",
            wrong.x,
            wrong.y,
        )
    xy = _on_parcel(shape, xy)
    made = arranged(shape, [np.concatenate((xy, xy[:1]))])
    inside = shapely.area(shapely.intersection(made.faces, shapely.make_valid(shapely.Polygon(xy))))
    wanted = inside > 0.5 * shapely.area(made.faces)
    x, y = xy[0].tolist()
    if not wanted.any():
        raise EditRefused(
            "ring_outside",
            "The new part has no ground in common with the parcel; check its corners.",
            "Phần tách không nằm trên thửa đất; hãy kiểm tra lại tọa độ các đỉnh.",
            x,
            y,
        )
    if wanted.all():
        raise EditRefused(
            "ring_is_whole",
            "The new part is the whole parcel, nothing would be left; give fewer corners or other ones.",
            "Phần tách là toàn bộ thửa đất, không còn phần nào lại; hãy nhập ranh khác.",
            x,
            y,
        )
    if wanted.sum() > 1:
        place = shapely.point_on_surface(made.faces[wanted][1])
        raise EditRefused(
            "ring_in_pieces",
            f"The parcel's boundary cuts the new part into {wanted.sum()} pieces, one of them here; "
            "split them off one by one.",
            f"Ranh thửa đất chia phần tách thành {wanted.sum()} mảnh, một mảnh tại đây; hãy tách từng mảnh.",
            place.x,
            place.y,
        )
    return _split(shape, np.concatenate((made.faces[wanted], made.faces[~wanted])))


def by_area(shape: shapely.Geometry, area_m2: float, direction_deg: float) -> Split:
    """The parcel cut by a straight line of a bearing (degrees clockwise from north) so that first comes the part to the
    left of that bearing, with so many m², then the others from the north-west.

    The area is met to 0.05 m² where the millimetre grid has such corners: on cuts longer than a hundred metres it may
    not. The bearing is kept to a few millimetres at the ends of the cut. What lies to the right may be several parts.
    What lies to the left must be one piece, save that of a MultiPolygon it may have one piece in each polygon and then
    is a MultiPolygon.

    Raises: EditRefused "not_a_number", "area_out_of_range", "area_in_pieces", "part_too_small", "shape_not_valid".
    """
    checked(shape)
    if not (np.isfinite(area_m2) and np.isfinite(direction_deg)):
        raise EditRefused(
            "not_a_number",
            "The area or the direction is not a number; give square metres and degrees from north.",
            "Diện tích hoặc hướng cắt không phải là số; hãy nhập số mét vuông và số độ tính từ hướng bắc.",
        )
    whole = float(shapely.area(shape))
    if not 0 < area_m2 < whole:
        raise EditRefused(
            "area_out_of_range",
            f"{area_m2:.1f} m² cannot be cut off a parcel of {whole:.1f} m²; give an area between.",
            f"Không thể tách {vi(area_m2, 1)} m² từ thửa đất rộng {vi(whole, 1)} m²; hãy nhập diện tích nhỏ hơn.",
        )
    faces, left = cuts_by_area(shape, area_m2, direction_deg)
    asked = faces[left]
    originals = shapely.get_parts(shape)
    homes = {int(np.argmax(shapely.area(shapely.intersection(originals, face)))) for face in asked}
    if len(homes) < len(asked):
        place = shapely.point_on_surface(asked[-1])
        raise EditRefused(
            "area_in_pieces",
            f"Cut in this direction, the {area_m2:.1f} m² lie in {len(asked)} pieces, one of them here; "
            "choose another direction or draw a line.",
            f"Cắt theo hướng này thì {vi(area_m2, 1)} m² nằm thành {len(asked)} mảnh, một mảnh tại đây; "
            "hãy chọn hướng khác hoặc vẽ đường tách.",
            place.x,
            place.y,
        )
    first = np.empty(min(len(asked), 1), dtype=object)
    if len(asked):
        first[0] = asked[0] if len(asked) == 1 else shapely.MultiPolygon(list(asked))
    return _split(shape, np.concatenate((first, faces[~left])))


def _split(shape: shapely.Geometry, parts: Shapes) -> Split:
    """The parts, if each is one a parcel can be, with their corners that are new on the old boundary."""
    small = (shapely.area(parts) < LEAST_M2) | (mean_width_m(parts) <= GRID_M)
    if small.any():
        part = parts[np.flatnonzero(small)[0]]
        place = shapely.point_on_surface(part)
        raise EditRefused(
            "part_too_small",
            f"A part here would have only {part.area:.3f} m²; move the cut so that each has at least {LEAST_M2} m².",
            f"Một phần tại đây chỉ rộng {vi(part.area, 3)} m²; hãy dời đường tách để mỗi phần có ít nhất "
            f"{vi(LEAST_M2, 1)} m².",
            place.x,
            place.y,
        )
    if len(parts) < 2:
        place = shapely.point_on_surface(shape)
        raise _separates_nothing(place.x, place.y)
    old = set(keys(all_corners(shape)))
    xy = np.unique(np.concatenate([all_corners(part) for part in parts]), axis=0)
    xy = xy[np.array([one not in old for one in keys(xy)], dtype=bool)]
    on = (
        shapely.dwithin(shapely.boundary(shape), shapely.points(xy), _ON_M)
        if len(xy)
        else np.zeros(0, dtype=bool)
    )
    return Split(list(parts), xy[on])


def _not_crossing(line: Floats) -> None:
    drawn = shapely.LineString(line)
    if shapely.is_simple(drawn):
        return
    nodes = shapely.get_coordinates(shapely.node(drawn))
    points, uses = np.unique(nodes, axis=0, return_counts=True)
    x, y = points[int(np.argmax(uses))].tolist()
    raise EditRefused(
        "line_crosses_itself",
        "The line crosses or covers itself here; draw it as two lines or without the loop.",
        "Đường tách tự cắt hoặc tự đè lên tại đây; hãy vẽ thành hai đường hoặc bỏ vòng lặp.",
        x,
        y,
    )


def _goes_through(shape: shapely.Geometry, drawn: Floats, now: Floats) -> None:
    """Nothing for a line with a piece inside the parcel; the others miss, graze, or run along the boundary."""
    beside = shapely.buffer(shapely.boundary(shape), _ON_M)
    line = shapely.LineString(now) if len(now) > 1 else shapely.Point(now[0])
    if shapely.length(shapely.difference(shapely.intersection(line, shape), beside)) > 0:
        return
    x, y = shapely.get_coordinates(shapely.shortest_line(shape, shapely.LineString(drawn)))[0].tolist()
    if shapely.length(shapely.intersection(line, beside)) > REACH_M:
        raise EditRefused(
            "line_along_boundary",
            "The line runs along the parcel's boundary here and cuts nothing off; draw it through the parcel.",
            "Đường tách chạy dọc theo ranh thửa tại đây nên không chia được thửa; hãy vẽ cắt qua thửa đất.",
            x,
            y,
        )
    if shapely.distance(line, shape) <= SNAP_M:
        raise EditRefused(
            "line_grazes",
            "The line only touches the parcel here; draw it through the parcel, from boundary to boundary.",
            "Đường tách chỉ chạm thửa đất tại đây; hãy vẽ cắt qua thửa, từ ranh này sang ranh kia.",
            x,
            y,
        )
    away = float(shapely.distance(line, shape))
    raise EditRefused(
        "line_misses",
        f"The line passes {away:.2f} m beside the parcel, nearest to here; draw it through the parcel.",
        f"Đường tách đi ngoài thửa đất, cách {vi(away)} m, gần nhất tại đây; hãy vẽ cắt qua thửa.",
        x,
        y,
    )


def _ends(shape: shapely.Geometry, made: Arrangement) -> None:
    """Nothing where all lines begin and end on the boundary, outside, or on one another, and separate faces."""
    rim = shapely.boundary(shape)
    for k, line in enumerate(made.lines):
        others = shapely.MultiLineString([one for i, one in enumerate(made.lines) if i != k and len(one) > 1])
        for end in (line[0], line[-1]):
            point = shapely.Point(end)
            if not shapely.contains(shape, point) or shapely.distance(rim, point) <= _ON_M:
                continue
            if others.is_empty or shapely.distance(others, point) > _ON_M:
                raise _ends_inside(end, float(shapely.distance(rim, point)))
    if made.loose.size:
        end = shapely.get_coordinates(made.loose[0])[-1]
        raise _ends_inside(end, float(shapely.distance(rim, shapely.Point(end))))
    if made.idle.size:
        place = shapely.line_interpolate_point(shapely.get_parts(made.idle[0])[0], 0.5, normalized=True)
        raise _separates_nothing(place.x, place.y)


def _ends_inside(end: Floats, away_m: float) -> EditRefused:
    return EditRefused(
        "line_ends_inside",
        f"The line ends here inside the parcel, {away_m:.2f} m from its boundary; draw it on to the boundary or to "
        "another line.",
        f"Đường tách dừng tại đây, trong thửa đất, cách ranh {vi(away_m)} m; hãy kéo dài đến ranh thửa hoặc đến "
        "một đường tách khác.",
        float(end[0]),
        float(end[1]),
    )


def _separates_nothing(x: float, y: float) -> EditRefused:
    return EditRefused(
        "line_separates_nothing",
        "The line here has the same part on both sides; draw it on to another piece of the boundary.",
        "Đường tách tại đây có cùng một phần đất ở hai bên; hãy kéo dài đến một đoạn ranh khác.",
        x,
        y,
    )


def _on_parcel(shape: shapely.Geometry, ring: Floats) -> Floats:
    """The corners of a ring, those just outside the parcel moved onto its boundary."""
    rim = shapely.boundary(shape)
    away = np.asarray(shapely.distance(shape, shapely.points(ring)), dtype=np.float64)
    if (away > REACH_M + 1e-9).any():
        k = int(np.argmax(away))
        raise EditRefused(
            "ring_outside",
            f"Corner {k + 1} of the new part lies {away[k]:.2f} m outside the parcel; move it inside.",
            f"Đỉnh {k + 1} của phần tách nằm ngoài thửa đất {vi(away[k])} m; hãy đưa đỉnh vào trong thửa.",
            float(ring[k, 0]),
            float(ring[k, 1]),
        )
    return np.array(
        [
            foot(rim, point, REACH_M, point) if off > 0 else point
            for point, off in zip(ring, away.tolist(), strict=True)
        ]
    )
