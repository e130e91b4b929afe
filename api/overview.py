"""What is here: the register in numbers, administrative units, and whether the server is well."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.openapi import problems
from api.reply import Reply
from api.shapes import Register, Units
from geo.text import fold
from register.find import rows

router = APIRouter()


@router.get(
    "/api/v1/register",
    tags=["register"],
    summary="The register in numbers, its extent and its communes",
    response_class=Response,
    responses={200: {"model": Register, "description": "Counted now"}},
)
async def get_register(request: Request) -> Response:
    """For the first view of a map."""
    async with request.app.state.pool.connection() as conn:
        (summary,) = await rows(conn, "summary")
        summary["communes"] = await rows(conn, "communes")
    last = summary["last_correction"]
    summary["last_correction"] = orjson.loads(last) if isinstance(last, str) else None
    return Reply(200, orjson.dumps(summary)).response()


@router.get(
    "/api/v1/units",
    tags=["units"],
    summary="Administrative units by name or code, today's first",
    response_class=Response,
    responses={200: {"model": Units, "description": "At most `limit` units"}, **problems(422)},
)
async def get_units(
    request: Request,
    q: Annotated[
        str, Query(max_length=100, description="words of the name, accents optional; or a code")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Former units are found too (`valid_to`): old papers name them."""
    async with request.app.state.pool.connection() as conn:
        units = await rows(conn, "units")
    wanted = fold(q)
    found = [u for u in units if wanted in fold(f"{u['kind']} {u['name']}") or u["code"] == wanted]
    return Reply(200, orjson.dumps({"units": found[:limit]})).response()


@router.get(
    "/health", tags=["server"], summary="Whether the server and its register answer", responses=problems(503)
)
async def health(request: Request) -> dict[str, str]:
    """`ok`, or a problem 503."""
    async with request.app.state.pool.connection(timeout=2) as conn:
        await conn.execute("select 1")
    return {"status": "ok"}
