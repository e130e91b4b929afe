"""A survey before it is a file: the plots of one block, what stands beside them, and how the surveyor got it wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from importers.sample.bands import Array
from importers.sample.place import COMMUNE, Parcel

Encoding = Literal["utf-8", "tcvn3", "vni"]
METRES: Final = 6
"""$INSUNITS of a DXF in metres."""


@dataclass(frozen=True, slots=True)
class Lot:
    """One plot: shape in EPSG:5899, metres, east then north; it may be invalid, empty-handed or None where that is the
    fault. Its label stands at `label` (east, north). open: the last edge of its ring is not drawn. unknown_corner: its
    ring names a point that is nowhere in the file (formats with points only)."""

    number: str | None
    sheet: str | None
    shape: Polygon | MultiPolygon | None
    land_use: str | None
    scale: int | None = None
    legal_area_m2: float | None = None
    told_area_m2: float | None = None
    code: str | None = None
    address: str | None = None
    commune: str | None = COMMUNE
    label: tuple[float, float] | None = None
    open: bool = False
    unknown_corner: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside the plots: on a level of Appendix 21 (rules §9.1), at east, north (EPSG:5899)."""

    level: int
    text: str
    at: tuple[float, float]


def as_it_is(east_north: Array) -> Array:
    """Coordinates (n, 2) of the zone, unchanged."""
    return east_north


@dataclass(frozen=True, slots=True)
class Survey:
    """What one file holds.

    labels: texts that belong to no lot. lines: boundary lines (n, 2) beside those of the lots. arcs: edges (start, end) to
    be drawn as arcs, with their bulge (tangent of a quarter of the angle, left of the edge positive). layer: lines on a
    layer that says nothing. points: more named points (name, east, north). placing: EPSG:5899 → coordinates in the file.
    decimals: of its coordinates. spoil: what happens to the finished bytes.
    """

    lots: tuple[Lot, ...]
    labels: tuple[Label, ...] = ()
    lines: tuple[Array, ...] = ()
    arcs: tuple[tuple[tuple[float, float], tuple[float, float], float], ...] = ()
    layer: tuple[Array, ...] = ()
    points: tuple[tuple[str, float, float], ...] = ()
    placing: Callable[[Array], Array] = as_it_is
    encoding: Encoding = "utf-8"
    unit_code: int = METRES
    decimals: int = 4
    spoil: Callable[[bytes], bytes] | None = field(default=None)

    def placed(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape of the zone, in the coordinates of the file."""
        return shapely.transform(shape, self.placing)

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        """A point of the zone, in the coordinates of the file."""
        x, y = self.placing(np.array([point], dtype=np.float64))[0].tolist()
        return x, y


def survey_of(parcels: Sequence[Parcel]) -> Survey:
    """The plots as they are in the register, measured anew without a fault; areas to the decimetre (TT 10 art. 8.2a)."""
    return Survey(tuple(labelled(_lot(parcel)) for parcel in parcels))


def labelled(lot: Lot) -> Lot:
    """The lot with its label well inside its shape."""
    if lot.shape is None:
        return lot
    inside = shapely.maximum_inscribed_circle(lot.shape, 0.05).coords[0] if lot.shape.area > 0 else None
    x, y = inside if inside else lot.shape.representative_point().coords[0]
    return replace(lot, label=(round(x, 3), round(y, 3)))


def _lot(parcel: Parcel) -> Lot:
    return Lot(
        number=parcel.number,
        sheet=parcel.sheet,
        shape=parcel.shape,
        land_use=parcel.land_use,
        scale=parcel.scale,
        legal_area_m2=parcel.legal_area_m2,
        told_area_m2=round(parcel.shape.area, 1),
        address=parcel.address,
    )


def blocks(parcels: Sequence[Parcel], least: int = 38, most: int = 56) -> list[list[Parcel]]:
    """Street blocks of town lots on one sheet of 1:500, each whole, without a way inside, of `least` to `most` plots."""
    shapes = np.array([parcel.shape for parcel in parcels], dtype=object)
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="touches")
    shared = shapely.length(shapely.intersection(shapes[left], shapes[right]))
    beside: dict[int, list[int]] = {}
    for a, b in zip(left[shared > 0.5].tolist(), right[shared > 0.5].tolist(), strict=True):
        beside.setdefault(a, []).append(b)

    def in_town(index: int) -> bool:
        return parcels[index].kind in ("lot", "public") and parcels[index].scale == 500

    found, seen = [], set()
    for start in range(len(parcels)):
        if start in seen or not in_town(start):
            continue
        block, open_ends = [], [start]
        seen.add(start)
        while open_ends:
            here = open_ends.pop()
            block.append(here)
            for there in beside.get(here, ()):
                if there not in seen and in_town(there) and parcels[there].sheet == parcels[start].sheet:
                    seen.add(there)
                    open_ends.append(there)
        whole = shapely.coverage_union_all(shapes[block])
        # Where lots enclose an alley, a drawing of lines would show it as one more plot.
        if least <= len(block) <= most and shapely.get_num_interior_rings(whole) == 0:
            found.append([parcels[index] for index in sorted(block)])
    return found
