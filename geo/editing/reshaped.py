"""Rings that were changed, and whether they are a parcel's still."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.editing.corners_of import Key, Ring, keys, on_grid, ring_through, shape_of
from geo.editing.refused import EditRefused
from geo.shapes import GRID_M, fault

Floats = NDArray[np.float64]

ON_EDGE_M: Final = 0.0015
"""A point this near to an edge is on it."""


def moved_ring(ring: Ring, own: set[Key], start: Floats, to: dict[Key, Floats]) -> Ring:
    """A ring with corners moved; a `start` on its edges that is no corner of the shape (`own`) becomes one first."""
    ring = ring_through(ring, not_in(start, own), GRID_M)
    there = np.array([to.get(name, point) for name, point in zip(keys(ring), ring, strict=True)])
    repeats = (there == np.roll(there, 1, axis=0)).all(axis=1)
    return np.asarray(there[~repeats], dtype=np.float64)


def checked_shape(k: int, parts: list[list[Ring]]) -> shapely.Geometry:
    """The shape of rings that were changed, if it is a parcel's still.

    Raises: EditRefused "turns_inside_out" with the place.
    """
    for part in parts:
        for n, ring in enumerate(part):
            turned = _twice_area(ring)
            if len(ring) < 3 or turned == 0 or (turned > 0) != (n == 0):
                raise _inside_out(k, *(ring[0].tolist() if len(ring) else (None, None)))
    shape = on_grid(shape_of(parts))
    wrong = fault(shape)
    if wrong is not None:
        raise _inside_out(k, wrong.x, wrong.y)
    return shape


def not_in(points: Floats, names: set[Key]) -> Floats:
    return np.asarray(
        points[np.array([name not in names for name in keys(points)], dtype=bool)], dtype=np.float64
    )


def _twice_area(ring: Ring) -> float:
    if len(ring) < 3:
        return 0.0
    x, y = (ring - ring[0]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def _inside_out(k: int, x: float | None, y: float | None) -> EditRefused:
    return EditRefused(
        "turns_inside_out",
        f"The boundary of parcel {k + 1} (index {k}) would cross itself or turn inside out here; choose another place.",
        f"Ranh của thửa thứ {k + 1} sẽ tự cắt hoặc bị lật tại đây; hãy chọn vị trí khác.",
        x,
        y,
    )
