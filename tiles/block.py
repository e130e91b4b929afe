"""A block: all that tiles of one map cell show of its parcels, as columns of integers; and its packed form.

The parcels of a block are those whose web box comes within 39 m (EPSG:3857; a tile's buffer at zoom 14 is 38.2) of the cell.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from tiles.edges import Edges, Grounds, edges
from tiles.mending import Drawings, drawings
from tiles.outlines import Ints, Outlines, Units, nothing
from tiles.packing import pack, unpack
from tiles.patched import Base, base_of, patched
from tiles.rooms import Rooms, rooms
from tiles.runs import Runs
from tiles.splice import Splice
from tiles.trails import Trails, trails

FORMAT = 3
_HEAD = 1 + 7 + 26


@dataclass(slots=True)
class Later:
    """What follows from a block, worked out when it is first asked for: parcels alone are drawn without it."""

    working: threading.Lock = field(default_factory=threading.Lock)
    edges: Edges | None = None
    base: Base | None = None
    """What the edges can be made from, where they are not made yet."""
    trails: Trails | None = None
    rooms: Rooms | None = None
    runs: Mapping[tuple[int, int, int], Runs] = field(default_factory=dict)
    """By tile (zoom, column, row); never changed, but another one put in its place: threads read it."""
    places: dict[bytes, int] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """n parcels, ordered by id. Coordinates as in `tiles.outlines`.

    id: of the version. code (n, 12): ASCII. number, land_use: places in `texts`. area_m2, room_m: as in the register.
    anchor (n, 2). bounds (n, 4): of the shape. Edges, their trails and rooms are the same however the block came about.
    """

    id: Ints
    code: npt.NDArray[np.uint8]
    number: Units
    land_use: Units
    area_m2: npt.NDArray[np.float64]
    room_m: npt.NDArray[np.float32]
    anchor: Units
    outlines: Outlines
    drawn: Drawings
    bounds: Units
    texts: tuple[bytes, ...]
    text_at: Ints
    text: npt.NDArray[np.uint8]
    grounds: Grounds
    later: Later = field(default_factory=Later)

    @property
    def nbytes(self) -> int:
        """About so many bytes of memory, with what is made of it later."""
        beside = 510 * self.id.size + 40 * self.outlines.x.size + 100 * len(self.texts)
        return beside + self.outlines.nbytes + self.drawn.outlines.nbytes

    def has_for(self, layers: Iterable[str]) -> bool:
        """Whether what these layers are drawn from is worked out: else the first to ask takes some hundredths of a second."""
        wanted = set(layers)
        return (self.later.edges is not None or not wanted & {"edges", "points", "dimensions"}) and (
            self.later.rooms is not None or "labels" not in wanted
        )

    def places(self) -> dict[bytes, int]:
        """The place of each of the texts."""
        if self.later.places is None:
            self.later.places = {text: k for k, text in enumerate(self.texts)}
        return self.later.places

    def edges(self) -> Edges:
        """The boundaries of the parcels."""
        later = self.later
        with later.working:
            if later.edges is None:
                if later.base is None:
                    later.edges = edges(self.outlines, self.grounds)
                else:
                    later.edges = patched(later.base, self.outlines, self.grounds)
                later.base = None
            return later.edges

    def trails(self) -> Trails:
        """The edges as long lines."""
        if self.later.trails is None:
            self.later.trails = trails(self.edges())
        return self.later.trails

    def rooms(self, row: int) -> Rooms:
        """The rooms for texts; the block is that of a cell in `row`."""
        later = self.later
        with later.working:
            if later.rooms is None:
                digits = (
                    np.diff(self.text_at)[self.number].astype(np.int32) if self.number.size else self.number
                )
                later.rooms = rooms(self.outlines, self.anchor, digits, self.area_m2, row)
            return later.rooms


def made(
    ids: Ints, code: npt.NDArray[np.uint8], number: Sequence[bytes], land_use: Sequence[bytes],
    area_m2: npt.NDArray[np.float64], room_m: npt.NDArray[np.float32], anchor: Units, outlines: Outlines,
    grounds: Grounds | None = None,
) -> Block:  # fmt: skip
    """A block of parcels ordered by id; what breaks at some zoom is found and mended here. Without `grounds` all lie in one
    sheet, and none is a road or water."""
    places = {text: k for k, text in enumerate(dict.fromkeys(chain(number, land_use)))}
    number_at = np.array([*map(places.__getitem__, number)], np.int32)
    land_use_at = np.array([*map(places.__getitem__, land_use)], np.int32)
    drawn = drawings(outlines)
    if grounds is None:
        same = np.zeros(ids.size, np.int32)
        grounds = Grounds(same, same, same.astype(np.uint8))
    return _whole(
        ids, code, number_at, land_use_at, area_m2, room_m, anchor, outlines, drawn, tuple(places), grounds
    )  # fmt: skip


def without_parcels() -> Block:
    """The block of a cell in which nothing stands."""
    none = np.empty(0, np.int64)
    return made(
        none, np.empty((0, 12), np.uint8), [], [], none.astype(np.float64), none.astype(np.float32),
        np.empty((0, 2), np.int32), nothing(),
    )  # fmt: skip


def changed(block: Block, keep: npt.NDArray[np.bool_], more: Block) -> Block:
    """`block` without the parcels that are not kept, and with those of `more`."""
    which = np.flatnonzero(keep)
    ids = np.concatenate([block.id[which], more.id])
    order = np.argsort(ids, kind="stable")
    source = np.concatenate([which, block.id.size + np.arange(more.id.size)])[order]
    rows = Splice(source, block.id.size)
    new_place = np.full(block.id.size + more.id.size, -1, np.int64)
    new_place[source] = np.arange(ids.size)

    places = block.places().copy()
    again = np.array([places.setdefault(text, len(places)) for text in more.texts], np.int32)
    words = tuple(places)
    new_words = words[len(block.texts) :]
    text_at = np.concatenate(
        [block.text_at, block.text_at[-1] + np.cumsum([*map(len, new_words)], dtype=np.int64)]
    )
    text = np.concatenate([block.text, np.frombuffer(b"".join(new_words), np.uint8)])

    def there(column: Units) -> Units:
        return again[column] if column.size else column

    mine, theirs = block.grounds, more.grounds
    # runs know their versions, which are the same for ever
    later = Later(places=places, runs=block.later.runs)
    if block.later.rooms is not None:
        later.rooms = block.later.rooms.changed(rows, more.rooms(block.later.rooms.row))
    base = block.later.base
    if block.later.edges is not None:
        base = base_of(block.later.edges, block.outlines, block.grounds)
    if base is not None:
        boxes = np.concatenate([block.bounds[~keep], more.bounds])
        later.base = base.changed(new_place[: block.id.size], boxes)
    return Block(
        ids[order],
        rows.column(block.code, more.code),
        rows.column(block.number, there(more.number)),
        rows.column(block.land_use, there(more.land_use)),
        rows.column(block.area_m2, more.area_m2),
        rows.column(block.room_m, more.room_m),
        rows.column(block.anchor, more.anchor),
        rows.outlines(block.outlines, more.outlines),
        _drawn(block, more, new_place),
        rows.column(block.bounds, more.bounds),
        words,
        text_at,
        text,
        Grounds(
            rows.column(mine.sheet, theirs.sheet),
            rows.column(mine.commune, theirs.commune),
            rows.column(mine.ground, theirs.ground),
        ),
        later,
    )


def _drawn(block: Block, more: Block, new_place: Ints) -> Drawings:
    """The drawings of both, of shapes that are at `new_place` now (-1: gone)."""
    at = np.concatenate([new_place[block.drawn.shape], new_place[block.id.size + more.drawn.shape]])
    zoom = np.concatenate([block.drawn.zoom, more.drawn.zoom])
    left = np.flatnonzero(at >= 0)
    by_zoom = left[np.lexsort((at[left], zoom[left]))]
    outlines = Splice(by_zoom, block.drawn.zoom.size).outlines(block.drawn.outlines, more.drawn.outlines)
    return Drawings(zoom[by_zoom], at[by_zoom], outlines)


def _whole(
    ids: Ints, code: npt.NDArray[np.uint8], number: Units, land_use: Units, area_m2: npt.NDArray[np.float64],
    room_m: npt.NDArray[np.float32], anchor: Units, outlines: Outlines, drawn: Drawings, texts: tuple[bytes, ...],
    grounds: Grounds,
) -> Block:  # fmt: skip
    """The block, with what follows from its columns."""
    text_at = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=text_at[1:])
    text = np.frombuffer(b"".join(texts), np.uint8).copy()
    return Block(
        ids,
        code,
        number,
        land_use,
        area_m2,
        room_m,
        anchor,
        outlines,
        drawn,
        outlines.bounds(),
        texts,
        text_at,
        text,
        grounds,
    )


def to_bytes(block: Block) -> bytes:
    """The packed form: a head with the counts and the sizes of the columns, then the columns."""
    shape, drawn = block.outlines, block.drawn.outlines
    counts = [
        len(shape), shape.outer.size, shape.x.size, len(drawn), drawn.outer.size, drawn.x.size, len(block.texts),
    ]  # fmt: skip
    columns = [
        pack(block.id),
        block.code.tobytes(),
        pack(block.number),
        pack(block.land_use),
        block.area_m2.astype("<f8").tobytes(),
        block.room_m.astype("<f4").tobytes(),
        pack(block.anchor[:, 0]),
        pack(block.anchor[:, 1]),
        *_packed(shape),
        pack(shape.mm),
        block.drawn.zoom.tobytes(),
        pack(block.drawn.shape),
        *_packed(drawn),
        pack(block.text_at),
        block.text.tobytes(),
        pack(block.grounds.sheet),
        pack(block.grounds.commune),
        block.grounds.ground.tobytes(),
    ]
    head = np.array([FORMAT, *counts, *map(len, columns)], "<u4")
    return b"".join([head.tobytes(), *columns])


def from_bytes(body: bytes) -> Block:
    """The block `to_bytes` packed. Raises: ValueError where it is none, or one of another format."""
    head = np.frombuffer(body, "<u4", _HEAD if len(body) >= 4 * _HEAD else 0)
    if head.size == 0 or head[0] != FORMAT:
        raise ValueError("not a block of this format")
    n, rings, points, more, more_rings, more_points, words = (int(c) for c in head[1:8])
    view, at = memoryview(body), head.nbytes
    columns = []
    for size in head[8:]:
        columns.append(view[at : at + int(size)])
        at += int(size)
    if at != len(body):
        raise ValueError("a block has another length than it says")
    ids, code, number, land_use, area, room, anchor_x, anchor_y = columns[:8]
    shape_columns, (mm, zoom, which), drawn_columns = columns[8:13], columns[13:16], columns[16:21]
    text_at, text, sheet, commune, ground = columns[21:]
    shape = _unpacked(shape_columns, n, rings, points, unpack(mm, points).astype(np.int32))
    drawn = _unpacked(drawn_columns, more, more_rings, more_points, np.full(more_points, -1, np.int32))
    letters = np.frombuffer(text, np.uint8).copy()
    starts = unpack(text_at, words + 1)
    whole = bytes(text)
    return Block(
        unpack(ids, n),
        np.frombuffer(code, np.uint8).reshape(n, 12).copy(),
        unpack(number, n).astype(np.int32),
        unpack(land_use, n).astype(np.int32),
        np.frombuffer(area, "<f8").copy(),
        np.frombuffer(room, "<f4").copy(),
        np.column_stack([unpack(anchor_x, n), unpack(anchor_y, n)]).astype(np.int32),
        shape,
        Drawings(np.frombuffer(zoom, np.uint8).copy(), unpack(which, more), drawn),
        shape.bounds(),
        tuple(whole[a:b] for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)),
        starts,
        letters,
        Grounds(
            unpack(sheet, n).astype(np.int32),
            unpack(commune, n).astype(np.int32),
            np.frombuffer(ground, np.uint8).copy(),
        ),
    )


def _packed(shape: Outlines) -> list[bytes]:
    ring, point = np.diff(shape.ring), np.diff(shape.point)
    return [pack(ring), pack(point), np.packbits(shape.outer).tobytes(), pack(shape.x), pack(shape.y)]


def _unpacked(columns: Sequence[memoryview], n: int, rings: int, points: int, mm: Units) -> Outlines:
    ring, point, outer, x, y = columns
    ring_at, point_at = np.zeros(n + 1, np.int64), np.zeros(rings + 1, np.int64)
    np.cumsum(unpack(ring, n), out=ring_at[1:])
    np.cumsum(unpack(point, rings), out=point_at[1:])
    return Outlines(
        ring_at,
        point_at,
        np.unpackbits(np.frombuffer(outer, np.uint8), count=rings).astype(np.bool_),
        unpack(x, points).astype(np.int32),
        unpack(y, points).astype(np.int32),
        mm,
    )
