"""A layer of a tile, put together from the bytes of its features and of the values their attributes point at."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.cells import CELL_ZOOM
from tiles import mvt
from tiles.block import Block
from tiles.outlines import CELL_BITS, GRID_ZOOM
from tiles.pieces import Piece

Cells = Mapping[tuple[int, int], Block]
"""Blocks by column and row of their cells."""


def cells_of(z: int, x: int, y: int) -> list[tuple[int, int]]:
    """Columns and rows of the cells a tile shows, its buffer included; of a tile from zoom 14 on the one it lies in,
    whose block reaches beyond the cell by the buffer."""
    if z >= CELL_ZOOM:
        return [(x >> (z - CELL_ZOOM), y >> (z - CELL_ZOOM))]
    wide, last = 1 << (CELL_ZOOM - z), (1 << CELL_ZOOM) - 1
    columns = range(max(0, x * wide - 1), min(last, (x + 1) * wide) + 1)
    rows = range(max(0, y * wide - 1), min(last, (y + 1) * wide) + 1)
    return [(column, row) for column in columns for row in rows]


def corner_of(z: int, x: int, y: int, column: int, row: int) -> tuple[int, int, int]:
    """By how many bits the grid of a cell is finer than that of a tile, and the tile's corner in units of its own from the
    cell's."""
    shift = GRID_ZOOM - z
    return (
        shift,
        x * mvt.EXTENT - (column << (CELL_BITS - shift)),
        y * mvt.EXTENT - (row << (CELL_BITS - shift)),
    )


def layer_of(
    name: str, keys: Sequence[str], features: Sequence[bytes | npt.NDArray[np.uint8]],
    values: Sequence[bytes | npt.NDArray[np.uint8]],
) -> bytes:  # fmt: skip
    """The layer `name`; nothing where it has no features."""
    if not any(len(one) for one in features):
        return b""
    head, named, extent = _around(name, keys)
    parts: list[Any] = [head, *features, named, *values, extent]
    return b"".join([b"\x1a", varint(sum(len(part) for part in parts)), *parts])


def layer_in_pieces(
    name: str, keys: Sequence[str], features: Sequence[Piece], values: Sequence[Piece]
) -> list[Piece | bytes]:
    """The same from pieces that come again."""
    if not any(len(one) for one in features):
        return []
    head, named, extent = _around(name, keys)
    size = len(head) + len(named) + len(extent) + sum(map(len, features)) + sum(map(len, values))
    return [b"\x1a" + varint(size) + head, *features, named, *values, extent]


def _around(name: str, keys: Sequence[str]) -> tuple[bytes, bytes, bytes]:
    """What stands before the features of a layer, before its values, and behind them."""
    named = b"".join(b"\x1a" + bytes([len(key)]) + key.encode() for key in keys)
    return b"\x78\x02\x0a" + bytes([len(name)]) + name.encode(), named, b"\x28\x80\x20"


def varint(value: int) -> bytes:
    """A whole number in so few bytes as it needs."""
    out = np.empty(10, np.uint8)
    return out[: mvt.varint(out, 0, value)].tobytes()


def text_values(texts: Sequence[str]) -> bytes:
    """Values that are short texts."""
    return b"".join(b"\x22" + bytes([len(t) + 2, 0x0A, len(t)]) + t.encode() for t in texts)


def whole_values(numbers: Sequence[int]) -> bytes:
    """Values that are whole numbers, from -8,192 to 8,191."""
    said = []
    for number in numbers:
        twice = 2 * number if number >= 0 else -2 * number - 1
        body = bytes([twice]) if twice < 128 else bytes([twice & 127 | 128, twice >> 7])
        said.append(b"\x22" + bytes([len(body) + 1, 0x30]) + body)
    return b"".join(said)
