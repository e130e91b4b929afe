"""Plain from a zoom on: exactly where GEOS calls the rounded shape valid."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.rounding import FIRST_ZOOM, LAST_ZOOM, NEVER, clockwise, plain_from

WORLD_M = 2 * 20037508.342789244
corner = st.tuples(st.integers(0, 60), st.integers(0, 60))


def rounded(shape: shapely.Polygon, zoom: int) -> shapely.Geometry:
    scale = 4096 * 2**zoom / WORLD_M
    grid = np.rint((shapely.get_coordinates(shape) * (1, -1) + WORLD_M / 2) * scale)
    kept = [tuple(p) for i, p in enumerate(grid) if i == 0 or tuple(p) != tuple(grid[i - 1])]
    return shapely.Polygon(kept) if len(kept) > 3 else shapely.Polygon()


def asked(shape: shapely.Polygon) -> int:
    xy = shapely.get_coordinates(shape)
    return int(plain_from(xy, np.array([0, len(xy)]), np.array([True]))[0])


@given(st.lists(corner, min_size=3, max_size=9, unique=True), st.floats(0.05, 3), st.floats(0, 100))
def test_it_is_the_lowest_zoom_from_which_on_geos_finds_every_rounding_valid(
    corners: list[tuple[int, int]], unit_m: float, shift_m: float
) -> None:
    shape = shapely.Polygon([(12_000_000 + shift_m + x * unit_m, 1_800_000 + y * unit_m) for x, y in corners])
    if not shape.is_valid or shape.area == 0:
        return
    good = [
        zoom
        for zoom in range(FIRST_ZOOM, LAST_ZOOM + 1)
        if not rounded(shape, zoom).is_empty and rounded(shape, zoom).is_valid
    ]
    found = asked(shape)
    run = [zoom for zoom in good if all(z in good for z in range(zoom, LAST_ZOOM + 1))]
    assert found == (min(run) if run else NEVER)


def test_a_lot_is_plain_early_and_a_sliver_late() -> None:
    assert asked(shapely.box(12_000_000, 1_800_000, 12_000_020, 1_800_030)) == FIRST_ZOOM
    assert asked(shapely.box(12_000_000.03, 1_800_000, 12_000_000.07, 1_800_030)) >= 15


def test_only_what_is_asked_for_is_looked_into() -> None:
    xy = shapely.get_coordinates(shapely.box(12_000_000, 1_800_000, 12_000_020, 1_800_030))
    assert plain_from(xy, np.array([0, 5]), np.array([False])).tolist() == [NEVER]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 9)), min_size=1, max_size=5))
def test_rings_that_are_asked_for_run_clockwise_and_others_stay(boxes: list[tuple[bool, bool, int]]) -> None:
    shapes = [shapely.box(0, 0, size, 2 * size, ccw=ccw) for ccw, _, size in boxes]
    asked_for = np.array([asked for _, asked, _ in boxes])
    xy = shapely.get_coordinates(shapes)
    starts = np.arange(len(boxes) + 1) * 5
    out = clockwise(xy, starts, asked_for)
    for shape, asked, first in zip(shapes, asked_for, starts, strict=False):
        ring = out[first : first + 5]
        if asked:
            assert not shapely.is_ccw(shapely.LinearRing(ring))
            assert shapely.Polygon(ring).equals(shape)
        else:
            assert ring.tolist() == shapely.get_coordinates(shape).tolist()
