"""Blocks cut into lots: two rows back to back, corner lots, narrow houses and the alleys (hẻm, kiệt) between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import LineString, Polygon

from importers.sample.bands import Array, Band, Piece, cut, polygons

ALLEY: Final = "alley"
LOT: Final = "lot"
STREET: Final = "street"


@dataclass(frozen=True, slots=True)
class Weave:
    """How tight a block is cut: depth of a row and the usual widths of its lots, in metres."""

    depth_m: float
    width_m: tuple[float, float]
    passage: float  # share of lots that make room for a passage to a house behind


def streets(shape: Polygon, spacing_m: float, width_m: float, rng: np.random.Generator) -> Iterator[Piece]:
    """Cut a quarter between the main streets into blocks: yields streets, and blocks as lots yet to be cut."""
    band = Band.of(shape)
    too_wide = band.width_m > 1.65 * spacing_m
    too_long = band.length_m > 4.1 * spacing_m
    if not too_wide and not too_long:
        yield Piece(LOT, shape)
        return
    if too_wide and band.width_m > 0.36 * band.length_m:
        rows = max(2, round(band.width_m / spacing_m))
        share = (rows // 2) / rows + rng.normal(0, 0.03)
        line = band.along(share, bend=rng.normal(0, 0.035, 4))
    else:
        at = np.array([rng.uniform(0.42, 0.58)])
        line = band.rungs(at, rng.normal(0, 0.09))[0]
    if line is None:
        yield Piece(LOT, shape)
        return
    way = line.buffer(width_m / 2, cap_style="flat", join_style="mitre")
    for part in polygons(shape.intersection(way), 1.0):
        yield Piece(STREET, part, line)
    for part in polygons(shape.difference(way), 1.0):
        yield from streets(part, spacing_m, max(4.5, width_m - 0.75), rng)


def lots(shape: Polygon, weave: Weave, rng: np.random.Generator, level: int = 0) -> Iterator[Piece]:
    """The lots and alleys of one block; they cover it."""
    band = Band.of(shape)
    depth = weave.depth_m
    if shape.area < 2.2 * depth * weave.width_m[0] or band.length_m < 1.4 * weave.width_m[0]:
        yield Piece(LOT, shape)
        return
    if band.width_m > 2.75 * depth and level < 4:
        rows = max(2, round(band.width_m / (2.0 * depth)))
        line = band.along((rows // 2) / rows + rng.normal(0, 0.02), bend=rng.normal(0, 0.02, 3))
        if line is not None:
            way = line.buffer(rng.uniform(1.1, 1.75), cap_style="flat", join_style="mitre")
            for part in polygons(shape.intersection(way)):
                yield Piece(ALLEY, part, line)
            for part in polygons(shape.difference(way)):
                yield from lots(part, weave, rng, level + 1)
            return
    if band.width_m <= 1.5 * depth:
        yield from _row(shape, weave, rng, axis=band.axis)
        return
    middle = _ends(band, depth, rng)
    for end in middle[1:]:
        yield from _row(end, weave, rng, axis=band.frame[1])
    body = Band.of(middle[0], along=band.axis)
    spine = body.along(0.5 + rng.normal(0, 0.035), bend=rng.normal(0, 0.018, 5))
    rows_of = cut(body.shape, [] if spine is None else [spine])
    for row in rows_of:
        yield from _row(row, weave, rng, axis=body.axis)


def _ends(band: Band, depth_m: float, rng: np.random.Generator) -> list[Polygon]:
    """The middle of a block, then the rows at its ends that face the cross streets (none at a short block)."""
    if band.length_m < 3.4 * depth_m:
        return [band.shape]
    at = np.array([d / band.length_m for d in rng.uniform(0.7, 1.0, 2) * depth_m])
    at[1] = 1 - at[1]
    chosen = [line for line, keep in zip(band.rungs(at), rng.random(2) < 0.8, strict=True) if keep]
    faces = sorted(cut(band.shape, chosen), key=lambda face: -float(face.area))
    return faces


def _widths(length_m: float, weave: Weave, rng: np.random.Generator) -> Array:
    """Widths that fill `length_m`: mostly the usual ones, now and then a double lot or a garden beside the house."""
    low, high = weave.width_m
    count = max(1, round(length_m / (0.53 * (low + high))))
    usual = rng.uniform(low, high, count) * np.where(
        rng.random(count) < 0.13, rng.uniform(1.5, 2.1, count), 1.0
    )
    # A developer's row: equal lots side by side, as they were once shared out.
    if rng.random() < 0.45:
        usual[: count // 2] = usual[: count // 2].mean() if count > 1 else usual[0]
    return np.asarray(usual * (length_m / usual.sum()), dtype=np.float64)


def _row(row: Polygon, weave: Weave, rng: np.random.Generator, axis: Array) -> Iterator[Piece]:
    band = Band.of(row, along=axis)
    if band.length_m < 1.6 * weave.width_m[0]:
        yield Piece(LOT, row)
        return
    widths = _widths(band.length_m, weave, rng)
    at = np.cumsum(widths)[:-1] / band.length_m
    turn = rng.normal(0, 0.008, len(at))
    lines = band.rungs(at, turn)
    passages: list[Polygon] = []
    extra: list[LineString] = []
    chosen = rng.random(len(at)) < weave.passage
    for index in range(1, len(at) - 1):
        if not chosen[index] or chosen[index - 1] or band.width_m < 15:
            continue
        wide = rng.uniform(1.3, 2.0) / band.length_m
        twin = LineString(shapely.get_coordinates(lines[index]) + wide * band.length_m * band.axis)
        passages.append(Polygon([*lines[index].coords, *reversed(twin.coords)]))
        extra += [twin, *_backs(band, at, index, wide, rng)]
    lane = shapely.union_all(passages).buffer(0.01) if passages else None
    faces = cut(row, lines + extra)
    lanes = [face for face in faces if lane is not None and lane.contains(face.representative_point())]
    yield from (Piece(ALLEY, face) for face in lanes)
    rest = mend([face for face in faces if face not in lanes], 0.35 * weave.width_m[0] * weave.depth_m)
    yield from (Piece(LOT, face) for face in rest)


def _backs(band: Band, at: Array, index: int, wide: float, rng: np.random.Generator) -> list[LineString]:
    """Lines that cut the lots on both sides of a passage into a house in front and a house behind."""
    share = rng.uniform(0.46, 0.58, 2)
    both = ((at[index - 1], at[index]), (at[index] + wide, at[index + 1]))
    lines = []
    for (left, right), part in zip(both, share, strict=True):
        if right - left < 2.8 / band.length_m:
            continue
        inset = 0.04 / band.length_m
        rungs = shapely.intersection(
            np.array(band.rungs(np.array([left - inset, right + inset]))), band.shape
        )
        ends = [shapely.get_coordinates(rung) for rung in rungs]
        if all(len(end) == 2 for end in ends):
            lines.append(LineString([end[0] + part * (end[1] - end[0]) for end in ends]))
    return lines


def mend(faces: list[Polygon], least_m2: float) -> list[Polygon]:
    """Leftovers too small to stand alone join the neighbour with whom they share the longest side."""
    done: list[Polygon] = []
    todo = sorted(faces, key=lambda face: float(face.area))
    while todo:
        face = todo.pop(0)
        others = [*todo, *done]
        if face.area >= least_m2 or not others:
            done.append(face)
            continue
        shared = shapely.length(shapely.intersection(np.array(others), face))
        best = int(np.argmax(shared))
        joined = shapely.union(face, others[best])
        if shared[best] < 0.1 or not isinstance(joined, Polygon):
            done.append(face)
        elif best < len(todo):
            todo[best] = joined
        else:
            done[best - len(todo)] = joined
    return done
