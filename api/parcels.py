"""`/api/v1/parcels`: one parcel by its code; many by sheet and number, point, box, land use."""

import math
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from api.lookup import Wanted, parcel_reply
from api.openapi import PARCEL_EXAMPLE, problems
from api.reply import GEOJSON, Reply, json_list, of_the_past
from api.shapes import Parcel, Parcels
from register.clocks import as_of as moment_asked
from register.errors import InvalidKeyError
from register.find import ParcelQuery, parcels
from register.keys import printable

router = APIRouter(prefix="/api/v1", tags=["parcels"])
LIMIT = 1000

_Text = Query(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")
WhenAsked = Annotated[
    str | None,
    Query(
        max_length=64,
        description="As the office knew it at an instant (2026-05-01T10:00:00+07:00, the + written %2B), or as it was by "
        "law on a day (2026-05-01). An instant to come is now.",
        examples=["2026-05-01", "2026-05-01T10:00:00+07:00"],
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        max_length=64,
        description="With a day in `as_of`: by law on that day, as the office knew it at this instant",
        examples=["2026-06-01T00:00:00Z"],
    ),
]


@router.get(
    "/parcels/{code}",
    summary="The parcel of a code",
    response_class=Response,
    responses={
        200: {
            "model": Parcel,
            "description": "The parcel, current or retired (then with its successors)",
            "content": {GEOJSON: {"example": PARCEL_EXAMPLE}},
        },
        304: {"description": "Unchanged since the ETag in If-None-Match (with `as_of`)"},
        **problems(404, 422),
    },
)
async def get_parcel(
    request: Request,
    code: Annotated[
        str, Path(description="12-character code; any case, spaces and hyphens", examples=["w6ugmu6r6pux"])
    ],
    crs: Annotated[
        str | None, Query(description="4326 (degrees), vn2000 or the EPSG code of the sheet's zone")
    ] = None,
    as_of: WhenAsked = None,
    known_at: KnownAt = None,
) -> Response:
    """Also answered for retired codes; a code never issued, or not yet issued then, is a problem 404, a malformed one 422.

    Past instants of the office are over: their answers may be kept (`immutable`). A day can still become another one by law.
    """
    wanted = Wanted(crs, as_of, known_at, request.headers.get("if-none-match", ""))
    async with request.app.state.pool.connection() as conn:
        return (await parcel_reply(conn, code, wanted)).response()


@router.get(
    "/parcels",
    summary="Parcels by sheet and number, point, box or land use",
    response_class=Response,
    responses={
        200: {
            "model": Parcels,
            "description": "A page of parcels, in the order of their codes",
            "content": {GEOJSON: {}},
        },
        304: {"description": "Unchanged since the ETag in If-None-Match (with `as_of`)"},
        **problems(422),
    },
)
async def get_parcels(
    request: Request,
    sheet: Annotated[str | None, _Text] = None,
    number: Annotated[str | None, _Text] = None,
    commune: Annotated[
        str | None, Query(max_length=16, description="5-digit code, today's or a former one")
    ] = None,
    at: Annotated[
        str | None, Query(max_length=64, description="lon,lat in degrees", examples=["108.2,16.06"])
    ] = None,
    bbox: Annotated[
        str | None,
        Query(
            max_length=128,
            description="west,south,east,north in degrees",
            examples=["108.2,16.06,108.21,16.07"],
        ),
    ] = None,
    land_use: Annotated[str | None, _Text] = None,
    scale: Annotated[int | None, Query(ge=1, le=1_000_000, description="500 for a sheet of 1:500")] = None,
    map_set: Annotated[str | None, _Text] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 100,
    cursor: Annotated[str | None, Query(max_length=128, description="from the next link, as it is")] = None,
    as_of: WhenAsked = None,
    known_at: KnownAt = None,
) -> Response:
    """All conditions given must hold: now, or as of then. Follow `links` (rel `next`) until there is none.

    With `commune`, `sheet` and `number` may be those before a reorganisation: every parcel that bore them answers."""
    then = moment_asked(as_of, known_at)
    query = ParcelQuery(sheet, number, commune, point(at), box(bbox), land_use, then, scale, map_set)
    async with request.app.state.pool.connection() as conn:
        page = await parcels(conn, query, limit, cursor)
    links = "[]"
    if page.next is not None:
        asked = {k: v for k, v in request.query_params.items() if k != "cursor"}
        href = f"{request.url.path}?{urlencode({**asked, 'cursor': page.next})}"
        links = f'[{{"rel":"next","href":"{href}","type":"{GEOJSON}"}}]'
    body = (
        f'{{"type":"FeatureCollection","numberReturned":{len(page.items)},"links":{links},'
        f'"features":{json_list(page.items)}}}'
    )
    reply = Reply(200, body.encode(), GEOJSON)
    if then is not None:
        reply = of_the_past(reply, page.settled, request.headers.get("if-none-match", ""))
    return reply.response()


def point(text: str | None) -> tuple[float, float] | None:
    """Longitude and latitude in degrees, as written in a query. Raises: InvalidKeyError."""
    if text is None:
        return None
    values = _degrees(text)
    if len(values) != 2 or not _on_earth(*values):
        raise InvalidKeyError(
            f"at={printable(text)} is not a point: give at=lon,lat in degrees, for example at=108.2,16.06.",
            f"at={printable(text)} không phải một điểm: hãy viết at=kinh độ,vĩ độ, ví dụ at=108.2,16.06.",
        )
    return values[0], values[1]


def box(text: str | None) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees, as written in a query. Raises: InvalidKeyError."""
    if text is None:
        return None
    values = _degrees(text)
    if len(values) != 4 or not (_on_earth(*values[:2]) and _on_earth(*values[2:])):
        raise InvalidKeyError(
            f"bbox={printable(text)} is not a box: give bbox=west,south,east,north in degrees.",
            f"bbox={printable(text)} không phải khung: hãy viết bbox=tây,nam,đông,bắc theo độ.",
        )
    west, south, east, north = values
    if west > east or south > north:
        raise InvalidKeyError(
            f"bbox={printable(text)} is reversed: west must not exceed east, nor south north.",
            f"bbox={printable(text)} bị ngược: tây phải nhỏ hơn đông, nam phải nhỏ hơn bắc.",
        )
    return west, south, east, north


def _degrees(text: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return values if all(math.isfinite(v) for v in values) else []


def _on_earth(lon_deg: float, lat_deg: float) -> bool:
    return -180 <= lon_deg <= 180 and -85 <= lat_deg <= 85
