"""Plots side by side, and beside the registered parcels that stay: drawn twice, overlapping, apart, or not quite met."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import SURVEY_M, Overlaps, overlaps
from geo.gaps import Gaps, gaps
from geo.loose import ON_M, loose_corners
from geo.ragged import Shapes
from geo.tolerance import point_error_cm
from importers.check import places
from importers.check.context import Parcels
from importers.check.gathered import Gathered
from importers.check.measured import Measured
from importers.check.rules import found
from importers.check.words import capital, metres, registered, square_metres

GAP_M: Final = 0.5
"""Wider empty ground is a road, or was not measured."""
SAME_SHARE: Final = 0.98
"""Two plots that share so much of the larger one are one plot drawn twice."""
_REACH_M: Final = (0.02, 0.15)
ONE_CORNER_M: Final = 0.035
"""So far a single corner beside a straight boundary was meant to be on it: the corner is named, not the sliver."""


def most_pairs(n: int) -> int:
    """So many overlaps of n plots are worth finding: a map as wrong as this has other troubles first."""
    return 20_000 + 2 * n


def beside_register(m: Measured) -> bool:
    """Whether the plots can be laid beside registered parcels."""
    context = m.context
    return (
        context.has_register and m.trusted and m.metres and m.epsg is not None and m.epsg == context.epsg
        and not shapely.is_missing(m.ground).all()
    )  # fmt: skip


def copies(m: Measured, out: Gathered) -> dict[int, int]:
    """duplicate_shape for plots of the very same ground; gives each copy and the first of its kind."""
    there = np.flatnonzero([m.plots[k].kind == "parcel" and m.shapes[k] is not None for k in range(len(m))])
    first: dict[bytes, int] = {}
    same: dict[int, int] = {}
    for k, wkb in zip(there.tolist(), shapely.to_wkb(shapely.normalize(m.shapes[there])), strict=True):
        if first.setdefault(wkb, k) != k:
            same[k] = first[wkb]
    for k in list(same)[: out.room("duplicate_shape", len(same))]:
        _twice(m, same[k], k, out)
    return same


def overlaps_and_gaps(ground: Shapes, others: Shapes | None = None) -> tuple[Overlaps, Gaps]:
    """Overlaps of plots (n,) with each other, and gaps between them and to the others: shapes in one zone, metres.

    Both are looked for at the same time: GEOS and the compiled loops leave the interpreter to each other.
    """
    most = most_pairs(ground.size)
    with ThreadPoolExecutor(1) as aside:
        found_gaps = aside.submit(gaps, ground, GAP_M, others, most=20 * most)
        return overlaps(ground, least_m=SURVEY_M, most=most), found_gaps.result()


def side_by_side(m: Measured, out: Gathered, ground: Shapes, near: Parcels, stay: NDArray[np.bool_]) -> bool:
    """overlap, gap, gap_register and loose_corner. `ground` is that of the plots, copies left out, `stay` the registered
    parcels that are not measured anew. False where so many plots lie on one another that not all was looked at."""
    pairs, found_gaps = overlaps_and_gaps(ground, near.shape[stay])
    larger = np.maximum(m.area_m2[pairs.i], m.area_m2[pairs.j])
    twice = pairs.area_m2 > SAME_SHARE * larger
    same = np.flatnonzero(twice)
    for p in same[: out.room("duplicate_shape", same.size)].tolist():
        _twice(m, int(pairs.i[p]), int(pairs.j[p]), out)
    other = np.flatnonzero(~twice)
    other = other[: out.room("overlap", other.size)]
    common = shapely.intersection(ground[pairs.i[other]], ground[pairs.j[other]])
    for p, shape in zip(other.tolist(), common, strict=True):
        i, j = int(pairs.i[p]), int(pairs.j[p])
        (i_vi, i_en), (j_vi, j_en) = m.called(i), m.called(j)
        (a_vi, a_en), (w_vi, w_en) = square_metres(pairs.area_m2[p]), metres(pairs.width_m[p])
        if _one_corner(m, out, places.polygons(shape), i, j, inside=True):
            continue
        out.put(
            found("overlap", f"{capital(i_vi)} và {j_vi} chồng lên nhau {a_vi}, rộng {w_vi}.",
                  f"{capital(i_en)} and {j_en} overlap by {a_en}, {w_en} wide.", m.record(i), other=m.record(j),
                  size=float(pairs.area_m2[p]), width_m=float(pairs.width_m[p]),
                  **_part(shape, pairs.x[p], pairs.y[p])),
            int(m.file[i]), i,
        )  # fmt: skip
    _gaps(m, out, found_gaps, near, np.flatnonzero(stay))
    return _loose(m, out, ground, near, stay, found_gaps) and pairs.complete and found_gaps.complete


def _gaps(m: Measured, out: Gathered, holes: Gaps, near: Parcels, stays: NDArray[np.int64]) -> None:
    n = len(m)
    for g in range(holes.i.size):
        i, j = int(holes.i[g]), int(holes.j[g])
        rule = "gap" if j < n else "gap_register"
        single = j < n and holes.closed[g] and _asks_corners(m)
        if single and _one_corner(m, out, holes.shape[g], i, j, inside=False):
            continue
        if not all(m.sound(k) for k in (i, j) if k < n) or not out.room(rule, 1):
            continue
        i_vi, i_en = m.called(i)
        j_vi, j_en, told = _neighbour(m, near, stays, j)
        (a_vi, a_en), (w_vi, w_en) = square_metres(holes.area_m2[g]), metres(holes.width_m[g])
        out.put(
            found(rule, f"Giữa {i_vi} và {j_vi} có khe hở {a_vi}, rộng {w_vi}.",
                  f"Between {i_en} and {j_en} is a gap of {a_en}, {w_en} wide.", m.record(i), other=told,
                  size=float(holes.area_m2[g]), width_m=float(holes.width_m[g]), **places.area(holes.shape[g])),
            int(m.file[i]), i,
        )  # fmt: skip


def _asks_corners(m: Measured) -> bool:
    """Whether loose corners are looked for: not where a register is at hand and the file's place in it is not known, for
    registered parcels hold corners on the edge of a survey."""
    return not m.context.has_register or beside_register(m)


def _loose(
    m: Measured, out: Gathered, ground: Shapes, near: Parcels, stay: NDArray[np.bool_], told: Gaps
) -> bool:
    """loose_corner, where no gap says it already; whether all corners were looked at."""
    if not _asks_corners(m):
        return True
    classes = np.array([point_error_cm(m.scale(k), m.agricultural(k)) / 100 for k in range(len(m))])
    reach = np.clip(classes, *_REACH_M)
    corners = loose_corners(ground, reach, near.shape[stay], most=most_pairs(len(m)) * 20)
    if not corners.i.size:
        return corners.complete
    at = shapely.points(corners.x, corners.y)
    # A gap ends at the corner that made it; the corner's neighbours say no more than the gap.
    p, _ = shapely.STRtree(told.shape).query(at, predicate="dwithin", distance=0.002)
    free = np.ones(corners.i.size, dtype=bool)
    free[p] = False
    # Two corners that miss one another are one fault.
    seen: set[tuple[float, float]] = set()
    stays = np.flatnonzero(stay)
    for c in np.flatnonzero(free).tolist():
        x, y, to_x, to_y = (float(v[c]) for v in (corners.x, corners.y, corners.to_x, corners.to_y))
        if (to_x, to_y) in seen:
            continue
        seen.add((x, y))
        if not out.room("loose_corner", 1):
            continue
        i, (d_vi, d_en) = int(corners.i[c]), metres(corners.distance_m[c])
        (i_vi, i_en), (j_vi, j_en, other) = m.called(i), _neighbour(m, near, stays, int(corners.j[c]))
        name = m.corner(i, x, y)
        out.put(
            found("loose_corner", f"Đỉnh {name} của {i_vi} cách ranh {j_vi} {d_vi}.",
                  f"Corner {name} of {i_en} is {d_en} from the boundary of {j_en}.", m.record(i), other=other,
                  width_m=float(corners.distance_m[c]), **places.line(x, y, to_x, to_y)),
            int(m.file[i]), i,
        )  # fmt: skip
    return corners.complete


def _one_corner(m: Measured, out: Gathered, shape: shapely.Geometry, i: int, j: int, inside: bool) -> bool:
    """Whether an overlap or gap is the triangle of one corner beside the other's straight boundary: told with that corner."""
    if shapely.get_type_id(shape) != 3:
        return False
    ring = shapely.get_coordinates(shapely.simplify(shape, 0.001))[:-1]
    if len(ring) != 3 or shapely.get_num_interior_rings(shape):
        return False
    side = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    at = (int(np.argmax(side)) + 2) % 3
    depth, (x, y) = 2 * float(shapely.area(shape)) / float(side.max()), ring[at].tolist()
    if not ON_M < depth <= ONE_CORNER_M:
        return False
    owners = [
        k for k in (i, j) if (np.abs(shapely.get_coordinates(m.ground[k]) - (x, y)).max(axis=1) < 1e-6).any()
    ]
    if len(owners) != 1:
        return False
    k, other = owners[0], j if owners[0] == i else i
    rule = "overlap" if inside else "loose_corner"
    if out.room(rule, 1):
        (k_vi, k_en), (o_vi, o_en), name = m.called(k), m.called(other), m.corner(k, x, y)
        (d_vi, d_en), (a_vi, a_en) = metres(depth), square_metres(float(shapely.area(shape)))
        how_vi, how_en = (f"lấn qua ranh {o_vi}", "beyond") if inside else (f"cách ranh {o_vi}", "short of")
        what_vi, what_en = ("chồng", "an overlap") if inside else ("hở", "a gap")
        out.put(
            found(rule, f"Đỉnh {name} của {k_vi} {how_vi} {d_vi} ({what_vi} {a_vi}).",
                  f"Corner {name} of {k_en} is {d_en} {how_en} the boundary of {o_en} ({what_en} of {a_en}).",
                  m.record(k), other=m.record(other),
                  size=float(shapely.area(shape)), width_m=depth, x=x, y=y,
                  extent=str(shapely.to_wkt(shape, rounding_precision=4))),
            int(m.file[k]), k,
        )  # fmt: skip
    return True


def _twice(m: Measured, first: int, second: int, out: Gathered) -> None:
    (i_vi, i_en), (j_vi, j_en) = m.called(first), m.called(second)
    size = float(m.area_m2[second])
    out.put(
        found("duplicate_shape", f"{capital(j_vi)} vẽ trùng lên {i_vi}.", f"{capital(j_en)} is drawn over {i_en} again.",
              m.record(second), other=m.record(first), size=None if np.isnan(size) else size, **m.place(second)),
        int(m.file[second]), second,
    )  # fmt: skip


def _neighbour(m: Measured, near: Parcels, stays: NDArray[np.int64], j: int) -> tuple[str, str, str]:
    """Plot or registered parcel j: in a Vietnamese and an English sentence, and in full."""
    if j < len(m):
        return *m.called(j), m.record(j)
    r = int(stays[j - len(m)])
    full = registered(near.sheet[r], near.number[r], near.code[r])
    return (
        f"thửa {near.number[r]} tờ {near.sheet[r]} trong sổ",
        f"registered parcel {near.number[r]} of sheet {near.sheet[r]}",
        full,
    )


def _part(shape: shapely.Geometry, x: float, y: float) -> places.Place:
    wkt = str(shapely.to_wkt(places.polygons(shape), rounding_precision=4))
    return {"x": float(x), "y": float(y), "extent": wkt}
