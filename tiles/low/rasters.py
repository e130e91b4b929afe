"""Rasters of tiles. Far out they are made of those kept, each a tile of zoom 11 with the revision each of its 8 x 8 cells was
sampled at; nearer they are sampled when they are asked for, since few cells lie in a tile."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from isal import igzip

from geo.cells import CELL_ZOOM, place
from tiles.block import Block
from tiles.low.kinds import SIDE, Kind
from tiles.low.sampled import SQUARES, Grid, commonest, squares

ZOOM = 11
FIRST_ZOOM = 6
_CELLS = 4 ** (CELL_ZOOM - ZOOM)
_DIGEST = 8

Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class Raster:
    """Squares (1024, 1024) of a tile of zoom 11, and the revision of each of its cells along the curve; -1: not sampled."""

    revisions: Ints
    grid: Grid

    def stale(self, revisions: Mapping[int, int]) -> list[int]:
        """The keys of cells that have another revision than they were sampled at."""
        return [key for key, revision in revisions.items() if self.revisions[key % _CELLS] != revision]

    def put(self, key: int, revision: int, block: Block, kind: Kind) -> None:
        """Sample a cell anew."""
        column, row = place(key % _CELLS)
        into = self.grid[row * SQUARES : (row + 1) * SQUARES, column * SQUARES : (column + 1) * SQUARES]
        into[:] = squares(block.outlines, kind.of_block(block))
        self.revisions[key % _CELLS] = revision


def empty(kind: Kind) -> Raster:
    """A raster nothing was sampled for yet."""
    return Raster(np.full(_CELLS, -1, np.int64), np.zeros((SIDE, SIDE), kind.dtype))


def to_bytes(raster: Raster, kind: Kind) -> bytes:
    """The packed form; `from_bytes` gives it back."""
    body: bytes = igzip.compress(raster.grid.tobytes(), 1, mtime=0)
    return kind.digest() + raster.revisions.astype("<i8").tobytes() + body


def from_bytes(body: bytes, kind: Kind) -> Raster:
    """The raster packed; an empty one where it was made with other numbers, or is none."""
    head = _DIGEST + 8 * _CELLS
    if body[:_DIGEST] != kind.digest() or len(body) < head:
        return empty(kind)
    unpacked: bytes = igzip.decompress(body[head:])  # type: ignore[no-untyped-call]
    grid = np.frombuffer(unpacked, kind.dtype).reshape(SIDE, SIDE).copy()
    return Raster(np.frombuffer(body[_DIGEST:head], "<i8").astype(np.int64), grid)


def assembled(z: int, x: int, y: int, grids: Mapping[tuple[int, int], Grid]) -> Grid:
    """The raster of a tile of zoom `z`, out of those of the tiles of zoom 11 in it by column and row; others are empty."""
    out = np.zeros((SIDE, SIDE), next((grid.dtype for grid in grids.values()), np.uint8))
    for at, grid in grids.items():
        put_in(out, z, x, y, at, grid)
    return out


def put_cell(out: Grid, z: int, x: int, y: int, key: int, block: Block, kind: Kind) -> None:
    """Sample a cell in its place in the raster of the tile of zoom `z`, 12 or 13, it lies in."""
    side = SIDE >> (CELL_ZOOM - z)
    column, row = place(key)
    across, down = (column - (x << (CELL_ZOOM - z))) * side, (row - (y << (CELL_ZOOM - z))) * side
    out[down : down + side, across : across + side] = squares(block.outlines, kind.of_block(block), side)


def put_in(out: Grid, z: int, x: int, y: int, at: tuple[int, int], grid: Grid) -> None:
    """Put the raster of the tile of zoom 11 in this column and row in its place in that of a tile of zoom `z`."""
    side = 1 << (ZOOM - z)
    wide = SIDE // side
    across, down = (at[0] - x * side) * wide, (at[1] - y * side) * wide
    out[down : down + wide, across : across + wide] = commonest(grid, side) if side > 1 else grid
