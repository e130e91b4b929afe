"""Compiled loops that write features of a Mapbox Vector Tile (2.1): parcels, as polygons that `tiles.polygons` has drawn.

They write the features of one layer and the values its attributes point at, one after the other in two buffers; `tiles.encode`
puts a layer together from them.
"""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value"
# In compiled loops numpy's integers are plain ones.

import numpy as np
from numba import njit

from tiles.outlines import Bytes, Ints, Units

EXTENT, BUFFER = 4096, 64
LOW, HIGH = -BUFFER, EXTENT + BUFFER
PROVISIONAL = 4
_STATE = np.frombuffer(b"provisional", np.uint8)


@njit(cache=True, nogil=True)
def varint(out: Bytes, p: int, value: int) -> int:  # pragma: no cover
    while value > 127:
        out[p] = np.uint8((value & 127) | 128)
        value >>= 7
        p += 1
    out[p] = np.uint8(value)
    return p + 1


@njit(cache=True, nogil=True)
def varint_size(value: int) -> int:  # pragma: no cover
    n = 1
    while value > 127:
        value >>= 7
        n += 1
    return n


@njit(cache=True, nogil=True)
def text_value(out: Bytes, p: int, text: Bytes, first: int, end: int) -> int:  # pragma: no cover
    """A value of a layer: a text."""
    n = end - first
    out[p] = 0x22
    p = varint(out, p + 1, 1 + varint_size(n) + n)
    out[p] = 0x0A
    p = varint(out, p + 1, n)
    for k in range(first, end):
        out[p] = text[k]
        p += 1
    return p


@njit(cache=True, nogil=True)
def parcels(  # pragma: no cover
    which: Ints, start: Ints, size: Units, commands: Bytes, cuts: Ints, places: int, values: int,
    ids: Ints, code: Bytes, number: Units, land_use: Units, marks: Bytes, text_at: Ints, text: Bytes,
    out: Bytes, value_out: Bytes, ends: Ints,
) -> None:  # fmt: skip
    """Features of those of the parcels `which` that are drawn: polygons with code, number, land_use (keys 0, 1, 2) and, of
    those with the mark `PROVISIONAL`, state (3).

    start, size: where the commands of each of `which` are. They are written in runs, which[cuts[r]:cuts[r + 1]], each with
    values of its own that begin at a multiple of `places`; the first one's at `values`. ends (runs, 3): where the features of
    each run end, its values, and the place behind its last value.
    """
    p = v = 0
    known = np.full(text_at.shape[0], -1, np.int32)
    run_of = np.full(text_at.shape[0], -1, np.int32)
    state_value = run = -1
    for at in range(which.shape[0]):
        if at == cuts[run + 1]:
            if run >= 0:
                ends[run, 0], ends[run, 1], ends[run, 2] = p, v, values
                values = (values + places - 1) // places * places
            run += 1
            state_value = -1
        i = which[at]
        g = size[at]
        if g < 0:
            continue
        code_value = values
        values += 1
        v = text_value(value_out, v, code.reshape(-1), 12 * i, 12 * i + 12)
        for one in (number[i], land_use[i]):
            if run_of[one] != run:
                run_of[one], known[one] = run, values
                values += 1
                v = text_value(value_out, v, text, text_at[one], text_at[one + 1])
        number_value, use_value = known[number[i]], known[land_use[i]]
        tags = 3 + varint_size(code_value) + varint_size(number_value) + varint_size(use_value)
        provisional = marks[i] & PROVISIONAL != 0
        if provisional:
            if state_value < 0:
                state_value = values
                values += 1
                v = text_value(value_out, v, _STATE, 0, _STATE.size)
            tags += 1 + varint_size(state_value)
        out[p] = 0x12
        p = varint(out, p + 1, 1 + varint_size(ids[i]) + 2 + tags + 2 + 1 + varint_size(g) + g)
        out[p] = 0x08
        p = varint(out, p + 1, ids[i])
        out[p], out[p + 1], out[p + 2] = 0x12, tags, 0
        p = varint(out, p + 3, code_value)
        out[p] = 1
        p = varint(out, p + 1, number_value)
        out[p] = 2
        p = varint(out, p + 1, use_value)
        if provisional:
            out[p] = 3
            p = varint(out, p + 1, state_value)
        out[p], out[p + 1], out[p + 2] = 0x18, 3, 0x22
        p = varint(out, p + 3, g)
        for k in range(g):
            out[p + k] = commands[start[at] + k]
        p += g
    ends[run, 0], ends[run, 1], ends[run, 2] = p, v, values


@njit(cache=True, nogil=True)
def in_view(bounds: Units, shift: int, left: int, top: int, out: Ints) -> int:  # pragma: no cover
    """The shapes whose bounds (in units of the cell) meet a tile, written to `out`.

    shift: 22 - zoom. left, top: the tile's corner in units of its zoom from the cell's.
    """
    low_x, high_x = (left + LOW) << shift, (left + HIGH) << shift
    low_y, high_y = (top + LOW) << shift, (top + HIGH) << shift
    n = 0
    for i in range(bounds.shape[0]):
        if bounds[i, 0] > high_x or bounds[i, 2] < low_x or bounds[i, 1] > high_y or bounds[i, 3] < low_y:
            continue
        out[n] = i
        n += 1
    return n
