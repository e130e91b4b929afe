"""Compiled loops made ready: the first tile of a new process must not wait for a compiler."""

import numpy as np
import shapely

from geo.web_map import WORLD_M
from tiles import encode
from tiles.block import changed, from_bytes, made, to_bytes
from tiles.layers import LAYERS
from tiles.low import areas, rasters
from tiles.low.kinds import Sheets, groups_of
from tiles.outlines import from_wkb

_SINCE = {name: layer.min_zoom for name, layer in LAYERS.items() if layer.from_blocks}


def warm() -> None:
    """Run every loop between the register's rows and a tile once, on a made-up parcel with a pond and a far part."""
    cell_m = WORLD_M / 2**14
    pond = shapely.box(50, -300, 52, -100).exterior
    field = shapely.Polygon(shapely.box(10, -500, 700, -10).exterior, [pond])
    shape = shapely.MultiPolygon([field, shapely.box(800, -900, 801, -890)])
    web = shapely.to_wkb(shapely.affinity.translate(shape, -WORLD_M / 2 + cell_m, WORLD_M / 2 - cell_m))
    one = made(
        np.array([1]), np.full((1, 12), 48, np.uint8), [b"1"], [b"ODT"], np.array([1.0]), np.ones(1, np.float32),
        np.array([[5000, 5000]], np.int32), from_wkb(web, shapely.to_wkb(shape), 1, 1, 1),
    )  # fmt: skip
    one.edges()
    one.rooms(1)
    after = changed(one, np.zeros(1, np.bool_), one)
    after.edges()
    block = from_bytes(to_bytes(after))
    for z in (14, 18):
        x = y = 1 << z - 14
        encode.layers([name for name, since in _SINCE.items() if since <= z], {(1, 1): block}, z, x, y)
    for kind in (groups_of([("ODT", "residential_urban")]), Sheets()):
        raster = rasters.empty(kind)
        raster.put(0, 1, block, kind)
        grid = rasters.assembled(10, 0, 0, {(0, 0): raster.grid}) + 1
        areas.layer(kind.layer, grid, {1: {}, 2: {}}, 10)
