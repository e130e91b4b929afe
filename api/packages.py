"""`/api/v1/communes/{code}/package`: a commune's parcels in one file, for checking surveys without a network."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.openapi import problems
from importers.package import packed
from register.connect import connect
from register.find import rows
from register.near import Near
from register.statements import load

router = APIRouter(prefix="/api/v1", tags=["surveys"])
MEDIA = "application/vnd.apache.arrow.file"
# A commune of 150,000 parcels takes seconds: a few of those at once are no rush.
_AT_ONCE = asyncio.Semaphore(2)


@router.get(
    "/communes/{code}/package",
    summary="A commune's package for checking surveys offline",
    response_class=Response,
    responses={
        200: {"content": {MEDIA: {}}, "description": "For `diachinh check --package`"},
        304: {"description": "Nothing changed since"},
        **problems(404, 422),
    },
)
async def get_package(
    request: Request, code: Annotated[str, Path(pattern="^[0-9]{5}$", examples=["20194"])]
) -> Response:
    """Current parcels (codes, numbers, land use, areas, shapes in the commune's VN-2000 zone) and the lists in force."""
    state = request.app.state
    async with state.pool.connection() as conn:
        (last,) = await rows(conn, "last_applied")
    headers = {"etag": f'"{code}-{last["id"]}"', "cache-control": "no-cache"}
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    async with _AT_ONCE:
        content = await asyncio.to_thread(package_of, state.conninfo, state.schema, code)
    headers["content-disposition"] = f'attachment; filename="xa-{code}.arrow"'
    return Response(content, headers=headers, media_type=MEDIA)


def package_of(conninfo: str, schema: str, commune: str) -> bytes:
    """The package as it stands now. Raises: NotFoundError."""
    with connect(conninfo, schema) as conn:
        conn.execute(load("register", "survey_runs.sql")["snapshot"])
        return packed(*Near(conn).package(commune))
