"""Planted faults found, and nothing found where nothing is wrong: the check held against 1,000 surveys whose truth is known.

One survey bears one fault, in a format that can carry it, round blocks, kinds and formats in turn. A fault counts as found
when the rule of its kind is reported at one of its plots, or within a metre of its place, or on its line. Every format is
also written without a fault: what asks for anything there (stops, explain) is a false alarm.
"""

import csv
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import shapely

from geo.finding import Finding
from importers.check.checked import Checked
from importers.check.context import Context, LandUse
from importers.check.run import check
from importers.check.words import record
from importers.errors import Refused
from importers.examination import read_files
from importers.plots import Drawn, How
from importers.sample.place import COMMUNE, draw_place
from importers.sample.surveys.around import alone, context_of
from importers.sample.surveys.faults import KINDS
from importers.sample.surveys.formats import FORMATS, Format
from importers.sample.surveys.planting import Block, Kind, Planted, Truth, block_of
from importers.sample.surveys.survey import Survey, blocks

FAULTS = 1000
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


def planted(count: int) -> Iterator[tuple[Kind, Format, Planted]]:
    """That many faults, kinds and their formats in turn, seeded."""
    rng = np.random.default_rng(26)
    turn: Counter[str] = Counter()
    for index in range(count):
        kind = list(KINDS.values())[index % len(KINDS)]
        formats = [form for form in FORMATS.values() if kind.fits(form.holds)]
        form = formats[turn[kind.name] % len(formats)]
        block = town().blocks[int(rng.integers(len(town().blocks)))]
        turn[kind.name] += 1
        yield kind, form, kind.plant(block, rng)


def checked(
    form: Format, survey: Survey, lone: bool = False, sheet: bool = True
) -> tuple[list[Drawn], Checked]:
    """A survey written, read and checked as the fenced process does it."""
    how = How(commune=COMMUNE, sheet=survey.lots[0].sheet if sheet else None, scale=500)
    context = alone(land_uses()) if lone else town().context
    with tempfile.TemporaryDirectory() as scratch:
        folder, handed = Path(scratch) / "work", Path(scratch) / "in"
        folder.mkdir()
        handed.mkdir()
        form.write(handed / form.file, survey)
        drawn = read_files(
            sorted(handed.iterdir()), folder, how if not lone else replace(how, commune=None), _silent
        )
        return drawn, check(drawn, context)


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


@dataclass(slots=True)
class Tally:
    """Of one kind: how many were planted and found, and which other rules asked for something."""

    planted: int = 0
    found: int = 0
    missed: list[str] = None  # type: ignore[assignment]
    extra: Counter[str] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.missed, self.extra = [], Counter()


def judge(kind: Kind, form: Format, fault: Planted) -> tuple[bool, Counter[str], str]:
    """Whether the fault is found, the other rules that asked for something, and what was said instead."""
    try:
        drawn, result = checked(form, fault.survey, fault.alone, fault.told_sheet)
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


def run() -> int:
    """Prints the table; 0 where all faults are found and clean files raise no alarm."""
    begun = time.monotonic()
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for kind, form, fault in planted(FAULTS):
        tally = tallies[kind.name]
        tally.planted += 1
        hit, extra, said = judge(kind, form, fault)
        tally.found += hit
        tally.extra += extra
        if not hit:
            tally.missed.append(said)
    print(f"{'kind':<18} {'rule':<17} {'planted':>7} {'found':>6} {'recall':>8}  findings of other rules")
    for name, tally in tallies.items():
        others = ", ".join(f"{rule} {count}" for rule, count in tally.extra.most_common(4))
        recall = 100 * tally.found / tally.planted
        print(
            f"{name:<18} {KINDS[name].rule:<17} {tally.planted:>7} {tally.found:>6} {recall:>6.1f} %  {others}"
        )
    for name, tally in tallies.items():
        for said in tally.missed[:3]:
            print(f"missed: {name} in {said}")
    false, clean = _false_alarms()
    total, found = sum(t.planted for t in tallies.values()), sum(t.found for t in tallies.values())
    print(f"{time.monotonic() - begun:.0f} s for {total + clean} files")
    print(
        f"findings: recall {100 * found / total:.1f} % of {total:,} faults of {len(tallies)} kinds, {false} false alarms in "
        f"{clean} clean files (needs 100 % and 0)"
    )
    return 0 if found == total and not false else 1


def _false_alarms() -> tuple[int, int]:
    """In every block and format without a fault."""
    false = files = 0
    for form in FORMATS.values():
        for block in town().blocks:
            files += 1
            try:
                found = alarms(checked(form, block.survey)[1].findings)
            except Refused as refused:
                print(f"false alarm: {form.name} refused: {refused}")
                false += 1
                continue
            false += len(found)
            for finding in found[:2]:
                print(f"false alarm: {form.name} {finding.rule} {finding.record}: {finding.text_en}")
    return false, files


def _numbers(text: str | None) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text or "").split()


def _silent(_done: float, _step: str) -> None:
    return None


if __name__ == "__main__":
    sys.exit(run())
