"""A picture drawn anew in tiles of the web map: each pixel of a tile asks where in the picture it lies."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.web_map import HALF_WORLD_M

Floats = NDArray[np.float64]
Rgba = NDArray[np.uint8]
TILE_PX: Final = 512
STEP_PX: Final = 16
"""The way is asked exactly every so many pixels, and goes straight between."""


def tile_size_m(zoom: int) -> float:
    """Side of a tile in EPSG:3857 metres."""
    return float(2 * HALF_WORLD_M / 2**zoom)


def drawn(picture: Rgba, to_pixels: Callable[[Floats], Floats], zoom: int, x: int, y: int) -> Rgba:
    """One tile (512, 512, 4); transparent black where the picture does not reach.

    `to_pixels`: EPSG:3857 metres (n, 2) to columns and rows of the picture (h, w, 4), not a number where there are none.
    """
    size_m = tile_size_m(zoom)
    nodes = np.arange(0, TILE_PX + 1, STEP_PX) / TILE_PX * size_m
    east, south = np.meshgrid(x * size_m - HALF_WORLD_M + nodes, HALF_WORLD_M - y * size_m - nodes)
    way = to_pixels(np.stack([east.ravel(), south.ravel()], axis=1)).reshape(*east.shape, 2)
    out = np.zeros((TILE_PX, TILE_PX, 4), np.uint8)
    low, high = np.nanmin(way, axis=(0, 1), initial=np.inf), np.nanmax(way, axis=(0, 1), initial=-np.inf)
    if (high < 0).any() or low[0] > picture.shape[1] or low[1] > picture.shape[0]:
        return out
    _sample(picture, np.ascontiguousarray(way), out)
    return out


@njit(cache=True, nogil=True)
def _sample(picture, way, out):  # type: ignore[no-untyped-def]
    """Bilinear between the four nearest pixels, each weighing as much as it is opaque."""
    height, width, _ = picture.shape
    for row in range(out.shape[0]):
        j = row // STEP_PX
        v = (row + 0.5 - j * STEP_PX) / STEP_PX
        for column in range(out.shape[1]):
            i = column // STEP_PX
            u = (column + 0.5 - i * STEP_PX) / STEP_PX
            a, b, c, d = (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v
            px = a * way[j, i, 0] + b * way[j, i + 1, 0] + c * way[j + 1, i, 0] + d * way[j + 1, i + 1, 0]
            py = a * way[j, i, 1] + b * way[j, i + 1, 1] + c * way[j + 1, i, 1] + d * way[j + 1, i + 1, 1]
            if not (px >= 0 and py >= 0 and px < width and py < height):  # not a number fails each
                continue
            fx, fy = px - 0.5, py - 0.5
            x0, y0 = int(np.floor(fx)), int(np.floor(fy))
            wx, wy = fx - x0, fy - y0
            red, green, blue, alpha = 0.0, 0.0, 0.0, 0.0
            for n in range(4):
                xs = min(max(x0 + (n & 1), 0), width - 1)
                ys = min(max(y0 + (n >> 1), 0), height - 1)
                w = (wx if n & 1 else 1 - wx) * (wy if n >> 1 else 1 - wy) * picture[ys, xs, 3]
                red += w * picture[ys, xs, 0]
                green += w * picture[ys, xs, 1]
                blue += w * picture[ys, xs, 2]
                alpha += w
            if alpha > 0:
                out[row, column, 0] = np.uint8(red / alpha + 0.5)
                out[row, column, 1] = np.uint8(green / alpha + 0.5)
                out[row, column, 2] = np.uint8(blue / alpha + 0.5)
                out[row, column, 3] = np.uint8(min(255.0, alpha + 0.5))
