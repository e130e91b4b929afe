"""Faults in shapes: of one plot, between plots, and between plots and what is registered."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely import affinity, ops

from geo.tolerance import area_tolerance_m2, edge_tolerance_cm
from importers.sample.surveys.planting import (
    Block,
    Edge,
    Planted,
    Point,
    Truth,
    around,
    distance_m,
    log_uniform,
    outward,
    pick,
    reshaped,
    stepped,
)
from importers.sample.surveys.survey import Lot, Survey, labelled


def self_crossing(block: Block, rng: np.random.Generator) -> Planted:
    """Two corners in each other's place; the truth is where the boundary crosses itself, once."""
    for index in rng.permutation(len(block.lots)).tolist():
        ring = around(block.lots[index])
        at = int(rng.integers(len(ring)))
        ring[at - 1], ring[at] = ring[at], ring[at - 1]
        crossed = reshaped(block.lots[index], ring)
        places = _crossings(ring)
        if len(places) == 1 and shapely.area(shapely.make_valid(crossed.shape)) > 1:
            crossed = replace(
                crossed, label=block.lots[index].label, told_area_m2=block.lots[index].told_area_m2
            )
            truth = Truth(frozenset({block.number(index)}), places[0])
            return Planted(block.with_lots({index: crossed}), truth)
    raise ValueError("no ring crosses itself")


def zero_area(block: Block, rng: np.random.Generator) -> Planted:
    """A further plot whose ring runs to and fro along a boundary, by its middle."""
    edge = pick(rng, block.inner)
    middle = ((edge.start[0] + edge.end[0]) / 2, (edge.start[1] + edge.end[1]) / 2)
    middle = round(middle[0], 3), round(middle[1], 3)
    flat = shapely.Polygon([edge.start, middle, edge.end, middle])
    lot = replace(
        block.lots[edge.lot],
        shape=flat,
        number=block.new_number(),
        label=middle,
        told_area_m2=None,
        legal_area_m2=None,
    )
    return Planted(block.with_lots({}, lot), Truth(frozenset({block.new_number()}), middle, size=0.0))


def drawn_twice(block: Block, rng: np.random.Generator) -> Planted:
    """The same ring twice, from another corner on."""
    index = int(rng.integers(len(block.lots)))
    lot = block.lots[index]
    ring = around(lot)
    again = replace(lot, shape=shapely.Polygon(ring[1:] + ring[:1]))
    return Planted(block.with_lots({}, again), Truth(frozenset({block.number(index)}), lot.label))


def repeated_vertex(block: Block, rng: np.random.Generator) -> Planted:
    """A corner again, 0 to 3 mm on."""
    edge = pick(rng, block.outer or block.inner)
    corner = outward(edge, float(rng.integers(0, 4)) / 1000 / edge.length_m, 0.0)
    lot = _after(block.lots[edge.lot], edge, corner)
    return Planted(block.with_lots({edge.lot: lot}), Truth(frozenset({block.number(edge.lot)}), edge.start))


def spike(block: Block, rng: np.random.Generator) -> Planted:
    """From the middle of an edge out to a wrong point and back, 4 to 15 mm beside."""
    edge = pick(rng, block.edges)
    wide, far = rng.uniform(0.004, 0.015), rng.uniform(0.5, 3.0)
    foot, back = outward(edge, 0.5, 0.0), outward(edge, 0.5 + wide / edge.length_m, 0.0)
    tip = outward(edge, 0.5, far)
    lot = _after(block.lots[edge.lot], edge, foot, tip, back)
    return Planted(
        block.with_lots({edge.lot: lot}), Truth(frozenset({block.number(edge.lot)}), tip, width_m=wide)
    )


def sliver(block: Block, rng: np.random.Generator) -> Planted:
    """A plot's strip of 6 to 20 cm along an edge, drawn as a plot of its own."""
    for edge in (pick(rng, block.edges) for _ in range(200)):
        lot, wide = block.lots[edge.lot], rng.uniform(0.06, 0.2)
        far = [outward(edge, -20.0, -wide), outward(edge, 21.0, -wide)]
        parts = shapely.get_parts(ops.split(_shape(lot), shapely.LineString(far)))
        if len(parts) != 2:
            continue
        strip, rest = sorted(parts, key=lambda part: part.area)
        if not 0.3 < strip.area < 0.3 * edge.length_m or strip.interiors or rest.interiors:
            continue
        rest_lot = reshaped(lot, shapely.get_coordinates(rest)[:-1])
        thin = labelled(
            replace(reshaped(lot, shapely.get_coordinates(strip)[:-1]), number=block.new_number())
        )
        thin = replace(thin, legal_area_m2=thin.told_area_m2)
        survey = block.with_lots({edge.lot: replace(rest_lot, legal_area_m2=rest_lot.told_area_m2)}, thin)
        return Planted(survey, Truth(frozenset({block.new_number()}), thin.label, width_m=wide))
    raise ValueError("no edge to cut a strip from")


def several_parts(block: Block, rng: np.random.Generator) -> Planted:
    """Two plots that do not touch, under one number."""
    while True:
        first, second = rng.choice(len(block.lots), 2, replace=False).tolist()
        one, two = _shape(block.lots[first]), _shape(block.lots[second])
        if one.distance(two) > 2:
            break
    both = shapely.MultiPolygon([one, two])
    lot = replace(
        block.lots[first], shape=both, told_area_m2=round(both.area, 1), legal_area_m2=round(both.area, 1)
    )
    return Planted(block.with_lots({first: lot, second: None}), Truth(frozenset({block.number(first)})))


def overlap(block: Block, rng: np.random.Generator) -> Planted:
    """One of two plots reaches 1 mm to 1 m over the boundary of both."""
    return _bump(block, pick(rng, block.inner), log_uniform(rng, 0.001, 1.0))


def gap(block: Block, rng: np.random.Generator) -> Planted:
    """One of two plots stays 2 mm to 0.3 m behind the boundary of both."""
    return _bump(block, pick(rng, block.inner), -log_uniform(rng, 0.002, 0.3))


def overlap_register(block: Block, rng: np.random.Generator) -> Planted:
    """A plot reaches 1 mm to 1 m into a registered parcel that is not measured anew."""
    return _bump(block, pick(rng, block.outer), log_uniform(rng, 0.001, 1.0))


def gap_register(block: Block, rng: np.random.Generator) -> Planted:
    """A plot stays 2 mm to 0.3 m behind a registered parcel."""
    return _bump(block, pick(rng, block.outer), -log_uniform(rng, 0.002, 0.3))


def loose_corner(block: Block, rng: np.random.Generator) -> Planted:
    """A front corner 1 to 4 cm short of the neighbour's, and the boundary drifting away from it by metres behind: too wide
    for a gap. Without a register: there the street's boundary would hold the corner."""
    for edge in (pick(rng, block.inner) for _ in range(2000)):
        other = block.lots[edge.beside or 0]
        if edge.end not in block.border_corners or len(block.corners[edge.end]) != 2:
            continue
        ring = around(other)
        at = ring.index(edge.end)
        front, back = ring[at - 1], ring[(at + 1) % len(ring)]
        behind = ring[(at + 2) % len(ring)]
        if back != edge.start or min(_apart(front, edge.end), _apart(behind, back)) < 3.5:
            continue
        off = rng.uniform(0.01, 0.04)
        ring[at], ring[(at + 1) % len(ring)] = _towards(edge.end, front, off), _towards(back, behind, 2.5)
        lot = reshaped(other, ring)
        # Where the plot behind turns along the boundary, little more than a slit would open.
        line, turned = shapely.LineString([edge.start, edge.end]), ring[(at + 1) % len(ring)]
        if shapely.is_valid(lot.shape) and line.distance(shapely.Point(turned)) > 2:
            survey = block.with_lots({edge.beside or 0: lot})
            return Planted(survey, Truth(_both(block, edge), edge.end, width_m=off), unregistered=True)
    raise ValueError("no corner to loosen")


def moved_corner(block: Block, rng: np.random.Generator) -> Planted:
    """A corner shared with registered parcels that stay, 10 to 40 cm from where it is registered (limit at 1:500: 7 cm)."""
    return _moved(block, rng, block.border_corners, (0.1, 0.4), _always)


def edge_length(block: Block, rng: np.random.Generator) -> Planted:
    """A corner moved by less than the point error, so that an edge differs beyond appendix 03."""

    def beyond(before: Lot, after: Lot) -> bool:
        sides = [np.hypot(*np.diff(shapely.get_coordinates(lot.shape), axis=0).T) for lot in (before, after)]
        off = np.abs(sides[1] - sides[0]) * 100
        allowed = np.array([edge_tolerance_cm(side, before.scale) for side in sides[0].tolist()])
        return bool((off > 1.15 * allowed).any())

    return _moved(block, rng, block.own_corners, (0.05, 0.065), beyond)


def registered_area(block: Block, rng: np.random.Generator) -> Planted:
    """A shared corner moved so that a plot's area differs from the registered one beyond appendix 04."""

    def beyond(before: Lot, after: Lot) -> bool:
        area = _shape(before).area
        return abs(_shape(after).area - area) > 1.3 * area_tolerance_m2(area, before.scale)

    return _moved(block, rng, block.own_corners, (0.3, 2.0), beyond)


def outside_commune(block: Block, rng: np.random.Generator) -> Planted:
    """A further plot beyond the commune's border, not farther than it must be."""
    lot = block.lots[int(rng.integers(len(block.lots)))]
    town = shapely.coverage_union_all(np.array([parcel.shape for parcel in block.town], dtype=object))
    angle = rng.uniform(0, 2 * np.pi)
    for far in range(50, 5000, 10):
        moved = affinity.translate(_shape(lot), *stepped((0.0, 0.0), angle, far))
        if moved.distance(town) > 35:
            break
    there = labelled(replace(lot, shape=moved, number=block.new_number()))
    return Planted(block.with_lots({}, there), Truth(frozenset({block.new_number()}), there.label))


def _bump(block: Block, edge: Edge, out_m: float) -> Planted:
    """Nine tenths of an edge moved out of its lot; the truth is measured after rounding to the millimetre, which moves
    both corners to the side they are meant for."""
    first, second = (_beside(edge, along, out_m) for along in (0.05, 0.95))
    strip = shapely.Polygon([edge.start, first, second, edge.end])
    if 2 * strip.area < 0.001 * strip.length:
        # A strip is as wide as it is in the mean; less than a millimetre is nobody's fault.
        return _bump(block, edge, out_m * 1.2)
    lot = _after(block.lots[edge.lot], edge, first, second)
    width = max(abs(distance_m(edge, first)), abs(distance_m(edge, second)))
    at = outward(edge, 0.5, out_m / 2)
    return Planted(
        block.with_lots({edge.lot: lot}), Truth(_both(block, edge), at, size=strip.area, width_m=width)
    )


def _beside(edge: Edge, along: float, out_m: float) -> Point:
    """A point on the millimetre that lies at least half as far out of the edge's lot as asked."""
    steps = (one * 0.001 for one in (0, 1, -1, 2, -2, 3, -3, 4, -4))
    points = (outward(edge, along + step / edge.length_m, out_m) for step in steps)
    return next(point for point in points if distance_m(edge, point) * np.sign(out_m) >= abs(out_m) / 2)


def _crossings(ring: Sequence[Point]) -> list[Point]:
    """Where edges of a ring that are no neighbours meet."""
    sides = [shapely.LineString(pair) for pair in zip(ring, [*ring[1:], ring[0]], strict=True)]
    last = len(sides) - 1
    met = [
        one.intersection(other)
        for i, one in enumerate(sides)
        for other in sides[i + 2 : last if i == 0 else None]
        if one.intersects(other)
    ]
    return [(place.centroid.x, place.centroid.y) for place in met]


def _after(lot: Lot, edge: Edge, *points: Point) -> Lot:
    """The lot with further corners after the start of its edge."""
    ring = around(lot)
    at = ring.index(edge.start) + 1
    return reshaped(lot, [*ring[:at], *points, *ring[at:]])


def _both(block: Block, edge: Edge) -> frozenset[str]:
    beside = [] if edge.beside is None else [block.number(edge.beside)]
    return frozenset({block.number(edge.lot), *beside})


def _always(_before: Lot, _after: Lot) -> bool:
    return True


def _moved(
    block: Block,
    rng: np.random.Generator,
    corners: Sequence[Point],
    far_m: tuple[float, float],
    enough: Callable[[Lot, Lot], bool],
) -> Planted:
    """One of the corners, moved in all plots that have it; `enough` must hold for one of them."""
    for _ in range(2000):
        corner, far = pick(rng, corners), rng.uniform(*far_m)
        there = stepped(corner, rng.uniform(0, 2 * np.pi), far)
        changed: dict[int, Lot | None] = {}
        reached = set()
        for index in block.corners[corner]:
            ring = [there if point == corner else point for point in around(block.lots[index])]
            lot = reshaped(block.lots[index], ring)
            changed[index] = lot
            if shapely.is_valid(lot.shape) and enough(block.lots[index], lot):
                reached.add(block.number(index))
        survey = block.with_lots(changed)
        if reached and _still_tiles(survey):
            return Planted(survey, Truth(frozenset(reached), there, width_m=far))
    raise ValueError("no corner to move")


def _still_tiles(survey: Survey) -> bool:
    shapes = np.array([lot.shape for lot in survey.lots], dtype=object)
    return bool(shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes))


def _shape(lot: Lot) -> shapely.Polygon:
    """The clean shape of a lot: one polygon."""
    polygon: shapely.Polygon = shapely.get_parts(lot.shape)[0]
    return polygon


def _apart(one: Point, other: Point) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))


def _towards(start: Point, end: Point, far_m: float) -> Point:
    share = far_m / _apart(start, end)
    return round(start[0] + share * (end[0] - start[0]), 3), round(start[1] + share * (end[1] - start[1]), 3)
