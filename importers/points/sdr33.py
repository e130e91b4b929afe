"""Sokkia SDR33 and SDR2x (.sdr): fixed fields, four characters of kind first (rules §9.6).

Read: 00NM header (units, order of coordinates), 02 station, 03 height of prism, 07 backsight (azimuth, reading), 08
coordinates, 09F1 and 09F2 observations (face two turned into face one). 09MC, 11 and the like repeat observations in
worked-out form; they are counted.
"""

import math

from importers.plots import Drawn, How
from importers.points.drawn import FEET_M, from_book
from importers.points.met import Met
from importers.points.number import AngleUnit, number, radians
from importers.points.polar import FieldBook, Point, Setup, Shot
from importers.points.text import lines
from importers.source import SourceFile

_ANGLES: dict[str, AngleUnit] = {"1": "deg", "2": "gon", "4": "mil"}
_SKIPPED = ("00", "01", "04", "05", "06", "10", "12", "13")


def read(source: SourceFile, how: How) -> Drawn:
    """Points, and plots where codes make rings. Raises: EmptyFile, BrokenFile, TooMuch."""
    told = lines(source)
    met = Met(list(told.findings))
    book = FieldBook()
    angle: AngleUnit = "deg"
    north_first, horizon, unit_m, prism, wide = True, False, 1.0, 0.0, 16
    for line, row in told.rows:
        text = row.strip("\x01\x02\x04\x1a\x00\r\n")
        kind = text[:2]
        if not text.strip() or text.startswith("\x03"):
            # ETX and the check sum of the transmission.
            continue
        if text.startswith("00NM"):
            wide = 4 if text[4:20].startswith("SDR2") else 16
            angle = _ANGLES.get(text[40:41], "deg")
            unit_m = FEET_M if text[41:42] == "2" else 1.0
            north_first = text[44:45] != "2"
        elif text.startswith("01"):
            horizon = text[50:51] == "2" and wide == 16
        met.counts[kind if kind.isdigit() else "other"] += 1
        if kind == "03":
            prism = number(text[4:20]) or 0.0
            continue
        if kind not in ("02", "07", "08", "09"):
            if not kind.isdigit():
                met.bad_line(line, "loại bản ghi không biết", "an unknown kind of record")
            continue
        if len(text) > 400:
            met.bad_line(line, "dài quá", "it is too long")
            continue
        cells = _fields(text, wide)
        if kind in ("02", "08"):
            name, north, east = cells[0], number(cells[1]), number(cells[2])
            if north is None or east is None or not name:
                met.bad_line(line, "tọa độ không đọc được", "the coordinates cannot be read")
                continue
            if not north_first:
                north, east = east, north
            height = number(cells[3])
            if kind == "02":
                book.setups.append(Setup(name, number(cells[4]) or 0.0))
            book.fixed.append(Point(name, east, north, height, cells[5 if kind == "02" else 4] or None, line))
        elif kind == "07":
            along, at = _angle(cells[2], angle), _angle(cells[3], angle)
            if not book.setups or book.setups[-1].shots:
                book.setups.append(Setup(cells[0], book.setups[-1].instrument_height if book.setups else 0.0))
            setup = book.setups[-1]
            setup.backsight, setup.backsight_reading = cells[1] or None, at
            if along is not None and at is not None:
                setup.orientation = along - at
        elif text[2:4] in ("F1", "F2"):
            _observation(cells, text[2:4] == "F2", angle, horizon, prism, line, book, met)
        else:
            met.counts["09 worked out"] += 1
    return from_book(source, "sdr33", book, how, met, told.encoding, unit_m)


def _observation(
    cells: list[str],
    second: bool,
    unit: AngleUnit,
    horizon: bool,
    prism: float,
    line: int,
    book: FieldBook,
    met: Met,
) -> None:
    slope, zenith, reading = number(cells[2]), _angle(cells[3], unit), _angle(cells[4], unit)
    if slope is None or zenith is None or reading is None or not cells[1]:
        met.bad_line(line, "số đo không đọc được", "the observation cannot be read")
        return
    if horizon:
        zenith = math.pi / 2 - zenith
    if second or zenith > math.pi:
        zenith, reading = 2 * math.pi - zenith, reading - math.pi
    if not book.setups:
        book.setups.append(Setup(cells[0]))
    book.setups[-1].shots.append(Shot(cells[1], reading, zenith, slope, prism, cells[5] or None, line))


def _fields(text: str, wide: int) -> list[str]:
    """Six fields: the point names are as wide as the version has them, the rest 16 (SDR33) or 10 (SDR2x)."""
    other = 16 if wide == 16 else 10
    names = 2 if text[:2] in ("07", "09") else 1
    cells, start = [], 4
    for index in range(6):
        width = wide if index < names else other
        cells.append(text[start : start + width].strip())
        start += width
    return cells


def _angle(text: str, unit: AngleUnit) -> float | None:
    value = number(text)
    return None if value is None else radians(value, unit)
