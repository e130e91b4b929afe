"""`/tiles`: tiles, their description and the style, as OpenAPI knows them (tiles are answered before the router)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.openapi import problems
from api.tiles import style_reply, tile_reply, tilejson_reply

router = APIRouter(prefix="/tiles", tags=["tiles"])

_Layers = Annotated[
    str, Path(description="comma-separated: communes, sheets, land_use, parcels, labels", max_length=64)
]


@router.get("/style.json", summary="The map's style for MapLibre", response_class=Response)
async def get_style(request: Request) -> Response:
    """Fonts are those the page serves under /fonts."""
    async with request.app.state.pool.connection() as conn:
        return (await style_reply(conn)).response()


@router.get(
    "/{layers}.json", summary="TileJSON 3.0 of some layers", response_class=Response, responses=problems(404)
)
async def get_tilejson(request: Request, layers: _Layers) -> Response:
    """`vector_layers` says from which zoom each layer has content; nothing is left out of a tile beyond that."""
    async with request.app.state.pool.connection() as conn:
        return (await tilejson_reply(conn, layers, str(request.base_url).rstrip("/"))).response()


@router.get(
    "/{layers}/{z}/{x}/{y}.mvt",
    summary="A vector tile",
    response_class=Response,
    responses={
        200: {"content": {"application/vnd.mapbox-vector-tile": {}}, "description": "Possibly empty"},
        304: {"description": "Unchanged since the ETag in If-None-Match"},
        **problems(404),
    },
)
async def get_tile(request: Request, layers: _Layers, z: int, x: int, y: int) -> Response:
    """4096 units, buffer 64; the ETag is the revision of the map cells shown, so 304 costs no building. The header
    `Generalised` names layers that show less than stands in the register, and the metres they are made of."""
    headers = request.headers
    path = f"/tiles/{layers}/{z}/{x}/{y}.mvt"
    state = request.app.state
    reply = await tile_reply(
        state.tile_pool,
        state.blocks,
        path,
        headers.get("accept-encoding", ""),
        headers.get("if-none-match", ""),
    )
    return reply.response()
