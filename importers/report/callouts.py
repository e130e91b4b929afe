"""What close-ups say beside the places of findings: their numbers, and how wide they are between two arrows."""

import math
from collections.abc import Sequence

import numpy as np
import shapely

from geo.finding import Severity
from importers.report.furniture import COLOURS, INK, PAPER, mark, mark_size, width_of
from importers.report.inner import inner_points
from importers.report.picture import Box, Picture, Window
from importers.report.where import Spot
from importers.report.wording import width

_MARK, _WORDS = 260, 250
_ARROW = 330
Point = tuple[float, float]


def tell(
    picture: Picture,
    window: Window,
    spots: Sequence[Spot],
    severities: Sequence[Severity],
    widths_m: Sequence[float | None],
) -> None:
    """The number of every spot near its place, then the widths that are known, where there is room for them."""
    ends = [
        _arrows(picture, window, spot) if _finite(width_m) else None
        for spot, width_m in zip(spots, widths_m, strict=True)
    ]
    for spot, severity in zip(spots, severities, strict=True):
        _number(picture, window, spot, severity)
    for spot, end, width_m in zip(spots, ends, widths_m, strict=True):
        if width_m is not None and _finite(width_m):
            x, y = end or window.point(spot.east, spot.north)
            _label(picture, window, x, y, width(width_m)[0])


def on(window: Window, box: Box) -> bool:
    """Whether the box lies within the frame."""
    right, bottom = window.left + window.width, window.top + window.height
    return box[0] > window.left and box[1] > window.top and box[2] < right and box[3] < bottom


def _finite(width_m: float | None) -> bool:
    return width_m is not None and math.isfinite(width_m)


def _number(picture: Picture, window: Window, spot: Spot, severity: Severity) -> None:
    x, y = window.point(spot.east, spot.north)
    words = str(spot.n)
    wide, high = mark_size(words, _MARK)
    for reach in (480, 640, 820, 1040, 1300, 1600, 2000, 2500, 3100):
        for turn in (-45, -135, 45, 135, -90, 0, 180, 90):
            mx = round(x + reach * math.cos(math.radians(turn)))
            my = round(y + reach * math.sin(math.radians(turn)) * 0.85)
            box = (mx - wide / 2 - 30, my - high / 2 - 30, mx + wide / 2 + 30, my + high / 2 + 30)
            if on(window, box) and picture.room.free(box):
                picture.room.take(box)
                picture.add("path", f"leader {severity}", d=f"M{x} {y}L{mx} {my}", stroke=COLOURS[severity],
                            stroke_width=22, fill="none")  # fmt: skip
                mark(picture, mx, my, words, severity, _MARK)
                return


def _arrows(picture: Picture, window: Window, spot: Spot) -> tuple[int, int] | None:
    """Two arrows across a polygon, square to the longer side of its narrowest box, through its deepest point; returns
    where one begins, None where there is nothing to be across."""
    if spot.shape is None or shapely.get_dimensions(spot.shape) != 2:
        return None
    corners = shapely.get_coordinates(shapely.oriented_envelope(spot.shape))
    points, radius_m = inner_points(np.array([spot.shape], dtype=object), 0.001)
    if len(corners) < 4 or not np.isfinite(points).all():
        return None
    sides = np.diff(corners[:3], axis=0)
    along = sides[int(np.hypot(sides[:, 0], sides[:, 1]).argmax())]
    along = along / np.hypot(*along)
    dx, dy = -float(along[1]), -float(along[0])  # square to it, y down on paper
    x, y = window.point(*points[0].tolist())
    half = max(float(radius_m[0]) * window.per_m, 18)
    picture.open("g", "width", stroke=INK, stroke_width=20, fill="none")
    for side in (-1, 1):
        _arrow(picture, (x + side * dx * half, y + side * dy * half), (side * dx, side * dy))
    picture.close("g")
    return round(x + dx * (half + _ARROW)), round(y + dy * (half + _ARROW))


def _arrow(picture: Picture, tip: Point, back: Point) -> None:
    """An arrow with its tip there; `back` is the way to its end, of length 1."""
    (tip_x, tip_y), (dx, dy) = tip, back
    end_x, end_y = tip_x + dx * _ARROW, tip_y + dy * _ARROW
    wings = [(tip_x + dx * 110 + k * dy * 45, tip_y + dy * 110 - k * dx * 45) for k in (1, -1)]
    picture.add("path", d=f"M{end_x:.0f} {end_y:.0f}L{tip_x:.0f} {tip_y:.0f}")
    head = "L".join(f"{wx:.0f} {wy:.0f}" for wx, wy in wings)
    picture.add("path", "solid", d=f"M{tip_x:.0f} {tip_y:.0f}L{head}z", fill=INK, stroke="none")
    x0, x1 = sorted((tip_x, end_x))
    y0, y1 = sorted((tip_y, end_y))
    picture.room.take((x0 - 30, y0 - 30, x1 + 30, y1 + 30))


def _label(picture: Picture, window: Window, x: int, y: int, words: str) -> None:
    """Words near a point where nothing else is; left out where there is no room."""
    wide = width_of(words, _WORDS) + 60
    for reach in (40, 260, 420, 640, 900, 1200):
        for turn in (90, -90, 0, 180, 45, 135, -45, -135):
            mx = round(x + (reach + wide / 2) * math.cos(math.radians(turn)))
            my = round(y + (reach + _WORDS * 0.6) * math.sin(math.radians(turn)))
            box = (mx - wide / 2, my - _WORDS * 0.6, mx + wide / 2, my + _WORDS * 0.6)
            if on(window, box) and picture.room.free(box):
                picture.room.take(box)
                picture.add("rect", "plate", x=round(box[0]), y=round(box[1]), width=round(wide),
                            height=round(_WORDS * 1.2), rx=50, fill=PAPER, fill_opacity=0.9)  # fmt: skip
                picture.text(mx, round(my + _WORDS * 0.34), words, _WORDS, font_weight="bold")
                return
