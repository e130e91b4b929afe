"""`/api/v1/uploads`: files in pieces that survive a dropped line (tus 1.0: creation, termination, expiration)."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.requests import ClientDisconnect

from api import errors
from api.allowance import host
from api.file_names import safe_name
from api.limits import Limits
from api.openapi import problems
from register.errors import InvalidKeyError, MediaError, RegisterError
from register.files import (
    KEY,
    LEAST_BYTES,
    PART_BYTES,
    Upload,
    append,
    end_upload,
    find_upload,
    misplaced,
    open_upload,
    too_much,
)

router = APIRouter(prefix="/api/v1", tags=["uploads"])
VERSION = "1.0.0"
_PIECE = "application/offset+octet-stream"
_LONGEST_METADATA = 8 << 10

_Key = Annotated[str, Path(description="as given in Location", pattern=KEY)]


async def _tus(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    """The answer of `work`, whatever it is, with the version of the protocol; other versions are refused."""
    if request.headers.get("tus-resumable") != VERSION:
        response = errors.problem_of(
            MediaError(
                f"This is tus {VERSION}: send the header Tus-Resumable: {VERSION}.",
                f"Đây là tus {VERSION}: hãy gửi tiêu đề Tus-Resumable: {VERSION}.",
            ),
            request.scope["path"],
            status=412,
        ).response()
        response.headers["tus-version"] = VERSION
    else:
        try:
            response = await work()
        except RegisterError as error:
            response = errors.problem_of(error, request.scope["path"]).response()
    response.headers["tus-resumable"] = VERSION
    response.headers["cache-control"] = "no-store"
    return response


@router.options("/uploads", summary="What this server knows of tus", status_code=204, response_class=Response)
async def options(request: Request) -> Response:
    """Version, extensions and the largest file."""
    limits: Limits = request.app.state.limits
    return Response(
        status_code=204,
        headers={
            "tus-resumable": VERSION,
            "tus-version": VERSION,
            "tus-extension": "creation,termination,expiration",
            "tus-max-size": str(limits.file_bytes),
        },
    )


@router.post(
    "/uploads",
    summary="Begin an upload",
    status_code=201,
    response_class=Response,
    responses={201: {"description": "Its address is in Location"}, **problems(412, 413, 422, 429)},
)
async def create(request: Request) -> Response:
    """Headers: Upload-Length in bytes; Upload-Metadata with `filename` in base64."""

    async def work() -> Response:
        limits: Limits = request.app.state.limits
        size = _number(request, "upload-length")
        limits.check_file(size)
        request.app.state.hour_bytes.take(host(request), max(size, LEAST_BYTES))
        name = safe_name(_metadata(request.headers.get("upload-metadata", "")).get("filename", ""))
        async with request.app.state.survey_pool.connection() as conn, conn.transaction():
            key, expires_at = await open_upload(conn, name, size, limits.waiting_bytes)
        where = f"{request.url.path.rstrip('/')}/{key}"
        return Response(
            status_code=201, headers={"location": where, "upload-expires": format_datetime(expires_at)}
        )

    return await _tus(request, work)


@router.head(
    "/uploads/{key}",
    summary="How far an upload is",
    response_class=Response,
    responses=problems(404, 410, 412),
)
async def head(request: Request, key: _Key) -> Response:
    """Upload-Offset: the byte to go on from."""

    async def work() -> Response:
        async with request.app.state.survey_pool.connection() as conn:
            upload = await find_upload(conn, key)
        return Response(status_code=200, headers=_standing(upload) | {"upload-length": str(upload.size)})

    return await _tus(request, work)


@router.patch(
    "/uploads/{key}",
    summary="The next bytes of an upload",
    status_code=204,
    response_class=Response,
    responses=problems(404, 409, 410, 412, 413, 415),
    openapi_extra={"requestBody": {"content": {_PIECE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def patch(request: Request, key: _Key) -> Response:
    """Each mebibyte is safe once stored, also where the line drops before the answer."""

    async def work() -> Response:
        if request.headers.get("content-type", "").split(";")[0].strip() != _PIECE:
            raise MediaError(f"Pieces come as {_PIECE}.", f"Từng phần phải gửi dạng {_PIECE}.")
        offset = _number(request, "upload-offset")
        pool = request.app.state.survey_pool
        async with pool.connection() as conn:
            upload = await find_upload(conn, key)
        if upload.received != offset:
            raise misplaced(upload.received, offset)
        said = request.headers.get("content-length", "")
        if said.isdigit() and offset + int(said) > upload.size:
            raise too_much(upload.size)
        await _receive(request, key, offset)
        async with pool.connection() as conn:
            upload = await find_upload(conn, key)
        return Response(status_code=204, headers=_standing(upload))

    return await _tus(request, work)


async def _receive(request: Request, key: str, offset: int) -> None:
    """Store the body at `offset`, mebibyte by mebibyte; what came before the line dropped is stored too."""
    pool = request.app.state.survey_pool
    waiting = bytearray()

    async def store() -> None:
        nonlocal offset
        while waiting:
            part = bytes(waiting[:PART_BYTES])
            async with pool.connection() as conn:
                offset = await append(conn, key, offset, part)
            del waiting[:PART_BYTES]

    try:
        async for piece in request.stream():
            waiting += piece
            if len(waiting) >= PART_BYTES:
                await store()
    except ClientDisconnect:
        await store()
        raise
    await store()


@router.delete(
    "/uploads/{key}",
    summary="Withdraw an upload",
    status_code=204,
    response_class=Response,
    responses=problems(404, 410, 412),
)
async def terminate(request: Request, key: _Key) -> Response:
    """What a survey has taken stays."""

    async def work() -> Response:
        async with request.app.state.survey_pool.connection() as conn, conn.transaction():
            await end_upload(conn, key)
        return Response(status_code=204)

    return await _tus(request, work)


def _standing(upload: Upload) -> dict[str, str]:
    return {"upload-offset": str(upload.received), "upload-expires": format_datetime(upload.expires_at)}


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    raise InvalidKeyError(
        f"The header {name} must be a number of bytes.", f"Tiêu đề {name} phải là một số byte."
    )


def _metadata(text: str) -> dict[str, Any]:
    """Keys and decoded values of Upload-Metadata. Raises: InvalidKeyError."""
    if len(text) > _LONGEST_METADATA:
        text = ""
    pairs = [pair.split() for pair in text.split(",") if pair.strip()]
    try:
        return {
            pair[0]: b64decode(pair[1], validate=True).decode("utf-8", "replace") if len(pair) > 1 else ""
            for pair in pairs
        }
    except ValueError:  # not base64, or not even ASCII
        raise InvalidKeyError(
            "Upload-Metadata is not base64.", "Upload-Metadata không đúng base64."
        ) from None
