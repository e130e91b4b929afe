"""Tiles that are no block of the file: PNG, zooms finer or coarser than it has. Read by GDAL and encoded anew."""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.web_map import HALF_WORLD_M
from tiles.raster.blocks import TILE_PX

DRIVERS: Final = {"webp": "WEBP", "png": "PNG"}


def rendered(path: Path, zoom: int, x: int, y: int, form: str) -> bytes:
    """A tile as WebP or PNG (`form`), 512 pixels, transparent outside. Raises: OSError where the file cannot be read."""
    import rasterio
    from rasterio.enums import Resampling
    from rasterio.windows import Window, from_bounds

    size_m = 2 * HALF_WORLD_M / 2**zoom
    west, north = x * size_m - HALF_WORLD_M, HALF_WORLD_M - y * size_m
    try:
        with (
            rasterio.Env(GDAL_CACHEMAX=32, GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"),
            rasterio.open(path, driver="GTiff") as source,
        ):
            asked = from_bounds(west, north - size_m, west + size_m, north, source.transform)
            # the part of the file that is asked for, and the part of the tile it fills
            left, top = max(asked.col_off, 0.0), max(asked.row_off, 0.0)
            right = min(asked.col_off + asked.width, float(source.width))
            bottom = min(asked.row_off + asked.height, float(source.height))
            out = np.zeros((4, TILE_PX, TILE_PX), np.uint8)
            scale = TILE_PX / asked.width
            a, b = round((left - asked.col_off) * scale), round((right - asked.col_off) * scale)
            c, d = round((top - asked.row_off) * scale), round((bottom - asked.row_off) * scale)
            if b > a and d > c:
                way = Resampling.nearest if scale >= 1 else Resampling.average
                window = Window(left, top, right - left, bottom - top)
                out[:, c:d, a:b] = source.read(window=window, out_shape=(4, d - c, b - a), resampling=way)
    except rasterio.errors.RasterioError as error:
        raise OSError("the file of tiles cannot be read") from error
    return encoded(out, form)


@cache
def nothing(form: str) -> bytes:
    """A transparent tile."""
    return encoded(np.zeros((4, TILE_PX, TILE_PX), np.uint8), form)


def encoded(bands: NDArray[np.uint8], form: str) -> bytes:
    """Bands (4, h, w) as WebP without loss or PNG (`form`)."""
    from rasterio import Affine, Env
    from rasterio.io import MemoryFile

    more = {"LOSSLESS": "YES"} if form == "webp" else {"ZLEVEL": "6"}
    shape = {"count": 4, "height": bands.shape[1], "width": bands.shape[2], "dtype": "uint8"}
    # a place, for rasterio warns where there is none, and warnings are not for threads; it is not written
    somewhere = Affine.translation(1, 1)
    with Env(GDAL_PAM_ENABLED="NO"), MemoryFile() as kept:
        with kept.open(driver=DRIVERS[form], transform=somewhere, **shape, **more) as out:
            out.write(bands)
        return bytes(kept.read())
