"""Shapes of many parcels as flat columns of whole numbers: rings after rings, ready for compiled loops.

The grid of a map cell is that of tiles of zoom 22: 2^20 units a side, 2.3 mm on the map, x to the east and y to the south
from the cell's north-western corner. Coordinates may lie outside the cell. Rings are open: the last point is not the first.
"""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value"
# In compiled loops numpy's integers are plain ones.

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geo.web_map import WORLD_M

GRID_ZOOM = 22
CELL_BITS = 20

Ints = npt.NDArray[np.int64]
Units = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outlines:
    """n shapes: those of shape i are the rings ring[i] … ring[i + 1], the points of ring r are point[r] … point[r + 1].

    outer: whether a ring begins a new polygon (its holes follow). x, y: corners. mm: surveyed length, in mm, of the edge
    that begins at a corner; -1 where it is not known.
    """

    ring: Ints
    point: Ints
    outer: Bools
    x: Units
    y: Units
    mm: Units

    def __len__(self) -> int:
        return self.ring.size - 1

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for a in (self.ring, self.point, self.outer, self.x, self.y, self.mm))

    def taken(self, which: Ints) -> "Outlines":
        """The shapes of these indexes, in their order."""
        rings, ring = _spans(self.ring, which)
        points, point = _spans(self.point, rings)
        return Outlines(ring, point, self.outer[rings], self.x[points], self.y[points], self.mm[points])

    def bounds(self) -> Units:
        """Least x, least y, greatest x, greatest y (n, 4); an empty shape has none and is nowhere (least > greatest)."""
        return _bounds(self.ring, self.point, self.x, self.y)

    def polygons(self, scale: float = 1.0) -> npt.NDArray[np.object_]:
        """The shapes as MultiPolygons, coordinates divided by `scale`."""
        if (self.point[1:] == self.point[:-1]).any():
            return self._whole().polygons(scale)
        sizes = np.diff(self.point)
        ends = np.cumsum(sizes + 1)
        closed = np.repeat(np.arange(sizes.size), sizes + 1)
        at = np.arange(closed.size) - np.repeat(ends - sizes - 1, sizes + 1)
        source = self.point[:-1][closed] + np.where(at == sizes[closed], 0, at)
        xy = np.column_stack([self.x[source], self.y[source]]) / scale
        begins = np.flatnonzero(self.outer)
        parts = np.searchsorted(begins, self.ring)
        offsets = (np.r_[0, ends], np.r_[begins, self.outer.size], parts)
        polygons: npt.NDArray[np.object_] = shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON, xy, offsets
        )
        return polygons

    def _whole(self) -> "Outlines":
        """The same without rings that have no corners; a polygon whose outer ring has none goes with its holes."""
        filled = self.point[1:] > self.point[:-1]
        begins = np.maximum.accumulate(np.where(self.outer, np.arange(self.outer.size), 0))
        good = filled & filled[begins]
        ring = np.zeros_like(self.ring)
        ring[1:] = np.cumsum(good)[self.ring[1:] - 1] if good.size else 0
        ring[1:][self.ring[1:] == 0] = 0
        points, point = _spans(self.point, np.flatnonzero(good))
        return Outlines(ring, point, self.outer[good], self.x[points], self.y[points], self.mm[points])


def nothing() -> Outlines:
    """No shapes at all."""
    none = np.empty(0, np.int32)
    return Outlines(np.zeros(1, np.int64), np.zeros(1, np.int64), np.empty(0, np.bool_), none, none, none)


def joined(several: Sequence[Outlines]) -> Outlines:
    """All shapes of `several`, one after the other."""
    rings = np.cumsum([0] + [one.outer.size for one in several])
    points = np.cumsum([0] + [one.x.size for one in several])
    return Outlines(
        np.concatenate([[0], *(one.ring[1:] + n for one, n in zip(several, rings, strict=False))]),
        np.concatenate([[0], *(one.point[1:] + n for one, n in zip(several, points, strict=False))]),
        np.concatenate([one.outer for one in several]),
        np.concatenate([one.x for one in several]),
        np.concatenate([one.y for one in several]),
        np.concatenate([one.mm for one in several]),
    )


def rounded(outlines: Outlines, shift: int, left: int = 0, top: int = 0) -> Outlines:
    """The shapes on a grid coarser by `shift` bits, from its point left, top; repeated corners, and corners in the middle
    of a straight edge, are gone. A ring of fewer than three corners has none at all. Lengths are not known any more."""
    point = np.zeros_like(outlines.point)
    x, y = np.empty_like(outlines.x), np.empty_like(outlines.y)
    used = _rounded(outlines.point, outlines.x, outlines.y, shift, left, top, point, x, y)
    return Outlines(outlines.ring, point, outlines.outer, x[:used], y[:used], np.full(used, -1, np.int32))


@njit(cache=True, nogil=True)
def _rounded(  # pragma: no cover
    point: Ints, x: Units, y: Units, shift: int, left: int, top: int, out: Ints, to_x: Units, to_y: Units
) -> int:
    half = (1 << shift) >> 1
    m = 0
    for r in range(point.shape[0] - 1):
        first = m
        out[r] = first
        for k in range(point[r], point[r + 1]):
            u = ((np.int64(x[k]) + half) >> shift) - left
            v = ((np.int64(y[k]) + half) >> shift) - top
            if m > first and to_x[m - 1] == u and to_y[m - 1] == v:
                continue
            if m > first + 1:
                ax, ay = to_x[m - 1] - np.int64(to_x[m - 2]), to_y[m - 1] - np.int64(to_y[m - 2])
                bx, by = u - to_x[m - 1], v - to_y[m - 1]
                if ax * by == ay * bx and ax * bx + ay * by > 0:
                    m -= 1
            to_x[m], to_y[m] = u, v
            m += 1
        while m > first + 1 and to_x[m - 1] == to_x[first] and to_y[m - 1] == to_y[first]:
            m -= 1
        if m - first < 3:
            m = first
    out[point.shape[0] - 1] = m
    return m


def from_polygons(shapes: npt.NDArray[np.object_]) -> Outlines:
    """Polygons and MultiPolygons (n,) whose coordinates are whole numbers; of others what polygons are among their parts."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    good = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    rings, part_of = shapely.get_rings(parts[good], return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring_of[1:] != ring_of[:-1], True)[: ring_of.size]
    units = np.rint(xy[~last]).astype(np.int32)
    ring, point = np.zeros(shapes.size + 1, np.int64), np.zeros(rings.size + 1, np.int64)
    np.cumsum(np.bincount(owner[good][part_of], minlength=shapes.size), out=ring[1:])
    np.cumsum(np.bincount(ring_of[~last], minlength=rings.size), out=point[1:])
    outer = np.append(True, part_of[1:] != part_of[:-1])[: part_of.size]
    x, y = np.ascontiguousarray(units[:, 0]), np.ascontiguousarray(units[:, 1])
    return Outlines(ring, point, outer, x, y, np.full(x.size, -1, np.int32))


def from_wkb(web: bytes, surveyed: bytes, count: int, column: int, row: int) -> Outlines:
    """`count` shapes from their WKB (Polygon, MultiPolygon; 2-D, little-endian) written one after the other.

    web: EPSG:3857 metres, put on the grid of the cell in `column` and `row`. surveyed: the same shapes in VN-2000 metres,
    from which the lengths come; a shape of one ring may run the other way round.
    """
    data, ground = np.frombuffer(web, np.uint8), np.frombuffer(surveyed, np.uint8)
    rings, points = _count(data, count)
    ring, point = np.zeros(count + 1, np.int64), np.zeros(rings + 1, np.int64)
    outer = np.zeros(rings, np.bool_)
    x, y, mm = (np.empty(points, np.int32) for _ in range(3))
    _read(data, ground, count, column, row, ring, point, outer, x, y, mm)
    return Outlines(ring, point, outer, x, y, mm)


def _spans(starts: Ints, which: Ints) -> tuple[Ints, Ints]:
    """Indexes of the items of the spans `which`, and where each begins among them."""
    sizes = starts[which + 1] - starts[which]
    begins = np.zeros(which.size + 1, np.int64)
    np.cumsum(sizes, out=begins[1:])
    return np.repeat(starts[which] - begins[:-1], sizes) + np.arange(begins[-1]), begins


@njit(cache=True, nogil=True)
def _bounds(ring: Ints, point: Ints, x: Units, y: Units) -> Units:  # pragma: no cover
    out = np.empty((ring.shape[0] - 1, 4), np.int32)
    for i in range(out.shape[0]):
        low_x = low_y = 2147483647
        high_x = high_y = -2147483647
        for k in range(point[ring[i]], point[ring[i + 1]]):
            low_x = min(low_x, x[k])
            low_y = min(low_y, y[k])
            high_x = max(high_x, x[k])
            high_y = max(high_y, y[k])
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = low_x, low_y, high_x, high_y
    return out


@njit(cache=True, nogil=True)
def _u32(data: Bytes, p: int) -> np.int64:  # pragma: no cover
    return (
        np.int64(data[p])
        | (np.int64(data[p + 1]) << 8)
        | (np.int64(data[p + 2]) << 16)
        | (np.int64(data[p + 3]) << 24)
    )


@njit(cache=True, nogil=True)
def _count(data: Bytes, count: int) -> tuple[int, int]:  # pragma: no cover
    p = rings = points = np.int64(0)
    for _ in range(count):
        kind = _u32(data, p + 1)
        p += 5
        parts = np.int64(1)
        if kind == 6:
            parts = _u32(data, p)
            p += 4
        for _part in range(parts):
            if kind == 6:
                p += 5
            of_part = _u32(data, p)
            p += 4
            for _r in range(of_part):
                n = _u32(data, p)
                p += 4 + 16 * n
                rings += 1
                points += n - 1
    return rings, points


@njit(cache=True, nogil=True)
def _read(  # pragma: no cover
    data: Bytes, ground: Bytes, count: int, column: int, row: int,
    ring: Ints, point: Ints, outer: Bools, x: Units, y: Units, mm: Units,
) -> None:  # fmt: skip
    value = np.empty(1, np.float64)
    bits = value.view(np.uint8)
    scale = 2.0**34 / WORLD_M
    left, top = np.int64(column) << CELL_BITS, np.int64(row) << CELL_BITS
    east = np.empty(16, np.float64)
    north = np.empty(16, np.float64)
    p = q = r = c = np.int64(0)
    for i in range(count):
        kind, other = _u32(data, p + 1), _u32(ground, q + 1)
        p += 5
        q += 5
        parts = parts_too = np.int64(1)
        if kind == 6:
            parts = _u32(data, p)
            p += 4
        if other == 6:
            parts_too = _u32(ground, q)
            q += 4
        begin = c
        for _part in range(parts):
            if kind == 6:
                p += 5
            of_part = _u32(data, p)
            p += 4
            for k in range(of_part):
                n = _u32(data, p)
                p += 4
                outer[r] = k == 0
                point[r] = c
                r += 1
                for _ in range(n - 1):
                    for b in range(8):
                        bits[b] = data[p + b]
                    x[c] = np.int64(np.rint((value[0] + WORLD_M / 2) * scale)) - left
                    p += 8
                    for b in range(8):
                        bits[b] = data[p + b]
                    y[c] = np.int64(np.rint((WORLD_M / 2 - value[0]) * scale)) - top
                    p += 8
                    c += 1
                p += 16
        ring[i + 1] = r
        # lengths: ring by ring, the same corners
        at = begin
        same = True
        for _part in range(parts_too):
            if other == 6:
                q += 5
            of_part = _u32(ground, q)
            q += 4
            for _r in range(of_part):
                n = _u32(ground, q)
                q += 4
                if n > east.shape[0]:
                    east = np.empty(2 * n, np.float64)
                    north = np.empty(2 * n, np.float64)
                for j in range(n):
                    for b in range(8):
                        bits[b] = ground[q + b]
                    east[j] = value[0]
                    for b in range(8):
                        bits[b] = ground[q + 8 + b]
                    north[j] = value[0]
                    q += 16
                m = n - 1
                if at + m > c:
                    same = False
                    break
                here = there = 0.0
                for j in range(m):
                    e, f = at + j, at + (j + 1 if j + 1 < m else 0)
                    here += np.float64(x[e]) * y[f] - np.float64(x[f]) * y[e]
                    there += (east[j] - east[0]) * (north[j + 1] - north[0])
                    there -= (east[j + 1] - east[0]) * (north[j] - north[0])
                backwards = (here > 0) == (there > 0)  # y points down here, up there
                for j in range(m):
                    s = m - 1 - j if backwards else j
                    far = np.sqrt((east[s + 1] - east[s]) ** 2 + (north[s + 1] - north[s]) ** 2)
                    mm[at + j] = np.int64(np.rint(min(far, 2.0e6) * 1000))
                at += m
        if not same or at != c:
            mm[begin:c] = -1
    point[r] = c
