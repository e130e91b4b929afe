"""Sheets and communes far out, as served: areas that share no ground and leave none out, made anew where it changed."""

from collections.abc import Iterator
from datetime import date

import httpx
import psycopg
import pytest
import shapely
from shapely.geometry import shape

from register.apply import apply
from register.attributes import AttributeDrafts, Edit
from register.connect import connect
from register.correction import Correction
from register.revert import revert
from register.units_outlines import put_outlines
from tests.conftest import Served
from tests.register.handed_in import hand_in, lot
from tests.tiles.drawn import Drawn, on_the_map, place
from tests.tiles.low.test_land_use import ground, square
from tests.tiles.test_stamps import tile_at
from tiles.low import rasters
from tiles.low.areas import grain_m
from tiles.low.kinds import Sheets

LAYERS = "communes,sheets"


@pytest.fixture
def place_of(server: Served) -> Iterator[tuple[Drawn, psycopg.Connection]]:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        yield Drawn(client, server.conninfo), conn


def two_sheets(conn: psycopg.Connection) -> int:
    """Two sheets side by side, each of several square kilometres, and a third one some way off, in another commune."""
    receipt = hand_in(
        conn,
        lot("1", 0, 0, 3000, 3000, land_use="LUC"),
        lot("1", 3000, 0, 6000, 2000, sheet="2"),
        lot("2", 3000, 2000, 6000, 3000, sheet="2", land_use="CLN"),
        lot("1", -6000, 0, -3000, 3000, sheet="7", commune="20242"),
    )
    conn.commit()
    assert receipt.correction is not None
    return receipt.correction


def areas(drawn: Drawn, layer: str, tile: tuple[int, int, int], name: str) -> dict[str, shapely.Geometry]:
    """What each sheet or commune covers (EPSG:3857)."""
    return {f["properties"][name]: on_the_map(f, *tile) for f in drawn.tile(layer, *tile).get(layer, [])}


@pytest.mark.parametrize(
    ("layer", "name", "zooms"), [("sheets", "number", (10, 11)), ("communes", "code", range(6, 12))]
)
def test_they_lie_where_their_parcels_are(
    place_of: tuple[Drawn, psycopg.Connection], layer: str, name: str, zooms: range
) -> None:
    drawn, conn = place_of
    two_sheets(conn)
    covered, (x, y) = ground(drawn)
    for z in zooms:
        tile = place(z, x, y)
        found = areas(drawn, layer, tile, name)
        reach_m = 6 * grain_m(z)
        assert all(covered.buffer(reach_m).covers(one) for one in found.values())
        assert all(f["properties"]["grain_m"] == grain_m(z) for f in drawn.tile(layer, *tile).get(layer, []))
        core = covered.buffer(-reach_m).intersection(square(*tile))
        assert core.is_empty or shapely.union_all(list(found.values())).buffer(reach_m).covers(core)
    assert len(found) > 1


def test_neighbours_share_their_border_and_no_ground(place_of: tuple[Drawn, psycopg.Connection]) -> None:
    drawn, conn = place_of
    two_sheets(conn)
    for z in (10, 11):
        tile = tile_at(z, 3000, 1500)
        found = drawn.tile("sheets", *tile)["sheets"]
        shapes = {f["properties"]["number"]: shape(f["geometry"]) for f in found}
        assert all(one.is_valid for one in shapes.values())
        assert {"1", "2"} <= shapes.keys()
        assert shapes["1"].intersection(shapes["2"]).area == 0
        assert shapes["1"].intersection(shapes["2"]).length > 2000 / grain_m(z)
        assert {f["properties"]["commune"] for f in found if f["properties"]["number"] != "7"} == {"20194"}
        assert not any(f["geometry"]["type"] == "Point" for f in found)


@pytest.mark.parametrize("layer", ["sheets", "communes"])
def test_they_follow_corrections_and_are_as_if_made_anew(
    place_of: tuple[Drawn, psycopg.Connection], layer: str
) -> None:
    drawn, conn = place_of
    two_sheets(conn)
    tiles = [tile_at(z, 4000, 1500) for z in range(10, 12)]
    first = [drawn.fetch(layer, *tile).content for tile in tiles]
    receipt = hand_in(
        conn,
        lot("1", 0, 3000, 4000, 6000, sheet="5"),
        lot("2", 0, 6000, 4000, 9000, sheet="7", commune="20242"),
    )
    conn.commit()
    second = [drawn.fetch(layer, *tile).content for tile in tiles]
    assert all(one != other for one, other in zip(first, second, strict=True))
    conn.execute("delete from map_area")
    conn.execute("delete from map_raster")
    conn.commit()
    assert [drawn.fetch(layer, *tile).content for tile in tiles] == second
    assert receipt.correction is not None
    revert(conn, receipt.correction, "tester")
    conn.commit()
    assert [drawn.fetch(layer, *tile).content for tile in tiles] == first


def test_only_changed_cells_are_sampled_anew(place_of: tuple[Drawn, psycopg.Connection]) -> None:
    """A mark in the raster of a cell nobody touches is still there after a correction in another one."""
    drawn, conn = place_of
    two_sheets(conn)
    tile = tile_at(11, 100, 100)
    drawn.fetch("sheets", *tile)
    kept = conn.execute("select key, body from map_raster where layer = 'sheets'").fetchall()
    for key, body in kept:
        raster = rasters.from_bytes(bytes(body), Sheets())
        raster.grid[raster.grid == sheet_of(conn, "1")] = sheet_of(conn, "2")
        values = {"key": key, "body": rasters.to_bytes(raster, Sheets())}
        conn.execute("update map_raster set body = %(body)s where layer = 'sheets' and key = %(key)s", values)
    conn.execute("delete from map_area")
    hand_in(conn, lot("9", 5000, 6000, 6000, 7500, sheet="5"))
    conn.commit()
    numbers = set(areas(drawn, "sheets", tile, "number"))
    assert "2" in numbers
    assert "1" not in numbers


def sheet_of(conn: psycopg.Connection, number: str) -> int:
    row = conn.execute("select id from sheet where number = %s order by id", [number]).fetchone()
    assert row is not None
    return int(row[0])


def test_what_cannot_be_seen_is_not_made_again(place_of: tuple[Drawn, psycopg.Connection]) -> None:
    """Another land use leaves its sheet as it is: the layer kept, marked here, is answered with the new stamp."""
    drawn, conn = place_of
    two_sheets(conn)
    tile = tile_at(11, 100, 100)
    before = drawn.fetch("sheets", *tile)
    conn.execute("update map_area set body = body || body where layer = 'sheets'")
    row = conn.execute("select id from parcel_version where land_use = 'LUC'").fetchone()
    assert row is not None
    apply(
        conn,
        Correction("attributes", "x", date(2026, 11, 1)),
        AttributeDrafts([Edit(row[0], land_use="RSX")]),
    )
    conn.commit()
    after = drawn.fetch("sheets", *tile)
    assert after.headers["etag"] != before.headers["etag"]
    assert after.content == 2 * before.content


def test_of_the_past_they_are_what_they_were(place_of: tuple[Drawn, psycopg.Connection]) -> None:
    drawn, conn = place_of
    two_sheets(conn)
    tiles = [tile_at(z, 4000, 1500) for z in (10, 11)]
    before = [drawn.fetch(LAYERS, *tile).content for tile in tiles]
    row = conn.execute("select max(made_at) from correction").fetchone()
    assert row is not None
    hand_in(conn, lot("1", 0, 3000, 6000, 9000, sheet="5", commune="20242"))
    conn.commit()
    for tile, then in zip(tiles, before, strict=True):
        path = "/tiles/{}/{}/{}/{}.mvt".format(LAYERS, *tile)
        assert drawn.fetch(LAYERS, *tile).content != then
        answer = drawn.client.get(path, params={"as_of": row[0].isoformat()})
        assert answer.content == then
        assert answer.headers["generalised"].startswith("communes; grain_m=")
        assert drawn.client.get(path, params={"as_of": "2020-01-01"}).content == b""


def test_a_commune_is_drawn_by_its_outline_where_it_has_one(
    place_of: tuple[Drawn, psycopg.Connection],
) -> None:
    drawn, conn = place_of
    two_sheets(conn)
    tile = tile_at(9, 100, 1500)
    before = drawn.fetch("communes", *tile)
    both = areas(drawn, "communes", tile, "code")
    second, first = sorted(both, key=lambda code: both[code].centroid.x)
    west = both[second].bounds
    given = shapely.box(west[0] - 5000, west[1] - 5000, west[2] + 2000, west[3] + 5000)
    degrees = shapely.from_wkb(
        bytes(
            conn.execute(  # type: ignore[index]
                "select st_asbinary(st_transform(st_geomfromwkb(%s, 3857), 4326))", [shapely.to_wkb(given)]
            ).fetchone()[0]
        )
    )
    assert put_outlines(conn, [(second, None, shapely.to_wkb(degrees))]).changed == 1
    conn.commit()
    assert drawn.fetch("communes", *tile).headers["etag"] != before.headers["etag"]
    found = areas(drawn, "communes", tile, "code")
    assert set(found) == {first, second}
    reach_m = 6 * grain_m(9)
    seen = given.intersection(square(*tile))
    assert found[second].buffer(reach_m).covers(seen)
    assert given.buffer(reach_m).covers(found[second].intersection(square(*tile)))
    assert found[first].intersection(found[second]).area == 0
