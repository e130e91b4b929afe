"""Many drawn shapes into one clean coverage on the millimetre grid: no gap, no overlap, shared corners on both sides."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

GRID_M: Final = 0.001
SLIT_M2: Final = 8.0


def weave(shapes: Sequence[Polygon], least_m2: float) -> list[tuple[int, Polygon]]:
    """Faces of all the shapes' edges as (index of the shape drawn there first, polygon), every area over `least_m2`.

    Where shapes overlap, the one earlier in the list wins. Scraps, and slits left between shapes, join the neighbour with
    the longest shared side. Coordinates lie on the millimetre grid and outer rings run counter-clockwise.
    """
    given = np.array(shapes, dtype=object)
    edges = shapely.union_all(shapely.boundary(given), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    points = shapely.point_on_surface(faces)
    at, owner = shapely.STRtree(given).query(points, predicate="within")
    owners = np.full(len(faces), len(given))
    np.minimum.at(owners, at, owner)
    keep = (owners < len(given)) | (shapely.area(faces) < SLIT_M2)
    faces, owners = faces[keep], owners[keep]
    parts: list[tuple[int, Polygon]] = []
    for owner in np.unique(owners).tolist():
        mine = faces[owners == owner]
        parts += [(owner, part) for part in (mine if owner == len(given) else _joined(mine))]
    parts = _without_scraps(parts, least_m2, slit=len(given))
    whole = shapely.orient_polygons(
        shapely.set_precision(np.array([part for _, part in parts]), 0, mode="pointwise")
    )
    return [(owner, shape) for (owner, _), shape in zip(parts, _on_grid(whole), strict=True)]


def _joined(faces: NDArray[np.object_]) -> list[Polygon]:
    if len(faces) == 1:
        return [faces[0]]
    return list(shapely.get_parts(shapely.coverage_union_all(faces)))


def _on_grid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The nearest float to each whole millimetre, so that the same corner has the same bits in every shape."""
    return shapely.transform(shapes, lambda xy: np.round(xy, 3))


def _without_scraps(
    parts: list[tuple[int, Polygon]], least_m2: float, slit: int
) -> list[tuple[int, Polygon]]:
    while True:
        shapes = np.array([part for _, part in parts], dtype=object)
        areas = np.where([owner == slit for owner, _ in parts], 0.0, shapely.area(shapes))
        small = int(np.argmin(areas))
        if areas[small] >= least_m2:
            return parts
        near = shapely.STRtree(shapes).query(shapes[small], predicate="touches")
        near = near[[parts[index][0] != slit for index in near]]
        edges = shapely.boundary(shapes[near])
        shared = shapely.length(shapely.intersection(edges, shapely.boundary(shapes[small])))
        best = int(near[np.argmax(shared)])
        joined = shapely.coverage_union(shapes[best], shapes[small])
        parts[best] = (parts[best][0], max(shapely.get_parts(joined), key=lambda part: float(part.area)))
        del parts[small]
