"""Rings of lots as the formats need them: corners in order, edges once, points by name."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from importers.sample.bands import Array
from importers.sample.surveys.survey import Lot

Edge = tuple[tuple[float, float], tuple[float, float]]


def rings(lot: Lot) -> list[Array]:
    """Corners (n, 2) of each ring, the first not repeated, exterior before interiors; nothing where there is no shape."""
    if lot.shape is None:
        return []
    parts = shapely.get_parts(lot.shape)
    return [shapely.get_coordinates(ring)[:-1] for part in parts for ring in (part.exterior, *part.interiors)]


def edges(lots: Sequence[Lot]) -> Iterator[Edge]:
    """Every edge of every ring, once, however many lots it bounds."""
    seen = set()
    for lot in lots:
        for ring in rings(lot):
            corners = [(x, y) for x, y in ring.tolist()]
            for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
                key = frozenset((start, end))
                if key not in seen and start != end:
                    seen.add(key)
                    yield start, end


def names(lots: Sequence[Lot]) -> dict[tuple[float, float], str]:
    """A name for each corner (east, north), counted in the order the lots are walked round."""
    found: dict[tuple[float, float], str] = {}
    for lot in lots:
        for ring in rings(lot):
            for x, y in ring.tolist():
                found.setdefault((x, y), str(len(found) + 1))
    return found


def bulged(
    start: tuple[float, float], end: tuple[float, float], bulge: float
) -> tuple[tuple[float, float], float]:
    """Centre and radius of the arc from start to end; a positive bulge bends to the right of the way and turns left."""
    a, b = np.array(start), np.array(end)
    chord = b - a
    left = np.array([-chord[1], chord[0]])
    centre = (a + b) / 2 + left * (1 - bulge * bulge) / (4 * bulge)
    x, y = centre.tolist()
    return (x, y), float(np.hypot(*(a - centre)))
