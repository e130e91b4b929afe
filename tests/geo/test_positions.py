"""Positions as people write them, and texts that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.positions import EAST_M, LAT_DEG, LON_DEG, NORTH_M, Geographic, Grid, position

PLACE = Geographic(108.2022, 16.0544)
GRID = Grid(546440.12, 1776812.345, None)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("16.0544, 108.2022", PLACE),
        ("108.2022,16.0544", PLACE),
        ("16,0544 108,2022", PLACE),
        ("16,0544; 108,2022", PLACE),
        ("N16.0544 E108.2022", PLACE),
        ("16.0544°N, 108.2022°E", PLACE),
        ("vĩ độ 16.0544, kinh độ 108.2022", PLACE),
        ("geo:16.0544,108.2022", PLACE),
        ("POINT(108.2022 16.0544)", PLACE),
        ("EPSG:4326 108.2022 16.0544", PLACE),
        ("16°30'N 108°15'00\"E", Geographic(108.25, 16.5)),
        ("1776812.345 546440.12", GRID),
        ("X=1776812.345 Y=546440.12", GRID),
        ("Y: 546440.12; X: 1776812.345", GRID),
        ("1.776.812,345; 546.440,120", GRID),
        ("VN-2000 546440.12,1776812.345", GRID),
        ("1776812.345 546440.12 EPSG:5899", Grid(546440.12, 1776812.345, 5899)),
        ("X=1776812.345 Y=546440.12 KTT 107°45'", Grid(546440.12, 1776812.345, 5899)),
        ("X=1776812.345, Y=546440.12, kinh tuyến trục 107,75", Grid(546440.12, 1776812.345, 5899)),
    ],
)
def test_positions_are_read(text: str, meant: Geographic | Grid) -> None:
    assert position(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "", "12", "12/45/3 Trần Phú", "16.0544", "16 108 3", "48.85, 2.35", "20194.1.55", "20194 1 55", "w6ugmu6r6pux",
        "12 Đường 108.2", "1776812 546440 EPSG:9999", "1 2", "-16.05 108.2", "16.05,108.2" * 40, "7P8C35GH+8VQ",
        "108.2022 16.0544 EPSG:5899", "thửa 108 tờ 16", "１６.05 ０108",
    ],
)  # fmt: skip
def test_other_texts_are_none(text: str) -> None:
    assert position(text) is None


@given(st.floats(*LON_DEG), st.floats(*LAT_DEG), st.booleans(), st.sampled_from([", ", " ", "; ", ","]))
def test_degrees_come_back(lon: float, lat: float, first: bool, between: str) -> None:
    pair = [f"{lon:.9f}", f"{lat:.9f}"]
    meant = Geographic(float(pair[0]), float(pair[1]))
    assert position(between.join(pair if first else pair[::-1])) == meant


@given(st.floats(*EAST_M), st.floats(1_000_000, NORTH_M[1]), st.booleans())
def test_metres_come_back(east: float, north: float, first: bool) -> None:
    pair = [f"{east:.3f}", f"{north:.3f}"]
    found = position("  ".join(pair if first else pair[::-1]))
    assert found == Grid(float(pair[0]), float(pair[1]), None)


@given(st.text(max_size=200))
def test_anything_may_come(text: str) -> None:
    position(text)
