"""Columns of whole numbers as bytes: each number's step from the one before, small steps in few bytes (zigzag varints)."""

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def pack(column: npt.NDArray[np.integer]) -> bytes:
    """`column` (n,) as bytes; `unpack` gives it back."""
    out = np.empty(10 * column.size, np.uint8)
    used = _pack(column.astype(np.int64), out)
    return out[:used].tobytes()


def unpack(data: bytes | memoryview, count: int) -> Ints:
    """The `count` numbers packed in `data`. Raises: ValueError where there are fewer or more."""
    column = np.empty(count, np.int64)
    if _unpack(np.frombuffer(data, np.uint8), column) != len(data):
        raise ValueError("a packed column has another length than it says")
    return column


@njit(cache=True, nogil=True)
def _pack(column: Ints, out: Bytes) -> int:  # pragma: no cover
    p = 0
    last = np.int64(0)
    for k in range(column.shape[0]):
        step = column[k] - last
        last = column[k]
        rest = np.uint64((step << 1) ^ (step >> 63))
        while rest > np.uint64(127):
            out[p] = np.uint8((rest & np.uint64(127)) | np.uint64(128))
            rest = rest >> np.uint64(7)
            p += 1
        out[p] = np.uint8(rest)
        p += 1
    return p


@njit(cache=True, nogil=True)
def _unpack(data: Bytes, column: Ints) -> int:  # pragma: no cover
    p = 0
    last = np.int64(0)
    end = data.shape[0]
    for k in range(column.shape[0]):
        value = np.int64(0)
        shift = np.int64(0)
        while True:
            if p >= end or shift > 63:
                return -1
            byte = np.int64(data[p])
            p += 1
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
        last += ((value >> 1) & 0x7FFFFFFFFFFFFFFF) ^ -(value & 1)
        column[k] = last
    return p
