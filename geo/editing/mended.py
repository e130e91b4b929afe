"""Slivers repaired one after the other, each on the shapes that the repairs before it left.

What is promised is held: no boundary ends farther from where it was at first than the widest sliver repaired along its
parcel, and a millimetre.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Final, Literal

import numpy as np
import shapely

from geo.coverage import GRID_M
from geo.editing.slivers import Repair, Sliver, repairs, slivers
from geo.ragged import Shapes

_PASSES: Final = 4
_AROUND_M: Final = 1.0
_ARCS: Final = 64
_EPSILON_M: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Step:
    """A sliver as it was found, and its repair; without one, why: `no_way` keeps the rules, or one does but together with
    an earlier step a boundary would move `too_far`."""

    sliver: Sliver
    repair: Repair | None
    why: Literal["", "no_way", "too_far"] = ""


def mended(shapes: Shapes, tolerance_m: float, wanted: Callable[[Sliver], bool]) -> tuple[Shapes, list[Step]]:
    """The shapes with the wanted slivers repaired, and every step in order; those without a repair come last.

    Shapes as for `geo.editing.slivers.slivers`. In each repair `moved_m` is whole millimetres, rounded up, and holds for
    every point of the boundary.
    """
    now, widest = shapes.copy(), np.zeros(shapes.size)
    done: list[Step] = []
    left: list[Step] = []
    failed: dict[bytes, Step] = {}
    for _ in range(_PASSES):
        left, moved = [], set[int]()
        for first in slivers(now, tolerance_m):
            for sliver in _as_now(now, first, moved, tolerance_m) if wanted(first) else ():
                if not wanted(sliver):
                    continue
                step = failed.get(sliver.polygon.wkb) or _step(shapes, now, widest, sliver)
                if step.repair is None:
                    failed[sliver.polygon.wkb] = step
                    left.append(step)
                    continue
                failed.clear()
                for k, shape in step.repair.changed.items():
                    now[k], widest[k] = shape, max(widest[k], sliver.width_m)
                moved |= set(step.repair.changed)
                done.append(step)
        if not moved:
            break
    return now, done + left


def moves_within(before: shapely.Geometry, after: shapely.Geometry, most_m: float) -> bool:
    """Whether every point of either boundary is within `most_m` of the other boundary."""
    a, b = shapely.boundary(before), shapely.boundary(after)
    for one, other in ((a, b), (b, a)):
        off = shapely.difference(one, other)
        if off.is_empty:
            continue
        west, south, east, north = shapely.bounds(off).tolist()
        reach = 3 * most_m
        there = shapely.intersection(
            other, shapely.box(west - reach, south - reach, east + reach, north + reach)
        )
        around = shapely.buffer(there, most_m * (1 + 1e-4) + _EPSILON_M, quad_segs=_ARCS)
        if not shapely.covers(around, off):
            return False
    return True


def _as_now(now: Shapes, first: Sliver, moved: set[int], tolerance_m: float) -> Iterator[Sliver]:
    """What became of a sliver since its pass began."""
    near = np.flatnonzero(shapely.dwithin(now, first.polygon, _AROUND_M))
    if moved.isdisjoint(near.tolist()):
        yield first
        return
    for one in slivers(now[near], tolerance_m):
        if one.kind == first.kind and shapely.intersects(one.polygon, first.polygon):
            yield replace(one, parcels=tuple(int(near[k]) for k in one.parcels))


def _step(shapes: Shapes, now: Shapes, widest: np.ndarray, sliver: Sliver) -> Step:
    """The first repair that keeps the word, over the shapes as they are now and over those at first."""
    why: Literal["no_way", "too_far"] = "no_way"
    most_m = sliver.width_m + GRID_M
    for got in repairs(now, sliver):
        if not _all_within(now, got, most_m):
            continue
        why = "too_far"
        since_m = [max(float(widest[k]), sliver.width_m) + GRID_M for k in got.changed]
        if all(
            moves_within(shapes[k], shape, limit_m)
            for (k, shape), limit_m in zip(got.changed.items(), since_m, strict=True)
        ):
            told_m = min(ceil(got.moved_m * 1000 - 1e-3) / 1000, most_m)
            return Step(sliver, replace(got, moved_m=told_m if _all_within(now, got, told_m) else most_m))
    return Step(sliver, None, why)


def _all_within(now: Shapes, got: Repair, most_m: float) -> bool:
    return all(moves_within(now[k], shape, most_m) for k, shape in got.changed.items())
