"""Compiled loops that write what is drawn along boundaries as features of a Mapbox Vector Tile: edges, long lines of edges,
corners, and the lengths written beside edges. As `tiles.mvt` does for parcels and labels."""

# mypy: disable-error-code="arg-type, assignment, no-any-return, return-value, operator, call-overload"
# In compiled loops numpy's integers are plain ones.

from typing import Final

import numpy as np
from numba import njit

from tiles.edges import Marks
from tiles.mvt import EXTENT, HIGH, LOW, text_value, varint, varint_size
from tiles.outlines import GRID_ZOOM, Bytes, Ints, Units

DIGIT_PX: Final = 5.5
"""Width of a digit of a length on the map, in pixels."""
SPARE_PX: Final = 5.0
"""An edge is at least so much longer than the text beside it."""


@njit(cache=True, nogil=True)
def edges_in_view(  # pragma: no cover
    start: Units, stop: Units, x: Units, y: Units, shift: int, left: int, top: int, which: Ints
) -> int:
    """How many edges may be seen in a tile with its buffer; they are written to `which`."""
    n = 0
    low_x, high_x = (left + LOW) << shift, (left + HIGH) << shift
    low_y, high_y = (top + LOW) << shift, (top + HIGH) << shift
    for e in range(start.size):
        a, b = start[e], stop[e]
        if max(x[a], x[b]) < low_x or min(x[a], x[b]) > high_x:
            continue
        if max(y[a], y[b]) < low_y or min(y[a], y[b]) > high_y:
            continue
        which[n] = e
        n += 1
    return n


@njit(cache=True, nogil=True, inline="always")
def _unit(v: int, shift: int, least: int) -> int:  # pragma: no cover
    """A coordinate of the grid in units of a tile that begins at `least`."""
    return ((np.int64(v) + ((1 << shift) >> 1)) >> shift) - least


@njit(cache=True, nogil=True)
def _clipped(ax: int, ay: int, bx: int, by: int) -> tuple[bool, int, int, int, int]:  # pragma: no cover
    """Whether a line from a to b is seen in the tile with its buffer, and what of it."""
    if min(ax, bx) >= LOW and max(ax, bx) <= HIGH and min(ay, by) >= LOW and max(ay, by) <= HIGH:
        return True, ax, ay, bx, by
    if max(ax, bx) < LOW or min(ax, bx) > HIGH or max(ay, by) < LOW or min(ay, by) > HIGH:
        return False, 0, 0, 0, 0
    begin, end = 0.0, 1.0
    dx, dy = np.float64(bx - ax), np.float64(by - ay)
    for forth, room in ((-dx, ax - LOW), (dx, HIGH - ax), (-dy, ay - LOW), (dy, HIGH - ay)):
        if forth == 0:
            if room < 0:
                return False, 0, 0, 0, 0
            continue
        t = room / forth
        if forth < 0:
            begin = max(begin, t)
        else:
            end = min(end, t)
    if begin >= end:
        return False, 0, 0, 0, 0
    cx, cy, ex, ey = ax, ay, bx, by
    if begin > 0:
        cx, cy = np.int64(np.floor(ax + begin * dx + 0.5)), np.int64(np.floor(ay + begin * dy + 0.5))
    if end < 1:
        ex, ey = np.int64(np.floor(ax + end * dx + 0.5)), np.int64(np.floor(ay + end * dy + 0.5))
    return True, cx, cy, ex, ey


@njit(cache=True, nogil=True)
def _zigzag(out: Bytes, p: int, value: int) -> int:  # pragma: no cover
    return varint(out, p, (value << 1) ^ (value >> 63))


@njit(cache=True, nogil=True)
def edges(  # pragma: no cover
    which: Ints, shift: int, left_: int, top: int, kinds: int,
    x: Units, y: Units, start: Units, stop: Units, left: Units, right: Units, kind: Marks, mm: Units, code: Bytes,
    out: Bytes, value_out: Bytes,
) -> tuple[int, int]:  # fmt: skip
    """Features of the edges `which`: lines with kind, length, left, right (keys 0 to 3); those that shrink to a point are
    left out. The first `kinds` values of the layer are the names of the kinds. Answers bytes of features, bytes of values."""
    p = v = 0
    values = kinds
    known = np.full(code.shape[0], -1, np.int32)
    geometry = np.empty(64, np.uint8)
    tags = np.empty(64, np.uint8)
    number = np.empty(1, np.float64)
    bits = number.view(np.uint8)
    for e in which:
        a, b = start[e], stop[e]
        seen, ax, ay, bx, by = _clipped(
            _unit(x[a], shift, left_),
            _unit(y[a], shift, top),
            _unit(x[b], shift, left_),
            _unit(y[b], shift, top),
        )
        if not seen or (ax == bx and ay == by):
            continue
        g = _zigzag(geometry, _zigzag(geometry, 1, ax), ay)
        geometry[0], geometry[g] = 9, 10
        g = _zigzag(geometry, _zigzag(geometry, g + 1, bx - ax), by - ay)
        tags[0] = 0
        t = varint(tags, 1, kind[e])
        if mm[e] >= 0:
            number[0] = mm[e] / 1000
            value_out[v], value_out[v + 1], value_out[v + 2] = 0x22, 9, 0x19
            for k in range(8):
                value_out[v + 3 + k] = bits[k]
            v += 11
            tags[t] = 1
            t = varint(tags, t + 1, values)
            values += 1
        for key, side in ((2, left[e]), (3, right[e])):
            if side < 0:
                continue
            if known[side] < 0:
                known[side] = values
                values += 1
                v = text_value(value_out, v, code.reshape(-1), 12 * side, 12 * side + 12)
            tags[t] = key
            t = varint(tags, t + 1, known[side])
        out[p] = 0x12
        p = varint(out, p + 1, 2 + t + 2 + 2 + g)
        out[p], out[p + 1] = 0x12, t
        p += 2
        for k in range(t):
            out[p + k] = tags[k]
        p += t
        out[p], out[p + 1], out[p + 2], out[p + 3] = 0x18, 2, 0x22, g
        p += 4
        for k in range(g):
            out[p + k] = geometry[k]
        p += g
    return p, v


@njit(cache=True, nogil=True)
def _run(out: Bytes, g: int, px: Ints, py: Ints, n: int, pen: Ints) -> int:  # pragma: no cover
    """Append the commands of a line of n points, from where the pen stands; nothing where it is a point."""
    if n < 2:
        return g
    out[g] = 9
    g += 1
    for k in range(n):
        g = _zigzag(out, _zigzag(out, g, px[k] - pen[0]), py[k] - pen[1])
        pen[0], pen[1] = px[k], py[k]
        if k == 0:
            g = varint(out, g, ((n - 1) << 3) | 2)
    return g


@njit(cache=True, nogil=True)
def trails(  # pragma: no cover
    first: int,
    end: int,
    begins: Ints,
    node: Units,
    x: Units,
    y: Units,
    shift: int,
    left: int,
    top: int,
    out: Bytes,
) -> int:
    """The commands of one line of many parts over the lines `first` to `end`; how many bytes."""
    g = 0
    pen = np.zeros(2, np.int64)
    most = 2
    for t in range(first, end):
        most = max(most, begins[t + 1] - begins[t] + 1)
    px, py = np.empty(most, np.int64), np.empty(most, np.int64)
    for t in range(first, end):
        n = 0
        last = node[begins[t]]
        bx, by = _unit(x[last], shift, left), _unit(y[last], shift, top)
        for k in range(begins[t] + 1, begins[t + 1]):
            ax, ay = bx, by
            bx, by = _unit(x[node[k]], shift, left), _unit(y[node[k]], shift, top)
            if ax == bx and ay == by:
                continue
            seen, cx, cy, dx, dy = _clipped(ax, ay, bx, by)
            if not seen or (cx == dx and cy == dy):
                continue
            if n == 0 or px[n - 1] != cx or py[n - 1] != cy:
                g = _run(out, g, px, py, n, pen)
                px[0], py[0] = cx, cy
                n = 1
            elif n > 1:  # on in the same direction: the corner is not seen
                ux, uy, vx, vy = cx - px[n - 2], cy - py[n - 2], dx - cx, dy - cy
                if ux * vy == uy * vx and ux * vx + uy * vy > 0:
                    n -= 1
            px[n], py[n] = dx, dy
            n += 1
        g = _run(out, g, px, py, n, pen)
    return g


@njit(cache=True, nogil=True)
def points(  # pragma: no cover
    which: Ints, x: Units, y: Units, parcels: Units, start: Units, stop: Units, shift: int, left: int, top: int,
    most: int, out: Bytes,
) -> int:  # fmt: skip
    """Features of the nodes of the edges `which` that lie in the tile: points with parcels (key 0), whose values are
    1 … `most`. Their bytes."""
    p = 0
    there = np.zeros(x.size, np.bool_)
    for e in which:
        for k in (start[e], stop[e]):
            if there[k]:
                continue
            there[k] = True
            u, w = _unit(x[k], shift, left), _unit(y[k], shift, top)
            if u < 0 or u >= EXTENT or w < 0 or w >= EXTENT:
                continue
            count = min(parcels[k], most) - 1
            g = 1 + varint_size(2 * u) + varint_size(2 * w)
            out[p], out[p + 1], out[p + 2], out[p + 3] = 0x12, 8 + g, 0x12, 2
            out[p + 4], out[p + 5], out[p + 6], out[p + 7], out[p + 8], out[p + 9] = (
                0,
                count,
                0x18,
                1,
                0x22,
                g,
            )
            out[p + 10] = 9
            p = varint(out, varint(out, p + 11, 2 * u), 2 * w)
    return p


@njit(cache=True, nogil=True)
def dimensions(  # pragma: no cover
    which: Ints, shift: int, left: int, top: int, last_zoom: int,
    x: Units, y: Units, start: Units, stop: Units, mm: Units, out: Bytes, value_out: Bytes,
) -> tuple[int, int]:  # fmt: skip
    """Features of the lengths of the edges `which` whose middle lies in the tile: points with text, angle, zoom (keys 0 to 2).

    The first 180 values of the layer are the angles -90 … 89, the next `GRID_ZOOM` + 1 the zooms. A length is there if its
    text fits the edge at `last_zoom` or before. Answers bytes of features, bytes of values.
    """
    p = v = 0
    values = 180 + GRID_ZOOM + 1
    text = np.empty(24, np.uint8)
    for e in which:
        if mm[e] < 0:
            continue
        a, b = start[e], stop[e]
        dx, dy = np.float64(x[b]) - x[a], np.float64(y[b]) - y[a]
        u = ((np.int64(x[a]) + x[b]) >> (shift + 1)) - left
        w = ((np.int64(y[a]) + y[b]) >> (shift + 1)) - top
        if u < 0 or u >= EXTENT or w < 0 or w >= EXTENT:
            continue
        hundredths = (np.int64(mm[e]) + 5) // 10
        n = 0
        rest = hundredths
        while n < 4 or rest > 0:
            if n == 2:
                text[n] = 46
                n += 1
            text[n] = 48 + rest % 10
            rest //= 10
            n += 1
        for k in range(n // 2):
            text[k], text[n - 1 - k] = text[n - 1 - k], text[k]
        need = (n * DIGIT_PX + SPARE_PX) * 8
        zoom = np.int64(np.ceil(GRID_ZOOM - np.log2(max(np.hypot(dx, dy), 1.0) / need)))
        if zoom > last_zoom:
            continue
        degrees = np.int64(np.rint(np.degrees(np.arctan2(dy, dx))))
        degrees = (degrees + 90) % 180  # reads from the left, or upwards; from -90
        v = text_value(value_out, v, text, 0, n)
        tags = 3 + varint_size(values) + varint_size(degrees) + varint_size(180 + max(zoom, 0))
        g = 1 + varint_size(2 * u) + varint_size(2 * w)
        out[p] = 0x12
        p = varint(out, p + 1, 2 + tags + 2 + 2 + g)
        out[p], out[p + 1], out[p + 2] = 0x12, tags, 0
        p = varint(out, p + 3, values)
        out[p] = 1
        p = varint(out, p + 1, degrees)
        out[p] = 2
        p = varint(out, p + 1, 180 + max(zoom, 0))
        out[p], out[p + 1], out[p + 2], out[p + 3], out[p + 4] = 0x18, 1, 0x22, g, 9
        p = varint(out, varint(out, p + 5, 2 * u), 2 * w)
        values += 1
    return p, v
