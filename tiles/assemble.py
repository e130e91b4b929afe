"""A layer of a tile, put together from the bytes of its features and of the values their attributes point at."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tiles import mvt
from tiles.block import Block
from tiles.outlines import CELL_BITS, GRID_ZOOM

Cells = Mapping[tuple[int, int], Block]
"""Blocks by column and row of their cells."""


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
    named = b"".join(b"\x1a" + bytes([len(key)]) + key.encode() for key in keys)
    head = b"\x78\x02\x0a" + bytes([len(name)]) + name.encode()
    parts: list[Any] = [head, *features, named, *values, b"\x28\x80\x20"]
    return b"".join([b"\x1a", varint(sum(len(part) for part in parts)), *parts])


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
