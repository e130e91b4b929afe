"""`/api/v1/changes`: the feed of corrections, page by page, waited for, or as events."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.change_events import ChangeWakes, stream
from api.change_shapes import Changes
from api.openapi import problems
from api.reply import Reply, json_list, of_the_past
from register.changes import Cursor, Shapes, changes, cursor, events, last

router = APIRouter(prefix="/api/v1/changes", tags=["changes"])
LONGEST_WAIT_S = 30


@router.get(
    "",
    summary="Corrections in order, with all they closed and opened",
    response_class=Response,
    responses={
        200: {"model": Changes, "description": "A page; go on with `next` as it is"},
        304: {"description": "Unchanged since the ETag in If-None-Match"},
        **problems(422),
    },
)
async def get_changes(
    request: Request,
    since: Annotated[
        str, Query(max_length=64, description="0, or `next` of the page before", examples=["17"])
    ] = "0",
    limit: Annotated[int, Query(ge=1, le=1000, description="most corrections of a page")] = 100,
    shapes: Annotated[
        Shapes, Query(description="shapes in VN-2000: none, as GeoJSON, or as WKB in hex")
    ] = "none",
    wait: Annotated[
        int,
        Query(
            ge=0, le=LONGEST_WAIT_S, description="seconds to wait for the next correction where there is none"
        ),
    ] = 0,
) -> Response:
    """Without gaps: whoever goes on with `next` sees each correction once. Pages with something after them never change.

    Nobody's name is in it: not an owner's, not who made a correction.
    """
    at = cursor(since)
    wakes: ChangeWakes = request.app.state.change_wakes
    ends = time.monotonic() + wait
    with wakes.joined() as wake:
        while True:
            async with request.app.state.feed_pool.connection() as conn:
                page = await changes(conn, at, limit, shapes)
            left_s = ends - time.monotonic()
            if page.items or left_s <= 0:
                break
            await wakes.wait(wake, left_s)
    body = (
        f'{{"changes":{json_list(page.items)},"next":"{page.next}","last":{page.last},'
        f'"complete":{str(page.complete).lower()}}}'
    )
    known = request.headers.get("if-none-match", "")
    return of_the_past(Reply(200, body.encode()), not page.complete, known).response()


@router.get(
    "/events",
    summary="Corrections as they are made",
    response_class=Response,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "An event for each correction, without its rows",
        },
        **problems(422),
    },
)
async def get_events(
    request: Request,
    since: Annotated[
        str | None, Query(max_length=64, description="a place in the feed; without it: from now on")
    ] = None,
) -> Response:
    """`id` is `seq`, `data` what is said of the correction, with its counts and `bbox`; Last-Event-ID goes on where a line
    dropped."""
    text = request.headers.get("last-event-id") or since
    async with request.app.state.feed_pool.connection() as conn:
        at = Cursor(await last(conn)) if text is None else cursor(text)
        after = max(at.seq - (at.part > 0), 0)
        await events(conn, after, 1)
    made = stream(request.app.state.feed_pool, request.app.state.change_wakes, after)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(made, headers=headers, media_type="text/event-stream")
