"""How the lines of a text are split into cells: by tab, semicolon, spaces or comma, whichever gives the most numbers."""

import csv
from collections.abc import Sequence

from importers.points import headers
from importers.points.number import number

SEPARATORS = ("\t", ";", " ", ",")
"""Spaces mean any number of them. Vertical bars are FAMIS's (rules §9.3), which are no list of points."""
_SAMPLE_LINES = 200
_MOST_CELLS = 60
_LONG = 4096


def separator(lines: Sequence[str]) -> str | None:
    """The separator by which most lines have two numbers or more; None where fewer than one line in ten has them."""
    sample = [line for line in lines if line.strip() and len(line) <= _LONG][:_SAMPLE_LINES]
    best: tuple[int, int, int] = (0, 0, 0)
    for rank, mark in enumerate(SEPARATORS):
        counts = [sum(number(c) is not None for c in cells(line, mark)) for line in sample]
        paired = [n for n in counts if n >= 2]
        best = max(best, (len(paired), sum(paired), -rank))
    return SEPARATORS[-best[2]] if best[0] and best[0] * 10 >= len(sample) else None


def cells(line: str, mark: str) -> list[str]:
    """The cells of a line, trimmed, without quotes; at most 60."""
    if mark == " ":
        words = line.split(None, _MOST_CELLS)
        numbers = sum(number(w) is not None for w in words)
        return words if numbers else headers.joined(words)
    if '"' in line:
        try:
            return [c.strip() for c in next(csv.reader([line], delimiter=mark))[:_MOST_CELLS]]
        except (csv.Error, StopIteration):
            line = line.replace('"', "")
    return [c.strip() for c in line.split(mark, _MOST_CELLS)]
