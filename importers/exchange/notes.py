"""What a reader has to say of a file, bounded: a file of a million bad lines gives a thousand findings and a number."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import shapely

from geo.finding import Finding, Severity
from importers.check.rules import found
from importers.check.words import metres
from importers.errors import TooMuch
from importers.legacy_text import decode_all
from importers.plots import Drawn

MAX_EACH = 1_000
MAX_ENTITIES = 2_000_000
_LONGEST = 500
_TEXTS = ("commune", "sheet", "number", "map_set", "land_use", "address")

Point = tuple[float, float]


@dataclass(slots=True)
class Notes:
    """Findings of one file, at most MAX_EACH of a rule; `unit_m` makes metres of widths in the file's unit."""

    unit_m: float = 1.0
    findings: list[Finding] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    """Texts that are kept nowhere, and show in which encoding the others are."""
    _met: Counter[str] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Keep the finding, or only count it."""
        self._met[finding.rule] += 1
        if self._met[finding.rule] <= MAX_EACH:
            self.findings.append(finding)

    def bad_line(self, record: str, line: int | None, said: str) -> None:
        """A part of the file that is no number, no point or no date; `said` is what stands there."""
        said = brief(said, 60)
        where_vi, where_en = (f"Dòng {line}: ", f"Line {line}: ") if line else ("", "")
        self.add(
            found(
                "bad_line",
                f"{where_vi}không đọc được “{said}”.",
                f'{where_en}"{said}" cannot be read.',
                record,
            )
        )

    def open_ring(self, record: str, start: Point, end: Point, severity: Severity | None = None) -> None:
        """A ring whose two ends do not meet; the place is the middle of the gap."""
        (x0, y0), (x1, y1) = start, end
        gap_m = math.hypot(x1 - x0, y1 - y0) * self.unit_m
        self.add(
            found(
                "open_ring", f"Ranh hở {metres(gap_m)[0]} giữa hai đầu; tạm nối bằng đoạn thẳng.",
                f"The two ends of the boundary are {metres(gap_m)[1]} apart; a straight line closes it for now.", record,
                severity=severity, x=(x0 + x1) / 2, y=(y0 + y1) / 2, width_m=gap_m,
                extent=shapely.LineString([end, start]).wkt,
            )
        )  # fmt: skip

    def dangle(self, record: str, xy: Sequence[Point], severity: Severity | None = None) -> None:
        """A line that belongs to the boundary of a closed plot and encloses nothing."""
        line = shapely.LineString(xy)
        length_m = line.length * self.unit_m
        x, y = xy[len(xy) // 2]
        self.add(
            found(
                "dangle", f"Đoạn ranh dài {metres(length_m)[0]} không bao quanh gì.",
                f"A piece of boundary {metres(length_m)[1]} long encloses nothing.", record,
                severity=severity, x=x, y=y, extent=line.wkt,
            )
        )  # fmt: skip

    def no_shape(
        self, record: str, why_vi: str = "không có đường ranh nào", why_en: str = "it has no boundary"
    ) -> None:
        """A plot of which nothing can be drawn."""
        self.add(
            found(
                "no_shape", f"Không vẽ được thửa: {why_vi}.", f"The plot cannot be drawn: {why_en}.", record
            )
        )

    def all(self) -> list[Finding]:
        """The findings, and one for each rule that was met more often than is listed."""
        more = []
        for rule, met in self._met.items():
            if met > MAX_EACH:
                first = next(f for f in self.findings if f.rule == rule)
                more.append(
                    replace(
                        first, record=None, x=None, y=None, extent=None, width_m=None, size=None, other=None,
                        text_vi=f"Còn {met - MAX_EACH} chỗ khác như vậy.",
                        text_en=f"There are {met - MAX_EACH} more of this kind.",
                    )
                )  # fmt: skip
        return self.findings + more


def brief(text: str, longest: int = _LONGEST) -> str:
    """A text on one line, trimmed, cut where it is longer than any text of a parcel is."""
    text = " ".join(text[: 4 * longest].split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def kept(text: str | None) -> str | None:
    """A text as a plot keeps it: trimmed, without control characters, None where nothing is left."""
    if text is None:
        return None
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST])
    return brief(text) or None


def too_much(name: str) -> TooMuch:
    """The refusal of a file that holds more than any map sheet does."""
    return TooMuch(
        f"Tệp có hơn {MAX_ENTITIES:,} điểm hoặc đường. Hãy chia nhỏ.",
        f"The file holds more than {MAX_ENTITIES:,} points or lines. Split it.",
        name,
    )


def decoded(drawn: Drawn, heard: Sequence[str] = ()) -> Drawn:
    """The same with texts of old programs in Unicode: all texts of the file, and `heard`, say which encoding it is."""
    places = [
        (p, f) for p in drawn.plots for f in _TEXTS if (t := getattr(p, f)) is not None and not t.isascii()
    ]
    texts = [getattr(plot, name) for plot, name in places]
    texts += [
        t for name, _, _, code in drawn.points for t in (name, code) if t is not None and not t.isascii()
    ]
    if not texts:
        return drawn
    read = decode_all([*texts, *heard])[: len(texts)]
    samples: dict[str, tuple[str, str]] = {}
    for before, after in zip(texts, read, strict=True):
        if after.text != before:
            drawn.counts[f"texts {after.encoding}"] = drawn.counts.get(f"texts {after.encoding}", 0) + 1
            samples.setdefault(after.encoding, (before, after.text))
    for (plot, name), after in zip(places, read, strict=False):
        setattr(plot, name, after.text)
    made = {b: a.text for b, a in zip(texts, read, strict=True)}
    drawn.points = [(made.get(n, n), x, y, c if c is None else made.get(c, c)) for n, x, y, c in drawn.points]
    drawn.findings += [_legacy(encoding, *sample) for encoding, sample in samples.items()]
    _unread(drawn, texts)
    if samples:
        drawn.encoding = next(iter(samples))
    return drawn


def _legacy(encoding: str, before: str, after: str) -> Finding:
    before, after = brief(before, 60), brief(after, 60)
    return found(
        "legacy_text", f"Chữ theo bảng mã {encoding}, đã đổi sang Unicode: “{before}” → “{after}”.",
        f'Text in {encoding} was made Unicode: "{before}" → "{after}".',
    )  # fmt: skip


def _unread(drawn: Drawn, texts: Sequence[str]) -> None:
    lost = [t for t in texts if "\ufffd" in t]
    if lost:
        drawn.findings.append(
            found(
                "unread_text", f"{len(lost)} chỗ có chữ không đọc được, ví dụ “{brief(lost[0], 60)}”.",
                f'{len(lost)} texts hold letters that cannot be read, such as "{brief(lost[0], 60)}".',
            )
        )  # fmt: skip
