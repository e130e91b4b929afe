"""The picture of the whole survey: every plot, the neighbours in grey, and the problems by their numbers."""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.finding import Severity
from importers.report.furniture import (
    COLOURS,
    fitting_scale,
    frame,
    grid,
    mark,
    mark_size,
    north_arrow,
    scale_bar,
    told_scale,
    width_of,
)
from importers.report.inner import drawable, inner_points
from importers.report.picture import UNIT, Box, Picture, Window, line_path, outlines
from importers.report.scene import Layer, Scene
from importers.report.wording import shown

_MARGIN = 380
_MOST_NUMBERS = 3_000
_MOST_MARKS = 400
_LEAST_SCALE = 100
_AROUND = [(0, 0)] + [
    (reach * dx, reach * dy)
    for reach in (1.0, 1.7, 2.6, 3.6, 4.7)
    for dx, dy in ((0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (0, -1), (1, 0), (-1, 0), (0, 1))
]
"""Where a mark may stand, in its own sizes from its place: on it, then round it, ever further."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished picture: SVG, its scale number, and what of it could not be shown."""

    svg: str
    scale: float
    unmarked: int = 0
    far: int = 0


def overview(
    scene: Scene, severities: list[Severity], name: str, width_mm: int, linked: bool = False
) -> Drawing:
    """The whole survey on `width_mm` of paper, its height as the survey wants. `severities` by number of finding less 1;
    `linked`, for screens: its numbers are links to #f1, #f2 …, and no scale is told, as no one knows how large it is shown."""
    window = _window(scene, width_mm)
    width, height = width_mm * UNIT, window.top + window.height + 330
    picture = Picture(
        name, width, height, "Sơ đồ các thửa đo và vị trí phát hiện · Overview of plots and findings"
    )
    clip = picture.clip_to(window)
    picture.add("rect", "paper", x=0, y=0, width=width, height=height, fill="#ffffff")
    picture.open("g", clip_path=clip)
    near = scene.near.within(window.ground())
    cut = window.cut(scene.near.shapes[near]) if near.size else scene.near.shapes[:0]
    picture.add(
        "path",
        "near",
        d=outlines(window, cut),
        fill="#ebebeb",
        stroke="#9a9a9a",
        stroke_width=scene.near.stroke(window, 12),
        stroke_linejoin="round",
    )
    picture.add("path", "plots", d=outlines(window, _thin(window, scene.plots)), fill="#fff3cf", stroke="#3a3120",
                stroke_width=scene.plots.stroke(window, 18), stroke_linejoin="round")  # fmt: skip
    if len(scene.legal.shapes):
        picture.add("path", "legal", d=outlines(window, _thin(window, scene.legal)), fill="none", stroke="#5b3a8c",
                    stroke_width=22, stroke_dasharray="140 50 30 50")  # fmt: skip
    _commune(picture, window, scene.outline)
    for spot in scene.spots:
        if spot.shape is not None:
            _highlight(picture, window, spot.shape, severities[spot.n - 1])
    picture.close("g")
    grid(picture, window)
    north_arrow(picture, window)
    told = "" if linked else told_scale(window.scale)
    scale_bar(picture, window, told if scene.known else "Tọa độ của tệp")
    picture.open("g", clip_path=clip)
    unmarked = _marks(picture, window, scene, severities, linked)
    _numbers(picture, window, scene.plots, np.arange(len(scene.plots.shapes)), "ink", "#3a3120")
    if near.size:
        _numbers(picture, window, scene.near, near, "faint", "#6b6b6b")
    picture.close("g")
    frame(picture, window)
    return Drawing(picture.svg(), window.scale, unmarked, scene.far)


def _window(scene: Scene, width_mm: int) -> Window:
    x0, y0, x1, y1 = scene.box
    wide = width_mm * UNIT - 2 * _MARGIN
    shape = (y1 - y0 + 1) / (x1 - x0 + 1)
    high = round(wide * min(max(shape, 0.55), 1.15))
    # A tenth of the frame is left for the neighbours.
    needed = max((x1 - x0) / wide, (y1 - y0) / high) * 1000 * UNIT * 1.12
    scale = fitting_scale(needed, _LEAST_SCALE)
    return Window((x0 + x1) / 2, (y0 + y1) / 2, scale, _MARGIN, 60, wide, high)


def _thin(window: Window, layer: Layer) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return window.cut(layer.shapes) if len(layer.shapes) else layer.shapes


def _commune(picture: Picture, window: Window, outline: shapely.Geometry | None) -> None:
    if outline is None or not drawable(np.array([outline], dtype=object))[0]:
        return
    border = shapely.clip_by_rect(shapely.boundary(outline), *window.ground(200))
    if not border.is_empty:
        picture.add("path", "commune", d=line_path(window, border), fill="none", stroke="#7a1f6b", stroke_width=60,
                    stroke_dasharray="350 90 60 90")  # fmt: skip


def _highlight(picture: Picture, window: Window, shape: shapely.Geometry, severity: Severity) -> None:
    colour = COLOURS[severity]
    kind = shapely.get_type_id(shape)
    if kind in (3, 6):
        cut = window.cut(np.array([shape], dtype=object))
        picture.add("path", f"spot {severity}", d=outlines(window, cut), fill=colour, fill_opacity=0.35, stroke=colour,
                    stroke_width=30)  # fmt: skip
    elif kind in (1, 2, 5):
        picture.add(
            "path",
            f"spot {severity}",
            d=line_path(window, shape),
            fill="none",
            stroke=colour,
            stroke_width=40,
        )


def _marks(picture: Picture, window: Window, scene: Scene, severities: list[Severity], linked: bool) -> int:
    """Numbers at their places, as far as there is room; returns for how many there was none."""
    size = 260
    left = 0
    spots = [s for s in scene.spots if _inside(window, *window.point(s.east, s.north))]
    wanted: list[tuple[int, int, int, int, str, Severity, int]] = []
    for count, spot in enumerate(spots):
        x, y = window.point(spot.east, spot.north)
        severity = severities[spot.n - 1]
        words = str(spot.n)
        wide, high = mark_size(words, size)
        at = None
        if count < _MOST_MARKS:
            for dx, dy in _AROUND:
                mx, my = round(x + dx * wide), round(y + dy * high)
                box = (mx - wide / 2 - 25, my - high / 2 - 25, mx + wide / 2 + 25, my + high / 2 + 25)
                if _holds(window, box) and picture.room.free(box):
                    at = mx, my
                    picture.room.take(box)
                    break
        if at is None:
            left += 1
            picture.add(
                "circle",
                f"dot {severity}",
                cx=x,
                cy=y,
                r=55,
                fill=COLOURS[severity],
                stroke="#ffffff",
                stroke_width=12,
            )
        else:
            wanted.append((x, y, *at, words, severity, spot.n))
    for x, y, mx, my, _, severity, _ in wanted:
        if (x, y) != (mx, my):
            picture.add("path", f"leader {severity}", d=f"M{x} {y}L{mx} {my}", stroke=COLOURS[severity], stroke_width=22,
                        fill="none")  # fmt: skip
            picture.add("circle", f"dot {severity}", cx=x, cy=y, r=45, fill=COLOURS[severity])
    for _, _, mx, my, words, severity, n in wanted:
        mark(picture, mx, my, words, severity, size, f"#f{n}" if linked else None)
    return left + len(scene.spots) - len(spots)


def _inside(window: Window, x: int, y: int) -> bool:
    return window.left <= x <= window.left + window.width and window.top <= y <= window.top + window.height


def _holds(window: Window, box: Box) -> bool:
    return _inside(window, round(box[0]), round(box[1])) and _inside(window, round(box[2]), round(box[3]))


def _numbers(
    picture: Picture,
    window: Window,
    layer: Layer,
    chosen: "np.ndarray[tuple[int], np.dtype[np.intp]]",
    look: str,
    ink: str,
) -> None:
    """Parcel numbers where they fit inside their plot and on nothing else."""
    size = 210
    boxes = layer.boxes[chosen]
    # What is narrower than a digit on paper cannot hold a number: do not look for its middle.
    roomy = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) * window.per_m > size
    chosen = chosen[roomy & np.array([bool(layer.numbers[i]) for i in chosen], dtype=bool)][:_MOST_NUMBERS]
    points, radius_m = inner_points(layer.shapes[chosen], 0.3)
    for i, (east, north), radius in zip(
        chosen.tolist(), points.tolist(), (radius_m * window.per_m).tolist(), strict=True
    ):
        words = shown(layer.numbers[i])[:12]
        wide = width_of(words, size)
        if radius * 2 < size * 0.9 or radius * 2.6 < wide or not np.isfinite(east):
            continue
        x, y = window.point(east, north)
        box = (x - wide / 2 - 20, y - size * 0.45, x + wide / 2 + 20, y + size * 0.45)
        if _holds(window, box) and picture.room.free(box):
            picture.room.take(box)
            picture.text(x, round(y + size * 0.33), words, size, look, fill=ink)
