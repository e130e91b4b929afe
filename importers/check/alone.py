"""The plot by itself: has it a boundary, an inside, one part, and corners that mean something (rules §5)."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.edges import free_edges
from geo.ragged import Shapes
from geo.shapes import fault
from importers.check import places
from importers.check.gathered import Gathered
from importers.check.measured import Measured
from importers.check.rules import found
from importers.check.words import capital, metres, square_metres

NARROW_M: Final = 0.25
"""Plots narrower than this in the mean are asked about; paths and ditches are wider."""
SAME_CORNER_M: Final = 0.01
_SPIKE_BASE_M: Final = 0.02
_SPIKE_SIN: Final = 0.09


def alone(m: Measured, out: Gathered, told: set[tuple[int, str]], others: Shapes) -> None:
    """All rules of single shapes. `told`: (file, record) of which a reader has said already that the shape is
    bad. `others`: registered parcels around that stay."""
    parcels = m.parcels()
    missing = shapely.is_missing(m.raw)
    valid = shapely.is_valid(m.shapes)
    for k in parcels:
        if missing[k]:
            if (int(m.file[k]), m.plots[k].record) not in told:
                _no_shape(m, k, out)
        elif _flat(m, k):
            vi, en = m.called(k)
            out.put(
                found("zero_area", f"{capital(vi)} không có diện tích.", f"{capital(en)} has no area.",
                      m.record(k), **places.start(m.shapes[k])),
                int(m.file[k]), k,
            )  # fmt: skip
        elif not valid[k]:
            _invalid(m, k, out)
    if m.metres:
        _narrow(m, out)
        _corners(m, valid, others, out)
    for k in parcels:
        if not missing[k] and valid[k] and shapely.get_num_geometries(m.shapes[k]) > 1:
            _parts(m, k, out)


def _flat(m: Measured, k: int) -> bool:
    """Whether a shape has no inside; the halves of a bow tie, which cancel out in its signed area, are one."""
    if m.metres:
        return bool(np.isnan(m.area_m2[k]))
    return bool(shapely.area(shapely.make_valid(m.shapes[k])) == 0)


def _no_shape(m: Measured, k: int, out: Gathered) -> None:
    vi, en = m.called(k)
    shape = m.plots[k].shape
    bad = shape is not None and not shapely.is_empty(shape)
    why_vi, why_en = (
        ("có tọa độ không phải là số hoặc không phải là vùng", "has coordinates that are no numbers, or is no polygon")
        if bad else ("không có ranh", "has no boundary")
    )  # fmt: skip
    out.put(
        found("no_shape", f"{capital(vi)} {why_vi}.", f"{capital(en)} {why_en}.", m.record(k)),
        int(m.file[k]),
        k,
    )


def _invalid(m: Measured, k: int, out: Gathered) -> None:
    vi, en = m.called(k)
    where = fault(m.shapes[k])
    if where is None or np.isnan(where.x):
        at = places.start(m.shapes[k])
        near_vi = near_en = ""
    else:
        at = places.point(where.x, where.y)
        name = m.corner(k, where.x, where.y)
        near_vi, near_en = f" gần đỉnh {name}", f" near corner {name}"
    out.put(
        found("invalid_shape", f"Ranh {vi} tự cắt hoặc tự chạm{near_vi}.",
              f"The boundary of {en} crosses or touches itself{near_en}.", m.record(k), **at),
        int(m.file[k]), k,
    )  # fmt: skip


def _narrow(m: Measured, out: Gathered) -> None:
    half = shapely.length(m.ground) / 2
    with np.errstate(invalid="ignore"):
        # The width of a rectangle of this area and perimeter.
        width = (half - np.sqrt(np.maximum(half**2 - 4 * m.area_m2, 0))) / 2
        narrow = np.flatnonzero(width < NARROW_M)
    for k in narrow[: out.room("sliver", narrow.size)].tolist():
        (vi, en), (w_vi, w_en), (a_vi, a_en) = m.called(k), metres(width[k]), square_metres(m.area_m2[k])
        out.put(
            found("sliver", f"{capital(vi)} chỉ rộng trung bình {w_vi} ({a_vi}).",
                  f"{capital(en)} is only {w_en} wide in the mean ({a_en}).", m.record(k),
                  size=float(m.area_m2[k]), width_m=float(width[k]), **places.area(m.ground[k])),
            int(m.file[k]), k,
        )  # fmt: skip


def _corners(m: Measured, valid: NDArray[np.bool_], others: Shapes, out: Gathered) -> None:
    """Corners in nearly one place, unless the neighbour has drawn the same two; and spikes."""
    fine = np.flatnonzero(valid & ~np.isnan(m.area_m2))
    edges = free_edges(np.concatenate((m.ground, others)))
    edges = edges.taken(edges.owner < len(m))
    short = np.hypot(edges.x1 - edges.x0, edges.y1 - edges.y0) < SAME_CORNER_M
    near: dict[int, list[tuple[float, float]]] = {}
    for k, x, y in zip(
        edges.owner[short].tolist(), edges.x0[short].tolist(), edges.y0[short].tolist(), strict=True
    ):
        near.setdefault(k, []).append((x, y))
    parts, part_of = shapely.get_parts(m.raw[fine], return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    raw, ring = shapely.get_coordinates(rings, return_index=True)
    step = np.hypot(*(raw[1:] - raw[:-1]).T)
    for at in np.flatnonzero((step < 0.0005) & (ring[1:] == ring[:-1])).tolist():
        k = int(fine[part_of[ring_of[ring[at]]]])
        near.setdefault(k, []).append((float(raw[at, 0]), float(raw[at, 1])))
    chosen = sorted(k for k in near if valid[k])
    for k in chosen[: out.room("repeated_vertex", len(chosen))]:
        (vi, en), (x, y), n = m.called(k), near[k][0], len(near[k])
        name = m.corner(k, x, y)
        more_vi, more_en = (f" (và {n - 1} chỗ nữa)", f" (and {n - 1} more)") if n > 1 else ("", "")
        out.put(
            found("repeated_vertex", f"{capital(vi)} có hai đỉnh cách nhau dưới 1 cm ở đỉnh {name}{more_vi}.",
                  f"{capital(en)} has two corners less than 1 cm apart at corner {name}{more_en}.", m.record(k), x=x, y=y,
                  extent=shapely.to_wkt(shapely.multipoints(near[k][:100]), rounding_precision=3)),
            int(m.file[k]), k,
        )  # fmt: skip
    spikes = _spikes(m, fine)
    for k, x, y, length in spikes[: out.room("spike", len(spikes))]:
        (vi, en), (l_vi, l_en), name = m.called(k), metres(length), m.corner(k, x, y)
        out.put(
            found("spike", f"Ranh {vi} có gai nhọn dài {l_vi} ở đỉnh {name}.",
                  f"The boundary of {en} has a spike {l_en} long at corner {name}.", m.record(k), **places.point(x, y)),
            int(m.file[k]), k,
        )  # fmt: skip


def _spikes(m: Measured, fine: NDArray[np.int64]) -> list[tuple[int, float, float, float]]:
    """Plot, corner, length of corners where the boundary turns back on itself within two centimetres."""
    rings, of = shapely.get_parts(shapely.boundary(m.ground[fine]), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(xy):
        return []
    starts = np.searchsorted(ring, np.arange(rings.size))
    ends = np.searchsorted(ring, np.arange(rings.size), side="right")
    body = np.ones(len(xy), dtype=bool)
    body[ends - 1] = False
    at = np.flatnonzero(body)
    before = at - 1
    first = np.isin(at, starts)
    before[first] = ends[ring[at[first]]] - 2
    back, on = xy[before] - xy[at], xy[at + 1] - xy[at]
    lengths = np.minimum(np.hypot(*back.T), np.hypot(*on.T))
    product = np.hypot(*back.T) * np.hypot(*on.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        sine = np.abs(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0]) / product
    sharp = (sine < _SPIKE_SIN) & ((back * on).sum(axis=1) > 0) & (sine * lengths < _SPIKE_BASE_M)
    sharp &= lengths > SAME_CORNER_M
    out = [
        (int(fine[of[ring[i]]]), float(xy[i, 0]), float(xy[i, 1]), float(length))
        for i, length in zip(at[sharp].tolist(), lengths[sharp].tolist(), strict=True)
    ]
    return sorted(out)


def _parts(m: Measured, k: int, out: Gathered) -> None:
    vi, en = m.called(k)
    parts = shapely.get_parts(m.shapes[k])
    n = parts.size
    small = parts[np.argmin(shapely.area(parts))]
    size = float(shapely.area(small)) if m.metres else None
    out.put(
        found("several_parts", f"{capital(vi)} gồm {n} mảnh rời.", f"{capital(en)} has {n} separate parts.", m.record(k),
              size=size, **places.area(small)),
        int(m.file[k]), k,
    )  # fmt: skip
