"""Surveys with a planted fault, written, read and checked: whether the check says what the truth says.

The bench of findings judges a thousand of them, the suite one of each kind.
"""

import csv
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import shapely

from geo.finding import Finding
from importers.check.checked import Checked
from importers.check.context import Context, LandUse, Nobody
from importers.check.run import check
from importers.check.words import record
from importers.errors import Refused
from importers.examination import read_files
from importers.plots import Drawn, How
from importers.sample.place import COMMUNE, draw_place
from importers.sample.surveys.around import alone, context_of
from importers.sample.surveys.formats import Format
from importers.sample.surveys.planting import Block, Kind, Planted, Truth, block_of
from importers.sample.surveys.survey import Survey, blocks

NEAR_M = 1.0
_LAND_USES = Path(__file__).parents[2] / "register/data/land_use.tsv"


@dataclass(frozen=True, slots=True)
class Town:
    """The sample's blocks, clean, and its context."""

    blocks: tuple[Block, ...]
    context: Context


@cache
def town() -> Town:
    """The sample commune of seed 1."""
    parcels = draw_place(1).parcels
    return Town(
        tuple(block_of(block, parcels) for block in blocks(parcels)), context_of(parcels, land_uses())
    )


@cache
def land_uses() -> dict[str, LandUse]:
    """The list of land uses as the register has it."""
    found = {}
    with _LAND_USES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
            found[row["code"]] = LandUse(
                row["name_vi"], row["name_en"], row["family"], row["successor"] or None, until
            )
    return found


def clean(block: Block) -> Planted:
    """The survey of a block without a fault."""
    return Planted(block.survey, Truth())


def checked(form: Format, fault: Planted) -> tuple[list[Drawn], Checked]:
    """A survey written, read and checked as the fenced process does it."""
    survey = fault.survey
    how = How(
        commune=None if fault.alone else COMMUNE,
        sheet=survey.lots[0].sheet if fault.told_sheet else None,
        scale=500,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder, handed = Path(scratch) / "work", Path(scratch) / "in"
        folder.mkdir()
        handed.mkdir()
        form.write(handed / form.file, survey)
        drawn = read_files(sorted(handed.iterdir()), folder, how, _silent)
        return drawn, check(drawn, _around(fault))


def _around(fault: Planted) -> Context:
    if fault.alone:
        return alone(land_uses())
    if fault.unregistered:
        return replace(town().context, near=Nobody(), last_numbers={}, has_register=False)
    return town().context


def is_found(truth: Truth, survey: Survey, result: Checked, finding: Finding) -> bool:
    """Whether a finding of the right rule speaks of the planted fault and not of something else."""
    if not truth.plots and not truth.lines and truth.at is None:
        return True
    if truth.lines:
        return any(str(line) in _numbers(finding.record) for line in truth.lines)
    named = [
        k for k, plot in enumerate(result.plots) if record(plot, None) in (finding.record, finding.other)
    ]
    numbers = {number.casefold() for number in truth.plots}
    if any((result.plots[k].number or "").casefold() in numbers for k in named):
        return True
    if truth.at is None:
        return False
    # Findings stand in the zone once it is known, in the coordinates of the file until then.
    place = shapely.Point(truth.at if result.epsg is not None else survey.at(truth.at))
    unnumbered = [result.shapes[k] for k in named if result.plots[k].number is None]
    where = [] if finding.x is None or finding.y is None else [shapely.Point(finding.x, finding.y)]
    if finding.extent is not None:
        where.append(shapely.from_wkt(finding.extent))
    return any(shape is not None and shape.intersects(place) for shape in unnumbered) or any(
        shape.distance(place) <= NEAR_M for shape in where
    )


def alarms(findings: list[Finding]) -> list[Finding]:
    """What asks the surveyor for something."""
    return [finding for finding in findings if finding.severity != "note"]


def judge(kind: Kind, form: Format, fault: Planted) -> tuple[bool, Counter[str], str]:
    """Whether the fault is found, the other rules that asked for something, and what was said instead."""
    try:
        drawn, result = checked(form, fault)
    except Refused as refused:
        return False, Counter(), f"{form.name}: refused: {refused}"
    ours = [finding for finding in result.findings if finding.rule == kind.rule]
    hit = any(is_found(fault.truth, fault.survey, result, finding) for finding in ours)
    extra = Counter(finding.rule for finding in alarms(result.findings) if finding.rule != kind.rule)
    said = dict(Counter(finding.rule for finding in result.findings))
    return (
        hit,
        extra,
        f"{form.name}: {fault.truth} but {said}, {len(drawn)} file(s), {len(result.plots)} plots",
    )


def _numbers(text: str | None) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text or "").split()


def _silent(_done: float, _step: str) -> None:
    return None
