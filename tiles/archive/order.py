"""What an archive is to hold: which layers and zooms, of which ground, as of when."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

from geo.cells import CELL_ZOOM
from geo.web_map import WORLD_M
from tiles.layers import LAYERS

FORMAT = 5
UNIT_ZOOM = 12
"""Work is cut into tiles of this zoom, each with all that lies under it."""
MOST_ZOOM = 18


Box = tuple[float, float, float, float]
Tiles = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Order:
    """`boxes`: what tiles are to show something of (EPSG:3857: west, south, east, north); None: all. `seq`, `day`: the
    register's state, as in `register.clocks.Moment`; `made_at` says the same to people. `past`: whether it was asked for."""

    layers: tuple[str, ...]
    min_zoom: int
    max_zoom: int
    boxes: tuple[Box, ...] | None
    seq: int
    day: date
    made_at: str
    past: bool
    format: int = FORMAT

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The order `to_json` wrote. Raises: ValueError, KeyError, TypeError."""
        told = json.loads(text)
        boxes = None if told["boxes"] is None else tuple(tuple(box) for box in told["boxes"])
        more = {"boxes": boxes, "layers": tuple(told["layers"]), "day": date.fromisoformat(told["day"])}
        return cls(**told | more)

    def to_json(self) -> str:
        """The order as text."""
        return json.dumps(asdict(self), default=str)

    def same_ask(self, other: "Order") -> bool:
        """Whether both ask for the same, be the register as it may."""
        return (*self._ask(), self.past and self.seq) == (*other._ask(), other.past and other.seq)

    def _ask(self) -> tuple[object, ...]:
        return self.layers, self.min_zoom, self.max_zoom, self.boxes, self.day, self.past, self.format

    def names(self, z: int, *, from_blocks: bool) -> list[str]:
        """The layers that have content at a zoom, made from blocks or not."""
        return [
            name
            for name, layer in LAYERS.items()
            if name in self.layers
            and layer.min_zoom <= z <= layer.max_zoom
            and layer.from_blocks == from_blocks
        ]

    def wanted(self, z: int) -> "Wanted":
        """Which tiles of a zoom are wanted."""
        return Wanted(None if self.boxes is None else tiles_of(z, self.boxes))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A set of tiles of one zoom: (n, 2) columns and rows; None: all."""

    tiles: Tiles | None

    def within(self, x: int, y: int, levels: int) -> set[tuple[int, int]] | None:
        """Those under a tile so many levels above; None: all of them."""
        if self.tiles is None:
            return None
        under = self.tiles[((self.tiles >> levels) == (x, y)).all(axis=1)]
        return set(map(tuple, under.tolist()))


def tiles_of(z: int, boxes: Sequence[Box]) -> Tiles:
    """Columns and rows (n, 2) of the tiles that boxes (EPSG:3857) touch, sorted, each once."""
    box = np.asarray(boxes, np.float64).reshape(-1, 4)
    size, last = WORLD_M / (1 << z), (1 << z) - 1
    first = np.clip(
        np.floor(np.column_stack([box[:, 0] + WORLD_M / 2, WORLD_M / 2 - box[:, 3]]) / size), 0, last
    )
    end = np.clip(
        np.floor(np.column_stack([box[:, 2] + WORLD_M / 2, WORLD_M / 2 - box[:, 1]]) / size), 0, last
    )
    first, wide = first.astype(np.int64), (end - first + 1).astype(np.int64)
    count = wide.prod(axis=1)
    of = np.repeat(np.arange(count.size), count)
    k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    tiles = np.column_stack([first[of, 0] + k % wide[of, 0], first[of, 1] + k // wide[of, 0]])
    return np.unique(tiles, axis=0)


def units_of(order: Order, cells: Tiles, more: Sequence[Box]) -> list[tuple[int, int]]:
    """The units an archive is made of: those with cells (n, 2) of parcels or other shapes in them, and wanted."""
    drawn = [cells >> (CELL_ZOOM - UNIT_ZOOM)]
    if more:
        drawn.append(tiles_of(UNIT_ZOOM, more))
    units = set(map(tuple, np.unique(np.concatenate(drawn), axis=0).tolist()))
    if order.boxes is not None:
        units &= set(map(tuple, tiles_of(UNIT_ZOOM, order.boxes).tolist()))
    return sorted(units)
