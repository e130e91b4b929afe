"""OGC API - Tiles: what the service says of its tiles is so, in the web map's grid and in the zone's own."""

from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from shapely.geometry import shape

from geo import crs, tile_matrix
from geo.tile_matrix import WEB_MERCATOR_QUAD
from tests.api.asked import STREET, Asked
from tests.api.ogc.pages import epsg, link
from tests.register.handed_in import EAST, EPSG, NORTH

GRID = f"VN2000-{EPSG}"
LEVEL = 10


def decoded(asked: Asked, path: str, **query: object) -> dict[str, Any]:
    answer = asked.get(path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    told = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in told.items()}


def place(level: int, column_m: float = EAST, row_m: float = NORTH) -> tuple[int, int]:
    """Row and column of the tile of the street's corner."""
    grid = tile_matrix.of_zone(EPSG)
    side = grid.side_m / (1 << level)
    return int((grid.north_m - row_m) // side), int((column_m - grid.west_m) // side)


def test_from_the_landing_page_to_a_tile_by_links_alone(asked: Asked) -> None:
    told = asked.json("/ogc")
    root = link(told, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")
    assert root is not None
    sets = asked.client.get(root).json()["tilesets"]
    assert [one["crs"] for one in sets] == [epsg(3857), epsg(EPSG)]
    for one in sets:
        href = link(one, "self")
        assert href is not None
        tileset = asked.client.get(href).json()
        assert tileset["dataType"] == "vector"
        west, south, east, north = *tileset["boundingBox"]["lowerLeft"], *tileset["boundingBox"]["upperRight"]
        assert 108.1 < west < east < 108.3
        assert 16.0 < south < north < 16.2
        scheme = link(tileset, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")
        assert scheme is not None
        grid = asked.client.get(scheme).json()
        assert grid["crs"] == one["crs"]
        layers = {layer["id"]: layer for layer in tileset["layers"]}
        level = int(layers["parcels"]["minTileMatrix"]) + 2
        matrix = grid["tileMatrices"][level]
        side = matrix["cellSize"] * matrix["tileWidth"]
        x, y = (EAST, NORTH) if one["crs"] == epsg(EPSG) else _web()
        column = int((x - matrix["pointOfOrigin"][0]) // side)
        row = int((matrix["pointOfOrigin"][1] - y) // side)
        template = link(tileset, "item")
        assert template is not None
        for name, value in (("tileMatrix", level), ("tileRow", row), ("tileCol", column)):
            template = template.replace(f"{{{name}}}", str(value))
        got = decoded(asked, template)
        numbers = {one["properties"]["number"] for one in got["parcels"]}
        assert {"1", "2", "3", "4"} <= numbers <= {one.number for one in STREET}
        for name, features in got.items():
            told_names = set(layers[name]["propertiesSchema"]["properties"])
            assert {key for one in features for key in one["properties"]} <= told_names


def _web() -> tuple[float, float]:
    (x,), (y,) = crs.to_web(EPSG, [EAST], [NORTH])
    return float(x), float(y)


def test_in_the_grid_of_their_zone_parcels_stand_at_their_surveyed_metre(asked: Asked) -> None:
    row, column = place(LEVEL)
    west, south, east, north = tile_matrix.of_zone(EPSG).bounds(LEVEL, column, row)
    unit_m = (east - west) / 4096
    got = decoded(asked, f"/ogc/collections/parcels/tiles/{GRID}/{LEVEL}/{row}/{column}")
    assert set(got) == {"parcels"}
    surveyed = {
        asked.codes[one.sheet, one.number]: shapely.affinity.translate(one.shape, EAST, NORTH)
        for one in STREET
    }
    drawn = {
        one["properties"]["code"]: shapely.affinity.affine_transform(
            shape(one["geometry"]), [unit_m, 0, 0, -unit_m, west, north]
        )
        for one in got["parcels"]
    }
    assert drawn.keys() == surveyed.keys()
    seen = shapely.box(west, south, east, north).buffer(64 * unit_m, join_style="mitre")
    far = {code: drawn[code].hausdorff_distance(surveyed[code] & seen) for code in surveyed}
    assert max(far.values()) < unit_m, far


def test_the_web_grid_gives_the_tiles_of_the_map(asked: Asked) -> None:
    x, y = _web()
    side = WEB_MERCATOR_QUAD.side_m / (1 << 16)
    column, row = int((x - WEB_MERCATOR_QUAD.west_m) // side), int((WEB_MERCATOR_QUAD.north_m - y) // side)
    by_standard = asked.get(f"/ogc/tiles/WebMercatorQuad/16/{row}/{column}", collections="parcels,sheets")
    of_map = asked.get(f"/tiles/sheets,parcels/16/{column}/{row}.mvt")
    assert by_standard.content == of_map.content != b""
    assert by_standard.headers["etag"] == of_map.headers["etag"]


def test_a_tile_that_did_not_change_is_not_sent_again(asked: Asked) -> None:
    row, column = place(LEVEL)
    path = f"/ogc/tiles/{GRID}/{LEVEL}/{row}/{column}"
    first = asked.get(path)
    again = asked.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    row, column = place(LEVEL + 1)
    below = f"/ogc/tiles/{GRID}/{LEVEL + 1}/{row}/{column}"
    assert decoded(asked, below, collections="labels").keys() == {"labels"}
    assert decoded(asked, f"/ogc/tiles/{GRID}/4/{place(4)[0]}/{place(4)[1]}") == {}
    assert decoded(asked, f"/ogc/tiles/{GRID}/{LEVEL}/0/0") == {}


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/ogc/tiles/WorldCRS84Quad", {}, 404),
        ("/ogc/tileMatrixSets/VN2000-4326", {}, 404),
        ("/ogc/tiles/VN2000-5899/19/0/0", {}, 404),
        ("/ogc/tiles/VN2000-5899/3/16/0", {}, 404),
        ("/ogc/tiles/VN2000-5899/3/-1/0", {}, 404),
        ("/ogc/tiles/VN2000-5899/3/99999999999999999999/0", {}, 404),
        ("/ogc/tiles/WebMercatorQuad/31/0/0", {}, 404),
        ("/ogc/tiles/WebMercatorQuad/2/9/0", {}, 404),
        ("/ogc/tiles/WebMercatorQuad/14/7436/13112", {"collections": "owners"}, 404),
        ("/ogc/tiles/WebMercatorQuad/14/7436/13112", {"f": "png"}, 400),
        ("/ogc/tiles/WebMercatorQuad/14/7436/13112", {"when": "now"}, 400),
        ("/ogc/collections/addresses/tiles/VN2000-5899", {}, 404),
        ("/ogc/collections/communes/tiles/VN2000-5899", {}, 404),
        ("/ogc/collections/owners/tiles", {}, 404),
    ],
)
def test_what_there_is_not_is_told(asked: Asked, path: str, query: dict[str, str], status: int) -> None:
    assert asked.problem(path, **query)["status"] == status
