"""What is said of tiles (OGC API - Tiles 1.0, OGC 17-083r4): tile matrix sets, tilesets of the map and of a collection."""

from collections.abc import Mapping, Sequence

from api.ogc.documents import JSON, Document, link
from api.tiles import MVT
from geo.tile_matrix import WEB_MERCATOR_QUAD, TileMatrixSet, of_zone
from register.features.collections import COLLECTIONS
from register.features.systems import CRS84
from tiles.layers import DETAIL_ZOOM, LAYERS, OPEN, Layer
from tiles.zone_tile import IN_ZONES, LEVELS_BEFORE

TILED = tuple(name for name in COLLECTIONS if name in LAYERS)
"""Collections that are layers of the map too."""

_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_JSON_TYPES: Mapping[str, str] = {"area": "number", "room": "number", "scale": "integer"}
_TILE = "{tileMatrix}/{tileRow}/{tileCol}"
_CELLS = 256  # of a tile, as the standard counts
_DIMENSION = {"parcels": 2, "communes": 2, "labels": 0}


def grids(zones: Sequence[int]) -> list[TileMatrixSet]:
    """The sets tiles are given in: the web map's and those of the zones of the register."""
    return [WEB_MERCATOR_QUAD, *map(of_zone, zones)]


def layers_in(grid: TileMatrixSet, layers: Sequence[Layer]) -> list[Layer]:
    """Those of `layers` that there are in a grid."""
    return [layer for layer in layers if grid is WEB_MERCATOR_QUAD or layer in IN_ZONES]


def matrix_sets(base: str, zones: Sequence[int]) -> Document:
    """The list of tile matrix sets."""
    told = []
    for grid in grids(zones):
        one: Document = {"id": grid.identity, "title": grid.title, "crs": grid.crs}
        if grid.uri is not None:
            one["uri"] = grid.uri
        one["links"] = [link(f"{base}/tileMatrixSets/{grid.identity}", "self", JSON, grid.title)]
        told.append(one)
    return {"title": "Lưới ô bản đồ / tile matrix sets", "links": [], "tileMatrixSets": told}


def matrix_set(grid: TileMatrixSet) -> Document:
    """The definition of a set (17-083r4, 7.1): `pointOfOrigin` east before north, as `orderedAxes` says."""
    told: Document = {"id": grid.identity, "title": grid.title}
    if grid.uri is not None:
        told["uri"] = grid.uri
    return told | {
        "crs": grid.crs,
        "orderedAxes": ["E", "N"],
        "links": [],
        "tileMatrices": [
            {
                "id": str(level),
                "scaleDenominator": scale,
                "cellSize": cell_m,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [grid.west_m, grid.north_m],
                "tileWidth": _CELLS,
                "tileHeight": _CELLS,
                "matrixWidth": grid.columns << level,
                "matrixHeight": grid.rows << level,
            }
            for level, scale, cell_m in grid.matrices()
        ],
    }


def tilesets(base: str, zones: Sequence[int], collection: str | None) -> Document:
    """The tilesets there are: of the whole map, or of one collection."""
    layers = _of(collection)
    told = [_item(base, grid, collection) for grid in grids(zones) if layers_in(grid, layers)]
    return {"title": _title(collection), "links": [], "tilesets": told}


def tileset(base: str, grid: TileMatrixSet, collection: str | None, box: Sequence[float] | None) -> Document:
    """The metadata of one tileset; `box`: west, south, east, north of the map in degrees."""
    before = 0 if grid is WEB_MERCATOR_QUAD else LEVELS_BEFORE
    deepest = str(min(DETAIL_ZOOM, grid.levels - 1))
    here = _path(base, grid, collection)
    layers = layers_in(grid, _of(collection))
    told = _item(base, grid, collection)
    told["links"] = [one for one in told["links"] if one["rel"] != "self"]
    told["links"].append(link(f"{here}/{_TILE}?f=mvt", "item", MVT, "Ô bản đồ / tiles") | {"templated": True})
    if grid is WEB_MERCATOR_QUAD:
        names = ",".join(layer.name for layer in layers)
        told["links"].append(
            link(f"{base.removesuffix('/ogc')}/tiles/{names}.json", "describedby", JSON, "TileJSON")
        )
    told["layers"] = [_layer(layer, max(0, layer.min_zoom - before), deepest) for layer in layers]
    if box is not None:
        west, south, east, north = box
        told["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri}
        told["centerPoint"] = {"coordinates": [(west + east) / 2, (south + north) / 2], "crs": CRS84.uri}
    return told


def of_collection(base: str, name: str) -> list[Document]:
    """The link of a collection to its tilesets, where it has any."""
    if name not in TILED:
        return []
    href = f"{base}/collections/{name}/tiles"
    return [link(href, f"{_REL}tilesets-vector", JSON, "Ô bản đồ / vector tiles")]


def of_map(base: str) -> list[Document]:
    """The links of the landing page."""
    return [
        link(f"{base}/tiles", f"{_REL}tilesets-vector", JSON, "Ô bản đồ / vector tiles"),
        link(f"{base}/tileMatrixSets", f"{_REL}tiling-schemes", JSON, "Lưới ô / tile matrix sets"),
    ]


def _of(collection: str | None) -> list[Layer]:
    return [LAYERS[collection]] if collection is not None else list(OPEN.values())


def _title(collection: str | None) -> str:
    if collection is None:
        return "Bản đồ địa chính / cadastral map"
    of = COLLECTIONS[collection]
    return f"{of.title_vi} / {of.title_en}"


def _path(base: str, grid: TileMatrixSet, collection: str | None) -> str:
    return f"{base}{'' if collection is None else f'/collections/{collection}'}/tiles/{grid.identity}"


def _item(base: str, grid: TileMatrixSet, collection: str | None) -> Document:
    told: Document = {
        "title": f"{_title(collection)}: {grid.title}",
        "dataType": "vector",
        "crs": grid.crs,
        "links": [
            link(_path(base, grid, collection), "self", JSON, "Mô tả / metadata"),
            link(f"{base}/tileMatrixSets/{grid.identity}", f"{_REL}tiling-scheme", JSON, grid.title),
        ],
    }
    if grid.uri is not None:
        told["tileMatrixSetURI"] = grid.uri
    return told


def _layer(layer: Layer, first: int, deepest: str) -> Document:
    told: Document = {
        "id": layer.name,
        "description": layer.text_en,
        "dataType": "vector",
        "minTileMatrix": str(first),
        "maxTileMatrix": str(min(int(deepest), layer.max_zoom)),
        "propertiesSchema": {
            "type": "object",
            "properties": {
                name: {"title": text, "type": _JSON_TYPES.get(name, "string")}
                for name, text in layer.fields.items()
            },
        },
    }
    if layer.name in _DIMENSION:
        told["geometryDimension"] = _DIMENSION[layer.name]
    return told
