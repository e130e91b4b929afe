"""A placed picture as a cloud-optimised GeoTIFF in web mercator whose blocks are the web map's tiles, WebP each.

The file begins at a tile's corner on the finest zoom and on each coarser one down to where the picture is a tile or two, so
that a block of an overview is a tile as well: who serves tiles sends blocks as they are, without decoding one.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.web_map import HALF_WORLD_M
from importers.errors import TooMuch
from importers.raster.warp import TILE_PX, drawn, tile_size_m

Floats = NDArray[np.float64]
MOST_ZOOM: Final = 23
MOST_TILES: Final = 8_000
_MOST_LEVELS = 8
QUALITY: Final = {"scan": 90, "orthophoto": 85}


@dataclass(frozen=True, slots=True)
class Tiling:
    """The tiles of a picture: zoom and first tile of the finest, tiles to the right and down, how often they are halved."""

    zoom: int
    x: int
    y: int
    columns: int
    rows: int
    levels: int


def tiling_of(outline: shapely.Geometry, pixel_m: float, place: str) -> Tiling:
    """Tiles for an outline in EPSG:3857 metres and pixels of so many metres there. Raises: TooMuch."""
    zoom = math.ceil(math.log2(tile_size_m(0) / (TILE_PX * pixel_m)) - 0.1)
    zoom = min(MOST_ZOOM, max(0, zoom))
    size_m = tile_size_m(zoom)
    west, south, east, north = shapely.bounds(outline)
    first = int((west + HALF_WORLD_M) // size_m), int((HALF_WORLD_M - north) // size_m)
    last = int((east + HALF_WORLD_M) // size_m), int((HALF_WORLD_M - south) // size_m)
    columns, rows = last[0] - first[0] + 1, last[1] - first[1] + 1
    if columns * rows > MOST_TILES:
        raise TooMuch(
            f"Với vị trí này ảnh phủ {columns:,} × {rows:,} ô bản đồ: hãy kiểm tra điểm khống chế và hệ tọa độ.",
            f"Placed so, the picture covers {columns:,} × {rows:,} map tiles: check its points and its coordinate system.",
            place,
        )
    levels = min(_MOST_LEVELS, zoom, (max(columns, rows) - 1).bit_length())
    step = 1 << levels
    x, y = first[0] // step * step, first[1] // step * step
    return Tiling(
        zoom, x, y, _up(last[0] + 1 - x, step), _up(last[1] + 1 - y, step), levels
    )  # fmt: skip


def _up(count: int, step: int) -> int:
    return -(-count // step) * step


def write(
    picture: NDArray[np.uint8],
    to_pixels: Callable[[Floats], Floats],
    outline: shapely.Geometry,
    tiling: Tiling,
    kind: str,
    folder: Path,
    crop: shapely.Geometry | None = None,
) -> Path:
    """The file, under `folder`. `to_pixels`: EPSG:3857 metres to columns and rows; `crop`: what is kept, EPSG:3857."""
    import rasterio
    from rasterio.features import geometry_mask
    from rasterio.shutil import copy
    from rasterio.transform import Affine
    from rasterio.windows import Window

    size_m = tile_size_m(tiling.zoom)
    pixel_m = size_m / TILE_PX
    west, north = tiling.x * size_m - HALF_WORLD_M, HALF_WORLD_M - tiling.y * size_m
    profile = {
        "driver": "GTiff",
        "width": tiling.columns * TILE_PX,
        "height": tiling.rows * TILE_PX,
        "count": 4,
        "dtype": "uint8",
        "tiled": True,
        "blockxsize": TILE_PX,
        "blockysize": TILE_PX,
        "crs": "EPSG:3857",
        "transform": Affine(pixel_m, 0, west, 0, -pixel_m, north),
        "photometric": "RGB",
        "ALPHA": "UNASSOCIATED",
        "SPARSE_OK": "TRUE",
        "BIGTIFF": "IF_SAFER",
        "interleave": "pixel",
    }
    shown = outline if crop is None else shapely.intersection(outline, crop)
    shapely.prepare(shown)
    plain, made = folder / "plain.tif", folder / "placed.tif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(plain, "w", **profile) as out:
            for row in range(tiling.rows):
                for column in range(tiling.columns):
                    corner = west + column * size_m, north - row * size_m
                    box = shapely.box(corner[0], corner[1] - size_m, corner[0] + size_m, corner[1])
                    if not shapely.intersects(shown, box):
                        continue
                    tile = drawn(picture, to_pixels, tiling.zoom, tiling.x + column, tiling.y + row)
                    if crop is not None and not shapely.contains(shown, box):
                        at = Affine(pixel_m, 0, corner[0], 0, -pixel_m, corner[1])
                        tile[geometry_mask([shown], (TILE_PX, TILE_PX), at)] = 0
                    if tile[:, :, 3].any():
                        window = Window(column * TILE_PX, row * TILE_PX, TILE_PX, TILE_PX)
                        out.write(np.moveaxis(tile, 2, 0), window=window)
        quality = QUALITY[kind]
        copy(
            plain, made, driver="COG", COMPRESS="WEBP", QUALITY=quality, BLOCKSIZE=TILE_PX, OVERVIEW_QUALITY=quality,
            OVERVIEW_RESAMPLING="AVERAGE", OVERVIEW_COUNT=tiling.levels, SPARSE_OK="YES", BIGTIFF="IF_SAFER",
        )  # fmt: skip
    plain.unlink()
    return made
