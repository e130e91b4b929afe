"""Findings on their way into a report: in order, and never so many of one rule that nobody reads them."""

from collections import Counter
from typing import Final

from geo.finding import Finding
from importers.check.rules import RULES, found
from importers.check.words import both

MOST: Final = 2_000
"""Findings of one rule that are told one by one; the rest are one finding that says how many."""

_RANK: Final = {"stops": 0, "explain": 1, "note": 2}


class Gathered:
    """Takes findings with the file and the plot (their positions) they belong to; gives them in the report's order."""

    def __init__(self) -> None:
        self._told: list[tuple[int, int, int, int, Finding]] = []
        self._count: Counter[str] = Counter()
        self._rest: Counter[str] = Counter()
        self._weight: dict[str, Finding] = {}

    def put(self, finding: Finding, file: int = 0, plot: int = -1) -> None:
        """Take one finding; plot -1: of the whole file."""
        if self._count[finding.rule] >= MOST:
            self._rest[finding.rule] += 1
            return
        self._count[finding.rule] += 1
        self._weight.setdefault(finding.rule, finding)
        self._told.append((_RANK[finding.severity], file, plot, len(self._told), finding))

    def room(self, rule: str, wanted: int) -> int:
        """How many of so many findings of a rule are worth making; the others are counted from here on."""
        most = max(0, min(wanted, MOST - self._count[rule]))
        self._rest[rule] += wanted - most
        return most

    def ordered(self) -> list[Finding]:
        """Most severe first, then as the files have them."""
        told = sorted(self._told, key=lambda one: one[:4])
        rest = [self._summed(rule, n) for rule, n in self._rest.items() if n]
        last = [(_RANK[one.severity], 1 << 31, 0, k, one) for k, one in enumerate(rest)]
        return [one[4] for one in sorted([*told, *last], key=lambda one: one[:4])]

    def _summed(self, rule: str, n: int) -> Finding:
        vi, en = both(n, 0)
        more_vi, more_en = (
            f"Còn {vi} chỗ nữa như vậy, không kể riêng.",
            f"{en} more like these, not told one by one.",
        )
        if rule in RULES:
            return found(rule, more_vi, more_en)
        return Finding(rule, self._weight[rule].severity, more_vi, more_en)
