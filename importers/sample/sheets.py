"""The map sheets (tờ bản đồ) of the sample: frames by the national division, numbers of parcels in a zig-zag.

A frame is 1 km square at 1:2000, 500 m at 1:1000 and 250 m at 1:500. Where frames of several scales lie over a place, the
largest scale holds the parcel. Sheets are numbered from the smallest scale on, left to right and top to bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from importers.sample.bands import Array

SIZE_M: Final = {2000: 1000.0, 1000: 500.0, 500: 250.0}


@dataclass(frozen=True, slots=True)
class Frame:
    """One sheet: its number, the scale's denominator and the south-west corner in metres."""

    number: str
    scale: int
    west_m: float
    south_m: float

    @property
    def box(self) -> Polygon:
        size = SIZE_M[self.scale]
        return shapely.box(self.west_m, self.south_m, self.west_m + size, self.south_m + size)


def frames(east_m: float, north_m: float) -> tuple[Frame, ...]:
    """Twelve sheets around a crossing of the kilometre grid: four at 1:2000 and, over the town, eight at 1:500."""
    result: list[Frame] = []
    for scale, souths, wests in (
        (2000, (0.0, -1000.0), (-1000.0, 0.0)),
        (500, (0.0, -250.0), (-500.0, -250.0, 0.0, 250.0)),
    ):
        for south in souths:
            for west in wests:
                result.append(Frame(str(len(result) + 1), scale, east_m + west, north_m + south))
    return tuple(result)


def regions(sheets: Sequence[Frame]) -> list[BaseGeometry]:
    """The ground that each sheet answers for: its frame without the frames of larger scales."""
    return [
        shapely.difference(
            sheet.box, shapely.union_all([other.box for other in sheets if other.scale < sheet.scale])
        )
        for sheet in sheets
    ]


def sheet_of(sheets: Sequence[Frame], centres: Array) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Index of the sheet of each centre (n, 2)."""
    found = np.full(len(centres), -1, dtype=np.int64)
    for index, sheet in enumerate(sheets):
        offset = centres - (sheet.west_m, sheet.south_m)
        inside = ((offset >= 0) & (offset < SIZE_M[sheet.scale])).all(axis=1)
        found[inside] = index
    return found


def zigzag(centres: Array, north_m: float, step_m: float) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Numbers 1… for the centres (n, 2) of one sheet: rows of `step_m` from the top, to the east and back to the west."""
    row = np.floor((north_m - centres[:, 1]) / step_m).astype(np.int64)
    east = np.where(row % 2 == 0, centres[:, 0], -centres[:, 0])
    order = np.lexsort((centres[:, 1], east, row))
    numbers = np.empty(len(centres), dtype=np.int64)
    numbers[order] = np.arange(1, len(centres) + 1)
    return numbers
