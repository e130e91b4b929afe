"""The layer `land_use` as it is served: what is far, up to date, and told to be generalised."""

from datetime import date

import httpx
import pytest
import shapely
from shapely.geometry import shape

from register.apply import apply
from register.attributes import AttributeDrafts, Edit
from register.connect import connect
from register.correction import Correction
from register.revert import revert
from tests.conftest import Served
from tests.register.handed_in import hand_in, lot
from tests.tiles.drawn import WORLD_M, Drawn, on_the_map, place
from tiles.low.areas import grain_m

ZOOMS = range(6, 14)


def ground(drawn: Drawn) -> tuple[shapely.Geometry, tuple[float, float]]:
    """What the parcels cover (EPSG:3857), and a place in it."""
    with connect(drawn.conninfo) as conn:
        (web,) = conn.execute(
            "select st_asbinary(st_union(web)) from parcel_version where closed_by is null"
        ).fetchone()  # type: ignore[misc]
    covered = shapely.from_wkb(bytes(web))
    return covered, covered.representative_point().coords[0]


@pytest.mark.parametrize("z", ZOOMS)
def test_areas_lie_where_the_parcels_are(drawn: Drawn, z: int) -> None:
    covered, (x, y) = ground(drawn)
    tile = place(z, x, y)
    features = drawn.tile("land_use", *tile).get("land_use", [])
    areas = shapely.union_all([on_the_map(f, *tile) for f in features])
    reach_m = 6 * grain_m(z)
    assert areas.is_empty or covered.buffer(reach_m).covers(areas)
    if z >= 11:  # the ground is wide enough to be seen
        core = covered.buffer(-reach_m).intersection(square(*tile))
        assert core.area > 0
        assert areas.buffer(reach_m).covers(core)
        assert {f["properties"]["family"] for f in features} <= {
            "field",
            "residential_urban",
            "transport",
            "water",
        }


def square(z: int, x: int, y: int) -> shapely.Geometry:
    """A tile in web mercator metres."""
    size_m, half_m = WORLD_M / 2**z, WORLD_M / 2
    return shapely.box(
        x * size_m - half_m, half_m - (y + 1) * size_m, (x + 1) * size_m - half_m, half_m - y * size_m
    )


def test_it_says_that_it_is_generalised(drawn: Drawn) -> None:
    _, (x, y) = ground(drawn)
    for z in ZOOMS:
        told = drawn.fetch("sheets,land_use", *place(z, x, y)).headers["generalised"]
        sheets = f"sheets; grain_m={grain_m(z)}, " if 10 <= z <= 11 else ""
        assert told == f"{sheets}land_use; grain_m={grain_m(z)}"
        assert grain_m(z) == pytest.approx(WORLD_M / 2**z / 1024, abs=0.05)
    assert "generalised" not in drawn.fetch("land_use,parcels", *place(14, x, y)).headers
    assert "generalised" not in drawn.fetch("communes,sheets", *place(12, x, y)).headers
    (described,) = drawn.client.get("/tiles/land_use.json").json()["vector_layers"]
    assert (described["minzoom"], described["maxzoom"]) == (6, 13)
    assert described["grain_m"] == {str(z): grain_m(z) for z in ZOOMS}


def test_from_zoom_14_on_and_above_6_it_is_empty(drawn: Drawn) -> None:
    _, (x, y) = ground(drawn)
    for z in (5, 14, 16):
        answer = drawn.fetch("land_use", *place(z, x, y))
        assert (answer.status_code, answer.content) == (200, b"")


def test_it_follows_corrections_and_is_as_if_made_anew(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        x, y = 12_000_000.0, 1_800_000.0
        assert drawn.fetch("land_use", *place(9, x, y)).content == b""
        hand_in(conn, lot("1", 0, 0, 3000, 3000, land_use="LUC"))
        conn.commit()
        _, (x, y) = ground(drawn)
        tiles = [place(z, x, y) for z in ZOOMS]
        first = [drawn.fetch("land_use", *tile).content for tile in tiles]
        assert all(first[2:])
        receipt = hand_in(
            conn, lot("2", 3000, 0, 6000, 2000), lot("3", 5000, 2000, 9000, 9000, land_use="NTS")
        )
        conn.commit()
        second = [drawn.fetch("land_use", *tile).content for tile in tiles]
        assert all(one != other for one, other in zip(first[2:], second[2:], strict=True))
        families = {f["properties"]["family"] for f in drawn.tile("land_use", *tiles[-2])["land_use"]}
        assert families == {"field", "residential_urban", "aquaculture"}
        conn.execute("delete from map_area")
        conn.execute("delete from map_raster")
        conn.commit()
        assert [drawn.fetch("land_use", *tile).content for tile in tiles] == second
        assert receipt.correction is not None
        revert(conn, receipt.correction, "tester")
        conn.commit()
        assert [drawn.fetch("land_use", *tile).content for tile in tiles] == first


def test_of_the_past_it_is_what_it_was(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        hand_in(
            conn, lot("1", 0, 0, 3000, 3000, land_use="LUC"), lot("2", 3000, 0, 6000, 3000, land_use="ODT")
        )
        conn.commit()
        _, (x, y) = ground(drawn)
        tiles = [place(z, x, y) for z in (11, 12, 13)]
        before = [drawn.fetch("land_use", *tile).content for tile in tiles]
        row = conn.execute(
            "select id, (select max(made_at) from correction) from parcel_version where land_use = 'LUC'"
        ).fetchone()
        assert row is not None
        version, made_at = row
        apply(
            conn,
            Correction("attributes", "x", date(2026, 11, 1)),
            AttributeDrafts([Edit(version, land_use="RSX")]),
        )
        conn.commit()
        for tile, then in zip(tiles, before, strict=True):
            now = drawn.fetch("land_use", *tile).content
            assert now != then
            path = "/tiles/land_use/{}/{}/{}.mvt".format(*tile)
            for moment, wanted in (
                (made_at.isoformat(), then),
                ("2026-10-31", then),
                ("2026-11-01", now),
                ("2020-01-01", b""),
            ):
                assert client.get(path, params={"as_of": moment}).content == wanted


def test_a_changed_code_list_is_followed(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        hand_in(
            conn,
            lot("1", 0, 0, 3000, 3000, land_use="LUC+CLN"),
            lot("2", 3000, 0, 6000, 3000, land_use="XXX"),
        )
        conn.commit()
        _, (x, y) = ground(drawn)
        tile = place(11, x, y)

        def seen() -> set[str]:
            tiles = [(11, tile[1] + dx, tile[2] + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
            return {
                f["properties"]["family"]
                for t in tiles
                for f in drawn.tile("land_use", *t).get("land_use", [])
            }

        assert seen() == {"field", ""}
        conn.execute("update land_use set family = 'forest' where code = 'LUC'")
        conn.commit()
        assert seen() == {"forest", ""}


def test_shapes_of_a_tile_share_no_ground(drawn: Drawn) -> None:
    _, (x, y) = ground(drawn)
    shapes = [shape(f["geometry"]) for f in drawn.tile("land_use", *place(11, x, y))["land_use"]]
    assert all(one.is_valid for one in shapes)
    assert sum(one.area for one in shapes) == shapely.union_all(shapes).area
