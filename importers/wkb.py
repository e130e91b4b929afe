"""Well-known binary polygons to flat coordinates and back, by the compiled loops of `wkb_loops`: no object per record.

`unpack` gives the layout of GeoArrow (coordinates, and where rings, parts and records begin), 2-D whatever came in.
`tidy` rounds to the millimetre, drops repeated points, turns rings (exterior counter-clockwise) and tells which
records it could prove valid by itself. `pack` writes little-endian WKB.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from importers import wkb_loops as loops
from importers.wkb_loops import (
    ASK,
    COLLECTION,
    CORRUPT,
    CURVED,
    EMPTY,
    NOT_FINITE,
    NOT_POLYGON,
    NULL,
    OK,
    OPEN_RING,
    PROVEN,
    TOO_MANY,
)

__all__ = [
    "ASK", "COLLECTION", "CORRUPT", "CURVED", "EMPTY", "NOT_FINITE", "NOT_POLYGON", "NULL", "OK", "OPEN_RING", "PROVEN",
    "TOO_MANY", "Flat", "pack", "tidy", "unpack",
]  # fmt: skip


@dataclass(slots=True)
class Flat:
    """Polygons of n records without objects.

    status (n,) int8; xy (p, 2) float64; ring_at (r + 1,) first point of each ring; part_at (q + 1,) first ring of
    each part; record_at (n + 1,) first part of each record; points (n,) vertices per record as in the input; first (n, 2)
    the first point of each record as in the input, also where it was not unpacked (NaN where it has none).
    Records whose status is not OK have no parts.
    """

    status: NDArray[np.int8]
    xy: NDArray[np.float64]
    ring_at: NDArray[np.int64]
    part_at: NDArray[np.int64]
    record_at: NDArray[np.int64]
    points: NDArray[np.int64]
    first: NDArray[np.float64]

    def point_at(self) -> NDArray[np.int64]:
        """First point of each record, (n + 1,)."""
        return self.ring_at[self.part_at[self.record_at]]


def unpack(shapes: pa.Array, max_points: int) -> Flat:
    """Read a binary array of WKB (ISO or EWKB, any dimension); null and unreadable records get a status."""
    if shapes.type != pa.binary():
        shapes = shapes.cast(pa.binary())
    if len(shapes) == 0:
        shapes = pa.array([b""], pa.binary()).slice(0, 0)
    n = len(shapes)
    _, offset_buffer, data_buffer = shapes.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32)[shapes.offset : shapes.offset + n + 1]
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    missing = np.asarray(shapes.is_null())
    status = np.zeros(n, np.int8)
    points = np.zeros(n, np.int64)
    counts = np.zeros((n, 2), np.int64)
    first = np.full((n, 2), np.nan)
    loops.count(data, offsets, missing, max_points, status, points, counts, first)
    good = status == OK
    ring_at = np.zeros(int(counts[good, 1].sum()) + 1, np.int64)
    part_at = np.zeros(int(counts[good, 0].sum()) + 1, np.int64)
    record_at = np.zeros(n + 1, np.int64)
    xy = np.empty((int(points[good].sum()), 2), np.float64)
    loops.fill(data, offsets, status, xy, ring_at, part_at, record_at)
    return Flat(status, xy, ring_at, part_at, record_at, points, first)


def tidy(flat: Flat) -> tuple[Flat, NDArray[np.int8], NDArray[np.float64]]:
    """Round to the millimetre and put in order.

    Returns: the tidy polygons; verdict (n,): PROVEN where the record is certainly valid, ASK where GEOS must say;
    box (n, 4) west, south, east, north (NaN for records without parts).
    """
    n = len(flat.status)
    xy = np.empty_like(flat.xy)
    ring_at = np.zeros_like(flat.ring_at)
    verdict = np.zeros(n, np.int8)
    box = np.full((n, 4), np.nan)
    used = loops.tidy(flat.xy, flat.ring_at, flat.part_at, flat.record_at, xy, ring_at, verdict, box)
    return (
        Flat(flat.status, xy[:used], ring_at, flat.part_at, flat.record_at, flat.points, flat.first),
        verdict,
        box,
    )


def pack(flat: Flat) -> pa.Array:
    """WKB of each record, null where its status is not OK; a single part is written as a Polygon."""
    n = len(flat.status)
    sizes = np.zeros(n, np.int64)
    loops.sizes(flat.ring_at, flat.part_at, flat.record_at, sizes)
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    if offsets[-1] >= 1 << 31:
        raise MemoryError("a batch of shapes is larger than 2 GiB")
    data = np.empty(int(offsets[-1]), np.uint8)
    loops.write(flat.xy, flat.ring_at, flat.part_at, flat.record_at, offsets, data)
    good = flat.status == OK
    valid = None if good.all() else pa.py_buffer(np.packbits(good, bitorder="little").tobytes())
    buffers = [valid, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), n, buffers)
