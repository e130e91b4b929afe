"""The plots and findings of a report as shapes on the web map: what a page lays over the register to show them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo.crs import ZONES, to_wgs84
from importers.check.checked import Checked
from importers.report.inner import MOST_M, drawable
from importers.report.where import spots

_DECIMALS = 8  # a millimetre
Shapes = NDArray[np.object_]


def placed(told: dict[str, Any], checked: Checked) -> dict[str, Any]:
    """The body of a report with `geometry` in each plot and finding: GeoJSON in WGS84, for showing, None where the place is
    not known. Plots lie where they were checked: after the proposals that were accepted."""
    outlines: list[shapely.Geometry | None] = [None] * len(told["findings"])
    for spot in spots(checked) if checked.epsg in ZONES else ():
        outlines[spot.n - 1] = spot.shape
    spoken = np.array([*outlines, None], dtype=object)[:-1]
    layers = {
        "plots": _geometries(checked.shapes, drawable(checked.shapes), checked.epsg),
        "findings": _geometries(spoken, _finite(spoken), checked.epsg),
    }
    return told | {
        name: [row | {"geometry": shape} for row, shape in zip(told[name], shapes, strict=True)]
        for name, shapes in layers.items()
    }


def _finite(shapes: Shapes) -> NDArray[np.bool_]:
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    with np.errstate(invalid="ignore"):
        bounded = (np.abs(shapely.bounds(shapes)) < MOST_M).all(axis=1)
    return np.asarray(bounded & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes), dtype=np.bool_)


def _geometries(shapes: Shapes, ok: NDArray[np.bool_], epsg: int | None) -> Sequence[orjson.Fragment | None]:
    out: list[orjson.Fragment | None] = [None] * len(shapes)
    if epsg is None or epsg not in ZONES or not ok.any():
        return out

    def on_the_map(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon_lat: NDArray[np.float64] = np.column_stack(to_wgs84(epsg, xy[:, 0], xy[:, 1]))
        return lon_lat.round(_DECIMALS)

    chosen = np.flatnonzero(ok)
    there = shapely.transform(shapely.force_2d(shapes[chosen]), on_the_map)
    for index, shape in zip(chosen.tolist(), there, strict=True):
        if np.isfinite(shapely.bounds(shape)).all():
            out[index] = orjson.Fragment(shapely.to_geojson(shape))
    return out
