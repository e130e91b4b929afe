"""How a report writes numbers, dates and other people's words: Vietnamese first, English beside it."""

import math
import re
from datetime import datetime, timedelta
from typing import Final

from geo.finding import Severity
from importers.report.about import State

NBSP: Final = "\u00a0"
SEVERITIES: Final[tuple[Severity, ...]] = ("stops", "explain", "note")
SEVERITY_WORDS: Final[dict[Severity, tuple[str, str]]] = {
    "stops": ("Phải sửa", "Must be corrected"),
    "explain": ("Phải giải trình", "Must be explained"),
    "note": ("Lưu ý", "Note"),
}
STATE_WORDS: Final[dict[State, tuple[str, str]]] = {
    "stops": ("Phải sửa trước khi nộp", "To be corrected before it is handed in"),
    "explain": ("Nộp được, kèm giải trình", "May be handed in, with explanations"),
    "clean": ("Đạt: không có gì phải sửa hay giải trình", "Clean: nothing to correct or explain"),
}

_SWAP: Final = str.maketrans(",.", ".,")
_SPACE: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_UNIT: Final = re.compile(r"(?<=\d) (?=(?:m²|mm|cm|km|m|ha|%)(?![\w²]))")
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\U0001fffe-\U0001ffff\U000e0000-\U000e0fff]"
)


def shown(text: str, most: int = 600) -> str:
    """Text of a file as it may stand in a report: on one line, at most so long, each character that would be unseen or
    turn the direction of writing (controls, marks, halves of pairs) as its number, ‹202E›; numbers stay with their units."""
    if len(text) > most:
        text = text[: most - 1] + "…"
    return _UNSEEN.sub(lambda m: f"‹{ord(m[0]):04X}›", _UNIT.sub(NBSP, _SPACE.sub(" ", text)))


def number(value: float, digits: int) -> tuple[str, str]:
    """The number as Vietnamese and as English write it: 1.234,5 and 1,234.5."""
    if not math.isfinite(value):
        return "—", "—"
    written = f"{value:.3g}" if abs(value) >= 1e15 else f"{value:,.{digits}f}"
    if written.startswith("-"):
        written = "−" + written[1:]
    return written.translate(_SWAP), written


def quantity(value: float, digits: int, unit: str) -> tuple[str, str]:
    """The number with its unit, in Vietnamese and English, kept on one line: 1.234,5 m²."""
    vi, en = number(value, digits)
    return f"{vi}{NBSP}{unit}", f"{en}{NBSP}{unit}"


def width(metres: float) -> tuple[str, str]:
    """A width as one says it: below 0,1 m in millimetres, else in metres with two decimals, from 1.000 m in kilometres."""
    if abs(metres) < 0.0995:
        return quantity(metres * 1000, 0 if abs(metres) >= 0.00095 else 1, "mm")
    if abs(metres) >= 1000:
        return quantity(metres / 1000, 1, "km")
    return quantity(metres, 2, "m")


def when(iso: str) -> str:
    """2026-11-24T14:05:00+07:00 as 24/11/2026 14:05 (+07:00 is the country's own and not said); else as it stands."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return shown(iso, 40)
    offset = at.utcoffset()
    zone = "" if offset is None or offset == timedelta(hours=7) else f" {at:%Z}"
    return f"{at:%d/%m/%Y %H:%M}{zone}"
