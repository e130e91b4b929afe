"""Rasters of land-use groups as kept: a tile of zoom 11, 8 x 8 map cells, with the revision each cell was sampled at."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from isal import igzip

from geo.cells import CELL_ZOOM, place
from tiles.block import Block
from tiles.low.areas import SIDE
from tiles.low.sampled import SQUARES, Grid, commonest, squares

ZOOM = 11
FIRST_ZOOM = 6
_CELLS = 4 ** (CELL_ZOOM - ZOOM)
FORMAT = 1
"""Raised when the same parcels would give another raster, or another layer."""
_DIGEST = 8

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of land uses: `names` in order, the first one that of codes no list knows; and the group of each code, from 1."""

    names: Sequence[str]
    of: Mapping[str, int]

    def of_block(self, block: Block) -> Grid:
        """The group of each parcel (n,): that of the first code of a mixed land use ("ODT+CLN")."""
        known = [self.of.get(text.decode().split("+", 1)[0], 1) for text in block.texts]
        return np.array([*known, 0], np.uint8)[block.land_use]

    def digest(self) -> bytes:
        """Differs where a code has another group, or a group another number."""
        return hashlib.sha256(repr((FORMAT, self.names, sorted(self.of.items()))).encode()).digest()[:_DIGEST]


def groups_of(families: Sequence[tuple[str, str]]) -> Groups:
    """Groups out of land-use codes and their families. At most 254 families."""
    names = ("", *sorted({family for _, family in families}))
    number = {name: k + 1 for k, name in enumerate(names)}
    return Groups(names, {code: number[family] for code, family in families})


@dataclass(slots=True)
class Raster:
    """Squares (1024, 1024) of a tile of zoom 11, and the revision of each of its cells along the curve; -1: not sampled."""

    revisions: Ints
    grid: Grid

    def stale(self, revisions: Mapping[int, int]) -> list[int]:
        """The keys of cells that have another revision than they were sampled at."""
        return [key for key, revision in revisions.items() if self.revisions[key % _CELLS] != revision]

    def put(self, key: int, revision: int, block: Block, groups: Groups) -> None:
        """Sample a cell anew."""
        column, row = place(key % _CELLS)
        into = self.grid[row * SQUARES : (row + 1) * SQUARES, column * SQUARES : (column + 1) * SQUARES]
        into[:] = squares(block.outlines, groups.of_block(block))
        self.revisions[key % _CELLS] = revision


def empty() -> Raster:
    """A raster nothing was sampled for yet."""
    return Raster(np.full(_CELLS, -1, np.int64), np.zeros((SIDE, SIDE), np.uint8))


def to_bytes(raster: Raster, groups: Groups) -> bytes:
    """The packed form; `from_bytes` gives it back."""
    body: bytes = igzip.compress(raster.grid.tobytes(), 1, mtime=0)
    return groups.digest() + raster.revisions.astype("<i8").tobytes() + body


def from_bytes(body: bytes, groups: Groups) -> Raster:
    """The raster packed; an empty one where it was made with other groups, or is none."""
    head = _DIGEST + 8 * _CELLS
    if body[:_DIGEST] != groups.digest() or len(body) < head:
        return empty()
    unpacked: bytes = igzip.decompress(body[head:])  # type: ignore[no-untyped-call]
    grid = np.frombuffer(unpacked, np.uint8).reshape(SIDE, SIDE).copy()
    return Raster(np.frombuffer(body[_DIGEST:head], "<i8").astype(np.int64), grid)


def assembled(z: int, x: int, y: int, grids: Mapping[tuple[int, int], Grid]) -> Grid:
    """The raster of a tile of zoom `z`, out of those of the tiles of zoom 11 in it by column and row; others are empty."""
    side = 1 << (ZOOM - z)
    wide = SIDE // side
    out = np.zeros((SIDE, SIDE), np.uint8)
    for (column, row), grid in grids.items():
        across, down = (column - x * side) * wide, (row - y * side) * wide
        out[down : down + wide, across : across + wide] = commonest(grid, side) if side > 1 else grid
    return out
