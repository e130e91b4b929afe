"""Pictures of single places: what is wrong there, how wide, between whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.finding import Severity
from importers.report.callouts import on, tell
from importers.report.furniture import (
    COLOURS,
    DASHES,
    PAPER,
    fitting_scale,
    frame,
    north_arrow,
    scale_bar,
    told_scale,
    width_of,
)
from importers.report.inner import inner_points
from importers.report.overview import Drawing
from importers.report.picture import UNIT, Box, Picture, Window, each_outline, line_path, outlines
from importers.report.scene import Layer, Scene
from importers.report.where import Spot
from importers.report.wording import shown

WIDTH, HEIGHT = 84 * UNIT, 52 * UNIT
_MOST_TOGETHER = 6
_LEAST_SCALE = 200
_PLOT_SCALE = 600
"""A plot that fits at this scale is shown whole; a larger one would make the problem a dot."""


@dataclass(frozen=True, slots=True)
class Place:
    """Findings close to each other, shown in one picture, and its window."""

    spots: list[Spot]
    window: Window


def places(scene: Scene, most: int) -> list[Place]:
    """At most `most` places, for the findings in their order; one near an earlier place, of its size, joins it."""
    found: list[Place] = []
    for spot in scene.spots:
        if spot.shape is None and spot.index is None and not _inside_home(scene, spot):
            continue
        window = _window(scene, spot)
        host = next((p for p in found if len(p.spots) < _MOST_TOGETHER and _fits(p.window, window)), None)
        if host:
            host.spots.append(spot)
        elif len(found) < most:
            found.append(Place([spot], window))
    return found


def _inside_home(scene: Scene, spot: Spot) -> bool:
    x0, y0, x1, y1 = scene.box
    room = max(x1 - x0, y1 - y0) + 1000
    return x0 - room <= spot.east <= x1 + room and y0 - room <= spot.north <= y1 + room


def _window(scene: Scene, spot: Spot) -> Window:
    x0, y0, x1, y1 = (
        shapely.bounds(spot.shape).tolist() if spot.shape is not None else (spot.east, spot.north) * 2
    )
    needed = _needed((x0, y0, x1, y1)) / 0.6
    most = max(_needed(scene.box) / 0.8, _PLOT_SCALE)
    if needed > most:
        # It leads away from the survey, to where it should lie: shown is the survey, and the way it takes.
        x0, y0, x1, y1 = (spot.east, spot.north) * 2
        needed = most
    scale = fitting_scale(needed, _LEAST_SCALE)
    at = scene.plots.within((spot.east, spot.north, spot.east, spot.north))
    if at.size and scale < _PLOT_SCALE:
        b = scene.plots.boxes[at]
        sides = np.maximum((b[:, 2] - b[:, 0]) / WIDTH, (b[:, 3] - b[:, 1]) / HEIGHT) * 1000 * UNIT * 1.15
        fitting = sides[sides <= _PLOT_SCALE]
        if fitting.size:
            scale = max(scale, fitting_scale(float(fitting.max()), _LEAST_SCALE))
    return Window((x0 + x1) / 2, (y0 + y1) / 2, scale, 20, 20, WIDTH - 40, HEIGHT - 40)


def _needed(box: Box) -> float:
    """The scale number at which the box fills the frame."""
    return max((box[2] - box[0]) / WIDTH, (box[3] - box[1]) / HEIGHT) * 1000 * UNIT


def _fits(host: Window, guest: Window) -> bool:
    if not host.scale / 2.1 <= guest.scale <= host.scale * 1.05:
        return False
    off_e = abs(host.east - guest.east) * host.per_m
    off_n = abs(host.north - guest.north) * host.per_m
    return off_e < WIDTH * 0.3 and off_n < HEIGHT * 0.3


def closeup(scene: Scene, place: Place, findings: Sequence[dict[str, Any]], name: str) -> Drawing:
    """The place at 1:n with its neighbours, the problems hatched, their widths told. `findings` are those of the body."""
    window = place.window
    severities: list[Severity] = [findings[spot.n - 1]["severity"] for spot in place.spots]
    listed = ", ".join(str(spot.n) for spot in place.spots)
    picture = Picture(name, WIDTH, HEIGHT, f"Vị trí của mục {listed} · Place of finding {listed}")
    clip = picture.clip_to(window)
    for severity in dict.fromkeys(severities):
        picture.define(_hatch(picture.name, severity))
    picture.add("rect", "paper", x=0, y=0, width=WIDTH, height=HEIGHT, fill=PAPER)
    picture.open("g", clip_path=clip)
    layers = [
        _layer(picture, window, scene.near, "near", "#ebebeb", "#8f8f8f", 15),
        _layer(picture, window, scene.plots, "plots", "#fff3cf", "#3a3120", 26),
    ]
    _layer(picture, window, scene.legal, "legal", "none", "#5b3a8c", 22, stroke_dasharray="140 50 30 50")
    for spot, severity in zip(place.spots, severities, strict=True):
        _problem(picture, window, spot, severity)
    picture.close("g")
    north_arrow(picture, window)
    scale_bar(picture, window, told_scale(window.scale) if scene.known else "Tọa độ của tệp")
    picture.open("g", clip_path=clip)
    tell(picture, window, place.spots, severities, [findings[spot.n - 1]["width_m"] for spot in place.spots])
    _numbers(picture, window, *layers[1], "#3a3120")
    _numbers(picture, window, *layers[0], "#5f5f5f", said=scene.plots)
    picture.close("g")
    frame(picture, window)
    return Drawing(picture.svg(), window.scale)


def _layer(
    picture: Picture, window: Window, layer: Layer, look: str, fill: str, stroke: str, wide: int, **more: str
) -> tuple[Layer, list[int], Any]:
    chosen = layer.within(window.ground(200))
    cut = window.cut(layer.shapes[chosen]) if chosen.size else layer.shapes[:0]
    stroke_width = layer.stroke(window, wide)
    # One path each: where plots overlap, both are seen through.
    for path in each_outline(window, cut):
        if path:
            picture.add("path", look, d=path, fill=fill, fill_opacity=0.75, stroke=stroke, stroke_width=stroke_width,
                        stroke_linejoin="round", **more)  # fmt: skip
    return layer, chosen.tolist(), cut


def _hatch(name: str, severity: Severity) -> str:
    turn = {"stops": 45, "explain": -45, "note": 0}[severity]
    return (
        f'<pattern id="{name}-{severity}" width="90" height="90" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate({turn})"><rect width="90" height="90" fill="{COLOURS[severity]}" fill-opacity="0.18"/>'
        f'<rect width="30" height="90" fill="{COLOURS[severity]}" fill-opacity="0.75"/></pattern>'
    )


def _problem(picture: Picture, window: Window, spot: Spot, severity: Severity) -> None:
    colour = COLOURS[severity]
    shape = spot.shape
    x, y = window.point(spot.east, spot.north)
    kind = -1 if shape is None else shapely.get_type_id(shape)
    if kind in (3, 6):
        cut = window.cut(np.array([shape], dtype=object))
        picture.add("path", f"spot {severity}", d=outlines(window, cut), fill=f"url(#{picture.name}-{severity})",
                    stroke=colour, stroke_width=32, stroke_dasharray=DASHES[severity], stroke_linejoin="round")  # fmt: skip
    elif shape is not None and kind not in (0, 4):
        line = shape if kind != 7 else shapely.boundary(shapely.envelope(shape))
        picture.add("path", f"spot {severity}", d=line_path(window, line), fill="none", stroke=colour, stroke_width=55,
                    stroke_dasharray=DASHES[severity], stroke_linecap="round")  # fmt: skip
    else:
        picture.add("circle", f"spot {severity}", cx=x, cy=y, r=190, fill="none", stroke=colour, stroke_width=36,
                    stroke_dasharray=DASHES[severity])  # fmt: skip
        picture.add(
            "path",
            f"spot {severity}",
            d=f"M{x - 70} {y}h140M{x} {y - 70}v140",
            stroke=colour,
            stroke_width=24,
        )
        picture.room.take((x - 215, y - 215, x + 215, y + 215))


def _numbers(
    picture: Picture,
    window: Window,
    layer: Layer,
    chosen: list[int],
    cut: Any,
    ink: str,
    said: Layer | None = None,
) -> None:
    """The numbers of the layer where they have room; not where a plot of `said` bears the same number already."""
    size = 280
    points, radius_m = inner_points(cut, 0.2)
    for i, (east, north), radius in zip(
        chosen, points.tolist(), (radius_m * window.per_m).tolist(), strict=True
    ):
        words = shown(layer.numbers[i])[:12]
        wide = width_of(words, size)
        if not words or radius < size * 0.5 or radius * 2.6 < wide:
            continue
        if said and any(said.numbers[k] == layer.numbers[i] for k in said.within((east, north, east, north))):
            continue
        x, y = window.point(east, north)
        for move in (0, 0.5, -0.5):
            my = round(y + move * radius)
            box = (x - wide / 2 - 20, my - size * 0.45, x + wide / 2 + 20, my + size * 0.45)
            if on(window, box) and picture.room.free(box):
                picture.room.take(box)
                picture.text(x, round(my + size * 0.33), words, size, "number", fill=ink)
                break
