"""Where findings are in the coordinates the plots are drawn in.

A finding speaks in the coordinates of the file (`x`, `y`, `extent`) and, once the place is known, in degrees. Between the
file and the zone lies whatever the datum detective proposed and the surveyor accepted: found again here from the corners
of the plots, which are known in both.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import ZONES, from_wgs84
from geo.finding import Finding
from importers.check.checked import Checked
from importers.report.inner import MOST_M, drawable

Floats = NDArray[np.float64]

_SAME_M = 0.05
_LONGEST_WKT = 1_000_000
_SAMPLE = 40


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of finding number n: a point (east, north) and its outline, a point, line or polygon; `index` the plot it
    speaks of, None where no plot has its record."""

    n: int
    east: float
    north: float
    shape: shapely.Geometry | None
    index: int | None


def spots(checked: Checked) -> list[Spot]:
    """Of the findings that name a place, in order."""
    found = checked.findings
    index_of: dict[str, int] = {}
    for i, plot in enumerate(checked.plots):
        index_of.setdefault(plot.record, i)
    zone = checked.epsg if checked.epsg in ZONES else None
    told = np.array([(_nan(f.lon_deg), _nan(f.lat_deg)) for f in found], dtype=float).reshape(-1, 2)
    anchors = np.full((len(found), 2), np.nan)
    if zone is not None and len(found):
        anchors = np.column_stack(from_wgs84(zone, told[:, 0], told[:, 1]))
    fits = _fits(checked) if zone is not None else [_SAME]
    out = []
    for n, (finding, anchor) in enumerate(zip(found, anchors, strict=True), 1):
        record = finding.record
        spot = _spot(n, finding, anchor, fits, index_of.get(record) if record is not None else None)
        if spot:
            out.append(spot)
    return out


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _spot(n: int, finding: Finding, anchor: Floats, fits: "list[Fit]", index: int | None) -> Spot | None:
    known = bool(np.isfinite(anchor).all() and (np.abs(anchor) < MOST_M).all())
    shape = _parsed(finding.extent)
    at = None
    if finding.x is not None and finding.y is not None:
        at = np.array([finding.x, finding.y])
    elif shape is not None:
        at = np.array(shapely.get_coordinates(shapely.centroid(shape))[0])
    if at is None or not np.isfinite(at).all() or not (np.abs(at) < MOST_M).all():
        return Spot(n, float(anchor[0]), float(anchor[1]), None, index) if known else None
    if known:
        fit = min(fits, key=lambda one: float(np.hypot(*(one.of(at) - anchor))))
        off = anchor - fit.of(at)
        if np.hypot(*off) > 1000 * _SAME_M:  # the outline belongs to another system than any known here
            return Spot(n, float(anchor[0]), float(anchor[1]), None, index)
    else:
        fit = fits[0]
        off = np.zeros(2)
    if shape is not None:
        shape = shapely.transform(shape, lambda xy: fit.of(xy) + off)
    place = fit.of(at) + off
    if not (np.abs(place) < MOST_M).all():
        return None
    return Spot(n, float(place[0]), float(place[1]), shape, index)


def _parsed(wkt: str | None) -> shapely.Geometry | None:
    if not wkt or len(wkt) > _LONGEST_WKT:
        return None
    shape = shapely.from_wkt(wkt, on_invalid="ignore")
    if shape is None or shape.is_empty:
        return None
    shape = shapely.force_2d(shape)
    bounds = np.array(shape.bounds)
    return shape if np.isfinite(bounds).all() and (np.abs(bounds) < MOST_M).all() else None


@dataclass(frozen=True, slots=True)
class Fit:
    """An affine step: (xy - origin) @ turn + shift, arrays (2,), (2, 2), (2,)."""

    origin: Floats
    turn: Floats
    shift: Floats

    def of(self, xy: Floats) -> Floats:
        """Where x, y (n, 2) or (2,) of the file are in the zone."""
        moved: Floats = (xy - self.origin) @ self.turn + self.shift
        return moved


_SAME = Fit(np.zeros(2), np.eye(2), np.zeros(2))


def _fits(checked: Checked) -> list[Fit]:
    """Nothing changed, and one step per file whose plots were moved."""
    fits = [_SAME]
    of_file: dict[str, list[int]] = {}
    for i, file in enumerate(checked.files):
        of_file.setdefault(file, []).append(i)
    for indices in of_file.values():
        raw = np.array([checked.plots[i].shape for i in indices], dtype=object)
        put = checked.shapes[indices]
        both = drawable(raw) & drawable(put)
        both &= shapely.get_num_coordinates(raw) == shapely.get_num_coordinates(put)
        chosen = np.flatnonzero(both)[:_SAMPLE]
        if not chosen.size:
            continue
        a = shapely.get_coordinates(raw[chosen])
        b = shapely.get_coordinates(put[chosen])
        if np.abs(a - b).max() < _SAME_M:
            continue
        origin, shift = a.mean(axis=0), b.mean(axis=0)
        spread = max(float(np.abs(a - origin).max()), 1e-12)
        turn = np.linalg.lstsq((a - origin) / spread, b - shift, rcond=None)[0] / spread
        fits.append(Fit(origin, turn, shift))
    return fits if len(fits) == 1 else [*fits[1:], _SAME]
