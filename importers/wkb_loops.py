"""The compiled loops of `importers.wkb`; its functions are the door, and say what the arrays are."""

import numpy as np
from numba import njit

OK, NULL, EMPTY, NOT_POLYGON, COLLECTION, CORRUPT, OPEN_RING, NOT_FINITE, TOO_MANY, CURVED = range(10)
PROVEN, ASK = 0, 1

# Longest ring whose segments are compared pair by pair; beyond it GEOS' sweep is faster.
_PAIRWISE_POINTS = 48
# A vertex nearer than this to another segment is left to GEOS: doubles could tell it differently from millimetres.
_NEAR_MM = 1e-4
# Differences of millimetres are exact in doubles up to here, with their products.
_EXACT_MM = 5e7


@njit(cache=True, nogil=True)
def _u32(data, at):  # type: ignore[no-untyped-def]
    return (
        np.int64(data[at])
        | np.int64(data[at + 1]) << 8
        | np.int64(data[at + 2]) << 16
        | np.int64(data[at + 3]) << 24
    )


@njit(cache=True, nogil=True)
def _head(data, at, end):  # type: ignore[no-untyped-def]
    """Kind (1 to 17, 0 unreadable), ordinates per point, where the body begins."""
    if at + 5 > end or data[at] != 1:
        return 0, 0, at
    word = _u32(data, at + 1)
    at += 5
    ordinates = 2
    if word & 0x80000000:
        ordinates += 1
    if word & 0x40000000:
        ordinates += 1
    if word & 0x20000000:
        at += 4
    kind = word & 0x0FFFFFFF
    thousands = kind // 1000
    if thousands in (1, 2):
        ordinates += 1
    elif thousands == 3:
        ordinates += 2
    elif thousands != 0:
        return 0, 0, at
    return kind % 1000, ordinates, at


@njit(cache=True, nogil=True)
def count(data, offsets, missing, max_points, status, points, counts, first):  # type: ignore[no-untyped-def]
    one = np.empty(8, np.uint8)
    value = one.view(np.float64)
    for i in range(len(status)):
        if missing[i]:
            status[i] = NULL
            continue
        at = np.int64(offsets[i])
        end = np.int64(offsets[i + 1])
        kind, ordinates, at = _head(data, at, end)
        if kind == 0 or at + 4 > end:
            # A point is the one kind that may be as short as this and still be whole.
            status[i] = CORRUPT if kind != 1 else NOT_POLYGON
            continue
        if kind == 7:
            status[i] = COLLECTION
            continue
        if kind in (10, 12) or kind >= 15:
            status[i] = CURVED
            continue
        if kind not in (3, 6):
            status[i] = NOT_POLYGON
            continue
        parts = np.int64(1)
        if kind == 6:
            parts = _u32(data, at)
            at += 4
        rings_all = 0
        points_all = 0
        parts_all = 0
        state = OK
        for _ in range(parts):
            if kind == 6:
                inner, ordinates, at = _head(data, at, end)
                if inner != 3:
                    state = CORRUPT
                    break
            if at + 4 > end:
                state = CORRUPT
                break
            rings = _u32(data, at)
            at += 4
            if rings > 0:
                parts_all += 1
            rings_all += rings
            if rings_all > end - offsets[i]:
                state = CORRUPT
                break
            for _ in range(rings):
                if at + 4 > end:
                    state = CORRUPT
                    break
                size = _u32(data, at)
                at += 4
                step = 8 * ordinates
                if at + size * step > end:
                    state = CORRUPT
                    break
                if points_all == 0 and size > 0:
                    for axis in range(2):
                        for b in range(8):
                            one[b] = data[at + axis * 8 + b]
                        first[i, axis] = value[0]
                points_all += size
                if points_all > max_points:
                    state = TOO_MANY
                    at += size * step
                    continue
                last = at + (size - 1) * step
                closed = size >= 4
                if closed:
                    for k in range(16):
                        if data[at + k] != data[last + k]:
                            closed = False
                            break
                if not closed and state == OK:
                    state = OPEN_RING
                for _ in range(size):
                    for axis in range(2):
                        for b in range(8):
                            one[b] = data[at + axis * 8 + b]
                        if not np.isfinite(value[0]):
                            state = NOT_FINITE
                    at += step
            if state == CORRUPT:
                break
        if points_all == 0 and state != CORRUPT:
            state = EMPTY
        status[i] = state
        points[i] = points_all
        counts[i, 0] = parts_all
        counts[i, 1] = rings_all


@njit(cache=True, nogil=True)
def fill(data, offsets, status, xy, ring_at, part_at, record_at):  # type: ignore[no-untyped-def]
    point = 0
    ring = 0
    part = 0
    raw = xy.view(np.uint8).reshape(-1)
    for i in range(len(status)):
        record_at[i] = part
        if status[i] != OK:
            continue
        end = np.int64(offsets[i + 1])
        kind, ordinates, at = _head(data, np.int64(offsets[i]), end)
        parts = np.int64(1)
        if kind == 6:
            parts = _u32(data, at)
            at += 4
        for _ in range(parts):
            if kind == 6:
                _, ordinates, at = _head(data, at, end)
            rings = _u32(data, at)
            at += 4
            if rings == 0:
                continue
            part_at[part] = ring
            part += 1
            for _ in range(rings):
                ring_at[ring] = point
                ring += 1
                size = _u32(data, at)
                at += 4
                for _ in range(size):
                    base = point * 16
                    for b in range(16):
                        raw[base + b] = data[at + b]
                    point += 1
                    at += 8 * ordinates
    ring_at[ring] = point
    part_at[part] = ring
    record_at[len(status)] = part


@njit(cache=True, nogil=True)
def _side(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]
    """1 left of the line a-b, -1 right, 0 on it or too near to tell."""
    dx = bx - ax
    dy = by - ay
    cross = dx * (py - ay) - dy * (px - ax)
    near = _NEAR_MM * (abs(dx) + abs(dy))
    if cross > near:
        return 1
    if cross < -near:
        return -1
    return 0


@njit(cache=True, nogil=True)
def _proven(mm, start, count):  # type: ignore[no-untyped-def]
    """Whether the ring of `count` different consecutive points (not repeated at the end) is certainly simple."""
    for i in range(count):
        h = i - 1 if i > 0 else count - 1
        j = i + 1 if i + 1 < count else 0
        ax, ay = mm[start + i, 0], mm[start + i, 1]
        ux, uy = mm[start + h, 0] - ax, mm[start + h, 1] - ay
        vx, vy = mm[start + j, 0] - ax, mm[start + j, 1] - ay
        if ux * vx + uy * vy > 0 and abs(ux * vy - uy * vx) <= _NEAR_MM * (abs(ux) + abs(uy)) + _NEAR_MM * (
            abs(vx) + abs(vy)
        ):
            return False
        bx, by = mm[start + j, 0], mm[start + j, 1]
        west, east = min(ax, bx), max(ax, bx)
        south, north = min(ay, by), max(ay, by)
        last = count - 1 if i == 0 else count
        for k in range(i + 2, last):
            m = k + 1 if k + 1 < count else 0
            cx, cy = mm[start + k, 0], mm[start + k, 1]
            ex, ey = mm[start + m, 0], mm[start + m, 1]
            if max(cx, ex) < west or min(cx, ex) > east or max(cy, ey) < south or min(cy, ey) > north:
                continue
            # No touch and no crossing: one of the two segments lies strictly on one side of the other's line.
            side_c = _side(ax, ay, bx, by, cx, cy)
            side_e = _side(ax, ay, bx, by, ex, ey)
            if side_c == side_e and side_c != 0:
                continue
            side_a = _side(cx, cy, ex, ey, ax, ay)
            side_b = _side(cx, cy, ex, ey, bx, by)
            if side_a == side_b and side_a != 0:
                continue
            return False
    return True


@njit(cache=True, nogil=True)
def tidy(xy, ring_at, part_at, record_at, out, out_ring_at, verdict, box):  # type: ignore[no-untyped-def]
    used = 0
    mm = np.empty((64, 2), np.float64)
    for i in range(len(record_at) - 1):
        west = np.inf
        south = np.inf
        east = -np.inf
        north = -np.inf
        rings = 0
        simple = True
        for part in range(record_at[i], record_at[i + 1]):
            for ring in range(part_at[part], part_at[part + 1]):
                rings += 1
                first = ring_at[ring]
                size = ring_at[ring + 1] - first
                if size > len(mm):
                    mm = np.empty((2 * size, 2), np.float64)
                # In millimetres from the first point: exact, and small enough for exact products.
                x0 = np.rint(xy[first, 0] * 1000.0)
                y0 = np.rint(xy[first, 1] * 1000.0)
                kept = 0
                twice_area = 0.0
                for k in range(first, first + size):
                    x = np.rint(xy[k, 0] * 1000.0) - x0
                    y = np.rint(xy[k, 1] * 1000.0) - y0
                    if kept and mm[kept - 1, 0] == x and mm[kept - 1, 1] == y:
                        continue
                    if kept:
                        twice_area += mm[kept - 1, 0] * y - x * mm[kept - 1, 1]
                    mm[kept, 0] = x
                    mm[kept, 1] = y
                    kept += 1
                if kept < 4:
                    # Collapsed by rounding: kept whole, for GEOS to name what is wrong.
                    simple = False
                    kept = size
                    for k in range(size):
                        mm[k, 0] = np.rint(xy[first + k, 0] * 1000.0) - x0
                        mm[k, 1] = np.rint(xy[first + k, 1] * 1000.0) - y0
                wide = 0.0
                for k in range(kept):
                    wide = max(wide, abs(mm[k, 0]), abs(mm[k, 1]))
                if wide > _EXACT_MM or kept > _PAIRWISE_POINTS or twice_area == 0.0:
                    simple = False
                exterior = ring == part_at[part]
                forward = (twice_area >= 0.0) == exterior
                out_ring_at[ring] = used
                for k in range(kept):
                    source = k if forward else kept - 1 - k
                    x = (mm[source, 0] + x0) / 1000.0
                    y = (mm[source, 1] + y0) / 1000.0
                    out[used, 0] = x
                    out[used, 1] = y
                    used += 1
                    west = min(west, x)
                    east = max(east, x)
                    south = min(south, y)
                    north = max(north, y)
                if simple and rings == 1:
                    simple = _proven(mm, 0, kept - 1)
        if rings:
            box[i, 0] = west
            box[i, 1] = south
            box[i, 2] = east
            box[i, 3] = north
            verdict[i] = PROVEN if simple and rings == 1 else ASK
    out_ring_at[len(ring_at) - 1] = used
    return used


@njit(cache=True, nogil=True)
def sizes(ring_at, part_at, record_at, sizes):  # type: ignore[no-untyped-def]
    for i in range(len(sizes)):
        parts = record_at[i + 1] - record_at[i]
        if parts == 0:
            continue
        total = 0 if parts == 1 else 9
        for part in range(record_at[i], record_at[i + 1]):
            rings = part_at[part + 1] - part_at[part]
            total += 9 + 4 * rings + 16 * (ring_at[part_at[part + 1]] - ring_at[part_at[part]])
        sizes[i] = total


@njit(cache=True, nogil=True)
def _put(data, at, value):  # type: ignore[no-untyped-def]
    data[at] = value & 255
    data[at + 1] = (value >> 8) & 255
    data[at + 2] = (value >> 16) & 255
    data[at + 3] = (value >> 24) & 255
    return at + 4


@njit(cache=True, nogil=True)
def write(xy, ring_at, part_at, record_at, offsets, data):  # type: ignore[no-untyped-def]
    raw = xy.view(np.uint8).reshape(-1)
    for i in range(len(offsets) - 1):
        at = offsets[i]
        parts = record_at[i + 1] - record_at[i]
        if parts > 1:
            data[at] = 1
            at = _put(data, at + 1, 6)
            at = _put(data, at, parts)
        for part in range(record_at[i], record_at[i + 1]):
            data[at] = 1
            at = _put(data, at + 1, 3)
            at = _put(data, at, part_at[part + 1] - part_at[part])
            for ring in range(part_at[part], part_at[part + 1]):
                size = ring_at[ring + 1] - ring_at[ring]
                at = _put(data, at, size)
                source = ring_at[ring] * 16
                for b in range(size * 16):
                    data[at + b] = raw[source + b]
                at += size * 16
