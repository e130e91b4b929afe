"""Generalised areas: one coverage within the tile, whole over the seams of cells and tiles."""

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from isal import igzip
from rasterio.features import sieve
from shapely.geometry import shape

from geo.web_map import WORLD_M
from tiles.low.areas import DUST, MOST_BYTES, areas, grain_m, layer
from tiles.low.kinds import SIDE, Communes
from tiles.low.rasters import assembled
from tiles.low.regions import regions
from tiles.low.sampled import SAMPLES, SQUARES, commonest, squares
from tiles.outlines import CELL_BITS, from_polygons

TILE = shapely.box(0, 0, 4096, 4096)
BUFFERED = shapely.box(-64, -64, 4160, 4160)
SPARE = 9


@st.composite
def rasters(draw: st.DrawFn, least: int = 0) -> np.ndarray:
    """Rasters of groups 0 to 4: patches of many sizes, some of single squares."""
    n = draw(st.sampled_from([4, 8, 16, 32]))
    patches = draw(hnp.arrays(np.uint8, (n, n), elements=st.integers(least, 4)))
    grid = np.kron(patches, np.ones((SIDE // n, SIDE // n), np.uint8))
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    some = rng.integers(0, SIDE - 40, (draw(st.integers(0, 60)), 2))
    for r, c in some:  # dust, streets, and squares that meet at a corner only
        height, width = rng.integers(1, [40, 4] if rng.random() < 0.5 else [4, 40])
        grid[r : r + height, c : c + width] = rng.integers(least, 5)
    return grid


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)))
def test_regions_are_the_squares_of_one_value(grid: np.ndarray) -> None:
    polygons, values = regions(grid)
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    for value in np.unique(grid):
        here = shapely.union_all(polygons[values == value])
        wanted = [shapely.box(c, r, c + 1, r + 1) for r, c in np.argwhere(grid == value)]
        assert here.equals(shapely.union_all(wanted))
    assert shapely.get_num_geometries(polygons).sum() == len(polygons)


@settings(max_examples=12, deadline=None)
@given(rasters())
def test_areas_neither_gap_nor_overlap(grid: np.ndarray) -> None:
    """What is not covered, taken as one more group, fills exactly what the others leave."""
    shapes, groups = areas(grid)
    others, names = areas(np.where(grid == 0, SPARE, grid).astype(np.uint8))
    assert shapely.is_valid(others).all()
    assert BUFFERED.covers(shapely.union_all(others))
    by_name = dict(zip(names.tolist(), others, strict=True))
    for one, group in zip(shapes, groups.tolist(), strict=True):
        assert one.equals(by_name[group])
    inside = shapely.intersection(others, TILE)
    assert shapely.area(inside).sum() == TILE.area
    assert shapely.union_all(inside).equals(TILE)
    assert (shapely.get_coordinates(others) % 1 == 0).all()


@settings(max_examples=12, deadline=None)
@given(rasters())
def test_on_the_edge_of_a_tile_nothing_moves(grid: np.ndarray) -> None:
    """Each side of the edge ends where its squares end: with whatever the neighbour is, no seam opens."""
    swept = sieve(grid, DUST, connectivity=4)
    for one, group in zip(*areas(grid), strict=True):
        for line, row in (((0, 0, 4096, 0), swept[0]), ((0, 4096, 4096, 4096), swept[-1])):
            at = 4 * np.flatnonzero(row == group)
            runs = shapely.box(at, line[1] - 1, at + 4, line[1] + 1)
            edge = shapely.LineString([line[:2], line[2:]])
            on_edge = shapely.intersection(edge, shapely.intersection(one, TILE))
            assert on_edge.length == shapely.union_all(runs).intersection(edge).length
            reach = shapely.intersection(edge, shapely.union_all(runs))
            assert shapely.difference(reach, on_edge).length == 0


@given(
    hnp.arrays(np.int64, 9, elements=st.integers(1, (1 << CELL_BITS) - 1), unique=True),
    hnp.arrays(np.int64, 9, elements=st.integers(1, (1 << CELL_BITS) - 1), unique=True),
    st.integers(0, 30),
)
@settings(deadline=None)
def test_no_square_of_covered_ground_is_left_out(xs: np.ndarray, ys: np.ndarray, seed: int) -> None:
    """Parcels with crooked borders over two cells: the raster of both has no gap, and shares no square out twice."""
    rng = np.random.default_rng(seed)
    xs = np.concatenate([[-50], np.sort(xs), [(1 << CELL_BITS) + 50]])
    ys = np.concatenate([[-50], np.sort(ys), [(1 << CELL_BITS) + 50]])
    gap_x, gap_y = int(np.diff(xs).min()), int(np.diff(ys).min())
    at = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)
    at[1:-1, 1:-1] += rng.integers(-2, 3, (9, 9, 2)) * min(gap_x, gap_y) // 8
    quads = [
        shapely.Polygon([at[i, j], at[i + 1, j], at[i + 1, j + 1], at[i, j + 1]])
        for i in range(10)
        for j in range(10)
    ]
    order = rng.permutation(len(quads))
    groups = rng.integers(1, 5, len(quads)).astype(np.uint8)
    shapes = np.array([quads[k] for k in order], object)
    here = squares(from_polygons(shapes), groups[order])
    assert (here > 0).all()
    assert (here == squares(from_polygons(np.array(quads, object)), groups)).all()
    east = shapely.transform(shapes, lambda xy: xy - [1 << (CELL_BITS - 1), 0])
    moved = squares(from_polygons(east), groups[order])
    assert (moved[:, : SQUARES // 2] == here[:, SQUARES // 2 :]).all()


@given(
    st.sampled_from([np.uint8, np.int32]).flatmap(
        lambda dtype: hnp.arrays(dtype, (8, 8), elements=st.integers(0, 4))
    )
)
def test_a_coarser_square_takes_what_most_of_it_is(grid: np.ndarray) -> None:
    for side in (2, 4, 8):
        coarse = commonest(grid, side)
        assert coarse.dtype == grid.dtype
        for (r, c), value in np.ndenumerate(coarse):
            votes = np.bincount(
                grid[r * side : (r + 1) * side, c * side : (c + 1) * side].ravel(), minlength=5
            )
            covered = votes[1:].sum()
            if 2 * covered < side * side:
                assert value == 0
            else:
                assert value == 1 + votes[1:].argmax()


def test_a_tile_is_put_together_from_those_below() -> None:
    grid = np.zeros((SIDE, SIDE), np.uint8)
    grid[:512] = 2
    out = assembled(9, 3, 5, {(13, 20): grid})
    wanted = np.zeros((SIDE, SIDE), np.uint8)
    wanted[:128, 256:512] = 2
    assert (out == wanted).all()
    assert SAMPLES % SQUARES == 0


def test_a_layer_that_would_be_too_large_is_made_of_coarser_squares_and_says_so() -> None:
    rng = np.random.default_rng(1)
    crumbs = rng.integers(1, 9, (SIDE // 4, SIDE // 4)).astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    facts = {k: {"family": f"f{k}"} for k in range(1, 9)}
    body = layer("land_use", crumbs, facts, 10)
    assert len(igzip.compress(body, 1)) <= MOST_BYTES
    told = {f["properties"]["grain_m"] for f in mapbox_vector_tile.decode(body)["land_use"]["features"]}
    (grain,) = told
    assert grain > grain_m(10)
    assert grain / grain_m(10) in (2, 4, 8, 16)


def test_a_layer_says_what_it_is_made_of() -> None:
    grid = np.zeros((SIDE, SIDE), np.uint8)
    facts = {1: {"family": ""}, 2: {"family": "field"}}
    assert layer("land_use", grid, facts, 10) == b""
    grid[100:200, 300:500], grid[200:300, 300:500] = 1, 2
    decoded = mapbox_vector_tile.decode(
        layer("land_use", grid, facts, 10), default_options={"y_coord_down": True}
    )
    features = decoded["land_use"]["features"]
    assert decoded["land_use"]["version"] == 2
    assert [(f["id"], f["properties"]["family"]) for f in features] == [(1, ""), (2, "field")]
    assert {f["properties"]["grain_m"] for f in features} == {38.2}
    assert shape(features[1]["geometry"]).equals(shapely.box(1200, 800, 2000, 1200))
    for feature in features:
        assert shapely.is_ccw(shape(feature["geometry"]).exterior)


def test_numbers_without_attributes_are_not_drawn() -> None:
    grid = np.zeros((SIDE, SIDE), np.int32)
    grid[:500], grid[500:, :300], grid[500:, 300:] = 70_001, 70_002, 3
    facts = {70_001: {"number": "12", "scale": 500}, 3: {"number": "12"}}
    decoded = mapbox_vector_tile.decode(
        layer("sheets", grid, facts, 11), default_options={"y_coord_down": True}
    )
    told = {f["id"]: f["properties"] for f in decoded["sheets"]["features"]}
    assert told == {
        3: {"number": "12", "grain_m": grain_m(11)},
        70_001: {"number": "12", "scale": 500, "grain_m": grain_m(11)},
    }
    assert layer("sheets", grid, {}, 11) == b""


def outlines(*shapes: shapely.Geometry) -> list[tuple[int, str, str, str, bytes]]:
    """Rows of communes 1, 2 … with outlines in squares of the tile 11/1600/900, y up from its upper edge."""
    square = WORLD_M / (SIDE << 11)
    west, north = 1600 * SIDE * square - WORLD_M / 2, WORLD_M / 2 - 900 * SIDE * square
    web = [shapely.affinity.affine_transform(one, [square, 0, 0, square, west, north]) for one in shapes]
    return [(k, f"{k:05}", f"xã {k}", "xã", shapely.to_wkb(one)) for k, one in enumerate(web, 1)]


@given(st.integers(1, 1023), st.integers(-30, 30), st.floats(-0.45, 0.45))
@settings(deadline=None, max_examples=20)
def test_outlines_that_do_not_fit_still_share_out_the_ground(at: int, apart: int, shift: float) -> None:
    """Two communes that overlap, or leave a gap: each square is of one of them, or of none."""
    left = shapely.box(-50, -2000, at + shift, 50)
    right = shapely.box(at + apart + shift, -2000, 2000, 50)
    grid, facts = Communes().told(np.zeros((SIDE, SIDE), np.int32), outlines(left, right), 11, 1600, 900)
    assert (grid == grid[0]).all()
    assert (grid[0, at + max(0, apart) : SIDE] == 2).all()
    assert (grid[0, : at + min(0, apart)] == 1).all()
    if apart > 0:
        assert (grid[0, at : at + apart] == 0).all()
    assert set(facts) == {1, 2}


def test_an_outline_counts_more_than_parcels() -> None:
    """Commune 7 has no outline, commune 9 is over; 1 has one, and is drawn by it alone."""
    grid = np.zeros((SIDE, SIDE), np.int32)
    grid[:, :400], grid[:, 400:600], grid[:, 600:800] = 7, 9, 1
    rows = [(7, "00007", "xã 7", "xã", None), *outlines(shapely.box(300, -100, 500, 0))]
    drawn, facts = Communes().told(grid, rows, 11, 1600, 900)
    wanted = np.zeros((SIDE, SIDE), np.int32)
    wanted[:, :400] = 7
    wanted[:100, 300:500] = 1
    assert (drawn == wanted).all()
    assert facts == {k: {"code": f"{k:05}", "name": f"xã {k}", "kind": "xã"} for k in (1, 7)}
