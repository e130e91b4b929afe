"""`/api/v1/scans`, `/tiles/scans`: scanned sheets and orthophotos handed in, told of, listed, served, retired."""

import asyncio
from contextlib import ExitStack
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import orjson
import psycopg
from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.body import form_of, read_model
from api.correcting import step
from api.file_names import apart, safe_name
from api.limits import Limits
from api.multipart import Form, read_form
from api.openapi import problems
from api.reply import JSON
from api.scan_hand_in import Office, hand_in, may_change
from api.scan_shapes import MOST_FILES, NamedScan, ScanAnswer, ScanFields
from api.scan_tiles import MOST_ZOOM, ScanTiles
from api.signed_in import MaybeSignedIn, SignedIn
from importers.scratch import scratch
from register import scans
from register.errors import BusyError, MalformedError, NotFoundError
from register.files import KEY, find_upload, read_upload

PREFIX = "/api/v1/scans"
AT_ONCE = 1
"""So many pictures are placed at a time: each is a process of its own."""
WAITING = 4
router = APIRouter(tags=["scans"])
_Key = Annotated[str, Path(pattern=KEY, description="the scan's key")]
_BODY = form_of(ScanFields, NamedScan, several=True)


@router.post(
    PREFIX,
    summary="Hand in a scanned sheet or an orthophoto",
    status_code=201,
    response_class=Response,
    responses={
        201: {"model": ScanAnswer, "description": "Placed; its tiles are served"},
        200: {"model": ScanAnswer, "description": "The same picture was placed the same way before"},
        **problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 429),
    },
    openapi_extra=_BODY,
)
async def add_scan(request: Request, who: SignedIn) -> Response:
    """A TIFF, PNG or JPEG in a field `file`, and in others its world file or its control points (CSV, QGIS `.points`); or
    finished uploads by their keys, as JSON.

    By an editor or the office of the commune; without a commune, of all. The answer tells how well each transformation fits
    and the residual of every point.
    """
    state = request.app.state
    office = _office(request)
    limits: Limits = state.limits
    if state.scans_waiting >= WAITING:
        raise BusyError(
            "Several pictures are being placed: hand this one in again in a minute.",
            "Đang xử lý nhiều ảnh: hãy nộp lại sau một phút.",
            60,
        )
    with ExitStack() as stack:
        folder = FilePath(stack.enter_context(scratch()))
        asked: ScanFields
        if request.headers.get("content-type", "").split(";")[0].strip().lower() == JSON:
            named = await read_model(request, NamedScan)
            asked, paths = named, await _uploaded(request, named.uploads, folder)
        else:
            form = await read_form(request, limits, stack, state.hour_bytes)
            asked = _asked(form)
            paths = await asyncio.to_thread(_put, form, folder)
        state.scans_waiting += 1
        try:
            async with state.scan_turns:
                key, new = await asyncio.to_thread(hand_in, office, who, paths, asked)
        finally:
            state.scans_waiting -= 1
    body = await step(request, None, lambda conn: _told(scans.find(conn, key), signed_in=True))
    return Response(
        body, 201 if new else 200, {"location": f"{PREFIX}/{key}", "cache-control": "no-store"}, JSON
    )


@router.get(
    PREFIX + "/{key}",
    summary="How a scan was placed",
    response_class=Response,
    responses={200: {"model": ScanAnswer}, **problems(401, 404, 422)},
)
async def get_scan(request: Request, who: MaybeSignedIn, key: _Key) -> Response:
    """Transformation, residuals of its control points, outline; of a retired one too."""
    body = await step(request, None, lambda conn: _told(scans.find(conn, key), signed_in=who is not None))
    return Response(body, headers={"cache-control": "no-cache"}, media_type=JSON)


@router.delete(
    PREFIX + "/{key}",
    summary="Show a scan no more",
    status_code=204,
    response_class=Response,
    responses=problems(401, 403, 404, 410, 422),
)
async def retire_scan(request: Request, who: SignedIn, key: _Key) -> Response:
    """Its row and its files stay. By an editor or the office of its commune."""

    def work(conn: psycopg.Connection) -> None:
        may_change(conn, who, scans.find(conn, key)["unit"])
        scans.retire(conn, who, key)

    await step(request, None, work)
    return Response(status_code=204)


@router.get("/tiles/scans.json", summary="The scans there are, each as TileJSON", response_class=Response)
async def list_scans(request: Request) -> Response:
    """Newest first, at most 500; `bounds` in WGS84, tiles of 512 pixels."""
    base = str(request.base_url).rstrip("/")
    found = await step(request, None, scans.listed)
    body = orjson.dumps({"scans": [_tilejson(one, base) for one in found]})
    return Response(body, headers={"cache-control": "no-cache"}, media_type=JSON)


@router.get(
    "/tiles/scans/{key}.json",
    summary="TileJSON 3.0 of a scan",
    response_class=Response,
    responses=problems(404, 422),
)
async def get_tilejson(request: Request, key: _Key) -> Response:
    """Tiles of 512 pixels; beyond `maxzoom` they only grow."""
    one = await step(request, None, lambda conn: scans.find(conn, key))
    body = orjson.dumps(_tilejson(one, str(request.base_url).rstrip("/")))
    return Response(body, headers={"cache-control": "no-cache"}, media_type=JSON)


@router.get(
    "/tiles/scans/{key}/{z}/{x}/{y}.{form}",
    summary="A tile of a scan",
    response_class=Response,
    responses={
        200: {
            "content": {"image/webp": {}, "image/png": {}},
            "description": "Transparent where the scan does not reach",
        },
        304: {"description": "It never changes"},
        **problems(404, 410, 422),
    },
)
async def get_tile(
    request: Request, key: _Key, z: int, x: int, y: int, form: Literal["webp", "png"]
) -> Response:
    """512 pixels, zooms 0 to 24; may be kept for ever."""
    # answered before the router; here for the document
    served = ScanTiles(request.app.state.pool, request.app.state.scans_folder)
    return (await served.reply(f"/tiles/scans/{key}/{z}/{x}/{y}.{form}")).response()


def _office(request: Request) -> Office:
    state = request.app.state
    if state.scans_folder is None:
        raise NotFoundError("This server keeps no scans.", "Máy chủ này không lưu ảnh quét.")
    return Office(state.conninfo, state.schema, state.scans_folder)


def _asked(form: Form) -> ScanFields:
    """Raises: RequestValidationError, MalformedError."""
    if not 1 <= len(form.files) <= MOST_FILES:
        raise MalformedError(
            "Hand in one picture in a field `file`, and its world file or control points in others.",
            "Hãy nộp một ảnh trong trường `file`, kèm tệp world hoặc tệp điểm khống chế.",
        )
    try:
        return ScanFields.model_validate({name: text for name, text in form.fields.items() if text != ""})
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from None


async def _uploaded(request: Request, keys: list[str], folder: FilePath) -> list[FilePath]:
    """Finished uploads as files in a folder. Raises: NotFoundError, GoneError, OffsetError, TooLargeError."""
    paths: list[FilePath] = []
    taken: dict[str, bytes] = {}
    async with request.app.state.survey_pool.connection() as conn:
        for key in dict.fromkeys(keys):
            upload = await find_upload(conn, key)
            request.app.state.limits.check_survey(upload.size)
            name = apart(safe_name(upload.name), taken)
            taken[name.casefold()] = key.encode()
            with (folder / name).open("wb") as out:
                async for part in read_upload(conn, upload):
                    await asyncio.to_thread(out.write, part)
            paths.append(folder / name)
    return paths


def _put(form: Form, folder: FilePath) -> list[FilePath]:
    paths: list[FilePath] = []
    taken: dict[str, bytes] = {}
    for one in form.files:
        name = apart(safe_name(one.name), taken)
        taken[name.casefold()] = one.hash.digest()
        one.content.seek(0)
        with (folder / name).open("wb") as out:
            while piece := one.content.read(1 << 20):
                out.write(piece)
        paths.append(folder / name)
    return paths


def _told(row: dict[str, Any], *, signed_in: bool) -> bytes:
    told = {
        name: value for name, value in row.items() if name not in ("key", "unit", "tiles", "made_by", "files")
    }
    told["id"] = row["key"]
    told["tiles"] = f"/tiles/scans/{row['key']}/{{z}}/{{x}}/{{y}}.webp"
    told["made_by"] = row["made_by"] if signed_in else None
    told["files"] = row["files"] if signed_in else None
    return orjson.dumps(told)


def _tilejson(row: dict[str, Any], base_url: str) -> dict[str, Any]:
    west, south, east, north = row["bounds"]
    return {
        "tilejson": "3.0.0",
        "id": row["key"],
        "name": row["title"],
        "kind": row["kind"],
        "commune": row["commune"],
        "sheet": row["sheet"],
        "scheme": "xyz",
        "tiles": [f"{base_url}/tiles/scans/{row['key']}/{{z}}/{{x}}/{{y}}.webp"],
        "tileSize": 512,
        "minzoom": max(0, row["min_zoom"] - 2),
        "maxzoom": min(MOST_ZOOM, row["max_zoom"]),
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, row["max_zoom"]],
    }
