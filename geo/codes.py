"""The parcel code (mã định danh thửa đất): minted from a shape, checked when given, replaced on a clash.

Circular 19/2026/TT-BNNMT, annex I: feature point of the parcel in VN-2000 by polylabel, to WGS84 by the seven
parameters, GeoHash of 12 characters. A code is minted once and kept; what the circular leaves open
(precision, ties, letter case, clashes) is fixed by `ALGORITHM`, to be stored with every code.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo import crs, geohash
from geo.polylabel import interior_points
from geo.ragged import Shapes

ALGORITHM = "polylabel-0.1m epsg6960-2d geohash-12 v1"
"""The recipe: Mapbox polylabel at 10 cm (a tenth of the width below a metre), EPSG:6960 at height zero,
lower case."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Minted:
    """Codes (n,) S12 and what they came from: VN-2000 points (n, 2: east, north), radius in metres, WGS84
    degrees."""

    codes: NDArray[np.bytes_]
    points: Floats
    radius_m: Floats
    lon_deg: Floats
    lat_deg: Floats


def mint(shapes: Shapes, epsg: int) -> Minted:
    """Codes of Polygons or MultiPolygons in a VN-2000 zone. Unique only if no two share a 2 cm cell: see
    `candidates`.

    Raises: ValueError when a shape is empty, has no area or lies off the earth; TypeError when one is no
    polygon.
    """
    points, radius_m = interior_points(shapes)
    if np.isnan(points).any():
        raise ValueError(f"shape {int(np.isnan(points[:, 0]).argmax())} has no inside: it cannot have a code")
    lon, lat = crs.to_wgs84(epsg, points[:, 0], points[:, 1])
    return Minted(geohash.encode(lon, lat), points, radius_m, lon, lat)


def candidates(shape: shapely.Geometry, epsg: int) -> Iterator[tuple[str, float, float]]:
    """Further codes for a shape whose minted code is taken: code, east, north of each, the same ones in every
    run.

    They are the GeoHash cells around the minted one, ring by ring, each ring from its south-west corner row
    by row; only cells whose centre lies strictly inside the shape count, and that centre is the point. Ends
    when no more of the shape is left; a shape smaller than a few centimetres may have none.
    """
    minted = mint(np.array([shape], dtype=object), epsg)
    column, row = (int(v[0]) for v in geohash.cells(minted.codes))
    shapely.prepare(shape)
    furthest = _rings_to_cover(shape, epsg, column, row)
    for k in range(1, furthest + 1):
        columns, rows = _ring(column, row, k)
        on_earth = (columns >= 0) & (columns < 2**30) & (rows >= 0) & (rows < 2**30)
        columns, rows = columns[on_earth], rows[on_earth]
        east, north = crs.from_wgs84(epsg, *geohash.centres(columns, rows))
        inside = shapely.contains_xy(shape, east, north)
        codes = geohash.encode_cells(columns[inside], rows[inside])
        for code, e, n in zip(codes, east[inside], north[inside], strict=True):
            yield code.decode(), float(e), float(n)


def fits(codes: ArrayLike, shapes: Shapes, epsg: int) -> NDArray[np.bool_]:
    """Whether each given text (n,) is a code, and the centre of its cell lies strictly inside its shape
    (n,)."""
    column, row = geohash.cells(codes)
    is_code = column >= 0
    east, north = crs.from_wgs84(
        epsg, *geohash.centres(np.where(is_code, column, 0), np.where(is_code, row, 0))
    )
    inside: NDArray[np.bool_] = shapely.contains_xy(shapes, east, north)
    return is_code & inside


def _ring(column: int, row: int, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The 8k cells at distance k: south row, the two sides row by row, north row; west to east."""
    across = np.arange(-k, k + 1)
    sides = np.repeat(np.arange(1 - k, k), 2)
    ends = np.tile([-k, k], 2 * k - 1)
    columns = np.concatenate((across, ends, across))
    rows = np.concatenate((np.full(2 * k + 1, -k), sides, np.full(2 * k + 1, k)))
    return column + columns, row + rows


def _rings_to_cover(shape: shapely.Geometry, epsg: int, column: int, row: int) -> int:
    x_min, y_min, x_max, y_max = shapely.bounds(shape)
    corners = crs.to_wgs84(epsg, [x_min, x_max, x_min, x_max], [y_min, y_min, y_max, y_max])
    columns, rows = geohash.cells(geohash.encode(*corners))
    return int(max(np.abs(columns - column).max(), np.abs(rows - row).max())) + 1
