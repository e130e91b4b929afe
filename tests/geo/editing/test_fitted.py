"""Shapes of another measurement come onto what stays: no strip is held twice, and what is wide is left to be told."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import overlaps
from geo.editing.fitted import fitted
from geo.shapes import valid

E, N = 548_000.0, 1_777_000.0
STAY = np.array([shapely.box(E, N, E + 20, N + 30), shapely.box(E + 40, N, E + 60, N + 30)], dtype=object)
OFF = st.floats(-0.06, 0.06).map(lambda m: round(m, 3))


@given(st.lists(st.tuples(OFF, OFF), min_size=6, max_size=6))
def test_a_plot_between_two_that_stay_holds_none_of_their_ground(off: list[tuple[float, float]]) -> None:
    ring = (
        np.array([(20, 0), (30, 0), (40, 0), (40, 30), (40, 14), (20, 30)])[[0, 1, 2, 4, 3, 5]] + off + (E, N)
    )
    made = fitted(np.array([shapely.Polygon(np.round(ring, 3))], dtype=object), STAY, STAY, np.array([0.15]))
    assert valid(made).all()
    assert not len(overlaps(made, STAY).i)
    corners = {tuple(p) for p in shapely.get_coordinates(made[0]).tolist()}
    assert {(E + 20, N), (E + 40, N), (E + 40, N + 30), (E + 20, N + 30)} <= corners


def test_what_is_exact_stays_and_of_two_the_later_gives_way() -> None:
    first, second = shapely.box(E + 20, N, E + 30, N + 30), shapely.box(E + 29.9, N + 0.2, E + 40, N + 29.8)
    made = fitted(np.array([first, second], dtype=object), STAY, STAY, np.array([0.15, 0.15]))
    assert shapely.equals(made[0], first)
    assert shapely.equals(made[1], shapely.box(E + 30, N + 0.2, E + 40, N + 29.8))


def test_a_wide_overlap_is_left_to_be_told() -> None:
    wide = shapely.box(E + 18, N + 2, E + 39, N + 28)
    [made] = fitted(np.array([wide], dtype=object), STAY, STAY, np.array([0.15]))
    assert shapely.equals(made, wide)
