"""Which layers of a drawing hold the boundaries and which the labels, and the words for those that hold neither."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from geo.finding import Finding
from importers.check.rules import found
from importers.drawing.labels import take_apart
from importers.drawing.levels import BOUNDARY, LABELS, LEGAL, NAMES, NUMBER, RING, level_of
from importers.drawing.strokes import Drawing

_FRAME = 63
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Layers:
    """The level of each layer in use. guessed: the layers that no name told and that were taken by what they hold;
    numbers: the one of these whose texts are labels, even where its lines are boundaries."""

    levels: Mapping[str, int]
    guessed: tuple[str, ...]
    numbers: str | None

    def level(self, layer: str) -> int | None:
        """The level of a layer's lines, None for layers that are not used."""
        return self.levels.get(layer)

    def word_level(self, layer: str) -> int | None:
        """The level of a layer's texts."""
        return NUMBER if layer == self.numbers else self.levels.get(layer)


def sort_layers(
    drawing: Drawing, readable: Mapping[str, str], told: Mapping[str, int], texts: list[str]
) -> Layers:
    """The level of each layer: by the surveyor's word, the format, its name, and for want of all three by its content.

    readable: each layer's name as Unicode. texts: the texts of `drawing.words`, decoded, in their order.
    """
    names = {s.layer for s in drawing.strokes} | {w.layer for w in drawing.words}
    levels: dict[str, int] = {}
    for layer in sorted(names):
        level = drawing.levels.get(layer)
        named = level_of(readable.get(layer, layer), told)
        if named is not None and (level is None or told):
            level = named
        if level is not None:
            levels[layer] = level
    guessed: list[str] = []
    drawn = {s.layer for s in drawing.strokes}
    if not any(levels.get(layer) in RING | {LEGAL} for layer in drawn):
        boundary = _boundary(drawing, levels)
        if boundary is not None:
            levels[boundary] = BOUNDARY
            guessed.append(boundary)
    numbers = None
    if not any(levels.get(w.layer) == NUMBER for w in drawing.words):
        numbers = _numbers(drawing, levels, texts)
        if numbers is not None:
            levels.setdefault(numbers, NUMBER)
            guessed += [] if numbers in guessed else [numbers]
    return Layers(levels, tuple(guessed), numbers)


def _boundary(drawing: Drawing, levels: Mapping[str, int]) -> str | None:
    """The layer with most rings, else with most lines; unnamed layers before those named as something else."""
    for known in (False, True):
        for closed in (True, False):
            count = Counter(
                s.layer
                for s in drawing.strokes
                if s.closed == closed and (s.layer in levels) == known and levels.get(s.layer) != _FRAME
            )
            if count and (closed or not known):
                return max(sorted(count), key=lambda layer: count[layer])
    return None


def _numbers(drawing: Drawing, levels: Mapping[str, int], texts: list[str]) -> str | None:
    """The unnamed layer with most texts that name a number, if they are most of its texts."""
    good: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for word, text in zip(drawing.words, texts, strict=True):
        if levels.get(word.layer) in (None, BOUNDARY):
            whole[word.layer] += 1
            label = take_apart(text)
            good[word.layer] += label is not None and label.number is not None
    fit = [layer for layer in sorted(whole) if good[layer] * 2 > whole[layer]]
    return max(fit, key=lambda layer: good[layer]) if fit else None


def unused(drawing: Drawing, layers: Layers, readable: Mapping[str, str]) -> list[Finding]:
    """What was taken for want of a name, and the layers that hold neither boundaries nor labels, with counts."""
    counts: Counter[str] = Counter()
    for (layer, _), n in drawing.counts.items():
        if layers.level(layer) not in RING | LABELS | NAMES | {LEGAL}:
            counts[layer] += n
    rest = [
        f"“{readable.get(layer, layer)}” ({n})"
        for layer, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    ]
    findings = []
    if layers.guessed:
        taken = ", ".join(f"“{readable.get(layer, layer)}”" for layer in layers.guessed)
        findings.append(
            found(
                "unused_layer",
                f"Không tên lớp nào cho biết ranh (10) hoặc số thửa (13); đã dùng lớp {taken} theo nội dung.",
                f"No layer's name tells boundaries (10) or numbers (13); layer {taken} was taken by its content.",
            )
        )
    if rest:
        more = f", … (+{len(rest) - _LISTED})" if len(rest) > _LISTED else ""
        listed = ", ".join(rest[:_LISTED]) + more
        findings.append(
            found(
                "unused_layer", f"Các lớp không dùng đến: {listed}.", f"Layers that were not used: {listed}."
            )
        )
    return findings
