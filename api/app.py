"""The server: FastAPI for most questions, and before its router a fast door for tiles, parcels by code and the page."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

from api import (
    accounts,
    address_batch,
    address_files,
    addresses,
    changes,
    corrections,
    downloads,
    errors,
    history,
    maps,
    office,
    openapi,
    overview,
    packages,
    packs,
    parcels,
    people,
    plans,
    resolve,
    scans,
    slivers,
    surveys,
    tile_ahead,
    uploads,
    webhooks,
)
from api.address_files import AT_ONCE as ADDRESS_FILES_AT_ONCE
from api.address_search import AddressSearch
from api.allowance import Allowance, Attempts
from api.archives import PREFIX as ARCHIVE_PREFIX
from api.archives import Archives
from api.change_events import ChangeWakes
from api.headers import secured
from api.limits import Limits
from api.lookup import PREFIX as PARCEL_PREFIX
from api.lookup import current_reply, parcel_reply, wanted
from api.office import AT_ONCE as OFFICES_AT_ONCE
from api.ogc import answering
from api.ogc import routes as ogc
from api.ogc import tiles as ogc_tiles
from api.page import StaticPage
from api.people import AT_ONCE as PEOPLE_AT_ONCE
from api.reply import App, Receive, Scope, Send, header
from api.scan_tiles import ENDINGS as SCAN_ENDINGS
from api.scan_tiles import PREFIX as SCAN_PREFIX
from api.scan_tiles import ScanTiles
from api.scans import AT_ONCE as SCANS_AT_ONCE
from api.survey_events import Wakes
from api.tile_events import TileEvents
from api.tiles import PREFIX as TILE_PREFIX
from api.tiles import Asked, Tiles
from api.together import Together
from register.connect import ASKER, READER, open_editors, open_pool
from tiles.blocks import MOST_BYTES as BLOCK_BYTES
from tiles.finished import MOST_BYTES, Finished
from tiles.revisions import AT_ONCE as LOOKS_AT_ONCE
from tiles.warm import warm

_LONGEST_QUERY = 2048
_PARCEL_SLASHES = PARCEL_PREFIX.count("/")
_OWN_PATHS = ("/api/", "/tiles/", "/health", "/ogc")
_TILE_OPTIONS = f"{READER} -c statement_timeout=20000"
# Looks find the few rows that are new by indexes, whatever the planner believed of tables when it planned: it plans once.
_LOOK_OPTIONS = f"{_TILE_OPTIONS} -c enable_seqscan=off -c enable_sort=off"
_TILE_WAIT_S = 10.0


Beside = Callable[[asyncio.Event], Awaitable[None]]


class Server:
    """The whole server as an ASGI application; `tiles`: what answers for tiles, for a protocol that does so by itself."""

    def __init__(self, app: App, tiles: Tiles) -> None:
        self._app = app
        self.tiles = tiles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's life."""
        await self._app(scope, receive, send)


def create_app(
    conninfo: str,
    schema: str = "register",
    page: Path | None = None,
    limits: Limits | None = None,
    beside: Sequence[Beside] = (),
    scans: Path | None = None,
    tile_bytes: int = MOST_BYTES,
    shared_tiles: Path | None = None,
    archives: Path | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Server:
    """The whole server over one register; `page` is the folder of the built web page, served at `/`.

    It opens its database connections when the server starts it (lifespan), and closes them at the end. What stands in
    `beside` (a worker) runs in the server's loop from start to end: it is called with the event that tells it to stop.
    `scans`: folder of the files of scanned sheets; without one none are kept or served. `archives`: folder of archives of
    the map that are served. Finished tiles are kept in memory, `tile_bytes` of them, and in the folder `shared_tiles` for
    all processes of one server, where there is one; of what tiles are made of, `block_bytes` are kept in memory.
    """
    pool = open_pool(conninfo, schema, 4)
    # tiles are pure work for the database: a pool of their own, so that a storm of them never delays a look-up
    tile_pool = open_pool(conninfo, schema, min(16, 4 * (os.cpu_count() or 1)), _TILE_OPTIONS, _TILE_WAIT_S)
    looker = open_pool(conninfo, schema, LOOKS_AT_ONCE + 1, _LOOK_OPTIONS, _TILE_WAIT_S)
    tiles = Tiles(tile_pool, looker, Finished(tile_bytes, shared_tiles), block_bytes)
    api = _api(pool, (tile_pool, looker), tiles, beside)
    api.state.tiles = tiles
    # surveys have connections of their own: a slow hand-in never delays a look-up
    api.state.survey_pool = open_pool(conninfo, schema, 4)
    # steps of corrections run on threads, over connections that keep their temporary tables
    api.state.edit_pool = open_editors(conninfo, schema, 4)
    api.state.wakes = Wakes(conninfo, schema)
    # lists of keys are long: they delay no single look-up
    api.state.batch_pool = open_pool(conninfo, schema, 2)
    # and so has the feed: whoever takes over the whole register delays nobody
    api.state.feed_pool = open_pool(conninfo, schema, 2)
    api.state.change_wakes = ChangeWakes(conninfo, schema)
    api.state.tile_events = TileEvents(api.state.feed_pool, api.state.change_wakes)
    # GIS programs ask in any shape, and page through all there is
    api.state.feature_pool = open_pool(conninfo, schema, 4, ASKER)
    api.state.addresses, api.state.address_batches = AddressSearch(conninfo, schema), 0
    api.state.limits = limits = limits or Limits()
    api.state.hour_bytes, api.state.hour_surveys = (
        Allowance(limits.hour_bytes),
        Allowance(limits.hour_surveys),
    )
    api.state.attempts, api.state.people_turns = Attempts(), asyncio.Semaphore(PEOPLE_AT_ONCE)
    api.state.download_turns = downloads.Turns()
    api.state.address_turns = asyncio.Semaphore(ADDRESS_FILES_AT_ONCE)
    api.state.office_turns = asyncio.Semaphore(OFFICES_AT_ONCE)
    api.state.archives_folder, api.state.pack_locks = archives, {}
    api.state.conninfo, api.state.schema = conninfo, schema
    api.state.scans_folder, api.state.scans_waiting = scans, 0
    api.state.scan_turns = asyncio.Semaphore(SCANS_AT_ONCE)
    door = _door(api, pool, tiles, StaticPage(page), ScanTiles(tile_pool, scans), Archives(archives))
    return Server(secured(door), tiles)


def _api(
    pool: AsyncConnectionPool,
    tile_pools: Sequence[AsyncConnectionPool],
    tiles: Tiles,
    beside: Sequence[Beside],
) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pools = (app.state.survey_pool, app.state.batch_pool, app.state.feed_pool, app.state.feature_pool)
        async with AsyncExitStack() as stack:
            for one in (pool, *tile_pools, *pools):
                await stack.enter_async_context(one)
            app.state.edit_pool.open()
            wakes = app.state.wakes, app.state.change_wakes
            listening = [asyncio.create_task(one.listen()) for one in wakes]
            listening.append(asyncio.create_task(app.state.addresses.keep(app.state.change_wakes)))
            listening.append(asyncio.create_task(app.state.tile_events.keep()))
            listening.append(asyncio.create_task(tile_ahead.keep(tiles, app.state.change_wakes)))
            warming = asyncio.create_task(asyncio.to_thread(warm))
            stop = asyncio.Event()
            tasks = [asyncio.ensure_future(run(stop)) for run in beside]
            try:
                yield
            finally:
                stop.set()
                for task in listening:
                    task.cancel()
                await asyncio.gather(*listening, *tasks, warming, return_exceptions=True)
                await tiles.close()
                await asyncio.to_thread(app.state.edit_pool.close)

    app = FastAPI(
        title="Địa Chính",
        summary="The open cadastral map service: parcels, codes, digital addresses, tiles",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.pool = pool
    modules = (
        parcels,
        history,
        changes,
        address_files,
        addresses,
        address_batch,
        overview,
        scans,
        maps,
        packages,
        packs,
        surveys,
        uploads,
        people,
        accounts,
        office,
        corrections,
        slivers,
        resolve,
        webhooks,
        downloads,
        plans,
        ogc,
        ogc_tiles,
    )
    for module in modules:
        app.include_router(module.router)
    app.state.routes = [route for module in modules for route in module.router.routes]
    errors.install(app)
    openapi.describe(app)
    return app


def _door(
    api: FastAPI,
    pool: AsyncConnectionPool,
    tiles: Tiles,
    page: StaticPage,
    scan_tiles: ScanTiles,
    archives: Archives,
) -> App:
    together = Together(pool)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await api(scope, receive, send)
            return
        path: str = scope["path"]
        longest = answering.LONGEST_QUERY if path.startswith("/ogc/") else _LONGEST_QUERY
        if len(scope["query_string"]) > longest:
            await errors.too_long(path, longest).send(send)
        elif scope["method"] not in ("GET", "HEAD"):
            await api(scope, receive, send)
        elif path.endswith(".mvt") and path.startswith(TILE_PREFIX):
            await _tile(scope, send, tiles)
        elif path.startswith(SCAN_PREFIX) and path.endswith(SCAN_ENDINGS):
            await scan_tiles.answer(scope, send)
        elif path.startswith(ARCHIVE_PREFIX):
            await archives.answer(scope, send)
        elif path.startswith(PARCEL_PREFIX) and path.count("/") == _PARCEL_SLASHES and path != PARCEL_PREFIX:
            await _parcel(scope, send, pool, together)
        elif path.startswith(_OWN_PATHS):
            await api(scope, receive, send)
        else:
            await page.reply(scope).send(send, head=scope["method"] == "HEAD")

    return door


async def _parcel(scope: Scope, send: Send, pool: AsyncConnectionPool, together: Together) -> None:
    """Answer for one parcel: as it is together with others who ask now, as it was over a connection of its own."""
    asked = wanted(scope["query_string"], header(scope, b"if-none-match"))
    code = scope["path"][len(PARCEL_PREFIX) :]
    try:
        if asked.as_of is None and asked.known_at is None:
            reply = await current_reply(together, code, asked.crs)
        else:
            async with pool.connection() as conn:
                reply = await parcel_reply(conn, code, asked)
    except Exception as error:
        reply = errors.problem_of(error, scope["path"])
    await reply.send(send, head=scope["method"] == "HEAD")


async def _tile(scope: Scope, send: Send, tiles: Tiles) -> None:
    """Answer with one tile; whatever goes wrong is answered as a problem, which nobody may keep."""
    said = (header(scope, name) for name in (b"accept-encoding", b"if-none-match", b"authorization"))
    try:
        reply = await tiles.reply(scope["path"], Asked(scope["query_string"], *said))
    except Exception as error:
        reply = errors.problem_of(error, scope["path"])
        reply = replace(reply, headers={**reply.headers, "cache-control": "no-store"})
    await reply.send(send, head=scope["method"] == "HEAD")
