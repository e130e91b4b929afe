"""Lines made into faces: ends joined on a millimetre grid, crossings found, openings bridged and named, stubs named."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from importers.drawing.strokes import Floats
from importers.errors import TooMuch

# Pairs of pieces whose boxes meet, and pairs of free ends and lines near them: a map has a few of each.
MAX_MEETINGS = 20_000_000
MAX_NEAR = 5_000_000
_CHUNK = 1000
_MOST_EDGES = 200

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Opening:
    """Two places that should be one: a free end of line `owner` and the nearest end or line `other`, `width` apart."""

    owner: int
    other: int
    start: tuple[float, float]
    end: tuple[float, float]
    width: float


@dataclass(frozen=True, slots=True)
class Stub:
    """A line that ends in nothing: its free end, the line it belongs to, how far it is to the next junction, and the way
    there (of a long one only its first corners)."""

    owner: int
    end: tuple[float, float]
    length: float
    way: shapely.Geometry


@dataclass(slots=True)
class Network:
    """Faces with the lines round them (indices of the input, ascending, and the share of their length), and faults."""

    faces: list[shapely.Polygon] = field(default_factory=list)
    owners: list[dict[int, float]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    stubs: list[Stub] = field(default_factory=list)


def close(lines: list[Floats], grid: float, near: float, name: str = "") -> Network:
    """The faces that lines enclose; a ring repeats its first corner at its end. Lengths in the lines' own unit.

    Corners are rounded to `grid` and corners of neighbouring cells are one. Free ends no farther than `near` from another
    free end or line are openings: bridged, so that the face is there, and named. Where lines lie on one another the
    first owns the stretch. Raises: TooMuch where more lines cross one another than in any map; `name` is the file.
    """
    network = Network()
    segments, owners = _segments(lines, grid)
    if not len(segments):
        return network
    _refuse_tangle(segments, name)
    edges, edge_owners = _noded(segments, owners, grid)
    mesh = _Mesh(edges, edge_owners)
    openings = mesh.openings(near)
    if openings:
        network.openings = openings
        bridges = np.array([[o.start, o.end] for o in openings])
        bridges = np.rint(bridges / grid) * grid
        real = (bridges[:, 0] != bridges[:, 1]).any(axis=1)
        edges, edge_owners = _noded(
            np.concatenate((edges, bridges[real])),
            np.concatenate((edge_owners, np.array([o.owner for o in openings], dtype=np.int64)[real])),
            grid,
        )
        mesh = _Mesh(edges, edge_owners)
    network.stubs = mesh.stubs()
    network.faces, network.owners = mesh.faces()
    return network


def _segments(lines: list[Floats], grid: float) -> tuple[Floats, Ints]:
    """Every straight piece once, its corners on the grid, (m, 2, 2), with the first line it belongs to."""
    xy = np.rint(np.concatenate(lines) / grid) if lines else np.empty((0, 2))
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    if not len(xy):
        return np.empty((0, 2, 2)), np.empty(0, dtype=np.int64)
    points, ids = _numbered(xy)
    ids = _merged(points)[ids]
    inside = owner[1:] == owner[:-1]
    a, b, owner = ids[:-1][inside], ids[1:][inside], owner[1:][inside]
    keys = np.minimum(a, b) * np.int64(len(points)) + np.maximum(a, b)
    real = a != b
    # A stable first occurrence: the line that was drawn first owns the piece.
    _, first = np.unique(keys[real], return_index=True)
    a, b, owner = a[real][first], b[real][first], owner[real][first]
    return np.stack((points[a], points[b]), axis=1) * grid, owner.astype(np.int64)


def lines_of(xy: Floats) -> NDArray[np.object_]:
    """Lines of corners (m, n, 2)."""
    return np.asarray(shapely.linestrings(xy), dtype=object)


def points_of(xy: Floats) -> NDArray[np.object_]:
    """Points of x, y (n, 2)."""
    return np.asarray(shapely.points(xy), dtype=object)


def _refuse_tangle(segments: Floats, name: str) -> None:
    lines = lines_of(segments)
    tree = shapely.STRtree(lines)
    meetings = 0
    for start in range(0, len(lines), _CHUNK):
        meetings += tree.query(lines[start : start + _CHUNK]).shape[1]
        if meetings > MAX_MEETINGS:
            raise TooMuch(
                "Bản vẽ có quá nhiều đường cắt nhau trên lớp ranh. Hãy bỏ các nét gạch, nét trải rồi nộp lại.",
                "Too many lines cross one another on the boundary layers. Remove hatching and hand it in again.",
                name,
            )


def _numbered(xy: Floats) -> tuple[Floats, Ints]:
    """Distinct points, and for each point which of them it is."""
    found, ids = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    return np.stack((found.real, found.imag), axis=1), ids.astype(np.int64)


def _merged(points: Floats) -> Ints:
    """For each cell of the grid the cell that stands for it: a neighbour if one does already. No chains: what stands for
    others is never moved itself."""
    tree = shapely.STRtree(points_of(points))
    a, b = tree.query(tree.geometries, predicate="dwithin", distance=1.5)
    order = np.lexsort((a[a < b], b[a < b]))
    stands = np.arange(len(points), dtype=np.int64)
    for low, high in zip(a[a < b][order].tolist(), b[a < b][order].tolist(), strict=True):
        if stands[low] == low and stands[high] == high:
            stands[high] = low
    return stands


def _noded(segments: Floats, owners: Ints, grid: float) -> tuple[Floats, Ints]:
    """The same lines cut where they meet, (m, 2, 2), each piece with the first line it lies on."""
    given = lines_of(segments)
    united = shapely.union_all(given, grid_size=grid)
    parts = shapely.get_parts(united)
    xy, index = shapely.get_coordinates(parts, return_index=True)
    xy = np.rint(xy / grid) * grid
    inside = index[1:] == index[:-1]
    cut = np.stack((xy[:-1][inside], xy[1:][inside]), axis=1)
    middles = points_of(cut.mean(axis=1))
    tree = shapely.STRtree(given)
    piece, line = tree.query(middles, predicate="dwithin", distance=1.6 * grid)
    of = np.full(len(cut), len(owners), dtype=np.int64)
    known = np.append(owners, np.iinfo(np.int64).max)
    lowest = np.full(len(cut), known[-1], dtype=np.int64)
    np.minimum.at(lowest, piece, owners[line])
    lost = lowest == known[-1]
    if lost.any():
        of[lost] = tree.nearest(middles[lost])
        lowest[lost] = known[of[lost]]
    return cut, lowest


def _within(tree: shapely.STRtree, places: NDArray[np.object_], near: float) -> tuple[Ints, Ints]:
    """Places and members of a tree that near them; the rest is left out where everything is near everything."""
    found: list[NDArray[np.int64]] = [np.empty((2, 0), dtype=np.int64)]
    pairs = 0
    for start in range(0, len(places), _CHUNK):
        got = tree.query(places[start : start + _CHUNK], predicate="dwithin", distance=near)
        found.append(got + np.array([[start], [0]]))
        pairs += got.shape[1]
        if pairs > MAX_NEAR:
            break
    i, j = np.concatenate(found, axis=1)
    return i, j


class _Mesh:
    """Pieces of line that meet only at their ends."""

    def __init__(self, edges: Floats, owners: Ints) -> None:
        self.edges = edges
        self.owners = owners
        ends = edges.reshape(-1, 2)
        self.points, ids = _numbered(ends)
        self.a, self.b = ids[0::2], ids[1::2]
        self.degree = np.bincount(ids, minlength=len(self.points))
        # Edges at each point: `at[first[p] : first[p + 1]]`.
        order = np.argsort(ids, kind="stable")
        self.at = order // 2
        self.first = np.concatenate(([0], np.cumsum(self.degree)))
        self.free = np.nonzero(self.degree == 1)[0]

    def _chain(self, start: int) -> tuple[list[int], float, int]:
        """The edges from a free end to the next point that is no mere corner, their length, and that point."""
        chain: list[int] = []
        length, point, before = 0.0, start, -1
        while True:
            around = self.at[self.first[point] : self.first[point + 1]]
            onward = [int(e) for e in around if e != before]
            if (point != start and len(around) != 2) or not onward:
                return chain, length, point
            before = onward[0]
            chain.append(before)
            length += float(np.hypot(*(self.edges[before, 1] - self.edges[before, 0])))
            point = int(self.b[before] if self.a[before] == point else self.a[before])

    def openings(self, near: float) -> list[Opening]:
        """Free ends and what they lie near: another free end first, else a line."""
        if not len(self.free):
            return []
        chains = {int(p): self._chain(int(p)) for p in self.free}
        chain_of = np.full(len(self.edges), -1, dtype=np.int64)
        for p, (chain, _, _) in chains.items():
            chain_of[chain] = p
        ends = points_of(self.points[self.free])
        found: list[Opening] = []
        paired: set[int] = set()
        for p, q, width in self._pairs(ends, near):
            # The two ends of one short stroke belong to no opening.
            if p in paired or q in paired or (chains[p][2] == q and chains[p][1] <= near):
                continue
            paired |= {p, q}
            found.append(self._opening(p, chains[q][0][0], self.points[q], width))
        left = [p for p in chains if p not in paired and not self._overshot(chains[p], near)]
        if not left:
            return found
        places = points_of(self.points[left])
        tree = shapely.STRtree(lines_of(self.edges))
        i, edge = _within(tree, places, near)
        own = np.array(left)[i]
        twin = np.array([chains[int(p)][2] for p in left])[i]
        other = (chain_of[edge] != own) & (chain_of[edge] != twin) | (chain_of[edge] < 0)
        i, edge = i[other], edge[other]
        width = shapely.distance(places[i], tree.geometries[edge])
        order = np.lexsort((edge, width, i))
        i, edge, width = i[order], edge[order], width[order]
        nearest = np.unique(i, return_index=True)[1]
        for k in nearest.tolist():
            line, place = tree.geometries[edge[k]], places[i[k]]
            foot = shapely.get_coordinates(
                shapely.line_interpolate_point(line, shapely.line_locate_point(line, place))
            )[0]
            found.append(self._opening(left[int(i[k])], int(edge[k]), foot, float(width[k])))
        return found

    def _pairs(self, ends: NDArray[np.object_], near: float) -> list[tuple[int, int, float]]:
        """Pairs of free ends within `near`, the nearest first; each end with its nearest few only."""
        tree = shapely.STRtree(ends)
        i, j = _within(tree, ends, near)
        i, j = i[i < j], j[i < j]
        width = shapely.distance(ends[i], ends[j])
        order = np.lexsort((j, i, width))
        return [(int(self.free[i[k]]), int(self.free[j[k]]), float(width[k])) for k in order.tolist()]

    def _overshot(self, chain: tuple[list[int], float, int], near: float) -> bool:
        """Whether a stub is the little that a line runs past its junction."""
        _, length, base = chain
        return length <= near and bool(self.degree[base] > 2)

    def _opening(self, p: int, edge: int, end: Floats, width: float) -> Opening:
        mine = int(self.owners[self.at[self.first[p]]])
        x, y = self.points[p]
        return Opening(
            mine, int(self.owners[edge]), (float(x), float(y)), (float(end[0]), float(end[1])), width
        )

    def stubs(self) -> list[Stub]:
        """Every free end that is left."""
        chains = [self._chain(p) for p in self.free.tolist()]
        edges = [
            shapely.multilinestrings(lines_of(self.edges[chain[:_MOST_EDGES]])) for chain, _, _ in chains
        ]
        ways = shapely.line_merge(np.array(edges, dtype=object))
        return [
            Stub(int(self.owners[chain[0]]), (x, y), length, way)
            for (x, y), (chain, length, _), way in zip(
                self.points[self.free].tolist(), chains, ways, strict=True
            )
        ]

    def faces(self) -> tuple[list[shapely.Polygon], list[dict[int, float]]]:
        """Faces, and for each the lines round it with the share of its boundary that each owns."""
        faces = shapely.get_parts(shapely.polygonize(lines_of(self.edges)))
        if not len(faces):
            return [], []
        faces = shapely.orient_polygons(faces)
        rings, face_of = shapely.get_rings(faces, return_index=True)
        xy, ring_of = shapely.get_coordinates(rings, return_index=True)
        same = ring_of[1:] == ring_of[:-1]
        a, b = xy[:-1][same], xy[1:][same]
        face = face_of[ring_of[1:][same]]
        length = np.hypot(*(b - a).T)
        n = np.int64(len(self.points))
        keys = np.minimum(self.a, self.b) * n + np.maximum(self.a, self.b)
        order = np.argsort(keys)
        lookup = self.points[:, 0] + 1j * self.points[:, 1]
        i = np.searchsorted(lookup, a[:, 0] + 1j * a[:, 1])
        j = np.searchsorted(lookup, b[:, 0] + 1j * b[:, 1])
        edge = order[np.searchsorted(keys[order], np.minimum(i, j) * n + np.maximum(i, j))]
        owners: list[dict[int, float]] = [{} for _ in faces]
        whole = np.bincount(face, weights=length, minlength=len(faces))
        for f, owner, part in zip(
            face.tolist(), self.owners[edge].tolist(), (length / whole[face]).tolist(), strict=True
        ):
            owners[f][owner] = owners[f].get(owner, 0.0) + part
        return list(faces), owners
