"""Where faults are planted: a block with its edges and neighbours, a kind of fault, and the truth about a planted one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import shapely

from importers.sample.bands import Array
from importers.sample.place import Parcel
from importers.sample.surveys.rings import rings
from importers.sample.surveys.survey import Lot, Survey, labelled, survey_of

T = TypeVar("T")
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a check must say. plots: numbers of the plots, one of which it must name. at: or the place (EPSG:5899), within
    a metre. Neither for faults of the whole file. lines: or the lines of the file, one of which it must name. size (m²)
    and width_m where the fault has an extent."""

    plots: frozenset[str] = frozenset()
    at: Point | None = None
    lines: frozenset[int] = frozenset()
    size: float | None = None
    width_m: float | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A survey with one fault. alone: to be checked without commune and register; unregistered: in a commune that has no
    register yet. told_sheet: whether the surveyor gives the sheet of the file."""

    survey: Survey
    truth: Truth
    alone: bool = False
    unregistered: bool = False
    told_sheet: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge from start to end, counter-clockwise round lot number `lot`; `beside` the lot on its other side, None where
    a registered parcel outside the survey lies there."""

    lot: int
    start: Point
    end: Point
    beside: int | None

    @property
    def length_m(self) -> float:
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))


Planting = Callable[["Block", np.random.Generator], Planted]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault. needs: what a format must hold to carry it, words separated by blanks."""

    name: str
    rule: str
    plant: Planting
    needs: str = ""

    def fits(self, holds: frozenset[str]) -> bool:
        """Whether a format that holds these can carry it."""
        return frozenset(self.needs.split()) <= holds


@dataclass(frozen=True, slots=True)
class Block:
    """The clean survey of a block in its town: edges of at least four metres, corners no parcel outside the block has, and
    those that one has too."""

    survey: Survey
    edges: tuple[Edge, ...]
    corners: dict[Point, tuple[int, ...]]
    own_corners: tuple[Point, ...]
    border_corners: tuple[Point, ...]
    last_number: int
    town: tuple[Parcel, ...] = field(repr=False)

    @property
    def inner(self) -> list[Edge]:
        return [edge for edge in self.edges if edge.beside is not None]

    @property
    def outer(self) -> list[Edge]:
        return [edge for edge in self.edges if edge.beside is None]

    @property
    def lots(self) -> tuple[Lot, ...]:
        return self.survey.lots

    def with_lots(self, changed: dict[int, Lot | None], *more: Lot) -> Survey:
        """The survey with some lots changed or left out (None), and more behind them."""
        lots = [changed.get(index, lot) for index, lot in enumerate(self.lots)]
        return replace(self.survey, lots=(*(lot for lot in lots if lot is not None), *more))

    def number(self, index: int) -> str:
        """The number of a lot."""
        return str(self.lots[index].number)

    def new_number(self) -> str:
        """The next number of the sheet."""
        return str(self.last_number + 1)


def block_of(parcels: Sequence[Parcel], town: Sequence[Parcel]) -> Block:
    """The block of these parcels, all of one sheet, in the town."""
    survey = survey_of(parcels)
    mine = {id(parcel) for parcel in parcels}
    box = shapely.box(*shapely.total_bounds(np.array([parcel.shape for parcel in parcels])))
    outside = {
        (x, y)
        for parcel in town
        if id(parcel) not in mine and parcel.shape.intersects(box)
        for x, y in shapely.get_coordinates(parcel.shape).tolist()
    }
    sides: dict[tuple[Point, Point], int] = {}
    corners: dict[Point, tuple[int, ...]] = {}
    for index, lot in enumerate(survey.lots):
        for ring in rings(lot):
            around = [(x, y) for x, y in ring.tolist()]
            for start, end in zip(around, [*around[1:], around[0]], strict=True):
                sides[start, end] = index
                corners[start] = (*corners.get(start, ()), index)
    edges = []
    for (start, end), index in sides.items():
        beside = sides.get((end, start))
        edge = Edge(index, start, end, beside)
        if edge.length_m >= 4 and (beside is not None or (start in outside and end in outside)):
            edges.append(edge)
    own = tuple(corner for corner, lots in corners.items() if corner not in outside and len(lots) > 1)
    border = tuple(corner for corner in corners if corner in outside)
    last = max(int(parcel.number) for parcel in town if parcel.sheet == parcels[0].sheet)
    return Block(survey, tuple(edges), corners, own, border, last, tuple(town))


def reshaped(lot: Lot, ring: Sequence[Point] | Array) -> Lot:
    """The lot within another ring, its written area and label to match; coordinates to the millimetre."""
    shape = shapely.Polygon(np.round(np.asarray(ring, dtype=np.float64), 3))
    changed = replace(lot, shape=shape, told_area_m2=round(shape.area, 1))
    inside = lot.label is not None and shapely.contains_xy(shape.buffer(-0.3), *lot.label)
    return changed if inside else labelled(changed)


def around(lot: Lot) -> list[Point]:
    """The corners of the lot's outer ring in order, the first not repeated."""
    return [(x, y) for x, y in rings(lot)[0].tolist()]


def outward(edge: Edge, along: float, out_m: float) -> Point:
    """A point beside an edge: `along` its length as a fraction, `out_m` metres out of its lot; to the millimetre."""
    dx, dy = edge.end[0] - edge.start[0], edge.end[1] - edge.start[1]
    length = edge.length_m
    x = edge.start[0] + along * dx + out_m * dy / length
    y = edge.start[1] + along * dy - out_m * dx / length
    return round(x, 3), round(y, 3)


def distance_m(edge: Edge, point: Point) -> float:
    """How far out of its lot a point lies from an edge, metres; negative within."""
    dx, dy = edge.end[0] - edge.start[0], edge.end[1] - edge.start[1]
    return float((point[0] - edge.start[0]) * dy - (point[1] - edge.start[1]) * dx) / edge.length_m


def stepped(point: Point, angle: float, far_m: float) -> Point:
    """The point `far_m` away under an angle (radians from east); to the millimetre."""
    return round(point[0] + far_m * float(np.cos(angle)), 3), round(
        point[1] + far_m * float(np.sin(angle)), 3
    )


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of them."""
    return choices[int(rng.integers(len(choices)))]


def log_uniform(rng: np.random.Generator, least: float, most: float) -> float:
    """A length, each order of size as likely."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))
