"""Faults a reader meets: in letters, labels, lines, points and bytes."""

from dataclasses import replace

import numpy as np
import shapely

from importers.sample.surveys.planting import Block, Edge, Planted, Truth, around, outward, pick, stepped
from importers.sample.surveys.survey import Encoding, Label

_NUMBER, _STREET = 13, 28
_INCHES = 1


def tcvn3(block: Block, _rng: np.random.Generator) -> Planted:
    """Letters of .VnTime."""
    return _old_letters(block, "tcvn3")


def vni(block: Block, _rng: np.random.Generator) -> Planted:
    """Letters of VNI-Times."""
    return _old_letters(block, "vni")


def open_ring(block: Block, rng: np.random.Generator) -> Planted:
    """A ring whose last edge, which no other plot has, is not drawn."""
    edge = pick(rng, block.outer)
    ring = around(block.lots[edge.lot])
    first = ring.index(edge.end)
    lot = replace(block.lots[edge.lot], shape=shapely.Polygon([*ring[first:], *ring[:first]]), open=True)
    return Planted(block.with_lots({edge.lot: lot}), Truth(frozenset({block.number(edge.lot)})))


def dangle(block: Block, rng: np.random.Generator) -> Planted:
    """A boundary line drawn on past its end by 0.4 to 3 m, into a plot."""
    edge, far = _roomy(block, rng), rng.uniform(0.4, 3.0)
    end = outward(edge, 0.5, -far)
    foot = outward(edge, 0.5, 0.0)
    survey = replace(block.survey, lines=(np.array([foot, end]),))
    return Planted(survey, Truth(frozenset(), end, width_m=far))


def two_labels(block: Block, rng: np.random.Generator) -> Planted:
    """A second number in a plot."""
    index = int(rng.integers(len(block.lots)))
    x, y = block.lots[index].label or (0.0, 0.0)
    label = Label(_NUMBER, block.new_number(), (x + 0.9, y))
    survey = replace(block.survey, labels=(label,))
    return Planted(survey, Truth(frozenset({block.number(index), block.new_number()}), (x, y)))


def no_label(block: Block, rng: np.random.Generator) -> Planted:
    """A plot whose number was not placed."""
    index = int(rng.integers(len(block.lots)))
    lot = block.lots[index]
    return Planted(block.with_lots({index: replace(lot, number=None)}), Truth(at=lot.label))


def stray_label(block: Block, rng: np.random.Generator) -> Planted:
    """A number in the street."""
    whole = shapely.coverage_union_all(np.array([lot.shape for lot in block.lots], dtype=object))
    while True:
        edge = pick(rng, block.outer)
        at = outward(edge, 0.5, rng.uniform(3.0, 6.0))
        if shapely.Point(at).distance(whole) > 2:
            break
    return Planted(replace(block.survey, labels=(Label(_NUMBER, block.new_number(), at),)), Truth(at=at))


def curve(block: Block, rng: np.random.Generator) -> Planted:
    """An edge between two plots drawn as an arc, 2 to 6 cm off its chord."""
    edge, off = pick(rng, block.inner), rng.uniform(0.02, 0.06)
    bulge = 2 * off / edge.length_m
    survey = replace(block.survey, arcs=((edge.start, edge.end, bulge),))
    return Planted(survey, Truth(width_m=off))


def unused_layer(block: Block, rng: np.random.Generator) -> Planted:
    """Lines on a layer whose name says nothing."""
    edge = pick(rng, block.edges)
    return Planted(replace(block.survey, layer=(np.array([edge.start, outward(edge, 0.5, -1.0)]),)), Truth())


def inches(block: Block, _rng: np.random.Generator) -> Planted:
    """A drawing in metres that says inches, as templates do."""
    return Planted(replace(block.survey, unit_code=_INCHES), Truth())


def bad_line(block: Block, rng: np.random.Generator) -> Planted:
    """A line in which a coordinate became letters."""
    count = sum(len(shapely.get_coordinates(lot.shape)) - 1 for lot in block.lots)
    line = int(rng.integers(6, count))

    def spoil(content: bytes) -> bytes:
        lines = content.split(b"\n")
        text = lines[line - 1]
        # The run with most digits after its leading zeros is a coordinate in every dialect; its middle becomes letters.
        start, length = max(_runs(text), key=lambda run: len(text[run[0] : sum(run)].lstrip(b"0")))
        middle = start + length // 2
        lines[line - 1] = text[: middle - 1] + b"#?" + text[middle + 1 :]
        return b"\n".join(lines)

    return Planted(replace(block.survey, spoil=spoil), Truth(lines=frozenset({line})))


def cut_short(block: Block, rng: np.random.Generator) -> Planted:
    """The last fifth to third of the file is missing."""
    keep = rng.uniform(0.67, 0.8)

    def spoil(content: bytes) -> bytes:
        return content[: int(len(content) * keep)]

    return Planted(replace(block.survey, spoil=spoil), Truth())


def duplicate_point(block: Block, rng: np.random.Generator) -> Planted:
    """The name of a corner again, 1 to 30 m away."""
    again = stepped(around(block.lots[0])[0], rng.uniform(0, 2 * np.pi), rng.uniform(1, 30))
    return Planted(replace(block.survey, points=(("1", *again),)), Truth(at=again))


def unknown_point(block: Block, rng: np.random.Generator) -> Planted:
    """A plot through a point that is not in the file."""
    index = int(rng.integers(len(block.lots)))
    lot = replace(block.lots[index], unknown_corner=True)
    return Planted(block.with_lots({index: lot}), Truth(frozenset({block.number(index)})))


def no_shape(block: Block, rng: np.random.Generator) -> Planted:
    """A record without geometry."""
    index = int(rng.integers(len(block.lots)))
    lot = replace(block.lots[index], shape=None, label=None)
    return Planted(block.with_lots({index: lot}), Truth(frozenset({block.number(index)})))


def _old_letters(block: Block, encoding: Encoding) -> Planted:
    """All texts in old letters, two street names among them."""
    places = [outward(edge, 0.5, 4.0) for edge in block.outer[:2]]
    labels = tuple(
        Label(_STREET, text, at)
        for text, at in zip(("Đường Nguyễn Bỉnh Khiêm", "Kiệt số 12"), places, strict=False)
    )
    return Planted(replace(block.survey, encoding=encoding, labels=labels), Truth())


def _roomy(block: Block, rng: np.random.Generator) -> Edge:
    """An edge with four metres of its own plot before it."""
    while True:
        edge = pick(rng, block.edges)
        if shapely.contains_xy(block.lots[edge.lot].shape, *outward(edge, 0.5, -4.0)):
            return edge


def _runs(text: bytes) -> list[tuple[int, int]]:
    """Start and length of each run of digits, points and commas between digits."""
    found, start = [], None
    for at, byte in enumerate(text + b" "):
        if byte in b"0123456789.":
            start = at if start is None else start
        elif start is not None:
            found.append((start, at - start))
            start = None
    return found
