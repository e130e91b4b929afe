"""Runs of parcels in a tile: which parcels are written together, so that what is written can be kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from tiles.outlines import Ints
from tiles.pieces import Piece

ONE_IN: Final = 512
"""A run begins at one version in so many."""
PLACES: Final = 64
"""A run has room for a multiple of so many values."""

_SCATTER: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Run:
    """Features of some versions (ids, in order) in one tile, with their values, which begin at the place `first` of the layer.

    end: the first place behind them. odd: those of the versions that are drawn elsewhere.
    """

    ids: Ints
    first: int
    end: int
    features: Piece
    values: Piece
    odd: Ints

    def shows(self, ids: Ints, first: int) -> bool:
        """Whether it is the run of these versions at this place."""
        return self.first == first and np.array_equal(self.ids, ids)


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one tile, and those of their versions that are drawn the careful way, as one more."""

    runs: tuple[Run, ...]
    odd: Run | None


def spans(ids: Ints) -> Iterator[tuple[int, int]]:
    """Where the runs of some versions begin and end: before each whose number scatters to 0, whatever stands beside it."""
    scattered = ids.astype(np.uint64) * _SCATTER >> np.uint64(32)
    begins = np.flatnonzero(scattered % np.uint64(ONE_IN) == 0)
    cuts = [0, *begins[begins > 0].tolist(), ids.size]
    return pairwise(cuts)
