"""What a key may mean: the readings of a text or of named fields, the likeliest first."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from geo.crs import ZONES
from geo.geohash import is_code
from geo.keyboards import is_mangled
from geo.positions import EAST_M, LAT_DEG, LON_DEG, NORTH_M, Geographic, Grid, position
from geo.slips import LENGTHS
from geo.text import fold
from register.errors import InvalidKeyError
from register.keys import digital_code, printable

LONGEST: Final = 500
FIELDS: Final = frozenset(
    {
        "key",
        "code",
        "commune",
        "sheet",
        "number",
        "scale",
        "map_set",
        "lon",
        "lat",
        "east",
        "north",
        "epsg",
        "address",
    }
)
_NOISE = re.compile(r"[\s.\-_]+")
_BETWEEN = r"\s*[\s._/;:|,-]\s*"
_CERTIFICATE = re.compile(
    rf"(?:chuac\w{{3,8}}[_-])?(?P<commune>[0-9]{{5}}){_BETWEEN}(?P<sheet>(?:t[dđ][ .-]?)?[0-9][0-9a-z-]{{0,15}})"
    rf"{_BETWEEN}(?P<number>[0-9]{{1,6}}[a-z]?)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bthua(?: dat)?(?: so)?[ :.]*(?P<number>[0-9]{1,6}[a-z]?)\b")
_SHEET = re.compile(
    r"\b(?:to|tbd|mbd|manh)(?: ban do| trich do)?(?: dia chinh)?(?: so)?[ :.]*(?P<sheet>(?:td[ .-]?)?[0-9][0-9a-z-]{0,15})\b"
)
_SCALE = re.compile(r"\b(?:ty le|ti le|tl)?[ :.]*1 ?[:/] ?(?P<scale>[0-9.]{3,6})\b")
_MAP_SET = re.compile(r"\b(?:bo ban do|map set)[ :.]*(?P<map_set>[0-9a-z-]{1,32})")
_COMMUNE = re.compile(r"\b(?P<code>[0-9]{5})\b")
_NAMED = re.compile(
    r"\b(?:xa|phuong|thi tran|dac khu|p|tt|x)[ .:]+(?P<name>[a-z0-9' -]+?)"
    r"(?= (?:huyen|quan|thi xa|thanh pho|tinh|tp|tx|h|q)\b|[.(/]|$)"
)


@dataclass(frozen=True, slots=True)
class Code:
    """A parcel code, in its form."""

    code: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What may be a code a keyboard has changed, or one with a slip."""

    text: str


@dataclass(frozen=True, slots=True)
class Sheeted:
    """Commune (its code, else its folded name), sheet and number; scale and map set where they were given."""

    commune: str
    sheet: str
    number: str
    scale: int | None = None
    map_set: str | None = None


@dataclass(frozen=True, slots=True)
class Digital:
    """A digital address, as stored."""

    code: str


@dataclass(frozen=True, slots=True)
class Words:
    """The text of an address."""

    text: str


Reading = Code | Typed | Sheeted | Digital | Geographic | Grid | Words


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it came (text, or named fields) and what it may mean; `wrong` (English, Vietnamese) where nothing."""

    given: object
    readings: tuple[Reading, ...]
    wrong: tuple[str, str] | None = None


def key_of(given: object) -> Key:
    """A key from a text, or from fields named as in FIELDS."""
    try:
        if isinstance(given, str):
            return Key(given, _of_text(given))
        if isinstance(given, Mapping):
            return Key(given, _of_fields(given))
    except InvalidKeyError as error:
        return Key(
            given if isinstance(given, Mapping) else str(given)[:LONGEST], (), (error.detail, error.detail_vi)
        )
    return Key(
        None,
        (),
        ("A key is a text or an object of fields.", "Một khóa là chuỗi ký tự hoặc một đối tượng các trường."),
    )


def has_controls(text: str) -> bool:
    """Whether there are control characters in it: no key has any but tabs."""
    return not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") and c != "\t" for c in text)


def _of_text(text: str) -> tuple[Reading, ...]:
    text = text.strip()
    if not text or len(text) > LONGEST or has_controls(text):
        raise InvalidKeyError(
            f"A key has 1 to {LONGEST} characters, and no control characters: “{printable(text)}”.",
            f"Một khóa có từ 1 đến {LONGEST} ký tự, không có ký tự điều khiển: “{printable(text)}”.",
        )
    bare = _NOISE.sub("", text).lower()
    if is_code(bare):
        return (Code(bare), *_digital(text), Typed(bare))
    certificate = _CERTIFICATE.fullmatch(text)
    if certificate is not None:
        return (Sheeted(certificate["commune"], _sheet(certificate["sheet"]), certificate["number"]),)
    place = position(text)
    if place is not None:
        return (place,)
    if is_mangled(text):
        return (Typed(text), Words(text))
    slipped = (Typed(bare),) if _may_be_code(bare) else ()
    sheeted = _of_words(text)
    return (*sheeted, *_digital(text), *slipped, *(() if sheeted else (Words(text),)))


def _may_be_code(bare: str) -> bool:
    """Whether it could be a code with a slip, or with keys that a keyboard took."""
    if not bare.isascii() or not bare.isalnum():
        return False
    digits = sum(c.isdigit() for c in bare)
    return (len(bare) in LENGTHS and 2 <= digits < len(bare)) or (
        6 <= len(bare) <= LENGTHS[-1] and bare[0] == "w"
    )


def _digital(text: str) -> tuple[Reading, ...]:
    try:
        return (Digital(digital_code(text)),) if text.isascii() and " " not in text.strip() else ()
    except InvalidKeyError:
        return ()


def _of_words(text: str) -> tuple[Reading, ...]:
    """`thửa 55, tờ bản đồ số 1 (1:500), phường Hòa Hiệp Bắc`, in any order."""
    folded = fold(text)
    number, sheet = _NUMBER.search(folded), _SHEET.search(folded)
    if number is None or sheet is None:
        return ()
    left = folded.replace(number[0], " ").replace(sheet[0], " ")
    scale, map_set = _SCALE.search(left), _MAP_SET.search(left)
    for found in (scale, map_set):
        left = left if found is None else left.replace(found[0], " ")
    commune = _COMMUNE.search(left)
    named = _NAMED.search(re.sub(r"\s+", " ", left).strip())
    where = commune["code"] if commune is not None else named["name"] if named is not None else left
    where = re.sub(r"[^0-9a-z' -]+", " ", where)
    where = re.sub(r"\s+", " ", where).strip(" -'")
    if not where:
        raise InvalidKeyError(
            f"“{printable(text)}” names a sheet and a number but no commune: add its name or code.",
            f"“{printable(text)}” có số tờ và số thửa nhưng thiếu xã: hãy thêm tên hoặc mã xã.",
        )
    said = None if scale is None else int(scale["scale"].replace(".", ""))
    return (
        Sheeted(
            where, _sheet(sheet["sheet"]), number["number"], said, map_set["map_set"] if map_set else None
        ),
    )


def _sheet(text: str) -> str:
    """A sheet's number without zeros before it; that of an extract (TĐ 03-2014) in capitals."""
    text = text.strip()
    if text.isdigit():
        return text.lstrip("0") or "0"
    return re.sub(r"^TD", "TĐ", text.upper())


def _of_fields(given: Mapping[str, Any]) -> tuple[Reading, ...]:
    unknown = set(given) - FIELDS
    said = {name: value for name, value in given.items() if value not in (None, "") and name in FIELDS}
    if unknown or not said:
        raise InvalidKeyError(
            f"A key has the fields {', '.join(sorted(FIELDS))}; there is no {', '.join(sorted(map(str, unknown)))[:80]}."
            if unknown
            else "This key is empty.",
            f"Khóa có các trường {', '.join(sorted(FIELDS))}." if unknown else "Khóa này trống.",
        )
    for name in ("key", "code"):
        if name in said:
            return _of_text(str(said[name]))
    if "number" in said or "sheet" in said:
        missing = [name for name in ("commune", "sheet", "number") if name not in said]
        if missing:
            raise InvalidKeyError(
                f"A parcel number needs commune, sheet and number: {', '.join(missing)} is missing.",
                f"Số thửa cần đủ mã xã, số tờ và số thửa: thiếu {', '.join(missing)}.",
            )
        commune, sheet, number = (_short(said[name]) for name in ("commune", "sheet", "number"))
        map_set = _short(said["map_set"]) if "map_set" in said else None
        scale = int(_float(said["scale"])) if "scale" in said else None
        if scale is not None and not 1 <= scale <= 1_000_000:
            raise InvalidKeyError("scale= is 1 to 1,000,000.", "Tỷ lệ phải từ 1 đến 1.000.000.")
        return (
            Sheeted(commune if commune.isdigit() else fold(commune), _sheet(sheet), number, scale, map_set),
        )
    if "lon" in said and "lat" in said:
        lon, lat = _float(said["lon"]), _float(said["lat"])
        if LON_DEG[0] <= lon <= LON_DEG[1] and LAT_DEG[0] <= lat <= LAT_DEG[1]:
            return (Geographic(lon, lat),)
        raise InvalidKeyError(
            f"{lon:g}, {lat:g} is not in Vietnam.", f"{lon:g}, {lat:g} không nằm ở Việt Nam."
        )
    if "east" in said and "north" in said:
        east, north = _float(said["east"]), _float(said["north"])
        epsg = int(_float(said["epsg"])) if "epsg" in said else None
        if epsg is not None and epsg not in ZONES:
            raise InvalidKeyError(
                f"EPSG:{epsg} is not a VN-2000 zone: 5899 is that of 107°45'.",
                f"EPSG:{epsg} không phải múi VN-2000: ví dụ 5899 là múi 107°45'.",
            )
        if EAST_M[0] <= east <= EAST_M[1] and NORTH_M[0] <= north <= NORTH_M[1]:
            return (Grid(east, north, epsg),)
        raise InvalidKeyError(
            f"east {east:g}, north {north:g} is no place of VN-2000 in Vietnam.",
            f"Đông {east:g}, bắc {north:g} không phải tọa độ VN-2000 ở Việt Nam.",
        )
    if "address" in said:
        text = _short(said["address"])
        return (*_digital(text), Words(text))
    raise InvalidKeyError(
        "This key is not complete: give a code; commune, sheet and number; lon and lat; east and north; or an address.",
        "Khóa chưa đủ: hãy cho mã, hoặc xã, tờ và thửa, hoặc kinh vĩ độ, hoặc tọa độ đông bắc, hoặc địa chỉ.",
    )


def _short(value: object) -> str:
    text = str(value).strip()
    if len(text) > LONGEST or has_controls(text):
        raise InvalidKeyError(
            f"“{printable(text)}” is too long or has control characters.",
            f"“{printable(text)}” quá dài hoặc có ký tự điều khiển.",
        )
    return text


def _float(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:
        raise InvalidKeyError(
            f"“{printable(str(value))}” is not a number.", f"“{printable(str(value))}” không phải một số."
        )
    return number
