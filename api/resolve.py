"""`/api/v1/resolve` and `/api/v1/codes/{anything}`: keys of any kind to parcels, one or ten thousand."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.errors import problem
from api.openapi import problems
from api.reply import JSON, Reply, of_the_past
from api.resolve_shapes import Resolved, ResolvedList, keys_schema
from importers.errors import Refused
from importers.key_list import Row, lines, rows
from register.clocks import AsOf
from register.clocks import as_of as moment_asked
from register.errors import InvalidKeyError, MalformedError, MediaError, TooLargeError
from register.resolve.answers import resolve
from register.resolve.keys import LONGEST, Key, has_controls, key_of
from register.resolve.told import told

router = APIRouter(prefix="/api/v1", tags=["resolve"])
MOST_KEYS = 10_000
MOST_BYTES = 8 << 20
CHUNK = 1_000
AT_ONCE = 2
NDJSON = "application/x-ndjson"
_AsOf = Annotated[
    str | None,
    Query(
        max_length=64,
        description="As on this legal day, or as known at this instant",
        examples=["2025-06-30"],
    ),
]
_KnownAt = Annotated[
    str | None, Query(max_length=64, description="With a day in `as_of`: as known at this instant")
]


@router.post(
    "/resolve",
    summary="Resolve up to 10,000 keys of any kind",
    response_class=Response,
    responses={
        200: {
            "model": ResolvedList,
            "description": "An answer for each key, in their order, sent as they are found",
            "content": {NDJSON: {"schema": {"type": "string", "description": "one answer a line"}}},
        },
        **problems(400, 413, 415, 422),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": keys_schema(),
                    "example": {"keys": ["w6ugmu6r6pux", "ư7ẻ8sp5fqè", "20194.1.55", "16.0544, 108.2022"]},
                },
                "text/plain": {"schema": {"type": "string", "description": "one key a line"}},
                "text/csv": {
                    "schema": {"type": "string", "description": "a header: ma_xa, so_to, so_thua …"}
                },
            },
        }
    },
)
async def resolve_keys(request: Request, as_of: _AsOf = None, known_at: _KnownAt = None) -> Response:
    """Codes (mangled by a keyboard, too), commune with sheet and number of today or of any time before, digital addresses,
    coordinates in WGS84 or VN-2000, addresses. NDJSON where `Accept` asks for it, else a JSON array.
    """
    asked = moment_asked(as_of, known_at)
    keys = [key_of(one) for one in await _given(request)]
    lined = NDJSON in request.headers.get("accept", "")
    chunks = _chunks(request, keys, asked)
    first = await anext(chunks)  # what goes wrong at once is answered as a problem
    return StreamingResponse(_stream(first, chunks, lined), media_type=NDJSON if lined else JSON)


@router.get(
    "/codes/{anything:path}",
    summary="Resolve one key of any kind",
    response_class=Response,
    responses={
        200: {
            "model": Resolved,
            "description": "The parcel, current or superseded, or the parcels that may be meant",
        },
        304: {"description": "Unchanged since the ETag in If-None-Match (with `as_of`)"},
        **problems(404, 410, 422),
    },
)
async def get_code(
    request: Request,
    anything: Annotated[
        str,
        Path(description="a code, commune.sheet.number, coordinates, an address", examples=["20194.1.55"]),
    ],
    as_of: _AsOf = None,
    known_at: _KnownAt = None,
) -> Response:
    """404: never issued, with codes that may be meant; 410: withdrawn without a successor; both with the `answer`."""
    asked = moment_asked(as_of, known_at)
    if len(anything) > LONGEST:
        raise InvalidKeyError(
            f"A key has at most {LONGEST} characters.", f"Một khóa dài tối đa {LONGEST} ký tự."
        )
    async with request.app.state.pool.connection() as conn:
        [answer], then = await resolve(conn, [key_of(anything)], request.app.state.addresses.loaded, asked)
    body = told(answer)
    status = {"invalid": 422, "not_found": 404, "never_issued": 404, "withdrawn": 410}.get(answer.status, 200)
    if status != 200:
        title = {422: "Not understood", 404: "Not found", 410: "Withdrawn"}[status]
        return problem(
            status,
            title,
            body["detail"],
            body["detail_vi"],
            request.scope["path"],
            answer.status.replace("_", "-"),
            answer=body,
        ).response()
    heirs = body["successors"]
    links = [f'</api/v1/parcels/{heir["code"]}>; rel="successor-version"' for heir in heirs[:20]]
    reply = Reply(200, orjson.dumps(body), headers={"link": ", ".join(links)} if links else {})
    if then is not None:
        reply = of_the_past(reply, then.settled, request.headers.get("if-none-match", ""))
    return reply.response()


async def _given(request: Request) -> Sequence[Any]:
    """The keys of the body. Raises: TooLargeError, MediaError, MalformedError, InvalidKeyError."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise TooLargeError(
                f"More than {MOST_BYTES >> 20} MiB of keys: send them in several requests.",
                f"Danh sách khóa lớn hơn {MOST_BYTES >> 20} MiB: hãy gửi thành nhiều lần.",
                MOST_BYTES,
            )
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    keys = _parsed(bytes(content), media)
    if not keys:
        raise InvalidKeyError("There is no key in it.", "Không có khóa nào.")
    if len(keys) > MOST_KEYS:
        raise TooLargeError(
            f"{len(keys):,} keys: at most {MOST_KEYS:,} are taken at once.",
            f"{len(keys):,} khóa: mỗi lần nhận tối đa {MOST_KEYS:,}.",
            MOST_KEYS,
        )
    for n, key in enumerate(keys, 1):
        texts = (
            [key] if isinstance(key, str) else [str(v) for v in key.values()] if isinstance(key, dict) else []
        )
        if any(has_controls(text) for text in texts):
            raise InvalidKeyError(
                f"Key {n} has control characters: send the file as UTF-8 text.",
                f"Khóa thứ {n} có ký tự điều khiển: hãy gửi tệp văn bản UTF-8.",
            )
    return keys


def _parsed(content: bytes, media: str) -> Sequence[Any]:
    if media == JSON:
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise MalformedError(
                f"The JSON cannot be read: {error}.", f"Không đọc được JSON: {error}."
            ) from None
        keys = body.get("keys") if isinstance(body, dict) and set(body) == {"keys"} else body
        if not isinstance(keys, list):
            raise InvalidKeyError('Send {"keys": [ … ]}.', 'Hãy gửi {"keys": [ … ]}.')
        return keys
    if media not in ("text/plain", "text/csv"):
        raise MediaError(
            "Keys come as application/json, text/csv or text/plain.",
            "Khóa phải gửi dạng application/json, text/csv hoặc text/plain.",
        )
    try:
        text = content.decode("utf-8")
        found: list[Row] = rows(text) if media == "text/csv" else lines(text)
    except UnicodeDecodeError:
        raise MalformedError("The text is not UTF-8.", "Văn bản không phải UTF-8.") from None
    except Refused as error:
        raise MalformedError(error.text_en, error.text_vi) from None
    return found


async def _chunks(request: Request, keys: Sequence[Key], asked: AsOf | None) -> AsyncIterator[list[bytes]]:
    """The answers as JSON texts, CHUNK at a time; while one is sent the next is worked on, each over a connection."""

    async def worked(start: int) -> list[bytes]:
        async with request.app.state.batch_pool.connection() as conn:
            answers, _ = await resolve(
                conn, keys[start : start + CHUNK], request.app.state.addresses.loaded, asked
            )
        return [orjson.dumps(told(one)) for one in answers]

    ahead: deque[asyncio.Task[list[bytes]]] = deque()
    try:
        for start in range(0, len(keys), CHUNK):
            ahead.append(asyncio.create_task(worked(start)))
            if len(ahead) > AT_ONCE - 1:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


async def _stream(first: list[bytes], rest: AsyncIterator[list[bytes]], lined: bool) -> AsyncIterator[bytes]:
    """All chunks as NDJSON or one JSON array."""
    between = b"\n" if lined else b","
    if not lined:
        yield b"["
    yield between.join(first)
    async for chunk in rest:
        yield between + between.join(chunk)
    yield b"\n" if lined else b"]"
