"""Each known mistake is recognised, told and never made good unasked; a clean survey is left alone."""

from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo import datum as parameters
from geo.crs import ZONES, pipeline, to_wgs84
from importers.check.context import Context
from importers.check.rules import RULES
from importers.datum.place import place
from importers.plots import Drawn, Plot
from tests.importers.datum.village import CADASTRAL, VILLAGES, Village

FEW = settings(max_examples=15)
FEET = {"feet": 0.3048, "us_feet": 1200 / 3937, "mm": 0.001, "cm": 0.01, "km": 1000.0}


def into(epsg: int, other: int):
    """Numbers of one zone as those of another, on the same ellipsoid, by PROJ's own words."""

    def words(code: int) -> str:
        z = ZONES[code]
        return f"+proj=tmerc +lon_0={z.central_meridian_deg} +k={z.scale} +x_0=500000 +ellps=WGS84"

    change = pyproj.Transformer.from_pipeline(f"+proj=pipeline +step +inv {words(epsg)} +step {words(other)}")
    return lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))


def off_by_m(village: Village, placed) -> float:
    """The largest distance of a corner from where it was."""
    return float(
        np.abs(
            shapely.get_coordinates(placed.shapes) - shapely.get_coordinates(np.array(village.shapes))
        ).max()
    )


def recognised(
    village: Village,
    drawn: Drawn,
    rule: str,
    key: str | None,
    within_m: float,
    context: Context | None = None,
):
    """Finds it, proposes it, moves nothing; accepted, everything is back and only a note is left."""
    context = context or village.context()
    before = place([drawn], context, None, [])
    assert [f.rule for f in before.findings] == [rule], before.findings
    assert not before.trusted
    finding, proposal = before.findings[0], before.proposals[0]
    assert finding.severity == RULES[rule].severity
    assert key is None or proposal.key == key
    raw = np.array([p.shape for p in drawn.plots])
    assert np.array_equal(shapely.get_coordinates(before.shapes), shapely.get_coordinates(raw))
    after = place([drawn], context, None, [proposal.key])
    assert after.trusted
    assert {f.severity for f in after.findings} == {"note"}
    assert {f.rule for f in after.findings} == {rule}
    assert not after.proposals
    assert after.epsg == village.epsg
    assert off_by_m(village, after) < within_m
    one = after.to_zone(0, drawn.plots[0].shape)
    assert shapely.equals_exact(one, after.shapes[0], 1e-9)
    return before


@FEW
@given(VILLAGES)
def test_a_clean_village_has_no_findings(village: Village) -> None:
    for context in (village.context(), village.context(register=False), village.context(outline=False)):
        placed = place([village.drawn()], context, None, [])
        assert (placed.findings, placed.proposals, placed.trusted, placed.epsg) == (
            [],
            [],
            True,
            village.epsg,
        )
        assert off_by_m(village, placed) == 0


@FEW
@given(VILLAGES, st.integers(0, 1000))
def test_a_village_measured_anew_is_not_called_shifted(village: Village, seed: int) -> None:
    rng = np.random.default_rng(seed)

    def measured(xy):
        ring = xy[:-1] + rng.normal(0, 0.02, (len(xy) - 1, 2))
        return np.vstack([ring, ring[:1]])

    noisy = village.drawn(measured)
    assert place([noisy], village.context(), None, []).findings == []


@FEW
@given(VILLAGES)
def test_swapped_axes(village: Village) -> None:
    before = recognised(village, village.drawn(lambda xy: xy[:, ::-1]), "swapped_axes", "swap", 1e-9)
    assert before.proposals[0].inside_after == 1.0
    assert before.findings[0].extent is not None


@settings(max_examples=40)
@example(Village(5897, 0), 3405)
@given(VILLAGES, st.sampled_from([*CADASTRAL, 3405, 3406]))
def test_wrong_meridian(village: Village, other: int) -> None:
    if other == village.epsg:
        return
    recognised(village, village.drawn(into(village.epsg, other)), "wrong_meridian", f"zone:{other}", 0.001)


@FEW
@given(VILLAGES, st.booleans())
def test_degrees(village: Village, register: bool) -> None:
    drawn = village.drawn(lambda xy: np.column_stack(to_wgs84(village.epsg, xy[:, 0], xy[:, 1])))
    recognised(village, drawn, "degrees", "degrees", 0.002, village.context(register=register))


@FEW
@given(VILLAGES, st.sampled_from(sorted(FEET)))
def test_wrong_unit(village: Village, unit: str) -> None:
    recognised(village, village.drawn(lambda xy: xy / FEET[unit]), "wrong_unit", unit, 0.001)


@FEW
@given(VILLAGES, st.sampled_from([500_000, -500_000, 48_000_000, 18_000_000]))
def test_false_easting(village: Village, added: int) -> None:
    drawn = village.drawn(lambda xy: xy + np.array([added, 0]))
    recognised(village, drawn, "false_easting", f"false_easting:{-added}", 1e-6)


@FEW
@given(VILLAGES, st.sampled_from(["5194", "rotation"]), st.booleans())
def test_wrong_operation(village: Village, wrong: str, out: bool) -> None:
    right = pyproj.Transformer.from_pipeline(pipeline(village.epsg))
    other = pyproj.Transformer.from_pipeline(_wrong(village.epsg, wrong))
    first, second = (right, other) if not out else (other, right)

    def change(xy):
        lon, lat = first.transform(xy[:, 0], xy[:, 1])
        return np.column_stack(second.transform(lon, lat, direction="INVERSE"))

    moved = np.hypot(
        *(change(shapely.get_coordinates(village.shapes[0])) - shapely.get_coordinates(village.shapes[0])).T
    )
    if moved.max() < 0.06:
        return
    key = f"operation:{wrong}{'-out' if out else ''}"
    recognised(village, village.drawn(change), "operation_shift", key, 0.02)


def _wrong(epsg: int, name: str) -> str:
    if name == "rotation":
        return pipeline(epsg).replace("coordinate_frame", "position_vector")
    right = "+x={} +y={} +z={}".format(*parameters.SHIFT_M)
    rotation = "+rx={} +ry={} +rz={}".format(*parameters.ROTATION_COORDINATE_FRAME_ARCSEC)
    words = pipeline(epsg)
    assert right in words
    assert rotation in words
    words = words.replace(right, "+x=-192.873 +y=-39.382 +z=-111.202").replace(
        rotation, "+rx=0.00205 +ry=0.0005 +rz=-0.00335"
    )
    return words.replace(f"+s={parameters.SCALE_PPM}", "+s=0.0188")


@FEW
@given(VILLAGES, st.floats(0.1, 9), st.floats(0, 6.28), st.booleans())
def test_a_shifted_sheet(village: Village, size_m: float, angle: float, noisy: bool) -> None:
    vector = np.array([size_m * np.cos(angle), size_m * np.sin(angle)])
    drawn = village.drawn(lambda xy: xy + vector)
    before = place([drawn], village.context(), None, [])
    assert [f.rule for f in before.findings] in (["shifted"], ["operation_shift"])
    if before.findings[0].rule == "shifted":
        recognised(village, drawn, "shifted", None, 0.002)
        assert before.proposals[0].matched >= 63
        assert before.proposals[0].shift_m == pytest.approx(size_m, abs=0.002)


@FEW
@given(VILLAGES)
def test_two_mistakes_at_once(village: Village) -> None:
    other = 5897 if village.epsg != 5897 else 5899
    zoned = into(village.epsg, other)
    recognised(
        village, village.drawn(lambda xy: zoned(xy)[:, ::-1]), "swapped_axes", f"swap+zone:{other}", 0.001
    )


def test_one_mistake_after_the_other_is_accepted_in_turn() -> None:
    village = Village(5897, 1)
    drawn = village.drawn(lambda xy: (xy + np.array([0.3, -0.4]))[:, ::-1])
    first = place([drawn], village.context(), None, [])
    second = place([drawn], village.context(), None, [first.proposals[0].key])
    assert [f.rule for f in second.findings] == ["swapped_axes", "shifted"]
    keys = [first.proposals[0].key, second.proposals[0].key]
    third = place([drawn], village.context(), None, keys)
    assert (keys, third.trusted, off_by_m(village, third) < 0.002) == (
        ["swap", "shift:-0.300,0.400"],
        True,
        True,
    )


def test_a_plot_far_from_the_rest() -> None:
    village = Village(9210, 3)
    drawn = village.drawn()
    drawn.plots[5].shape = shapely.transform(drawn.plots[5].shape, lambda xy: xy + np.array([0, 90_000]))
    placed = place([drawn], village.context(), None, [])
    assert [(f.rule, f.record) for f in placed.findings] == [("mixed_places", "#5")]
    assert placed.trusted


def test_one_file_of_several_in_another_zone() -> None:
    village = Village(9210, 4)
    good, bad = village.drawn(), village.drawn(into(9210, 5897))
    bad.name = "hai.dxf"
    placed = place([good, bad], village.context(), None, [])
    assert [(f.rule, f.record) for f in placed.findings] == [("wrong_meridian", "hai.dxf")]
    after = place([good, bad], village.context(), None, ["zone:5897"])
    both = np.concatenate([village.shapes, village.shapes])
    assert np.abs(shapely.get_coordinates(after.shapes) - shapely.get_coordinates(both)).max() < 0.001


def test_systems_that_are_said_are_converted_and_no_finding() -> None:
    village = Village(9210, 5)
    said = village.drawn(into(9210, 5897), crs="EPSG:5897")
    degrees = village.drawn(
        lambda xy: np.column_stack(to_wgs84(9210, xy[:, 0], xy[:, 1])), crs="EPSG:4326", unit_m=None
    )
    for drawn in (said, degrees):
        placed = place([drawn], village.context(), None, [])
        assert (placed.findings, placed.epsg, off_by_m(village, placed) < 0.002) == ([], 9210, True)
    without = replace(village.context(register=False, outline=False), epsg=None)
    assert place([said], without, None, []).epsg == 5897
    assert place([village.drawn(into(9210, 5897))], village.context(), 5897, []).findings == []


def test_no_place() -> None:
    village = Village(9210, 6)
    without = replace(village.context(register=False, outline=False), epsg=None)
    for drawn in (village.drawn(), village.drawn(crs="EPSG:2154"), village.drawn(lambda xy: xy * 0 + 7)):
        placed = place([drawn], without, None, [])
        assert [f.rule for f in placed.findings] == ["no_place"]
        assert (placed.epsg, placed.trusted) == (None, False)
        raw = np.array([p.shape for p in drawn.plots])
        assert np.array_equal(shapely.get_coordinates(placed.shapes), shapely.get_coordinates(raw))
    away = place([village.drawn(lambda xy: xy + np.array([3000, 77_000]))], village.context(), None, [])
    assert [f.rule for f in away.findings] == ["no_place"]


def test_magnitudes_alone_tell_axes_and_degrees() -> None:
    village = Village(5897, 7)
    alone = village.context(register=False, outline=False)
    recognised(village, village.drawn(lambda xy: xy[:, ::-1]), "swapped_axes", "swap", 1e-9, alone)
    drawn = village.drawn(lambda xy: np.column_stack(to_wgs84(5897, xy[:, 0], xy[:, 1])))
    before = recognised(village, drawn, "degrees", "degrees", 0.002, alone)
    assert "outline" in before.findings[0].text_en


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308, -1e308, 1e11, 0.0])
def test_impossible_numbers(bad: float) -> None:
    village = Village(5897, 8)
    ring = [(bad, bad), (5e5, 2e6), (bad, 2e6), (bad, bad)]
    drawn = village.drawn()
    with np.errstate(all="ignore"):
        drawn.plots[3].shape = shapely.Polygon(ring) if np.isfinite(bad) else shapely.box(bad, bad, bad, bad)
    for context in (village.context(), Context(village.context().on)):
        place([drawn], context, None, [])
        place(
            [Drawn("x", "dxf", [drawn.plots[3]])],
            context,
            None,
            ["swap", "zone:5899", "degrees", "operation:5194"],
        )


def test_little_or_nothing() -> None:
    village = Village(5897, 9)
    for plots in ([], [Plot("1", None)], [Plot("1", shapely.Polygon())], [Plot("1", village.shapes[0])]):
        placed = place([Drawn("x", "dxf", plots)], village.context(), None, [])
        assert len(placed.shapes) == len(plots)
    assert (
        place([], village.context(), None, ["nonsense", "shift:1e999,2", "zone:4326"]).findings[0].severity
        == "note"
    )
    same = [Plot(str(i), village.shapes[0]) for i in range(500)]
    assert place([Drawn("x", "dxf", same)], village.context(), None, []).findings == []


def test_ten_thousand_plots() -> None:
    village = Village(5897, 10, rows=100, columns=100)
    assert place([village.drawn()], village.context(), None, []).findings == []


def test_degrees_of_an_unknown_commune() -> None:
    village = Village(5897, 7)
    without = Context(village.context().on)
    lon_lat = village.drawn(lambda xy: np.column_stack(to_wgs84(5897, xy[:, 0], xy[:, 1])))
    assert [f.rule for f in place([lon_lat], without, None, []).findings] == ["degrees"]
    swapped = village.drawn(lambda xy: xy[:, ::-1])
    assert [f.rule for f in place([swapped], without, None, []).findings] == ["swapped_axes"]
    after = place([swapped], without, None, ["swap"])
    assert [(f.rule, f.severity) for f in after.findings] == [("swapped_axes", "note"), ("no_place", "stops")]
    assert np.array_equal(
        shapely.get_coordinates(after.shapes), shapely.get_coordinates(np.array(village.shapes))
    )
