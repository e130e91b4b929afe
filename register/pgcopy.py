"""Arrow record batches as PostgreSQL's binary COPY: one pass per column, compiled, no Python objects per row."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

Bytes = npt.NDArray[np.uint8]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_FIXED: dict[Any, tuple[str, int]] = {
    pa.int16(): (">i2", 2),
    pa.int32(): (">i4", 4),
    pa.int64(): (">i8", 8),
    pa.float32(): (">f4", 4),
    pa.float64(): (">f8", 8),
    pa.bool_(): ("u1", 1),
}


def rows(batch: pa.RecordBatch) -> Bytes:
    """The tuples of `batch` in PGCOPY form, without header and trailer.

    Column types: int16, int32, int64, float32, float64, bool, string and binary; they must equal the table's types
    (int2, int4, int8, float4, float8, bool, text, and geometry from EWKB).

    Raises: TypeError for another column type.
    """
    columns = [_column(batch.column(i)) for i in range(batch.num_columns)]
    length = np.full(batch.num_rows, 2, np.int64)
    for valid, _, offsets in columns:
        length += 4 + np.where(valid, np.diff(offsets), 0)
    cursor = np.concatenate(([0], np.cumsum(length)))
    out = np.empty(cursor[-1], np.uint8)
    cursor = cursor[:-1].copy()
    _write_count(out, cursor, batch.num_columns)
    for valid, data, offsets in columns:
        _write_field(out, cursor, valid, data, offsets)
    return out


def _column(array: pa.Array) -> tuple[npt.NDArray[np.bool_], Bytes, npt.NDArray[np.int64]]:
    """Validity, bytes as they go over the wire, and offsets of each value."""
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    if array.type in _FIXED:
        kind, size = _FIXED[array.type]
        values = array.fill_null(False if kind == "u1" else 0).to_numpy(zero_copy_only=False).astype(kind)
        return valid, values.view(np.uint8), np.arange(len(array) + 1, dtype=np.int64) * size
    if pa.types.is_string(array.type) or pa.types.is_binary(array.type):
        _, offsets, data = array.buffers()
        offset = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1].astype(
            np.int64
        )
        return valid, np.frombuffer(data or b"", np.uint8), offset
    raise TypeError(f"no wire form for {array.type}")


@njit(cache=True, nogil=True)
def _write_count(out: Bytes, cursor: npt.NDArray[np.int64], fields: int) -> None:  # pragma: no cover
    for i in range(cursor.shape[0]):
        p = cursor[i]
        out[p] = fields >> 8
        out[p + 1] = fields & 255
        cursor[i] = p + 2


@njit(cache=True, nogil=True)
def _write_field(  # pragma: no cover
    out: Bytes,
    cursor: npt.NDArray[np.int64],
    valid: npt.NDArray[np.bool_],
    data: Bytes,
    offsets: npt.NDArray[np.int64],
) -> None:
    for i in range(cursor.shape[0]):
        p = cursor[i]
        if not valid[i]:
            for k in range(4):
                out[p + k] = 255
            cursor[i] = p + 4
            continue
        a = offsets[i]
        n = offsets[i + 1] - a
        out[p] = (n >> 24) & 255
        out[p + 1] = (n >> 16) & 255
        out[p + 2] = (n >> 8) & 255
        out[p + 3] = n & 255
        p += 4
        for k in range(n):
            out[p + k] = data[a + k]
        cursor[i] = p + n
