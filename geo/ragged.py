"""Polygons as flat arrays, for compiled loops over many parcels at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Rings:
    """Coordinates of n shapes, ring after ring, and where each begins.

    Ring r is `x[ring[r]:ring[r + 1]]`, closed (its last point repeats the first); part p (one polygon) is the
    rings `part[p] … part[p + 1]`, the first one its exterior; shape s is the parts `shape[s] … shape[s + 1]`.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    ring: NDArray[np.int64]
    part: NDArray[np.int64]
    shape: NDArray[np.int64]


def rings(shapes: Shapes) -> Rings:
    """The rings of Polygons and MultiPolygons (n,); a missing or empty shape has no parts.

    Raises: TypeError when something else is among them.
    """
    kind = shapely.get_type_id(shapes)
    if not np.isin(kind, (-1, 3, 6)).all():
        raise TypeError("only polygons and multipolygons have rings")
    if (kind != 3).any():
        parts, owner = shapely.get_parts(shapes[kind != -1], return_index=True)
        owner = np.flatnonzero(kind != -1)[owner]
    else:
        parts, owner = shapes, np.arange(shapes.size)
    empty = shapely.is_empty(parts)
    if empty.any():
        parts, owner = parts[~empty], owner[~empty]
    if parts.size == 0:
        none, zero = np.empty(0), np.zeros(1, dtype=np.int64)
        return Rings(none, none, zero, zero, np.zeros(shapes.size + 1, dtype=np.int64))
    xy = shapely.get_coordinates(parts)
    holes = shapely.get_num_interior_rings(parts)
    lengths = shapely.get_num_coordinates(parts)
    if holes.any():
        # Only the few polygons with holes are taken apart.
        of_holed = np.repeat(holes > 0, holes + 1)
        lengths = np.repeat(lengths, holes + 1)
        lengths[of_holed] = shapely.get_num_coordinates(shapely.get_rings(parts[holes > 0]))
    return Rings(
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        _starts(lengths),
        _starts(holes + 1),
        _starts(np.bincount(owner, minlength=shapes.size)),
    )


def _starts(lengths: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
