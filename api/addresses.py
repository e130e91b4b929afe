"""`/api/v1/addresses`: digital addresses by their code, addresses as people type them, and what stands at a place."""

import re
import unicodedata
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from psycopg import AsyncConnection

from api.openapi import problems
from api.parcels import point
from api.reply import Reply, json_list
from api.shapes import Addresses
from geo.addresses.search import Hit
from geo.text import fold
from register.address_answers import ids_at, ids_by_start
from register.errors import InvalidKeyError
from register.find import addresses_by_code, addresses_by_id
from register.keys import printable

router = APIRouter(prefix="/api/v1", tags=["addresses"])
MOST_LETTERS = 200
_DIGITS = "23456789CFGHJMPQRVWX"
_DIGITAL = re.compile(rf"(?=.*[0-9])(?=.*[C-X])(?:[0-9]{{5}}-?)?[{_DIGITS}]{{4,8}}\+?[{_DIGITS}]{{0,7}}")


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
    summary="Addresses as people type them, or at a place",
    response_class=Response,
    responses={200: {"model": Addresses, "description": "Best first"}, **problems(422, 429)},
)
async def search_addresses(
    request: Request,
    q: Annotated[
        str | None,
        Query(description="2 to 200 letters, marks and order as people type them", examples=["12 tran phu"]),
    ] = None,
    at: Annotated[
        str | None, Query(max_length=64, description="instead of q: lon,lat", examples=["108.2,16.06"])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    near: Annotated[str | None, Query(max_length=64, description="lon,lat: nearest first")] = None,
    complete: Annotated[bool, Query(description="whether the last word is typed to its end")] = False,
) -> Response:
    """With `q`: every part typed is in the address, as it is or was called; two typing errors are forgiven. A mark that was
    left out costs nothing; one that the address has not, does. `matched` tells which parts matched, and how.

    With `at`: the addresses of the parcel there, then of the nearest parcels; `distance_m` says how far."""
    if (q is None) == (at is None):
        raise InvalidKeyError(
            "Give q= (what to search for) or at=lon,lat, one of them.",
            "Hãy cho q= (nội dung cần tìm) hoặc at=kinh,vĩ, một trong hai.",
        )
    pool = request.app.state.pool
    place = point(at)
    if place is not None:
        async with pool.connection() as conn:
            found = await ids_at(conn, place, limit)
            texts = await addresses_by_id(conn, [number for number, _ in found])
        return _told(texts, [{"distance_m": round(off_m, 1)} for _, off_m in found])
    typed = searchable(q or "")
    digital = re.sub(r"\s", "", typed).upper()
    if _DIGITAL.fullmatch(digital) and len(digital.replace("+", "")) > 5:
        async with pool.connection() as conn:
            texts = await _by_digital(conn, digital, limit)
        if texts:
            return _told(
                texts,
                [{"matched": [{"part": "digital", "name": digital, "how": "exact", "former": False}]}]
                * len(texts),
            )
    hits = await request.app.state.addresses.find(typed, limit, point(near), unfinished=not complete)
    if not hits:
        return _told([], [])
    async with pool.connection() as conn:
        texts = await addresses_by_id(conn, [hit.id for hit in hits])
    return _told(texts, [{"matched": matched(hit)} for hit in hits])


def searchable(text: str) -> str:
    """`text`, if it can be searched for. Raises: InvalidKeyError."""
    if len(text) > MOST_LETTERS or len(fold(text)) < 2 or any(_is_control(sign) for sign in text):
        raise InvalidKeyError(
            f"“{printable(text)}” cannot be searched for: type 2 to 200 letters or digits.",
            f"Không tìm được “{printable(text)}”: hãy gõ từ 2 đến 200 chữ hoặc số.",
        )
    return text


def matched(hit: Hit) -> list[dict[str, Any]]:
    """The parts that matched, as answers tell them."""
    return [{"part": m.part, "name": m.name, "how": m.how, "former": m.former} for m in hit.matched]


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) == "Cc" and sign not in "\t\r\n"


async def _by_digital(conn: AsyncConnection, code: str, limit: int) -> list[str]:
    bare = code.replace("-", "").replace("+", "")
    vpostcode = len(bare) == 12 and bare[:5].isdigit()
    start = bare if vpostcode or len(bare) < 8 else f"{bare[:8]}+{bare[8:]}"
    return await addresses_by_id(conn, await ids_by_start(conn, start, limit))


def _told(texts: list[str], more: list[dict[str, Any]]) -> Response:
    items = [text[:-1] + "," + orjson.dumps(one).decode()[1:] for text, one in zip(texts, more, strict=True)]
    return Reply(200, f'{{"addresses":{json_list(items)}}}'.encode()).response()
