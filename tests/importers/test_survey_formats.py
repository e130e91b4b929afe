"""A survey written in any format and read back is the same survey."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import from_wgs84
from importers.plots import Drawn, How, Plot
from importers.sample.bands import Array
from importers.sample.place import EPSG, Parcel, draw_place
from importers.sample.surveys.formats import FORMATS, Format
from importers.sample.surveys.survey import Lot, Survey, blocks, labelled, survey_of
from tests.geo.drawing import draw
from tests.importers.handed import drawn

SAME_M = 0.001
# GeoJSON: nine decimals of a degree and there and back through WGS84, whose heights are not carried.
DEGREES_M = 0.003
LAND_USES = ("ODT", "ONT", "CLN", "LUC", "ODT+CLN")


@cache
def street_blocks() -> list[list[Parcel]]:
    return blocks(draw_place(1).parcels)


@st.composite
def surveys(pick: st.DrawFn, form: Format) -> Survey:
    """Plots of one street block in any order, some without land use or area; all of it where boundaries stand once."""
    whole = survey_of(street_blocks()[pick(st.integers(0, len(street_blocks()) - 1))])
    lots = pick(st.permutations(whole.lots))
    if "lines" not in form.holds:
        lots = lots[: pick(st.integers(2, 12))]
    made = []
    for lot in lots:
        use = pick(st.sampled_from([None, *LAND_USES]))
        area = pick(st.sampled_from([None, lot.told_area_m2]))
        made.append(replace(lot, land_use=use, told_area_m2=area))
    return Survey(tuple(made))


def read_back(folder: Path, form: Format, survey: Survey, how: How | None = None) -> list[Drawn]:
    handed = folder / form.name
    shutil.rmtree(handed, ignore_errors=True)
    handed.mkdir()
    form.write(handed / form.file, survey)
    return drawn(*sorted(handed.iterdir()), how=how or How(sheet=survey.lots[0].sheet))


def in_zone(plot: Plot, file: Drawn) -> shapely.Geometry:
    def moved(xy: Array) -> Array:
        return np.column_stack(from_wgs84(EPSG, xy[:, 0], xy[:, 1]))

    return shapely.transform(plot.shape, moved) if file.unit_m is None and file.crs else plot.shape


def same(shape: shapely.Geometry, lot: Lot, form: Format) -> bool:
    """Whether each corner and each edge is there; lines drawn once may keep a neighbour's corner on an edge."""
    assert lot.shape is not None
    off = float(shapely.hausdorff_distance(shapely.boundary(shape), shapely.boundary(lot.shape)))
    return off <= (DEGREES_M if form.name == "geojson" else SAME_M)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=8)
@given(data=st.data())
def test_read_back(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    form = FORMATS[name]
    survey = data.draw(surveys(form))
    (file,) = read_back(tmp_path_factory.getbasetemp(), form, survey)
    assert sorted(p.number or "?" for p in file.plots) == sorted(lot.number or "?" for lot in survey.lots)
    assert [f for f in file.findings if f.severity != "note"] == []
    assert len({p.record for p in file.plots}) == len(file.plots)
    by_number = {p.number: p for p in file.plots}
    for lot in survey.lots:
        plot = by_number[lot.number]
        assert same(in_zone(plot, file), lot, form), (lot.number, plot.shape, lot.shape)
        assert plot.sheet == lot.sheet or "labels" in form.holds
        if "land_use" in form.holds:
            assert plot.land_use == lot.land_use
        if "told" in form.holds:
            assert plot.told_area_m2 == pytest.approx(lot.told_area_m2, abs=0.051)


@pytest.mark.parametrize("name", [n for n, f in FORMATS.items() if "arcs" in f.holds])
@settings(max_examples=8)
@given(st.floats(0.02, 0.6), st.booleans(), st.integers(0, 3))
def test_neighbours_share_the_chords_of_an_arc(
    tmp_path_factory: pytest.TempPathFactory, name: str, bulge: float, left: bool, edge: int
) -> None:
    two = draw("AB", cell_m=20.0)
    ring = shapely.get_coordinates(two["A"].exterior)[:-1]
    start, end = [(float(x), float(y)) for x, y in (ring[edge], ring[(edge + 1) % 4])]
    bent = -bulge if left else bulge
    lots = [labelled(Lot(str(i), "5", shape, None)) for i, shape in enumerate(two.values(), 1)]
    survey = Survey(tuple(lots), arcs=((start, end, bent),))
    (file,) = read_back(tmp_path_factory.getbasetemp(), FORMATS[name], survey)
    a, b = (p.shape for p in sorted(file.plots, key=lambda p: p.number or ""))
    shared = shapely.intersection(a, b)
    assert shared.area < 1e-6
    assert shared.length >= 20 - SAME_M
    # The segment of a circle over a chord c with bulge b: radius, half angle, area.
    radius, half = 20 * (1 + bulge**2) / (4 * bulge), 2 * np.arctan(bulge)
    segment = radius**2 * (half - np.sin(half) * np.cos(half))
    off = abs(a.area - 400) - segment
    # Chords lie within 0.1 m of the arc: less area than the arc has, and never more than that strip.
    assert -0.1 * 2 * radius * half <= off <= 0.01


@pytest.mark.parametrize(
    "name", [n for n, f in FORMATS.items() if {"text", "metres"} <= f.holds and "table" not in f.holds]
)
@settings(max_examples=5)
@given(data=st.data())
def test_the_zone_s_numbers_tell_their_axes(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    """A list with east and north exchanged is read the same or told: never another place in silence."""
    form = FORMATS[name]
    survey = data.draw(surveys(form))
    (file,) = read_back(
        tmp_path_factory.getbasetemp(),
        form,
        replace(survey, placing=lambda xy: np.ascontiguousarray(xy[:, ::-1])),
    )
    by_number = {p.number: p for p in file.plots}
    right = [same(by_number[lot.number].shape, lot, form) for lot in survey.lots]
    if file.axes == "guessed" or "swapped_axes" in {f.rule for f in file.findings}:
        assert all(right)
    else:
        # The format itself says which is north: the check asks of it with a finding of its own.
        assert not any(right)
