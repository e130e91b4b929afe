"""Positions as people write them: degrees of WGS84 or metres of a VN-2000 zone, in either order, with or without words.

`16.0544, 108.2022` · `16°03'16"N 108°12'8"E` · `X=1776812.345 Y=546440.120 KTT 107°45'` · `1.776.812,345; 546.440,120`.
Magnitudes tell which number is which: Vietnam's latitudes are below 25, its longitudes above 100; norths are longer than
easts. Vietnamese papers call north X and east Y, programs the other way round, so that letters decide nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from geo.crs import ZONES

LON_DEG: Final = (101.0, 118.5)
LAT_DEG: Final = (6.0, 24.5)
"""Vietnam with its seas."""
EAST_M: Final = (100_000.0, 900_000.0)
NORTH_M: Final = (700_000.0, 2_700_000.0)
_LONGEST: Final = 160
_NUMBER = r"[-+]?[0-9]+(?:[.,][0-9]+)*"
_DMS = re.compile(
    r"(?<![0-9.,])([0-9]{1,3})\s*[°º]\s*(?:([0-9]{1,2}(?:[.,][0-9]+)?)\s*['’′]\s*)?"
    r"(?:([0-9]{1,2}(?:[.,][0-9]+)?)\s*(?:\"|”|″|'')\s*)?"
)
_ZONE = re.compile(
    r"epsg\s*:?\s*(?P<epsg>[0-9]{4,5})"
    r"|(?:ktt|kinh tuyen truc|central meridian)\s*[:=]?\s*(?P<deg>[0-9]{3}(?:[.,][0-9]+)?)\s*[°º]?"
    r"\s*(?:(?P<min>[0-9]{1,2})\s*['’′]?)?"
)
_SYSTEMS = re.compile(r"wgs ?-?84|vn ?-?2000|mui ?[36](?: ?do)?")
_WORDS = re.compile(
    r"\b(?:x|y|n|e|b|d|lat|lon|lng|long|latitude|longitude|vi do|kinh do|bac|dong|point|geo|m|toa do|north|east)\b"
)
_ONE_TOKEN = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?),([-+]?[0-9]+(?:\.[0-9]+)?)")
_THREE_DEG = {
    round(zone.central_meridian_deg * 60): epsg for epsg, zone in ZONES.items() if zone.scale == 0.9999
}


@dataclass(frozen=True, slots=True)
class Geographic:
    """Degrees of WGS84."""

    lon_deg: float
    lat_deg: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Metres of a VN-2000 zone; `epsg` None: which one was not said."""

    east_m: float
    north_m: float
    epsg: int | None


def position(text: str) -> Geographic | Grid | None:
    """The position `text` tells, and nothing else; None where it tells another thing."""
    if len(text) > _LONGEST or not any(c.isdigit() for c in text):
        return None
    folded = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    folded = folded.replace("đ", "d")
    epsg, folded = _zone(folded)
    numbers, rest = _numbers(_SYSTEMS.sub(" ", folded))
    rest = _WORDS.sub(" ", re.sub(r"[\s,;:=()\[\]/|]+", " ", rest))
    if len(numbers) != 2 or any(c.isalnum() for c in rest):
        return None
    low, high = sorted(numbers)
    if LAT_DEG[0] <= low <= LAT_DEG[1] and LON_DEG[0] <= high <= LON_DEG[1] and epsg in (None, 4326):
        return Geographic(high, low)
    if EAST_M[0] <= low <= EAST_M[1] and NORTH_M[0] <= high <= NORTH_M[1] and high > low and epsg != 4326:
        return Grid(low, high, epsg)
    return None


def _zone(folded: str) -> tuple[int | None, str]:
    """The zone that is named, and the text without it; a zone that does not exist stays in the text."""
    found = _ZONE.search(folded)
    if found is None:
        return None, folded
    if found["epsg"]:
        epsg = int(found["epsg"])
        known: int | None = epsg if epsg in ZONES or epsg == 4326 else None
    else:
        minutes = round(float(found["deg"].replace(",", ".")) * 60) + int(found["min"] or 0)
        known = _THREE_DEG.get(minutes)
    if known is None:
        return None, folded
    return known, folded[: found.start()] + " " + folded[found.end() :]


def _numbers(folded: str) -> tuple[list[float], str]:
    """The numbers of the text, and the text without them."""
    degrees = list(_DMS.finditer(folded))
    if len(degrees) == 2:
        values = [
            sum(_decimal(part) / 60**n for n, part in enumerate(one.groups()) if part is not None)
            for one in degrees
        ]
        return values, _DMS.sub(" ", folded)
    one = _ONE_TOKEN.search(folded)
    if one is not None and len(re.findall(_NUMBER, folded)) == 1:
        return [float(one[1]), float(one[2])], _ONE_TOKEN.sub(" ", folded)
    folded = re.sub(r"(?<=[0-9])\s*[°º](?![0-9])", " ", folded)
    found = re.findall(_NUMBER, folded)
    return [_decimal(number) for number in found], re.sub(_NUMBER, " ", folded)


def _decimal(text: str) -> float:
    """A number with a decimal point or comma, or with both: then the last of them; several of one kind part thousands."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        last = max(text.rfind("."), text.rfind(","))
        return float(re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :])
    if points > 1 or commas > 1:
        return float(re.sub(r"[.,]", "", text))
    return float(text.replace(",", "."))
