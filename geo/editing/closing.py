"""One parcel's boundary laid onto its neighbours' along a sliver, and whether the map is as good as it was."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import GRID_M, mean_width_m
from geo.editing.corners import moved
from geo.editing.corners_of import Ring, all_corners, keys, on_grid, ring_through, with_rings
from geo.editing.refused import EditRefused
from geo.editing.reshaped import ON_EDGE_M
from geo.ragged import Shapes

Floats = NDArray[np.float64]

_GRID_DIAGONAL_M: Final = 0.0015


@dataclass(frozen=True, slots=True)
class Trial:
    """Parcels around a sliver (metres, on the millimetre); the one whose boundary follows, those beside it whose line it
    takes, and how far it may move."""

    around: Shapes
    face: shapely.Geometry
    is_gap: bool
    loser: int
    beside: list[int]
    limit_m: float


def follows(trial: Trial, snaps: bool) -> dict[int, shapely.Geometry]:
    """The parcels that change when one follows the line of the others: index → new shape.

    With `snaps` its corners along the sliver are first moved onto corners of that line which are near, in all parcels
    that have them; what is left of the sliver is then given to it or taken from it.

    Raises: EditRefused "nothing_left", "turns_inside_out", and those of `moved`.
    """
    now = trial.around.copy()
    if snaps:
        for k, shape in moved(now, _moves(trial)).items():
            now[k] = shape
    near = shapely.buffer(trial.face, 2 * trial.limit_m)
    corners = _corners_in(now, near)
    own = now[trial.loser]
    if trial.is_gap:
        left = _polygons(shapely.difference(trial.face, shapely.union_all(now)))
        for part in left[mean_width_m(left) > GRID_M / 2]:
            # Through one another's corners, so that they share edges and no hair is left between.
            given = with_rings(part, lambda ring: _fitted(ring, corners, near))
            ends = np.concatenate((corners, all_corners(given)))
            own = with_rings(own, partial(ring_through, points=ends, within_m=GRID_M))
            own = shapely.union(_sound(own), _sound(given))
    else:
        spot = shapely.buffer(trial.face, trial.limit_m, join_style="mitre")
        others = shapely.union_all(now[trial.beside])
        own = shapely.difference(own, shapely.intersection(others, spot))
    if not _polygons(own).size:
        raise EditRefused(
            "nothing_left",
            "Nothing of the parcel would be left; merge it instead.",
            "Thửa đất sẽ không còn diện tích; hãy gộp thửa.",
        )
    own = _largest(own, len(shapely.get_parts(trial.around[trial.loser])))
    fitted = on_grid(with_rings(own, lambda ring: _fitted(ring, corners, near)))
    now[trial.loser] = _sound(fitted)
    new = _corners_in(np.array([fitted], dtype=object), near)
    for k, shape in enumerate(now):
        if k != trial.loser:
            have = set(keys(all_corners(shape)))
            extra = new[np.array([one not in have for one in keys(new)], dtype=bool)]
            now[k] = _sound(
                on_grid(with_rings(shape, partial(ring_through, points=extra, within_m=ON_EDGE_M)))
            )
    return {
        k: shape
        for k, shape in enumerate(now)
        if not shapely.equals_identical(shapely.normalize(shape), shapely.normalize(trial.around[k]))
    }


def keeps_the_map(trial: Trial, new: dict[int, shapely.Geometry]) -> bool:
    """Whether the sliver is gone, no other ground is lost or gained, nobody overlaps who did not, and nothing moves
    farther than it may; all but for the grid."""
    before, after = trial.around, trial.around.copy()
    for k, shape in new.items():
        after[k] = shape
        if not shapely.is_valid(shape) or len(shapely.get_parts(shape)) != len(shapely.get_parts(before[k])):
            return False
    if moved_most_m(before, new) > trial.limit_m + 1e-6:
        return False
    was, now = shapely.union_all(before), shapely.union_all(after)
    may_gain = shapely.buffer(trial.face, _GRID_DIAGONAL_M) if trial.is_gap else shapely.Polygon()
    if _wide(shapely.difference(was, now)) or _wide(
        shapely.difference(shapely.difference(now, was), may_gain)
    ):
        return False
    if trial.is_gap and _wide(shapely.difference(trial.face, now)):
        return False
    for k, shape in new.items():
        for n, other in enumerate(after):
            if n == k:
                continue
            both = _ground(shapely.intersection(shape, other))
            had = _ground(shapely.intersection(before[k], before[n]))
            if _wide(shapely.difference(both, had)) or (_wide(both) and not _wide(had)):
                return False
            of_sliver = not trial.is_gap and {k, n} == {trial.loser, *trial.beside}
            spot = shapely.buffer(trial.face, trial.limit_m) if of_sliver else None
            if spot is not None and any(_wide(shapely.intersection(both, g)) for g in (spot, trial.face)):
                return False
    return True


def _ground(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape: GEOS takes no difference of lines, points and polygons together."""
    return shapely.MultiPolygon(_polygons(shape).tolist())


def moved_most_m(before: Shapes, new: dict[int, shapely.Geometry]) -> float:
    """How far at most a corner is from the boundary it was on, or a new one from the old boundary, in metres."""
    most = 0.0
    for k, shape in new.items():
        for of, to in ((shape, before[k]), (before[k], shape)):
            off = shapely.distance(shapely.boundary(to), shapely.points(all_corners(of)))
            most = max(most, float(np.max(off)))
    return most


def _moves(trial: Trial) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The corners of the one along the sliver that are not the others', with the nearest corner of theirs."""
    on = shapely.buffer(trial.face, _GRID_DIAGONAL_M)
    mine = _corners_in(trial.around[[trial.loser]], on)
    theirs = _corners_in(trial.around[trial.beside], on)
    have = set(keys(theirs))
    out = []
    for point in mine:
        off = np.hypot(*(theirs - point).T)
        if len(off) and off.min() <= trial.limit_m and keys(point[None])[0] not in have:
            x, y = point.tolist()
            to_x, to_y = theirs[int(np.argmin(off))].tolist()
            out.append(((x, y), (to_x, to_y)))
    return out


def _fitted(ring: Ring, corners: Floats, near: shapely.Geometry) -> Ring:
    """The ring with its corners near the sliver on the parcels' own, where those are within the grid, and through all
    of theirs that lie on it."""
    back = np.round(ring * 1000) / 1000
    if len(corners):
        tree = shapely.STRtree(np.asarray(shapely.points(corners), dtype=object))
        close = np.flatnonzero(shapely.intersects_xy(near, ring))
        of, to = tree.query_nearest(
            shapely.points(ring[close]), max_distance=_GRID_DIAGONAL_M, all_matches=False
        )
        back[close[of]] = corners[to]
    again = (back == np.roll(back, 1, axis=0)).all(axis=1)
    back = back[~again]
    if len(np.unique(back, axis=0)) < 3:
        # A hair that is nothing on the grid: as it was, for the checks that follow.
        return ring
    return ring_through(_without_spikes(back), corners, GRID_M)


def _sound(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape itself, if it is valid."""
    if shapely.is_valid(shape):
        return shape
    raise EditRefused(
        "turns_inside_out",
        "The repaired parcel would cross itself; repair it by hand.",
        "Thửa sau khi sửa sẽ tự cắt; hãy sửa bằng tay.",
    )


def _without_spikes(ring: Ring) -> Ring:
    """The ring without corners at which it turns right back: hairs that rounding leaves."""
    points = [tuple(p) for p in ring.tolist()]
    k = 0
    while len(points) > 4 and k < len(points):
        if points[k - 1] == points[(k + 1) % len(points)]:
            drop = {k, (k + 1) % len(points)}
            points = [p for n, p in enumerate(points) if n not in drop]
            k = 0
        else:
            k += 1
    return np.array(points)


def _largest(shape: shapely.Geometry, count: int) -> shapely.Geometry:
    """As many of the largest polygons of a shape, holes that are only rounding's closed."""
    parts = _polygons(shape)
    parts = parts[np.argsort(-shapely.area(parts), kind="stable")[:count]]
    full = []
    for part in parts:
        rings = shapely.get_rings(part)
        full.append(shapely.Polygon(rings[0], [ring for ring in rings[1:] if _wide(shapely.Polygon(ring))]))
    return full[0] if len(full) == 1 else shapely.MultiPolygon(full)


def _corners_in(shapes: Shapes, ground: shapely.Geometry) -> Floats:
    xy = np.unique(shapely.get_coordinates(shapes), axis=0)
    return np.asarray(xy[shapely.intersects_xy(ground, xy)], dtype=np.float64)


def _wide(shape: shapely.Geometry) -> bool:
    """Whether a part is wider than the grid."""
    return bool((mean_width_m(_polygons(shape)) > GRID_M).any())


def _polygons(shape: shapely.Geometry) -> Shapes:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return np.asarray(parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)], dtype=object)
