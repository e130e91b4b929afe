"""Close-ups: each place is shown, at its scale, as it lies, with its neighbours and its number."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate

from geo.finding import Severity
from importers.report.body import body
from importers.report.closeup import HEIGHT, WIDTH, Place, closeup, places
from importers.report.furniture import scale_bar
from importers.report.picture import UNIT, Picture, Window
from importers.report.pictures import pictures
from importers.report.scene import Layer, Scene, scene
from importers.report.where import Spot
from tests.importers.report import survey
from tests.importers.report.reading import SVG, box_mm, drawing, looks, once, rings_mm, words

SEVERITIES: tuple[Severity, ...] = ("stops", "explain", "note")
_NONE = Layer(np.empty(0, dtype=object), np.empty((0, 4)), [])
EMPTY = Scene(_NONE, _NONE, _NONE, None, [], (0, 0, 100, 100), 0, True)


@cache
def faulty() -> tuple[Scene, list[dict[str, Any]]]:
    checked = survey.faulty()
    drawn = survey.drawn(checked)
    seen = scene(checked, drawn)
    assert seen is not None
    return seen, body(checked, drawn, survey.about(checked))["findings"]


@cache
def shown() -> list[tuple[Place, Element]]:
    seen, findings = faulty()
    return [(p, drawing(closeup(seen, p, findings, "c").svg)) for p in places(seen, 60)]


def bar(picture: Element) -> tuple[float, float, float]:
    """Of a scale bar: how long on paper (mm), how many metres it says, and the scale number told."""
    (dark,), (light,) = looks(picture, "rect", "solid"), looks(picture, "rect", "hollow")
    left, right = box_mm(dark), box_mm(light)
    assert left[2] == pytest.approx(right[0])
    said = [e.text or "" for e in picture.iter(SVG + "text")]
    (metres,) = (
        m[1] for t in said if (m := re.fullmatch(r"([\d.,]+)\u00a0m", t)) and is_beside(t, picture, right)
    )
    (scale,) = (m[1] for t in said if (m := re.fullmatch(r"1:([\d.]+)", t)))
    return right[2] - left[0], float(metres.replace(".", "").replace(",", ".")), float(scale.replace(".", ""))


def is_beside(text: str, picture: Element, rect: tuple[float, ...]) -> bool:
    return any(
        0 < float(e.get("x", "0")) / UNIT - rect[2] < 1
        for e in picture.iter(SVG + "text")
        if e.text == text and e.get("text-anchor") == "start"
    )


def test_each_finding_with_a_place_is_shown_once() -> None:
    seen, findings = faulty()
    told = sorted(spot.n for place, _ in shown() for spot in place.spots)
    assert told == [f["n"] for f in findings if f["lon_deg"] is not None] == [s.n for s in seen.spots]
    without = [f["n"] for f in findings if f["lon_deg"] is None]
    made = once(survey.faulty)
    said = words(made.pdf)
    for article in made.page.all("article"):
        n = int(article.attributes["id"][1:])
        pictured = bool(list(article.all("figure"))) or "Xem hình ở mục" in article.text
        assert pictured == (n not in without)
        assert f"{n}" in said
    assert len(without) == 3


def test_the_bar_is_as_long_as_it_says() -> None:
    for place, picture in shown():
        long_mm, metres, scale = bar(picture)
        assert scale == place.window.scale
        assert long_mm == pytest.approx(metres * 1000 / scale, abs=0.011)
        assert 10 < long_mm < 42


@given(st.floats(10, 1e7))
def test_any_bar_is_as_long_as_it_says(scale: float) -> None:
    window = Window(0, 0, scale, 20, 20, WIDTH - 40, HEIGHT - 40)
    picture = Picture("a", WIDTH, HEIGHT, "a")
    scale_bar(picture, window, "1:1")
    long_mm, metres, _ = bar(drawing(picture.svg()))
    assert long_mm == pytest.approx(metres * 1000 / scale, abs=0.011)
    assert re.match("[125]0*$", f"{metres * 100:.0f}")


def test_north_is_up_and_said_to_be() -> None:
    for _, picture in shown():
        (letter,) = (e for e in picture.iter(SVG + "text") if e.text == "B")
        (tip,) = looks(picture, "path", "hollow")
        x, y = map(int, re.match(r"M(\d+) (\d+)", tip.get("d", "")).groups())  # type: ignore[union-attr]
        assert str(x) == letter.get("x")
        assert y > int(letter.get("y", "0"))  # the letter stands above the tip


def ground(path: Element, window: Window) -> shapely.Geometry:
    """An outline on paper, back on the ground."""
    rings = [np.array(ring) for ring in rings_mm(path) if len(ring) > 2]
    middle = np.array([window.left + window.width / 2, window.top + window.height / 2]) / UNIT
    turned = [(ring - middle) * (1, -1) * window.scale / 1000 for ring in rings]
    shapes = [shapely.Polygon(np.add(ring, (window.east, window.north))).buffer(0) for ring in turned]
    return reduce(shapely.symmetric_difference, shapes, shapely.Polygon())


@pytest.mark.parametrize("look", ["plots", "near"])
def test_plots_and_neighbours_lie_where_they_lie(look: str) -> None:
    seen, _ = faulty()
    layer: Layer = getattr(seen, look)
    drawn = 0
    for place, picture in shown():
        there = box(*place.window.ground())
        ours = shapely.union_all([ground(p, place.window) for p in looks(picture, "path", look)])
        theirs = shapely.union_all(layer.shapes[layer.within(place.window.ground())])
        thick_m = 0.04 * place.window.scale / 1000
        off = shapely.intersection(shapely.symmetric_difference(ours, theirs), there)
        assert shapely.is_empty(shapely.buffer(off, -thick_m)), place.window
        drawn += not shapely.is_empty(shapely.intersection(theirs, there))
    assert drawn > len(shown()) / 2


def marks(picture: Element) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Numbers and their boxes (mm)."""
    digits = [e for e in picture.iter(SVG + "text") if (e.get("class") or "").startswith("digits")]
    rects = looks(picture, "rect", "mark")
    return ((d.text or "", box_mm(r)) for d, r in zip(digits, rects, strict=True))


def apart(boxes: Sequence[tuple[float, float, float, float]]) -> bool:
    tree = shapely.STRtree([box(*b) for b in boxes])
    left, right = tree.query([box(*b) for b in boxes], predicate="intersects")
    return not (left != right).any()


def in_frame(boxes: Sequence[tuple[float, float, float, float]], picture: Element) -> bool:
    (frame,) = looks(picture, "rect", "frame")
    return all(shapely.contains_properly(box(*box_mm(frame)), box(*b)) for b in boxes)


@st.composite
def spot(draw: st.DrawFn, n: int) -> Spot:
    """Somewhere in the middle of a frame of 1:1000 round 0, 0."""
    at = draw(st.floats(-25, 25)), draw(st.floats(-15, 15))
    size = draw(st.floats(0.001, 20))
    turned = rotate(box(at[0] - size, at[1] - 0.1, at[0] + size, at[1] + 0.1), draw(st.floats(0, 180)))
    line = LineString([at, (at[0] + size, at[1])])
    return Spot(n, *at, draw(st.sampled_from([None, Point(at), turned, line])), None)


@given(st.data(), st.integers(1, 6), st.integers(0, 990))
def test_each_number_has_a_place_of_its_own(data: st.DataObject, count: int, before: int) -> None:
    spots = [data.draw(spot(before + k + 1)) for k in range(count)]
    findings = [
        {
            "severity": data.draw(st.sampled_from(SEVERITIES)),
            "width_m": data.draw(st.none() | st.floats(0, 50)),
        }
        for _ in range(before + count)
    ]
    window = Window(0, 0, 1000, 20, 20, WIDTH - 40, HEIGHT - 40)
    picture = drawing(closeup(EMPTY, Place(spots, window), findings, "c").svg)
    told = dict(marks(picture))
    assert list(told) == [str(s.n) for s in spots]
    plates = [box_mm(plate) for plate in looks(picture, "rect", "plate")]
    assert apart([*told.values(), *plates])
    assert in_frame([*told.values(), *plates], picture)


@given(st.floats(0.3, 10), st.floats(1.2, 5), st.floats(0, 180))
def test_arrows_are_as_far_apart_as_the_place_is_wide(wide_m: float, longer: float, turn: float) -> None:
    shape = rotate(box(-wide_m * longer / 2, -wide_m / 2, wide_m * longer / 2, wide_m / 2), turn)
    window = Window(0, 0, 500, 20, 20, WIDTH - 40, HEIGHT - 40)
    place = Place([Spot(1, 0, 0, shape, None)], window)
    picture = drawing(closeup(EMPTY, place, [{"severity": "stops", "width_m": wide_m}], "c").svg)
    heads = [
        [float(v) for v in re.findall(r"-?\d+", e.get("d", ""))[:2]]
        for group in looks(picture, "g", "width")
        for e in looks(group, "path", "solid")
    ]
    assert math.dist(*heads) / UNIT == pytest.approx(wide_m * 1000 / 500, abs=0.05)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), max_size=40), st.integers(0, 20))
def test_places_hold_every_spot_once(at: list[tuple[float, float]], most: int) -> None:
    seen = Scene(_NONE, _NONE, _NONE, None, [Spot(k, x, y, None, 0) for k, (x, y) in enumerate(at, 1)],
                 (0, 0, 300, 300), 0, True)  # fmt: skip
    found = places(seen, most)
    assert len(found) <= most
    told = [s.n for p in found for s in p.spots]
    assert len(set(told)) == len(told)
    assert len(told) == len(at) or len(found) == most
    for place in found:
        assert len(place.spots) <= 6
        x0, y0, x1, y1 = place.window.ground()
        assert all(x0 < s.east < x1 and y0 < s.north < y1 for s in place.spots)


def test_a_line_to_the_other_end_of_the_country_shows_the_survey() -> None:
    """What is wrong with the whole file: drawn is the survey and where it should go."""
    seen, _ = faulty()
    middle = shapely.box(*seen.box).centroid
    far = Spot(1, middle.x, middle.y, LineString([middle, (middle.x - 2e6, middle.y + 2e6)]), None)
    (place,) = places(Scene(seen.plots, seen.legal, seen.near, None, [far], seen.box, 0, True), 1)
    assert shapely.box(*place.window.ground()).contains(shapely.box(*seen.box))
    assert place.window.scale < 10_000


def test_a_registered_number_is_not_said_twice() -> None:
    plot = box(0, 0, 20, 20)
    one = Layer(np.array([plot], dtype=object), np.array([plot.bounds]), ["61"])
    window = Window(10, 10, 400, 20, 20, WIDTH - 40, HEIGHT - 40)
    for number, count in (("61", 1), ("62", 2)):
        near = Layer(one.shapes, one.boxes, [number])
        seen = Scene(one, _NONE, near, None, [], plot.bounds, 0, True)
        picture = drawing(closeup(seen, Place([], window), [], "c").svg)
        assert len(looks(picture, "text", "number")) == count


def test_of_too_many_places_the_rest_is_counted() -> None:
    checked = survey.faulty()
    checked.findings = checked.findings * 40
    drawn = survey.drawn(checked)
    told = body(checked, drawn, survey.about(checked))["findings"]
    made = pictures(checked, drawn, told)
    assert len(made.closeups) <= 60
    assert len(made.shown) + made.left == 40 * 17
