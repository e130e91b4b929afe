"""Boundaries: each once, whatever corners the neighbours have; the same from every block that sees them."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geo import crs
from register.connect import connect
from register.revert import revert
from tests.conftest import Served
from tests.geo.danang import ARCHIVE, EPSG, wards
from tests.geo.drawing import draw
from tests.register.handed_in import hand_in, lot
from tests.tiles.drawn import WORLD_M, Drawn, Feature, on_the_map
from tests.tiles.ground import CELL, UNITS_M, block_of, features, picture, text
from tests.tiles.test_stamps import tile_at
from tests.tiles.test_tiles import parcels, tiles_of
from tiles.block import Block, changed
from tiles.edges import KINDS, Edges
from tiles.outlines import CELL_BITS
from tiles.sides import CORNER, SIDE

NAMES = ("kind", "length", "left", "right")
WHOLE = 1 << CELL_BITS
SEEN = 38.2 / 39  # of what a block reaches beyond its cell, what tiles show


def lines(some: Edges) -> np.ndarray:
    """The edges as lines, in units of the grid."""
    begin, end = (np.column_stack([some.x[k], some.y[k]]) for k in (some.start, some.stop))
    return shapely.linestrings(np.stack([begin, end], axis=1).astype(float))


def test_a_neighbours_corner_cuts_a_side() -> None:
    """A has no corner where B and C meet; the left of an edge is seen from above, the way it runs."""
    tile = features(block_of(picture("AAB\nAAC")), "edges", 18)
    assert text(tile, *NAMES) == CUT


CUT = """\
inner 10 A B 500,250 500,0
inner 10 A C 500,500 500,250
inner 10 B C 500,250 750,250
outer 10 B - 750,0 500,0
outer 10 B - 750,250 750,0
outer 10 C - 500,500 750,500
outer 10 C - 750,500 750,250
outer 20 A - 0,0 0,500
outer 20 A - 0,500 500,500
outer 20 A - 500,0 0,0"""


def test_islands_and_holes() -> None:
    tile = features(block_of(picture("AAAA\nABBA\nACCA\nAAAA")), "edges", 18)
    assert text(tile, *NAMES) == ISLANDS


ISLANDS = """\
inner 10 A B 250,500 250,250
inner 10 A B 750,250 750,500
inner 10 A C 250,750 250,500
inner 10 A C 750,500 750,750
inner 20 A B 250,250 750,250
inner 20 A C 750,750 250,750
inner 20 B C 250,500 750,500
outer 40 A - 0,0 0,1000
outer 40 A - 0,1000 1000,1000
outer 40 A - 1000,0 0,0
outer 40 A - 1000,1000 1000,0"""


def test_a_parcel_of_two_parts() -> None:
    """B comes between its parts."""
    tile = features(block_of(picture("ABA")), "edges", 18)
    assert text([f for f in tile if f["properties"]["kind"] == "inner"], *NAMES) == (
        "inner 10 A B 250,250 250,0\ninner 10 A B 500,0 500,250"
    )


STREET = "AABBB\nrrrrr\nCCwDD"


def street() -> Block:
    """A road between plots, a canal between two of them; C and D are of another sheet, B of another commune."""
    return block_of(picture(STREET), road="r", water="w", sheets=["CD"], communes=["B"])


def test_what_kinds_of_boundaries_there_are() -> None:
    tile = features(street(), "edges", 18)
    assert text([f for f in tile if f["properties"]["kind"] != "outer"], *NAMES) == KINDS_OF_EDGES


KINDS_OF_EDGES = """\
commune 10 A B 500,250 500,0
commune 30 B r 500,250 1250,250
road 10 r w 500,500 750,500
road 20 A r 0,250 500,250
sheet 10 C w 500,750 500,500
sheet 10 D w 750,500 750,750
sheet 20 C r 500,500 0,500
sheet 20 D r 1250,500 750,500"""


def test_a_canal_beside_a_plot_of_its_sheet() -> None:
    tile = features(block_of(picture("wA"), water="w"), "edges", 18)
    assert [f["properties"]["kind"] for f in tile].count("water") == 1


def test_from_afar_edges_of_a_kind_are_one_feature() -> None:
    assert text(features(street(), "edges", 16), "kind") == FAR


FAR = """\
commune 313,63 125,63 125,0
outer 0,0 0,188 313,188 313,0 0,0
road 0,63 125,63 125,125 188,125
sheet 125,188 125,125 0,125 313,125 188,125 188,188"""


def test_corners_stand_once_with_the_number_of_parcels_there() -> None:
    assert text(features(block_of(picture("AAB\nAAC")), "points", 18), "parcels") == CORNERS


CORNERS = """\
1 0,0
1 0,500
1 750,0
1 750,500
2 500,0
2 500,500
2 750,250
3 500,250"""


def test_lengths_stand_at_the_middle_of_edges_and_read_from_the_left_or_upwards() -> None:
    triangle = {"A": shapely.Polygon([(0, 0), (0, 8000), (10_000, 8000)])}
    tile = features(block_of(triangle), "dimensions", 18)
    assert text(tile, "text", "angle", "zoom") == LENGTHS


LENGTHS = """\
20.00 -90 18 0,250
25.00 0 17 312,500
32.02 39 17 312,250"""


@pytest.mark.parametrize(
    ("length_m", "zoom", "shown"), [(40, 17, True), (20, 17, False), (20, 18, True), (0.3, 18, False)]
)
def test_lengths_that_do_not_fit_are_left_out(length_m: float, zoom: int, shown: bool) -> None:
    square = {"A": shapely.box(0, 0, length_m * UNITS_M, length_m * UNITS_M)}
    assert len(features(block_of(square), "dimensions", zoom)) == (4 if shown else 0)


def test_edges_are_cut_at_the_border_of_a_tile_and_its_buffer() -> None:
    """A square around the first tile: nothing runs along the tile's border."""
    far = 70_000
    block = block_of({"A": shapely.box(-far, 20_000, far, 30_000)})
    assert text(features(block, "edges", 18), "length") == "350 -64,1875 4160,1875\n350 4160,1250 -64,1250"


def test_a_block_without_parcels_has_no_layers() -> None:
    block = block_of({})
    for layer, zoom in (("edges", 16), ("edges", 18), ("points", 18), ("dimensions", 18), ("labels", 18)):
        assert features(block, layer, zoom) == []


# --- laws on random maps ---------------------------------------------------------------------------------------


@st.composite
def maps(draw_: st.DrawFn, cell_m: float = 10) -> dict[str, shapely.Geometry]:
    """Maps of up to six parcels, with holes and parts, leaning, in units of the grid; neighbours' corners in sides, or not."""
    rows, columns = draw_(st.integers(1, 5)), draw_(st.integers(1, 5))
    letters = "".join(
        draw_(st.lists(st.sampled_from("ABCDEF."), min_size=rows * columns, max_size=rows * columns))
    )
    if not letters.strip("."):
        letters = "A" * rows * columns
    drawing = "\n".join(letters[k * columns : (k + 1) * columns] for k in range(rows))
    lean = draw_(st.sampled_from([0.0, 0.37, -1.1]))
    thin = draw_(st.booleans())
    shapes = draw(drawing, cell_m, 0, 0)
    return {
        letter: shapely.transform(
            shape.simplify(0) if thin else shape,
            lambda xy: np.rint(np.column_stack([xy[:, 0] + lean * xy[:, 1], -xy[:, 1]]) * UNITS_M),
        )
        for letter, shape in shapes.items()
    }


def apart(shapes: Mapping[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """The same, every other parcel surveyed 2 units (5 mm) away."""
    return {
        letter: shapely.affinity.translate(shape, 2 * (n % 2), n % 2)
        for n, (letter, shape) in enumerate(shapes.items())
    }


@pytest.mark.parametrize("how", [dict, apart])
@given(shapes=maps())
def test_each_boundary_is_there_once(
    how: Callable[[dict[str, shapely.Geometry]], dict[str, shapely.Geometry]],
    shapes: dict[str, shapely.Geometry],
) -> None:
    shapes = {letter: shapely.affinity.translate(s, 400_000, 400_000) for letter, s in shapes.items()}
    some = block_of(how(shapes)).edges()
    drawn = lines(some)
    whole = np.array(list(shapes.values()), object)
    outer = shapely.length(shapely.union_all(whole, grid_size=2.0))
    perimeters = float(shapely.length(whole).sum())
    near = 0.002 * perimeters + 8 * len(shapes)
    assert abs(shapely.length(drawn).sum() - (perimeters + outer) / 2) < near
    assert abs(shapely.length(drawn[some.right < 0]).sum() - outer) < near
    assert abs(some.mm.sum() * UNITS_M / 1000 - (perimeters + outer) / 2) < near
    pairs = {frozenset(pair) for pair in zip(some.start.tolist(), some.stop.tolist(), strict=True)}
    assert len(pairs) == drawn.size
    together, all_ = shapely.union_all(drawn), shapely.union_all(shapely.boundary(whole))
    assert shapely.hausdorff_distance(together, all_) <= CORNER + SIDE


@pytest.mark.parametrize("how", [dict, apart])
@given(shapes=maps())
def test_each_edge_has_its_parcels_on_their_sides(
    how: Callable[[dict[str, shapely.Geometry]], dict[str, shapely.Geometry]],
    shapes: dict[str, shapely.Geometry],
) -> None:
    some = block_of(how(shapes)).edges()
    middle = np.column_stack(
        [(some.x[some.start] + some.x[some.stop]) / 2, (some.y[some.start] + some.y[some.stop]) / 2]
    )
    way = np.column_stack([some.x[some.stop] - some.x[some.start], some.y[some.stop] - some.y[some.start]])
    aside = np.column_stack([way[:, 1], -way[:, 0]]) / np.hypot(*way.T)[:, None] * 30  # y points down
    several = list(shapes.values())
    for k in range(some.start.size):
        there, beyond = shapely.Point(middle[k] + aside[k]), shapely.Point(middle[k] - aside[k])
        assert several[some.left[k]].contains(there)
        if some.right[k] >= 0:
            assert several[some.right[k]].contains(beyond)
        else:
            assert not any(shape.contains(beyond) for shape in several)
        assert (some.kind[k] == KINDS.index("outer")) == (some.right[k] < 0)


@example(
    shapes=picture("AAAA\n...B", cell_m=40), across=-1, down=1
)  # only one of both sees B, which cuts a side of A
@given(shapes=maps(cell_m=40), across=st.integers(-3, 3), down=st.integers(0, 3))
def test_neighbouring_blocks_tell_the_same(
    shapes: dict[str, shapely.Geometry], across: int, down: int
) -> None:
    """Parcels over the border of two cells, and over a corner of them; each block has those that come near its cell."""
    reach = 16_718  # 39 m
    put = {
        letter: shapely.affinity.translate(
            shape, WHOLE + across * 9_000, WHOLE // 2 * (down % 3) + 8_000 * down
        )
        for letter, shape in shapes.items()
    }
    told = []
    for left in (0, WHOLE):
        near = shapely.box(left - reach, -reach, left + WHOLE + reach, WHOLE + reach)
        here = {
            letter: shapely.affinity.translate(shape, -left, 0)
            for letter, shape in put.items()
            if shapely.box(*shape.bounds).intersects(near)
        }
        some = block_of(here).edges()
        names = list(here)
        both = shapely.box(WHOLE - reach * SEEN, -reach * SEEN, WHOLE + reach * SEEN, WHOLE + reach * SEEN)
        seen = np.flatnonzero(shapely.intersects(shapely.affinity.translate(both, -left, 0), lines(some)))
        told.append(
            Counter(
                (
                    int(some.mm[k]),
                    KINDS[some.kind[k]],
                    names[some.left[k]],
                    names[some.right[k]] if some.right[k] >= 0 else "",
                )
                for k in seen
            )
        )
    assert told[0] == told[1]


def looks(n: int) -> dict[str, Any]:
    return {"sheets": ["AB"], "communes": ["C"], "road": "D", "water": "E", "first": n}


@given(st.lists(maps(), min_size=2, max_size=5), st.data())
def test_edges_of_changed_blocks_are_those_of_blocks_made_anew(
    several: list[dict[str, shapely.Geometry]], data: st.DataObject
) -> None:
    """Whatever went before, in any order, whether anybody asked for the edges between: the next map lies over the last."""
    block = block_of(several[0], **looks(1))
    for n, shapes in enumerate(several[1:], 1):
        if data.draw(st.booleans()):
            block.edges()
            block.rooms(CELL[1])
        keep = np.array([data.draw(st.booleans()) for _ in block.id], np.bool_)
        block = changed(block, keep, block_of(apart(shapes) if n % 2 else shapes, **looks(100 * n)))
    none = changed(block, np.zeros(block.id.size, np.bool_), block_of({}))
    anew = changed(none, np.zeros(0, np.bool_), block)
    assert anew.later.edges is None
    same(block.edges(), anew.edges())
    mine, theirs = block.rooms(CELL[1]), anew.rooms(CELL[1])
    for column in ("at", "angle", "size_m"):
        assert np.array_equal(getattr(mine, column), getattr(theirs, column))
    for layer in ("edges", "points", "dimensions", "labels"):
        for zoom in (16, 18):
            assert features(block, layer, zoom) == features(anew, layer, zoom)


def same(mine: Edges, theirs: Edges) -> None:
    """Edge for edge; nodes may be numbered otherwise."""
    for column in ("left", "right", "kind", "mm"):
        assert np.array_equal(getattr(mine, column), getattr(theirs, column)), column
    for end in ("start", "stop"):
        here, there = getattr(mine, end), getattr(theirs, end)
        for column in ("x", "y", "parcels"):
            assert np.array_equal(getattr(mine, column)[here], getattr(theirs, column)[there]), column


@given(data=st.data())
def test_a_correction_in_a_town_changes_what_is_near_it(data: st.DataObject) -> None:
    """A street of lots along a road in one piece; some lots are split, joined, moved a little or taken out."""
    town = {"road": shapely.box(0, 4000, 400_000, 6000)}
    town |= {f"n{k}": shapely.box(8000 * k, 0, 8000 * (k + 1), 4000) for k in range(50)}
    town |= {f"s{k}": shapely.box(5000 * k, 6000, 5000 * (k + 1), 10_000) for k in range(80)}
    block = block_of(town, water="")
    names = list(town)
    for n in range(3):
        block.edges()
        gone = data.draw(st.sets(st.sampled_from(range(len(names))), min_size=1, max_size=3))
        new: dict[str, shapely.Geometry] = {}
        for k in gone:
            west, south, east, north = (
                town[names[k]].bounds if names[k] in town else (0, 12_000, 3000, 15_000)
            )
            by = data.draw(st.sampled_from([0, 3, 700]))
            middle = round((west + east) / 2)
            new[f"{n}{k}a"] = shapely.box(west, south + by, middle, north)
            new[f"{n}{k}b"] = shapely.box(middle, south, east, north)
        keep = np.array([k not in gone for k in range(len(names))])
        block = changed(block, keep, block_of(new, first=1000 * (n + 1)))
        names = [name for k, name in enumerate(names) if k not in gone] + list(new)
        town |= new
        anew = changed(block_of({}), np.zeros(0, np.bool_), block)
        same(block.edges(), anew.edges())


# --- odd ground ------------------------------------------------------------------------------------------------


def test_a_sliver_between_two_parcels_is_no_second_line() -> None:
    """B is 7 mm wide: A and C meet in one line there, and B has the ends."""
    shapes = {
        "A": shapely.box(0, 0, 4000, 4000),
        "B": shapely.box(4000, 0, 4003, 4000),
        "C": shapely.box(4003, 0, 8000, 4000),
    }
    some = block_of(shapes).edges()
    assert abs(shapely.length(lines(some)).sum() - 28_000) < 20


def test_a_parcel_thinner_than_a_corner_is_a_line() -> None:
    some = block_of({"A": shapely.box(0, 0, 4000, 3)}).edges()
    assert (some.start.size, some.mm.tolist(), some.right.tolist()) == (1, [10_000], [-1])


def test_a_cut_that_leads_to_a_hole_is_no_boundary() -> None:
    """Formats without holes join them to the rim by a line that is drawn forth and back."""
    keyhole = shapely.Polygon(
        [(0, 0), (9000, 0), (9000, 9000), (0, 9000), (0, 4000), (3000, 4000), (3000, 6000), (6000, 6000), (6000, 3000),
         (3000, 3000), (3000, 4000), (0, 4000)]
    )  # fmt: skip
    drawn = shapely.union_all(lines(block_of({"A": keyhole}).edges()))
    assert drawn.distance(shapely.Point(1500, 4000)) > 1000
    assert drawn.length == 4 * 9000 + 4 * 3000


def test_parcels_drawn_twice_have_one_line() -> None:
    square = shapely.box(0, 0, 4000, 4000)
    some = block_of({"A": square, "B": square, "C": square}).edges()
    assert (some.start.size, some.left.tolist(), some.right.tolist()) == (4, [0] * 4, [-1] * 4)


def test_lengths_are_the_surveyed_ones() -> None:
    """Not those of the map: half as long on the ground here."""
    block = block_of(picture("AB"))
    block.outlines.mm[:] //= 2
    assert set(block.edges().mm.tolist()) == {5_000}
    block = block_of(picture("AB"))
    block.outlines.mm[:] = -1
    tile = features(block, "edges", 18)
    assert all("length" not in f["properties"] for f in tile)
    assert features(block, "dimensions", 18) == []


# --- real parcels ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ward() -> dict[str, shapely.Geometry]:
    """Valid parcels of a ward of Da Nang, on the grid of the cell of the first of them."""
    if not ARCHIVE.exists():
        pytest.skip("the real parcels of Da Nang are not here")
    real = np.array([s for s in wards()[11] if s is not None and s.is_valid and not s.is_empty][:500], object)
    half_m = 20037508.342789244
    units = shapely.transform(
        real,
        lambda xy: (
            (np.column_stack(crs.to_web(EPSG, xy[:, 0], xy[:, 1])) * (1, -1) + half_m) * (2**33 / half_m)
        ),
    )
    west, north = (int(v) >> CELL_BITS << CELL_BITS for v in shapely.get_coordinates(units[0])[0])
    there = shapely.transform(units, lambda xy: np.rint(xy - (west, north)))
    return {f"{n:06}": shape for n, shape in enumerate(there)}


def test_real_boundaries_are_there_once(ward: dict[str, shapely.Geometry]) -> None:
    whole = np.array(list(ward.values()), object)
    some = block_of(ward).edges()
    drawn = lines(some)
    cell = shapely.box(0, 0, WHOLE, WHOLE)
    truth = shapely.union_all(shapely.boundary(whole), grid_size=1.0).intersection(cell)
    together = shapely.union_all(drawn, grid_size=1.0)
    for some_lines, others in ((truth, together), (together.intersection(cell), truth)):
        points = shapely.points(shapely.get_coordinates(shapely.segmentize(some_lines, 400)))
        _, away = shapely.STRtree(shapely.get_parts(others)).query_nearest(
            points, return_distance=True, all_matches=False
        )
        assert away.max() <= CORNER + SIDE
    # no second line beside another, but where corners lie closer together than lines may be told apart
    double = shapely.length(shapely.intersection(drawn, cell)).sum() - together.intersection(cell).length
    assert abs(double) < 0.001 * together.length


# --- from the register -----------------------------------------------------------------------------------------


def test_a_new_neighbour_and_its_undo_show_at_once(server: Served) -> None:
    """Lengths are those measured in VN-2000, to the millimetre; kinds come from sheets and land uses."""
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        tile = tile_at(18, 1, 1)
        hand_in(conn, lot("1", 0, 0, 30.123, 20), lot("2", 0, 20, 30.123, 28, land_use="DGT+ODT"))
        conn.commit()
        before = drawn.tile("edges", *tile)["edges"]
        assert told(before) == {
            ("outer", 30.123, 1),
            ("outer", 20.0, 1),
            ("outer", 8.0, 1),
            ("road", 30.123, 2),
        }
        more = hand_in(conn, lot("3", 30.123, 0, 40, 20, sheet="2"), lot("4", 0, -10, 15, 0, land_use="SON"))
        conn.commit()
        after = drawn.tile("edges", *tile)["edges"]
        assert told(after) - told(before) >= {("sheet", 20.0, 2), ("water", 15.0, 2), ("outer", 15.123, 1)}
        assert more.correction is not None
        revert(conn, more.correction, "tester")
        conn.commit()
        assert told(drawn.tile("edges", *tile)["edges"]) == told(before)


def told(found: list[Feature]) -> set[tuple[str, float, int]]:
    """Kind, length and how many parcels, of each edge."""
    facts = [f["properties"] for f in found]
    return {(f["kind"], f["length"], len({f["left"], f.get("right", f["left"])})) for f in facts}


def test_every_corner_and_edge_of_a_town_is_in_one_tile_or_cut_between_two(drawn: Drawn) -> None:
    z = 18
    shapes = parcels(drawn)
    tiles = tiles_of(shapes, z)
    corners = [
        shapely.get_coordinates(on_the_map(f, *t))[0]
        for t in tiles
        for f in drawn.tile("points", *t).get("points", [])
    ]
    unit_m = WORLD_M / 2**z / 4096
    assert len(np.unique(np.rint(np.array(corners) / unit_m), axis=0)) == len(corners)
    every = shapely.get_coordinates(np.array(list(shapes.values()), object))
    _, away = shapely.STRtree(shapely.points(corners)).query_nearest(
        shapely.points(every), return_distance=True, all_matches=False
    )
    assert away.max() < 2 * unit_m
