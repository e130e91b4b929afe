"""A raster as a layer of areas: dust swept up, corners rounded off, encoded as Mapbox Vector Tile bytes.

What is not covered takes part as a group of its own until all is generalised, so that the whole square of a tile is one
coverage: neighbours share their borders before and after. Corners on the tile's edge stay, so no seam opens between tiles.
"""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from isal import igzip
from rasterio.features import sieve

from geo.web_map import WORLD_M
from tiles import mvt
from tiles.low.kinds import SIDE, Facts
from tiles.low.regions import regions
from tiles.low.sampled import Grid, commonest
from tiles.outlines import from_polygons
from tiles.polygons import polygon

DUST = 8
"""Areas of fewer squares, two pixels, go to their greatest neighbour."""
MOST_BYTES = 200_000
"""A layer of a tile is no longer than this, compressed: it is made of coarser squares where it would be, as `grain_m` tells."""
MOST_AREAS = 20_000
"""So many would not fit into that, and take seconds to round off."""
_ROUNDING = 1.0
_UNIT = mvt.EXTENT // SIDE

Shapes = npt.NDArray[np.object_]
Values = npt.NDArray[np.integer[Any]]


def grain_m(z: int) -> float:
    """Side of the squares at zoom `z`, metres on the map (EPSG:3857), where they are not coarser to stay below `MOST_BYTES`."""
    return round(WORLD_M / (SIDE << z), 1)


def areas(grid: Grid) -> tuple[Shapes, Values]:
    """A valid MultiPolygon for each group of a raster (1024, 1024), and the groups, ascending. In units of the tile (4096, y
    down): whole numbers; within the tile they neither overlap nor gap, and each goes on straight into the buffer of 64."""
    return _areas(*regions(sieve(grid, DUST, connectivity=4)))


def _areas(polygons: Shapes, values: Values) -> tuple[Shapes, Values]:
    """`areas` of regions."""
    simple = shapely.coverage_simplify(polygons, _ROUNDING, simplify_boundary=False)
    strips, strip_values = _strips(simple, values)
    simple, values = np.concatenate([simple, strips]), np.concatenate([values, strip_values])
    order = np.argsort(values, kind="stable")
    groups: Values
    groups, first = np.unique(values[order], return_index=True)
    parts = np.split(simple[order], first[1:])
    drawn = [k for k, group in enumerate(groups.tolist()) if group]
    whole = np.array([_whole(parts[k]) for k in drawn], np.object_)
    return shapely.transform(whole, lambda xy: xy * _UNIT), groups[drawn]


def layer(name: str, grid: Grid, facts: Facts, z: int) -> bytes:
    """The layer of a tile of zoom `z` whose raster is `grid`; nothing where it shows nothing. One feature a number that
    `facts` tells of, its id the number, with those attributes and `grain_m`. At most `MOST_BYTES`, compressed."""
    if not grid.any():
        return b""
    for levels in range(SIDE.bit_length()):
        side = 1 << levels
        shown = grid if side == 1 else commonest(grid, side).repeat(side, axis=0).repeat(side, axis=1)
        found = regions(sieve(shown, DUST * side * side, connectivity=4))
        if found[0].size > MOST_AREAS:
            continue
        body = _layer(name, *found, facts, round(grain_m(z) * side, 1))
        if len(body) <= MOST_BYTES or len(igzip.compress(body, 1)) <= MOST_BYTES:
            break
    return body


def _layer(name: str, polygons: Shapes, numbers: Values, facts: Facts, grain: float) -> bytes:
    """The layer of regions and their numbers, made of squares with a side of `grain` metres on the map."""
    keys: dict[str, int] = {}
    values: dict[bytes, int] = {}
    features = []
    for shape, group in zip(*_areas(polygons, numbers), strict=True):
        if (told := facts.get(int(group))) is None:
            continue
        tags = b"".join(
            _varint(keys.setdefault(key, len(keys))) + _varint(values.setdefault(value, len(values)))
            for key, value in [*((k, _value(v)) for k, v in told.items()), ("grain_m", _double(grain))]
        )
        features.append(_feature(shape, int(group), tags))
    if not features:
        return b""
    table = [*(_text(3, key) for key in keys), *(_field(4, value) for value in values)]
    parts = [b"\x78\x02", _text(1, name), *features, *table, b"\x28\x80\x20"]
    return _field(3, b"".join(parts))


def _whole(parts: Shapes) -> shapely.Geometry:
    """Parts that share whole edges as one MultiPolygon."""
    if parts.size == 1:
        return shapely.MultiPolygon(list(parts))
    union = shapely.coverage_union_all(parts)
    polygons = shapely.get_parts(union)
    return shapely.MultiPolygon(list(polygons[shapely.get_type_id(polygons) == 3]))


def _strips(simple: Shapes, values: Values) -> tuple[Shapes, Values]:
    """Boxes in the buffer beside every side an area has on the tile's edge, and their values."""
    wide = mvt.BUFFER // _UNIT
    at_edge = np.flatnonzero(_touch(shapely.bounds(simple)).any(axis=1) & (values > 0))
    rings, owner = shapely.get_rings(simple[at_edge], return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    a, b = xy[:-1], xy[1:]
    same = ring_of[:-1] == ring_of[1:]
    boxes, of = [], []
    for axis in (0, 1):
        for edge, beyond in ((0, -wide), (SIDE, SIDE + wide)):
            here = np.flatnonzero(same & (a[:, axis] == edge) & (b[:, axis] == edge))
            along = np.sort(np.column_stack([a[here, 1 - axis], b[here, 1 - axis]]), axis=1)
            across = np.tile(np.sort([edge, beyond]), (here.size, 1))
            x, y = (across, along) if axis == 0 else (along, across)
            boxes.append(shapely.box(x[:, 0], y[:, 0], x[:, 1], y[:, 1]))
            of.append(values[at_edge[owner[ring_of[here]]]])
    return np.concatenate(boxes), np.concatenate(of)


def _touch(bounds: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    return np.column_stack([bounds[:, :2] <= 0, bounds[:, 2:] >= SIDE])


def _feature(shape: shapely.Geometry, group: int, tags: bytes) -> bytes:
    """A polygon with its attributes: places of keys and values by turns."""
    some = from_polygons(np.array([shape], np.object_))
    out = np.empty(20 * (some.x.size + 2 * some.outer.size), np.uint8)
    used = polygon(
        out, some.x.astype(np.int64), some.y.astype(np.int64), some.point, some.outer, some.outer.size
    )
    return _field(
        2, b"\x08" + _varint(group) + _field(2, tags) + b"\x18\x03" + _field(4, out[:used].tobytes())
    )


def _value(value: str | int) -> bytes:
    """A text, or a whole number from 0 on, as an attribute's value."""
    return _text(1, value) if isinstance(value, str) else b"\x28" + _varint(value)


def _double(value: float) -> bytes:
    return b"\x19" + struct.pack("<d", value)


def _text(number: int, text: str) -> bytes:
    """A text as a field of a message."""
    return _field(number, text.encode())


def _field(number: int, content: bytes) -> bytes:
    """Bytes as a field of a message."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
