"""Strips planted in drawn maps: a common edge of two parcels moved out of the one (an overlap) or back into it (a gap)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import affinity

from geo.ragged import Shapes
from tests.geo.drawing import shapes

MAPS = (
    "ab",
    "aab\nccb\ncdd",
    "abc\ndef\nghi",  # four corners meet
    "aaaa\nabba\nacca\naaaa",  # islands
    "aab.\nacbb\n..dd",
)
END_M = 0.1
"""So far from its ends an edge stays as it was."""


@dataclass(frozen=True)
class Strip:
    """A map with one strip between shapes i < j: its area, and what it was before."""

    shapes: Shapes
    clean: Shapes
    i: int
    j: int
    area_m2: float


def common_edges(clean: Shapes) -> list[tuple[int, int, int]]:
    """(k, at, n): edge `at` of shape k's exterior ring that n has the other way."""
    sides = {}
    for k, shape in enumerate(clean):
        xy = shapely.get_coordinates(shape.exterior).tolist()
        rings = [xy, *(shapely.get_coordinates(hole).tolist() for hole in shape.interiors)]
        for r, ring in enumerate(rings):
            for at, (start, end) in enumerate(pairwise(ring)):
                sides[tuple(start), tuple(end)] = (k, at, r)
    return [
        (k, at, sides[end, start][0])
        for (start, end), (k, at, r) in sides.items()
        if r == 0 and (end, start) in sides and sides[end, start][0] != k
    ]


def moved(clean: Shapes, k: int, at: int, n: int, out_m: float) -> Strip:
    """The edge of k moved by so much, out of it where positive, but for its ends."""
    ring = shapely.get_coordinates(clean[k].exterior)
    start, end = ring[at], ring[at + 1]
    along = (end - start) / np.hypot(*(end - start))
    out = np.array([along[1], -along[0]])
    corners = [start + END_M * along + out_m * out, end - END_M * along + out_m * out]
    corners = np.round(corners, 3)
    many = clean.copy()
    holes = [hole.coords for hole in clean[k].interiors]
    many[k] = shapely.Polygon(np.concatenate((ring[: at + 1], corners, ring[at + 1 :])), holes)
    area = shapely.Polygon([start, *corners, end]).area
    return Strip(many, clean, min(k, n), max(k, n), area)


@st.composite
def strips(draw, least_mm: int, most_mm: int, out: bool):
    """Strips of a whole number of millimetres along any common edge of any of the maps."""
    clean = shapes(draw(st.sampled_from(MAPS)))
    k, at, n = draw(st.sampled_from(common_edges(clean)))
    wide_m = draw(st.integers(least_mm, most_mm)) / 1000
    return moved(clean, k, at, n, wide_m if out else -wide_m)


@st.composite
def elsewhere(draw, many: Shapes):
    """The same map turned by right angles and shifted by millimetres, its parcels in another order, some drawn the other
    way round: the shapes, and for each its former place."""
    turns, east_mm, north_mm = draw(st.tuples(st.integers(0, 3), *[st.integers(-900_000, 900_000)] * 2))
    order = draw(st.permutations(range(many.size)))
    backwards = draw(st.sets(st.sampled_from(order)))
    out = []
    for k in order:
        turned = affinity.rotate(many[k], 90 * turns, origin=(548_010, 1_778_010))
        there = affinity.translate(turned, east_mm / 1000, north_mm / 1000)
        there = shapely.transform(there, lambda xy: np.round(xy, 3))
        out.append(shapely.reverse(there) if k in backwards else there)
    return np.array(out, dtype=object), list(order)
