"""What rasters hold: a number for each parcel, that of its group of land uses, its sheet or its commune; and what the areas
of a number are told as."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import rasterize

from geo.web_map import WORLD_M
from tiles.block import Block
from tiles.low.sampled import Grid

SIDE = 1024
"""Squares along a side of a tile: two to a pixel of a 512-pixel tile."""
FORMAT = 2
"""Raised when the same parcels would give another raster, or another layer."""
_DIGEST = 8

Facts = Mapping[int, Mapping[str, str | int]]
"""Attributes by number."""


class Kind(Protocol):
    """What the squares of a layer's rasters hold."""

    layer: ClassVar[str]
    dtype: ClassVar[npt.DTypeLike]
    rows: ClassVar[str]
    """The statement of low.sql that tells of numbers; none where all is known."""

    def of_block(self, block: Block) -> Grid:
        """The number of each parcel (n,), from 1."""
        ...

    def digest(self) -> bytes:
        """8 bytes that differ where the same parcels have other numbers."""
        ...

    def told(self, grid: Grid, rows: Sequence[Any], z: int, x: int, y: int) -> tuple[Grid, Facts]:
        """What a tile's raster shows, and the attributes of its numbers; a number without any is not drawn."""
        ...


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of land uses: `names` in order, the first one that of codes no list knows; and the group of each code, from 1."""

    layer: ClassVar[str] = "land_use"
    dtype: ClassVar[npt.DTypeLike] = np.uint8
    rows: ClassVar[str] = ""

    names: Sequence[str]
    of: Mapping[str, int]

    def of_block(self, block: Block) -> Grid:
        """The group of each parcel (n,): that of the first code of a mixed land use ("ODT+CLN")."""
        known = [self.of.get(text.decode().split("+", 1)[0], 1) for text in block.texts]
        return np.array([*known, 0], np.uint8)[block.land_use]

    def digest(self) -> bytes:
        """Differs where a code has another group, or a group another number."""
        return _hash(self.names, sorted(self.of.items()))

    def told(self, grid: Grid, rows: Sequence[Any], z: int, x: int, y: int) -> tuple[Grid, Facts]:
        """Each group its name."""
        return grid, {k: {"family": name} for k, name in enumerate(self.names, 1)}


def groups_of(families: Sequence[tuple[str, str]]) -> Groups:
    """Groups out of land-use codes and their families. At most 254 families."""
    names = ("", *sorted({family for _, family in families}))
    number = {name: k + 1 for k, name in enumerate(names)}
    return Groups(names, {code: number[family] for code, family in families})


@dataclass(frozen=True, slots=True)
class Sheets:
    """Map sheets, by their number in the register."""

    layer: ClassVar[str] = "sheets"
    dtype: ClassVar[npt.DTypeLike] = np.dtype("<i4")
    rows: ClassVar[str] = "sheets"

    def of_block(self, block: Block) -> Grid:
        """The sheet of each parcel (n,)."""
        return block.grounds.sheet

    def digest(self) -> bytes:
        """Differs with the format alone."""
        return _hash(self.layer)

    def told(self, grid: Grid, rows: Sequence[Any], z: int, x: int, y: int) -> tuple[Grid, Facts]:
        """`rows`: id, number, scale (or None), code of the commune it was surveyed for."""
        told: dict[int, dict[str, str | int]] = {}
        for sheet, number, scale, commune in rows:
            told[sheet] = {
                "number": number,
                **({} if scale is None else {"scale": scale}),
                "commune": commune,
            }
        return grid, told


@dataclass(frozen=True, slots=True)
class Communes:
    """Communes, by their number in the register: by the outline handed in, and where a commune has none by its parcels."""

    layer: ClassVar[str] = "communes"
    dtype: ClassVar[npt.DTypeLike] = np.dtype("<i4")
    rows: ClassVar[str] = "communes"

    def of_block(self, block: Block) -> Grid:
        """The commune of each parcel (n,)."""
        return block.grounds.commune

    def digest(self) -> bytes:
        """Differs with the format alone."""
        return _hash(self.layer)

    def told(self, grid: Grid, rows: Sequence[Any], z: int, x: int, y: int) -> tuple[Grid, Facts]:
        """`rows`: id, code, name, kind, outline (EPSG:3857, WKB) or None. A square is of the outline its middle lies in: each
        is of one commune, however outlines handed in fit each other."""
        by_parcels = [row[0] for row in rows if row[4] is None]
        drawn = np.where(np.isin(grid, by_parcels), grid, 0).astype(np.int32)
        square = WORLD_M / (SIDE << z)
        west, north = x * SIDE * square - WORLD_M / 2, WORLD_M / 2 - y * SIDE * square
        given = [row for row in rows if row[4] is not None]
        reach = SIDE * square + square
        outlines = shapely.clip_by_rect(
            shapely.from_wkb(np.array([bytes(row[4]) for row in given], object)),
            west - square, north - reach, west + reach, north + square,
        )  # fmt: skip
        shapes = [(o, row[0]) for o, row in zip(outlines, given, strict=True) if not o.is_empty]
        if shapes:
            rasterize(shapes, out=drawn, transform=Affine(square, 0, west, 0, -square, north))
        return drawn, {row[0]: {"code": row[1], "name": row[2], "kind": row[3]} for row in rows}


def _hash(*of: object) -> bytes:
    return hashlib.sha256(repr((FORMAT, *of)).encode()).digest()[:_DIGEST]
