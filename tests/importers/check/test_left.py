"""What a check cannot ask, it says; and it asks nothing of what it said."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geo.crs import to_wgs84
from importers.check.context import Nobody
from importers.check.gathered import MOST
from importers.check.rules import RULES
from importers.check.run import check
from tests.importers.check.faults import FAULTS
from tests.importers.check.sheet import EPSG, at, checked, drawn, plot, plots, ring, told, ward

REGISTER = {
    "overlap_register",
    "gap_register",
    "moved_corner",
    "edge_length",
    "registered_area",
    "number_taken",
}
LAND_USES = {"unknown_land_use", "old_land_use", "homestead"}
METRIC = {
    "repeated_vertex", "spike", "sliver", "written_area", "legal_area", "overlap", "gap", "loose_corner",
}  # fmt: skip
LACKS = [
    ({}, set()),
    ({"has_register": False, "near": Nobody()}, REGISTER),
    ({"outline": None}, {"outside_commune"}),
    ({"land_uses": {}}, LAND_USES),
    ({"urban": None}, {"homestead"}),
    (
        {
            "has_register": False,
            "near": Nobody(),
            "outline": None,
            "land_uses": {},
            "urban": None,
            "epsg": None,
        },
        {*REGISTER, *LAND_USES, "outside_commune"},
    ),
]


def left(result):
    return {rule for rule, *_ in result.left}


@pytest.mark.parametrize(("lack", "unasked"), LACKS, ids=lambda value: "-".join(sorted(value)) or "nothing")
def test_what_is_not_known_leaves_its_rules_unasked(lack, unasked):
    result = checked(plots(), ward(**lack), crs="EPSG:5899")
    assert left(result) == unasked
    assert all(vi and en and vi != en for _, vi, en in result.left)
    assert left(result) <= set(RULES)


@pytest.mark.parametrize(
    ("lack", "unasked"), LACKS[1:], ids=lambda value: "-".join(sorted(value)) or "nothing"
)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_a_rule_that_is_left_is_not_told_and_one_that_is_not_is(fault, lack, unasked):
    """Whatever is missing around it, a fault of the plots themselves is found."""
    rules = {finding.rule for finding in checked(fault.plots, ward(**lack), crs="EPSG:5899").findings}
    assert not rules & unasked
    if fault.rule not in unasked and fault.rule != "wrong_code":
        assert fault.rule in rules


def test_where_the_place_is_in_doubt_nothing_is_held_against_the_commune():
    """The outline of the commune lies where the plots would be with their axes in order; a loose corner is a gap."""
    fault = next(fault for fault in FAULTS if fault.rule == "loose_corner")
    swapped = [
        replace(one, shape=shapely.transform(one.shape, lambda xy: xy[:, ::-1])) for one in fault.plots
    ]
    result = checked(swapped, crs=None)
    assert left(result) == {*REGISTER, "outside_commune", "loose_corner"}
    assert {finding.rule for finding in result.findings} == {"swapped_axes", "gap"}


def test_degrees_are_not_measured():
    """Lengths and areas wait until the numbers are metres."""
    fault = next(fault for fault in FAULTS if fault.rule == "overlap")

    def degrees(xy):
        return np.column_stack(to_wgs84(EPSG, xy[:, 0], xy[:, 1]))

    placed = [replace(one, shape=shapely.transform(one.shape, degrees)) for one in fault.plots]
    result = check([drawn(placed, crs=None, unit_m=1.0)], ward(outline=None, epsg=None, has_register=False))
    assert left(result) == {*METRIC, *REGISTER, "outside_commune"}
    assert {finding.rule for finding in result.findings} == {"degrees"}


def test_plots_on_one_another_in_numbers_are_not_all_compared_and_that_is_said():
    """210 plots in one place: 21,945 overlaps, of which 20,420 are looked for."""
    heap = [
        plot("a", record=f"#{k}", number=str(k), shape=ring((0, 0), (20, 0), (20, 20 + k / 1000), (0, 20)))
        for k in range(1, 211)
    ]
    result = checked(heap, ward(has_register=False, near=Nobody()))
    assert "overlap" in left(result)
    assert all("lên nhau" in vi for rule, vi, _ in result.left if rule == "overlap")


def test_of_one_rule_so_many_are_told_and_the_rest_counted():
    count = MOST + 345
    many = [
        plot("a", record=f"#{k}", number=f"{k}x", shape=shapely.box(*at(30 * k, 0), *at(30 * k + 20, 20)))
        for k in range(1, count + 1)
    ]
    said = told("number_form", many, ward(has_register=False, near=Nobody(), outline=None))
    assert len(said) == MOST + 1
    assert said[-1].text_vi == "Còn 345 chỗ nữa như vậy, không kể riêng."
    assert [finding.record for finding in said[:2]] == ["#1 (tờ 12, thửa 1x)", "#2 (tờ 12, thửa 2x)"]


def test_findings_stand_by_weight_then_as_the_file_has_them():
    many = plots(a={"number": "1a"}, b={"shape": None}, d={"land_use": "BHK"}, e={"number": "5e"})
    order = [(f.severity, f.record) for f in checked(many).findings]
    ranks = {"stops": 0, "explain": 1, "note": 2}
    assert order == sorted(order, key=lambda one: (ranks[one[0]], one[1]))
    assert {severity for severity, _ in order} == set(ranks)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        shapely.Polygon(),
        shapely.Point(at(1, 2)),
        shapely.LineString([at(0, 0), at(1, 1)]),
        shapely.box(np.nan, 0, 1, 1),
    ],
    ids=["none", "empty", "point", "line", "nan"],
)
def test_what_is_no_polygon_is_told_and_disturbs_no_other_plot(bad):
    result = checked(plots(b={"shape": bad}))
    assert [(f.rule, f.record) for f in result.findings] == [("no_shape", "#2 (tờ 12, thửa 2)")]


def test_no_plot_at_all_is_told():
    assert [finding.rule for finding in checked([]).findings] == ["no_shape"]
