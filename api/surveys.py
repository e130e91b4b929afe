"""`/api/v1/surveys`: files handed in, their check followed, their reports and originals, a draft correction made of them."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from itertools import count
from typing import Annotated, Any, TypeVar

import orjson
import psycopg
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError

from api.allowance import host
from api.body import form_of
from api.correcting import permit, step
from api.file_names import apart, attachment, safe_name
from api.jobs import enqueue
from api.limits import Limits
from api.multipart import read_form
from api.openapi import problems
from api.reply import JSON
from api.signed_in import SignedIn
from api.survey_answers import PREFIX, REPORTS, survey_json
from api.survey_events import FINAL, stream
from api.survey_shapes import Asked, DraftedCorrection, Fields, Named, Survey
from register import surveys
from register.errors import MalformedError, MediaError, TooLargeError
from register.files import KEY, Upload, adopt, digest_of, find_upload, keep, misplaced, read_part
from register.proposal import find
from register.survey_drafts import Drafted, draft_correction
from register.surveys import Original

router = APIRouter(prefix=PREFIX, tags=["surveys"])
_Key = Annotated[str, Path(description="as given when it was handed in", pattern=KEY)]
_PRIVATE = {"cache-control": "private, no-cache", "referrer-policy": "no-referrer"}
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
_MOST_JSON_BYTES = 1 << 20
_Model = TypeVar("_Model", bound=BaseModel)
_BODY = form_of(Fields, Named, several=True)


@router.post(
    "",
    summary="Hand in a survey",
    status_code=201,
    response_class=Response,
    responses={
        201: {"model": Survey, "description": "Received; it is being checked"},
        200: {"model": Survey, "description": "The same files with the same options were handed in before"},
        **problems(400, 404, 409, 410, 413, 415, 422, 429),
    },
    openapi_extra=_BODY,
)
async def hand_in(request: Request) -> Response:
    """Files as they are, in fields named `file`; or finished uploads by their keys, as JSON. Twice is once."""
    _count(request)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() == JSON:
        key, new = await _named(request, _model(Named, await _json(request)))
    else:
        key, new = await _sent(request)
    return await _answer(request, key, 201 if new else 200)


async def _sent(request: Request) -> tuple[str, bool]:
    """Key of the survey of the files in a form, and whether it is new."""
    with ExitStack() as stack:
        form = await read_form(request, request.app.state.limits, stack, request.app.state.hour_bytes)
        fields: dict[str, Any] = {name: text for name, text in form.fields.items() if text != ""}
        if "accept" in fields:
            fields["accept"] = fields["accept"].split(";")
        asked = _model(Fields, fields)
        if not form.files:
            raise MalformedError(
                "No file came: put it into the field `file`.",
                "Không có tệp nào: hãy đặt tệp vào trường `file`.",
            )
        originals = []
        contents = {}
        taken: dict[str, bytes] = {}
        for one in form.files:
            digest = one.hash.digest()
            name = safe_name(one.name)
            if taken.get(name.casefold()) == digest:
                continue
            name = apart(name, taken)
            taken[name.casefold()] = digest
            contents[digest] = one
            originals.append(Original(name, digest, one.size))
        async with request.app.state.survey_pool.connection() as conn:
            known = await surveys.same(conn, surveys.content_hash(originals, asked.options()))
            if known is not None:
                return known, False
            request.app.state.limits.check_waiting(await surveys.waiting(conn))
            async with conn.transaction():
                for digest, one in sorted(
                    contents.items()
                ):  # in one order: two hand-ins never wait crosswise
                    one.content.seek(0)
                    await keep(conn, digest, one.size, one.content)
                return await surveys.add(conn, originals, asked.options(), asked.dossier, enqueue)


async def _named(request: Request, named: Named) -> tuple[str, bool]:
    """Key of the survey of finished uploads, and whether it is new."""
    limits: Limits = request.app.state.limits
    keys = list(dict.fromkeys(named.uploads))
    limits.check_files(len(keys))
    async with request.app.state.survey_pool.connection() as conn, conn.transaction():
        held = {key: await find_upload(conn, key, hold=True) for key in sorted(keys)}
        limits.check_survey(sum(upload.size for upload in held.values()))
        limits.check_waiting(await surveys.waiting(conn))
        for upload in held.values():
            if upload.received < upload.size:
                raise misplaced(upload.received, upload.size)
        originals: list[Original] = []
        taken: dict[str, bytes] = {}
        digests: dict[bytes, list[Upload]] = {}
        for key in keys:
            digest = await digest_of(conn, held[key])
            digests.setdefault(digest, []).append(held[key])
            if taken.get(held[key].name.casefold()) == digest:
                continue
            name = apart(held[key].name, taken)
            taken[name.casefold()] = digest
            originals.append(Original(name, digest, held[key].size))
        for digest in sorted(digests):
            for upload in digests[digest]:
                await adopt(conn, upload, digest)
        return await surveys.add(conn, originals, named.options(), named.dossier, enqueue)


@router.get(
    "/{key}",
    summary="Where a survey stands",
    response_class=Response,
    responses={200: {"model": Survey}, **problems(404, 422)},
)
async def get_survey(request: Request, key: _Key) -> Response:
    """State, checks, files, receipt, and links to all of them."""
    return await _answer(request, key, 200)


@router.get(
    "/{key}/report.{kind}",
    summary="The report of a check",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in REPORTS.values()}}, **problems(404, 422)},
)
async def get_report(
    request: Request,
    key: _Key,
    kind: Annotated[str, Path(pattern=f"^({'|'.join(REPORTS)})$")],
    run: Annotated[int | None, Query(ge=1, le=1 << 30, description="the last one that is through")] = None,
) -> Response:
    """What is wrong and where: for programs, on the screen, on paper, as a picture."""
    async with request.app.state.survey_pool.connection() as conn:
        content, n = await surveys.report(conn, key, kind, run)
    headers = _PRIVATE | {"content-disposition": f'inline; filename="survey-{n}.{kind}"'}
    if kind == "html":
        headers["content-security-policy"] = _REPORT_POLICY
    return Response(content, headers=headers, media_type=REPORTS[kind])


@router.get(
    "/{key}/files/{number}",
    summary="An original",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problems(404, 422)},
)
async def get_file(
    request: Request, key: _Key, number: Annotated[int, Path(ge=1, le=1 << 30, description="from 1")]
) -> Response:
    """Byte for byte as it was handed in."""
    pool = request.app.state.survey_pool
    async with pool.connection() as conn:
        original = await surveys.original(conn, key, number - 1)

    async def content() -> AsyncIterator[bytes]:
        for n in count():
            async with pool.connection() as conn:  # for one part: slow readers hold up nobody
                part = await read_part(conn, original.digest, n)
            if part is None:
                return
            yield part

    headers = _PRIVATE | {
        "content-disposition": attachment(original.name),
        "content-length": str(original.size),
        "etag": f'"{original.digest.hex()}"',
    }
    return StreamingResponse(content(), headers=headers, media_type="application/octet-stream")


@router.get(
    "/{key}/events",
    summary="What happens to a survey, as it happens",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Ends when the check is decided"},
        204: {"description": "Nothing more will happen after Last-Event-ID"},
        **problems(404, 422),
    },
)
async def get_events(request: Request, key: _Key) -> Response:
    """`data` is {state, progress, message_vi, message_en, at}; Last-Event-ID goes on where a line dropped."""
    text = request.headers.get("last-event-id", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    async with request.app.state.survey_pool.connection() as conn:
        survey = await surveys.find(conn, key)
    if survey.state in FINAL and after >= survey.last_event:
        return Response(status_code=204)
    events = stream(request.app.state.survey_pool, request.app.state.wakes, survey.id, after)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


@router.post(
    "/{key}/runs",
    summary="Check a survey again",
    status_code=202,
    response_class=Response,
    responses={202: {"model": Survey, "description": "A new check waits"}, **problems(404, 413, 422, 429)},
    openapi_extra={"requestBody": {"content": {JSON: {"schema": Asked.model_json_schema()}}}},
)
async def check_again(request: Request, key: _Key) -> Response:
    """Options given overrule those of the last check, for example {"accept": ["shift:-0.412,0.655"]}; null takes one back."""
    body = await _json(request)
    asked = _model(Asked, body)
    changes = {name: getattr(asked, name) for name in asked.model_fields_set}
    _count(request)
    async with request.app.state.survey_pool.connection() as conn, conn.transaction():
        request.app.state.limits.check_waiting(await surveys.waiting(conn))
        await surveys.check_again(conn, key, changes, enqueue)
    return await _answer(request, key, 202)


@router.post(
    "/{key}/corrections",
    summary="Draft a correction of an accepted survey",
    status_code=201,
    response_class=Response,
    responses={
        201: {"model": DraftedCorrection, "description": "The draft; nothing is changed by it yet"},
        200: {"model": DraftedCorrection, "description": "It was drafted before"},
        **problems(401, 403, 404, 409, 422),
    },
)
async def correct(request: Request, who: SignedIn, key: _Key) -> Response:
    """New plots become parcels, those measured anew get their new shapes, once the draft is approved and applied.

    A survey handed in with `replaces: sheet` is compared with its whole sheets: parcels that are gone end, and a shift of the
    sheet is told apart (`sheet_shift` of the preview); draft it anew with `"shift": "take"` to move the sheet.

    By a surveyor or an editor of the communes it changes.
    """

    def work(conn: psycopg.Connection) -> Drafted:
        drafted = draft_correction(conn, key, who.name)
        permit(conn, who, find(conn, drafted.correction), "surveyor", "editor")
        return drafted

    drafted = await step(request, None, work)
    names = ("record", "code", "sheet", "number", "does")
    body = {
        "correction": drafted.correction,
        "run": drafted.run,
        "counts": drafted.counts,
        "plots": [dict(zip(names, plot, strict=True)) for plot in drafted.plots],
    }
    return Response(orjson.dumps(body), 201 if drafted.made else 200, _PRIVATE, JSON)


def _count(request: Request) -> None:
    """Count a hand-in to its client. Raises: BusyError."""
    request.app.state.hour_surveys.take(host(request), 1)


async def _answer(request: Request, key: str, status: int) -> Response:
    async with request.app.state.survey_pool.connection() as conn:
        survey = await surveys.find(conn, key)
    headers = _PRIVATE | ({"location": f"{PREFIX}/{key}"} if status != 200 else {})
    return Response(survey_json(survey), status, headers, JSON)


async def _json(request: Request) -> Any:
    """The body, which may be missing. Raises: MediaError, MalformedError, TooLargeError."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _MOST_JSON_BYTES:
            raise TooLargeError("The JSON is longer than 1 MiB.", "JSON dài hơn 1 MiB.", _MOST_JSON_BYTES)
    if not content:
        return {}
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
        raise MediaError("Options come as application/json.", "Tùy chọn phải gửi dạng application/json.")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise MalformedError("The body is not JSON.", "Nội dung không phải JSON.") from None


def _model(model: type[_Model], values: Any) -> _Model:
    """Raises: RequestValidationError."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from None
