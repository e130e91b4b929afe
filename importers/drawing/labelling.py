"""Labels put to the plots they lie in: number, area, land use; what lies in none, and plots with several numbers."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.finding import Finding
from importers.check.rules import found
from importers.drawing.labels import Label, land_use, take_apart
from importers.drawing.levels import AREA, NAMES, NUMBER, USE_LEGAL, USE_PRESENT
from importers.drawing.network import points_of
from importers.drawing.strokes import Word

# Land uses of roads, waters and the like: land that need not have a number.
_OPEN_LAND = frozenset({"DGT", "DTL", "SON", "MNC", "GT", "TL", "SN"})
_AREA_FITS = 0.1
_TWINS = 8
_CHUNK = 200


@dataclass(slots=True)
class Said:
    """What the labels in one plot say. numbers: number, its text's index; names: whether a road or water is named."""

    numbers: list[tuple[str, int, bool]] = field(default_factory=list)
    areas: list[float] = field(default_factory=list)
    uses: dict[int, str] = field(default_factory=dict)
    names: bool = False

    @property
    def open_land(self) -> bool:
        """Whether it is a road, a water or the like by its name or land use."""
        return self.names or any(use.split("+")[0] in _OPEN_LAND for use in self.uses.values())

    @property
    def land_use(self) -> str | None:
        """The land use on paper before that written with the number before the present one."""
        return next(
            (self.uses[level] for level in (USE_LEGAL, NUMBER, USE_PRESENT) if level in self.uses), None
        )


@dataclass(slots=True)
class Reading:
    """Labels of a drawing, each with its word: level and what it says."""

    words: list[Word]
    labels: list[
        tuple[int, int, Label | str]
    ]  # index of the word, level, what it says (a land use or a name as text)
    findings: list[Finding]


def read_labels(words: list[Word], levels: list[int | None], texts: list[str]) -> Reading:
    """What each text of a label's level says; texts there that say nothing of a plot are findings."""
    reading = Reading(words, [], [])
    for i, (word, level, text) in enumerate(zip(words, levels, texts, strict=True)):
        if level == NUMBER:
            label = take_apart(text)
            if label is not None:
                reading.labels.append((i, level, label))
            elif "\ufffd" in text or any(c.isdigit() for c in text):
                reading.findings.append(
                    found(
                        "unread_text",
                        f"Không hiểu nhãn “{text[:40]}” ({word.handle}).",
                        f"The label “{text[:40]}” ({word.handle}) is not understood.",
                        word.handle,
                        x=word.x,
                        y=word.y,
                    )
                )
        elif level == AREA:
            label = take_apart(text)
            if label is not None and (label.area_m2 is not None or label.number is not None):
                area = label.area_m2 if label.area_m2 is not None else _plain(label)
                if area is not None:
                    reading.labels.append((i, level, Label(None, area)))
        elif level in (USE_LEGAL, USE_PRESENT):
            use = land_use(text)
            if use is not None:
                reading.labels.append((i, level, use))
        elif level in NAMES and text:
            reading.labels.append((i, level or 0, text))
    return reading


def _plain(label: Label) -> float | None:
    return float(label.number) if label.number is not None and label.number.isdigit() else None


def put(reading: Reading, shapes: NDArray[np.object_]) -> tuple[list[Said], list[int]]:
    """What is said of each shape, and the words with numbers that lie in none.

    A text is of the smallest shape (and its exact twins) round the place where it was put, else round its middle.
    """
    said = [Said() for _ in shapes]
    if not reading.labels:
        return said, []
    area = shapely.area(shapes)
    chosen = [w for w, _, _ in reading.labels]
    first = _within(shapes, area, [(reading.words[w].x, reading.words[w].y) for w in chosen])
    middle = _within(shapes, area, [reading.words[w].middle for w in chosen])
    crowd: dict[int, int] = {}
    for (_, _, what), at in zip(reading.labels, first, strict=True):
        for shape in at if isinstance(what, Label) and what.number is not None else ():
            crowd[shape] = crowd.get(shape, 0) + 1
    stray: list[int] = []
    for k, (w, level, what) in enumerate(reading.labels):
        at = first[k] or middle[k]
        numbered = isinstance(what, Label) and what.number is not None
        # A text put with its corner in the next plot and its letters in an empty one is of the empty one.
        if numbered and at and middle[k] and any(crowd[s] > 1 for s in first[k]):
            at = middle[k] if not any(s in crowd for s in middle[k]) else at
        if not at and numbered:
            stray.append(w)
        for shape in at:
            _note(said[shape], w, level, what)
    for shape, one in enumerate(said):
        _settle(one, float(area[shape]), reading.words)
    return said, stray


def _within(
    shapes: NDArray[np.object_], area: NDArray[np.float64], places: list[tuple[float, float]]
) -> list[list[int]]:
    """For each place the smallest shape round it, with others of the very same area."""
    tree = shapely.STRtree(shapes)
    points = points_of(np.array(places))
    found_in: list[list[int]] = [[] for _ in places]
    for start in range(0, len(points), _CHUNK):
        place, shape = tree.query(points[start : start + _CHUNK], predicate="intersects")
        order = np.lexsort((shape, area[shape], place))
        for p, s in zip((place[order] + start).tolist(), shape[order].tolist(), strict=True):
            inside = found_in[p]
            if not inside or (len(inside) < _TWINS and area[s] - area[inside[0]] <= 1e-9 * area[s]):
                inside.append(s)
    return found_in


def _note(said: Said, word: int, level: int, what: Label | str) -> None:
    if isinstance(what, str):
        if level in NAMES:
            said.names = True
        else:
            said.uses.setdefault(level, what)
        return
    if what.number is not None:
        said.numbers.append((what.number, word, what.whole))
    if what.area_m2 is not None:
        said.areas.append(what.area_m2)
    if what.land_use is not None:
        said.uses.setdefault(level, what.land_use)


def _settle(said: Said, area: float, words: list[Word]) -> None:
    """Of two whole numbers one above the other, as in a fraction, the one that is the plot's area is the area."""
    if len(said.numbers) != 2 or said.areas or not all(whole for _, _, whole in said.numbers):
        return
    (_, i, _), (_, j, _) = said.numbers
    reach = 6 * max(words[i].height, words[j].height)
    if abs(words[i].y - words[j].y) > reach or abs(words[i].x - words[j].x) > reach:
        return
    fits = [n for n in said.numbers if abs(float(n[0]) - area) <= _AREA_FITS * area]
    if len(fits) == 1:
        said.areas.append(float(fits[0][0]))
        said.numbers.remove(fits[0])
