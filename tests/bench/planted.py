"""The fabric of `importers.sample.fabric` with overlaps and gaps planted between lots, and the truth about them.

Nine tenths of an edge that two lots share is moved out of the one (overlap) or back into it (gap). Planted lots lie apart
from one another, and a strip lies in the two lots alone, so that its area is exactly that of the overlap or gap.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.coverage import SURVEY_M, mean_width_m
from geo.ragged import Shapes
from importers.sample.fabric import batches
from importers.sample.surveys.planting import Edge, log_uniform, outward

Sizes = dict[tuple[int, int], float]

APART_M = 5.0
LEAST_EDGE_M = 4.0
OVERLAPS_M = (0.001, 1.0)
GAPS_M = (0.001, 0.45)


@dataclass(frozen=True, slots=True)
class Planted:
    """Shapes on the millimetre in EPSG:5899, and the pairs (i < j) planted: area in m² of each overlap and each gap."""

    shapes: Shapes
    overlaps: Sizes
    gaps: Sizes


def fabric(parcels: int) -> Shapes:
    """So many clean parcels: a coverage in which neighbours share every corner."""
    blobs = [batch.column("geom").to_numpy(zero_copy_only=False) for batch in batches(parcels)]
    return np.asarray(shapely.from_wkb(np.concatenate(blobs)), dtype=object)


def planted(clean: Shapes, overlaps: int, gaps: int, seed: int = 1) -> Planted:
    """A copy of a clean coverage with so many of each. Raises: ValueError where it has no room for them."""
    rng = np.random.default_rng(seed)
    tree, shapes = shapely.STRtree(clean), clean.copy()
    taken: set[int] = set()
    truth: tuple[Sizes, Sizes] = {}, {}
    wanted = [0] * overlaps + [1] * gaps
    for k in rng.permutation(clean.size).tolist():
        if not wanted:
            return Planted(shapes, *truth)
        box = shapely.bounds(clean[k]) + np.array([-APART_M, -APART_M, APART_M, APART_M])
        around = tree.query(shapely.box(*box.tolist())).tolist()
        if taken.isdisjoint(around) and (strip := _moved(clean, k, around, wanted[-1] == 1, rng)) is not None:
            beside, shapes[k], size = strip
            taken.update(around)
            truth[wanted.pop()][min(k, beside), max(k, beside)] = size
    raise ValueError(f"{clean.size} parcels have no room for {overlaps} overlaps and {gaps} gaps")


def _moved(
    clean: Shapes, k: int, around: list[int], back: bool, rng: np.random.Generator
) -> tuple[int, shapely.Geometry, float] | None:
    """The neighbour, the new shape of lot k and the area of the strip; None where no edge of k will do."""
    ring = [(x, y) for x, y in shapely.get_coordinates(shapely.orient_polygons(clean[k])).tolist()]
    if shapely.get_num_interior_rings(clean[k]):
        return None
    for at in rng.permutation(len(ring) - 1).tolist():
        start, end = ring[at], ring[at + 1]
        beside = next((n for n in around if n != k and _has(clean[n], end, start)), None)
        edge = Edge(k, start, end, beside)
        out_m = -log_uniform(rng, *GAPS_M) if back else log_uniform(rng, *OVERLAPS_M)
        if beside is None or edge.length_m < LEAST_EDGE_M:
            continue
        first, second = outward(edge, 0.05, out_m), outward(edge, 0.95, out_m)
        strip = shapely.Polygon([start, first, second, end])
        shape = shapely.Polygon([*ring[: at + 1], first, second, *ring[at + 1 :]])
        wide = mean_width_m(np.array([strip], dtype=object))[0] > SURVEY_M
        if wide and shapely.is_valid(shape) and shapely.covers(clean[k] if back else clean[beside], strip):
            return beside, shape, float(strip.area)
    return None


def _has(shape: shapely.Geometry, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether the shape's exterior ring runs straight from start to end."""
    xy = shapely.get_coordinates(shapely.orient_polygons(shape))
    return bool(((xy[:-1] == start).all(axis=1) & (xy[1:] == end).all(axis=1)).any())
