"""What makes a drawing a map: frame with grid coordinates, north arrow, scale bar, numbered marks."""

import math

from geo.finding import Severity
from importers.report.picture import UNIT, Box, Picture, Window
from importers.report.wording import NBSP, number

COLOURS: dict[Severity, str] = {"stops": "#b3261e", "explain": "#a35200", "note": "#0b5ea8"}
INK = "#1a1a1a"
PAPER = "#ffffff"
DASHES: dict[Severity, str] = {"stops": "none", "explain": "120 60", "note": "40 50"}
"""Colour is never alone: what stops is a full line, what must be explained dashes, a note dots."""


def nice(value: float) -> float:
    """The largest of 1, 2, 5 × a power of ten that is not above the value."""
    ten = 10.0 ** math.floor(math.log10(value))
    return max(step * ten for step in (1, 2, 5) if step * ten <= value * (1 + 1e-9))


def fitting_scale(needed: float, least: float) -> float:
    """The scale number, of those people draw at, that is not below `needed` (or `least`)."""
    value = max(needed, least)
    ten = 10.0 ** math.floor(math.log10(value))
    return min(step * ten for step in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10) if step * ten >= value * (1 - 1e-9))


def told_scale(scale: float) -> str:
    """1:10.000, as papers here write it."""
    return f"1:{number(scale, 0)[0]}"


def grouped(metres: float) -> str:
    """1768400 as 1 768 400."""
    return f"{metres:,.0f}".replace(",", NBSP).replace("-", "−")


def grid(picture: Picture, window: Window, step_m: float | None = None) -> None:
    """Crosses on round coordinates (every `step_m`; None: as the frame has room), and the coordinates at the frame; Vietnamese
    papers call north X and east Y."""
    x0, y0, x1, y1 = window.ground()
    step = step_m or max(nice((x1 - x0) / 2.5), 1)
    size = 190
    right, bottom = window.left + window.width, window.top + window.height
    across = [k * step for k in range(math.ceil(x0 / step), math.floor(x1 / step) + 1)]
    up = [k * step for k in range(math.ceil(y0 / step), math.floor(y1 / step) + 1)]
    picture.open("g", "grid", stroke="#7a7a7a", stroke_width=10, fill="none")
    for east in across:
        x, _ = window.point(east, y0)
        picture.add("path", d=f"M{x} {window.top}v120M{x} {bottom}v-120")
        for north in up:
            _, y = window.point(east, north)
            picture.add("path", d=f"M{x - 90} {y}h180M{x} {y - 90}v180")
    for north in up:
        _, y = window.point(x0, north)
        picture.add("path", d=f"M{window.left} {y}h120M{right} {y}h-120")
    picture.close("g")
    for east in across:
        x, _ = window.point(east, y0)
        if window.left + 700 < x < right - 700:
            picture.text(x, bottom + 230, grouped(east), size, fill="#444444")
    for north in up:
        _, y = window.point(x0, north)
        if window.top + 700 < y < bottom - 700:
            x = window.left - 90
            picture.text(x, y, grouped(north), size, fill="#444444", transform=f"rotate(-90 {x} {y})")


def frame(picture: Picture, window: Window) -> None:
    """The line round the map."""
    picture.add(
        "rect", "frame", x=window.left, y=window.top, width=window.width, height=window.height,
        fill="none", stroke=INK, stroke_width=25,
    )  # fmt: skip


def north_arrow(picture: Picture, window: Window, letter: str = "B") -> None:
    """In the upper right corner; "B" for Bắc."""
    x, y = window.left + window.width - 420, window.top + 260
    _plate(picture, (x - 300, y - 200, x + 300, y + 880))
    picture.add("path", "solid", d=f"M{x} {y + 250}L{x - 170} {y + 800}L{x} {y + 660}z", fill=INK)
    picture.add(
        "path",
        "hollow",
        d=f"M{x} {y + 250}L{x + 170} {y + 800}L{x} {y + 660}z",
        fill=PAPER,
        stroke=INK,
        stroke_width=14,
    )
    picture.text(x, y + 130, letter, 300, font_weight="bold")


def scale_bar(picture: Picture, window: Window, words: str) -> None:
    """In the lower left corner, a round length of at most a third of the frame, and `words` ("1:500"), if any, above it."""
    metres = nice(min(window.width / 3, 40 * UNIT) / window.per_m)
    length = round(metres * window.per_m)
    x, y = window.left + 240, window.top + window.height - 260
    said = number(metres, 0 if metres >= 1 else 2)[0] + NBSP + "m"
    wide = max(length + 120 + width_of(said, 230), width_of(words, 230)) + 220
    _plate(picture, (x - 120, y - (420 if words else 160), x - 120 + wide, y + 140))
    half = length // 2
    picture.add("rect", "solid", x=x, y=y - 60, width=half, height=90, fill=INK, stroke=INK, stroke_width=14)
    picture.add(
        "rect",
        "hollow",
        x=x + half,
        y=y - 60,
        width=length - half,
        height=90,
        fill=PAPER,
        stroke=INK,
        stroke_width=14,
    )
    picture.text(x + length + 80, y + 60, said, 230, text_anchor="start")
    if words:
        picture.text(x, y - 170, words, 230, text_anchor="start")


def _plate(picture: Picture, box: Box) -> None:
    x0, y0, x1, y1 = box
    picture.add(
        "rect", "plate", x=x0, y=y0, width=x1 - x0, height=y1 - y0, rx=60, fill=PAPER, fill_opacity=0.85
    )
    picture.room.take(box)


def width_of(words: str, size: float) -> float:
    """About how wide words are: bold digits of the fonts of phones; those of print are narrower."""
    return len(words) * size * 0.6


def mark(
    picture: Picture, x: int, y: int, words: str, severity: Severity, size: int, href: str | None = None
) -> None:
    """A numbered mark with its middle at x, y: full and square for what stops, an outline for what must be explained,
    a dashed outline for a note."""
    wide, high = mark_size(words, size)
    colour = COLOURS[severity]
    full = severity == "stops"
    if href:
        picture.open("a", href=href)
    picture.add(
        "rect", f"mark {severity}", x=round(x - wide / 2), y=round(y - high / 2), width=round(wide), height=round(high),
        rx=40 if full else round(high / 2), fill=colour if full else PAPER, stroke=PAPER if full else colour,
        stroke_width=20 if full else 36, stroke_dasharray="90 50" if severity == "note" else "none",
    )  # fmt: skip
    ink = PAPER if full else colour
    picture.text(x, round(y + size * 0.34), words, size, f"digits {severity}", fill=ink, font_weight="bold")
    if href:
        picture.close("a")


def mark_size(words: str, size: int) -> tuple[float, float]:
    """Width and height of a mark."""
    return max(width_of(words, size) + size * 0.7, size * 1.5), size * 1.5
