"""Blocks: packed and read back, changed as if made anew, brought up to date after corrections, odd shapes drawn validly."""

import asyncio
from collections.abc import Callable

import mapbox_vector_tile
import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from shapely.geometry import shape

from geo.cells import key, place
from register.connect import connect, open_pool
from register.revert import revert
from tests.conftest import Clone
from tests.register.awaited import awaited
from tests.register.handed_in import hand_in, lot
from tiles import blocks, encode, tile
from tiles.block import Block, changed, from_bytes, made, to_bytes
from tiles.blocks import Blocks
from tiles.edges import Grounds
from tiles.layers import LAYERS
from tiles.mending import polygons_of
from tiles.outlines import from_polygons
from tiles.packing import pack, unpack

CELL = (13117, 7451)


@given(hnp.arrays(np.int64, st.integers(0, 50), elements=st.integers(-(2**62), 2**62)))
def test_a_column_is_read_back_as_it_was(column: np.ndarray) -> None:
    assert (unpack(pack(column), column.size) == column).all()


@pytest.mark.parametrize(("data", "count"), [(b"\x80", 1), (b"\x00\x00", 1), (b"", 1), (b"\x80" * 12, 1)])
def test_a_column_cut_short_or_too_long_is_refused(data: bytes, count: int) -> None:
    with pytest.raises(ValueError, match="length"):
        unpack(data, count)


def block_of(shapes: list[shapely.Geometry], first: int = 1) -> Block:
    """A block of shapes in units of the cell."""
    n = len(shapes)
    ids = np.arange(first, first + n)
    anchors = np.array([[int(v) for v in s.representative_point().coords[0]] for s in shapes], np.int32)
    codes = np.frombuffer(b"".join(b"w7er8sp5fq%02d" % (i % 100) for i in ids), np.uint8)
    numbers = [b"%d" % i for i in ids]
    return made(
        ids, codes.reshape(n, 12).copy(), numbers, [b"ODT"] * n, ids * 1.5, ids.astype(np.float32), anchors.reshape(n, 2),
        from_polygons(np.array(shapes, object)),
        Grounds((ids % 3).astype(np.int32), (ids % 2).astype(np.int32), (ids % 3).astype(np.uint8)),
    )  # fmt: skip


@st.composite
def odd_shapes(draw: st.DrawFn) -> shapely.Geometry:
    """Stars with needles, slivers, rings with holes, several parts; from a unit to many cells wide."""
    corners = draw(st.integers(3, 9))
    size = draw(st.sampled_from([3, 40, 900, 20_000, 600_000, 5_000_000]))
    x, y = draw(st.integers(-10, 1 << 20)), draw(st.integers(-10, 1 << 20))
    turns = np.sort(draw(hnp.arrays(float, corners, elements=st.floats(0, 6.28), unique=True)))
    reach = draw(hnp.arrays(float, corners, elements=st.floats(0.01, 1)))
    xy = np.column_stack([x + size * reach * np.cos(turns), y + size * reach * np.sin(turns)])
    star = polygons_of(shapely.make_valid(shapely.Polygon(np.rint(xy))))
    with np.errstate(all="ignore"):
        if draw(st.booleans()):
            inner = shapely.affinity.scale(star, 0.5, 0.5)
            star = polygons_of(shapely.difference(star, inner, grid_size=1.0))
        if draw(st.booleans()):
            tower = shapely.box(x, y, x + draw(st.integers(1, 3000)), y + 2 * size)
            star = shapely.union(star, tower, grid_size=1.0)
        whole = shapely.set_precision(star, 1.0)
    parts = [p for p in shapely.get_parts(whole) if p.geom_type == "Polygon" and p.area > 0]
    return shapely.MultiPolygon(parts) if parts else shapely.box(x, y, x + 1, y + 1)


@given(st.lists(odd_shapes(), min_size=1, max_size=4), st.sampled_from([14, 15, 16, 18, 22]), st.data())
def test_odd_shapes_are_drawn_validly_and_where_they_are(
    shapes: list[shapely.Geometry], z: int, data: st.DataObject
) -> None:
    x, y = ((CELL[n] << (z - 14)) + data.draw(st.integers(0, (1 << (z - 14)) - 1)) for n in (0, 1))
    drawn_as_they_are(shapes, z, x, y)


@st.composite
def boards(draw: st.DrawFn) -> shapely.Geometry:
    """Some squares of a board, turned and pulled, across the corner of a tile: parts and holes meet at corners."""
    dice = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    size = draw(st.integers(3, 12))
    at = np.argwhere(dice.random((size, size)) < dice.uniform(0.3, 0.8))
    squares = shapely.union_all(shapely.box(*at.T, *(at.T + 1))) if at.size else shapely.box(0, 0, 1, 1)
    a, b, c, d = (int(n) << 8 for n in dice.integers(-400, 401, 4))
    assume(abs(a * d - b * c) > 1 << 26)
    x, y = (
        int(edge) + int(off) << 8
        for edge, off in zip(dice.choice([-64, 4160], 2), dice.integers(-900, 901, 2), strict=True)
    )
    middle = shapely.affinity.translate(squares, -size // 2, -size // 2)
    ground = polygons_of(
        shapely.set_precision(shapely.affinity.affine_transform(middle, [a, b, c, d, x, y]), 1.0)
    )
    assume(not ground.is_empty)
    return ground


@settings(max_examples=500)
@given(boards())
def test_ground_whose_parts_and_holes_meet_is_cut_into_what_meets_too(ground: shapely.Geometry) -> None:
    drawn_as_they_are([ground], 14, *CELL)


@pytest.mark.parametrize("far", [900, 4100, 4300])
def test_a_pond_on_an_island_in_a_lake_is_the_island_s(far: int) -> None:
    """Of rings around one another a hole is in the innermost, also where the lake, or the island, is cut."""
    ground = shapely.box(-40_000, 10_000, 1_200_000, 800_000)
    for k, inner in enumerate((40_000, 80_000, 120_000)):
        ring = shapely.box(-30_000 + inner, 10_000 + inner, far * 256 + 90_000 - inner, 800_000 - inner)
        ground = ground.union(ring) if k % 2 else ground.difference(ring)
    parts = shapely.get_parts(ground)
    drawn_as_they_are([shapely.MultiPolygon(list(parts))], 14, *CELL)
    drawn_as_they_are([shapely.MultiPolygon(list(parts[::-1]))], 14, *CELL)


@pytest.mark.parametrize("gap", [0.2, 0.6, 1, 3, 30])
@pytest.mark.parametrize("tip", [4100, 4150, 4157])
def test_parts_that_meet_and_part_again_beside_each_other_stay_apart(tip: int, gap: float) -> None:
    """Cut at the border both of two edges from the corner they share may come to lie on one line."""
    far = 4160 + 200
    low, high = [(tip, 2000), (far, 1000), (far, 2500)], [(tip, 2000), (far, 2500 + gap), (far, 3500)]
    parts = [shapely.Polygon([(x * 256, round(y * 256)) for x, y in ring]) for ring in (low, high)]
    field = shapely.box(256_000, 256_000, far * 256, 900_000)
    drawn_as_they_are([shapely.MultiPolygon(parts)], 14, *CELL)
    drawn_as_they_are([field.difference(shapely.MultiPolygon(parts))], 14, *CELL)


def drawn_as_they_are(shapes: list[shapely.Geometry], z: int, x: int, y: int) -> None:
    """Shapes in units of the cell are seen in a tile validly, where they are, and nowhere else."""
    block = block_of(shapes)
    shift = 22 - z
    left, top = x * 4096 - (CELL[0] << (20 - shift)), y * 4096 - (CELL[1] << (20 - shift))
    body = encode.layers(["parcels"], {CELL: block}, z, x, y)
    drawn = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}
    seen = {f["id"]: shape(f["geometry"]) for f in drawn.get("parcels", {"features": []})["features"]}
    view = shapely.box(-64, -64, 4160, 4160)
    for id_, whole in zip(block.id.tolist(), shapes, strict=True):
        truth = shapely.affinity.affine_transform(whole, [2.0**-shift, 0, 0, 2.0**-shift, -left, -top])
        core = truth.buffer(-1.5).intersection(shapely.box(-62, -62, 4158, 4158))
        if id_ not in seen:
            assert core.is_empty
            continue
        here = seen[id_]
        assert here.is_valid
        assert view.covers(here)
        assert truth.buffer(2).covers(here)
        assert core.difference(here.buffer(1.5)).is_empty
        for part in shapely.get_parts(here):
            assert shapely.is_ccw(part.exterior)
            assert not any(shapely.is_ccw(hole) for hole in part.interiors)


@pytest.mark.parametrize("reach", [-300, -1, 0, 1, 300])
def test_holes_at_the_border_of_a_tile_are_cut_open(reach: int) -> None:
    """The border runs through holes, along their sides, and touches their corners."""
    edge = 4160 << 8
    field = shapely.box(1000, 1000, edge + 90_000, 900_000)
    square = shapely.box(edge - 40_000, 300_000, edge + (reach << 8), 340_000)
    tip = edge + (reach << 8)
    diamond = shapely.Polygon([(edge - 90_000, 600_000), (tip, 640_000), (edge - 90_000, 680_000)])
    block = block_of([field.difference(square).difference(diamond)])
    body = encode.layers(["parcels"], {CELL: block}, 14, *CELL)
    (feature,) = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})["parcels"][
        "features"
    ]
    here = shape(feature["geometry"])
    assert here.is_valid
    truth = shapely.affinity.scale(shapely.MultiPolygon([field]), 1 / 256, 1 / 256, origin=(0, 0))
    holes = shapely.affinity.scale(square.union(diamond), 1 / 256, 1 / 256, origin=(0, 0))
    view = shapely.box(-64, -64, 4160, 4160)
    expected = truth.difference(holes).intersection(view)
    near = shapely.box(-62, -62, 4158, 4158)
    assert here.symmetric_difference(expected).intersection(near).buffer(-0.8).is_empty


@given(st.lists(odd_shapes(), max_size=3))
def test_a_block_is_read_back_as_it_was(shapes: list[shapely.Geometry]) -> None:
    same(from_bytes(to_bytes(block_of(shapes))), block_of(shapes))


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:50], lambda b: b[:-1], lambda b: b"\x63" + b[1:], lambda b: b + b"\0"]
)
def test_a_spoilt_block_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="block"):
        from_bytes(spoil(to_bytes(block_of([shapely.box(0, 0, 50, 50)]))))


@given(st.lists(odd_shapes(), min_size=1, max_size=3), st.lists(odd_shapes(), max_size=2), st.data())
def test_a_changed_block_is_the_one_made_anew(
    before: list[shapely.Geometry], new: list[shapely.Geometry], data: st.DataObject
) -> None:
    keep = np.array([data.draw(st.booleans()) for _ in before])
    kept = [s for s, k in zip(before, keep, strict=True) if k]
    block = changed(block_of(before), keep, block_of(new, 50))
    assert block.id.tolist() == [i + 1 for i in np.flatnonzero(keep)] + list(range(50, 50 + len(new)))
    anew = block_of([*kept, *new])
    for mine, theirs in ((block.outlines, anew.outlines), (block.drawn.outlines, anew.drawn.outlines)):
        assert all(
            (getattr(mine, c) == getattr(theirs, c)).all() for c in ("ring", "point", "outer", "x", "y")
        )
    assert (block.drawn.zoom == anew.drawn.zoom).all()
    assert (block.drawn.shape == anew.drawn.shape).all()
    assert (block.grounds.sheet == block.id % 3).all()
    assert (block.grounds.commune == block.id % 2).all()
    assert (block.grounds.ground == block.id % 3).all()
    assert [block.texts[n] for n in block.number] == [b"%d" % i for i in block.id]


def same(a: Block, b: Block) -> None:
    for column in (
        "id",
        "code",
        "number",
        "land_use",
        "area_m2",
        "room_m",
        "anchor",
        "bounds",
        "text_at",
        "text",
    ):
        assert (getattr(a, column) == getattr(b, column)).all(), column
    assert a.texts == b.texts
    for column in ("sheet", "commune", "ground"):
        assert (getattr(a.grounds, column) == getattr(b.grounds, column)).all(), column
    assert (a.drawn.zoom == b.drawn.zoom).all()
    assert (a.drawn.shape == b.drawn.shape).all()
    for mine, theirs in ((a.outlines, b.outlines), (a.drawn.outlines, b.drawn.outlines)):
        for column in ("ring", "point", "outer", "x", "y", "mm"):
            assert (getattr(mine, column) == getattr(theirs, column)).all(), column


def test_a_cell_is_found_again_by_its_key() -> None:
    for at in [(0, 0), (13117, 7451), (16383, 16383), (1, 16382)]:
        assert place(key(*at)) == at


def revisions(conn: psycopg.Connection) -> dict[int, int]:
    return dict(conn.execute("select key, revision from map_cell").fetchall())


@pytest.mark.parametrize("most_followed", [blocks._MOST_FOLLOWED, 0])
def test_blocks_follow_corrections_whoever_kept_them(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, most_followed: int
) -> None:
    """In memory, kept in the register, or lagging there; one by one, or all compared: what is brought is the block made from
    nothing."""
    monkeypatch.setattr(blocks, "_MOST_FOLLOWED", most_followed)

    async def follow(conninfo: str, conn: psycopg.Connection) -> None:
        async with open_pool(conninfo, size=2) as pool:
            staying = Blocks(pool)
            corrections = []
            for n in range(4):
                shapes = [
                    lot(f"{n}{k}", 40 * k, 30 * n, 40 * k + 40, 30 * n + 30) for k in range(2 + 30 * (n == 0))
                ]
                corrections.append(hand_in(conn, *shapes).correction)
                conn.commit()
                await all_equal(pool, staying, revisions(conn))
            for correction in reversed(corrections):
                assert correction is not None
                revert(conn, correction, "tester")
                conn.commit()
                await all_equal(pool, staying, revisions(conn))
            assert all(block.id.size == 0 for block in (await staying.of(revisions(conn))).values())

    async def all_equal(pool: object, staying: Blocks, wanted: dict[int, int]) -> None:
        new = Blocks(staying._pool, most_bytes=1)
        mine, theirs = await staying.of(wanted), await new.of(wanted)
        await staying.close()
        await new.close()
        async with staying._pool.connection() as conn:
            await conn.execute("delete from map_block where key % 2 = 0")  # some are kept, some not
        for one, block in mine.items():
            assert (block.id == theirs[one].id).all()
            assert (block.outlines.x == theirs[one].outlines.x).all()
            assert (block.outlines.mm == theirs[one].outlines.mm).all()

    with clone() as conninfo, connect(conninfo) as conn:
        awaited(follow(conninfo, conn))


def test_many_who_ask_at_once_wait_for_one_build(clone: Clone) -> None:
    async def ask(conninfo: str, wanted: dict[int, int]) -> None:
        async with open_pool(conninfo, size=2) as pool:
            some = Blocks(pool)
            got = await asyncio.gather(*(some.of(wanted) for _ in range(20)))
            await some.close()
            assert len({id(block) for one in got for block in one.values()}) == len(wanted)
            cell = next(iter(wanted))
            at, here = tile.address(14, *place(cell)), {cell: wanted[cell]}
            gone = asyncio.create_task(tile.build(pool, Blocks(pool), [LAYERS["parcels"]], at, here))
            await asyncio.sleep(0)
            gone.cancel()  # a client that leaves harms nobody
            assert await tile.build(pool, some, [LAYERS["parcels"]], at, here)

    with clone() as conninfo, connect(conninfo) as conn:
        hand_in(conn, lot("1", 0, 0, 30, 20), lot("2", 30, 0, 60, 20))
        conn.commit()
        awaited(ask(conninfo, revisions(conn)))
