"""In which coordinate system a file is: by its own word, by the caller's, checked by the size of its numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.crs import ZONES, likely_zones, looks_like
from importers.errors import NoCrs, SwappedAxes, WrongCrs

WGS84 = 4326
WEB_MERCATOR = 3857
DEGREE_M = 111_320.0
_EARTH_M = 6378137.0
_UNITS_M = (1.0, 0.001, 0.01, 0.3048)
_KEPT_VI = "hệ VN-2000 (EPSG 5896–5899, 9205–9218, 3405, 3406), WGS84 (4326) hoặc web mercator (3857)"
_KEPT_EN = "VN-2000 (EPSG 5896–5899, 9205–9218, 3405, 3406), WGS84 (4326) or web mercator (3857)"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """The system of a layer: EPSG code (a VN-2000 zone, WGS84 or WEB_MERCATOR), and how it was known.

    `by` is "file", "parameters" (a definition without EPSG code that matches a zone) or "caller"; `name` as in the file.
    """

    epsg: int
    by: str
    name: str

    @property
    def projected(self) -> bool:
        """Whether the numbers are VN-2000 metres already."""
        return self.epsg in ZONES


def metres_by_size(points: Floats) -> float | None:
    """Metres of one unit of points (n, 2) by the size of the middle half of them: 111,320 where they are degrees of Vietnam,
    else the unit that makes them VN-2000; None where none does. For tolerances: what is told of a file is decided elsewhere.
    """
    good = points[np.isfinite(points).all(axis=1)]
    if not len(good):
        return None
    low, high = np.quantile(good, 0.25, axis=0), np.quantile(good, 0.75, axis=0)
    for unit_m in _UNITS_M:
        x, y, x_max, y_max = (float(v) for v in (*(low * unit_m), *(high * unit_m)))
        seen = looks_like(x, y, x_max, y_max)
        if seen != "unknown":
            return DEGREE_M if seen in ("lon_lat", "lat_lon") else unit_m
    return None


def identify(definition: str | None, wanted: int | None, place: str) -> Source | None:
    """The system of a layer from its definition (WKT or authority code) or the caller's EPSG code; None if unsaid.

    Raises: WrongCrs for a system that is not kept here.
    """
    if wanted is not None:
        if wanted not in ZONES and wanted not in (WGS84, WEB_MERCATOR):
            raise WrongCrs(
                f"EPSG:{wanted} không dùng được ở đây: bản đồ được giữ trong {_KEPT_VI}.",
                f"EPSG:{wanted} cannot be used here: maps are kept in {_KEPT_EN}.",
                place,
            )
        return Source(wanted, "caller", f"EPSG:{wanted}")
    if not definition:
        return None
    try:
        crs = pyproj.CRS.from_user_input(definition)
    except pyproj.exceptions.CRSError:
        return None
    if crs.is_compound and crs.sub_crs_list:
        crs = crs.sub_crs_list[0]
    epsg = crs.to_epsg(min_confidence=100) or 0
    name = crs.name if not epsg else f"EPSG:{epsg} {crs.name}"
    if epsg in ZONES or epsg in (WGS84, WEB_MERCATOR):
        return Source(epsg, "file", name)
    authority = crs.to_authority(min_confidence=100)
    if epsg == 4979 or authority in (("OGC", "CRS84"), ("OGC", "CRS84h")) or _is_wgs84(crs):
        return Source(WGS84, "file", name)
    zone = _matching_zone(crs)
    if zone is not None:
        return Source(zone, "parameters", name)
    if not epsg and crs.to_epsg(min_confidence=70) == WEB_MERCATOR:
        return Source(WEB_MERCATOR, "parameters", name)
    if not (crs.is_projected or crs.is_geographic):
        return None
    raise WrongCrs(
        f"Tệp ở hệ tọa độ {name}; ở đây bản đồ được giữ trong {_KEPT_VI}. Hãy chuyển tệp sang múi VN-2000 của xã, "
        "hoặc nếu tệp ghi sai thì chỉ rõ: --crs EPSG.",
        f"The file is in {name}; maps are kept in {_KEPT_EN}. Convert it to the commune's VN-2000 zone, "
        "or, if the file names the wrong system, say the right one: --crs EPSG.",
        place,
    )


def _is_wgs84(crs: pyproj.CRS) -> bool:
    if not crs.is_geographic or crs.ellipsoid is None or crs.prime_meridian is None:
        return False
    name = crs.name.lower().replace("_", " ")
    return name in ("wgs 84", "gcs wgs 1984", "wgs 1984", "wgs84", "wgs 84 (crs84)", "wgs84(dd)")


def _matching_zone(crs: pyproj.CRS) -> int | None:
    """The VN-2000 zone with these projection parameters (datum VN-2000, or WGS84's ellipsoid as many programs write)."""
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or crs.ellipsoid is None:
        return None
    if operation.method_name not in (
        "Transverse Mercator",
        "Gauss_Kruger",
        "Gauss Kruger",
        "Transverse_Mercator",
    ):
        return None
    if (
        abs(crs.ellipsoid.semi_major_metre - 6378137.0) > 1e-3
        or abs(crs.ellipsoid.inverse_flattening - 298.257223563) > 1e-4
    ):
        return None
    if any(abs(axis.unit_conversion_factor - 1.0) > 1e-9 for axis in crs.axis_info):
        return None
    got: dict[str, float] = {}
    for parameter in operation.params:
        factor = parameter.unit_conversion_factor or 1.0
        angle = "ongitude" in parameter.name or "atitude" in parameter.name
        value = float(parameter.value) * (1.0 if "Scale" in parameter.name else factor)
        got[parameter.name] = math.degrees(value) if angle else value
    meridian = got.get("Longitude of natural origin")
    scale = got.get("Scale factor at natural origin")
    if meridian is None or scale is None:
        return None
    if abs(got.get("Latitude of natural origin", 0.0)) > 1e-9:
        return None
    if abs(got.get("False easting", 0.0) - 500_000) > 1e-3 or abs(got.get("False northing", 0.0)) > 1e-3:
        return None
    named = "vn2000" in crs.name.lower().replace("-", "").replace("_", "").replace(" ", "")
    for epsg, zone in ZONES.items():
        if abs(zone.central_meridian_deg - meridian) < 1e-6 and abs(zone.scale - scale) < 1e-9:
            # 0.9996 on 105° or 111° is also plain UTM: only a name can tell that it is VN-2000.
            return epsg if scale == 0.9999 or named else None
    return None


def missing(
    box: tuple[float, float, float, float] | None,
    communes: list[str],
    zone_of: Callable[[str], int | None],
    place: str,
) -> NoCrs:
    """The refusal for a layer that does not say its system, naming what it is likely to be."""
    look = looks_like(*box) if box is not None else "unknown"
    known = sorted({z for z in map(zone_of, communes) if z is not None})
    remedy = ""
    if look == "lon_lat":
        choices = "4326 (WGS84)"
    elif known and look in ("east_north", "unknown"):
        choices = ", ".join(_zone(z) for z in known)
    elif look == "east_north" and box is not None:
        choices = ", ".join(_zone(z) for z in likely_zones(*box)[:6])
    else:
        choices = ", ".join(_zone(z) for z in ZONES if ZONES[z].scale == 0.9999)
    option = known[0] if known and look != "lon_lat" else (4326 if look == "lon_lat" else "EPSG")
    remedy = f"--crs {option}"
    return NoCrs(
        f"Tệp không ghi hệ tọa độ. Có thể là: {choices}. Hãy chỉ rõ: {remedy}.",
        f"The file does not name its coordinate system. It may be: {choices}. Say which: {remedy}.",
        place,
    )


def _zone(epsg: int) -> str:
    return f"{epsg} ({ZONES[epsg].name})"


def contradiction(
    source: Source, box: tuple[float, float, float, float], place: str
) -> WrongCrs | SwappedAxes | None:
    """What is wrong when a layer whose middle half lies in `box` (x, y) says that it is in `source`; None if nothing."""
    look = "web" if _web(box) else looks_like(*box)
    right = "east_north" if source.projected else ("web" if source.epsg == WEB_MERCATOR else "lon_lat")
    if look == right:
        return None
    said = source.name
    where = f"x {box[0]:.6g}…{box[2]:.6g}, y {box[1]:.6g}…{box[3]:.6g}"
    if (right, look) in (("east_north", "north_east"), ("lon_lat", "lat_lon")):
        vi = "bắc (X) và đông (Y)" if source.projected else "vĩ độ và kinh độ"
        en = "north (X) and east (Y)" if source.projected else "latitude and longitude"
        return SwappedAxes(
            f"Tọa độ {vi} bị đổi chỗ cho nhau ({where}). Hãy xuất lại tệp với thứ tự đông, bắc (kinh độ, vĩ độ).",
            f"{en[0].upper()}{en[1:]} stand in each other's place ({where}). Export it with east (longitude) first.",
            place,
        )
    if look in ("lon_lat", "lat_lon"):
        return WrongCrs(
            f"Tệp ghi {said} (mét) nhưng tọa độ là độ ({where}). Nếu là WGS84: --crs 4326.",
            f"The file says {said} (metres) but holds degrees ({where}). If they are WGS84: --crs 4326.",
            place,
        )
    if look == "east_north":
        zones = ", ".join(_zone(z) for z in likely_zones(*box)[:6])
        return WrongCrs(
            f"Tệp ghi {said} nhưng tọa độ là mét VN-2000 ({where}). Hãy chỉ rõ múi: --crs EPSG, có thể là {zones}.",
            f"The file says {said} but holds VN-2000 metres ({where}). Say the zone: --crs EPSG, likely {zones}.",
            place,
        )
    return WrongCrs(
        f"Tệp ghi {said} nhưng tọa độ không nằm ở Việt Nam ({where}). Hãy kiểm tra hệ tọa độ: --crs EPSG.",
        f"The file says {said} but its coordinates are not in Vietnam ({where}). Check the system: --crs EPSG.",
        place,
    )


def _web(box: tuple[float, float, float, float]) -> bool:
    return 11.2e6 <= box[0] <= box[2] <= 13.2e6 and 6.6e5 <= box[1] <= box[3] <= 2.8e6


def inside(source: Source, boxes: Floats) -> NDArray[np.bool_]:
    """Which boxes (n, 4: x min, y min, x max, y max) can lie in Vietnam in this system."""
    if source.projected:
        low, high = (100e3, 650e3), (900e3, 2.7e6)
    elif source.epsg == WEB_MERCATOR:
        low, high = (11.2e6, 6.6e5), (13.2e6, 2.8e6)
    else:
        low, high = (101.0, 6.0), (118.0, 24.0)
    good: NDArray[np.bool_] = (
        (boxes[:, 0] >= low[0])
        & (boxes[:, 1] >= low[1])
        & (boxes[:, 2] <= high[0])
        & (boxes[:, 3] <= high[1])
    )
    return good


def web_to_wgs84(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude in WGS84 degrees of web mercator metres (sphere of EPSG:3857)."""
    return np.degrees(x_m / _EARTH_M), np.degrees(2 * np.arctan(np.exp(y_m / _EARTH_M)) - np.pi / 2)
