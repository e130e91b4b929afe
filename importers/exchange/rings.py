"""Pieces of boundary, in any order and direction, joined end to end into rings; rings put together into one shape."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.finding import Severity
from importers.check.rules import found
from importers.exchange.notes import Notes, Point

# Ends that the file's own rounding sets apart are one corner.
SAME_CORNER_M = 0.0005
MOST_RINGS = 100
_MOST_CHAINS = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of corners (x east, y north); `names` of the corners, "" where they have none."""

    xy: tuple[Point, ...]
    names: tuple[str, ...]

    def turned(self) -> "Piece":
        return Piece(self.xy[::-1], self.names[::-1])

    def then(self, other: "Piece") -> "Piece":
        return Piece(self.xy + other.xy[1:], self.names + other.names[1:])


def join(pieces: Sequence[Piece], same: float) -> tuple[list[Piece], list[Piece]]:
    """Rings (first corner repeated at the end) and open chains; each piece is in one of them, repeated ones once.

    Where more than two pieces meet the next in the file is followed, and a loop is cut off as soon as it is one: rings
    that touch in a corner stay rings of their own. Linear in the number of pieces.
    """
    pieces = _once(pieces)
    ends = _nodes([p.xy[0] for p in pieces] + [p.xy[-1] for p in pieces], same)
    count = len(pieces)
    walk = _Walk(pieces, [(ends[i], ends[count + i]) for i in range(count)])
    for first in range(count):
        walk.start(first)
    return walk.rings, walk.chains


def _once(pieces: Sequence[Piece]) -> list[Piece]:
    seen: set[tuple[Point, ...]] = set()
    kept = []
    for piece in pieces:
        if piece.xy in seen or piece.xy[::-1] in seen or len(set(piece.xy)) < 2:
            continue
        seen.add(piece.xy)
        kept.append(piece)
    return kept


def _nodes(points: Sequence[Point], same: float) -> list[int]:
    """A number for each point, the same for points less than `same` apart in x and y."""
    cells: dict[tuple[int, int], int] = {}
    numbers = []
    at: list[Point] = []
    for x, y in points:
        column, row = int(x // same), int(y // same)
        number = None
        for i in (0, -1, 1):
            for j in (0, -1, 1):
                near = cells.get((column + i, row + j))
                if near is not None and abs(at[near][0] - x) <= same and abs(at[near][1] - y) <= same:
                    number = near
                    break
            if number is not None:
                break
        if number is None:
            number = len(at)
            at.append((x, y))
            cells.setdefault((column, row), number)
        numbers.append(number)
    return numbers


class _Walk:
    """One walk over all pieces."""

    def __init__(self, pieces: list[Piece], ends: list[tuple[int, int]]) -> None:
        self.pieces = pieces
        self.ends = ends
        self.used = [False] * len(pieces)
        self.at: dict[int, list[int]] = {}
        for i in reversed(range(len(pieces))):
            for node in set(ends[i]):
                self.at.setdefault(node, []).append(i)
        self.rings: list[Piece] = []
        self.chains: list[Piece] = []

    def start(self, first: int) -> None:
        """Walk from the end of a piece as far as it goes, then from its beginning; what is left is a chain."""
        if self.used[first]:
            return
        self.used[first] = True
        start, end = self.ends[first]
        if start == end:
            self._ring([self.pieces[first]])
            return
        trail, nodes = self._onwards([self.pieces[first]], [start, end], first)
        if trail:
            trail = [p.turned() for p in reversed(trail)]
            trail, _ = self._onwards(trail, nodes[::-1], first)
        if trail:
            self.chains.append(_whole(trail))

    def _onwards(self, trail: list[Piece], nodes: list[int], last: int) -> tuple[list[Piece], list[int]]:
        position = {node: i for i, node in enumerate(nodes)}
        while trail and (found := self._next(nodes[-1], last)) is not None:
            last = found
            self.used[found] = True
            start, end = self.ends[found]
            piece = self.pieces[found]
            if start == end:
                self._ring([piece])
                continue
            if start != nodes[-1]:
                start, end, piece = end, start, piece.turned()
            trail.append(piece)
            if end in position:
                from_here = position[end]
                self._ring(trail[from_here:])
                for node in nodes[from_here + 1 :]:
                    del position[node]
                del trail[from_here:], nodes[from_here + 1 :]
            else:
                position[end] = len(nodes)
                nodes.append(end)
        return trail, nodes

    def _next(self, node: int, last: int) -> int | None:
        for i in (last + 1, last - 1):
            if 0 <= i < len(self.ends) and not self.used[i] and node in self.ends[i]:
                return i
        waiting = self.at[node]
        while waiting and self.used[waiting[-1]]:
            waiting.pop()
        return waiting[-1] if waiting else None

    def _ring(self, trail: list[Piece]) -> None:
        self.rings.append(_whole(trail))


def _whole(trail: Sequence[Piece]) -> Piece:
    xy: list[Point] = list(trail[0].xy)
    names: list[str] = list(trail[0].names)
    for piece in trail[1:]:
        names[-1] = names[-1] or piece.names[0]
        xy += piece.xy[1:]
        names += piece.names[1:]
    return Piece(tuple(xy), tuple(names))


@dataclass(frozen=True, slots=True)
class Bounded:
    """A shape (None where no ring has three corners), and the names of the corners of its only exterior ring."""

    shape: shapely.Geometry | None
    corners: tuple[str, ...]


def bound(pieces: Sequence[Piece], record: str, notes: Notes, *, parcel: bool = True) -> Bounded:
    """The shape that pieces of boundary enclose, as they are drawn: rings inside rings are holes.

    A boundary left open is closed by straight lines and is a finding (a note where it is no parcel's); a line that hangs
    from a closed ring is a `dangle`.
    """
    rings, chains = join(pieces, SAME_CORNER_M / notes.unit_m)
    if len(chains) == 1 and not rings and 2 * len(_once(pieces)) == len(pieces):
        # Each piece there and back: the boundary is whole and encloses nothing.
        rings, chains = [chains[0].then(chains[0].turned())], []
    # Closed by the very corner it began with: what rounding set apart is not drawn as an edge.
    rings = [Piece((*r.xy[:-1], r.xy[0]), (*r.names[:-1], r.names[0])) for r in rings]
    severity: Severity | None = None if parcel else "note"
    if chains and not rings and len(chains) <= _MOST_CHAINS:
        rings.append(_closed(chains, record, notes, severity))
        chains = []
    for chain in chains:
        notes.dangle(record, chain.xy, severity)
    rings = [r for r in rings if len(set(r.xy)) >= 3]
    if len(rings) > MOST_RINGS:
        notes.add(
            found(
                "not_read", f"Ranh có {len(rings)} vòng: không xét vòng nào nằm trong vòng nào.",
                f"The boundary has {len(rings)} rings: which of them are holes is not asked.", record, severity="explain",
            )
        )  # fmt: skip
    return _nested(rings)


def _closed(chains: list[Piece], record: str, notes: Notes, severity: Severity | None) -> Piece:
    """One ring of open chains, each linked to the one that begins or ends nearest."""
    left = list(chains)
    whole = left.pop(0)
    while left:
        x, y = whole.xy[-1]
        gaps = [
            ((px - x) ** 2 + (py - y) ** 2, i, turn)
            for i, chain in enumerate(left)
            for turn, (px, py) in ((False, chain.xy[0]), (True, chain.xy[-1]))
        ]
        _, i, turn = min(gaps)
        chain = left.pop(i)
        chain = chain.turned() if turn else chain
        notes.open_ring(record, chain.xy[0], whole.xy[-1], severity)
        whole = Piece(whole.xy + chain.xy, whole.names + chain.names)
    notes.open_ring(record, whole.xy[0], whole.xy[-1], severity)
    return Piece((*whole.xy, whole.xy[0]), (*whole.names, whole.names[0]))


def _nested(rings: list[Piece]) -> Bounded:
    if not rings:
        return Bounded(None, ())
    if len(rings) == 1:
        names = rings[0].names[:-1]
        return Bounded(shapely.Polygon(rings[0].xy), names if any(names) else ())
    polygons = [shapely.Polygon(r.xy) for r in rings]
    order = sorted(range(len(rings)), key=lambda i: -abs(polygons[i].area))
    inside: list[list[int]] = [[] for _ in rings]
    if len(rings) <= MOST_RINGS:
        for place, outer in enumerate(order):
            for inner in order[place + 1 :]:
                if _within(polygons[inner], polygons[outer]):
                    inside[inner].append(outer)
    # From the largest to the smallest: a ring is a hole of the smallest ring around it, unless that is a hole itself.
    holes: dict[int, list[tuple[Point, ...]]] = {}
    for i in order:
        if inside[i] and inside[i][-1] in holes:
            holes[inside[i][-1]].append(rings[i].xy)
        else:
            holes[i] = []
    shells = list(holes)
    made = [shapely.Polygon(rings[i].xy, holes[i]) for i in shells]
    if len(made) > 1:
        return Bounded(shapely.MultiPolygon(made), ())
    names = rings[shells[0]].names[:-1]
    return Bounded(made[0], names if any(names) else ())


def _within(inner: shapely.Polygon, outer: shapely.Polygon) -> bool:
    """By corners and middles of edges alone, which also works for rings that cross themselves."""
    west, south, east, north = inner.bounds
    box = outer.bounds
    if west < box[0] or south < box[1] or east > box[2] or north > box[3]:
        return False
    corners = shapely.get_coordinates(inner)
    points = np.vstack([corners, (corners[1:] + corners[:-1]) / 2])
    shapely.prepare(outer)
    held = shapely.contains_xy(outer, points)
    return bool(held.any() and shapely.intersects_xy(outer, points).all())
