"""`/tiles`: tiles, their description and the style, as OpenAPI knows them (tiles are answered before the router)."""

import asyncio
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.openapi import problems
from api.tile_events import TileEvents
from api.tile_moments import Moments, moments_reply
from api.tile_shapes import LegendTold
from api.tiles import Asked, Tiles, legend_reply, style_reply, tilejson_reply
from tiles import sprite
from tiles.layers import LAYERS
from tiles.looks import LOOKS

router = APIRouter(prefix="/tiles", tags=["tiles"])

_Layers = Annotated[
    str,
    Path(description=f"comma-separated: {', '.join(LAYERS)}", max_length=128),
]


@router.get("/style.json", summary="The map's style for MapLibre", response_class=Response)
async def get_style(request: Request) -> Response:
    """Fonts are those the page serves under /fonts."""
    async with request.app.state.pool.connection() as conn:
        return (await style_reply(conn)).response()


_Look = Annotated[str, Path(description=f"one of {', '.join(LOOKS)}", max_length=16)]


@router.get(
    "/styles/{look}.json",
    summary="The style in a look: for the screen, for paper, for every eye",
    response_class=Response,
    responses=problems(404),
)
async def get_look(request: Request, look: _Look) -> Response:
    """`/tiles/style.json` is the look `light`."""
    async with request.app.state.pool.connection() as conn:
        return (await style_reply(conn, look)).response()


@router.get(
    "/legends/{look}.json",
    summary="The key to the map in a look",
    responses={
        200: {"model": LegendTold, "description": "Groups of land uses with colours, codes, hatchings"},
        **problems(404),
    },
    response_class=Response,
)
async def get_legend(request: Request, look: _Look) -> Response:
    """Colours by group of land uses, and every code with its names and its hatching (an image of the sprite)."""
    async with request.app.state.pool.connection() as conn:
        return (await legend_reply(conn, look)).response()


@router.get(
    "/events",
    summary="Which tiles changed, as corrections are made",
    response_class=Response,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "First `here`, then `tiles` for each correction: `tiles` of zoom 14, or where many `regions`; and `units` "
            "when units changed, outlines handed in anew above all: fetch what shows communes or land uses again",
        },
        **problems(422),
    },
)
async def get_events(
    request: Request,
    since: Annotated[
        str | None, Query(max_length=64, description="`seq` of the last event seen; without it: from now on")
    ] = None,
) -> Response:
    """`id` is `seq`, the place of the correction in the feed; Last-Event-ID goes on where a line dropped."""
    events: TileEvents = request.app.state.tile_events
    after = await events.start(request.headers.get("last-event-id") or since)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events.stream(after), headers=headers, media_type="text/event-stream")


@router.get(
    "/moments.json",
    summary="When the map changed in a box",
    response_class=Response,
    responses={200: {"model": Moments, "description": "In the order of the feed"}, **problems(422)},
)
async def get_moments(
    request: Request,
    bbox: Annotated[
        str,
        Query(
            max_length=128, description="west,south,east,north in degrees", examples=["108.2,16,108.3,16.1"]
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=1000, description="most corrections: the last ones")] = 500,
) -> Response:
    """What `as_of=` of a tile is worth asking for: between two of these nothing changed."""
    tiles: Tiles = request.app.state.tiles
    return (await moments_reply(tiles.pool, bbox, limit)).response()


@router.get(
    "/sprite{form}",
    summary="The images the style names (MapLibre sprite)",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}, "application/json": {}}, "description": "JSON or PNG"},
        **problems(404, 422),
    },
)
async def get_sprite(
    form: Annotated[
        str, Path(pattern=r"^(@2x)?\.(json|png)$", max_length=8, description="@2x for fine screens")
    ],
) -> Response:
    """`sprite.json` says where each image stands in `sprite.png`."""
    ratio = 2 if form.startswith("@2x") else 1
    headers = {"cache-control": "public, max-age=86400"}
    if form.endswith(".png"):
        return Response(
            await asyncio.to_thread(sprite.picture, ratio), media_type="image/png", headers=headers
        )
    return Response(orjson.dumps(sprite.index(ratio)), media_type="application/json", headers=headers)


@router.get(
    "/{layers}.json", summary="TileJSON 3.0 of some layers", response_class=Response, responses=problems(404)
)
async def get_tilejson(
    request: Request,
    layers: _Layers,
    v: Annotated[
        Literal["now"] | None,
        Query(
            description="`now`: addresses that name the version of the map, for caches that keep them for ever"
        ),
    ] = None,
) -> Response:
    """`vector_layers` says from which zoom each layer has content; nothing is left out of a tile beyond that."""
    base_url = str(request.base_url).rstrip("/")
    async with request.app.state.pool.connection() as conn:
        return (await tilejson_reply(conn, request.app.state.tiles.now, layers, base_url, v)).response()


@router.get(
    "/{layers}/{z}/{x}/{y}.mvt",
    summary="A vector tile",
    response_class=Response,
    responses={
        200: {"content": {"application/vnd.mapbox-vector-tile": {}}, "description": "Possibly empty"},
        304: {"description": "Unchanged since the ETag in If-None-Match"},
        307: {"description": "The map is another since `v`: the address that names how it is now"},
        **problems(401, 403, 404, 422),
    },
)
async def get_tile(
    request: Request,
    layers: _Layers,
    z: int,
    x: int,
    y: int,
    v: Annotated[
        str | None, Query(description="version of the map, as TileJSON with `v=now` names it: kept for ever")
    ] = None,
    as_of: Annotated[
        str | None,
        Query(description="the map as the office knew it at an instant, or as it was by law on a day"),
    ] = None,
    known_at: Annotated[
        str | None, Query(description="with a day: as the office knew it at this instant")
    ] = None,
) -> Response:
    """4096 units, buffer 64; the ETag is the revision of the map cells shown, so 304 costs no building. The header
    `Generalised` names layers that show less than stands in the register, and the metres they are made of."""
    tiles: Tiles = request.app.state.tiles
    said = (request.headers.get(name, "") for name in ("accept-encoding", "if-none-match", "authorization"))
    query = request.url.query.encode()
    return (await tiles.reply(f"/tiles/{layers}/{z}/{x}/{y}.mvt", Asked(query, *said))).response()
