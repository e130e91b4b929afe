"""`/tiles`: tiles, their description and the style, as OpenAPI knows them (tiles are answered before the router)."""

import asyncio
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api.openapi import problems
from api.tiles import Asked, Tiles, style_reply, tilejson_reply
from tiles import sprite

router = APIRouter(prefix="/tiles", tags=["tiles"])

_Layers = Annotated[
    str, Path(description="comma-separated: communes, sheets, parcels, labels, addresses", max_length=64)
]


@router.get("/style.json", summary="The map's style for MapLibre", response_class=Response)
async def get_style(request: Request) -> Response:
    """Fonts are those the page serves under /fonts."""
    async with request.app.state.pool.connection() as conn:
        return (await style_reply(conn)).response()


@router.get(
    "/sprite{form}",
    summary="The images the style names (MapLibre sprite)",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "JSON or PNG"}, **problems(404, 422)},
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
) -> Response:
    """4096 units, buffer 64; the ETag is the revision of the map cells shown, so 304 costs no building."""
    tiles: Tiles = request.app.state.tiles
    said = (request.headers.get(name, "") for name in ("accept-encoding", "if-none-match", "authorization"))
    query = request.url.query.encode()
    return (await tiles.reply(f"/tiles/{layers}/{z}/{x}/{y}.mvt", Asked(query, *said))).response()
