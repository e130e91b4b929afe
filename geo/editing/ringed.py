"""Shapes taken apart into rings of corners and put together again."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def on_mm(xy: Floats) -> Floats:
    """Coordinates as the nearest doubles of whole millimetres: equal corners are equal to the bit."""
    return np.asarray(np.round(np.asarray(xy, np.float64) * 1000) / 1000)


def rings_of(shape: shapely.Geometry) -> list[list[Floats]]:
    """Rings (n, 2), closed, of each polygon of the shape: the outer one first."""
    return [
        [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
        for part in shapely.get_parts(shape)
    ]


def assembled(parts: list[list[Floats]]) -> shapely.Geometry:
    """The Polygon or MultiPolygon of rings as `rings_of` gives them."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def mapped(shape: shapely.Geometry, change: Callable[[Floats], Floats]) -> shapely.Geometry | None:
    """The shape with `change` applied to each ring without its closing point; None where a ring has fewer than three
    corners left."""
    parts = []
    for rings in rings_of(shape):
        became = [_closed(change(ring[:-1])) for ring in rings]
        if any(len(ring) < 4 for ring in became):
            return None
        parts.append(became)
    return assembled(parts)


def _closed(ring: Floats) -> Floats:
    """The ring without points repeated side by side, closed again."""
    keep = (ring != np.roll(ring, 1, axis=0)).any(axis=1)
    ring = ring[keep]
    return np.vstack((ring, ring[:1])) if len(ring) else ring


def with_corners(ring: Floats, points: Floats, reach_m: float) -> Floats:
    """An open ring (n, 2) with each point put in on the edge that passes within `reach_m`; corners it has stay single."""
    for point in points:
        if (ring == point).all(axis=1).any():
            continue
        off, _ = _from_edges(ring, point)
        k = int(off.argmin())
        if off[k] <= reach_m:
            ring = np.insert(ring, k + 1, point, axis=0)
    return ring


def _from_edges(ring: Floats, point: Floats) -> tuple[Floats, Floats]:
    """Distance of a point from each edge of an open ring, and where along it (0 to 1)."""
    start, along = ring, np.roll(ring, -1, axis=0) - ring
    length = (along**2).sum(axis=1)
    t = np.clip(((point - start) * along).sum(axis=1) / np.where(length > 0, length, 1), 0, 1)
    foot = start + t[:, None] * along
    return np.hypot(*(foot - point).T), t
