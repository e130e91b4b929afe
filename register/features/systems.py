"""The coordinate systems features are asked for and answered in (OGC API Features part 2), and shapes from them to WGS84.

VN-2000 goes through `geo.crs` and the official seven parameters alone; in the database it is the same definition
(`geo.crs.proj4`), under which PostGIS knows the zones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import crs
from geo.web_map import to_degrees
from register.errors import InvalidKeyError
from register.keys import printable

_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_PARTS = 16
_MERCATOR = 85.0


@dataclass(frozen=True, slots=True)
class System:
    """A coordinate system: URI, EPSG code, whether its axes are latitude, longitude; else the first points east."""

    uri: str
    epsg: int
    north_first: bool = False

    @property
    def degrees(self) -> bool:
        """Whether its unit is the degree, not the metre."""
        return self.epsg == 4326


CRS84 = System("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326)
SYSTEMS: Mapping[str, System] = MappingProxyType(
    {
        system.uri: system
        for system in (
            CRS84,
            System(f"{_EPSG}4326", 4326, north_first=True),
            System(f"{_EPSG}3857", 3857),
            # axes of EPSG's definitions of these zones: east, north
            *(System(f"{_EPSG}{epsg}", epsg) for epsg in sorted(crs.ZONES)),
        )
    }
)


def system(uri: str, name: str) -> System:
    """The system of a URI, also as `[EPSG:5899]` or `EPSG:5899`. Raises: InvalidKeyError that names the parameter."""
    bare = uri.strip().removeprefix("[").removesuffix("]")
    if bare.upper() in ("CRS84", "OGC:CRS84"):
        return CRS84
    if bare.upper().startswith("EPSG:"):
        bare = _EPSG + bare[5:]
    found = SYSTEMS.get(bare.replace("https://", "http://", 1))
    if found is None:
        raise InvalidKeyError(
            f"{name}={printable(uri)} is not one of the coordinate systems of this collection: see its crs list.",
            f"{name}={printable(uri)} không phải hệ tọa độ có ở đây: xem danh sách crs của tập dữ liệu.",
        )
    return found


def in_degrees(shape: shapely.Geometry, of: System) -> shapely.Geometry:
    """`shape`, given in `of` with its axes, in longitude and latitude; straight edges stay so to a sixteenth of their length.

    Raises: InvalidKeyError where it lies outside what the system can say.
    """
    if of.north_first:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    west, south, east, north = shapely.bounds(shape)
    far = (180.0, 90.0) if of.degrees else (2.1e7, 2.1e7) if of.epsg == 3857 else (4e6, 1e7)
    if not (max(abs(west), abs(east)) <= far[0] and max(abs(south), abs(north)) <= far[1]):
        raise InvalidKeyError(
            f"A place lies outside {of.uri}: mind the order of the axes and the unit.",
            f"Có tọa độ nằm ngoài phạm vi của {of.uri}: hãy xem lại thứ tự trục và đơn vị.",
        )
    if of.degrees:
        return (
            shape
            if -_MERCATOR <= south <= north <= _MERCATOR
            else shapely.clip_by_rect(shape, -180, -_MERCATOR, 180, _MERCATOR)
        )
    longest = max(east - west, north - south)
    if longest > 0:
        shape = shapely.segmentize(shape, longest / _PARTS)

    def degrees(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        if of.epsg == 3857:
            return np.column_stack(to_degrees(xy[:, 0], xy[:, 1]))
        return np.column_stack(crs.to_wgs84(of.epsg, xy[:, 0], xy[:, 1]))

    return shapely.transform(shape, degrees)
