"""What an editor might draw over a parcel, from a few numbers."""

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from tests.register.model import Parcel

Point = list[float]


def _mm(x: float, y: float) -> Point:
    return [round(x, 3), round(y, 3)]


def free_ground(cell: shapely.Polygon, parcels: Iterable[Parcel]) -> shapely.Polygon:
    """The largest part of a cell nobody has; empty where that is less than a square metre."""
    near = [p.ground for p in parcels]
    taken = shapely.union_all([g for g in near if g.intersects(cell)])
    parts = shapely.get_parts(shapely.set_precision(cell.difference(taken), 0.001))
    best = max(
        (p for p in parts if p.geom_type == "Polygon"), key=lambda p: p.area, default=shapely.Polygon()
    )
    if best.area < 1 or 2 * best.area / best.length < 0.5:
        return shapely.Polygon()
    return shapely.Polygon(best)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A parcel to draw on, and all that stands."""

    code: str
    parcel: Parcel
    present: Mapping[str, Parcel]

    def cut(self, way: int, a: float, b: float) -> dict[str, Any]:
        """Lines from edge to edge (0: upright, 1: level, 2: slanted, 3: bent), a ring (4), an area (5)."""
        shape = self.parcel.ground
        x0, y0, x1, y1 = shape.bounds
        x, y = x0 + a * (x1 - x0), y0 + b * (y1 - y0)
        if way == 5:
            return {
                "area_m2": round(shape.area * a, 2),
                "direction_deg": [0.0, 45.0, 90.0, 137.5][int(b * 4)],
            }
        if way == 4:
            w, h = (x1 - x0) * 0.3, (y1 - y0) * 0.3
            return {"ring": [_mm(x - w, y - h), _mm(x + w, y - h), _mm(x + w, y + h), _mm(x - w, y + h)]}
        line = [
            [_mm(x, y0 - 1), _mm(x, y1 + 1)],
            [_mm(x0 - 1, y), _mm(x1 + 1, y)],
            [_mm(x0 - 1, y0 + a * (y1 - y0)), _mm(x1 + 1, y0 + b * (y1 - y0))],
            [_mm(x0 - 1, y), _mm(x, y), _mm(x, y1 + 1)],
        ][way]
        return {"lines": [line]}

    def beside(self) -> list[str]:
        """Codes of parcels that share an edge with it, on the same sheet or not."""
        mine = self.parcel.ground
        wide = shapely.buffer(mine, 0.002)
        return sorted(
            code for code, other in self.present.items()
            if code != self.code and shapely.intersection(wide, other.ground).length > 0.5
        )  # fmt: skip

    def corner(self, way: int, pick: int, dx_mm: int, dy_mm: int) -> dict[str, Any]:
        """A corner moved (0), put in (1) or taken out (2)."""
        xy = shapely.get_coordinates(self.parcel.ground)[:-1].tolist()
        k = pick % len(xy)
        (ax, ay), (bx, by) = xy[k], xy[(k + 1) % len(xy)]
        if way == 0:
            return {"moves": [{"from": _mm(ax, ay), "to": _mm(ax + dx_mm / 1000, ay + dy_mm / 1000)}]}
        if way == 1:
            t = 0.5 + dx_mm / 4000
            return {"inserts": [_mm(ax + t * (bx - ax), ay + t * (by - ay))]}
        return {"removes": [_mm(ax, ay)]}

    def measured(self, seed: int) -> list[list[Point]]:
        """Its rings with a corner or all of them a few centimetres or decimetres away."""
        rnd = random.Random(seed)
        far, share = rnd.choice([0.05, 0.25, 0.8]), rnd.choice([0.2, 0.5, 1.0])
        rings = []
        shape = shapely.get_parts(self.parcel.ground)[0]
        for ring in (shape.exterior, *shape.interiors):
            xy = []
            for x, y in list(ring.coords)[:-1]:
                r, t = (rnd.uniform(0, far), rnd.uniform(0, 2 * math.pi)) if rnd.random() < share else (0, 0)
                xy.append(_mm(x + r * math.cos(t), y + r * math.sin(t)))
            rings.append([*xy, xy[0]])
        return rings
