"""Numbers and angles as instruments and spreadsheets write them."""

import math
import re
from typing import Literal

AngleUnit = Literal["gon", "deg", "dms", "mil"]
MAX_NUMBER = 1e10
"""Farther than Vietnam's north in millimetres."""
_PLAIN = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?\d{0,15},\d{1,20}")
_ENGLISH = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{0,20})?")
_VIETNAMESE = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){1,4}(?:,\d{0,20})?")


def number(text: str) -> float | None:
    """`600123.45`, `600123,45`, `1,200,123.45`, `1.200.123,45`, `1 200 123,45` (no-break spaces); None where it is none,
    not finite or beyond 1e10. One comma or one point alone is a decimal mark."""
    text = text.strip().replace("\u00a0", "").replace("\u202f", "")
    if len(text) > 40:
        return None
    if _PLAIN.fullmatch(text):
        value = float(text)
    elif _COMMA.fullmatch(text):
        value = float(text.replace(",", "."))
    elif _ENGLISH.fullmatch(text):
        value = float(text.replace(",", ""))
    elif _VIETNAMESE.fullmatch(text):
        value = float(text.replace(".", "").replace(",", "."))
    else:
        return None
    return value if abs(value) <= MAX_NUMBER else None


def radians(value: float, unit: AngleUnit) -> float | None:
    """An angle in radians; `dms` is DDD.MMSSs, as instruments pack degrees, minutes and seconds. None where minutes or
    seconds are 60 or more."""
    if unit == "gon":
        return value * math.pi / 200
    if unit == "deg":
        return math.radians(value)
    if unit == "mil":
        return value * math.pi / 3200
    # Ten decimals of the second are more than any instrument has, and keep 59.99999 of binary fractions away.
    seconds = round(abs(value) * 10_000, 6)
    degrees, rest = divmod(seconds, 10_000)
    minutes, seconds = divmod(rest, 100)
    if minutes >= 60 or seconds >= 60:
        return None
    return math.copysign(math.radians(degrees + minutes / 60 + seconds / 3600), value)
