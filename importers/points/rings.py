"""Corners in their order made into plots."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from importers.check.rules import found
from importers.check.words import metres
from importers.crs import metres_by_size
from importers.plots import Plot
from importers.points.met import Met, place
from importers.points.polar import SAME_M, Point


@dataclass(slots=True)
class Corners:
    """The corners of one plot as listed, and what its title or columns say. `closed`: a mark says that the ring ends."""

    points: list[Point] = field(default_factory=list)
    number: str | None = None
    sheet: str | None = None
    commune: str | None = None
    land_use: str | None = None
    legal_area_m2: float | None = None
    told_area_m2: float | None = None
    closed: bool = False
    table: str = ""
    first_line: int = 0


def plots(lists: Sequence[Corners], met: Met) -> list[Plot]:
    """One plot per list. A list that comes back to its first corner ends a ring there; a further ring in it is a hole
    where it lies inside the first, else another part.

    Where some lists close (a closing convention is in use), one that does not is a finding, and is closed by a line.
    A ring of fewer than three corners is a finding and gives no shape.
    """
    at = np.array([(p.east, p.north) for corners in lists for p in corners.points]).reshape(-1, 2)
    unit_m = metres_by_size(at) or 1.0
    split = [_split(corners.points, SAME_M / unit_m) for corners in lists]
    convention = any(
        corners.closed or parts[-1][1] for corners, parts in zip(lists, split, strict=True) if parts
    )
    made = []
    for corners, parts in zip(lists, split, strict=True):
        record = _record(corners)
        if parts and convention and not (corners.closed or parts[-1][1]) and len(parts[-1][0]) >= 3:
            _open(parts[-1][0], record, unit_m, met)
        made.append(_plot(corners, [ring for ring, _ in parts], record, met))
    return made


def _split(points: Sequence[Point], same: float) -> list[tuple[list[Point], bool]]:
    """Rings without the repeated first corner (points `same` apart are one), and whether each came back to it."""
    done: list[tuple[list[Point], bool]] = []
    ring: list[Point] = []
    for point in points:
        if len(ring) >= 3 and _apart(ring[0], point) <= same:
            done.append((ring, True))
            ring = []
        else:
            ring.append(point)
    if ring:
        done.append((ring, False))
    return done


def _apart(a: Point, b: Point) -> float:
    return math.hypot(a.east - b.east, a.north - b.north)


def _record(corners: Corners) -> str:
    lines = [p.line for p in corners.points if p.line] or [corners.first_line]
    first = min([*lines, corners.first_line or lines[0]])
    title = f"Thửa {corners.number}" if corners.number else "Thửa không số"
    return f"{title} ({place(first, max(lines), corners.table)})"


def _open(ring: list[Point], record: str, unit_m: float, met: Met) -> None:
    start, end = ring[0], ring[-1]
    gap_m = _apart(start, end) * unit_m
    met.add(
        found(
            "open_ring",
            f"{record}: từ điểm cuối {end.name} không về điểm đầu {start.name} (hở {metres(gap_m)[0]}); đã nối thẳng.",
            f"{record}: the last point {end.name} does not return to the first, {start.name} (gap {metres(gap_m)[1]}); joined.",
            record, x=end.east, y=end.north, width_m=gap_m,
            extent=f"LINESTRING ({end.east!r} {end.north!r}, {start.east!r} {start.north!r})",
        )
    )  # fmt: skip


def _plot(corners: Corners, rings: list[list[Point]], record: str, met: Met) -> Plot:
    whole = [ring for ring in rings if len(ring) >= 3]
    for ring in rings:
        if len(ring) < 3:
            names = ", ".join(p.name for p in ring)
            met.add(
                found(
                    "no_shape" if not whole else "bad_line",
                    f"{record}: vòng ranh chỉ có {len(ring)} điểm ({names}).",
                    f"{record}: a ring has only {len(ring)} points ({names}).",
                    record, x=ring[0].east, y=ring[0].north,
                )
            )  # fmt: skip
    if not rings:
        met.add(
            found(
                "no_shape", f"{record}: không có điểm nào.", f"{record}: it has no points.", record,
            )
        )  # fmt: skip
    plot = Plot(
        record, _shape(whole), commune=corners.commune, sheet=corners.sheet, number=corners.number,
        land_use=corners.land_use, legal_area_m2=corners.legal_area_m2, told_area_m2=corners.told_area_m2,
    )  # fmt: skip
    if whole:
        plot.corners = tuple(p.name for p in max(whole, key=lambda r: abs(_area(r))))
    return plot


def _area(ring: Sequence[Point]) -> float:
    # Relative to a corner: products of coordinates of millions of metres would eat the square decimetres.
    x0, y0 = ring[0].east, ring[0].north
    return (
        sum(
            (a.east - x0) * (b.north - y0) - (b.east - x0) * (a.north - y0)
            for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
        )
        / 2
    )


def _shape(rings: list[list[Point]]) -> shapely.Geometry | None:
    if not rings:
        return None
    outer_first = sorted(rings, key=lambda r: -abs(_area(r)))
    coords = [[(p.east, p.north) for p in ring] for ring in outer_first]
    shell = shapely.Polygon(coords[0])
    shapely.prepare(shell)
    inside = [bool(shapely.intersects_xy(shell, *ring[0])) for ring in coords[1:]]
    holes = [ring for ring, within in zip(coords[1:], inside, strict=True) if within]
    apart = [shapely.Polygon(ring) for ring, within in zip(coords[1:], inside, strict=True) if not within]
    first = shapely.Polygon(coords[0], holes)
    return first if not apart else shapely.MultiPolygon([first, *apart])
