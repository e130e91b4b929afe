"""Shapes that rounding to a zoom's grid would break, and what is drawn there in their place.

A tile of zoom z has 4,096 units a side; a corner is drawn at the nearest one. Narrow places close or cross themselves then.
Both are found once, when a block is built, and the zooms where a shape breaks get a drawing of their own.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geo.rounding import is_simple
from tiles.outlines import GRID_ZOOM, Ints, Outlines, Units, from_polygons, joined, nothing, rounded

FIRST_ZOOM = 12
_MOST_CORNERS = 400
"""Shapes of more corners, or of several rings, are tried by GEOS, which looks at fewer pairs of edges."""


@dataclass(frozen=True, slots=True)
class Drawings:
    """Shapes drawn in place of broken ones: drawing k is that of the shape `shape[k]` at zoom `zoom[k]`, in units of that
    zoom from the cell's corner. Ordered by zoom, then shape. One without rings has shrunk to nothing."""

    zoom: npt.NDArray[np.uint8]
    shape: Ints
    outlines: Outlines


def no_drawings() -> Drawings:
    """No drawing at all."""
    return Drawings(np.empty(0, np.uint8), np.empty(0, np.int64), nothing())


def drawings(outlines: Outlines) -> Drawings:
    """The drawings shapes need in place of themselves, for all zooms from `FIRST_ZOOM` to the grid's own."""
    broken = _broken(outlines.ring, outlines.point, outlines.x, outlines.y)
    hard = np.flatnonzero(broken < 0)
    broken[hard] = 0
    some = outlines.taken(hard)
    for zoom in range(FIRST_ZOOM, GRID_ZOOM + 1) if hard.size else ():
        there = rounded(some, GRID_ZOOM - zoom)
        sound = shapely.is_valid(there.polygons())
        _lost(there.ring, there.point, sound)
        broken[hard[~sound]] |= 1 << (zoom - FIRST_ZOOM)
    zooms, shapes, several = [], [], []
    for zoom in range(FIRST_ZOOM, GRID_ZOOM + 1):
        which = np.flatnonzero((broken >> (zoom - FIRST_ZOOM)) & 1)
        if which.size == 0:
            continue
        several.append(from_polygons(_mended(rounded(outlines.taken(which), GRID_ZOOM - zoom).polygons())))
        zooms.append(np.full(which.size, zoom, np.uint8))
        shapes.append(which)
    if not several:
        return no_drawings()
    return Drawings(np.concatenate(zooms), np.concatenate(shapes), joined(several))


def _mended(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Valid shapes on the grid of whole numbers, as near as can be; empty where nothing with an area is left."""
    return on_grid(_remade(shapes))


def _remade(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    remade = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    for k in np.flatnonzero(~np.isin(shapely.get_type_id(remade), (3, 6))):
        remade[k] = polygons_of(remade[k])
    return np.asarray(remade, np.object_)


def on_grid(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Shapes on the grid of whole numbers, valid; empty where nothing with an area is left, or GEOS finds no way."""
    with np.errstate(all="ignore"):  # GEOS divides by nothing on its way, and looks
        try:
            return np.asarray(shapely.set_precision(shapes, 1.0), np.object_)
        except shapely.GEOSException:
            return np.array([_one_on_grid(shape) for shape in shapes], np.object_)


def _one_on_grid(shape: shapely.Geometry) -> shapely.Geometry:
    ways: list[Callable[[shapely.Geometry], shapely.Geometry]] = [
        lambda it: it,
        lambda it: _remade(np.array([it], np.object_))[0],
        lambda it: shapely.buffer(it, 0),
    ]
    for way in ways:
        with contextlib.suppress(shapely.GEOSException):
            return shapely.set_precision(way(shape), 1.0)
    return shapely.MultiPolygon()


def polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """What of a shape has an area, as a MultiPolygon."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


def _lost(ring: Ints, point: Ints, sound: npt.NDArray[np.bool_]) -> None:
    """Take from `sound` the shapes of which a ring has shrunk to nothing."""
    empty = np.concatenate([[0], np.cumsum(point[1:] == point[:-1])])
    sound &= empty[ring[1:]] == empty[ring[:-1]]


@njit(cache=True, nogil=True)
def _broken(ring: Ints, point: Ints, x: Units, y: Units) -> npt.NDArray[np.int16]:  # pragma: no cover
    """A bit for each zoom where a shape breaks, the lowest for `FIRST_ZOOM`; -1 for shapes not looked into."""
    out = np.zeros(ring.shape[0] - 1, np.int16)
    px = np.empty(_MOST_CORNERS + 1, np.int64)
    py = np.empty(_MOST_CORNERS + 1, np.int64)
    for i in range(out.shape[0]):
        first = point[ring[i]]
        n = point[ring[i + 1]] - first
        if ring[i + 1] - ring[i] != 1 or n > _MOST_CORNERS:
            out[i] = -1
            continue
        bits = 0
        for z in range(GRID_ZOOM, FIRST_ZOOM - 1, -1):
            shift = GRID_ZOOM - z
            half = (1 << shift) >> 1
            m = 0
            for k in range(first, first + n):
                u, v = (np.int64(x[k]) + half) >> shift, (np.int64(y[k]) + half) >> shift
                if m == 0 or px[m - 1] != u or py[m - 1] != v:
                    px[m], py[m] = u, v
                    m += 1
            while m > 1 and px[m - 1] == px[0] and py[m - 1] == py[0]:
                m -= 1
            if not is_simple(px, py, m):
                bits |= 1 << (z - FIRST_ZOOM)
        out[i] = bits
    return out
