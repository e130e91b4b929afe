"""What a survey is held against: the commune's maps as they stand, and the lists in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Parcels:
    """Current parcels of the register, one row each: shapes are Polygons or MultiPolygons in the context's zone (metres,
    rounded to the millimetre, valid); area_m2 and legal_area_m2 are NaN where unknown, scale 0 where unknown."""

    code: list[str] = field(default_factory=list)
    sheet: list[str] = field(default_factory=list)
    number: list[str] = field(default_factory=list)
    land_use: list[str] = field(default_factory=list)
    area_m2: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    legal_area_m2: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    scale: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    shape: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))

    def __len__(self) -> int:
        return len(self.code)


class Neighbourhood(Protocol):
    """Answers for the parcels around a place; costs a question to the register, or a look into the commune's package."""

    def parcels(self, box: Box) -> Parcels:
        """Current parcels that meet a box (east, north, east, north in the zone, metres)."""

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        """Current parcels of the commune with these (sheet, number)."""


class Nobody:
    """No register at hand: a file on its own."""

    def parcels(self, box: Box) -> Parcels:
        """None."""
        return Parcels()

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        """None."""
        return Parcels()


@dataclass(frozen=True, slots=True)
class LandUse:
    """A code of the land-use list (rules §7.1): a legacy code has a successor in force."""

    name_vi: str
    name_en: str
    family: str
    successor: str | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything the check knows besides the file. Each part may be missing; then its rules are not run and `Checked.left`
    says so.

    epsg: VN-2000 zone of the commune's maps; shapes of `outline` (the commune) and `near` are in it. urban: a ward
    (phường), where ODT is the code of homesteads; None unknown. last_numbers: sheet → the largest parcel number ever used.
    on: the day of the check.
    """

    on: date
    commune: str | None = None
    commune_name: str | None = None
    urban: bool | None = None
    epsg: int | None = None
    outline: shapely.Geometry | None = None
    near: Neighbourhood = field(default_factory=Nobody)
    land_uses: Mapping[str, LandUse] = field(default_factory=dict)
    last_numbers: Mapping[str, int] = field(default_factory=dict)
    has_register: bool = False
