"""Numbers, sheets, land uses and codes as files have them: composite, legacy, repeated, missing for all or for some."""

import numpy as np
import pytest
import shapely

from geo.codes import mint
from importers.check.context import Nobody
from importers.check.run import check
from tests.importers.check.sheet import (
    EPSG,
    SHAPES,
    Register,
    at,
    checked,
    drawn,
    number,
    plot,
    plots,
    told,
    ward,
)


@pytest.mark.parametrize(
    ("urban", "code", "said"),
    [
        (True, "ODT", []),
        (True, "odt", []),
        (True, "ODT+CLN", []),
        (True, "ODT,CLN; LUC", []),
        (True, "ODT/CLN", []),
        (True, "Hg/b", ["old_land_use"]),
        (True, "ONT", ["homestead"]),
        (False, "ONT+CLN", []),
        (False, "ODT+CLN", ["homestead"]),
        (True, "XYZ", ["unknown_land_use"]),
        (True, "XYZ+QQQ", ["unknown_land_use", "unknown_land_use"]),
        (True, "BHK+ONT+ABC", ["unknown_land_use", "homestead", "old_land_use"]),
        (True, "+", ["unknown_land_use"]),
        (True, "X" * 5000, ["unknown_land_use"]),
    ],
)
def test_every_part_of_a_land_use_is_looked_up(urban, code, said):
    result = checked(plots(b={"land_use": code}), ward(urban=urban, land_uses=ward().land_uses))
    ours = [f.rule for f in result.findings if f.record == "#2 (tờ 12, thửa 2)"]
    assert ours == said
    assert all(len(f.text_vi) < 200 for f in result.findings)


@pytest.mark.parametrize(
    ("given", "said"),
    [("7", []), ("007", []), ("0", ["number_form"]), ("-7", ["number_form"]), ("7.5", ["number_form"]),
     ("7a", ["number_form"]), ("٧", ["number_form"]), ("9" * 4000, [])],
)  # fmt: skip
def test_numbers_are_positive_and_whole(given, said):
    rules = [f.rule for f in checked(plots(b={"number": given})).findings]
    assert rules == said


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"number": "3"}, {"number": "03"}, True),
        ({"sheet": "12"}, {"sheet": "012"}, True),
        ({"sheet": "12"}, {"sheet": "13"}, False),
        ({"scale": 500}, {"scale": 1000}, False),
        ({"map_set": "299"}, {"map_set": "VN-2000"}, False),
        ({"commune": "20194"}, {"commune": "20197"}, False),
        ({"number": None}, {"number": None}, False),
    ],
)
def test_a_number_is_used_once_on_a_sheet_of_a_map(one, other, same):
    many = plots("ab", a={"number": "3", **one}, b={"number": "3", **other})
    said = told("duplicate_number", many, ward(has_register=False, near=Nobody()))
    assert [(f.record.split()[0], (f.other or "").split()[0]) for f in said] == (
        [("#2", "#1")] if same else []
    )


@pytest.mark.parametrize(
    ("rule", "column"), [("no_sheet", "sheet"), ("no_number", "number"), ("no_land_use", "land_use")]
)
@pytest.mark.parametrize("room", [True, False])
def test_what_the_whole_file_lacks_is_asked_once(rule, column, room):
    lacking = plots(**{letter: {column: None} for letter in "abde"})
    said = told(rule, lacking, no_room=frozenset() if room else frozenset({column}))
    assert [(f.record, f.severity == "note") for f in said] == [(None, not room)]
    assert "(4 thửa)" in said[0].text_vi
    assert "to12.gpkg" in said[0].text_vi


def test_what_some_plots_lack_is_asked_of_each():
    said = told("no_number", plots(a={"number": None}, d={"number": None}))
    assert [f.record for f in said] == ["#1 (tờ 12)", "#4 (tờ 12)"]


def test_of_two_files_each_finding_names_its_own():
    first, second = drawn(plots("ab", a={"number": None})), drawn(plots("de", e={"number": None}))
    second.name = "to13.gpkg"
    said = [f.record for f in check([first, second], ward()).findings if f.rule == "no_number"]
    assert said == ["to12.gpkg #1 (tờ 12)", "to13.gpkg #5 (tờ 12)"]


@pytest.mark.parametrize(
    ("given", "stops", "other"),
    [
        ("1", True, "thửa 1 tờ 12, mã t00000000001"),
        ("6", True, "thửa 6 tờ 12, mã t00000000006"),
        ("5", False, None),
        ("8", None, None),
    ],
)  # fmt: skip
def test_a_number_of_another_parcel_is_taken_and_a_former_one_is_not_reused(given, stops, other):
    """Number 5 was cancelled; 8 is the next after the sheet's largest. The plot lies on no parcel."""
    known = Register({number(letter): shape for letter, shape in SHAPES.items() if letter != "e"})
    new = plot("e", number=given)
    said = told("number_taken", [new], ward(near=known, last_numbers={"12": 7}))
    assert [(f.severity == "stops", f.other) for f in said] == ([] if stops is None else [(stops, other)])


def test_parts_of_a_parcel_take_new_numbers_and_replace_it():
    """a divided between 1 (which stays with the larger part) and 7: no overlap, area or edge is asked about."""
    west, east = shapely.box(*at(0, 20), *at(12, 40)), shapely.box(*at(12, 20), *at(20, 40))
    halves = [
        plot("a", shape=west, told_area_m2=240.0, legal_area_m2=None),
        plot("a", record="#7", number="7", shape=east, told_area_m2=160.0, legal_area_m2=None),
    ]
    assert checked(halves).findings == []


def test_parcels_made_one_replace_both():
    whole = shapely.box(*at(0, 20), *at(40, 40))
    one = plot("a", record="#7", number="7", shape=whole, told_area_m2=800.0, legal_area_m2=None)
    assert checked([one]).findings == []


@pytest.mark.parametrize(("letter", "said"), [("b", []), ("c", ["wrong_code"])])
@pytest.mark.parametrize("upper", [True, False])
def test_a_code_belongs_to_the_ground_it_lies_in(letter, said, upper):
    code = str(mint(np.array([SHAPES[letter]], dtype=object), EPSG).codes[0], "ascii")
    one = plot("b", code=code.upper() if upper else code)
    assert [f.rule for f in checked([one]).findings] == said


@pytest.mark.parametrize("bad", ["", "w", "t00000000003", "ư7ẻ8sp5fqèf", "a" * 5000, "w7er8cgkzrz8"])
def test_codes_that_are_none_or_from_far_away_are_told(bad):
    said = told("wrong_code", [plot("b", code=bad or None)])
    assert [f.record for f in said] == (["#2 (tờ 12, thửa 2)"] if bad else [])
    assert all(len(f.text_vi) < 200 for f in said)


def test_a_registered_code_says_which_parcel_is_measured_anew():
    """Whatever its number and whatever letters the code is in; its cell lies in no plot here."""
    result = checked([plot("b", number="9", code="T00000000002")])
    assert result.match == {0: "t00000000002"}
    assert result.findings == []


def test_codes_of_two_plots_in_each_others_place_are_told_of_both():
    """Neither has ground of the parcel whose code it bears: it measures the one it lies on."""
    result = checked(plots("bc", b={"code": "t00000000003"}, c={"code": "t00000000002"}))
    assert result.match == {0: "t00000000002", 1: "t00000000003"}
    assert [f.rule for f in result.findings] == ["wrong_code", "wrong_code"]


def test_a_neighbours_code_does_not_take_the_neighbour_off_the_map():
    """b bears c's code and reaches into c, which is not measured anew."""
    wide = shapely.box(*at(20, 20), *at(41, 40))
    rules = [f.rule for f in checked([plot("b", shape=wide, code="t00000000003")]).findings]
    assert {"overlap_register", "wrong_code"} <= set(rules)


@pytest.mark.parametrize("shape", [None, shapely.box(*at(90_000, 0), *at(90_020, 20))])
def test_a_plot_without_a_place_has_its_code_to_go_by(shape):
    many = plots("abde", b={"shape": shape, "code": "t00000000002"})
    assert checked(many).match[1] == "t00000000002"
