"""Whole files in the wrong place, and plots that strayed from theirs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import pyproj
import shapely

from geo import crs
from importers.sample.bands import Array
from importers.sample.place import EPSG
from importers.sample.surveys.planting import Block, Planted, Truth, pick
from importers.sample.surveys.survey import labelled

_FOOT_M: Final = 0.3048
# EPSG:5194, another set of parameters for VN-2000 to WGS84 (Mekong area), coordinate frame; rules §3.1.
_OTHER_OPERATION: Final = (
    "+proj=pipeline +step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=-192.873 +y=-39.382 +z=-111.202 "
    "+rx=0.00205 +ry=0.0005 +rz=-0.00335 +s=0.0188 +convention=coordinate_frame "
    "+step +inv +proj=cart +ellps=WGS84 "
)


def swapped(block: Block, _rng: np.random.Generator) -> Planted:
    """North where east belongs."""
    return _placed(block, lambda xy: xy[:, ::-1])


def other_meridian(block: Block, rng: np.random.Generator) -> Planted:
    """Drawn in a neighbouring zone."""
    epsg = pick(rng, (5897, 5898, 9217, 9218, 9215, 9216))
    return _placed(block, lambda xy: _projected(xy, epsg))


def degrees(block: Block, _rng: np.random.Generator) -> Planted:
    """Longitude and latitude, WGS84, with as many decimals as a tenth of a millimetre has."""
    planted = _placed(block, _wgs84)
    return replace(planted, survey=replace(planted.survey, decimals=9))


def wrong_operation(block: Block, _rng: np.random.Generator) -> Planted:
    """Through WGS84 and back by other parameters."""
    zone = crs.zone(EPSG)
    steps = (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step {_OTHER_OPERATION.removeprefix('+proj=pipeline +step ')}"
        f"+step +proj=tmerc +lat_0=0 +lon_0={zone.central_meridian_deg} +k={zone.scale} +x_0=500000 +y_0=0 +ellps=WGS84"
    )
    back = pyproj.Transformer.from_pipeline(steps)

    def placing(xy: Array) -> Array:
        lon_lat = _wgs84(xy)
        return np.column_stack(back.transform(lon_lat[:, 0], lon_lat[:, 1]))

    return _placed(block, placing)


def false_easting(block: Block, _rng: np.random.Generator) -> Planted:
    """Without the 500 km."""
    return _placed(block, lambda xy: xy - np.array([500_000.0, 0.0]))


def feet(block: Block, _rng: np.random.Generator) -> Planted:
    """International feet."""
    return _placed(block, lambda xy: xy / _FOOT_M)


def millimetres(block: Block, _rng: np.random.Generator) -> Planted:
    """Millimetres, as building drawings have them."""
    return _placed(block, lambda xy: xy * 1000.0)


def shifted(block: Block, rng: np.random.Generator) -> Planted:
    """The sheet moved as a whole by 0.3 to 8 m."""
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 8.0)
    move = np.round(far * np.array([np.cos(angle), np.sin(angle)]), 3)
    planted = _placed(block, lambda xy: xy + move)
    return replace(planted, truth=Truth(width_m=far))


def local(block: Block, _rng: np.random.Generator) -> Planted:
    """A system of the surveyor's own, and nobody says which."""
    x, y = block.lots[0].label or (0.0, 0.0)
    planted = _placed(block, lambda xy: xy - np.array([x - 1000.0, y - 1000.0]))
    return replace(planted, alone=True)


def mixed(block: Block, rng: np.random.Generator) -> Planted:
    """One plot with a wrong digit in its northings: tens or hundreds of kilometres off."""
    index = int(rng.integers(len(block.lots)))
    lot = block.lots[index]
    far = pick(rng, (-200_000.0, -60_000.0, 50_000.0, 100_000.0))
    moved = labelled(replace(lot, shape=shapely.transform(lot.shape, lambda xy: xy + np.array([0.0, far]))))
    return Planted(block.with_lots({index: moved}), Truth(frozenset({block.number(index)}), moved.label))


def _placed(block: Block, placing: Callable[[Array], Array]) -> Planted:
    return Planted(replace(block.survey, placing=placing), Truth())


def _wgs84(xy: Array) -> Array:
    return np.column_stack(crs.to_wgs84(EPSG, xy[:, 0], xy[:, 1]))


def _projected(xy: Array, epsg: int) -> Array:
    lon_lat = _wgs84(xy)
    return np.column_stack(crs.from_wgs84(epsg, lon_lat[:, 0], lon_lat[:, 1]))
