"""`/api/v1/downloads/parcels.{ending}`: the parcels of a commune or a box as a file.

A process of its own writes the file; the server only watches whether the client is still there, and sends it.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from zlib import crc32

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.apart import done_apart
from api.ogc.documents import DOWNLOADS
from api.openapi import problems
from api.parcels import KnownAt, WhenAsked, box
from geo.crs import ZONES
from importers import scratch
from importers.export import DEGREES, METRES
from register.clocks import as_of as moment_asked
from register.clocks import moment
from register.errors import BusyError, InvalidKeyError
from register.features.rows import Wanted, counted
from register.find import rows
from register.keys import commune_code, printable

router = APIRouter(prefix="/api/v1", tags=["downloads"])
AT_ONCE, WAITING = 2, 8
"""Files written at once, and how many more may wait for that."""
_BLOCK = 1 << 18


class Turns:
    """Whose turn it is to have a file written."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._asking = 0

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A turn while the block runs. Raises: BusyError where too many wait."""
        if self._asking >= AT_ONCE + WAITING:
            raise BusyError(
                "Too many files are asked for just now: try again in a minute.",
                "Đang có quá nhiều người tải tệp: hãy thử lại sau một phút.",
                60,
            )
        self._asking += 1
        try:
            async with self._free:
                yield
        finally:
            self._asking -= 1


@router.get(
    "/downloads/parcels.{ending}",
    summary="The parcels of a commune or a box as a file",
    response_class=Response,
    responses={
        200: {"content": {media: {} for media in DOWNLOADS.values()}, "description": "The file"},
        304: {"description": "Unchanged since the ETag in If-None-Match"},
        **problems(413, 422, 429),
    },
)
async def get_download(
    request: Request,
    ending: Annotated[
        Literal["geojson", "fgb", "gpkg", "parquet", "csv", "dxf", "gml"],
        Path(description="GeoJSON, FlatGeobuf, GeoPackage, GeoParquet, CSV (EWKT), DXF (R12) or GML 3.2"),
    ],
    commune: Annotated[str | None, Query(max_length=64, description="5-digit code")] = None,
    bbox: Annotated[str | None, Query(max_length=128, description="west,south,east,north in degrees")] = None,
    crs: Annotated[
        str | None,
        Query(max_length=16, description="EPSG code of a VN-2000 zone, or 4326; without it the zone of the sheets, but WGS84 "
              "for GeoJSON", examples=["5899"]),
    ] = None,
    as_of: WhenAsked = None,
    known_at: KnownAt = None,
) -> Response:  # fmt: skip
    """Give `commune` or `bbox` (or both: what meets the box in the commune). Shapes in the zone of their sheet are the surveyed
    ones, to the millimetre. At most 200,000 parcels."""
    if commune is None and bbox is None:
        raise InvalidKeyError("Give commune= or bbox=.", "Hãy cho commune= hoặc bbox=.")
    then, wanted_epsg = moment_asked(as_of, known_at), _system(crs, ending)
    code = None if commune is None else commune_code(commune)
    place = box(bbox)
    async with request.app.state.feature_pool.connection() as conn:
        (last,) = await rows(conn, "last_applied")
        question = f"{ending} {code} {place} {then} {wanted_epsg}"
        etag = f'"{last["id"]}-{crc32(question.encode()):08x}"'
        headers = {"etag": etag, "cache-control": "no-cache"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        of = Wanted(code, place, None if then is None else await moment(conn, then))
        _, zone = await counted(conn, of, request.app.state.limits.download_parcels)
    epsg = wanted_epsg or (4326 if ending in DEGREES else zone or 4326)
    if ending in METRES and epsg == 4326:
        epsg = zone or 3405
    state = request.app.state
    told = {
        "conninfo": state.conninfo,
        "schema": state.schema,
        "told": of.told(),
        "ending": ending,
        "epsg": epsg,
    }
    folder, held = scratch.make()
    try:
        path = folder / f"parcels.{ending}"
        async with state.download_turns.one():
            await done_apart(request, "api.download_job", {**told, "path": str(path)})
        file = path.open("rb")
    finally:
        scratch.remove(folder, held)  # the open file stays until it is sent, and no longer
    name = f"thua-dat-{code or 'khung'}.{ending}"
    headers |= {
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(os.fstat(file.fileno()).st_size),
        "content-crs": f"<http://www.opengis.net/def/crs/EPSG/0/{epsg}>",
    }

    async def blocks() -> AsyncIterator[bytes]:
        with file:
            while block := await asyncio.to_thread(file.read, _BLOCK):
                yield block

    return StreamingResponse(blocks(), headers=headers, media_type=DOWNLOADS[ending])


def _system(text: str | None, ending: str) -> int | None:
    """The system asked for, EPSG. Raises: InvalidKeyError."""
    if text is None:
        return None
    bare = text.strip().upper().removeprefix("EPSG:")
    epsg = int(bare) if bare.isascii() and bare.isdigit() else 0
    if epsg == 4326 and ending in METRES:
        raise InvalidKeyError(
            "A DXF is in metres: give the EPSG code of a VN-2000 zone.",
            "DXF dùng mét: hãy cho mã EPSG của một múi VN-2000.",
        )
    if epsg != 4326 and epsg not in ZONES:
        raise InvalidKeyError(
            f"crs={printable(text)} is neither 4326 nor the EPSG code of a VN-2000 zone.",
            f"crs={printable(text)} không phải 4326, cũng không phải mã EPSG của một múi VN-2000.",
        )
    return epsg
