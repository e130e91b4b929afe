"""Everything that can be drawn of a survey, made ready once for all its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import ZONES
from importers.check.checked import Checked
from importers.plots import Drawn
from importers.report.inner import drawable
from importers.report.picture import Box, Window
from importers.report.where import Spot, spots

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes with their boxes (n, 4) and the numbers written into them."""

    shapes: Objects
    boxes: NDArray[np.float64]
    numbers: list[str]

    def within(self, box: Box) -> NDArray[np.intp]:
        """Which may meet the box."""
        b = self.boxes
        meets = (b[:, 0] <= box[2]) & (b[:, 2] >= box[0]) & (b[:, 1] <= box[3]) & (b[:, 3] >= box[1])
        return np.flatnonzero(meets)

    def stroke(self, window: Window, widest: int) -> int:
        """How thick outlines are drawn, units: at most a thirtieth of the plots' middle size, lest they fill with ink."""
        if not len(self.boxes):
            return widest
        size_m = float(np.median((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1)))
        return min(widest, max(3, round(size_m * window.per_m / 30)))


@dataclass(frozen=True, slots=True)
class Scene:
    """The survey's plots and boundaries on paper (`legal`), registered parcels around, the commune's outline, and places
    of findings. box: where the survey is, without the few plots that lie very far from it (`far` of them). known: the
    coordinates are metres of a known zone; else of the file, and no scale can be told."""

    plots: Layer
    legal: Layer
    near: Layer
    outline: shapely.Geometry | None
    spots: list[Spot]
    box: Box
    far: int
    known: bool


def scene(checked: Checked, drawn: Sequence[Drawn]) -> Scene | None:
    """None where nothing can be drawn: no place at all, or degrees without a system."""
    ok = drawable(checked.shapes)
    legal = np.array([plot.kind == "legal" for plot in checked.plots], dtype=bool)
    places = spots(checked)
    boxes = shapely.bounds(checked.shapes[ok]) if ok.any() else np.empty((0, 4))
    points = np.array([(s.east, s.north) for s in places if s.index is None or not ok.any()]).reshape(-1, 2)
    if not len(boxes):
        boxes = np.column_stack((points, points))
    if not len(boxes):
        return None
    known = checked.epsg in ZONES
    if not known and (any(d.unit_m is None for d in drawn) or np.abs(boxes).max() <= 360):
        return None
    box, far = _home(boxes)
    words = [plot.number or "" for plot in checked.plots]
    return Scene(
        _layer(checked.shapes, ok & ~legal, words),
        _layer(checked.shapes, ok & legal, [""] * len(words)),
        _layer(checked.near.shape, drawable(checked.near.shape), checked.near.number),
        checked.outline if known else None,
        places,
        box,
        far,
        known,
    )


def _layer(shapes: Objects, chosen: NDArray[np.bool_], words: Sequence[str]) -> Layer:
    indices = np.flatnonzero(chosen).tolist()
    some = np.array([shapes[i] for i in indices], dtype=object)
    return Layer(some, shapely.bounds(some).reshape(-1, 4), [words[i] for i in indices])


def _home(boxes: NDArray[np.float64]) -> tuple[Box, int]:
    """The box of most of them: one plot at the other end of the street must not make all others dots. Where more than a
    tenth would be left out, they are no strays, and all are shown that are not at the other end of the country."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    off = np.abs(middle - np.median(middle, axis=0)).max(axis=1)
    size = np.median((boxes[:, 2:] - boxes[:, :2]).max(axis=1))
    home = off <= 4 * np.median(off) + 2 * size
    if (~home).sum() > len(home) / 10:
        home = off <= 20 * np.median(off) + 10 * size + 100
    kept = boxes[home]
    x0, y0 = kept[:, :2].min(axis=0).tolist()
    x1, y1 = kept[:, 2:].max(axis=0).tolist()
    return (x0, y0, x1, y1), int((~home).sum())
