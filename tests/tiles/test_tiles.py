"""What stands in tiles: every parcel at every zoom, whole over the edges, valid, each label once."""

from collections import defaultdict

import pytest
import shapely
from shapely.geometry import shape

from register.connect import connect
from tests.tiles.drawn import WORLD_M, Drawn, Feature, on_the_map, place

ZOOMS = [14, 15, 16, 17, 18]


def parcels(drawn: Drawn) -> dict[str, shapely.Geometry]:
    """Web mercator shapes of all current parcels by code."""
    with connect(drawn.conninfo) as conn:
        rows = conn.execute("select code, st_asbinary(web) from parcel_version where closed_by is null")
        return {code: shapely.from_wkb(bytes(web)) for code, web in rows}


def tiles_of(shapes: dict[str, shapely.Geometry], z: int) -> list[tuple[int, int, int]]:
    """All tiles of a zoom that the box of the shapes touches."""
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    _, x0, y0 = place(z, west, north)
    _, x1, y1 = place(z, east, south)
    return [(z, x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]


@pytest.mark.parametrize("z", ZOOMS)
def test_every_parcel_is_drawn_and_nothing_else(drawn: Drawn, z: int) -> None:
    shapes = parcels(drawn)
    seen = {
        feature["properties"]["code"]
        for tile in tiles_of(shapes, z)
        for feature in drawn.tile("parcels", *tile).get("parcels", [])
    }
    assert seen == shapes.keys()


@pytest.mark.parametrize("z", ZOOMS)
def test_every_shape_is_valid_and_ordered_as_the_format_wants(drawn: Drawn, z: int) -> None:
    for tile in tiles_of(parcels(drawn), z):
        for feature in drawn.tile("parcels", *tile).get("parcels", []):
            drawing = shape(feature["geometry"])
            assert drawing.is_valid, (tile, feature)
            assert drawing.area > 0
            for part in shapely.get_parts(drawing):
                # positive area by the surveyor's formula, y down: counter-clockwise in plain numbers
                assert shapely.is_ccw(part.exterior)
                assert not any(shapely.is_ccw(hole) for hole in part.interiors)


@pytest.mark.parametrize("z", [14, 15, 16, 17])
def test_tiles_put_together_give_each_shape_back(drawn: Drawn, z: int) -> None:
    shapes = parcels(drawn)
    unit_m = WORLD_M / 2**z / 4096
    pieces: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for tile in tiles_of(shapes, z):
        _, x, y = tile
        size_m = WORLD_M / 2**z
        square = shapely.box(
            x * size_m - WORLD_M / 2, WORLD_M / 2 - (y + 1) * size_m, (x + 1) * size_m - WORLD_M / 2, WORLD_M / 2 - y * size_m
        )  # fmt: skip
        for feature in drawn.tile("parcels", *tile).get("parcels", []):
            pieces[feature["properties"]["code"]].append(on_the_map(feature, *tile).intersection(square))
    for code, whole in shapes.items():
        together = shapely.union_all([piece for piece in pieces[code] if piece.area > 0] or pieces[code])
        reach_m = 2.5 * unit_m
        assert whole.buffer(reach_m).covers(together), code
        core = whole.buffer(-reach_m)
        assert core.is_empty or together.buffer(reach_m).covers(core), code


def test_neighbouring_tiles_agree_in_the_buffer_they_share(drawn: Drawn) -> None:
    z = 16
    shapes = parcels(drawn)
    shared = 0
    for _, x, y in tiles_of(shapes, z):
        here = by_code(drawn.tile("parcels", z, x, y))
        east = by_code(drawn.tile("parcels", z, x + 1, y))
        strip = shapely.box(4096 - 64, 0, 4096 + 64, 4096)
        for code in here.keys() | east.keys():
            mine = shape(here[code]["geometry"]).intersection(strip) if code in here else shapely.Point()
            theirs = shapely.Point()
            if code in east:
                theirs = shapely.affinity.translate(shape(east[code]["geometry"]), 4096).intersection(strip)
            # both sides round to the grid: they may differ by less than one unit each, 1/4096 of a tile
            assert mine.difference(theirs.buffer(1.5)).is_empty, code
            assert theirs.difference(mine.buffer(1.5)).is_empty, code
            shared += mine.area > 0
    assert shared > 20


def by_code(tile: dict[str, list[Feature]]) -> dict[str, Feature]:
    return {feature["properties"]["code"]: feature for feature in tile.get("parcels", [])}


@pytest.mark.parametrize("z", [16, 17, 18])
def test_each_label_stands_once_inside_its_parcel(drawn: Drawn, z: int) -> None:
    shapes = parcels(drawn)
    unit_m = WORLD_M / 2**z / 4096
    labels = [
        (tile, feature)
        for tile in tiles_of(shapes, z)
        for feature in drawn.tile("labels", *tile).get("labels", [])
    ]
    codes = [feature["properties"]["code"] for _, feature in labels]
    assert sorted(codes) == sorted(shapes)
    for tile, feature in labels:
        facts = feature["properties"]
        where = on_the_map(feature, *tile)
        assert shapes[facts["code"]].distance(where) <= 1.5 * unit_m
        assert facts["area"] > 0
        assert facts["room"] > 0
        assert all(0 <= v < 4096 for v in feature["geometry"]["coordinates"])


def test_sheets_and_communes_stand_at_their_zooms(drawn: Drawn) -> None:
    shapes = parcels(drawn)
    for z in (6, 8, 10, 12, 13, 14, 15):
        tiles = [drawn.tile("communes,sheets,parcels,labels", *tile) for tile in tiles_of(shapes, z)]
        there = {name for tile in tiles for name in tile}
        since = {"communes": 8, "sheets": 10, "parcels": 14}  # at zoom 6 the town is dust
        assert there == {name for name, first in since.items() if z >= first}
        if not there:
            continue
        (commune,) = {f["properties"]["code"] for tile in tiles for f in tile.get("communes", [])}
        assert commune == "20194"
    for z, x, y in tiles_of(shapes, 15):
        tile = drawn.tile("sheets,communes,parcels", z, x, y)
        ground = shapely.union_all([shape(f["geometry"]) for f in tile.get("parcels", [])])
        (sheet,) = [f for f in tile["sheets"] if f["geometry"]["type"] != "Point"]
        assert (sheet["properties"]["number"], sheet["properties"]["commune"]) == ("1", "20194")
        for outline in (sheet, *tile["communes"]):
            assert shape(outline["geometry"]).symmetric_difference(ground).area < 0.02 * ground.area + 5000


@pytest.mark.parametrize("z", [12, 13, 15, 17])
def test_a_sheet_has_one_point_for_its_number_in_all_tiles_together(drawn: Drawn, z: int) -> None:
    tiles = tiles_of(parcels(drawn), z)
    points = [
        (tile, f)
        for tile in tiles
        for f in drawn.tile("sheets", *tile).get("sheets", [])
        if f["geometry"]["type"] == "Point"
    ]
    ((tile, point),) = points
    assert point["properties"]["number"] == "1"
    ground = shapely.union_all(list(parcels(drawn).values()))
    assert ground.distance(on_the_map(point, *tile)) < WORLD_M / 2**z / 4096


def test_one_tile_of_several_layers_is_the_sum_of_its_layers(drawn: Drawn) -> None:
    tile = next(iter(tiles_of(parcels(drawn), 16)))
    together = drawn.fetch("labels,parcels,sheets,communes", *tile).content
    apart = [drawn.fetch(name, *tile).content for name in ("communes", "sheets", "parcels", "labels")]
    assert together == b"".join(apart)


def test_a_code_in_a_tile_answers_with_the_same_parcel(drawn: Drawn) -> None:
    tile = tiles_of(parcels(drawn), 16)[0]
    features = drawn.tile("parcels", *tile)["parcels"]
    assert len(features) > 10
    for feature in features[:10]:
        facts = feature["properties"]
        answer = drawn.client.get(f"/api/v1/parcels/{facts['code']}").json()["properties"]
        assert (answer["number"], answer["land_use"], answer["version"]) == (
            facts["number"],
            facts["land_use"],
            feature["id"],
        )
