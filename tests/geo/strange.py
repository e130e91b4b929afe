"""Hypothesis strategies for parcels of all kinds: blobs of cells with holes, strips, stars, slivers, many
parts."""

import math

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import affinity

EAST_M, NORTH_M = 548_000.0, 1_778_000.0


def _placed(shape: shapely.Geometry, angle_deg: float) -> shapely.Geometry:
    turned = affinity.rotate(shape, angle_deg, origin=(0, 0))
    return shapely.orient_polygons(
        shapely.transform(turned, lambda xy: np.round(xy + np.array([EAST_M, NORTH_M]), 3), include_z=False)
    )


@st.composite
def blobs(draw: st.DrawFn) -> shapely.Geometry:
    """Cells of a small grid joined: rings, U shapes, holes, several parts."""
    side = draw(st.sampled_from([0.05, 0.4, 1.0, 7.3, 120.0]))
    cells = draw(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=20))
    squares = [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for x, y in cells]
    return _placed(shapely.union_all(squares), draw(st.sampled_from([0.0, 17.0, 45.0])))


@st.composite
def strips(draw: st.DrawFn) -> shapely.Geometry:
    """Alleys and ditches: a bent line made 2 cm to 3 m wide."""
    bends = draw(st.lists(st.integers(-20, 20), min_size=2, max_size=7))
    line = shapely.linestrings([(17.0 * k, float(bend)) for k, bend in enumerate(bends)])
    return _placed(
        shapely.buffer(
            line, draw(st.sampled_from([0.01, 0.1, 0.5, 1.5])), cap_style="flat", join_style="mitre"
        ),
        draw(st.floats(0, 90)),
    )


@st.composite
def stars(draw: st.DrawFn) -> shapely.Geometry:
    radii = draw(st.lists(st.floats(0.2, 40), min_size=3, max_size=14))
    angles = [2 * math.pi * k / len(radii) for k in range(len(radii))]
    points = [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    return _placed(shapely.Polygon(points), 0.0)


def parcels() -> st.SearchStrategy[shapely.Geometry]:
    """Valid shapes on the millimetre near Da Nang."""
    return st.one_of(blobs(), strips(), stars()).filter(
        lambda shape: bool(shapely.is_valid(shape)) and not shape.is_empty and shape.area > 0
    )
