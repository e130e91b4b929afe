"""A file that is the whole later state of its sheets: what the register itself will judge does not stop it at the door."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from geo.finding import Finding, Severity
from importers.check.measured import Measured
from importers.check.words import key

_JUDGED: Final = frozenset({"overlap", "overlap_register", "number_taken"})
"""Sheets keep what they inherited: the correction is refused only where it adds to it."""
_RANK: Final[dict[Severity, int]] = {"stops": 0, "explain": 1, "note": 2}


def tempered(findings: Sequence[Finding], m: Measured) -> list[Finding]:
    """The findings in their order, lighter where it is a second record of a plot, or what the correction will tell."""
    keys = {m.record(k): key(plot.sheet, plot.number) for k, plot in enumerate(m.plots)}
    made = []
    for one in findings:
        severity = one.severity
        if (
            one.rule == "duplicate_shape"
            and one.other in keys
            and keys.get(one.record or "") == keys[one.other]
        ):
            severity = "note"
        elif (one.rule == "duplicate_shape" and one.record is None) or (
            one.rule in _JUDGED and severity == "stops"
        ):
            severity = "explain"
        made.append(replace(one, severity=severity) if severity != one.severity else one)
    return sorted(made, key=lambda one: _RANK[one.severity])
