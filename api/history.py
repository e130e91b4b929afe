"""`/api/v1/parcels/{code}/history` and `/neighbours`: one parcel in time, and beside which it lies."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response

from api.openapi import problems
from api.past_shapes import History, Neighbours
from api.reply import Reply, of_the_past
from register.history import MOST_KIN, MOST_VERSIONS, history, neighbours

router = APIRouter(prefix="/api/v1/parcels", tags=["parcels"])
_Code = Annotated[str, Path(description="12-character code; any case, spaces and hyphens")]
_CUT = {
    "text_vi": f"Chỉ hiện {MOST_VERSIONS} lần thay đổi cuối và {MOST_KIN} thửa liên quan gần nhất: "
    "hãy hỏi tiếp lịch sử của các thửa ở xa nhất.",
    "text_en": f"Only the last {MOST_VERSIONS} versions and the {MOST_KIN} nearest relatives are told: "
    "ask for the histories of the farthest ones.",
}


@router.get(
    "/{code}/history",
    summary="All a parcel was, and where its ground came from and went to",
    response_class=Response,
    responses={
        200: {"model": History, "description": "Versions in order; ancestors and descendants by generation"},
        304: {"description": "Unchanged since the ETag in If-None-Match"},
        **problems(404, 422),
    },
)
async def get_history(request: Request, code: _Code) -> Response:
    """With both clocks of each correction; who made it is not told. Undone steps name the correction that undid them."""
    async with request.app.state.pool.connection() as conn:
        found = await history(conn, code)
    body = {
        "code": found.code,
        "versions": found.versions,
        "ancestors": found.ancestors,
        "descendants": found.descendants,
        "note": _CUT if found.cut else None,
    }
    reply = Reply(200, orjson.dumps(body))
    return of_the_past(reply, False, request.headers.get("if-none-match", "")).response()


@router.get(
    "/{code}/neighbours",
    summary="Current parcels with an edge in common",
    response_class=Response,
    responses={200: {"model": Neighbours, "description": "The longest edge first"}, **problems(404, 422)},
)
async def get_neighbours(request: Request, code: _Code) -> Response:
    """Lengths in metres of the sheet's zone. Parcels that touch in a corner only are none."""
    async with request.app.state.pool.connection() as conn:
        own, found = await neighbours(conn, code)
    return Reply(200, orjson.dumps({"code": own, "neighbours": found})).response()
