"""The plane a picture is placed in, and the way from there to the web map and back.

VN-2000 goes by `geo.crs` with its pinned parameters and by nothing else; degrees WGS84 by closed formulas; systems of other
countries by PROJ.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo import crs
from geo.crs import ZONES, Look, looks_like
from importers.crs import WEB_MERCATOR, WGS84, identify, web_to_wgs84
from importers.errors import NoCrs, SwappedAxes, WrongCrs

Floats = NDArray[np.float64]
_EARTH_M = 6378137.0
_MOST_LAT_DEG = 85.0
_VN2000_DATUM = "vietnam 2000"


@dataclass(frozen=True, slots=True)
class Ground:
    """A coordinate system: EPSG code (None where it has none), name, and its points (n, 2) as WGS84 degrees and back."""

    epsg: int | None
    name: str
    degrees: bool
    to_wgs84: Callable[[Floats], Floats]
    from_wgs84: Callable[[Floats], Floats]

    def to_web(self, points: Floats) -> Floats:
        """EPSG:3857 metres (n, 2) of points (n, 2); not a number near the poles."""
        lon, lat = self.to_wgs84(points).T
        good = np.abs(lat) <= _MOST_LAT_DEG
        rad = np.radians(np.where(good, lat, np.nan))
        return np.stack([_EARTH_M * np.radians(lon), _EARTH_M * np.arcsinh(np.tan(rad))], axis=1)

    def from_web(self, web_m: Floats) -> Floats:
        """Points (n, 2) of EPSG:3857 metres (n, 2)."""
        return self.from_wgs84(np.stack(web_to_wgs84(web_m[:, 0], web_m[:, 1]), axis=1))


def ground_of(definition: str | None, wanted: int | None, place: str) -> Ground:
    """The system a file names (WKT or authority code), or the caller by EPSG code, which counts more.

    Raises: NoCrs where neither says it, WrongCrs where it is none or cannot be used safely.
    """
    if wanted is None and not definition:
        raise NoCrs(
            "Không rõ ảnh ở hệ tọa độ nào: hãy nêu mã EPSG (crs), ví dụ 9210 cho VN-2000 105°45', hoặc 4326 cho độ WGS84.",
            "It is not said in which coordinate system the picture lies: give its EPSG code (crs), such as 9210 for VN-2000 "
            "105°45', or 4326 for WGS84 degrees.",
            place,
        )
    if wanted is not None and (wanted in ZONES or wanted in (WGS84, WEB_MERCATOR)):
        return _kept(wanted)
    try:
        known = identify(definition, None, place) if wanted is None else None
    except WrongCrs:
        known = None  # of another country, maybe
    if known is not None:
        return _kept(known.epsg)
    try:
        other = pyproj.CRS.from_user_input(wanted if wanted is not None else definition)
        if other.is_compound and other.sub_crs_list:
            other = other.sub_crs_list[0]
        return _foreign(other, place)
    except pyproj.exceptions.ProjError:
        said = f"EPSG:{wanted}" if wanted is not None else "ghi trong tệp · of the file"
        raise WrongCrs(
            f"Hệ tọa độ {said} không dùng được: hãy nêu mã EPSG của một hệ phẳng hoặc độ.",
            f"The coordinate system {said} cannot be used: give the EPSG code of a plane or of degrees.",
            place,
        ) from None


def check_axes(ground: Ground, points: Floats, place: str) -> None:
    """Raises: SwappedAxes, WrongCrs where points (n, 2) of a VN-2000 zone or of degrees cannot be that."""
    if ground.epsg not in ZONES:
        if ground.degrees and bool((np.abs(points) > (360, 90)).any()):
            raise WrongCrs(
                f"Tọa độ vượt quá 360° hoặc 90°: không phải kinh độ, vĩ độ ({ground.name}).",
                f"Numbers beyond 360° or 90° are no longitudes and latitudes ({ground.name}).",
                place,
            )
        return
    look: Look = looks_like(*points.min(axis=0), *points.max(axis=0))
    if look == "north_east":
        raise SwappedAxes(
            "Bắc (X) và đông (Y) bị đổi chỗ: hãy ghi đông trước, bắc sau.",
            "North (X) and east (Y) stand in each other's place: give east first.",
            place,
        )
    if look != "east_north":
        raise WrongCrs(
            f"Tọa độ không phải mét VN-2000 ở Việt Nam ({ground.name}).",
            f"The coordinates are no VN-2000 metres in Vietnam ({ground.name}).",
            place,
        )


def _kept(epsg: int) -> Ground:
    if epsg == WGS84:
        return Ground(epsg, "EPSG:4326 WGS 84", True, np.asarray, np.asarray)
    if epsg == WEB_MERCATOR:
        return Ground(
            epsg,
            "EPSG:3857 web mercator",
            False,
            lambda p: np.stack(web_to_wgs84(p[:, 0], p[:, 1]), axis=1),
            lambda p: np.stack(
                [_EARTH_M * np.radians(p[:, 0]), _EARTH_M * np.arcsinh(np.tan(np.radians(p[:, 1])))], axis=1
            ),
        )
    return Ground(
        epsg,
        f"EPSG:{epsg} {ZONES[epsg].name}",
        False,
        lambda p: np.stack(crs.to_wgs84(epsg, p[:, 0], p[:, 1]), axis=1),
        lambda p: np.stack(crs.from_wgs84(epsg, p[:, 0], p[:, 1]), axis=1),
    )


def _foreign(other: pyproj.CRS, place: str) -> Ground:
    """A system of another country. Raises: WrongCrs for VN-2000 in a shape that is no zone, and for no plane at all."""
    base = other.geodetic_crs
    datum = "" if base is None or base.datum is None else base.datum.name.lower()
    if _VN2000_DATUM in datum or "vn-2000" in datum or "vn2000" in datum:
        raise WrongCrs(
            f"{other.name} là VN-2000 nhưng không phải múi đang dùng: hãy chuyển sang múi 3° (EPSG 5896–5899, 9205–9218) "
            "hoặc 6° (3405, 3406).",
            f"{other.name} is VN-2000, but no zone in use: convert it to a 3° zone (EPSG 5896–5899, 9205–9218) or a 6° one "
            "(3405, 3406).",
            place,
        )
    if not (other.is_projected or other.is_geographic):
        raise WrongCrs(
            f"{other.name} không phải hệ phẳng hay độ.",
            f"{other.name} is neither a plane nor degrees.",
            place,
        )
    ahead = pyproj.Transformer.from_crs(other, WGS84, always_xy=True)
    epsg = other.to_epsg(min_confidence=100)
    return Ground(
        epsg,
        other.name if epsg is None else f"EPSG:{epsg} {other.name}",
        other.is_geographic,
        lambda p: _finite(np.stack(ahead.transform(p[:, 0], p[:, 1]), axis=1)),
        lambda p: _finite(np.stack(ahead.transform(p[:, 0], p[:, 1], direction="INVERSE"), axis=1)),
    )


def _finite(points: Floats) -> Floats:
    return np.where(np.isfinite(points), points, np.nan)
