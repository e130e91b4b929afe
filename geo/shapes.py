"""Shapes as they enter the register: on the millimetre, valid, or refused with the place of the fault."""

import contextlib
import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ragged import Shapes

GRID_M = 0.001
"""Coordinates are kept to the millimetre (Circular 25/2014/TT-BTNMT, article 5.4: sub-unit mm)."""

Bools = NDArray[np.bool_]

_REASON = re.compile(r"^(?P<what>[^\[]+?)\s*\[(?P<x>\S+) (?P<y>\S+)\]$")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a shape is not valid, in the words of GEOS, and where (in the shape's own coordinates; NaN if
    unknown)."""

    reason: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Mended:
    """A shape made valid, the area in m² by which it differs from what it was drawn as, and what was
    wrong."""

    shape: shapely.Geometry
    changed_m2: float
    fault: Fault


def area_m2(shapes: Shapes) -> NDArray[np.float64]:
    """Areas (n,) in the plane of the shapes' zone, in m²; NaN where a shape is missing."""
    area: NDArray[np.float64] = shapely.area(shapes)
    return area


def vertices(shapes: Shapes) -> NDArray[np.int64]:
    """How many coordinates each shape has, to refuse monsters before working on them; 0 where one is
    missing."""
    return np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)


def finite(shapes: Shapes) -> Bools:
    """Which shapes have only real numbers as coordinates: no NaN, no infinity. Missing and empty ones
    have."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    good = np.ones(shapes.size, dtype=bool)
    good[owner[~np.isfinite(xy).all(axis=1)]] = False
    return good


def round_mm(shapes: Shapes) -> Shapes:
    """The shapes (n,), 2-D, on the millimetre grid, repeated points dropped, exterior rings
    counter-clockwise.

    Points move by at most 0.71 mm. A shape can lose its validity, or a thin ring its area: check afterwards.
    Rounding twice changes nothing.
    """
    # Multiples of 1/1000 as the nearest double, the one that printing with three decimals and reading gives.
    rounded = np.asarray(shapely.transform(shapes, lambda xy: np.round(xy * 1000) / 1000), dtype=object)
    xy, owner = shapely.get_coordinates(rounded, return_index=True)
    repeats = (xy[1:] == xy[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    for k in np.unique(owner[1:][repeats]):
        # A ring that shrank to fewer than three points keeps them all: not valid, for the check that follows.
        with contextlib.suppress(shapely.GEOSException):
            rounded[k] = shapely.remove_repeated_points(rounded[k], 0.0)
    return np.asarray(shapely.orient_polygons(rounded), dtype=object)


def valid(shapes: Shapes) -> Bools:
    """Which shapes (n,) are valid, not missing and not empty."""
    return np.asarray(shapely.is_valid(shapes) & ~shapely.is_empty(shapes), dtype=bool)


def fault(shape: shapely.Geometry) -> Fault | None:
    """What is wrong with a shape and where, or None when it is valid."""
    if shapely.is_valid(shape):
        return None
    said = str(shapely.is_valid_reason(shape))
    told = _REASON.match(said)
    if told is None:
        return Fault(said, float("nan"), float("nan"))
    return Fault(told["what"], float(told["x"]), float(told["y"]))


def mend(shape: shapely.Geometry, tolerance_m2: float) -> Mended | None:
    """A valid shape on the millimetre grid in place of an invalid one, if their areas differ by at most the
    tolerance.

    "Differ" is the area of what either covers and the other does not, the old shape read by the even-odd rule
    and, where that is more, the change of its signed area: a figure of eight, whose halves cancel, is thus
    not mended silently. None when the change is greater or nothing with an area is left. A valid shape is not
    for here.
    """
    was = fault(shape)
    if was is None:
        return Mended(shape, 0.0, Fault("", float("nan"), float("nan")))
    if not finite(np.array([shape], dtype=object))[0]:
        return None
    drawn = _polygons(shapely.make_valid(shape))
    mended = drawn
    # Snapping can bring a crossing back; a second look settles it, or the shape is refused.
    for _ in range(3):
        if shapely.is_empty(mended):
            return None
        mended = round_mm(np.array([mended], dtype=object))[0]
        if shapely.is_valid(mended):
            break
        mended = _polygons(shapely.make_valid(mended))
    else:
        mended = _polygons(shapely.set_precision(drawn, GRID_M))
        if shapely.is_empty(mended) or not shapely.is_valid(mended):
            return None
        mended = round_mm(np.array([mended], dtype=object))[0]
    changed = float(shapely.area(shapely.symmetric_difference(drawn, mended)))
    changed = max(changed, abs(float(shapely.area(mended)) - float(shapely.area(shape))))
    if changed > tolerance_m2 or not shapely.is_valid(mended):
        return None
    return Mended(mended, changed, was)


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """The Polygon or MultiPolygon of the parts with an area; dangling lines and points are dropped."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    faces = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]
    if faces.size == 0:
        return shapely.Polygon()
    return shapely.Polygon(faces[0]) if faces.size == 1 else shapely.MultiPolygon(list(faces))
