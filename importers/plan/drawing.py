"""The map of a plan, as SVG: parcels in the colours of the map, their numbers, grid, north arrow and scale bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from importers.plan.sheet import AROUND_MM
from importers.report.furniture import frame, grid, north_arrow, scale_bar, told_scale, width_of
from importers.report.inner import drawable
from importers.report.picture import UNIT, Box, Picture, Window, each_outline
from importers.report.wording import number

Objects = NDArray[np.object_]
_SEAL = "#9c2a20"
_FULL, _NUMBER = (230, 190, 160), (200, 160, 130, 110)
"""Sizes of texts, hundredths of a millimetre, largest first: of number over area, of the number alone."""
_LENGTH = 170


@dataclass(frozen=True, slots=True)
class Plots:
    """What is drawn: shapes in the plan's zone, and of each its number, land use, area, and where a text has how much room."""

    shapes: Objects
    codes: Sequence[str]
    numbers: Sequence[str]
    land_uses: Sequence[str]
    areas_m2: Sequence[float]
    labels: NDArray[np.float64]
    rooms_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Colours:
    """Of the map's look: paper, ink, and the wash of each land-use code (`other` for those not named)."""

    paper: str
    ink: str
    washes: Mapping[str, str]
    other: str


def drawing(window: Window, plots: Plots, chosen: str | None, colours: Colours, english: bool) -> str:
    """The frame and all in it, with room for coordinates round it; `chosen`: the code of the parcel the plan is about."""
    edge = 2 * AROUND_MM * UNIT
    picture = Picture("plan", window.width + edge, window.height + edge, "Bản đồ địa chính · Cadastral map")
    clip = picture.clip_to(window)
    picture.add(
        "rect",
        "paper",
        x=window.left,
        y=window.top,
        width=window.width,
        height=window.height,
        fill=colours.paper,
    )
    picture.open("g", clip_path=clip)
    _parcels(picture, window, plots, colours)
    at = plots.codes.index(chosen) if chosen in plots.codes else None
    if at is not None:
        (path,) = each_outline(window, window.cut(plots.shapes[at : at + 1])) or [""]
        picture.add("path", "chosen", d=path, fill=_SEAL, fill_opacity=0.1, stroke=_SEAL, stroke_width=55,
                    stroke_linejoin="round")  # fmt: skip
    picture.close("g")
    grid(picture, window, window.scale / 10)
    north_arrow(picture, window, "N" if english else "B")
    scale_bar(picture, window, told_scale(window.scale))
    picture.open("g", clip_path=clip)
    _texts(picture, window, plots, colours, english)
    if at is not None:
        _lengths(picture, window, plots.shapes[at], english)
    picture.close("g")
    frame(picture, window)
    return picture.svg()


def _parcels(picture: Picture, window: Window, plots: Plots, colours: Colours) -> None:
    """One path a colour, and one for all boundaries: thousands of parcels are a few elements."""
    cut = window.cut(plots.shapes)
    shown = np.flatnonzero(drawable(cut))
    washes = [colours.washes.get(plots.land_uses[k].split("+")[0], colours.other) for k in shown.tolist()]
    paths = each_outline(window, cut[shown])
    by_wash: dict[str, list[str]] = {}
    for wash, path in zip(washes, paths, strict=True):
        by_wash.setdefault(wash, []).append(path)
    for wash, some in by_wash.items():
        picture.add("path", "wash", d="".join(some), fill=wash)
    stroke = 18 if window.scale <= 1000 else 12 if window.scale <= 2000 else 6 if window.scale <= 5000 else 4
    picture.add("path", "edges", d="".join(paths), fill="none", stroke=colours.ink, stroke_width=stroke,
                stroke_linejoin="round")  # fmt: skip


def _texts(picture: Picture, window: Window, plots: Plots, colours: Colours, english: bool) -> None:
    """Number over area with the land use beside them, the number alone, or nothing: as the parcel has room."""
    right, bottom = window.left + window.width, window.top + window.height

    def free(box: Box) -> bool:
        inside = window.left < box[0] and box[2] < right and window.top < box[1] and box[3] < bottom
        return inside and picture.room.free(box)

    places = window.paper(plots.labels)
    for k, (x, y) in enumerate(places.tolist()):
        if not (window.left < x < right and window.top < y < bottom):
            continue
        room = plots.rooms_m[k] * window.per_m
        name, use = plots.numbers[k], plots.land_uses[k]
        area = number(plots.areas_m2[k], 1)[1 if english else 0]
        for size in _FULL:
            fraction = max(_wide(name, size), _wide(area, size))
            wide, high = fraction + _wide(use, size) + size * 0.6, 2.2 * size
            if (wide / 2) ** 2 + (high / 2) ** 2 <= (1.08 * room) ** 2:
                box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
                if free(box):
                    _fraction(picture, x, y, size, (use, name, area), (wide, fraction), colours)
                    picture.room.take(box)
                break
        else:
            for size in _NUMBER:
                wide = _wide(name, size)
                box = (x - wide / 2, y - size * 0.4, x + wide / 2, y + size * 0.4)
                if (wide / 2) ** 2 + (0.36 * size) ** 2 <= (1.05 * room) ** 2 and free(box):
                    picture.text(x, y + round(size * 0.33), name, size, fill=colours.ink)
                    picture.room.take(box)
                    break


def _fraction(
    picture: Picture, x: int, y: int, size: int, words: tuple[str, str, str], widths: tuple[float, float], colours: Colours
) -> None:  # fmt: skip
    use, name, area = words
    wide, fraction = widths
    right = round(x + wide / 2 - fraction / 2)
    picture.text(right, y - round(size * 0.22), name, size, fill=colours.ink)
    picture.text(right, y + round(size * 0.88), area, size, fill=colours.ink)
    half = round(fraction / 2)
    picture.add("path", "bar", d=f"M{right - half} {y}h{2 * half}", stroke=colours.ink, stroke_width=10)
    picture.text(
        round(x - wide / 2), y + round(size * 0.33), use, size, fill=colours.ink, text_anchor="start"
    )


def _lengths(picture: Picture, window: Window, shape: shapely.Geometry, english: bool) -> None:
    """Surveyed lengths beside the edges of the parcel the plan is about, where they have room."""
    for ring in shapely.get_rings(shape):
        corners = shapely.get_coordinates(ring)
        inward = 1 if shapely.is_ccw(ring) else -1
        for one, two in pairwise(corners):
            length_m = float(np.hypot(*(two - one)))
            said = number(length_m, 2)[1 if english else 0]
            if length_m * window.per_m < _wide(said, _LENGTH) + 60:
                continue
            along = (two - one) / length_m
            out = np.array([along[1], -along[0]]) * inward
            middle = (one + two) / 2 + out * (_LENGTH * 0.75 / window.per_m)
            x, y = window.point(*middle)
            turn = -np.degrees(np.arctan2(along[1], along[0]))
            turn = turn + 180 if turn < -90 else turn - 180 if turn > 90 else turn
            box = (x - 90, y - 90, x + 90, y + 90)
            if picture.room.free(box):
                picture.room.take(box)
                # the base line a third of a letter under the middle, whichever way the text is turned
                picture.text(0, round(_LENGTH * 0.33), said, _LENGTH, fill=_SEAL,
                             transform=f"translate({x} {y}) rotate({turn:.1f})")  # fmt: skip


def _wide(words: str, size: float) -> float:
    return width_of(words, size) * 0.85
