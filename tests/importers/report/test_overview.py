"""The plan: every number stands by itself within the frame, near its place; one stray plot does not make the rest dots."""

import math
import re

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import Point, box

from importers.report.overview import overview
from importers.report.picture import UNIT
from importers.report.scene import Layer, Scene, scene
from importers.report.where import Spot
from tests.importers.report import survey
from tests.importers.report.reading import SVG, box_mm, drawing, looks
from tests.importers.report.test_closeups import SEVERITIES, apart, in_frame, marks

WIDTHS = st.sampled_from([174, 90])
COORDINATE = st.floats(-200, 200) | st.sampled_from([0.0, 1.0, -150.0])


def layer(shapes: list[shapely.Polygon], numbers: list[str]) -> Layer:
    some = np.array(shapes, dtype=object)
    return Layer(some, shapely.bounds(some).reshape(-1, 4), numbers)


def fields(count: int = 4, size_m: float = 60) -> Layer:
    """Squares in a row from 0, 0 with numbers from 1."""
    shapes = [box(k * size_m, 0, (k + 1) * size_m, size_m) for k in range(count)]
    return layer(shapes, [str(k + 1) for k in range(count)])


def town(spots: list[Spot], plots: Layer | None = None) -> Scene:
    plots = plots or fields()
    outside = tuple(shapely.total_bounds(plots.shapes).tolist())
    return Scene(plots, layer([], []), fields(9, 55), box(-50, -50, 300, 120), spots, outside, 0, True)


@settings(max_examples=60)
@given(st.lists(st.tuples(COORDINATE, COORDINATE), max_size=60), WIDTHS, st.booleans(), st.integers(0, 4000))
@example([(100.0, 30.0)] * 60, 174, False, 0)
def test_each_number_stands_by_itself(
    at: list[tuple[float, float]], width_mm: int, linked: bool, before: int
) -> None:
    spots = [Spot(before + k, x, y, None, None) for k, (x, y) in enumerate(at, 1)]
    severities = [SEVERITIES[k % 3] for k in range(before + len(at))]
    done = overview(town(spots), severities, "o", width_mm, linked)
    picture = drawing(done.svg)
    told = dict(marks(picture))
    assert len(told) + done.unmarked == len(spots)
    plates = [box_mm(plate) for plate in looks(picture, "rect", "plate")]
    numbers = [
        (x - wide / 2, y - 1.2, x + wide / 2, y)
        for e in [*looks(picture, "text", "ink"), *looks(picture, "text", "faint")]
        if re.fullmatch(r"\d+", e.text or "") and e.get("font-size") == "210"
        for x, y, wide in [
            (int(e.get("x", "0")) / UNIT, int(e.get("y", "0")) / UNIT, len(e.text or "") * 1.1)
        ]
    ]
    assert apart([*told.values(), *plates, *numbers])
    assert in_frame([*told.values(), *plates, *numbers], picture)
    links = [e.get("href") for e in picture.iter(SVG + "a")]
    assert links == ([f"#f{n}" for n in told] if linked else [])


@given(st.floats(60, 180), st.floats(15, 45))
def test_a_lonely_number_stands_on_its_place(x: float, y: float) -> None:
    done = overview(town([Spot(7, x, y, None, None)]), ["stops"] * 7, "o", 174)
    told = drawing(done.svg)
    ((n, mark),) = marks(told)
    assert n == "7"
    (frame,) = looks(told, "rect", "frame")
    left, top, right, bottom = box_mm(frame)
    there = (
        (left + right) / 2 + (x - 120) / done.scale * 1000,
        (top + bottom) / 2 - (y - 30) / done.scale * 1000,
    )
    middle = (mark[0] + mark[2]) / 2, (mark[1] + mark[3]) / 2
    assert math.dist(there, middle) < 0.03


@pytest.mark.parametrize("width_mm", [174, 90])
def test_all_of_the_survey_is_in_the_frame(width_mm: int) -> None:
    checked = survey.faulty()
    seen = scene(checked, survey.drawn(checked))
    assert seen is not None
    done = overview(seen, [f.severity for f in checked.findings], "o", width_mm)
    assert (done.far, done.unmarked) == (0, 0)
    picture = drawing(done.svg)
    (frame,) = looks(picture, "rect", "frame")
    (plots,) = looks(picture, "path", "plots")
    corners = (
        np.array([[int(v) for v in m] for m in re.findall(r"M(-?\d+) (-?\d+)", plots.get("d", ""))]) / UNIT
    )
    left, top, right, bottom = box_mm(frame)
    assert (corners > (left, top)).all()
    assert (corners < (right, bottom)).all()


STRAYS = {
    "none": ([], 0),
    "near": ([(4000, 0)], 1),
    "far": ([(2e6, -1e6)], 1),
    "two": ([(900, 0), (0, 3000)], 2),
}


@pytest.mark.parametrize("name", STRAYS)
def test_strays_do_not_make_the_rest_dots(name: str) -> None:
    away, far = STRAYS[name]
    checked = survey.clean(40)
    moved = [shapely.transform(checked.shapes[0], lambda xy, by=by: xy + by) for by in away]
    checked.shapes = np.array([*checked.shapes[: 40 - len(moved)], *moved], dtype=object)
    seen = scene(checked, survey.drawn(checked))
    assert seen is not None
    assert seen.far == far
    whole = shapely.total_bounds(checked.shapes[: 40 - len(moved)])
    assert np.allclose(seen.box, whole)


def test_two_places_are_both_shown() -> None:
    """A third of the plots elsewhere in the commune are no strays."""
    checked = survey.clean(30)
    checked.shapes[:10] = shapely.transform(checked.shapes[:10], lambda xy: np.add(xy, (600, 0)))
    seen = scene(checked, survey.drawn(checked))
    assert seen is not None
    assert seen.far == 0


def test_a_screen_tells_no_scale() -> None:
    for linked, told in ((False, True), (True, False)):
        said = [e.text or "" for e in drawing(overview(town([]), [], "o", 90, linked).svg).iter(SVG + "text")]
        assert any(text.startswith("1:") for text in said) is told
        assert any(text.endswith("\u00a0m") for text in said)


def test_without_a_zone_the_coordinates_are_the_files() -> None:
    checked = survey.clean(9)
    checked.epsg = None
    seen = scene(checked, survey.drawn(checked))
    assert seen is not None
    said = [e.text for e in drawing(overview(seen, [], "o", 174).svg).iter(SVG + "text")]
    assert "Tọa độ của tệp" in said
    assert not any((text or "").startswith("1:") for text in said)


def test_points_alone_are_a_plan_too() -> None:
    checked = survey.faulty(12)
    checked.shapes = np.array([None] * 12, dtype=object)
    seen = scene(checked, survey.drawn(checked))
    assert seen is not None
    assert all(isinstance(s.shape, shapely.Geometry) for s in seen.spots)
    told = drawing(overview(seen, [f.severity for f in checked.findings], "o", 174).svg)
    assert len(dict(marks(told))) == len(seen.spots)


@pytest.mark.parametrize("shapes", [[None], [Point(3, 4)], [box(1e300, 0, 2e300, 1)], [shapely.Polygon()]])
def test_what_cannot_be_drawn_is_no_plan(shapes: list[shapely.Geometry | None]) -> None:
    checked = survey.clean(1)
    checked.shapes = np.array(shapes, dtype=object)
    assert scene(checked, survey.drawn(checked)) is None
