"""Neighbours follow a parcel that was measured again (đo đạc lại): the boundary they share stays shared."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.editing.arrangement import foot
from geo.editing.corners_of import Key, Ring, all_corners, key, keys, on_grid, ring_through, rings_of
from geo.editing.refused import checked
from geo.editing.reshaped import ON_EDGE_M, checked_shape, moved_ring
from geo.ragged import Shapes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of a parcel's corners: the old ones, where they went (`start`, `to`), those that are no more with no
    new one near, the new ones with no old one near, and for each edge of the parcel between corners it had before the
    new ones on it, by the edge as its neighbour draws it."""

    old: set[Key]
    start: Floats
    to: dict[Key, Floats]
    gone: set[Key]
    come: Floats
    chains: dict[tuple[Key, Key], Floats]
    rim: shapely.Geometry


def replaced(
    before: shapely.Geometry, after: shapely.Geometry, neighbours: Shapes, tolerance_m: float
) -> dict[int, shapely.Geometry]:
    """The neighbours that must change when a parcel's shape `before` becomes `after`: index → new shape.

    All in metres of one VN-2000 zone, on the millimetre. A corner of `before` is held to have moved to the corner of
    `after` nearest to it, if each is nearest to the other and they are at most `tolerance_m` apart: neighbours with the
    old corner, or an edge through it, get the new one. New corners on an edge they share go into it, where they are at
    most `tolerance_m` from it. A corner that `after` has no more is taken from the neighbours where they had only this
    boundary there, and moved onto it where another boundary ends. What changed by more than the tolerance stays as it
    was in the neighbours: that is for `slivers` and for the eye.

    Raises: EditRefused "shape_not_valid", "turns_inside_out" (a neighbour, with the place).
    """
    checked(before)
    checked(after)
    change = _change(on_grid(before), on_grid(after), tolerance_m)
    new = {}
    for k, shape in enumerate(neighbours):
        if shape is None or not shapely.dwithin(shape, before, ON_EDGE_M):
            continue
        parts = rings_of(on_grid(shape))
        own = set(keys(all_corners(shape)))
        follow = [[_followed(ring, own, change, tolerance_m) for ring in part] for part in parts]
        pairs = [
            (a, b) for was, now in zip(parts, follow, strict=True) for a, b in zip(was, now, strict=True)
        ]
        if any(not np.array_equal(a, b) for a, b in pairs):
            new[k] = checked_shape(k, follow)
    return new


def _change(before: shapely.Geometry, after: shapely.Geometry, tolerance_m: float) -> _Change:
    old, new = all_corners(before), all_corners(after)
    old_keys, new_keys = set(keys(old)), set(keys(new))
    gone = old[[one not in new_keys for one in keys(old)]]
    come = new[[one not in old_keys for one in keys(new)]]
    to: dict[Key, Floats] = {}
    came: set[Key] = set()
    if len(gone) and len(come):
        off = np.hypot(gone[:, None, 0] - come[None, :, 0], gone[:, None, 1] - come[None, :, 1])
        nearest, back = off.argmin(axis=1), off.argmin(axis=0)
        for g, c in enumerate(nearest.tolist()):
            if back[c] == g and off[g, c] <= tolerance_m + 1e-9:
                to[key(*gone[g])] = come[c]
                came.add(key(*come[c]))
    anchors = (old_keys & new_keys) | came
    return _Change(
        old_keys,
        gone[np.array([one in to for one in keys(gone)], dtype=bool)],
        to,
        {one for one in keys(gone) if one not in to},
        come[np.array([one not in came for one in keys(come)], dtype=bool)],
        _chains(after, anchors),
        shapely.boundary(after),
    )


def _chains(after: shapely.Geometry, anchors: set[Key]) -> dict[tuple[Key, Key], Floats]:
    """New corners between two anchors next to one another, by (second, first), from the second to the first."""
    chains: dict[tuple[Key, Key], Floats] = {}
    for ring in [ring for part in rings_of(after) for ring in part]:
        names = keys(ring)
        at = [k for k, name in enumerate(names) if name in anchors]
        for k, start in enumerate(at):
            stop = at[(k + 1) % len(at)]
            between = (stop - start - 1) % len(ring)
            if between:
                index = [(start + 1 + n) % len(ring) for n in range(between)]
                chains[names[stop], names[start]] = ring[index[::-1]]
    return chains


def _followed(ring: Ring, own: set[Key], change: _Change, tolerance_m: float) -> Ring:
    """One ring of a neighbour after the change."""
    ring = _without_gone(ring, change, tolerance_m)
    ring = moved_ring(ring, own, change.start, change.to)
    out: list[Floats] = []
    names = keys(ring)
    for k, point in enumerate(ring):
        n = (k + 1) % len(ring)
        out.append(point)
        chain = change.chains.get((names[k], names[n]))
        if chain is not None:
            edge = shapely.LineString([point, ring[n]])
            if shapely.dwithin(edge, shapely.points(chain), tolerance_m).all():
                out.extend(chain)
    have = set(keys(np.array(out)))
    loose = change.come[np.array([one not in have for one in keys(change.come)], dtype=bool)]
    return ring_through(np.array(out), loose, ON_EDGE_M)


def _without_gone(ring: Ring, change: _Change, tolerance_m: float) -> Ring:
    """The ring without corners that are no more, or with them on the new boundary where another one ends there."""
    names = keys(ring)
    out = []
    for k, point in enumerate(ring):
        if names[k] in change.gone:
            there = foot(change.rim, point, tolerance_m, point)
            beside = names[k - 1] in change.old and names[(k + 1) % len(ring)] in change.old
            near = bool(shapely.dwithin(change.rim, shapely.Point(point), tolerance_m))
            if not (beside and near):
                out.append(there)
        else:
            out.append(point)
    return np.array(out).reshape(-1, 2)
