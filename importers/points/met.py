"""What a reader of points meets on its way: findings tied to lines, and how many of each kind of thing."""

from collections import Counter
from dataclasses import dataclass, field

from geo.finding import Finding
from importers.check.rules import found
from importers.check.words import metres

MAX_PER_RULE = 500
"""A file that is wrong in every line is told so a few hundred times, then with a number."""


@dataclass(slots=True)
class Met:
    """`findings` so far; `counts` of lines and records by kind; `left` findings beyond MAX_PER_RULE, by rule."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    _told: Counter[str] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        self._told[finding.rule] += 1
        if self._told[finding.rule] > MAX_PER_RULE:
            self.left[finding.rule] += 1
        else:
            self.findings.append(finding)

    def bad_line(self, line: int, why_vi: str, why_en: str, sheet: str = "") -> None:
        """A line that is left out. The line itself is not quoted: it may hold a person's name."""
        self.counts["unread lines"] += 1
        at = place(line, sheet=sheet)
        self.add(found("bad_line", f"Dòng {line}: {why_vi}.", f"Line {line}: {why_en}.", at))

    def moved(self, name: str, first: tuple[float, float, int], again: tuple[float, float, int]) -> None:
        """One name, two places (east, north, line) farther than 1 mm from each other."""
        apart_m = ((first[0] - again[0]) ** 2 + (first[1] - again[1]) ** 2) ** 0.5
        self.add(
            found(
                "duplicate_point",
                f"Điểm {name} ở dòng {first[2]} và dòng {again[2]} cách nhau {metres(apart_m)[0]}.",
                f"Point {name} of line {first[2]} and of line {again[2]} are {metres(apart_m)[1]} apart.",
                place(again[2]), x=again[0], y=again[1], width_m=apart_m, other=place(first[2]),
                extent=f"LINESTRING ({first[0]!r} {first[1]!r}, {again[0]!r} {again[1]!r})",
            )
        )  # fmt: skip

    def close(self) -> list[Finding]:
        """All findings, with one more for each rule of which some were left out."""
        for rule, count in sorted(self.left.items()):
            self.findings.append(
                found(rule, f"Và còn {count} lỗi như vậy không liệt kê.", f"And {count} more of this kind.")
            )
        self.left.clear()
        return self.findings


def place(first: int, last: int | None = None, sheet: str = "") -> str:
    """`dòng 14`, `dòng 14–22`, `Tờ2, dòng 14`."""
    lines = f"dòng {first}" if last is None or last == first else f"dòng {first}–{last}"
    return f"{sheet}, {lines}" if sheet else lines
