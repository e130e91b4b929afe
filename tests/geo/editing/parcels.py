"""Parcels as strategies: star-shaped rings on the millimetre, some with a hole, far from the origin as VN-2000 is."""

import numpy as np
import shapely
from hypothesis import strategies as st

EAST_M, NORTH_M = 548_000.0, 1_778_000.0


def at(*points):
    """Points (n, 2) in metres from the corner of the drawings of `tests.geo.drawing`, on the millimetre."""
    return np.round(np.array(points, dtype=float) + np.array([EAST_M, NORTH_M]), 3)


def star(radii_m, middle=(0.0, 0.0)):
    """A ring about a point with corners at equal angles and these radii."""
    angle = np.linspace(0, 2 * np.pi, len(radii_m), endpoint=False)
    r = np.array(radii_m)
    return at(*np.column_stack((middle[0] + r * np.cos(angle), middle[1] + r * np.sin(angle))))


@st.composite
def parcels(draw, holes=True):
    """A valid Polygon of 3 to 12 corners, up to 60 m across, on the millimetre, exterior counter-clockwise."""
    radii = draw(st.lists(st.integers(4_000, 30_000), min_size=5, max_size=12))
    inner = []
    if holes and draw(st.booleans()):
        # Even between two far corners the exterior of a pentagon stays 1.2 m away from the middle.
        inner = [star([r / 1000 for r in draw(st.lists(st.integers(300, 1_100), min_size=5, max_size=6))])]
    shape = shapely.Polygon(star([r / 1000 for r in radii]), inner)
    return shapely.orient_polygons(shape)


@st.composite
def long_lines(draw):
    """A straight line (2, 2) right through where parcels are, or beside it."""
    angle, off_mm = draw(st.tuples(st.floats(0, 2 * np.pi), st.integers(-30_000, 30_000)))
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]]) * off_mm / 1000
    return at(across - 80 * along, across + 80 * along)


def on_grid(shape):
    xy = shapely.get_coordinates(shape)
    return np.array_equal(xy, np.round(xy * 1000) / 1000)


def well_made(shape):
    """Valid, on the millimetre, exterior counter-clockwise, no point twice in a row."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    ways = [
        shapely.is_ccw(ring) == (k == 0)
        for part in shapely.get_parts(shape)
        for k, ring in enumerate(shapely.get_rings(part))
    ]
    repeats = any((np.diff(shapely.get_coordinates(ring), axis=0) == 0).all(axis=1).any() for ring in rings)
    return bool(shapely.is_valid(shape)) and on_grid(shape) and all(ways) and not repeats


def corners(*shapes):
    """Corners as a set of whole millimetres."""
    return {
        tuple(p) for s in shapes for p in np.round(shapely.get_coordinates(s) * 1000).astype(int).tolist()
    }
