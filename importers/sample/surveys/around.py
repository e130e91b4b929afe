"""What the sample's surveys are held against: the town as its register would hold it, without a database."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import shapely

from importers.check.context import Box, Context, LandUse, Nobody, Parcels
from importers.sample.place import COMMUNE, COMMUNE_NAME, EPSG, Parcel

ON: Final = date(2026, 1, 15)
MARGIN_M: Final = 25.0


class Town:
    """The registered parcels of the place; codes are invented but unique ("t" and eleven digits)."""

    def __init__(self, parcels: Sequence[Parcel]) -> None:
        shapes = np.array([parcel.shape for parcel in parcels], dtype=object)
        self._all = Parcels(
            [f"t{index:011}" for index in range(len(parcels))],
            [parcel.sheet for parcel in parcels],
            [parcel.number for parcel in parcels],
            [parcel.land_use for parcel in parcels],
            shapely.area(shapes),
            np.array([parcel.legal_area_m2 for parcel in parcels]),
            np.array([parcel.scale for parcel in parcels], dtype=np.int32),
            shapes,
        )
        self._tree = shapely.STRtree(shapes)
        self._of = {(parcel.sheet, parcel.number): index for index, parcel in enumerate(parcels)}

    def parcels(self, box: Box) -> Parcels:
        """Those that meet the box."""
        return self._rows(sorted(self._tree.query(shapely.box(*box), predicate="intersects").tolist()))

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        """Those with these (sheet, number)."""
        return self._rows(sorted({self._of[key] for key in keys if key in self._of}))

    def outline(self) -> shapely.Geometry:
        """The commune: the place and a margin of 25 m."""
        return shapely.buffer(shapely.coverage_union_all(self._all.shape), MARGIN_M)

    def last_numbers(self) -> dict[str, int]:
        """Sheet → largest number."""
        last: dict[str, int] = {}
        for sheet, number in zip(self._all.sheet, self._all.number, strict=True):
            last[sheet] = max(last.get(sheet, 0), int(number))
        return last

    def _rows(self, rows: list[int]) -> Parcels:
        every = self._all
        return Parcels(
            [every.code[row] for row in rows],
            [every.sheet[row] for row in rows],
            [every.number[row] for row in rows],
            [every.land_use[row] for row in rows],
            every.area_m2[rows],
            every.legal_area_m2[rows],
            every.scale[rows],
            every.shape[rows],
        )


def context_of(parcels: Sequence[Parcel], land_uses: Mapping[str, LandUse]) -> Context:
    """The commune with its register; `land_uses` as the caller knows them."""
    town = Town(parcels)
    return Context(
        on=ON,
        commune=COMMUNE,
        commune_name=COMMUNE_NAME,
        urban=True,
        epsg=EPSG,
        outline=town.outline(),
        near=town,
        land_uses=land_uses,
        last_numbers=town.last_numbers(),
        has_register=True,
    )


def alone(land_uses: Mapping[str, LandUse]) -> Context:
    """No commune, no register: a file on its own."""
    return Context(on=ON, near=Nobody(), land_uses=land_uses)
