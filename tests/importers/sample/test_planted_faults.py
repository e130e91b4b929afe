"""One planted fault of each kind is found, each in another format, and files without a fault ask for nothing."""

import numpy as np
import pytest

from importers.check.rules import RULES
from importers.sample.surveys.faults import KINDS
from importers.sample.surveys.formats import FORMATS, Format
from importers.sample.surveys.planting import Kind
from tests.importers.planted import alarms, checked, clean, judge, town

NOT_PLANTED = {"not_read", "unread_text"}
"""Notes of what a reader passes over or cannot make out: no fault of a plot, held to in the tests of readers."""


def places() -> list[tuple[int, Kind, Format]]:
    """Kinds with a format that can carry each, the formats in turn."""
    found = []
    for index, kind in enumerate(KINDS.values()):
        formats = [form for form in FORMATS.values() if kind.fits(form.holds)]
        found.append((index, kind, formats[index % len(formats)]))
    return found


@pytest.mark.parametrize(
    ("seed", "kind", "form"), [pytest.param(*p, id=f"{p[1].name}-{p[2].name}") for p in places()]
)
def test_a_planted_fault_is_found(seed: int, kind: Kind, form: Format) -> None:
    rng = np.random.default_rng(seed)
    block = town().blocks[seed % len(town().blocks)]
    hit, _, said = judge(kind, form, kind.plant(block, rng))
    assert hit, said


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_a_clean_file_asks_for_nothing(form: Format) -> None:
    block = town().blocks[len(form.name) % len(town().blocks)]
    drawn, result = checked(form, clean(block))
    assert len(result.plots) == len(block.lots)
    assert alarms(result.findings) == []
    assert sum(len(d.plots) for d in drawn) == len(result.plots)


def test_every_rule_of_the_list_can_be_planted() -> None:
    assert set(RULES) - {kind.rule for kind in KINDS.values()} == NOT_PLANTED


def test_every_kind_has_a_format_and_every_format_kinds() -> None:
    assert {form.name for _, _, form in places()} == set(FORMATS)
