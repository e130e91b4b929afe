"""Narrow gaps and overlaps between parcels (khe hở, chồng lấn), and one repair for each.

A repair moves one parcel's boundary along the sliver onto the other's line: onto the line with corners that more
parcels share; where both have as many, the parcel with the longest border along the sliver follows. No boundary moves
farther than the sliver is wide, and a millimetre.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import GRID_M, mean_width_m, overlaps
from geo.editing.closing import Trial, follows, keeps_the_map, moved_most_m
from geo.editing.refused import EditRefused, vi
from geo.gaps import gaps
from geo.ragged import Shapes

Floats = NDArray[np.float64]

_TOUCH_M: Final = 0.0015
_POINT_M: Final = 0.005
"""Parcels that share less with a sliver touch it in a point."""
_AROUND_M: Final = 1.0
_HALVINGS: Final = 14


@dataclass(frozen=True, slots=True)
class Sliver:
    """A gap between parcels or an overlap of two: its Polygon, area in m², greatest width in metres, and the indexes of
    the parcels along it, ascending."""

    kind: Literal["gap", "overlap"]
    polygon: shapely.Polygon
    area_m2: float
    width_m: float
    parcels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposal: index → new shape of each parcel that changes, index → area after less area before in m², how far a
    corner or boundary moves at most in metres, which parcel follows the line of which others, and in words what is done."""

    changed: dict[int, shapely.Geometry]
    effect_m2: dict[int, float]
    moved_m: float
    follower: int
    line: tuple[int, ...]
    how: str
    how_vi: str


def slivers(shapes: Shapes, tolerance_m: float) -> list[Sliver]:
    """The gaps and overlaps whose greatest width is at most the tolerance and whose mean width is more than the grid's
    millimetre, from the north-west.

    Shapes are valid Polygons or MultiPolygons (or missing) in metres of one VN-2000 zone, on the millimetre.
    """
    found = []
    for face in gaps(shapes, tolerance_m, least_m=GRID_M).shape:
        width = greatest_width_m(face, tolerance_m)
        if width is not None:
            border = _border_m(face, shapes)
            beside = tuple(np.flatnonzero(border > _POINT_M).tolist())
            found.append(Sliver("gap", face, float(face.area), width, beside))
    pairs = overlaps(shapes, least_m=GRID_M)
    for i, j in zip(pairs.i.tolist(), pairs.j.tolist(), strict=True):
        faces = shapely.get_parts(shapely.get_parts(shapely.intersection(shapes[i], shapes[j])))
        for face in faces[mean_width_m(faces) > GRID_M]:
            width = greatest_width_m(face, tolerance_m)
            if width is not None:
                found.append(Sliver("overlap", face, float(face.area), width, (i, j)))
    bounds = [one.polygon.bounds for one in found]
    order = sorted(
        range(len(found)), key=lambda k: (-bounds[k][3], bounds[k][0], found[k].kind, found[k].parcels)
    )
    return [found[k] for k in order]


def greatest_width_m(face: shapely.Polygon, most_m: float) -> float | None:
    """The diameter of the greatest circle inside a Polygon, to a ten-thousandth of `most_m`; None where it is more than
    that."""
    if not shapely.is_empty(shapely.buffer(face, -most_m / 2 - 1e-6)):
        return None
    low, high = 0.0, most_m / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if shapely.is_empty(shapely.buffer(face, -middle)):
            high = middle
        else:
            low = middle
    return low + high


def repair(shapes: Shapes, sliver: Sliver) -> Repair | None:
    """The first of `repairs`, or None where there is none."""
    return next(repairs(shapes, sliver), None)


def repairs(shapes: Shapes, sliver: Sliver) -> Iterator[Repair]:
    """The ways to close a gap or to end an overlap that keep to the rules, the best first.

    The shapes are those the sliver was found in. Changed parcels are valid and as many pieces as they were, the sliver
    is gone but for the grid, no other ground is lost, and no parcels overlap that did not.
    """
    near = np.flatnonzero(shapely.dwithin(shapes, sliver.polygon, _AROUND_M + sliver.width_m))
    around = np.asarray(shapes[near], dtype=object)
    local = [int(np.searchsorted(near, k)) for k in sliver.parcels]
    limit_m = sliver.width_m + GRID_M
    sides = _sides(around, sliver, local)
    for loser in sides:
        beside = [k for k in sides if k != loser]
        for snaps in (True, False):
            trial = Trial(around, sliver.polygon, sliver.kind == "gap", loser, beside, limit_m)
            try:
                new = follows(trial, snaps)
            except EditRefused:
                continue
            if new and keeps_the_map(trial, new):
                yield _told(sliver, near, around, new, int(near[loser]), sorted(int(near[k]) for k in beside))


def _sides(around: Shapes, sliver: Sliver, local: list[int]) -> list[int]:
    """The parcels along a sliver, the one that should follow the others' line first."""
    border = _border_m(sliver.polygon, around)
    on = shapely.buffer(sliver.polygon, _TOUCH_M)
    corners = [shapely.get_coordinates(shape) for shape in around]
    names = [{(x, y) for x, y in np.round(xy * 1000).astype(np.int64).tolist()} for xy in corners]

    def shared(k: int) -> int:
        mine = corners[k][shapely.intersects_xy(on, corners[k])]
        mine_names = {(x, y) for x, y in np.round(mine * 1000).astype(np.int64).tolist()}
        return sum(len(mine_names & other) for n, other in enumerate(names) if n != k)

    # What lies across the end of a strip is no side of it.
    sides = [k for k in local if border[k] > 1.5 * sliver.width_m + _POINT_M]
    return sorted(
        sides if len(sides) > 1 else local, key=lambda k: (shared(k), -round(float(border[k]), 3), k)
    )


def _border_m(face: shapely.Geometry, shapes: Shapes) -> Floats:
    """How long each shape's boundary runs along a face, metres (n,); 0 for missing shapes."""
    border = np.zeros(shapes.size)
    near = np.flatnonzero(shapely.dwithin(shapes, face, _TOUCH_M))
    rim = shapely.buffer(shapely.boundary(face), _TOUCH_M)
    border[near] = shapely.length(shapely.intersection(shapely.boundary(shapes[near]), rim))
    return border


def _told(
    sliver: Sliver,
    near: NDArray[np.int64],
    around: Shapes,
    new: dict[int, shapely.Geometry],
    loser: int,
    beside: list[int],
) -> Repair:
    moved_m = moved_most_m(around, new)
    names = ", ".join(str(k + 1) for k in beside)
    some, some_vi = ("parcels", "các thửa") if len(beside) > 1 else ("parcel", "thửa")
    line, line_vi = f"{some} {names}", f"{some_vi} thứ {names}"
    what, what_vi = ("gap", "khe hở") if sliver.kind == "gap" else ("overlap", "phần chồng lấn")
    return Repair(
        {int(near[k]): shape for k, shape in sorted(new.items())},
        {
            int(near[k]): float(shapely.area(shape)) - float(shapely.area(around[k]))
            for k, shape in sorted(new.items())
        },
        moved_m,
        loser,
        tuple(beside),
        f"Parcel {loser + 1} follows the boundary of {line} along the {what}; nothing moves more than {moved_m:.3f} m.",
        f"Thửa thứ {loser + 1} theo ranh của {line_vi} dọc {what_vi}; ranh dịch chuyển không quá {vi(moved_m, 3)} m.",
    )
