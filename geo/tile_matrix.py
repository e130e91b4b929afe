"""Tile matrix sets (OGC 17-083r4): the web map's, and one for every 3° zone of VN-2000, in the zone's own metres.

The grid of a zone: the tile of level 0 is 2^20 m wide, each level halves it. Its column begins 2^19 m west of the zone's
central meridian, its rows end 5 · 2^19 m north of the equator, so every corner of every tile is a whole multiple of a power
of two metres; at level 18 one of a tile's 4096 units is 2^-10 m, under a millimetre. Level 0 is one column of two rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geo import crs
from geo.web_map import HALF_WORLD_M

MAX_LEVEL = 18
"""Deepest level of a zone's grid."""

_SIDE_M = float(1 << 20)
_WEST_M = crs.FALSE_EASTING_M - (1 << 19)
_NORTH_M = 5.0 * (1 << 19)
_WEB_LEVELS = 23
_PIXEL_M = 0.00028  # the standard's pixel
_OGC = "http://www.opengis.net/def/"


@dataclass(frozen=True, slots=True)
class TileMatrixSet:
    """A tiling scheme whose levels halve.

    identity: as in paths. uri: of its definition where it has a registered one. epsg: of its coordinate system, east
    before north. west_m, north_m: its corner. side_m: width of a tile of level 0. columns, rows: of level 0. levels: how many.
    """

    identity: str
    title: str
    uri: str | None
    epsg: int
    west_m: float
    north_m: float
    side_m: float
    columns: int
    rows: int
    levels: int

    @property
    def crs(self) -> str:
        """The URI of the coordinate system."""
        return f"{_OGC}crs/EPSG/0/{self.epsg}"

    def bounds(self, level: int, column: int, row: int) -> tuple[float, float, float, float]:
        """West, south, east, north of a tile, metres. Raises: ValueError where there is no such tile."""
        if not (
            0 <= level < self.levels and 0 <= column < self.columns << level and 0 <= row < self.rows << level
        ):
            raise ValueError(f"{self.identity} has no tile {level}/{row}/{column}")
        side = self.side_m / (1 << level)
        west, north = self.west_m + column * side, self.north_m - row * side
        return west, north - side, west + side, north

    def matrices(self) -> Iterator[tuple[int, float, float]]:
        """Levels, each with its scale denominator and the size of a 256th of a tile in metres."""
        for level in range(self.levels):
            cell_m = self.side_m / 256 / (1 << level)
            yield level, cell_m / _PIXEL_M, cell_m


WEB_MERCATOR_QUAD = TileMatrixSet(
    "WebMercatorQuad",
    "Bản đồ web / web map (Google Maps compatible)",
    f"{_OGC}tilematrixset/OGC/1.0/WebMercatorQuad",
    3857, -HALF_WORLD_M, HALF_WORLD_M, 2 * HALF_WORLD_M, 1, 1, _WEB_LEVELS,
)  # fmt: skip


def of_zone(epsg: int) -> TileMatrixSet:
    """The grid of a VN-2000 zone. Raises: ValueError when it is none."""
    zone = crs.zone(epsg)
    return TileMatrixSet(
        f"VN2000-{epsg}", f"{zone.name} (EPSG:{epsg})", None, epsg, _WEST_M, _NORTH_M, _SIDE_M, 1, 2, MAX_LEVEL + 1
    )  # fmt: skip


def named(identity: str) -> TileMatrixSet:
    """The set of this name. Raises: ValueError when there is none."""
    if identity == WEB_MERCATOR_QUAD.identity:
        return WEB_MERCATOR_QUAD
    head, _, code = identity.partition("-")
    if head != "VN2000" or not (code.isascii() and code.isdigit() and len(code) == 4):
        raise ValueError(f"there is no tile matrix set {identity!r}")
    return of_zone(int(code))


def web_box(
    epsg: int, west: float, south: float, east: float, north: float
) -> tuple[float, float, float, float]:
    """A box of the web map (EPSG:3857 metres) around a box of a zone, whose sides are curved there."""
    at = np.linspace(0, 1, 17)
    x, y = west + at * (east - west), south + at * (north - south)
    xs = np.concatenate([x, x, np.full(17, west), np.full(17, east)])
    ys = np.concatenate([np.full(17, south), np.full(17, north), y, y])
    web_x, web_y = crs.to_web(epsg, xs, ys)
    # a side's bulge between two of its points: a chord of a sixteenth bulges by 1/256 of what the whole side does
    margin = 1.0 + 0.001 * max(east - west, north - south)
    return (
        float(web_x.min()) - margin, float(web_y.min()) - margin, float(web_x.max()) + margin, float(web_y.max()) + margin,
    )  # fmt: skip
