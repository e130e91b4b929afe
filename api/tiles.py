"""Tiles over HTTP: paths, stamps as ETags, compression. What stands in a tile is the business of `tiles`."""

import asyncio
import re

import orjson
from isal import igzip
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from api.reply import JSON, Reply
from register.errors import NotFoundError
from tiles import tile
from tiles.blocks import Blocks
from tiles.layers import layers_named
from tiles.style import families, style
from tiles.tilejson import tilejson

PREFIX = "/tiles/"
_TILE = re.compile(r"/tiles/([^/]{1,64})/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt")
_MVT = "application/vnd.mapbox-vector-tile"
_LARGE_BYTES = 1 << 17  # longer ones are compressed beside the event loop


async def tile_reply(
    pool: AsyncConnectionPool, blocks: Blocks, path: str, accept_encoding: str = "", known: str = ""
) -> Reply:
    """One tile of `/tiles/{layers}/{z}/{x}/{y}.mvt`; 304 without building it where `known` names its stamp.

    Raises: NotFoundError for paths, layers and places there are not.
    """
    match = _TILE.fullmatch(path)
    if match is None:
        raise NotFoundError(
            "Tiles are at /tiles/{layers}/{z}/{x}/{y}.mvt, for example /tiles/parcels,labels/16/52469/29745.mvt.",
            "Ô bản đồ ở /tiles/{lớp}/{z}/{x}/{y}.mvt, ví dụ /tiles/parcels,labels/16/52469/29745.mvt.",
        )
    layers = layers_named(match[1])
    at = tile.address(int(match[2]), int(match[3]), int(match[4]))
    gzipped = "gzip" in accept_encoding
    async with pool.connection() as conn:
        stamp = await tile.stamp(conn, layers, at)
    tag = f'"{stamp.text}-gz"' if gzipped else f'"{stamp.text}"'
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "Accept-Encoding"}
    if told := tile.generalised(layers, at):
        headers["generalised"] = told
    if known and tag in known:
        return Reply(304, b"", _MVT, headers)
    body = await tile.build(pool, blocks, layers, at, stamp)
    if gzipped and body:
        large = len(body) > _LARGE_BYTES
        body = await asyncio.to_thread(igzip.compress, body, 1) if large else igzip.compress(body, 1)
        headers["content-encoding"] = "gzip"
    return Reply(200, body, _MVT, headers)


async def tilejson_reply(conn: AsyncConnection[TupleRow], layers: str, base_url: str) -> Reply:
    """TileJSON 3.0 of some layers. Raises: NotFoundError."""
    described = tilejson(layers_named(layers), base_url, await tile.extent(conn))
    return Reply(200, orjson.dumps(described), JSON, {"cache-control": "no-cache"})


async def style_reply(conn: AsyncConnection[TupleRow]) -> Reply:
    """The map's style for MapLibre."""
    return Reply(200, orjson.dumps(style(await families(conn))), JSON, {"cache-control": "no-cache"})
