"""The check values of Circular 26/2024/TT-BTNMT, appendices 03 and 04."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.tolerance import AREA_M2, EDGE_CM, area_tolerance_m2, edge_tolerance_cm

AREAS = {
    500: {30: 0.25, 100: 0.81, 300: 1.81, 500: 2.61, 1000: 4.11, 2000: 6.11, 3000: 7.11},
    1000: {300: 2.43, 1000: 5.93, 2000: 9.93, 5000: 18.93, 10000: 28.93},
    2000: {300: 2.74, 1000: 6.24},
}


@pytest.mark.parametrize(
    ("scale", "area", "tolerance"), [(s, a, t) for s, rows in AREAS.items() for a, t in rows.items()]
)
def test_areas(scale: int, area: float, tolerance: float) -> None:
    assert area_tolerance_m2(area, scale) == pytest.approx(tolerance, abs=1e-9)
    assert area_tolerance_m2(area, scale, "whole_steps") == pytest.approx(tolerance, abs=1e-9)


@pytest.mark.parametrize(
    ("length", "tolerance"), [(3, 1.8), (8, 5.05), (15, 7.15), (30, 10.9), (50, 14.9), (60, 15.9)]
)
def test_edges(length: float, tolerance: float) -> None:
    assert edge_tolerance_cm(length, 500) == pytest.approx(tolerance, abs=1e-9)


def test_fields_are_measured_more_freely() -> None:
    assert edge_tolerance_cm(20, 1000, agricultural=True) == pytest.approx(1.2 * edge_tolerance_cm(20, 1000))
    assert edge_tolerance_cm(20, 500, agricultural=True) == edge_tolerance_cm(20, 500)


def test_started_steps_count_only_when_read_linearly() -> None:
    assert area_tolerance_m2(39.9, 500) == pytest.approx(0.25 + 0.99 * 0.08)
    assert area_tolerance_m2(39.9, 500, "whole_steps") == pytest.approx(0.25)


@given(
    size=st.floats(0, 1e6),
    more=st.floats(0, 1e5),
    table=st.sampled_from([*AREA_M2.values(), *EDGE_CM.values()]),
)
def test_tolerance_grows_and_whole_steps_are_never_more_generous(size: float, more: float, table) -> None:  # type: ignore[no-untyped-def]
    assert table.at(size) <= table.at(size + more) + 1e-9
    assert table.at(size, "whole_steps") <= table.at(size) + 1e-6


def test_what_the_tables_do_not_know() -> None:
    assert area_tolerance_m2(100, None) == area_tolerance_m2(100, 500)
    with pytest.raises(ValueError, match="1:750"):
        area_tolerance_m2(100, 750)
    with pytest.raises(ValueError, match="not a size"):
        edge_tolerance_cm(math.nan, 500)
