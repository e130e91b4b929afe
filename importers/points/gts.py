"""Topcon GTS-7 / GTS-210 (.gts, .raw): one stream of `_`-separated fields in blocks of 128 characters between STX and
ETX, each with a block number and check sum (rules §9.6).

Fields by their first character: `'` station, `(` its code, `)` height of instrument; `+` point, ` ?` slope distance,
zenith, circle; ` x`, ` y`, ` z` north, east, height in mm; `*` code, `,` height of prism. A block that was lost in the
cable costs the shots in it, not the file.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

from importers.plots import Drawn, How
from importers.points.drawn import FEET_M, from_book
from importers.points.met import Met
from importers.points.number import number, radians
from importers.points.polar import FieldBook, Point, Setup, Shot
from importers.points.text import lines
from importers.source import SourceFile

_OBSERVED = re.compile(r"\s?\?([+-]\d{8})([mf])(\d{7,8})([+-]\d{7,8})([dg])")
_COORDINATE = re.compile(r"\s?([xyz])([+-]?\d{6,12})([mf]?)")
_CHECK_CHARS = 4


def read(source: SourceFile, how: How) -> Drawn:
    """Points, and plots where codes make rings. Raises: EmptyFile, BrokenFile, TooMuch."""
    told = lines(source)
    met = Met(list(told.findings))
    stream, starts, numbers = _stream(told.rows, met)
    reader = _Reader(FieldBook(), met)
    at = 0
    for field in stream.split("_"):
        if field:
            reader.take(field, numbers[max(0, bisect_right(starts, at) - 1)] if numbers else 0)
        at += len(field) + 1
    reader.flush()
    return from_book(source, "gts", reader.book, how, met, told.encoding, reader.unit_m)


def _stream(rows: list[tuple[int, str]], met: Met) -> tuple[str, list[int], list[int]]:
    """The blocks joined, and where each line begins in them."""
    parts: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    at = 0
    for line, row in rows:
        text = row.rstrip("\r\n\x04\x1a")
        if text.startswith("\x02"):
            if text.endswith("\x03"):
                text = text[1 : -1 - _CHECK_CHARS]
            else:
                met.bad_line(line, "khối bị cắt (không có ETX)", "the block is cut short (no ETX)")
                text = text[1:]
        if not text.strip():
            continue
        parts.append(text)
        starts.append(at)
        numbers.append(line)
        at += len(text)
        met.counts["blocks"] += 1
    return "".join(parts), starts, numbers


@dataclass(slots=True)
class _Reader:
    """Takes the fields one after another; a point is complete when the next begins."""

    book: FieldBook
    met: Met
    unit_m: float = 1.0
    name: str | None = None
    line: int = 0
    shot: Shot | None = None
    north: float | None = None
    east: float | None = None
    height: float | None = None
    code: str | None = None
    prism: float = 0.0

    def take(self, field: str, line: int) -> None:
        tag, value = field[0], field[1:].strip()
        if tag in "'+":
            self.flush()
            if tag == "'":
                self.book.setups.append(Setup(value[:40]))
            else:
                self.name, self.line = value[:40], line
        elif tag == ")" and self.book.setups:
            self.book.setups[-1].instrument_height = number(value) or 0.0
        elif tag == "*":
            self.code = value[:60] or None
        elif tag == ",":
            self.prism = number(value) or 0.0
        elif tag in " ?xyz" and self.name is not None:
            self._measured(field, line)
        elif tag == "(" or not field.strip():
            return
        else:
            self.met.counts["other fields"] += 1

    def _measured(self, field: str, line: int) -> None:
        name = self.name or ""
        if match := _OBSERVED.match(field):
            unit = "gon" if match[5] == "g" else "dms"
            self.unit_m = FEET_M if match[2] == "f" else self.unit_m
            zenith = radians(int(match[3]) / 10 ** (len(match[3]) - 3), unit)  # type: ignore[arg-type]
            reading = radians(int(match[4]) / 10 ** (len(match[4]) - 4), unit)  # type: ignore[arg-type]
            if zenith is not None and reading is not None:
                self.shot = Shot(name, reading, zenith, int(match[1]) / 1000, line=line)
                return
        elif match := _COORDINATE.fullmatch(field.strip()):
            metres = int(match[2]) / 1000
            if match[1] == "x":
                self.north = metres
            elif match[1] == "y":
                self.east = metres
            else:
                self.height = metres
            return
        elif not field.strip():
            return
        self.met.bad_line(
            line, f"số đo của điểm {name} không đọc được", f"the observation of point {name} cannot be read"
        )
        self.name = None

    def flush(self) -> None:
        """Keep the point that was being read."""
        if self.name is not None and self.shot is not None:
            if not self.book.setups:
                self.book.setups.append(Setup(""))
            self.book.setups[-1].shots.append(replace(self.shot, prism_height=self.prism, code=self.code))
        elif self.name is not None and self.north is not None and self.east is not None:
            self.book.fixed.append(Point(self.name, self.east, self.north, self.height, self.code, self.line))
        elif self.name is not None:
            self.met.bad_line(
                self.line, f"điểm {self.name} không có số đo", f"point {self.name} has no observation"
            )
        self.name, self.shot, self.north, self.east, self.height, self.code = (None,) * 6
