"""`/api/v1/addresses`: digital addresses by their code, and by words of the text address."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.openapi import problems
from api.reply import Reply, json_list
from api.shapes import Addresses
from register.find import addresses_by_code, addresses_by_text

router = APIRouter(prefix="/api/v1", tags=["addresses"])


@router.get(
    "/addresses/{code}",
    summary="What a digital address stands for",
    response_class=Response,
    responses={
        200: {"model": Addresses, "description": "The address in each scheme that has it"},
        **problems(404, 422),
    },
)
async def get_address(
    request: Request,
    code: Annotated[str, Path(description="any scheme; the `+` may be missing", examples=["7P8C35GH+8VQ"])],
) -> Response:
    """Addresses that only retired parcels bear are not found."""
    async with request.app.state.pool.connection() as conn:
        found = await addresses_by_code(conn, code)
    return Reply(200, f'{{"addresses":{json_list(found)}}}'.encode()).response()


@router.get(
    "/addresses",
    summary="Addresses by their words",
    response_class=Response,
    responses={200: {"model": Addresses, "description": "Best likeness first"}, **problems(422)},
)
async def search_addresses(
    request: Request,
    q: Annotated[
        str, Query(max_length=200, description="accents and case do not matter", examples=["12 tran phu"])
    ],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Response:
    """Every word must occur in the address."""
    async with request.app.state.pool.connection() as conn:
        found = await addresses_by_text(conn, q, limit)
    return Reply(200, f'{{"addresses":{json_list(found)}}}'.encode()).response()
