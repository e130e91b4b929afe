"""Nikon RAW V2.00 (.raw): comma-separated records, comments `CO` that name units and the order of coordinates (rules §9.6).

Read: MP, UP, CC, RE coordinates; ST station (backsight, height of instrument, azimuth, reading); SS side shots and CP
control points. The face records F1, F2 repeat a backsight or a shot and are counted only.
"""

import math

from importers.plots import Drawn, How
from importers.points.drawn import FEET_M, from_book
from importers.points.met import Met
from importers.points.number import AngleUnit, number, radians
from importers.points.polar import FieldBook, Point, Setup, Shot
from importers.points.text import MAX_LINE_CHARS, lines
from importers.source import SourceFile

_COORDINATES = ("MP", "UP", "CC", "RE")
_COUNTED = ("F1", "F2", "SO", "CC", "NC", "AZ", "LS")


def read(source: SourceFile, how: How) -> Drawn:
    """Points, and plots where codes make rings. Raises: EmptyFile, BrokenFile, TooMuch."""
    told = lines(source)
    met = Met(list(told.findings))
    book = FieldBook()
    angle: AngleUnit = "dms"
    north_first, horizon, unit_m = True, False, 1.0
    for line, row in told.rows:
        text = row.strip(" \t\x1a\x00")
        if not text:
            continue
        if text.startswith("CO,"):
            said = text[3:120].lower().replace(" ", "")
            if said.startswith("angleunits:"):
                angle = _angle(said[11:])
            elif said.startswith("distunits:"):
                unit_m = FEET_M if "f" in said[10:] else 1.0
            elif said.startswith("coordorder:"):
                north_first = not said[11:].startswith("e")
            elif said.startswith("zerova:"):
                horizon = said[7:].startswith("hor")
            met.counts["comments"] += 1
            continue
        cells = [c.strip() for c in text.split(",", 12)] if len(text) <= MAX_LINE_CHARS else []
        kind = cells[0] if cells else ""
        met.counts[kind if kind in (*_COORDINATES, *_COUNTED, "ST", "SS", "CP") else "other"] += 1
        cells += [""] * (12 - len(cells))
        if kind in _COORDINATES:
            north, east = number(cells[3]), number(cells[4])
            if north is None or east is None or not cells[1]:
                met.bad_line(line, "tọa độ không đọc được", "the coordinates cannot be read")
                continue
            if not north_first:
                north, east = east, north
            book.fixed.append(Point(cells[1], east, north, number(cells[5]), cells[6] or None, line))
        elif kind == "ST":
            setup = Setup(cells[1], number(cells[5]) or 0.0, backsight=cells[3] or None)
            along, at = _radians(cells[6], angle), _radians(cells[7], angle)
            if at is not None:
                setup.backsight_reading = at
                setup.orientation = None if along is None else along - at
            book.setups.append(setup)
        elif kind in ("SS", "CP"):
            skip = 1 if kind == "CP" else 0
            prism, slope = number(cells[2 + skip]), number(cells[3 + skip])
            reading, zenith = _radians(cells[4 + skip], angle), _radians(cells[5 + skip], angle)
            if slope is None or reading is None or zenith is None or not cells[1]:
                met.bad_line(line, "số đo không đọc được", "the observation cannot be read")
                continue
            if horizon:
                zenith = math.pi / 2 - zenith
            if not book.setups:
                book.setups.append(Setup(""))
            book.setups[-1].shots.append(
                Shot(cells[1], reading, zenith, slope, prism or 0.0, cells[7 + skip] or None, line)
            )
        elif kind not in _COUNTED:
            met.bad_line(line, "loại bản ghi không biết", "an unknown kind of record")
    return from_book(source, "nikon", book, how, met, told.encoding, unit_m)


def _angle(said: str) -> AngleUnit:
    if said.startswith(("gon", "grad")):
        return "gon"
    if said.startswith("mil"):
        return "mil"
    return "dms" if "m" in said else "deg"


def _radians(text: str, unit: AngleUnit) -> float | None:
    value = number(text)
    return None if value is None else radians(value, unit)
