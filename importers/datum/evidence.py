"""What speaks for a place: how much of a file lies in the commune, or beside its registered parcels."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from importers.check.context import Box, Context, Parcels
from importers.datum.fit import Fit, corners, fit

Floats = NDArray[np.float64]

SAMPLE = 200
_SLACK_M = 50.0
"""Outlines of communes are simplified, and plots stand across them."""
_BESIDE_M = 200.0


@dataclass(slots=True)
class Evidence:
    """Asks the context, each question once. Everything is in the context's zone, metres."""

    context: Context
    _outline: shapely.Geometry | None = None
    _asked: dict[Box, Parcels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.context.outline is not None and self.context.epsg is not None:
            self._outline = shapely.buffer(self.context.outline, _SLACK_M)
            shapely.prepare(self._outline)

    @property
    def has_outline(self) -> bool:
        """Whether the commune's outline is known."""
        return self._outline is not None

    def share(self, centres: Floats) -> float | None:
        """The share (0..1) of plots with these centres (n, 2) that lies where the commune is; None where nothing tells."""
        good = centres[np.isfinite(centres).all(axis=1)]
        if not self.has_outline and not self.context.has_register:
            return None
        if not len(good):
            return 0.0
        points = np.asarray(shapely.points(good), dtype=object)
        if self._outline is not None:
            return float(shapely.contains(self._outline, points).sum() / len(centres))
        near = self.parcels(good, _BESIDE_M)
        if not len(near):
            return 0.0
        beside = np.unique(shapely.STRtree(near.shape).query(points, "dwithin", _BESIDE_M)[0])
        return float(len(beside) / len(centres))

    def distance_m(self, centres: Floats) -> float | None:
        """How far the middle of these plots is from the outline."""
        good = centres[np.isfinite(centres).all(axis=1)]
        if self._outline is None or not len(good):
            return None
        return float(shapely.distance(self._outline, shapely.Point(np.median(good, axis=0))))

    def parcels(self, points: Floats, margin_m: float = 20.0) -> Parcels:
        """Registered parcels around the points (n, 2), by their box."""
        good = points[np.isfinite(points).all(axis=1)]
        if not len(good):
            return Parcels()
        west, south = np.floor(good.min(axis=0) - margin_m).tolist()
        east, north = np.ceil(good.max(axis=0) + margin_m).tolist()
        box = (west, south, east, north)
        if box not in self._asked:
            self._asked[box] = self.context.near.parcels(box)
        return self._asked[box]

    def fit(self, own: Floats) -> Fit | None:
        """How the corners (n, 2) of a file fit the corners of registered parcels; None where there are none."""
        near = self.parcels(own)
        return fit(own, corners(near.shape)) if len(near) else None
