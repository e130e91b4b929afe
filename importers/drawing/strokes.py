"""What a drawing holds in one form for every format: strokes (lines, chains, rings) and words, by layer."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.finding import Finding
from importers.errors import TooMuch

Floats = NDArray[np.float64]
MAX_COORDINATE = 1e10
"""Farther than Vietnam's north in millimetres."""
MAX_CORNERS = 5_000_000


@dataclass(slots=True)
class Stroke:
    """One drawn line: x, y of its corners in order, (n, 2); of a ring the first corner is not repeated.

    handle: the entity's name in the file, unique. curved: its corners stand on a curve drawn in the file.
    """

    handle: str
    layer: str
    xy: Floats
    closed: bool = False
    curved: bool = False


@dataclass(slots=True)
class Word:
    """One text as it stands in the file (not yet decoded). x, y: where it was put; middle: of its letters, estimated."""

    handle: str
    layer: str
    text: str | bytes
    x: float
    y: float
    height: float
    middle: tuple[float, float]


@dataclass(slots=True)
class Drawing:
    """A drawing as read. counts: entities by layer and kind. levels: level of a layer where the format itself says it.

    fault: what the reader met, in order. unit_m as in `importers.plots.Drawn`.
    """

    name: str
    format: str
    strokes: list[Stroke] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    unit_m: float | None = None
    record_vi: str = ""
    curves: int = 0
    corners: int = 0
    not_read: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, stroke: Stroke) -> None:
        """Add a line. Raises: ValueError for one without two places on any map, TooMuch where they are too many."""
        xy = stroke.xy
        if not np.isfinite(xy).all() or (len(xy) and float(np.abs(xy).max()) > MAX_COORDINATE):
            raise ValueError("no coordinates")
        if len(xy) > 2 and (np.abs(xy[0] - xy[-1]) <= 1e-9 * (1 + np.abs(xy[0]))).all():
            stroke.xy, stroke.closed = xy[:-1], True
        if len(xy) < 2 or (xy == xy[0]).all():
            raise ValueError("a point")
        self.curves += stroke.curved
        self.corners += len(xy)
        if self.corners > MAX_CORNERS:
            raise TooMuch(
                f"Bản vẽ có hơn {MAX_CORNERS} đỉnh. Hãy tách tệp, hoặc chỉ xuất các lớp ranh và nhãn thửa.",
                f"The drawing has over {MAX_CORNERS} corners. Split it, or export only boundaries and labels.",
                self.name,
            )
        self.strokes.append(stroke)

    def count(self, layer: str, kind: str, n: int = 1) -> None:
        self.counts[layer, kind] = self.counts.get((layer, kind), 0) + n

    def pass_over(self, layer: str, kind: str, n: int = 1) -> None:
        """Count an entity that could hold a boundary or a label and is not read."""
        self.not_read[layer, kind] = self.not_read.get((layer, kind), 0) + n


def middle_of(
    x: float, y: float, height: float, letters: int, turn_rad: float = 0.0, width: float = 0.8
) -> tuple[float, float]:
    """The middle of a line of text that starts at x, y (its lower left), each letter `width` heights wide."""
    along, up = letters * height * width / 2, height / 2
    cos, sin = float(np.cos(turn_rad)), float(np.sin(turn_rad))
    return (x + along * cos - up * sin, y + along * sin + up * cos)
