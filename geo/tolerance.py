"""How far a measurement may differ: areas, edge lengths and points by map scale (sai số cho phép).

Circular 26/2024/TT-BTNMT, appendices 03 (edges) and 04 (areas); Circular 25/2014/TT-BTNMT, article 7 (points:
whether the circular of 2024 keeps these values was not confirmed). The first two tables start from a base value and add a
rate for each further step of size ("cứ mỗi 1,0 m", "10 m² tăng thêm"). Whether a started step counts is not
said: the tables are read linearly here, and by whole steps on request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Reading = Literal["linear", "whole_steps"]


@dataclass(frozen=True, slots=True)
class Table:
    """Tolerance by size: `base` up to `base_to`, then for each `step` more the rate of the range it falls in.

    `ranges` are (upper limit, rate), the last one without limit; a range begins where the one before ends.
    """

    base_to: float
    base: float
    step: float
    ranges: tuple[tuple[float, float], ...]

    def at(self, size: float, reading: Reading = "linear") -> float:
        """The tolerance at a size, in the table's own units. Raises: ValueError when the size is negative
        or NaN."""
        if not size >= 0:
            raise ValueError(f"not a size: {size}")
        tolerance, start = self.base, self.base_to
        for limit, rate in self.ranges:
            if size <= start:
                break
            steps = (min(size, limit) - start) / self.step
            # 0.3 / 0.1 is 2.999…: what is a whole step to nine decimals is one.
            tolerance += rate * (steps if reading == "linear" else int(round(steps, 9)))
            start = limit
        return tolerance


_ENDLESS = float("inf")


def _area(base_to: float, base: float, *ranges: tuple[float, float]) -> Table:
    return Table(base_to, base, 10.0, ranges)


def _edge(base_to: float, base: float, *ranges: tuple[float, float]) -> Table:
    return Table(base_to, base, 1.0, ranges)


AREA_M2: Mapping[int, Table] = MappingProxyType({
    200: _area(30, 0.23, (100, 0.07), (300, 0.05), (500, 0.04), (1000, 0.03), (2000, 0.02), (_ENDLESS, 0.01)),
    500: _area(30, 0.25, (100, 0.08), (300, 0.05), (500, 0.04), (1000, 0.03), (2000, 0.02), (_ENDLESS, 0.01)),
    1000: _area(40, 0.35, (300, 0.08), (1000, 0.05), (2000, 0.04), (5000, 0.03), (10000, 0.02), (_ENDLESS, 0.01)),
    2000: _area(40, 0.40, (300, 0.09), (1000, 0.05), (2000, 0.04), (5000, 0.03), (10000, 0.02), (_ENDLESS, 0.01)),
    5000: _area(50, 0.50, (300, 0.09), (1000, 0.05), (2000, 0.04), (5000, 0.03), (10000, 0.02), (_ENDLESS, 0.01)),
    10000: _area(50, 0.50, (300, 0.09), (1000, 0.06), (2000, 0.05), (5000, 0.04), (10000, 0.03), (_ENDLESS, 0.02)),
})  # fmt: skip
"""Appendix 04: m² by area in m², per scale denominator, per 10 m² more."""

EDGE_CM: Mapping[int, Table] = MappingProxyType({
    200: _edge(2, 1.5, (8, 0.6), (15, 0.25), (30, 0.2), (50, 0.15), (_ENDLESS, 0.1)),
    500: _edge(3, 1.8, (8, 0.65), (15, 0.3), (30, 0.25), (50, 0.2), (_ENDLESS, 0.1)),
    1000: _edge(3.5, 2.0, (10, 0.7), (30, 0.3), (50, 0.25), (_ENDLESS, 0.1)),
    2000: _edge(4, 3.0, (10, 0.75), (30, 0.35), (50, 0.25), (_ENDLESS, 0.1)),
    5000: _edge(5, 4.0, (10, 0.8), (30, 0.4), (50, 0.35), (_ENDLESS, 0.15)),
    10000: _edge(5, 4.0, (10, 0.85), (30, 0.45), (50, 0.4), (_ENDLESS, 0.2)),
})  # fmt: skip
"""Appendix 03: cm by length in metres, per scale denominator, per 1 m more."""

AGRICULTURAL_FACTOR = 1.2
"""Edges at 1:1000 and 1:2000 in concentrated agricultural or unused land (appendix 03)."""

POINT_CM: Mapping[int, float] = MappingProxyType(
    {200: 5.0, 500: 7.0, 1000: 15.0, 2000: 30.0, 5000: 150.0, 10000: 300.0}
)
"""Circular 25/2014, article 7: cm between a boundary point as measured and as it is, per scale denominator."""

AGRICULTURAL_POINT_FACTOR = 1.5
"""Points at 1:1000 and 1:2000 on agricultural land (article 7)."""

_SCALE_IF_UNKNOWN = 500
"""A sheet whose scale is not known is held to the scale of towns: the stricter answer asks for an
explanation."""


def area_tolerance_m2(area_m2: float, scale: int | None, reading: Reading = "linear") -> float:
    """The permitted difference of two areas of one parcel, m², on a map of this scale (its denominator).

    Raises: ValueError for a scale the appendix does not list, or a negative area.
    """
    return _table(AREA_M2, scale).at(area_m2, reading)


def edge_tolerance_cm(
    length_m: float, scale: int | None, reading: Reading = "linear", agricultural: bool = False
) -> float:
    """The permitted difference of two lengths of one edge, cm, on a map of this scale (its denominator).

    Raises: ValueError for a scale the appendix does not list, or a negative length.
    """
    factor = AGRICULTURAL_FACTOR if agricultural and scale in (1000, 2000) else 1.0
    return factor * _table(EDGE_CM, scale).at(length_m, reading)


def point_error_cm(scale: int | None, agricultural: bool = False) -> float:
    """The permitted error of a boundary point, cm, on a map of this scale (its denominator).

    Raises: ValueError for a scale the article does not list.
    """
    base = POINT_CM.get(_SCALE_IF_UNKNOWN if scale is None else scale)
    if base is None:
        known = ", ".join(f"1:{s}" for s in POINT_CM)
        raise ValueError(f"no point error for scale 1:{scale}; the article knows {known}")
    return base * AGRICULTURAL_POINT_FACTOR if agricultural and scale in (1000, 2000) else base


def _table(tables: Mapping[int, Table], scale: int | None) -> Table:
    try:
        return tables[_SCALE_IF_UNKNOWN if scale is None else scale]
    except KeyError:
        known = ", ".join(f"1:{s}" for s in tables)
        raise ValueError(f"no tolerance for scale 1:{scale}; the tables know {known}") from None
