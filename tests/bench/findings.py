"""Planted faults found, and nothing found where nothing is wrong: the check held against 1,000 surveys whose truth is known.

One survey bears one fault, in a format that can carry it, round blocks, kinds and formats in turn. A fault counts as found
when the rule of its kind is reported at one of its plots, or within a metre of its place, or on its line. Every format is
also written without a fault: what asks for anything there (stops, explain) is a false alarm.
"""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from importers.errors import Refused
from importers.sample.surveys.faults import KINDS
from importers.sample.surveys.formats import FORMATS, Format
from importers.sample.surveys.planting import Kind, Planted
from tests.importers.planted import alarms, checked, clean, judge, town

FAULTS = 1000


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


@dataclass(slots=True)
class Tally:
    """Of one kind: how many were planted and found, and which other rules asked for something."""

    planted: int = 0
    found: int = 0
    missed: list[str] = None  # type: ignore[assignment]
    extra: Counter[str] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.missed, self.extra = [], Counter()


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
                found = alarms(checked(form, clean(block))[1].findings)
            except Refused as refused:
                print(f"false alarm: {form.name} refused: {refused}")
                false += 1
                continue
            false += len(found)
            for finding in found[:2]:
                print(f"false alarm: {form.name} {finding.rule} {finding.record}: {finding.text_en}")
    return false, files


if __name__ == "__main__":
    sys.exit(run())
