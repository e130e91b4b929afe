"""Every rule: its fault is told in the surveyor's own words and at its place, and where it is not, nothing is said."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.crs import to_wgs84
from importers.check.rules import RULES
from importers.sample.surveys.faults import KINDS
from importers.sample.surveys.formats import FORMATS
from tests.importers import handed
from tests.importers.check.faults import FAULTS, Fault
from tests.importers.check.sheet import EPSG, at, checked, told
from tests.importers.planted import checked as read_and_checked
from tests.importers.planted import clean, judge, town

PLANTED = {kind.rule: kind for kind in KINDS.values() if kind.rule not in {fault.rule for fault in FAULTS}}
"""What readers and the datum detective say is no matter of drawn plots: it is planted in files."""
CORNERS = ((548000, 1778000), (548020, 1778000), (548020, 1778020), (548000, 1778020))


def listed(*codes: str) -> bytes:
    """A point list, north before east, with a code for each corner."""
    lines = [
        f"{k},{n}.000,{e}.000,2.5,{code}"
        for k, ((e, n), code) in enumerate(zip(CORNERS, codes, strict=True), 1)
    ]
    return "\r\n".join(lines).encode("latin-1")


READ = {
    "unread_text": (listed("R12 \x81\x8d\x8f\xd0", "R12", "R12", "R12"), listed("R12", "R12", "R12", "R12")),
    "not_read": (listed("C\xc2Y", "", "", ""), listed("R12", "R12", "R12", "R12")),
}
"""Files that bear what no planter plants, and the same without it."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_a_fault_is_told_with_its_records_its_size_and_its_place(fault: Fault) -> None:
    rule = RULES[fault.rule]
    finding = told(fault.rule, fault.plots)[0]
    for name, value in {"other": None, "size": None, "width_m": None, **fault.said}.items():
        assert getattr(finding, name) == (
            pytest.approx(value, abs=1e-6) if isinstance(value, float) else value
        ), name
    assert fault.words in finding.text_vi
    assert finding.text_en
    assert (finding.severity, finding.repair_vi, finding.repair_en) == (
        rule.severity,
        rule.repair_vi,
        rule.repair_en,
    )
    if fault.place is None:
        return
    spot = shapely.Point(at(*fault.place))
    assert shapely.from_wkt(finding.extent).distance(spot) < 0.0015
    assert shapely.from_wkt(finding.extent).distance(shapely.Point(finding.x, finding.y)) < 0.001
    lon, lat = to_wgs84(EPSG, [finding.x], [finding.y])
    assert (finding.lon_deg, finding.lat_deg) == (lon[0], lat[0])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_without_the_fault_the_rule_says_nothing(fault: Fault) -> None:
    result = checked(fault.clean)
    assert fault.rule not in {finding.rule for finding in result.findings}
    assert fault.rule not in {rule for rule, *_ in result.left}


def test_plots_as_they_are_registered_ask_for_nothing() -> None:
    result = checked(FAULTS[0].clean)
    assert (result.findings, result.left, len(result.match)) == ([], [], 4)


@pytest.mark.parametrize("rule", PLANTED)
def test_what_readers_and_the_datum_detective_find_is_planted_in_a_file(rule: str) -> None:
    """And a file in the same format without the fault does not speak of it."""
    kind = PLANTED[rule]
    form = next(form for form in FORMATS.values() if kind.fits(form.holds))
    block = town().blocks[0]
    hit, _, said = judge(kind, form, kind.plant(block, np.random.default_rng(1)))
    assert hit, said
    assert rule not in {finding.rule for finding in read_and_checked(form, clean(block))[1].findings}


@pytest.mark.parametrize("rule", READ)
def test_what_a_reader_cannot_read_it_says(rule: str, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(READ[rule][0])
    (tmp_path / "good.txt").write_bytes(READ[rule][1])
    bad, good = (handed.drawn(tmp_path / name)[0] for name in ("bad.txt", "good.txt"))
    assert rule in handed.rules(bad.findings)
    assert [plot.number for plot in good.plots] == ["12"]
    assert rule not in handed.rules(good.findings)


def test_every_rule_of_the_list_has_a_fault_here() -> None:
    drawn = [fault.rule for fault in FAULTS]
    assert len(drawn) == len(set(drawn))
    assert {*drawn, *PLANTED, *READ} == set(RULES)
