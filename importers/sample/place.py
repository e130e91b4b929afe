"""The sample commune: about 3,000 parcels of a small town, its fields, canal and river, the same for the same seed.

The place is invented: only the code and the name of the commune are real, so that the register knows the unit. The
postcode is invented too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from geo.tolerance import area_tolerance_m2
from importers.sample import layout
from importers.sample.addresses import Address, addresses
from importers.sample.bands import Array
from importers.sample.ground import Ground, draw, split_at
from importers.sample.sheets import SIZE_M, Frame, frames, regions, sheet_of, zigzag
from importers.sample.weaving import weave

COMMUNE: Final = "20314"
COMMUNE_NAME: Final = "Phường Hòa Xuân"
PROVINCE_NAME: Final = "Đà Nẵng"
POSTCODE: Final = "50590"
EPSG: Final = 5899

_CUT_AT_FRAMES: Final = frozenset({"river", "canal", "bank", "dyke", "road", "path", "ditch"})
_LEAST_M2: Final = 1.5
_ROW_M: Final = {500: 32.0, 1000: 64.0, 2000: 120.0}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel (thửa đất): its keys, land use, legal area and address; shape in VN-2000 metres, east then north."""

    sheet: str
    scale: int
    number: str
    land_use: str
    legal_area_m2: float
    house: str | None
    street: str | None
    hamlet: str | None
    address: str | None
    kind: str
    shape: Polygon


@dataclass(frozen=True, slots=True)
class Place:
    """The sheets and parcels of one drawing. The shapes are one clean coverage on the millimetre grid of EPSG:5899."""

    frames: tuple[Frame, ...]
    parcels: tuple[Parcel, ...]

    @property
    def shapes(self) -> "NDArray[np.object_]":
        return np.array([parcel.shape for parcel in self.parcels], dtype=object)


def draw_place(seed: int = 1) -> Place:
    """The place drawn with `seed`: the main lines stay, blocks, lots, paddies and attributes change."""
    rng = np.random.default_rng(seed)
    near = frames(0.0, 0.0)
    ground_of = regions(near)
    drawn: list[Ground] = []
    for ground in draw(rng):
        drawn += split_at(ground, ground_of) if ground.kind in _CUT_AT_FRAMES else [ground]
    woven = weave([ground.shape for ground in drawn], _LEAST_M2)
    grounds = [drawn[owner] for owner, _ in woven]
    shapes = np.array([shape for _, shape in woven], dtype=object)
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    sheet = sheet_of(near, centres)
    numbers = np.zeros(len(shapes), dtype=np.int64)
    for index, frame in enumerate(near):
        mine = sheet == index
        top = frame.south_m + SIZE_M[frame.scale]
        numbers[mine] = zigzag(centres[mine], top, _ROW_M[frame.scale])
    areas = shapely.area(shapes)
    legal = _legal_areas(areas, [near[index].scale for index in sheet.tolist()], rng)
    uses = [_land_use(ground, area, rng) for ground, area in zip(grounds, areas.tolist(), strict=True)]
    named = addresses(grounds, shapes)
    placed = _moved(shapes)
    parcels = [
        Parcel(
            sheet=near[sheet[i]].number,
            scale=near[sheet[i]].scale,
            number=str(numbers[i]),
            land_use=uses[i],
            legal_area_m2=float(legal[i]),
            house=named[i].house,
            street=named[i].street,
            hamlet=named[i].hamlet,
            address=_text(named[i]),
            kind=grounds[i].kind,
            shape=placed[i],
        )
        for i in np.lexsort((numbers, sheet))
    ]
    return Place(frames(layout.ORIGIN_EAST_M, layout.ORIGIN_NORTH_M), tuple(parcels))


def _moved(shapes: "NDArray[np.object_]") -> "NDArray[np.object_]":
    origin = np.array([layout.ORIGIN_EAST_M, layout.ORIGIN_NORTH_M])
    moved: NDArray[np.object_] = shapely.transform(shapes, lambda xy: np.round(xy + origin, 3))
    return moved


def _legal_areas(areas_m2: Array, scales: Sequence[int], rng: np.random.Generator) -> Array:
    """Areas on the papers, one decimal: the measured one, at every eighth parcel off by less than the tolerance."""
    room = np.array([area_tolerance_m2(area, scale) for area, scale in zip(areas_m2, scales, strict=True)])
    off = np.where(rng.random(len(areas_m2)) < 0.12, rng.uniform(-0.8, 0.8, len(areas_m2)) * room, 0.0)
    return np.asarray(np.round(areas_m2 + off, 1), dtype=np.float64)


def _land_use(ground: Ground, area_m2: float, rng: np.random.Generator) -> str:
    """The land-use code, mixed as on the papers; decided here where the drawing left it open."""
    if ground.land_use:
        return ground.land_use
    chance = rng.random()
    if ground.kind == "garden":
        return "ONT+CLN" if chance < 0.72 else "ONT" if chance < 0.85 else "CLN"
    if ground.kind == "paddy":
        return "LUC" if chance < 0.93 else "LUK" if chance < 0.97 else "HNK"
    if ground.kind == "dry":
        return "HNK" if chance < 0.62 else "CLN" if chance < 0.85 else "NTS"
    if area_m2 > 330:
        return "ODT+CLN" if chance < 0.45 else "TMD" if chance < 0.6 else "SKC" if chance < 0.7 else "ODT"
    return "ODT" if chance < 0.93 else "TMD" if chance < 0.965 else "ODT+CLN" if chance < 0.985 else "CSD"


def _text(address: Address) -> str | None:
    """The address in one line, as it stands on the certificate since districts are gone."""
    parts = []
    if address.street:
        street = address.street if address.street.startswith(("Đường", "Thôn")) else f"Đường {address.street}"
        parts.append(f"{address.house} {street}" if address.house else street)
    if address.hamlet:
        parts.append(
            f"Xứ đồng {address.hamlet[5:]}" if address.hamlet.startswith("Đồng ") else address.hamlet
        )
    return ", ".join([*parts, COMMUNE_NAME, PROVINCE_NAME]) if parts else None
