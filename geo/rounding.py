"""From which zoom on a web shape survives the rounding to a tile's grid unharmed: then a tile needs no mending of it."""

import numpy as np
import numpy.typing as npt
from numba import njit

from geo.web_map import WORLD_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIRST_ZOOM, LAST_ZOOM = 12, 22
NEVER = 32
_MOST_CORNERS = 512


def plain_from(xy: Floats, starts: Ints, one_ring: npt.NDArray[np.bool_]) -> npt.NDArray[np.int16]:
    """The lowest zoom (`FIRST_ZOOM` to `LAST_ZOOM`) from which on each shape stays a simple polygon when its corners are
    rounded to the grid of a tile (4,096 units); `NEVER` where it does not, or where that is not looked into.

    xy: EPSG:3857 corners (n, 2), those of shape i from starts[i] to starts[i + 1], closed. Only shapes of `one_ring` with
    at most 512 corners are looked into.
    """
    return _plain_from(np.ascontiguousarray(xy), starts, one_ring)


def clockwise(xy: Floats, starts: Ints, one_ring: npt.NDArray[np.bool_]) -> Floats:
    """`xy` with the corners of the shapes of `one_ring` in clockwise order, others as they are.

    Clockwise with y up is what tiles want of an outer ring once y points down.
    """
    return _clockwise(np.ascontiguousarray(xy), starts, one_ring)


@njit(cache=True, nogil=True)
def _clockwise(xy: Floats, starts: Ints, one_ring: npt.NDArray[np.bool_]) -> Floats:  # pragma: no cover
    out = xy.copy()
    for i in range(one_ring.shape[0]):
        first, end = starts[i], starts[i + 1]
        twice = 0.0
        for k in range(first + 1, end - 1):
            twice += (xy[k, 0] - xy[first, 0]) * (xy[k + 1, 1] - xy[first, 1])
            twice -= (xy[k, 1] - xy[first, 1]) * (xy[k + 1, 0] - xy[first, 0])
        if one_ring[i] and twice > 0:
            for k in range(end - first):
                out[first + k, 0] = xy[end - 1 - k, 0]
                out[first + k, 1] = xy[end - 1 - k, 1]
    return out


@njit(cache=True, nogil=True)
def _plain_from(
    xy: Floats, starts: Ints, one_ring: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int16]:  # pragma: no cover
    out = np.full(starts.shape[0] - 1, NEVER, np.int16)
    px = np.empty(_MOST_CORNERS + 1, np.int64)
    py = np.empty(_MOST_CORNERS + 1, np.int64)
    for i in range(out.shape[0]):
        first = starts[i]
        n = starts[i + 1] - first - 1
        if not one_ring[i] or n > _MOST_CORNERS:
            continue
        for z in range(LAST_ZOOM, FIRST_ZOOM - 1, -1):
            scale = 4096.0 * (1 << z) / WORLD_M
            m = 0
            for k in range(n):
                x = np.int64(np.rint((xy[first + k, 0] + WORLD_M / 2) * scale))
                y = np.int64(np.rint((WORLD_M / 2 - xy[first + k, 1]) * scale))
                if m == 0 or px[m - 1] != x or py[m - 1] != y:
                    px[m] = x
                    py[m] = y
                    m += 1
            while m > 1 and px[m - 1] == px[0] and py[m - 1] == py[0]:
                m -= 1
            if not is_simple(px, py, m):
                break
            out[i] = z
    return out


@njit(cache=True, nogil=True)
def is_simple(px: Ints, py: Ints, m: int) -> bool:  # pragma: no cover
    """Whether m corners on a grid make a ring that touches itself nowhere. Exact: products stay below 2^63 at zoom 22."""
    if m < 3:
        return False
    for a in range(m):
        b = a + 1 if a + 1 < m else 0
        c = b + 1 if b + 1 < m else 0
        ux, uy, vx, vy = px[b] - px[a], py[b] - py[a], px[c] - px[b], py[c] - py[b]
        if ux * vy == uy * vx and ux * vx + uy * vy < 0:
            return False  # a spike: the next edge runs back over this one
    for a in range(m - 2):
        b = a + 1
        low_x, high_x = min(px[a], px[b]), max(px[a], px[b])
        low_y, high_y = min(py[a], py[b]), max(py[a], py[b])
        for c in range(a + 2, m):
            d = c + 1 if c + 1 < m else 0
            if d == a:
                continue
            if max(px[c], px[d]) < low_x or min(px[c], px[d]) > high_x:
                continue
            if max(py[c], py[d]) < low_y or min(py[c], py[d]) > high_y:
                continue
            if crosses(px, py, a, b, c, d):
                return False
    return True


@njit(cache=True, nogil=True, inline="always")
def _side(px: Ints, py: Ints, a: int, b: int, c: int) -> int:  # pragma: no cover
    turn = (px[b] - px[a]) * (py[c] - py[a]) - (py[b] - py[a]) * (px[c] - px[a])
    return 1 if turn > 0 else -1 if turn < 0 else 0


@njit(cache=True, nogil=True, inline="always")
def crosses(px: Ints, py: Ints, a: int, b: int, c: int, d: int) -> bool:  # pragma: no cover
    """Whether edges ab and cd, whose boxes meet, share a point."""
    return (
        _side(px, py, a, b, c) * _side(px, py, a, b, d) <= 0
        and _side(px, py, c, d, a) * _side(px, py, c, d, b) <= 0
    )
