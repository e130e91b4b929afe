"""A drawing being made: SVG in hundredths of a millimetre of paper, a window onto the ground, and room for labels.

Looks stand as attributes, for print; each also has a class, by which the page darkens it. Nothing else is in the SVG: no
style, no script, no address but anchors of its own page.
"""

from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ragged import rings
from importers.report.inner import drawable
from importers.report.wording import shown

Objects = NDArray[np.object_]
Box = tuple[float, float, float, float]
FONT = "Libertinus Serif"
UNIT = 100
"""Units of one millimetre."""
_FAR = 1_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the ground on paper at 1:scale: its middle (east, north) stands in the middle of a frame of width × height
    units whose upper left corner is at left, top."""

    east: float
    north: float
    scale: float
    left: int
    top: int
    width: int
    height: int

    @property
    def per_m(self) -> float:
        """Units of one metre."""
        return 1000 * UNIT / self.scale

    def ground(self, beyond: int = 0) -> Box:
        """What it shows, and `beyond` units more on each side: east, north, east, north."""
        half_e = (self.width / 2 + beyond) / self.per_m
        half_n = (self.height / 2 + beyond) / self.per_m
        return self.east - half_e, self.north - half_n, self.east + half_e, self.north + half_n

    def paper(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Units right and down of points (n, 2: east, north)."""
        right = (xy[:, 0] - self.east) * self.per_m + self.left + self.width / 2
        down = (self.north - xy[:, 1]) * self.per_m + self.top + self.height / 2
        flat = np.clip(np.column_stack((right, down)), -_FAR, _FAR)
        units: NDArray[np.int64] = np.rint(flat).astype(np.int64)
        return units

    def point(self, east: float, north: float) -> tuple[int, int]:
        """One point on paper."""
        right = (east - self.east) * self.per_m + self.left + self.width / 2
        down = (self.north - north) * self.per_m + self.top + self.height / 2
        return round(min(max(right, -_FAR), _FAR)), round(min(max(down, -_FAR), _FAR))

    def cut(self, shapes: Objects, beyond: int = 200) -> Objects:
        """The parts of shapes near the window, thinned to what print can show; the others None or empty."""
        box = self.ground(beyond)
        thin = shapely.simplify(shapes, 2 / self.per_m, preserve_topology=False)
        thin = np.where(drawable(thin), thin, shapes)
        try:
            return np.asarray(shapely.clip_by_rect(thin, *box), dtype=object)
        except shapely.GEOSException:
            return np.asarray(thin, dtype=object)


def outlines(window: Window, shapes: Objects) -> str:
    """The path of polygons, holes left open however the rings were turned."""
    return "".join(each_outline(window, shapes))


def each_outline(window: Window, shapes: Objects) -> list[str]:
    """A path for each polygon that can be drawn, in order."""
    shapes = shapes[drawable(shapes)]
    if not len(shapes):
        return []
    r = rings(shapely.orient_polygons(shapes))
    flat = window.paper(np.column_stack((r.x, r.y)))
    drawn = [_ring(flat[first : end - 1]) for first, end in pairwise(r.ring.tolist())]
    return ["".join(drawn[first:end]) for first, end in pairwise(r.part[r.shape].tolist())]


def line_path(window: Window, shape: shapely.Geometry) -> str:
    """The path of a line, or of the outline of polygons."""
    parts = []
    for part in shapely.get_parts(shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape):
        if part.geom_type in ("LineString", "LinearRing") and not part.is_empty:
            flat = window.paper(shapely.get_coordinates(part))
            parts.append("M" + "L".join(f"{x} {y}" for x, y in flat.tolist()))
    return "".join(parts)


def _ring(flat: NDArray[np.int64]) -> str:
    if len(flat) < 2:
        return ""
    step = np.diff(flat, axis=0)
    step = step[(step != 0).any(axis=1)]
    x, y = flat[0].tolist()
    return f"M{x} {y}l" + " ".join(map(str, step.ravel().tolist())) + "z" if len(step) else ""


class Picture:
    """SVG being written, width × height units; `name` tells its own parts from those of other pictures of one page."""

    def __init__(self, name: str, width: int, height: int, title: str) -> None:
        self.name = name
        self.width = width
        self.height = height
        self.title = title
        self.room = Room()
        self._out: list[str] = []
        self._defs: list[str] = []

    def add(self, tag: str, look: str = "", **attributes: str | int | float) -> None:
        """One element; `look` is its class, underscores in names are hyphens."""
        self._out.append(f"<{tag}{_attributes(look, attributes)}/>")

    def open(self, tag: str, look: str = "", **attributes: str | int | float) -> None:
        """Begin a group."""
        self._out.append(f"<{tag}{_attributes(look, attributes)}>")

    def close(self, tag: str) -> None:
        """End a group."""
        self._out.append(f"</{tag}>")

    def text(
        self, x: int, y: int, words: str, size: int, look: str = "ink", **attributes: str | int | float
    ) -> None:
        """Words with their middle (or `text_anchor`) at x and their base line at y."""
        given: dict[str, str | int | float] = {"text_anchor": "middle", "fill": "#1a1a1a", **attributes}
        head = _attributes(look, {"x": x, "y": y, "font_size": size, **given})
        self._out.append(f"<text{head}>{escape(shown(words))}</text>")

    def define(self, xml: str) -> None:
        """A pattern or clip that elements refer to."""
        self._defs.append(xml)

    def clip_to(self, window: Window) -> str:
        """A reference to the frame, for clip_path."""
        name = f"{self.name}-frame"
        self.define(
            f'<clipPath id="{name}"><rect x="{window.left}" y="{window.top}" width="{window.width}"'
            f' height="{window.height}"/></clipPath>'
        )
        return f"url(#{name})"

    def svg(self) -> str:
        """The finished drawing."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"'
            f' width="{self.width / UNIT:g}mm" height="{self.height / UNIT:g}mm" font-family="{FONT}" role="img">'
            f"<title>{escape(shown(self.title))}</title><defs>{''.join(self._defs)}</defs>{''.join(self._out)}</svg>"
        )


def _attributes(look: str, attributes: dict[str, str | int | float]) -> str:
    written = f' class="{look}"' if look else ""
    for key, value in attributes.items():
        said = str(value) if isinstance(value, int) else escape(str(value), {'"': "&quot;"})
        written += f' {key.replace("_", "-")}="{said}"'
    return written


class Room:
    """What of the paper is taken, in boxes: found by squares of 4 mm, so that asking costs the same on a full sheet."""

    def __init__(self) -> None:
        self._taken: dict[tuple[int, int], list[Box]] = {}

    def free(self, box: Box) -> bool:
        """Whether nothing taken meets the box (x, y, x, y)."""
        x0, y0, x1, y1 = box
        return not any(
            x0 < other[2] and other[0] < x1 and y0 < other[3] and other[1] < y1
            for cell in _cells(box)
            for other in self._taken.get(cell, ())
        )

    def take(self, box: Box) -> None:
        """Keep others out of the box."""
        for cell in _cells(box):
            self._taken.setdefault(cell, []).append(box)


def _cells(box: Box) -> list[tuple[int, int]]:
    size = 4 * UNIT
    x0, y0, x1, y1 = (int(v // size) for v in box)
    return [(x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]
