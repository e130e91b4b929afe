"""Old corners and edges against new ones: shared corners that moved, edges that are longer or shorter (rules §5.1-5.2)."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.loose import ON_M
from geo.ragged import Shapes
from geo.tolerance import edge_tolerance_cm, point_error_cm
from importers.check import places
from importers.check.gathered import Gathered
from importers.check.matching import Matched
from importers.check.measured import Measured, exterior
from importers.check.rules import found
from importers.check.words import metres, registered

_LEAST_REACH_M: Final = 1.0
_MOST_REACH_M: Final = 1.5
_CLASSES: Final = 5.0
"""An old corner is looked for within so many point errors, from one metre to one and a half."""

Floats = NDArray[np.float64]


def moved(m: Measured, matched: Matched, out: Gathered) -> None:
    """moved_corner: a corner that a replaced parcel shared with another, and no longer there (art. 7)."""
    near, stay = matched.near, matched.stay
    plots = np.flatnonzero(~shapely.is_missing(m.ground))
    if stay.all() or not plots.size:
        return
    new, new_of = _corners(m.ground[plots])
    old, old_of = _corners(near.shape)
    _, which, owners = np.unique(_grid(old), axis=0, return_inverse=True, return_counts=True)
    which = which.ravel()
    measured_anew = np.bincount(which, weights=~stay[old_of]) > 0
    lost = (owners > 1) & measured_anew & ~_among(old, new, which)
    # The staying parcel is the one to name, where there is one.
    order = np.lexsort((~stay[old_of], which))
    first = order[np.searchsorted(which[order], np.flatnonzero(lost))]
    changed = np.flatnonzero(~np.isin(_packed(new), _packed(old)))
    if not first.size or not changed.size:
        return
    tree = shapely.STRtree(np.asarray(shapely.points(new[changed])))
    at = np.asarray(shapely.points(old[first]))
    (q, p), distance = tree.query_nearest(at, _MOST_REACH_M, return_distance=True, all_matches=False)
    on_line = np.zeros(first.size, dtype=bool)
    boundaries = shapely.STRtree(np.asarray(shapely.boundary(m.ground[plots])))
    on_line[boundaries.query(at, predicate="dwithin", distance=ON_M)[0]] = True
    for a, b, d in zip(q.tolist(), p.tolist(), distance.tolist(), strict=True):
        k, r = int(plots[new_of[changed[b]]]), int(old_of[first[a]])
        limit = point_error_cm(m.scale(k), m.agricultural(k)) / 100
        x, y = new[changed[b]].tolist()
        # Left out of a straight line, an old corner has not moved; slid along it, it has.
        gone = on_line[a] and not _on_any(near.shape[old_of[which == which[first[a]]]], x, y)
        if not limit < d <= _reach_m(limit) or gone or not out.room("moved_corner", 1):
            continue
        (vi, en), (d_vi, d_en), (l_vi, l_en), name = m.called(k), metres(d), metres(limit), m.corner(k, x, y)
        out.put(
            found(
                "moved_corner",
                f"Đỉnh {name} của {vi} cách đỉnh cũ chung với thửa {near.number[r]} tờ {near.sheet[r]} {d_vi} "
                f"(cho phép {l_vi}).",
                f"Corner {name} of {en} is {d_en} from the former corner shared with parcel {near.number[r]} of sheet "
                f"{near.sheet[r]} (permitted {l_en}).",
                m.record(k), other=registered(near.sheet[r], near.number[r], near.code[r]), width_m=d,
                **places.line(x, y, *old[first[a]].tolist()),
            ),
            int(m.file[k]), k,
        )  # fmt: skip


def edges(m: Measured, matched: Matched, out: Gathered) -> None:
    """edge_length: edges of a parcel measured anew, both of whose ends are found again (appendix 03). A boundary that crosses
    itself is told as that."""
    near = matched.near
    sound = {k: r for k, r in matched.single.items() if m.sound(k)}
    ks = np.array(list(sound), dtype=np.int64)
    rs = np.array(list(sound.values()), dtype=np.int64)
    if not ks.size:
        return
    same = shapely.equals_identical(shapely.normalize(m.ground[ks]), shapely.normalize(near.shape[rs]))
    for k, r in zip(ks[~same].tolist(), rs[~same].tolist(), strict=True):
        farm, scale = m.agricultural(k), m.scale(k)
        reach = _reach_m(point_error_cm(scale, farm) / 100)
        new = exterior(m.ground[k])
        for (x0, y0, x1, y1), was in _same_edges(exterior(near.shape[r]), new, reach):
            now = float(np.hypot(x1 - x0, y1 - y0))
            limit = edge_tolerance_cm(was, scale, agricultural=farm) / 100
            if abs(now - was) <= limit or not out.room("edge_length", 1):
                continue
            (vi, en), (n_vi, n_en), (w_vi, w_en) = m.called(k), metres(now), metres(was)
            (o_vi, o_en), (l_vi, l_en) = metres(abs(now - was)), metres(limit)
            names = f"{m.corner(k, x0, y0)}–{m.corner(k, x1, y1)}"
            out.put(
                found(
                    "edge_length",
                    f"Cạnh {names} của {vi} dài {n_vi}, trong sổ là {w_vi}: lệch {o_vi} (cho phép {l_vi}).",
                    f"Edge {names} of {en} is {n_en}, in the register {w_en}: {o_en} apart (permitted {l_en}).",
                    m.record(k), other=registered(near.sheet[r], near.number[r], near.code[r]), width_m=abs(now - was),
                    x=(x0 + x1) / 2, y=(y0 + y1) / 2, extent=places.line(x0, y0, x1, y1)["extent"],
                ),
                int(m.file[k]), k,
            )  # fmt: skip


def _same_edges(
    old: Floats, new: Floats, reach_m: float
) -> list[tuple[tuple[float, float, float, float], float]]:
    """New edges (x0, y0, x1, y1) between neighbouring corners that are also neighbours in the old ring, and the old length."""
    of = _same_corners(old, new, reach_m)
    out = []
    for a in range(len(old)):
        b, c = of.get(a), of.get((a + 1) % len(old))
        if b is None or c is None or (c - b) % len(new) not in (1, len(new) - 1):
            continue
        was = float(np.hypot(*(old[(a + 1) % len(old)] - old[a])))
        out.append(((*new[b].tolist(), *new[c].tolist()), was))
    return out


def _same_corners(old: Floats, new: Floats, reach_m: float) -> dict[int, int]:
    """Old corner → new corner: those that stand where they stood, and of the others those nearest to one another. A corner
    that moved towards its neighbour by more than half their distance is nearer to it than to itself."""
    at = {one: b for b, one in enumerate(_packed(new).tolist())}
    of = {a: at[one] for a, one in enumerate(_packed(old).tolist()) if one in at}
    left = np.setdiff1d(np.arange(len(old)), list(of))
    free = np.setdiff1d(np.arange(len(new)), list(of.values()))
    if left.size and free.size:
        before, after = shapely.points(old[left]), shapely.points(new[free])
        q, p = shapely.STRtree(after).query_nearest(before, max_distance=reach_m, all_matches=False)
        back = shapely.STRtree(before).query_nearest(after, all_matches=False)[1]
        of |= {int(left[a]): int(free[b]) for a, b in zip(q, p, strict=True) if back[b] == a}
    return of


def _reach_m(limit_m: float) -> float:
    return min(max(_CLASSES * limit_m, _LEAST_REACH_M), _MOST_REACH_M)


def _corners(shapes: Shapes) -> tuple[Floats, NDArray[np.int64]]:
    """Corners (n, 2), each of a shape once, and whose they are."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    _, once = np.unique(np.column_stack((of, _grid(xy))), axis=0, return_index=True)
    return xy[once], of[once].astype(np.int64)


def _grid(xy: Floats) -> NDArray[np.int64]:
    return np.asarray(np.round(xy * 1000), dtype=np.int64)


def _packed(xy: Floats) -> NDArray[np.void]:
    """Points as single values, equal on the same millimetre."""
    pair = np.dtype([("x", np.int64), ("y", np.int64)])
    return np.ascontiguousarray(_grid(xy)).view(pair).ravel()


def _among(old: Floats, new: Floats, which: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Per distinct old corner, whether it is also a new one."""
    return np.bincount(which, weights=np.isin(_packed(old), _packed(new))) > 0


def _on_any(shapes: Shapes, x: float, y: float) -> bool:
    """Whether a point lies on the boundary of one of the shapes."""
    return bool(shapely.dwithin(shapely.boundary(shapes), shapely.Point(x, y), ON_M).any())
