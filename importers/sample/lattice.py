"""Rows of lots between streets as arrays: the ground of the fabric, where every corner is known to both neighbours.

A patch is a lattice of columns (one map sheet wide) and rows (a street, a row of lots facing it, a row of lots backing on to
that one). Rings are arrays (n, k, 2) in metres of the patch, closed and counter-clockwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weft:
    """The measures of one patch, in metres: columns of lots, the mean lot and the ways between."""

    columns: int
    lots: int
    lot_width_m: float
    lot_depth_m: float
    street_m: float
    road_m: float

    @property
    def column_m(self) -> float:
        return self.road_m + self.lots * self.lot_width_m

    @property
    def row_m(self) -> float:
        return self.street_m + 2 * self.lot_depth_m


@dataclass(frozen=True, slots=True)
class Row:
    """Rings of one row, column after column: `lower` and `upper` (columns, lots, k, 2), `streets` (columns, m, 2); `top` is the
    upper front (columns, p, 2), on which the next street lies; `west` and `east` are the ends (columns, q, 2), going north."""

    lower: Array
    upper: Array
    streets: Array
    top: Array
    west: Array
    east: Array


def row(weft: Weft, index: int, below: Array | None, rng: np.random.Generator) -> Row:
    """The row `index` of a patch; `below` is the `top` of the row before it. Rings have 4 to 12 corners, streets many."""
    fronts, backs, sides = (
        int(k) for k in rng.choice([[0, 0, 0], [0, 1, 0], [1, 1, 0], [0, 2, 1], [1, 3, 1], [2, 4, 1]])
    )
    y0 = index * weft.row_m
    y1, y3 = y0 + weft.street_m, y0 + weft.row_m
    y2 = 0.5 * (y1 + y3) + rng.uniform(-0.08, 0.08) * weft.lot_depth_m
    widths = rng.lognormal(0.0, 0.22, (weft.columns, weft.lots))
    widths *= weft.lots * weft.lot_width_m / widths.sum(axis=1, keepdims=True)
    west_m = (np.arange(weft.columns) * weft.column_m + weft.road_m)[:, None]
    corners = np.concatenate([np.zeros((weft.columns, 1)), np.cumsum(widths, axis=1)], axis=1) + west_m
    least = 0.12 * weft.lot_width_m
    low = _line(_nudged(corners, least, rng), y1, fronts, 0.05, rng)
    back = _line(corners, y2, backs, 0.04 * weft.lot_depth_m, rng)
    high = _line(_nudged(corners, least, rng), y3, fronts, 0.05, rng)
    lower_side = _side(low[:, :: fronts + 1], back[:, :: backs + 1], sides)
    upper_side = _side(back[:, :: backs + 1], high[:, :: fronts + 1], sides)
    bottom = low - (0.0, weft.street_m) if below is None else below
    streets = _closed(np.concatenate([bottom, low[:, ::-1]], axis=1))
    ends = [
        np.concatenate(
            [
                bottom[:, [at]],
                low[:, [at]],
                lower_side[:, at],
                back[:, [at]],
                upper_side[:, at],
                high[:, [at]],
            ],
            axis=1,
        )
        for at in (0, -1)
    ]
    return Row(
        _lots(low, fronts, lower_side, back, backs),
        _lots(back, backs, upper_side, high, fronts),
        streets,
        high,
        *ends,
    )


def road(west: list[Array], east: list[Array], weft: Weft) -> Array:
    """Rings (columns, k, 2) of the roads on the west of each column, along the rows whose ends are given."""
    right = np.concatenate([part if index == 0 else part[:, 1:] for index, part in enumerate(west)], axis=1)
    ends = np.concatenate([part if index == 0 else part[:, 1:] for index, part in enumerate(east)], axis=1)
    left = np.concatenate([ends[-1:] - (weft.columns * weft.column_m, 0.0), ends[:-1]], axis=0)
    return _closed(np.concatenate([right, left[:, ::-1]], axis=1))


def areas_m2(rings: Array) -> Array:
    """Areas of closed rings (…, k, 2)."""
    local = rings - rings[..., :1, :]
    x, y = local[..., 0], local[..., 1]
    twice = (x[..., :-1] * y[..., 1:] - x[..., 1:] * y[..., :-1]).sum(axis=-1)
    return np.asarray(0.5 * np.abs(twice), dtype=np.float64)


def inner(rings: Array, share: float) -> Array:
    """Each ring drawn in towards its middle: a pond inside its lot."""
    middle = rings[:, :-1].mean(axis=1, keepdims=True)
    return np.asarray(middle + share * (rings - middle), dtype=np.float64)


def _nudged(corners: Array, by_m: float, rng: np.random.Generator) -> Array:
    moved = corners + rng.uniform(-by_m, by_m, corners.shape)
    moved[:, [0, -1]] = corners[:, [0, -1]]
    return moved


def _line(corners: Array, y_m: float, between: int, by_m: float, rng: np.random.Generator) -> Array:
    """(columns, lots · (between + 1) + 1, 2): the corners with `between` points in every gap, slightly off the straight."""
    count = corners.shape[1]
    at = np.linspace(0, count - 1, (count - 1) * (between + 1) + 1)
    step = np.minimum(at.astype(np.int64), count - 2)
    part = at - step
    x = corners[:, step] * (1 - part) + corners[:, step + 1] * part
    y = y_m + rng.uniform(-by_m, by_m, x.shape)
    y[:, [0, -1]] = y_m
    return np.stack([x, y], axis=-1)


def _side(foot: Array, head: Array, count: int) -> Array:
    """(columns, lots + 1, count, 2): points on the sides between lots, from south to north."""
    at = (np.arange(count) + 1)[None, None, :, None] / (count + 1)
    return foot[:, :, None] + at * (head - foot)[:, :, None]


def _lots(south: Array, in_south: int, side: Array, north: Array, in_north: int) -> Array:
    lots = side.shape[1] - 1
    first = np.arange(lots)[:, None]
    foot = south[:, first * (in_south + 1) + np.arange(in_south + 2)]
    head = north[:, first * (in_north + 1) + np.arange(in_north + 2)]
    return _closed(np.concatenate([foot, side[:, 1:], head[:, :, ::-1], side[:, :-1, ::-1]], axis=2))


def _closed(rings: Array) -> Array:
    return np.concatenate([rings, rings[..., :1, :]], axis=-2)
