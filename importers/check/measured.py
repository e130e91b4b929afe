"""The plots of a survey as the rules see them: in one order, in the zone, on the millimetre."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import looks_like
from geo.ragged import Shapes
from geo.shapes import GRID_M, finite, round_mm
from geo.tolerance import AREA_M2
from importers.check import words
from importers.check.context import Context
from importers.check.places import Place, inside, start
from importers.datum.placed import Placed
from importers.plots import Drawn, Plot

_LEAST_M2 = 1e-4
_FIELDS = frozenset({"field", "perennial", "forest", "aquaculture", "livestock", "salt"})


@dataclass(frozen=True, slots=True)
class Measured:
    """All plots, in order; arrays are (n,).

    file: the position of each one's file. raw: shapes where `Placed` has them, not rounded; shapes: on the millimetre.
    ground: the same, mended where they cross themselves, to lay beside others; None where that is no ground, or the
    plot is no parcel. area_m2 is that of the ground, NaN without. metres: whether lengths and areas can be told.
    strayed: plots told to lie far away, which are not held against commune and register. scales: learned from the register
    where the file does not say.
    """

    plots: list[Plot]
    drawn: Sequence[Drawn]
    file: NDArray[np.int64]
    epsg: int | None
    trusted: bool
    metres: bool
    raw: Shapes
    shapes: Shapes
    ground: Shapes
    area_m2: NDArray[np.float64]
    context: Context
    strayed: frozenset[int] = frozenset()
    scales: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.plots)

    def record(self, k: int) -> str:
        """Plot k in the user's terms."""
        return words.record(self.plots[k], self.drawn[self.file[k]].name if len(self.drawn) > 1 else None)

    def called(self, k: int) -> tuple[str, str]:
        """Plot k in a sentence, Vietnamese and English."""
        return words.called(self.plots[k])

    def scale(self, k: int) -> int | None:
        """The scale plot k is held to, None where unknown or not in the tables."""
        scale = self.plots[k].scale or self.scales.get(k)
        return scale if scale in AREA_M2 else None

    def sound(self, k: int) -> bool:
        """Whether plot k has ground as it was drawn: what is wrong with mended ground is told with its boundary."""
        return self.ground[k] is not None and self.ground[k] is self.shapes[k]

    def parcels(self) -> list[int]:
        """The plots that are parcels: roads and boundaries on paper are not judged."""
        return [k for k, plot in enumerate(self.plots) if plot.kind == "parcel"]

    def agricultural(self, k: int) -> bool:
        """Whether plot k is farmland and nothing else."""
        return agricultural(self.plots[k].land_use, self.context)

    def place(self, k: int) -> Place:
        """A point of plot k, where it has one."""
        if self.ground[k] is not None:
            return inside(self.ground[k])
        return start(self.shapes[k]) if self.shapes[k] is not None else {}

    def corner(self, k: int, x: float, y: float) -> str:
        """The name of the corner of plot k nearest to a point of the zone: the surveyor's, else its number in the ring."""
        ring = exterior(self.raw[k])
        at = int(np.argmin(np.hypot(ring[:, 0] - x, ring[:, 1] - y)))
        names = self.plots[k].corners
        return names[at] if len(names) == len(ring) else str(at + 1)


def exterior(shape: shapely.Geometry) -> NDArray[np.float64]:
    """The corners (n, 2) of the (first part's) exterior ring, the first not repeated."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(shape)[0]))
    return ring[:-1] if len(ring) > 1 else ring


def agricultural(land_use: str | None, context: Context) -> bool:
    """Whether every part of a land-use code is of the agricultural group (rules §7.1)."""
    codes = [part.strip().upper() for part in (land_use or "").split("+")]
    known = [context.land_uses.get(code) for code in codes]
    return bool(land_use) and all(one is not None and one.family in _FIELDS for one in known)


def measured(drawn: Sequence[Drawn], placed: Placed, context: Context) -> Measured:
    """The plots of all files, ready for the rules."""
    plots = [plot for one in drawn for plot in one.plots]
    file = np.repeat(np.arange(len(drawn)), [len(one.plots) for one in drawn]).astype(np.int64)
    raw = placed.shapes.copy()
    kind = shapely.get_type_id(raw)
    raw[~(np.isin(kind, (3, 6)) & finite(raw)) | shapely.is_empty(raw)] = None
    there = ~shapely.is_missing(raw)
    metres = placed.metres and (placed.epsg is not None or _metric(raw, drawn))
    shapes = raw.copy()
    if metres and there.any():
        shapes[there] = round_mm(raw[there])
    ground = np.full(raw.size, None, dtype=object)
    area = np.full(raw.size, np.nan)
    if metres:
        wanted = there & np.array([plot.kind == "parcel" for plot in plots], dtype=bool)
        good = wanted & shapely.is_valid(shapes)
        ground[good] = shapes[good]
        for k in np.flatnonzero(wanted & ~good).tolist():
            ground[k] = _mended(shapes[k])
        area = shapely.area(ground)
        ground[~(area > _LEAST_M2)] = None
        area[shapely.is_missing(ground)] = np.nan
    return Measured(
        plots, drawn, file, placed.epsg, placed.trusted, metres, raw, shapes, ground, area, context, placed.strayed
    )  # fmt: skip


def _metric(raw: Shapes, drawn: Sequence[Drawn]) -> bool:
    """Whether coordinates without a place look like metres, not like degrees of Vietnam or of a system that is told."""
    if shapely.is_missing(raw).all():
        return True
    box = shapely.total_bounds(raw)
    if not np.isfinite(box).all() or any(one.unit_m not in (None, 1.0) for one in drawn):
        return False
    if any(one.unit_m is None and one.crs is not None for one in drawn):
        return False
    return looks_like(*box.tolist()) not in ("lon_lat", "lat_lon")


def _mended(shape: shapely.Geometry) -> shapely.Geometry | None:
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    faces = parts[shapely.get_type_id(parts) == 3]
    # Snapping as it unites keeps faces whole that rounding alone would spoil: beside a crossing they are thin.
    whole = shapely.union_all(faces, grid_size=GRID_M)
    return whole if shapely.get_type_id(whole) in (3, 6) and not shapely.is_empty(whole) else None
