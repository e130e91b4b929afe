"""What worker processes do for an archive: blocks of cells, tiles of units, tiles far out. Each result is kept wholly."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
from isal import igzip
from pmtiles.tile import zxy_to_tileid

from geo.cells import CELL_ZOOM, key, place
from register.statements import load
from tiles import encode
from tiles.archive.order import UNIT_ZOOM, Order
from tiles.archive.parts import Parts
from tiles.archive.statements import Statements
from tiles.assemble import Cells, cells_of
from tiles.block import Block, from_bytes, to_bytes
from tiles.blocks import boxes, made_of
from tiles.bulk import present, reader, rows_of
from tiles.layers import LAYERS
from tiles.low import areas, rasters
from tiles.low.kinds import SIDE, Communes, Kind, Sheets, groups_of
from tiles.low.sampled import SAMPLES, SQUARES, Grid, commonest, squares
from tiles.low.store import asked
from tiles.outlines import CELL_BITS, GRID_ZOOM

LEVEL = 2  # of igzip: a tenth smaller than 1, and as fast
_CELLS_A_SIDE = 1 << (CELL_ZOOM - UNIT_ZOOM)
_UNIT_SQUARES = SQUARES * _CELLS_A_SIDE
_UNIT_SAMPLES = SAMPLES * _CELLS_A_SIDE


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker must know."""

    conninfo: str
    schema: str
    folder: Path
    order: Order


def bring_cells(job: Job, keys: list[int]) -> int:
    """Put the blocks of some cells, as of the order's moment, beside the archive; how many cells that were."""
    parts = Parts(job.folder)
    todo = [key for key in keys if not parts.has(f"{key}.block")]
    if not todo:
        return len(keys)
    with reader(job.conninfo, job.schema) as conn:
        for cell, block in _blocks(conn, job.order, todo):
            parts.put(f"{cell}.block", to_bytes(block) if block.id.size else b"")
    return len(keys)


def _blocks(conn: psycopg.Connection, order: Order, keys: list[int]) -> Iterator[tuple[int, Block]]:
    """The blocks of some cells at the moment of the order."""
    if not order.past:
        kept = []
        with conn.transaction():
            conn.execute("set transaction isolation level repeatable read")
            (seq, _) = conn.execute(load("tiles.archive", "archive.sql")["now"]).fetchone() or (0, None)
            if seq == order.seq:  # nothing has changed since
                for cell, revision, block, new in present(conn, keys):
                    if new:
                        kept.append({"key": cell, "revision": revision, "body": to_bytes(block)})
                    yield cell, block
                keys = []
        for values in kept:  # what was made may serve others
            try:
                conn.execute(load("tiles", "blocks.sql")["keep"], values)
            except psycopg.errors.ReadOnlySqlTransaction:
                break
    if not keys:
        return
    cursor = conn.cursor(binary=True)
    moment = {"seq": order.seq, "day": order.day}
    cursor.execute(load("tiles", "past.sql")["standing"], {**boxes(keys), **moment})
    for cell, ids in cursor.fetchall():
        versions = np.frombuffer(ids, ">i8").astype(np.int64)
        yield cell, made_of(rows_of(cursor, versions), *place(cell))


def draw_unit(job: Job, x: int, y: int) -> int:
    """Draw all tiles of a unit, from its own zoom to the last one, and its raster; how many tiles."""
    parts, order = Parts(job.folder), job.order
    name = f"unit-{x}-{y}"
    if parts.has(f"{name}.index"):
        return len(parts.entries(name))
    first = max(UNIT_ZOOM, order.min_zoom)
    near = cells_of(UNIT_ZOOM, x, y) if first < CELL_ZOOM else _cells(x, y)
    cells = {}
    for at in near:
        body = parts.get(f"{key(*at)}.block")
        if body:
            cells[at] = from_bytes(body)
    drawn = _Drawn(parts, name)
    samples: dict[str, Grid] = {}
    with reader(job.conninfo, job.schema) as conn:
        for kind in (
            _kinds(conn, order, min(UNIT_ZOOM - 1, order.max_zoom)) if order.min_zoom < UNIT_ZOOM else ()
        ):
            samples[kind.layer] = _samples(kind, x, y, cells)
            grid = commonest(samples[kind.layer], SAMPLES // SQUARES)
            parts.put(f"{name}.{kind.layer}", igzip.compress(grid.tobytes(), 1, mtime=0))
        statements = Statements(conn, order, UNIT_ZOOM, x, y)
        todo = {(x, y)}
        for z in range(UNIT_ZOOM, order.max_zoom + 1):
            wanted = order.wanted(z).within(x, y, z - UNIT_ZOOM)
            by_statement = statements.tiles(z, sorted(todo if wanted is None else todo & wanted))
            todo = {(2 * a + i, 2 * b + j) for a, b in by_statement for i in (0, 1) for j in (0, 1)}
            if z < first:
                continue
            seen = _in_view(cells, z, x, y) | by_statement.keys()
            kinds = _kinds(conn, order, z)
            for kind in kinds:
                if kind.layer not in samples:
                    samples[kind.layer] = _samples(kind, x, y, cells)
            for a, b in sorted(seen if wanted is None else seen & wanted):
                body = by_statement.get((a, b), b"")
                for kind in kinds:
                    body += _far(conn, order, kind, _near(samples[kind.layer], z, a, b), z, a, b)
                drawn.add(z, a, b, body + _from_blocks(order, cells, z, a, b))
    return drawn.keep()


def draw_low(job: Job, z: int, x: int, y: int, units: list[tuple[int, int]]) -> int:
    """Draw a tile above the units, out of the rasters of those of them that lie in it; 1, or 0 where it is empty."""
    parts, order = Parts(job.folder), job.order
    name = f"low-{z}-{x}-{y}"
    if parts.has(f"{name}.index"):
        return len(parts.entries(name))
    drawn = _Drawn(parts, name)
    with reader(job.conninfo, job.schema) as conn:
        body = b""
        for kind in _kinds(conn, order, z):
            body += _far(conn, order, kind, _assembled(parts, kind, z, x, y, units), z, x, y)
    drawn.add(z, x, y, body)
    return drawn.keep()


class _Drawn:
    """Tiles on their way to a part."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._parts, self._name = parts, name
        self._entries: list[tuple[int, int, int, bytes]] = []
        self._data: list[bytes] = []
        self._size = 0

    def add(self, z: int, x: int, y: int, body: bytes) -> None:
        """One more tile, unless it is empty."""
        if not body:
            return
        packed: bytes = igzip.compress(body, LEVEL, mtime=0)
        digest = hashlib.blake2b(packed, digest_size=15).digest() + b"\x01"  # numpy drops zeros at the end
        self._entries.append((zxy_to_tileid(z, x, y), self._size, len(packed), digest))
        self._data.append(packed)
        self._size += len(packed)

    def keep(self) -> int:
        self._parts.put_tiles(self._name, self._entries, self._data)
        return len(self._entries)


def _cells(x: int, y: int) -> list[tuple[int, int]]:
    """The cells of a unit."""
    side = _CELLS_A_SIDE
    return [(x * side + i, y * side + j) for j in range(side) for i in range(side)]


def _samples(kind: Kind, x: int, y: int, cells: Cells) -> Grid:
    """The samples of the cells of a unit, once for all zooms."""
    out = np.zeros((_UNIT_SAMPLES, _UNIT_SAMPLES), kind.dtype)
    for column, row in _cells(x, y):
        block = cells.get((column, row))
        if block is not None:
            left, top = (column % _CELLS_A_SIDE) * SAMPLES, (row % _CELLS_A_SIDE) * SAMPLES
            into = out[top : top + SAMPLES, left : left + SAMPLES]
            into[:] = squares(block.outlines, kind.of_block(block), SAMPLES)
    return out


def _near(samples: Grid, z: int, x: int, y: int) -> Grid:
    """The raster of a tile of zoom 12 or 13 in the unit of these samples."""
    tiles = 1 << (z - UNIT_ZOOM)
    side = _UNIT_SAMPLES // tiles
    left, top = x % tiles * side, y % tiles * side
    cut: Grid = samples[top : top + side, left : left + side].copy()
    return cut if side == SIDE else commonest(cut, side // SIDE)


def _kinds(conn: psycopg.Connection, order: Order, z: int) -> list[Kind]:
    """What the layers that are generalised at a zoom are made from."""
    found: list[Kind] = []
    for name in order.layers:
        if not (LAYERS[name].generalised(z) and LAYERS[name].min_zoom <= z):
            continue
        if name == "land_use":
            found.append(groups_of(conn.execute(load("tiles.low", "low.sql")["groups"]).fetchall()))
        else:
            found.append(Sheets() if name == "sheets" else Communes())
    return found


def _far(conn: psycopg.Connection, order: Order, kind: Kind, grid: Grid, z: int, x: int, y: int) -> bytes:
    """A generalised layer of a tile, of its raster."""
    rows = []
    if kind.rows:
        values = asked(grid, z, x, y, (order.seq, order.day) if order.past else None)
        rows = conn.execute(load("tiles.low", "low.sql")[kind.rows], values).fetchall()
    shown, facts = kind.told(grid, rows, z, x, y)
    return areas.layer(kind.layer, shown, facts, z)


def _assembled(parts: Parts, kind: Kind, z: int, x: int, y: int, units: Sequence[tuple[int, int]]) -> Grid:
    """The raster of a tile: of each tile of zoom 11 in it out of those of its units, as the register's own is."""
    out = np.zeros((SIDE, SIDE), kind.dtype)
    by_tile: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for a, b in units:
        by_tile.setdefault((a >> 1, b >> 1), []).append((a, b))
    for at, some in by_tile.items():
        whole = np.zeros((SIDE, SIDE), kind.dtype)
        for a, b in some:
            packed = parts.get(f"unit-{a}-{b}.{kind.layer}")
            if packed is None:
                continue
            unpacked: bytes = igzip.decompress(packed)  # type: ignore[no-untyped-call]
            grid = np.frombuffer(unpacked, kind.dtype).reshape(_UNIT_SQUARES, _UNIT_SQUARES)
            left, top = (a & 1) * _UNIT_SQUARES, (b & 1) * _UNIT_SQUARES
            whole[top : top + _UNIT_SQUARES, left : left + _UNIT_SQUARES] = grid
        rasters.put_in(out, z, x, y, at, whole)
    return out


def _in_view(cells: Cells, z: int, x: int, y: int) -> set[tuple[int, int]]:
    """Tiles of a zoom in the unit that show something of the blocks, buffer included."""
    shift = GRID_ZOOM - z
    reach = np.int64(64 << shift)
    low, high = (
        (x << (z - UNIT_ZOOM), y << (z - UNIT_ZOOM)),
        ((x + 1) << (z - UNIT_ZOOM), (y + 1) << (z - UNIT_ZOOM)),
    )
    seen: set[tuple[int, int]] = set()
    for (column, row), block in cells.items():
        if block.id.size == 0:
            continue
        corner = np.array([column << CELL_BITS, row << CELL_BITS], np.int64)
        bounds = block.bounds[block.bounds[:, 0] <= block.bounds[:, 2]].astype(np.int64)
        first = (bounds[:, :2] + corner - reach) >> (shift + 12)
        last = (bounds[:, 2:] + corner + reach) >> (shift + 12)
        own_low, own_high = low, high
        if z >= CELL_ZOOM:  # a tile is drawn from the block of its cell
            levels = z - CELL_ZOOM
            own_low = max(low[0], column << levels), max(low[1], row << levels)
            own_high = min(high[0], (column + 1) << levels), min(high[1], (row + 1) << levels)
        first, last = np.maximum(first, own_low), np.minimum(last, np.array(own_high) - 1)
        some = (first <= last).all(axis=1)
        # 8 bits each: a unit is at most 64 tiles wide
        packed = np.zeros(int(some.sum()), np.int64)
        for side in ((first - low)[some].T, (last - low)[some].T):
            for values in side:
                packed = packed << 8 | values
        for span in np.unique(packed).tolist():
            a, b, c, d = (span >> shift & 255 for shift in (24, 16, 8, 0))
            seen.update((low[0] + i, low[1] + j) for i in range(a, c + 1) for j in range(b, d + 1))
    return seen


def _from_blocks(order: Order, cells: Cells, z: int, x: int, y: int) -> bytes:
    names = order.names(z, from_blocks=True)
    near = {at: cells[at] for at in cells_of(z, x, y) if at in cells}
    return encode.layers(names, near, z, x, y) if names and near else b""
