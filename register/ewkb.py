"""Shapes between WKB columns and flat coordinates, compiled: reading a million shapes must not make a million objects."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_SRID_FLAG = 0x20000000


def with_coordinates(wkb: pa.Array, xy: Floats, srid: int) -> pa.Array:
    """`wkb` (2-D, little-endian, no nulls) as EWKB of `srid`, its coordinates replaced in order by `xy` (n, 2).

    The structure (polygons, parts, rings) is copied as it stands.
    """
    data, offsets = _buffers(wkb)
    out, ends, _ = _rewrite(data, offsets, np.ascontiguousarray(xy, np.float64), srid)
    return _binary(out, ends)


def coordinates(wkb: pa.Array) -> tuple[Floats, Ints]:
    """All coordinates (n, 2) of `wkb` in order, and where each shape's begin (len + 1)."""
    data, offsets = _buffers(wkb)
    room = (len(data) // 16) + 1
    xy = np.empty((room, 2), np.float64)
    starts = np.empty(len(wkb) + 1, np.int64)
    count = _read(data, offsets, xy, starts)
    return xy[:count], starts


def one_ring(wkb: pa.Array) -> npt.NDArray[np.bool_]:
    """Which shapes of `wkb` (2-D, little-endian, no nulls) are a polygon without holes."""
    data, offsets = _buffers(wkb)
    at = offsets[:-1]
    single: npt.NDArray[np.bool_] = (data[at + 1] == 3) & (data[at + 5] == 1) & (data[at + 6] == 0)
    return single


def points(xy: Floats, srid: int) -> pa.Array:
    """Points (n, 2) as an EWKB column of `srid`."""
    n = len(xy)
    out = np.empty((n, 25), np.uint8)
    out[:, :9] = np.frombuffer(
        b"\x01" + (1 | _SRID_FLAG).to_bytes(4, "little") + srid.to_bytes(4, "little"), np.uint8
    )
    out[:, 9:] = np.ascontiguousarray(xy, "<f8").view(np.uint8).reshape(n, 16)
    return _binary(out.reshape(-1), np.arange(n + 1, dtype=np.int64) * 25)


def _buffers(wkb: pa.Array) -> tuple[Bytes, Ints]:
    _, offsets, data = wkb.buffers()
    kind = np.int64 if pa.types.is_large_binary(wkb.type) else np.int32
    where = np.frombuffer(offsets, kind)[wkb.offset : wkb.offset + len(wkb) + 1].astype(np.int64)
    return np.frombuffer(data, np.uint8)[where[0] : where[-1]], where - where[0]


def _binary(data: Bytes, ends: Ints) -> pa.Array:
    buffers = [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(ends) - 1, buffers)


@njit(cache=True, nogil=True, inline="always")
def _u32(data: Bytes, p: int) -> np.int64:  # pragma: no cover
    return (
        np.int64(data[p])
        | (np.int64(data[p + 1]) << 8)
        | (np.int64(data[p + 2]) << 16)
        | (np.int64(data[p + 3]) << 24)
    )


@njit(cache=True, nogil=True)
def _read(data: Bytes, offsets: Ints, xy: Floats, starts: Ints) -> int:  # pragma: no cover
    bits = np.empty(8, np.uint8)
    value = bits.view(np.float64)
    c = 0
    for i in range(offsets.shape[0] - 1):
        starts[i] = c
        p = offsets[i]
        kind = _u32(data, p + 1)
        parts = np.int64(1)
        p += 5
        if kind == 6:
            parts = _u32(data, p)
            p += 4
        for _ in range(parts):
            if kind == 6:
                p += 5
            rings = _u32(data, p)
            p += 4
            for _r in range(rings):
                n = _u32(data, p)
                p += 4
                for _k in range(n):
                    for axis in range(2):
                        for b in range(8):
                            bits[b] = data[p + b]
                        xy[c, axis] = value[0]
                        p += 8
                    c += 1
    starts[offsets.shape[0] - 1] = c
    return c


@njit(cache=True, nogil=True)
def _rewrite(  # pragma: no cover
    data: Bytes, offsets: Ints, xy: Floats, srid: int
) -> tuple[Bytes, Ints, int]:
    n = offsets.shape[0] - 1
    out = np.empty(data.shape[0] + 4 * n, np.uint8)
    ends = np.empty(n + 1, np.int64)
    value = np.empty(1, np.float64)
    bits = value.view(np.uint8)
    o = 0
    c = 0
    for i in range(n):
        ends[i] = o
        p = offsets[i]
        kind = _u32(data, p + 1)
        for b in range(5):
            out[o + b] = data[p + b]
        out[o + 4] = out[o + 4] | 0x20
        for b in range(4):
            out[o + 5 + b] = (srid >> (8 * b)) & 255
        p += 5
        o += 9
        parts = np.int64(1)
        if kind == 6:
            parts = _u32(data, p)
            for b in range(4):
                out[o + b] = data[p + b]
            p += 4
            o += 4
        for _ in range(parts):
            head = 4 if kind == 3 else 9
            rings = _u32(data, p + head - 4)
            for b in range(head):
                out[o + b] = data[p + b]
            p += head
            o += head
            for _r in range(rings):
                m = _u32(data, p)
                for b in range(4):
                    out[o + b] = data[p + b]
                p += 4
                o += 4
                for _k in range(m):
                    for axis in range(2):
                        value[0] = xy[c, axis]
                        for b in range(8):
                            out[o + b] = bits[b]
                        o += 8
                        p += 8
                    c += 1
    ends[n] = o
    return out[:o], ends, c
