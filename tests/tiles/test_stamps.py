"""Freshness: a tile's ETag stays while nothing it shows has changed, and differs as soon as something has."""

import gzip

import httpx
import numpy as np
import pytest

from geo import crs
from geo.cells import key as cell_key
from register.connect import connect
from register.revert import revert
from register.units_outlines import put_outlines
from tests.conftest import Served
from tests.register.handed_in import EAST, EPSG, NORTH, hand_in, lot
from tests.tiles.drawn import Drawn, place, text


def tile_at(z: int, east_m: float = 0, north_m: float = 0) -> tuple[int, int, int]:
    """The tile at a place given in metres from the corner of the tests' ground."""
    x, y = crs.to_web(EPSG, np.array([EAST + east_m]), np.array([NORTH + north_m]))
    return place(z, float(x[0]), float(y[0]))


def test_a_known_stamp_is_answered_304_without_a_body(drawn: Drawn) -> None:
    tile = tile_at(16, 10, 10)
    first = drawn.fetch("parcels", *tile, **{"accept-encoding": "identity"})
    again = drawn.fetch(
        "parcels", *tile, **{"accept-encoding": "identity", "if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = drawn.fetch("parcels", *tile, **{"if-none-match": '"1.0.0"'})
    assert other.content == first.content


def test_gzip_has_a_tag_of_its_own_and_the_same_tile(drawn: Drawn) -> None:
    tile = tile_at(16, 10, 10)
    plain = drawn.fetch("parcels", *tile, **{"accept-encoding": "identity"})
    with drawn.client.stream("GET", f"/tiles/parcels/{tile[0]}/{tile[1]}/{tile[2]}.mvt") as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("z", [10, 12, 13, 14, 15, 16, 18, 22])
def test_a_correction_and_its_undo_show_at_once(server: Served, z: int) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        layers = "parcels,labels,sheets,communes"
        tile = tile_at(z, 1, 1)
        empty = drawn.fetch(layers, *tile)
        assert empty.content == b""
        receipt = hand_in(conn, lot("1", 0, 0, 900, 600))
        conn.commit()
        filled = drawn.fetch(layers, *tile, **{"if-none-match": empty.headers["etag"]})
        assert filled.status_code == 200
        assert filled.content != b""
        assert drawn.fetch(layers, *tile, **{"if-none-match": filled.headers["etag"]}).status_code == 304
        assert receipt.correction is not None
        revert(conn, receipt.correction, "tester")
        conn.commit()
        undone = drawn.fetch("parcels,labels", *tile, **{"if-none-match": filled.headers["etag"]})
        assert (undone.status_code, undone.content) == (200, b"")


@pytest.mark.parametrize("z", [14, 15, 16, 17, 18])
def test_a_change_in_the_buffer_of_a_tile_changes_its_stamp(server: Served, z: int) -> None:
    """A parcel just beyond the edge is drawn in the buffer: the neighbour's stamp must differ too."""
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        _, x, y = tile_at(z, 0, 0)
        size_m = 2 * 20037508.342789244 / 2**z
        edge_m = (x + 1) * size_m - 20037508.342789244
        here_m, _ = (float(v[0]) for v in crs.to_web(EPSG, np.array([EAST]), np.array([NORTH])))
        scale = 0.9615  # of web mercator at this latitude: ground metres by map metre
        start_m = (edge_m - here_m) * scale + size_m * scale * 20 / 4096
        before = drawn.fetch("parcels", z, x, y)
        hand_in(conn, lot("1", start_m, 0, start_m + 8 + size_m / 4096 * 5, 8 + size_m / 4096 * 5))
        conn.commit()
        after = drawn.fetch("parcels", z, x, y, **{"if-none-match": before.headers["etag"]})
        assert after.status_code == 200
        assert len(drawn.tile("parcels", z, x, y).get("parcels", [])) == 1


def test_a_tile_as_text(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        hand_in(
            conn,
            lot("1", 0, 0, 30, 20),
            lot("2", 30, 0, 60, 20, land_use="CLN"),
            lot("3", 0, 20, 0.02, 20.02),
        )
        conn.commit()
        drawn = Drawn(client, server.conninfo)
        tile = drawn.tile("parcels", *tile_at(14, 1, 1))
        assert text(tile["parcels"], "number", "land_use") == SNAPSHOT


SNAPSHOT = """\
1 ODT: Polygon 0,0 52,0 52,35 0,35 0,0
2 CLN: Polygon 0,0 53,0 53,35 0,35 0,0
3 ODT: Polygon 0,0 1,0 1,1 0,1 0,0"""


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/tiles/parcels/14/16384/0.mvt", "no tile 14/16384/0"),
        ("/tiles/parcels/0/0/1.mvt", "no tile 0/0/1"),
        ("/tiles/parcels/23/0/0.mvt", "no tile 23/0/0"),
        ("/tiles/parcels/99/0/0.mvt", "no tile 99/0/0"),
        ("/tiles/owners/14/0/0.mvt", "no layer “owners”"),
        ("/tiles/parcels,/14/0/0.mvt", "no layer “”"),
        ("/tiles/parcels/14/-1/0.mvt", "Tiles are at"),
        ("/tiles/parcels/14/1e3/0.mvt", "Tiles are at"),
        ("/tiles/parcels/14/00000000000000001/0.mvt", "Tiles are at"),
        ("/tiles/../14/0/0.mvt", "nothing"),
        ("/tiles/owners.json", "no layer “owners”"),
    ],
)
def test_a_tile_there_is_not_is_told_so(drawn: Drawn, path: str, says: str) -> None:
    problem = drawn.client.get(path)
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "/problems/not-found"
    assert says in problem.json()["detail"]


def test_the_description_names_layers_zooms_and_bounds(drawn: Drawn) -> None:
    described = drawn.client.get("/tiles/labels,parcels.json").json()
    assert described["tilejson"] == "3.0.0"
    assert described["tiles"] == [
        str(drawn.client.base_url.join("/tiles/parcels,labels/")) + "{z}/{x}/{y}.mvt"
    ]
    layers = {layer["id"]: layer for layer in described["vector_layers"]}
    assert {name: layer["minzoom"] for name, layer in layers.items()} == {"parcels": 14, "labels": 16}
    assert (described["minzoom"], described["maxzoom"]) == (14, 18)
    tile = drawn.tile("parcels,labels", *tile_at(16, 10, 10))
    for name, layer in layers.items():
        assert set(tile[name][0]["properties"]) == set(layer["fields"]) - {"state"}  # all are registered
    west, south, east, north = described["bounds"]
    (lon_deg,), (lat_deg,) = crs.to_wgs84(EPSG, np.array([EAST + 10]), np.array([NORTH + 10]))
    assert west < lon_deg < east
    assert south < lat_deg < north


def test_the_style_draws_only_layers_and_attributes_there_are(drawn: Drawn) -> None:
    style = drawn.client.get("/tiles/style.json").json()
    described = drawn.client.get(style["sources"]["register"]["url"]).json()
    layers = {layer["id"]: set(layer["fields"]) for layer in described["vector_layers"]}
    for layer in style["layers"]:
        if "source-layer" in layer:
            assert attributes(layer) <= layers[layer["source-layer"]], layer["id"]


def attributes(expression: object) -> set[str]:
    """Attributes an expression reads."""
    if isinstance(expression, dict):
        return set().union(*map(attributes, expression.values()))
    if isinstance(expression, list):
        if len(expression) == 2 and expression[0] == "get" and isinstance(expression[1], str):
            return {expression[1]}
        return set().union(*map(attributes, expression))
    return set()


def numbers_at(drawn: Drawn, tile: tuple[int, int, int]) -> set[str]:
    """The numbers of sheets that stand in a tile."""
    found = drawn.tile("sheets", *tile).get("sheets", [])
    return {f["properties"]["number"] for f in found if f["geometry"]["type"] == "Point"}


@pytest.mark.parametrize("z", [12, 14, 16])
def test_a_number_that_moves_to_ground_nobody_touched_changes_the_stamp_there(server: Served, z: int) -> None:
    """Of a sheet in two far parts one goes: its number moves to the other, whose cell no parcel of the correction is in."""
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        hand_in(conn, lot("1", 0, 0, 30, 20))
        big = hand_in(conn, lot("2", 60_000, 60_000, 60_600, 60_500))
        conn.commit()
        here, there = tile_at(z, 15, 10), tile_at(z, 60_300, 60_250)
        assert (numbers_at(drawn, here), numbers_at(drawn, there)) == (set(), {"1"})
        before = {tile: drawn.fetch("sheets", *tile).headers["etag"] for tile in (here, there)}
        seq = drawn.client.get("/tiles/sheets.json?v=now").json()["tiles"][0].rpartition("=")[2]
        assert big.correction is not None
        revert(conn, big.correction, "tester")
        conn.commit()
        for tile in (here, there):
            answer = drawn.fetch("sheets", *tile, **{"if-none-match": before[tile]})
            assert (answer.status_code, answer.headers["etag"] != before[tile]) == (200, True)
            old = drawn.client.get("/tiles/sheets/{}/{}/{}.mvt".format(*tile), params={"v": seq})
            assert old.status_code == 307
        assert (numbers_at(drawn, here), numbers_at(drawn, there)) == ({"1"}, set())
        touched = {
            key
            for (key,) in conn.execute(
                "select key from map_change where correction = (select max(id) from correction)"
            )
        }
        assert cell_key(*tile_at(14, 15, 10)[1:]) in touched  # who follows is told


def test_a_commune_that_comes_on_the_map_is_new_wherever_its_outline_is(server: Served) -> None:
    """A commune is drawn where it has parcels: with its first one, tiles far from that show it too; with the last it goes."""
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn = Drawn(client, server.conninfo)
        corners = "st_expand(st_setsrid(st_makepoint(%s, %s), %s), 20000)"
        (outline,) = conn.execute(
            f"select st_asbinary(st_transform({corners}, 4326))", (EAST, NORTH, EPSG)
        ).fetchone()  # type: ignore[misc]
        put_outlines(conn, [("20194", None, bytes(outline))])
        conn.commit()
        far = [tile_at(z, 15_000, 15_000) for z in (11, 15)]
        states = [[drawn.fetch("communes", *tile) for tile in far]]
        made = hand_in(conn, lot("1", 0, 0, 30, 20))
        conn.commit()
        states.append([drawn.fetch("communes", *tile) for tile in far])
        hand_in(conn, lot("2", 40, 0, 70, 20))
        conn.commit()
        states.append([drawn.fetch("communes", *tile) for tile in far])
        assert [[bool(a.content) for a in answers] for answers in states] == [
            [False] * 2,
            [True] * 2,
            [True] * 2,
        ]
        for k in range(2):
            tags = [answers[k].headers["etag"] for answers in states]
            assert tags[0] != tags[1]
        assert (
            states[1][1].headers["etag"] == states[2][1].headers["etag"]
        )  # a second parcel changes nothing there
        assert made.correction is not None
