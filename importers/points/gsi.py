"""Leica GSI-8 and GSI-16 (.gsi): blocks of words `WIiiiu+data`, one block to a line (rules §9.6).

Positions of a word: 1-2 what it is (WI), 6 its unit, 7 sign, then 8 or 16 characters. Read: 11 point, 21 circle, 22
zenith, 31 slope distance, 81/82/83 east/north/height, 84/85/86 those of the station, 87 height of prism, 88 of
instrument, 25 orientation, 71-79 and 41 codes. Word 25 says by how much the circle was turned when the station was set
up: readings after it are azimuths already (so in a real file that holds both, to 0.005 gon). A block of codes (41)
belongs to the point before it that has none. A block with coordinates of its point (81, 82) is read by these: the
instrument worked them out with all its corrections.
"""

from importers.plots import Drawn, How
from importers.points.drawn import FEET_M, from_book
from importers.points.met import Met
from importers.points.number import AngleUnit, radians
from importers.points.polar import FieldBook, Point, Setup, Shot
from importers.points.text import MAX_LINE_CHARS, lines
from importers.source import SourceFile

_METRES = {"0": 1e3, "6": 1e4, "8": 1e5, "1": 1e3 / FEET_M, "7": 1e4 / FEET_M}
"""Units of a metre (or, for feet, of 0.3048 m: instruments of feet give feet with three or four decimals)."""
_ANGLES: dict[str, AngleUnit] = {"2": "gon", "3": "deg", "4": "dms", "5": "mil"}
_LENGTHS = {"31", "81", "82", "83", "84", "85", "86", "87", "88"}
_MOST_WORDS = 100


def read(source: SourceFile, how: How) -> Drawn:
    """Points, and plots where codes make rings. Raises: EmptyFile, BrokenFile, TooMuch."""
    told = lines(source)
    met = Met(list(told.findings))
    book = FieldBook()
    setup = Setup("")
    prism = 0.0
    for number, line in told.rows:
        text = line.strip(" \t\x00\x1a")
        if not text:
            continue
        words = _words(text, number, met)
        if "84" in words and "85" in words:
            name = str(words.get("11", "")) or f"#{number}"
            at_east, at_north = words["84"], words["85"]
            if isinstance(at_east, float) and isinstance(at_north, float):
                setup = Setup(name)
                book.fixed.append(Point(name, at_east, at_north, _metres(words.get("86")), None, number))
                book.setups.append(setup)
        if isinstance(high := words.get("88"), float):
            setup.instrument_height = high
        if isinstance(words.get("25"), float):
            setup.orientation = 0.0
        if isinstance(high := words.get("87"), float):
            prism = high
        code = _code(words)
        if "41" in words:
            _code_of_last(book, setup, str(words["41"]))
            met.counts["codes"] += 1
            continue
        if "84" in words:
            continue
        met.counts["blocks"] += 1
        if "11" not in words:
            continue
        name = str(words["11"])
        east, north = words.get("81"), words.get("82")
        reading, zenith, slope = words.get("21"), words.get("22"), words.get("31")
        if isinstance(east, float) and isinstance(north, float):
            book.fixed.append(Point(name, east, north, _metres(words.get("83")), code, number))
        elif isinstance(reading, float) and isinstance(zenith, float):
            if not book.setups:
                book.setups.append(setup)
            distance = slope if isinstance(slope, float) else 0.0
            setup.shots.append(Shot(name, reading, zenith, distance, prism, code, number))
        else:
            met.bad_line(
                number,
                f"điểm {name} không có tọa độ và không có số đo",
                f"point {name} has neither coordinates nor observations",
            )
    return from_book(source, "gsi", book, how, met, told.encoding)


def _words(text: str, line: int, met: Met) -> dict[str, float | str]:
    """The words of a block by WI: metres, radians, or text without leading zeros. One that cannot be read is a finding."""
    if len(text) > MAX_LINE_CHARS:
        met.bad_line(line, "dài quá", "it is too long")
        return {}
    wide = 16 if text.startswith("*") else 8
    words: dict[str, float | str] = {}
    bad = 0
    for word in text.lstrip("*").split(" ", _MOST_WORDS):
        if not word:
            continue
        wi, data = word[:2], word[7:]
        if len(word) < 8 or word[6] not in "+-" or not wi.isdigit() or len(data) > wide or not word.isascii():
            bad += 1
        elif wi == "11" or wi[0] in "47":
            words[wi] = data.strip().lstrip("0") or "0"
        elif not data.isdigit() or len(data) != wide:
            # Other words (51 ppm and constants, 19 time …) have forms of their own and are not needed.
            bad += wi in _LENGTHS or wi in ("21", "22", "25")
        elif wi in _LENGTHS or wi in ("21", "22", "25"):
            value = _value(wi, word[5], int(word[6] + data))
            if value is None:
                bad += 1
            else:
                words[wi] = value
    if bad:
        met.bad_line(line, f"{bad} từ GSI không đọc được", f"{bad} GSI words cannot be read")
    return words


def _value(wi: str, unit: str, data: int) -> float | None:
    if wi in _LENGTHS:
        return data / _METRES[unit] if unit in _METRES else None
    return radians(data / 1e5, _ANGLES[unit]) if unit in _ANGLES else None


def _metres(value: float | str | None) -> float | None:
    return value if isinstance(value, float) else None


def _code(words: dict[str, float | str]) -> str | None:
    said = [str(words[wi]) for wi in sorted(words) if wi[0] == "7" and words[wi] != "0"]
    return " ".join(said)[:60] or None


def _code_of_last(book: FieldBook, setup: Setup, code: str) -> None:
    fixed = book.fixed[-1].line if book.fixed else 0
    shot = setup.shots[-1].line if setup.shots else 0
    if shot > fixed and setup.shots[-1].code is None:
        s = setup.shots[-1]
        setup.shots[-1] = Shot(s.target, s.reading, s.zenith, s.slope, s.prism_height, code, s.line)
    elif fixed and book.fixed[-1].code is None:
        p = book.fixed[-1]
        book.fixed[-1] = Point(p.name, p.east, p.north, p.height, code, p.line)
