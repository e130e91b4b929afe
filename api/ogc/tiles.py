"""`/ogc/tiles`: OGC API - Tiles over the tiles of the map, in the web map's grid and in those of VN-2000 zones."""

from collections.abc import Mapping

from fastapi import APIRouter, Request

from api.ogc import asking, tilesets
from api.ogc.answering import at, base_of, document_reply
from api.reply import Reply
from api.tiles import MVT, Asked, Tiles, etag, knows, takes_gzip
from geo import tile_matrix
from geo.tile_matrix import WEB_MERCATOR_QUAD, TileMatrixSet
from register.errors import InvalidKeyError, NotFoundError
from register.keys import printable
from tiles import tile, zone_tile
from tiles.finished import Key
from tiles.layers import LAYERS, OPEN, Layer, layers_named

router = APIRouter(include_in_schema=False)
_TILE = "/{grid}/{level}/{row}/{column}"


@at(router, "/tileMatrixSets")
async def matrix_sets(request: Request) -> Reply:
    """The list of tile matrix sets."""
    return document_reply(request, tilesets.matrix_sets(base_of(request), await _zones(request)))


@at(router, "/tileMatrixSets/{grid}")
async def matrix_set(request: Request) -> Reply:
    """One tile matrix set."""
    return document_reply(request, tilesets.matrix_set(_grid(request)))


@at(router, "/tiles")
async def map_tilesets(request: Request) -> Reply:
    """The tilesets of the whole map."""
    return document_reply(request, tilesets.tilesets(base_of(request), await _zones(request), None))


@at(router, "/collections/{name}/tiles")
async def collection_tilesets(request: Request) -> Reply:
    """The tilesets of a collection."""
    told = tilesets.tilesets(base_of(request), await _zones(request), _layer(request).name)
    return document_reply(request, told)


@at(router, "/tiles/{grid}")
async def map_tileset(request: Request) -> Reply:
    """One tileset of the whole map."""
    return await _tileset(request, None)


@at(router, "/collections/{name}/tiles/{grid}")
async def collection_tileset(request: Request) -> Reply:
    """One tileset of a collection."""
    return await _tileset(request, _layer(request).name)


@at(router, f"/tiles{_TILE}")
async def map_tile(request: Request) -> Reply:
    """A tile, of all layers or of those `collections=` names."""
    given = asking.parameters(request, ("f", "collections"))
    grid = _grid(request)
    layers = layers_named(given["collections"]) if "collections" in given else list(OPEN.values())
    return await _tile(request, grid, tilesets.layers_in(grid, layers), given)


@at(router, f"/collections/{{name}}/tiles{_TILE}")
async def collection_tile(request: Request) -> Reply:
    """A tile of one collection."""
    given, grid, layer = asking.parameters(request, ("f",)), _grid(request), _layer(request)
    layers = tilesets.layers_in(grid, [layer])
    if not layers:
        raise _no_tileset(layer.name, grid)
    return await _tile(request, grid, layers, given)


async def _tileset(request: Request, collection: str | None) -> Reply:
    grid = _grid(request)
    if collection is not None and not tilesets.layers_in(grid, [LAYERS[collection]]):
        raise _no_tileset(collection, grid)
    async with request.app.state.feature_pool.connection() as conn:
        box = await tile.extent(conn)
    return document_reply(request, tilesets.tileset(base_of(request), grid, collection, box))


async def _tile(
    request: Request, grid: TileMatrixSet, layers: list[Layer], given: Mapping[str, str]
) -> Reply:
    if given.get("f", "mvt") != "mvt":
        raise InvalidKeyError(
            f"f={printable(given['f'])} is not given here: tiles are f=mvt.",
            f"Không có dạng f={printable(given['f'])}: ô bản đồ là f=mvt.",
        )
    level, row, column = (_number(request, name) for name in ("level", "row", "column"))
    tiles: Tiles = request.app.state.tiles
    headers = request.headers
    encodings, known = headers.get("accept-encoding", ""), headers.get("if-none-match", "")
    if grid is WEB_MERCATOR_QUAD:
        names = ",".join(layer.name for layer in layers)
        path = f"/tiles/{names}/{level}/{column}/{row}.mvt"
        return await tiles.reply(path, Asked(b"", encodings, known, headers.get("authorization", "")))
    at_place = zone_tile.zone_tile(grid, level, column, row)
    packed = takes_gzip(encodings)
    await tiles.now.now()
    stamp = zone_tile.stamp(tiles.now, at_place)
    tag = etag(stamp, packed)
    told = {"etag": tag, "cache-control": "no-cache", "vary": "Accept-Encoding"}
    if knows(known, tag):
        return Reply(304, b"", MVT, told)

    async def make() -> bytes:
        async with tiles.pool.connection() as conn:
            return await zone_tile.build(conn, layers, at_place)

    names = ",".join(layer.name for layer in layers)
    made = await tiles.finished.tile(Key(f"{grid.identity}/{names}", level, column, row), stamp, packed, make)
    if made.packed:
        told["content-encoding"] = "gzip"
    return Reply(200, made.body, MVT, told)


async def _zones(request: Request) -> list[int]:
    async with request.app.state.feature_pool.connection() as conn:
        return await zone_tile.zones(conn)


def _grid(request: Request) -> TileMatrixSet:
    """The tile matrix set of the path. Raises: NotFoundError."""
    name = request.path_params["grid"]
    try:
        return tile_matrix.named(name)
    except ValueError:
        raise NotFoundError(
            f"There is no tile matrix set “{printable(name)}”: WebMercatorQuad, or VN2000- and the EPSG code of a zone.",
            f"Không có lưới ô “{printable(name)}”: WebMercatorQuad, hoặc VN2000- và mã EPSG của múi chiếu.",
        ) from None


def _layer(request: Request) -> Layer:
    """The layer of the collection of the path. Raises: NotFoundError."""
    name = request.path_params["name"]
    if name not in tilesets.TILED:
        raise NotFoundError(
            f"There are no tiles of “{printable(name)}”; there are of: {', '.join(tilesets.TILED)}.",
            f"Không có ô bản đồ của “{printable(name)}”; có của: {', '.join(tilesets.TILED)}.",
        )
    return LAYERS[name]


def _no_tileset(name: str, grid: TileMatrixSet) -> NotFoundError:
    return NotFoundError(
        f"{name} are not in {grid.identity}: take WebMercatorQuad.",
        f"{grid.identity} không có lớp {name}: hãy dùng WebMercatorQuad.",
    )


def _number(request: Request, name: str) -> int:
    """A whole number of the path. Raises: NotFoundError."""
    text = request.path_params[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise NotFoundError(
            f"“{printable(text)}” is not a place in the grid: level, row and column are whole numbers from 0 on.",
            f"“{printable(text)}” không phải vị trí trong lưới: mức, hàng và cột là số nguyên từ 0.",
        )
    return int(text)
