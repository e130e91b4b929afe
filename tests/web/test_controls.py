"""Control points of a scan in the page: how far the best affine transformation misses each, and what the server is sent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.raster.points_file import read_controls
from tests.web.page_module import called

MODULE = "desks/office/scans/controls.ts"
EAST, NORTH = 548_000.0, 1_777_000.0
spots = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 700)), min_size=1, max_size=9, unique=True)


def controls(pixels: np.ndarray, ground: np.ndarray) -> list[dict[str, list[float]]]:
    return [{"pixel": p, "ground": g} for p, g in zip(pixels.tolist(), ground.tolist(), strict=True)]


@given(spots, st.floats(0, 6.28), st.floats(0.02, 2), st.floats(-0.3, 0.3))
def test_what_misses_is_what_least_squares_leave(
    places: list[tuple[int, int]], turn: float, pixel_m: float, slip: float
) -> None:
    pixels = np.array([*places, (0, 0), (899, 3), (5, 699), (890, 680)], np.float64)
    way = pixel_m * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), -np.cos(turn)]])
    ground = pixels @ way + (EAST, NORTH)
    ground[0, 0] += slip
    design = np.column_stack([pixels, np.ones(len(pixels))])
    near = ground - (EAST, NORTH)
    left = near - design @ np.linalg.lstsq(design, near, rcond=None)[0]
    [found] = called(MODULE, [["misses", controls(pixels, ground)]])
    assert np.abs(np.array(found) - np.hypot(*left.T)).max() < 1e-6


def test_three_points_and_points_on_a_line_say_nothing() -> None:
    three = np.array([(0, 0), (100, 0), (0, 100)], np.float64)
    line = np.array([(0, 0), (100, 50), (200, 100), (400, 200), (600, 300)], np.float64)
    assert called(MODULE, [["misses", controls(p, p + np.array((EAST, NORTH)))] for p in (three, line)]) == [
        None,
        None,
    ]


def test_what_is_sent_is_what_the_server_reads() -> None:
    pixels = np.array([(10.5, 20), (900, 30.25), (450, 700)])
    ground = np.array([(EAST + 1.234, NORTH + 9), (EAST + 88, NORTH + 7.001), (EAST + 40, NORTH - 60)])
    [text] = called(MODULE, [["csvOf", controls(pixels, ground)]])
    read = read_controls(text.encode(), "points")
    assert read.pixels == pytest.approx(pixels)
    assert read.ground == pytest.approx(ground)
