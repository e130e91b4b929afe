"""Runs of parcels in a tile: which parcels are written together, so that what is written can be kept."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Final

import numpy as np

from tiles.outlines import Ints
from tiles.pieces import Piece

_NO_VALUE: Final = np.frombuffer(b"\x22\x02\x38\x00", np.uint8)  # "no"
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

    @property
    def features(self) -> list[Piece]:
        """The features of all of them."""
        return [run.features for run in self._all]

    @property
    def values(self) -> list[Piece]:
        """Their values, and between them as many that nobody points at as it takes to the next one's place."""
        every = self._all
        spare = [_spare(after.first - run.end) for run, after in pairwise(every)]
        return [
            piece for pair in zip_longest([run.values for run in every], spare) for piece in pair if piece
        ]

    @property
    def _all(self) -> tuple[Run, ...]:
        return self.runs if self.odd is None else (*self.runs, self.odd)


def place_after(end: int, places: int) -> int:
    """Where the values of the next run begin: at a multiple of so many."""
    return -(-end // places) * places


@lru_cache
def _spare(count: int) -> Piece:
    return Piece(np.tile(_NO_VALUE, count))


def cuts_of(ids: Ints, one_in: int) -> list[int]:
    """Where the runs of some versions begin, and the end: before each whose number scatters to 0 of so many, whatever stands
    beside it."""
    scattered = ids.astype(np.uint64) * _SCATTER >> np.uint64(32)
    begins = np.flatnonzero(scattered % np.uint64(one_in) == 0)
    return [0, *begins[begins > 0].tolist(), ids.size]
