"""Compiled loops that write the texts of parcels as features of a Mapbox Vector Tile. As `tiles.mvt` does for parcels."""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

import numpy as np
import numpy.typing as npt
from numba import njit

from tiles.mvt import EXTENT, text_value, varint, varint_size
from tiles.outlines import Bytes, Ints, Units


@njit(cache=True, nogil=True)
def anchors_in_view(at: Units, shift: int, left: int, top: int, which: Ints) -> int:  # pragma: no cover
    """How many of the points `at` (n, 2), on the grid, lie in a tile; they are written to `which`."""
    n = 0
    for i in range(at.shape[0]):
        u, w = (np.int64(at[i, 0]) >> shift) - left, (np.int64(at[i, 1]) >> shift) - top
        if u >= 0 and u < EXTENT and w >= 0 and w < EXTENT:
            which[n] = i
            n += 1
    return n


@njit(cache=True, nogil=True)
def _float_value(out: Bytes, v: int, bits: Bytes) -> int:  # pragma: no cover
    """A value of a layer: a number of 4 bytes."""
    out[v], out[v + 1], out[v + 2] = 0x22, 5, 0x15
    for k in range(4):
        out[v + 3 + k] = bits[k]
    return v + 7


@njit(cache=True, nogil=True)
def _over_area(  # pragma: no cover
    out: Bytes, v: int, text: Bytes, first: int, end: int, area_m2: float
) -> int:
    """A value of a layer: a text, and below it an area with one decimal."""
    digits = np.empty(24, np.uint8)
    rest = np.int64(np.rint(abs(area_m2) * 10))
    n = 0
    while n < 3 or rest > 0:
        if n == 1:
            digits[n] = 46
            n += 1
        digits[n] = 48 + rest % 10
        rest //= 10
        n += 1
    size = end - first + 1 + n
    out[v] = 0x22
    v = varint(out, v + 1, 1 + varint_size(size) + size)
    out[v] = 0x0A
    v = varint(out, v + 1, size)
    for k in range(first, end):
        out[v] = text[k]
        v += 1
    out[v] = 10
    v += 1
    for k in range(n):
        out[v] = digits[n - 1 - k]
        v += 1
    return v


@njit(cache=True, nogil=True)
def labels(  # pragma: no cover
    which: Ints, shift: int, left: int, top: int, over_area: bool,
    ids: Ints, code: Bytes, number: Units, land_use: Units, area_m2: npt.NDArray[np.float64], area: Bytes, room: Bytes,
    at: Units, angle: npt.NDArray[np.int16], size_m: npt.NDArray[np.float32], text_at: Ints, text: Bytes,
    out: Bytes, value_out: Bytes,
) -> tuple[int, int, int]:  # fmt: skip
    """Features of the texts of the parcels `which`, at points in the tile: code, number, land_use, area, room, text, angle,
    width, height (keys 0 to 8). area (n, 8), room (n, 4): their bytes. The text is the number, or the number
    over the area. The first 180 values of the layer are the angles -90 … 89. Answers bytes of features, of values, features.
    """
    p = v = features = 0
    values = 180
    known = np.full(text_at.shape[0], -1, np.int32)
    known_size = np.full(4096, -1, np.int32)
    metres = np.empty(1, np.float32)
    bits = metres.view(np.uint8)
    said = np.empty(9, np.int64)
    for i in which:
        u, w = (np.int64(at[i, 0]) >> shift) - left, (np.int64(at[i, 1]) >> shift) - top
        for one in (number[i], land_use[i]):
            if known[one] < 0:
                known[one] = values
                values += 1
                v = text_value(value_out, v, text, text_at[one], text_at[one + 1])
        for k in range(2):
            decimetres = min(np.int64(size_m[i, k] * 10 + 0.01), 4095)
            if known_size[decimetres] < 0:
                known_size[decimetres] = values
                values += 1
                metres[0] = decimetres / 10
                v = _float_value(value_out, v, bits)
            said[7 + k] = known_size[decimetres]
        said[0], said[1], said[2], said[3], said[4] = (
            values,
            known[number[i]],
            known[land_use[i]],
            values + 1,
            values + 2,
        )
        said[5], said[6] = known[number[i]], angle[i] + 90
        v = text_value(value_out, v, code.reshape(-1), 12 * i, 12 * i + 12)
        value_out[v], value_out[v + 1], value_out[v + 2] = 0x22, 9, 0x19
        for k in range(8):
            value_out[v + 3 + k] = area[i, k]
        v = _float_value(value_out, v + 11, room[i])
        values += 3
        if over_area:
            said[5] = values
            values += 1
            v = _over_area(value_out, v, text, text_at[number[i]], text_at[number[i] + 1], area_m2[i])
        tags = 9
        for k in range(9):
            tags += varint_size(said[k])
        g = 1 + varint_size(2 * u) + varint_size(2 * w)
        out[p] = 0x12
        p = varint(out, p + 1, 1 + varint_size(ids[i]) + 2 + tags + 2 + 2 + g)
        out[p] = 0x08
        p = varint(out, p + 1, ids[i])
        out[p], out[p + 1] = 0x12, tags
        p += 2
        for k in range(9):
            out[p] = k
            p = varint(out, p + 1, said[k])
        out[p], out[p + 1], out[p + 2], out[p + 3], out[p + 4] = 0x18, 1, 0x22, g, 9
        p = varint(out, p + 5, 2 * u)
        p = varint(out, p, 2 * w)
        features += 1
    return p, v, features
