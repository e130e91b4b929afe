"""Where a straight line of a given bearing cuts off a given area."""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.editing.arrangement import SNAP_M, arranged
from geo.ragged import Shapes
from geo.shapes import GRID_M

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEAR_M2: Final = 0.05
"""An area is met when it differs by no more than that."""
_EXACT_M2: Final = 0.001
_HALVINGS: Final = 60
_TRIES: Final = 12
_TENTH_MM: Final = 0.0001
_SWAY_MM: Final = 3


def cuts_by_area(shape: shapely.Geometry, area_m2: float, direction_deg: float) -> tuple[Shapes, Bools]:
    """The faces of a valid Polygon or MultiPolygon (metres) on both sides of the line of a bearing (degrees clockwise
    from north) that has so many m² to its left, from the north-west, and which of them are to the left.

    Rounding to the millimetre moves the line: beside the exact one others some tenths of a millimetre away are tried,
    then those that go through a corner no more (a corner within 1 cm of an end is otherwise taken for the end), then
    ends moved apart by up to 3 mm; the first within 0.05 m² that no other of its kind betters is it.
    """
    a = np.radians(direction_deg)
    along, left = np.array([np.sin(a), np.cos(a)]), np.array([-np.cos(a), np.sin(a)])
    middle = np.array(shapely.get_coordinates(shapely.centroid(shape))[0])
    offset = _offset(shape, middle, along, left, area_m2)
    best: tuple[float, Shapes, Bools] | None = None
    for kind in _kinds(shape, middle, along, left, offset):
        for chords, snap_m in kind:
            faces = arranged(shape, chords, snap_m).faces
            inner = shapely.get_coordinates(shapely.point_on_surface(faces))
            side = (inner - middle) @ left > offset
            error = abs(float(shapely.area(faces[side]).sum()) - area_m2)
            if best is None or error < best[0] - 1e-9:
                best = error, faces, side
            if error <= _EXACT_M2:
                return faces, side
        if best is not None and best[0] <= NEAR_M2:
            break
    return (shapely.get_parts(shape), np.zeros(0, dtype=bool)) if best is None else best[1:]


def _kinds(
    shape: shapely.Geometry, middle: Floats, along: Floats, left: Floats, offset: float
) -> Iterator[Iterator[tuple[list[Floats], float]]]:
    """Cuts to try, and within which distance of a corner they go through it: kind after kind."""
    steps = sorted(range(-_TRIES, _TRIES + 1), key=abs)
    exact = _chords(shape, middle, along, left, offset)
    moved = [_chords(shape, middle, along, left, offset + step * _TENTH_MM) for step in steps]
    for snap_m in (SNAP_M, GRID_M):
        yield ((chords, snap_m) for chords in moved)
    if len(exact) == 1:
        rim = shapely.boundary(shape)
        ends = [_beside(rim, end) for end in exact[0]]
        yield (([np.array(pair)], GRID_M) for pair in product(*ends) if (pair[0] != pair[1]).any())


def _offset(shape: shapely.Geometry, middle: Floats, along: Floats, left: Floats, area_m2: float) -> float:
    """How far to the left of `middle` the line runs, in metres."""
    xy = shapely.get_coordinates(shape) - middle
    far = 2 * float(np.abs(xy).max()) + 1
    low, high = float((xy @ left).min()), float((xy @ left).max())
    for _ in range(_HALVINGS):
        at = (low + high) / 2
        start, end = middle + at * left - far * along, middle + at * left + far * along
        half = shapely.Polygon([start, end, end + 2 * far * left, start + 2 * far * left])
        if shapely.area(shapely.intersection(shape, half)) > area_m2:
            low = at
        else:
            high = at
    return (low + high) / 2


def _chords(shape: shapely.Geometry, middle: Floats, along: Floats, left: Floats, at: float) -> list[Floats]:
    """The pieces (2, 2) of the line inside the shape, their ends on the millimetre."""
    far = 2 * float(np.abs(shapely.get_coordinates(shape) - middle).max()) + 1
    line = shapely.LineString([middle + at * left - far * along, middle + at * left + far * along])
    pieces = shapely.get_parts(shapely.intersection(shape, line))
    pieces = pieces[shapely.length(pieces) > 2 * GRID_M]
    return [np.round(shapely.get_coordinates(piece)[[0, -1]], 3) for piece in pieces]


def _beside(rim: shapely.Geometry, end: Floats) -> list[Floats]:
    """Points of the millimetre grid about an end that lie on the boundary as nearly as rounding lets them."""
    span = np.arange(-_SWAY_MM, _SWAY_MM + 1) * GRID_M
    grid = np.round(end + np.stack(np.meshgrid(span, span), axis=-1).reshape(-1, 2), 3)
    off = shapely.distance(rim, shapely.points(grid))
    order = np.argsort(np.hypot(*(grid - end).T), kind="stable")
    return [grid[k] for k in order if off[k] <= 0.00071]
