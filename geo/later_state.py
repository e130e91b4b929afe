"""A later state of map sheets laid beside an earlier one: which plot is which parcel, moved, reshaped, new, gone, split."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import overlaps
from geo.ragged import Shapes
from geo.sheet_shift import LEAST_PAIRS, Shift, alike, estimate, moved, supports

Indexes = NDArray[np.int64]

_THERE_IOU = 0.1
_THERE_SHARE = 0.5
_RENUMBERED_IOU = 0.9
_KIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class State:
    """Parcels (n,) of one VN-2000 zone in metres: shape, sheet, and the key that tells them (None: it has none)."""

    shape: Shapes
    sheet: Indexes
    key: Sequence[Hashable | None]


@dataclass(slots=True)
class Compared:
    """What became of each. Rows are those of the earlier state, plots those of the later.

    row: of each plot, -1 none. same: its shape is the row's, the shift of its sheet taken away. first: of each plot, itself
    or the plot it is a second record of. back: the plots' shapes, the shift taken away. twin: rows that stand a second time
    in the earlier state and are one with their first. shift: by sheet. of_plot, of_row: `reshaped`, `new`, `gone`, `split`,
    `merged`, `same`, or `doubled`. kin: pairs (plot, row) of splits and mergers.
    """

    row: Indexes
    same: NDArray[np.bool_]
    first: Indexes
    back: Shapes
    twin: NDArray[np.bool_]
    shift: dict[int, Shift]
    of_plot: list[str] = field(default_factory=list)
    of_row: list[str] = field(default_factory=list)
    kin: list[tuple[int, int]] = field(default_factory=list)

    @property
    def doubled(self) -> int:
        """How many records only say again what another says."""
        return int((self.first != np.arange(len(self.first))).sum())


def compare(was: State, now: State, within_m: dict[int, float]) -> Compared:
    """The later state `now` against the earlier one; `within_m` by sheet: farther corners were really moved."""
    first = _first(now)
    plots = np.flatnonzero(first == np.arange(len(first)))
    row = np.full(len(first), -1, dtype=np.int64)
    _by_key(was, now, plots, row)
    shift = _shifts(was, now, row, within_m)
    back = _back(now, shift)
    _not_there(was, back, row)
    _by_place(was, now, back, plots, row)
    same = np.zeros(len(first), dtype=np.bool_)
    for sheet, within in within_m.items():
        mine = np.flatnonzero((row >= 0) & (now.sheet == sheet))
        same[mine] = alike(was.shape[row[mine]], back[mine], within)
    made = Compared(row, same, first, back, np.zeros(len(was.shape), dtype=np.bool_), shift)
    _twins(was, made, within_m)
    _kin(was, plots, made)
    return made


def _first(now: State) -> Indexes:
    """Of each plot the first with the same key on the same sheet and the same shape."""
    seen: dict[Hashable, int] = {}
    wkb = shapely.to_wkb(shapely.normalize(now.shape))
    told = zip(now.sheet.tolist(), now.key, wkb, strict=True)
    return np.array([seen.setdefault(one, k) for k, one in enumerate(told)], dtype=np.int64)


def _by_key(was: State, now: State, plots: Indexes, row: Indexes) -> None:
    """Keys that stand once in either state."""
    mine = Counter(now.key[k] for k in plots.tolist())
    theirs: dict[Hashable, list[int]] = defaultdict(list)
    for r, key in enumerate(was.key):
        if key is not None:
            theirs[key].append(r)
    for k in plots.tolist():
        key = now.key[k]
        found = theirs.get(key, ()) if key is not None and mine[key] == 1 else ()
        if len(found) == 1 or (found and _one_shape(was.shape[list(found)])):
            row[k] = found[0]


def _one_shape(shapes: Shapes) -> bool:
    return len(set(shapely.to_wkb(shapely.normalize(shapes)))) == 1


def _shifts(was: State, now: State, row: Indexes, within_m: dict[int, float]) -> dict[int, Shift]:
    """By sheet. Sheets moved together get one vector, so that they stay together; small ones go with it where they agree."""
    made: dict[int, Shift] = {}
    pairs = np.flatnonzero(row >= 0)
    before, after = was.shape[row[pairs]], now.shape[pairs]
    strict = min(within_m.values(), default=0.0)
    all_ = estimate(before, after, strict)
    for sheet, within in within_m.items():
        mine = now.sheet[pairs] == sheet
        if all_ is not None and mine.any():
            agree = int(supports(before[mine], after[mine], all_, within).sum())
            if agree >= 0.5 * mine.sum():
                made[sheet] = replace(all_, support=agree, of=int(mine.sum()))
                continue
        elif all_ is not None:
            made[sheet] = replace(all_, support=0, of=0)
            continue
        own = estimate(before[mine], after[mine], within) if mine.sum() >= LEAST_PAIRS else None
        if own is not None:
            made[sheet] = own
    return made


def _back(now: State, shift: dict[int, Shift]) -> Shapes:
    back = now.shape.copy()
    for sheet, one in shift.items():
        mine = now.sheet == sheet
        back[mine] = moved(back[mine], -one.east_m, -one.north_m)
    return back


def _not_there(was: State, back: Shapes, row: Indexes) -> None:
    """A number used again for another place is not the same parcel."""
    mine = np.flatnonzero(row >= 0)
    held = was.shape[row[mine]]
    common = shapely.area(shapely.intersection(held, back[mine]))
    a, b = shapely.area(held), shapely.area(back[mine])
    there = (common > _THERE_IOU * (a + b - common)) | (common > _THERE_SHARE * np.minimum(a, b))
    row[mine[~there]] = -1


def _by_place(was: State, now: State, back: Shapes, plots: Indexes, row: Indexes) -> None:
    """Of what is left: repeated keys by their place, the same shape under another key."""
    free = plots[row[plots] < 0]
    taken = np.zeros(len(was.shape), dtype=np.bool_)
    taken[row[row >= 0]] = True
    left = np.flatnonzero(~taken)
    if not free.size or not left.size:
        return
    pairs = overlaps(back[free], was.shape[left])
    i, j = free[pairs.i], left[pairs.j]
    a, b = shapely.area(back[i]), shapely.area(was.shape[j])
    iou = pairs.area_m2 / (a + b - pairs.area_m2)
    keyed = np.array(
        [now.key[p] is not None and now.key[p] == was.key[r] for p, r in zip(i, j, strict=True)], bool
    )
    good = np.where(keyed, iou > _THERE_IOU, iou > _RENUMBERED_IOU) & (now.sheet[i] == was.sheet[j])
    for p in np.lexsort((-iou, ~keyed)).tolist():
        if good[p] and row[i[p]] < 0 and not taken[j[p]]:
            row[i[p]] = j[p]
            taken[j[p]] = True


def _twins(was: State, made: Compared, within_m: dict[int, float]) -> None:
    """Rows no plot was found for, of the key and shape of one that has a plot."""
    taken = set(made.row[made.row >= 0].tolist())
    of_key: dict[Hashable, list[int]] = defaultdict(list)
    for r in taken:
        of_key[was.key[r]].append(r)
    for r in range(len(was.shape)):
        if r in taken or was.key[r] is None:
            continue
        others = of_key.get(was.key[r], [])
        mine = was.shape[np.full(len(others), r, dtype=np.int64)]
        within = within_m.get(int(was.sheet[r]), 0.0)
        made.twin[r] = bool(others) and bool(alike(mine, was.shape[others], within).any())


def _kin(was: State, plots: Indexes, made: Compared) -> None:
    """What each plot and row is called, and which came of which."""
    changed = plots[~made.same[plots]]
    kept = np.zeros(len(was.shape), dtype=np.bool_)
    kept[made.row[made.same]] = True
    open_ = np.flatnonzero(~kept & ~made.twin)
    told = zip((made.first != np.arange(len(made.first))).tolist(), made.same, made.row, strict=True)
    made.of_plot = ["doubled" if d else "same" if s else "reshaped" if r >= 0 else "new" for d, s, r in told]
    has_plot = set(made.row[made.row >= 0].tolist())
    made.of_row = ["same" if kept[r] or made.twin[r] else "reshaped" if r in has_plot else "gone"
                   for r in range(len(was.shape))]  # fmt: skip
    if not changed.size or not open_.size:
        return
    pairs = overlaps(made.back[changed], was.shape[open_])
    p, r = changed[pairs.i], open_[pairs.j]
    least = np.minimum(shapely.area(made.back[p]), shapely.area(was.shape[r]))
    close = pairs.area_m2 > _KIN_SHARE * least
    found = set(zip(p[close].tolist(), r[close].tolist(), strict=True))
    found |= {(k, int(made.row[k])) for k in changed.tolist() if made.row[k] >= 0}
    plots_of, rows_of = Counter(r for _, r in found), Counter(p for p, _ in found)
    for k, row in sorted(found):
        what = "split" if plots_of[row] > 1 else "merged" if rows_of[k] > 1 else None
        if what is None:
            continue
        made.kin.append((k, row))
        made.of_plot[k] = what
        made.of_row[row] = what
