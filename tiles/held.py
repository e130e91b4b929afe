"""A block at hand, with what it shows, and where it changed lately."""

from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from tiles.block import Block
from tiles.outlines import Ints, Units

_MOST_CHANGES = 64  # of a block are remembered


@dataclass(frozen=True, slots=True)
class Held:
    """A block, the revision of its cell it shows, and the last correction of all at that moment (its place)."""

    revision: int
    seq: int
    block: Block
    changes: tuple[tuple[int, int], ...] = ()
    """The last changes in order: the revision before each, and where in `boxes` it begins."""
    boxes: Units = field(default_factory=lambda: np.empty((0, 4), np.int32))
    """Where (m, 4) something went or came."""

    def after(self, revision: int, seq: int, block: Block, left: npt.NDArray[np.bool_], come: Ints) -> "Held":
        """The same after a change: the parcels `left` (a flag for each) went, the versions `come` came."""
        changes, boxes = (*self.changes, (self.revision, self.boxes.shape[0])), self.boxes
        if len(changes) > _MOST_CHANGES:
            first = changes[1][1]
            changes, boxes = tuple((before, at - first) for before, at in changes[1:]), boxes[first:]
        came = block.bounds[block.id.searchsorted(come)]
        return Held(revision, seq, block, changes, np.concatenate([boxes, self.block.bounds[left], came]))

    def same_since(self, revision: int, view: tuple[int, int, int, int]) -> bool:
        """Whether the block shows the same in a box (west, north, east, south in units of the cell) as it did at an earlier
        revision of its cell; False where that is not known."""
        where = self.changed_since(revision)
        if where is None:
            return False
        west, north, east, south = view
        over = (where[:, 0] <= east) & (where[:, 2] >= west) & (where[:, 1] <= south) & (where[:, 3] >= north)
        return not over.any()

    def changed_since(self, revision: int) -> Units | None:
        """Where (m, 4) something went or came since an earlier revision of the cell; None where that is not known."""
        if self.revision <= revision:
            return self.boxes[:0] if self.revision == revision else None
        first = bisect_right(self.changes, revision, key=itemgetter(0)) - 1
        return None if first < 0 else self.boxes[self.changes[first][1] :]


def among(some: Ints, ids: Ints) -> npt.NDArray[np.bool_]:
    """Which are among `ids`, which are in order: without looking at all of these."""
    found: npt.NDArray[np.bool_] = ids.searchsorted(some, "right") > ids.searchsorted(some)
    return found
