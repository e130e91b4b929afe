"""`POST /api/v1/addresses/batch`: a CSV of address texts in, a CSV of where they are out, row by row."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.addresses import MOST_LETTERS
from api.openapi import problems
from geo.addresses.search import Hit
from importers.address_lines import address_lines
from importers.errors import EmptyFile, MissingColumn, Refused, TooMuch
from register.address_answers import Located, located
from register.errors import BusyError, InvalidKeyError, MalformedError, MediaError, TooLargeError

MOST_BYTES = 16 << 20
_LOT = 100
_AT_ONCE = 4
_TYPES = ("text/csv", "application/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel")
_HEADER = ("row", "status", "text", "digital", "parcel", "lon", "lat", "typos", "matched")

router = APIRouter(prefix="/api/v1", tags=["addresses"])


@router.post(
    "/addresses/batch",
    summary="Where the addresses of a CSV are",
    response_class=Response,
    responses={
        200: {
            "content": {"text/csv": {"schema": {"type": "string"}}},
            "description": "row, status (found, ambiguous, none), text, digital, parcel, lon, lat, typos, matched",
        },
        **problems(400, 413, 415, 422, 429),
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def batch(
    request: Request,
    start: Annotated[
        int, Query(alias="from", ge=1, le=10_000_000, description="first row to answer, 1 after the header")
    ] = 1,
) -> Response:
    """A header with a column `address` (or `dia_chi`), UTF-8, at most 16 MiB and 100,000 rows.

    Answers come as they are found, in order. Where the line breaks, send the same file with `from` the row after the last
    whole line that arrived."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in _TYPES:
        raise MediaError("This comes as text/csv.", "Nội dung phải gửi dạng text/csv.")
    state = request.app.state
    if state.address_batches >= _AT_ONCE:
        raise BusyError(
            "Too many lists of addresses are being looked up: send this one again in a minute.",
            "Đang có quá nhiều danh sách địa chỉ: hãy gửi lại sau một phút.",
            60,
        )
    content = await _body(request)
    try:
        lines = list(address_lines(content))
    except Refused as error:
        raise _told(error) from None
    await state.addresses.find("1 a", 1)  # the index is there before the answer begins
    return StreamingResponse(_answers(request, lines, start), media_type="text/csv; charset=utf-8")


async def _answers(request: Request, lines: Sequence[str], start: int) -> AsyncIterator[str]:
    state = request.app.state
    state.address_batches += 1
    try:
        if start == 1:
            yield _csv([_HEADER])
        for at in range(start - 1, len(lines), _LOT):
            lot = lines[at : at + _LOT]
            found = [await _find(request, text) for text in lot]
            async with state.pool.connection() as conn:
                places = await located(conn, [hit.id for hits in found for hit in hits])
            yield _csv([_row(at + n + 1, hits, places) for n, hits in enumerate(found)])
    finally:
        state.address_batches -= 1


async def _find(request: Request, text: str) -> list[Hit]:
    if not any(sign.isalnum() for sign in text):
        return []
    hits: list[Hit] = await request.app.state.addresses.find(text[:MOST_LETTERS], 2, unfinished=False)
    await asyncio.sleep(0)  # others are answered in between
    return hits


def _row(number: int, hits: Sequence[Hit], places: dict[int, Located]) -> tuple[object, ...]:
    known = [(hit, places[hit.id]) for hit in hits if hit.id in places]
    if not known:
        return (number, "none", *[""] * 7)
    hit, one = known[0]
    equal = [other for rival, other in known[1:] if rival.cost <= hit.cost + 5 and other.text != one.text]
    matched = "; ".join(f"{m.part}={m.name} ({m.how}{', former' if m.former else ''})" for m in hit.matched)
    status = "ambiguous" if equal else "found"
    return number, status, one.text, one.digital, one.parcel, one.lon, one.lat, hit.cost // 100, matched


def _csv(rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(["" if v is None else v for v in row] for row in rows)
    return out.getvalue()


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise TooLargeError(
                "A list of addresses has at most 16 MiB: split it.",
                "Danh sách địa chỉ tối đa 16 MiB: hãy chia nhỏ.",
                MOST_BYTES,
            )
    return bytes(content)


def _told(error: Refused) -> Exception:
    if isinstance(error, TooMuch):
        return TooLargeError(error.text_en, error.text_vi, MOST_BYTES)
    kind = InvalidKeyError if isinstance(error, EmptyFile | MissingColumn) else MalformedError
    return kind(error.text_en, error.text_vi)
