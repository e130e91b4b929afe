"""Which registered parcel each plot measures anew, and which registered parcels the survey replaces."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.coverage import SURVEY_M, Overlaps, overlaps
from importers.check.beside import most_pairs
from importers.check.context import Parcels
from importers.check.measured import Measured
from importers.check.words import key

_SAME_IOU: Final = 0.5
_NEAR_IOU: Final = 0.1
_REPLACED: Final = 0.95
_PARTNER: Final = 0.1


@dataclass(frozen=True, slots=True)
class Matched:
    """of: plot → row of `near` it measures anew. single: those of them where neither takes in more than the other (no
    split, no merger). stay: which rows of `near` are not replaced. pairs: plots (i) and rows of `near` (j) that overlap.
    """

    near: Parcels = field(default_factory=Parcels)
    of: dict[int, int] = field(default_factory=dict)
    single: dict[int, int] = field(default_factory=dict)
    stay: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    pairs: Overlaps | None = None


def matched(m: Measured, near: Parcels) -> Matched:
    """Plots against registered parcels: by code, by sheet and number at the same place, by shape.

    A registered parcel is replaced when a plot measures it anew, or plots of the survey cover 95 % of it.
    """
    pairs = overlaps(m.ground, near.shape, least_m=SURVEY_M, most=most_pairs(len(m)))
    held = np.array([np.nan if one is None else one.area for one in near.shape], dtype=np.float64)
    iou = pairs.area_m2 / (m.area_m2[pairs.i] + held[pairs.j] - pairs.area_m2)
    share = pairs.area_m2 / m.area_m2[pairs.i]
    row_of = {code: r for r, code in enumerate(near.code)}
    keys = [key(sheet, number) for sheet, number in zip(near.sheet, near.number, strict=True)]
    candidates: dict[int, list[int]] = defaultdict(list)
    for p, i in enumerate(pairs.i.tolist()):
        candidates[i].append(p)
    of: dict[int, int] = {}
    for k in m.parcels():
        plot = m.plots[k]
        if plot.code in row_of:
            of[k] = row_of[plot.code]
            continue
        mine = key(plot.sheet, plot.number)
        best = max(candidates[k], key=lambda p: iou[p], default=None) if k in candidates else None
        for p in candidates.get(k, ()):
            if all(mine) and keys[pairs.j[p]] == mine and (iou[p] > _NEAR_IOU or share[p] > 0.5):
                of[k] = int(pairs.j[p])
                break
        else:
            if best is not None and iou[best] > _SAME_IOU:
                of[k] = int(pairs.j[best])
    covered = np.bincount(pairs.j, weights=pairs.area_m2, minlength=len(near))
    stay = ~(covered >= _REPLACED * held)
    stay[list(of.values())] = False
    partner = pairs.area_m2 > _PARTNER * np.minimum(m.area_m2[pairs.i], held[pairs.j])
    # Ground that went from one parcel to its neighbour, each of them measured anew by a plot of its own, is no split.
    row = np.full(len(m), -1, dtype=np.int64)
    row[list(of)] = list(of.values())
    taken = np.zeros(len(near), dtype=bool)
    taken[row[row >= 0]] = True
    partner &= (row[pairs.i] < 0) | (row[pairs.i] == pairs.j) | ~taken[pairs.j]
    of_plot = np.bincount(pairs.i[partner], minlength=len(m))
    of_parcel = np.bincount(pairs.j[partner], minlength=len(near))
    single = {k: r for k, r in of.items() if of_plot[k] == 1 and of_parcel[r] == 1}
    return Matched(near, of, single, stay, pairs)
