"""Elements of a DGN V7 design file (ISFF): walked from the first to the end mark, and their numbers.

Words are little-endian; a 32-bit number is two words, the high one first; fractions are VAX D floats. Coordinates are
units of resolution (UOR); the settings (element 9) say how many make a master unit and where the origin lies.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from importers.drawing.strokes import Floats

LINE, LINE_STRING, SHAPE, TEXT_NODE, SETTINGS, CURVE, CHAIN, RING, ELLIPSE, ARC, TEXT = (
    3,
    4,
    6,
    7,
    9,
    11,
    12,
    14,
    15,
    16,
    17,
)
CELL, SHARED_CELL, SHARED_PLACE = 2, 34, 35
KINDS = {
    1: "CELL_LIBRARY", 2: "CELL", 3: "LINE", 4: "LINE_STRING", 5: "GROUP_DATA", 6: "SHAPE", 7: "TEXT_NODE", 8: "DIGITIZER",
    9: "SETTINGS", 10: "LEVEL_SYMBOLOGY", 11: "CURVE", 12: "COMPLEX_CHAIN", 13: "CONIC", 14: "COMPLEX_SHAPE", 15: "ELLIPSE",
    16: "ARC", 17: "TEXT", 18: "SURFACE", 19: "SOLID", 21: "BSPLINE_POLE", 22: "POINT_STRING", 23: "CONE",
    24: "BSPLINE_SURFACE", 25: "BSPLINE_BOUNDARY", 26: "BSPLINE_KNOT", 27: "BSPLINE_CURVE", 28: "BSPLINE_WEIGHT",
    33: "DIMENSION", 34: "SHARED_CELL_DEFINITION", 35: "SHARED_CELL", 36: "MULTILINE", 37: "ATTRIBUTE", 38: "DGN_STORE",
    66: "APPLICATION", 87: "RASTER", 88: "RASTER_DATA", 90: "REFERENCE", 91: "REFERENCE", 92: "REFERENCE", 93: "REFERENCE",
    94: "REFERENCE", 95: "REFERENCE", 96: "REFERENCE", 97: "REFERENCE", 98: "REFERENCE", 99: "REFERENCE", 100: "REFERENCE",
    101: "REFERENCE", 102: "REFERENCE", 103: "REFERENCE", 104: "REFERENCE", 105: "REFERENCE", 106: "VIEW", 107: "VIEW",
}  # fmt: skip
# Elements whose header holds the range they cover: a low corner above the high one is no element.
_RANGED = frozenset({2, 3, 4, 6, 7, 11, 12, 14, 15, 16, 17})
_HEADER = 36
MAX_ELEMENTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its number in the file from 1, kind, level; part: of a complex element or a cell before it."""

    number: int
    at: int
    kind: int
    level: int
    deleted: bool
    part: bool
    data: bytes


@dataclass(slots=True)
class Walk:
    """How a walk over the elements went. end: the byte it came to; whole: up to the end mark, or the file's last byte;
    behind: elements that stand behind the end mark."""

    size: int
    end: int = 0
    elements: int = 0
    whole: bool = False
    behind: int = 0


def walk(data: bytes, told: Walk) -> Iterator[Element]:
    """The elements in order, as far as their chain holds; `told` is filled in on the way."""
    for at, size in _chain(data, 0, told):
        told.elements += 1
        level, kind = data[at], data[at + 1]
        yield Element(
            told.elements,
            at,
            kind & 0x7F,
            level & 0x3F,
            bool(kind & 0x80),
            bool(level & 0x80),
            data[at : at + size],
        )
    if told.whole and any(data[told.end + 2 :]):
        more = Walk(len(data))
        start = told.end + 2
        told.behind = (
            sum(_ranged(data[at + 1]) for at, _ in _chain(data, start, more))
            if data[start : start + 4]
            else 0
        )


def _ranged(kind: int) -> bool:
    return kind & 0x7F in _RANGED and not kind & 0x80


def _chain(data: bytes, at: int, told: Walk) -> Iterator[tuple[int, int]]:
    while True:
        told.end = at
        if data[at : at + 2] == b"\xff\xff" or at == len(data):
            told.whole = True
            return
        if at + 4 > len(data):
            return
        size = 4 + 2 * int.from_bytes(data[at + 2 : at + 4], "little")
        kind = data[at + 1] & 0x7F
        if kind == 0:
            # Blocks of zeros fill the file up where a program wrote no end mark.
            told.whole = not any(data[at:])
            return
        if at + size > len(data) or kind not in KINDS or (kind in _RANGED and not _in_range(data, at, size)):
            return
        yield at, size
        at += size


def _in_range(data: bytes, at: int, size: int) -> bool:
    if size < _HEADER:
        return False
    low_x, low_y, _, high_x, high_y, _ = (int32(data, at + 4 + 4 * i) ^ -0x80000000 for i in range(6))
    return low_x <= high_x and low_y <= high_y


def int32(data: bytes, at: int) -> int:
    """A signed 32-bit number whose high word stands first."""
    high, low = struct.unpack_from("<HH", data, at)
    value = (high << 16) | low
    return value - (1 << 32) if value >= 1 << 31 else int(value)


def d_float(data: bytes, at: int) -> float:
    """A VAX D float: sign, eight bits of exponent, 55 of fraction behind a hidden one."""
    a, b, c, d = struct.unpack_from("<HHHH", data, at)
    exponent = (a >> 7) & 0xFF
    if exponent == 0:
        return 0.0
    fraction = ((a & 0x7F) << 48) | (b << 32) | (c << 16) | d
    value = math.ldexp(0.5 + fraction / 2.0**56, exponent - 128)
    return -value if a & 0x8000 else value


def points(data: bytes, at: int, count: int, axes: int) -> Floats:
    """The x, y of `count` points, UOR, (n, 2); heights are left out. Raises: struct.error where the element is short."""
    if count < 0 or at + 4 * axes * count > len(data):
        raise struct.error("points beyond the element")
    words = np.frombuffer(data, dtype="<u2", offset=at, count=2 * axes * count).astype(np.int64)
    values = (words[0::2] << 16) | words[1::2]
    values -= (values >= 1 << 31) * (1 << 32)
    return values.reshape(count, axes)[:, :2].astype(float)


def turn_of(data: bytes, at: int) -> float:
    """The rotation about the vertical axis in a quaternion, radians counter-clockwise."""
    return -2 * math.atan2(int32(data, at + 12), int32(data, at))


@dataclass(frozen=True, slots=True)
class Settings:
    """Element 9: UOR per master unit, the origin in UOR, 2 or 3 axes, the master unit's name."""

    per_master: float
    origin: tuple[float, float]
    axes: int
    unit: str

    def place(self, uor: Floats) -> Floats:
        """UOR as master units from the origin."""
        placed: Floats = (uor - np.asarray(self.origin)) / self.per_master
        return placed


def settings_of(data: bytes) -> Settings | None:
    """The settings in an element 9, None where it is too short or says nothing."""
    if len(data) < 1256:
        return None
    per = int32(data, 1112) * int32(data, 1116)
    origin = (d_float(data, 1240), d_float(data, 1248))
    if per <= 0 or not all(math.isfinite(v) and abs(v) < 1e15 for v in origin):
        return None
    unit = data[1120:1122].decode("ascii", "ignore").strip("\x00 ").lower()
    return Settings(float(per), origin, 3 if data[1214] & 0x40 else 2, unit)
