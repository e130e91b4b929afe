"""A writer of DGN V7 files for tests: settings, lines, line strings, shapes, arcs, texts, the end mark."""

import math
import struct
from collections.abc import Sequence

Point = tuple[float, float]
PER_METRE = 1000


def int32(value: int) -> bytes:
    value &= 0xFFFFFFFF
    return struct.pack("<HH", value >> 16, value & 0xFFFF)


def d_float(value: float) -> bytes:
    if value == 0:
        return bytes(8)
    fraction, exponent = math.frexp(abs(value))
    bits = round((fraction - 0.5) * 2**56)
    first = (0x8000 if value < 0 else 0) | (exponent + 128) << 7 | bits >> 48
    return struct.pack("<HHHH", first, bits >> 32 & 0xFFFF, bits >> 16 & 0xFFFF, bits & 0xFFFF)


class V7:
    """A 2D design file with its origin at x0, y0 (metres): what is added comes in order."""

    def __init__(self, x0: float = 547_000.0, y0: float = 1_777_000.0) -> None:
        self.x0, self.y0 = x0, y0
        self.parts: list[bytes] = [self._settings()]

    def _settings(self) -> bytes:
        data = bytearray(1536)
        data[0:4] = b"\x08\x09\xfe\x02"
        data[1112:1116] = int32(1000)
        data[1116:1120] = int32(1)
        data[1120:1124] = b"m mm"
        data[1240:1248] = d_float(-self.x0 * PER_METRE)
        data[1248:1256] = d_float(-self.y0 * PER_METRE)
        return bytes(data)

    def _uor(self, p: Point) -> tuple[int, int]:
        return round((p[0] - self.x0) * PER_METRE), round((p[1] - self.y0) * PER_METRE)

    def _points(self, points: Sequence[Point]) -> bytes:
        return b"".join(int32(v) for p in points for v in self._uor(p))

    def element(self, kind: int, level: int, body: bytes, box: Sequence[Point], part: bool = False) -> "V7":
        x, y = zip(*(self._uor(p) for p in box), strict=True)
        body += bytes(len(body) % 2)
        size = 36 + len(body)
        ranges = b"".join(int32(v ^ 0x80000000) for v in (min(x), min(y), 0, max(x), max(y), 0))
        head = bytes((level | (0x80 if part else 0), kind)) + struct.pack("<H", (size - 4) // 2)
        attributes = struct.pack("<HHHH", 0, (size - 32) // 2, 0, 0)
        self.parts.append(head + ranges + attributes + body)
        return self

    def line(self, a: Point, b: Point, level: int = 10, part: bool = False) -> "V7":
        return self.element(3, level, self._points((a, b)), (a, b), part)

    def string(self, points: Sequence[Point], level: int = 10, kind: int = 4, part: bool = False) -> "V7":
        return self.element(kind, level, struct.pack("<H", len(points)) + self._points(points), points, part)

    def shape(self, points: Sequence[Point], level: int = 10) -> "V7":
        return self.string([*points, points[0]], level, 6)

    def complex_shape(self, chains: Sequence[Sequence[Point]], level: int = 10) -> "V7":
        points = [p for chain in chains for p in chain]
        self.element(14, level, struct.pack("<HH", 0, len(chains)), points)
        for chain in chains:
            self.string(chain, level, part=True)
        return self

    def arc(self, centre: Point, radius: float, start_deg: float, sweep_deg: float, level: int = 10) -> "V7":
        sweep = int32(round(abs(sweep_deg) * 360_000))
        if sweep_deg < 0:
            sweep = bytes((sweep[0], sweep[1] | 0x80)) + sweep[2:]
        body = int32(round(start_deg * 360_000)) + sweep + d_float(radius * PER_METRE) * 2 + int32(0)
        body += b"".join(d_float(v) for v in map(float, self._uor(centre)))
        x, y = centre
        return self.element(16, level, body, ((x - radius, y - radius), (x + radius, y + radius)))

    def text(self, words: bytes, at: Point, level: int = 13, height: float = 0.5) -> "V7":
        size = int32(round(height * PER_METRE / 0.006))
        body = bytes(2) + size * 2 + int32(0) + self._points([at]) + bytes((len(words), 0)) + words
        return self.element(17, level, body, (at, (at[0] + height * len(words), at[1] + height)))

    def bytes(self) -> bytes:
        return b"".join(self.parts) + b"\xff\xff"
