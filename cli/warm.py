"""Every compiled loop of the system compiled once, beside the rest of the installation: `python -m cli.warm`, and
`python -m cli.warm tiles` at the same time.

Left to themselves they are compiled by whoever comes first: the first import, the first tile, each process of a test run.
"""

import sys

import numpy as np
import pyarrow as pa
import shapely

EPSG = 5899


def warm() -> None:
    """Run each loop but those of tiles on a few made-up parcels, as its callers do."""
    from geo import codes, coverage, geohash, polylabel, rounding
    from geo.crs import from_wgs84, to_web, to_wgs84
    from importers import wkb
    from importers.raster import warp
    from register import address_search, ewkb, pgcopy

    field = shapely.box(548_000, 1_777_000, 548_060, 1_777_040).difference(
        shapely.box(548_010, 1_777_010, 548_020, 1_777_020)
    )
    lot = shapely.box(548_050, 1_777_000, 548_090, 1_777_040)
    bent = shapely.Polygon(
        [(548_100, 1_777_000), (548_130, 1_777_010), (548_160, 1_777_000), (548_130, 1_777_040)]
    )
    shapes = np.array([field, lot, bent, shapely.union(bent, lot)], np.object_)
    codes.mint(shapes, EPSG)
    geohash.decode("w6ugmu6r6pux")
    polylabel.interior_points(shapes)
    coverage.overlaps(shapes)
    to_wgs84(EPSG, *from_wgs84(EPSG, [108.2], [16.0]))
    bytes_of = pa.array(shapely.to_wkb(shapes), pa.binary())
    xy, starts = ewkb.coordinates(bytes_of)
    web = np.column_stack(to_web(EPSG, *xy.T))
    one_ring = ewkb.one_ring(bytes_of)
    rounding.plain_from(rounding.clockwise(web, starts, one_ring), starts, one_ring)
    pgcopy.rows(
        pa.record_batch(
            {"shape": ewkb.with_coordinates(bytes_of, web, 3857), "n": pa.array(range(4), pa.int64())}
        )
    )
    wkb.pack(wkb.tidy(wkb.unpack(bytes_of, 1000))[0])
    warp.drawn(np.zeros((8, 8, 4), np.uint8), lambda metres: np.full_like(metres, 4.0), 18, 0, 0)
    address_search.warm()


if __name__ == "__main__":
    if sys.argv[1:] == ["tiles"]:
        from tiles.warm import warm as warm_tiles

        warm_tiles()
    else:
        warm()
