"""RW5 raw data of Carlson, TDS and Leica (.rw5): `SS,OP111,FP108,AR55.05521,ZE90.00017,SD3.3566,--CODE` (rules §9.6).

Read: MO units; OC station; SP stored points, also as comments (`--SP`); BK backsight (BS azimuth, BC circle); LS
heights; SS, TR, FD, FR, BD, BR observations. Angles are DDD.MMSS, or gon where MO says AU1. Directions: AR angle right,
AL angle left, AZ azimuth; ZE zenith or VA above the horizon with SD, or HD horizontal distance.
"""

import math

from importers.plots import Drawn, How
from importers.points.drawn import FEET_M, from_book
from importers.points.met import Met
from importers.points.number import AngleUnit, number, radians
from importers.points.polar import FieldBook, Point, Setup, Shot
from importers.points.text import MAX_LINE_CHARS, lines
from importers.source import SourceFile

_SHOTS = ("SS", "TR", "FD", "FR", "BD", "BR")
_POINTS = ("OC", "SP")
_KEYS = (
    "OP",
    "FP",
    "PN",
    "BP",
    "BS",
    "BC",
    "HI",
    "HR",
    "AR",
    "AL",
    "AZ",
    "ZE",
    "VA",
    "SD",
    "HD",
    "EL",
    "UN",
    "AU",
)


def read(source: SourceFile, how: How) -> Drawn:
    """Points, and plots where codes make rings. Raises: EmptyFile, BrokenFile, TooMuch."""
    told = lines(source)
    met = Met(list(told.findings))
    book = FieldBook()
    unit_m, angle = 1.0, "dms"
    heights = {"HI": 0.0, "HR": 0.0}
    for line, row in told.rows:
        text = row.strip(" \t\x1a\x00")
        if text.startswith("--") and text[2:5] == "SP,":
            text = text[2:]
        if not text or text.startswith("--"):
            met.counts["comments"] += bool(text)
            continue
        kind, _, rest = text.partition(",")
        if len(text) > MAX_LINE_CHARS or len(kind) != 2 or not kind.isalpha():
            met.bad_line(line, "không phải bản ghi RW5", "it is no RW5 record")
            continue
        met.counts[kind] += 1
        cells, note = _cells(rest)
        if kind == "MO":
            unit_m = FEET_M if cells.get("UN") == "0" else 1.0
            angle = "gon" if cells.get("AU") == "1" else "dms"
        elif kind == "LS":
            heights |= {key: number(cells[key]) or 0.0 for key in ("HI", "HR") if key in cells}
            if book.setups and not book.setups[-1].shots:
                book.setups[-1].instrument_height = heights["HI"]
        elif kind in _POINTS:
            _point(kind, cells, note, line, heights["HI"], book, met)
        elif kind == "BK":
            along, at = _angle(cells.get("BS", ""), angle), _angle(cells.get("BC", "0"), angle)
            setup = Setup(cells.get("OP", ""), heights["HI"], None, cells.get("BP"), at)
            if along is not None and at is not None:
                setup.orientation = along - at
            book.setups.append(setup)
        elif kind in _SHOTS:
            _shot(cells, note, line, heights, angle, book, met)
    return from_book(source, "rw5", book, how, met, told.encoding, unit_m)


def _cells(rest: str) -> tuple[dict[str, str], str | None]:
    """Values by their key; north and east have a key of one letter and a space. What follows `--` is the note."""
    body, _, note = rest.partition("--")
    cells: dict[str, str] = {}
    for cell in body.split(",", 20):
        key = "N" if cell.startswith("N ") else "E" if cell.startswith("E ") else cell[:2]
        if key in ("N", "E") or key in _KEYS:
            cells[key] = cell[2:].strip()
    return cells, note.strip()[:60] or None


def _angle(text: str, unit: str) -> float | None:
    value = number(text)
    told: AngleUnit = "gon" if unit == "gon" else "dms"
    return None if value is None else radians(value, told)


def _point(
    kind: str,
    cells: dict[str, str],
    note: str | None,
    line: int,
    instrument_height: float,
    book: FieldBook,
    met: Met,
) -> None:
    name = cells.get("OP" if kind == "OC" else "PN", "")
    north, east = number(cells.get("N", "")), number(cells.get("E", ""))
    if north is None or east is None or not name:
        met.bad_line(line, "tọa độ không đọc được", "the coordinates cannot be read")
        return
    book.fixed.append(Point(name, east, north, number(cells.get("EL", "")), note, line))
    if kind == "OC":
        book.setups.append(Setup(name, instrument_height))


def _shot(
    cells: dict[str, str],
    note: str | None,
    line: int,
    heights: dict[str, float],
    unit: str,
    book: FieldBook,
    met: Met,
) -> None:
    direction = _direction(cells, unit)
    zenith, slope = _angle(cells.get("ZE", ""), unit), number(cells.get("SD", ""))
    if zenith is None and (above := _angle(cells.get("VA", ""), unit)) is not None:
        zenith = math.pi / 2 - above
    if slope is None and (flat := number(cells.get("HD", ""))) is not None:
        slope, zenith = flat, math.pi / 2
    name = cells.get("FP", "")
    if direction is None or zenith is None or slope is None or not name:
        met.bad_line(line, "số đo không đọc được", "the observation cannot be read")
        return
    station = cells.get("OP", "")
    if not book.setups or (station and book.setups[-1].station != station):
        book.setups.append(Setup(station))
    setup = book.setups[-1]
    if setup.shots and setup.instrument_height != heights["HI"]:
        # A new height of instrument in the middle of a set-up: the same orientation, another height.
        setup = Setup(
            setup.station, heights["HI"], setup.orientation, setup.backsight, setup.backsight_reading
        )
        book.setups.append(setup)
    setup.instrument_height = heights["HI"]
    setup.shots.append(Shot(name, direction, zenith, slope, heights["HR"], note, line, "AZ" in cells))


def _direction(cells: dict[str, str], unit: str) -> float | None:
    for key, sign in (("AZ", 1), ("AR", 1), ("AL", -1)):
        if key in cells:
            value = _angle(cells[key], unit)
            return None if value is None else sign * value
    return None
