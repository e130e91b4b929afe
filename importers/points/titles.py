"""Lines between lists of corners: `Thửa 12`, `Thửa đất số: 12, tờ bản đồ số 5`, `Diện tích: 123,4 m²`, `Thửa 12: 1-2-3-4`."""

import re
from dataclasses import dataclass

from geo.text import fold
from importers.points.number import number

_LONG = 200
_PARCEL = re.compile(
    r"\b(?:thua|parcel|lot|plot)\b(?: dat)?(?: so)?(?: thu tu)?[ :.=#_-]{0,4}(?:so)?[ :.=#-]{0,3}(\d{1,6}[a-z]?)\b"
)
_SHEET = re.compile(
    r"\b(?:to|sheet)\b(?: ban do)?(?: dia chinh)?(?: so)?[ :.=#_-]{0,4}(?:so)?[ :.=#-]{0,3}(\d{1,6})\b"
)
_AREA = re.compile(r"\b(?:dien tich|dt|area|s)\b[^0-9]{0,20}([0-9][0-9. ]{0,15}(?:,\d{1,4})?)")
_LIST = re.compile(r"[:=]([^:=]{3,4000})$")


@dataclass(frozen=True, slots=True)
class Title:
    """What a line says of the plot whose corners follow; `corners` where it lists them itself by name."""

    number: str | None = None
    sheet: str | None = None
    area_m2: float | None = None
    corners: tuple[str, ...] = ()


def title(line: str) -> Title | None:
    """None for a line that names neither a parcel nor an area."""
    head = fold(line[:_LONG])
    # Folding drops commas; the area's decimals need theirs.
    plain = fold(line[:_LONG].replace(",", "\x00")).replace("\x00", ",")
    parcel = _PARCEL.search(head)
    sheet = _SHEET.search(head)
    area = _AREA.search(plain)
    if parcel is None and area is None:
        return None
    told = number(area[1].strip().rstrip(".")) if area else None
    listed = _LIST.search(line[: 2 * 4096]) if parcel and not area else None
    return Title(
        parcel[1].upper() if parcel else None, sheet[1] if sheet else None, told, names(listed[1]) if listed else ()
    )  # fmt: skip


def names(text: str) -> tuple[str, ...]:
    """`1, 2, 3`, `A1-A2-A3`: three names of points or more, else none. Words are none: they may be a person's name."""
    said = tuple(c for c in re.split(r"[\s,;-]+", text.strip()) if c)
    points = all(len(c) == 1 or (len(c) <= 16 and any(x.isdigit() for x in c)) for c in said)
    return said if len(said) >= 3 and points else ()
