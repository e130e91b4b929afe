"""`/api/v1/addresses/files`: a file of addresses comes in, a draft with its match report goes out."""

import asyncio
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, Literal

import orjson
import psycopg
from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from api.body import form_of
from api.correcting import may_read, permit, step
from api.file_names import safe_name
from api.limits import Limits
from api.multipart import Form, read_form
from api.openapi import problems
from api.reply import JSON
from api.signed_in import SignedIn
from importers.address_files.read import read_addresses
from importers.address_files.report import report_csv, report_json
from importers.errors import Refused
from importers.options import ReadOptions
from importers.scratch import scratch
from register import proposals
from register.address_match.drafts import counts_of, keep_file, report_of
from register.address_match.rows import SCHEME, Defaults
from register.errors import MalformedError, UnreadableError
from register.people import Who, require_role
from register.proposal import Proposal, find
from register.proposals import Said
from register.units import zones

PREFIX = "/api/v1/addresses/files"
router = APIRouter(prefix=PREFIX, tags=["addresses"])
MOST_FILE_BYTES = 64 << 20
AT_ONCE = 1
"""So many files are read at a time: each is a process of its own."""
_Key = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$", description="the correction's key")]
_PRIVATE = {"cache-control": "no-store"}
_KINDS = {"json": JSON, "csv": "text/csv; charset=utf-8"}


class FileFields(BaseModel):
    """What goes with a file of addresses."""

    model_config = ConfigDict(extra="forbid")
    effective_on: date
    reason: Annotated[str, StringConstraints(max_length=2000)] = ""
    basis: Annotated[str, StringConstraints(max_length=500)] | None = None
    dossier: Annotated[str, StringConstraints(max_length=100)] | None = None
    scheme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")] = Field(
        SCHEME, description="of digital addresses that name none"
    )
    source: Annotated[str, StringConstraints(max_length=200)] | None = None
    crs: Annotated[int, Field(ge=1000, le=99999)] | None = Field(None, description="EPSG code of metres")
    commune: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = None
    near_m: Annotated[float, AllowInfNan(False), Field(ge=0, le=200)] = 10.0


class AddressCounts(BaseModel):
    """What the rows came to: read = linked + unchanged + ambiguous + outside + conflicting + refused."""

    read: int
    linked: int
    unchanged: int
    ambiguous: int
    outside: int
    conflicting: int
    refused: int
    links: int
    by: dict[str, int] = Field(description="outcome and rule → rows")


class AddressFileDraft(BaseModel):
    """The draft made of a file, and where its report is."""

    correction: str
    state: str
    hash: str
    stops: int
    counts: AddressCounts
    report: dict[str, str]


_BODY = form_of(FileFields, required=["effective_on"])


@router.post(
    "",
    summary="Hand in a file of addresses",
    status_code=201,
    response_class=Response,
    responses={201: {"model": AddressFileDraft}, **problems(400, 401, 403, 413, 415, 422, 429)},
    openapi_extra=_BODY,
)
async def hand_in(request: Request, who: SignedIn) -> Response:
    """CSV, GeoJSON or INSPIRE GML, in the field `file`: matched with the parcels, and drafted as a correction that another
    person approves. Nothing is linked by it yet."""
    require_role(who, "editor")
    limits: Limits = request.app.state.limits
    with ExitStack() as stack:
        form = await read_form(request, limits, stack, request.app.state.hour_bytes)
        asked = _asked(form)
        folder = FilePath(stack.enter_context(scratch()))
        path = folder / safe_name(form.files[0].name)
        await asyncio.to_thread(_put, form, path)
        async with request.app.state.address_turns:
            drafted = await step(request, None, lambda conn: _draft(conn, who, path, asked))
    headers = _PRIVATE | {"location": f"/api/v1/corrections/{drafted.key}"}
    return Response(_answer(drafted), 201, headers, JSON)


@router.get(
    "/{key}/report.{kind}",
    summary="What each row of a file came to",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in _KINDS.values()}}, **problems(401, 403, 404, 422)},
)
async def report(request: Request, who: SignedIn, key: _Key, kind: Literal["json", "csv"]) -> Response:
    """Outcome, reason, parcels, how they were found, distance; as the draft was last worked out."""

    def work(conn: psycopg.Connection) -> list[bytes]:
        one = find(conn, key)
        may_read(conn, who, one)
        findings, rows = report_of(conn, key)
        if kind == "csv":
            return list(report_csv(rows))
        head = {"correction": key, "state": one.state, "counts": asdict(counts_of(one.preview))}
        return list(report_json(head, rows, findings))

    pieces = await step(request, None, work)
    return StreamingResponse(iter(pieces), headers=_PRIVATE, media_type=_KINDS[kind])


def _asked(form: Form) -> FileFields:
    """Raises: RequestValidationError, MalformedError, TooLargeError."""
    if len(form.files) != 1:
        raise MalformedError(
            "Hand in one file, in the field `file`; several go zipped.",
            "Hãy nộp đúng một tệp trong trường `file`; nhiều tệp thì nén lại.",
        )
    Limits(file_bytes=MOST_FILE_BYTES).check_file(form.files[0].size)
    try:
        return FileFields.model_validate({name: text for name, text in form.fields.items() if text != ""})
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from None


def _put(form: Form, path: FilePath) -> None:
    content = form.files[0].content
    content.seek(0)
    with path.open("wb") as out:
        while piece := content.read(1 << 20):
            out.write(piece)


def _draft(conn: psycopg.Connection, who: Who, path: FilePath, asked: FileFields) -> Proposal:
    """The draft of a file. Raises: UnreadableError, NotAllowedError."""
    try:
        reading = read_addresses([path], ReadOptions({}, asked.crs, asked.commune, zones(conn).get))
        try:
            defaults = Defaults(asked.scheme, asked.source)
            file = keep_file(conn, reading, path.name, who.name, defaults, asked.near_m)
        finally:
            reading.close()
    except Refused as refused:
        raise UnreadableError(refused.text_en, refused.text_vi, refused.rule, refused.place) from None
    said = Said(asked.effective_on, asked.reason, asked.basis, asked.dossier)
    made = proposals.draft(conn, {"kind": "address", "file": file}, who.name, said)
    permit(conn, who, made, "editor")
    return made


def _answer(made: Proposal) -> bytes:
    report = {kind: f"{PREFIX}/{made.key}/report.{kind}" for kind in _KINDS}
    return orjson.dumps(
        {
            "correction": made.key,
            "state": made.state,
            "hash": None if made.hash is None else made.hash.hex(),
            "stops": made.stops,
            "counts": asdict(counts_of(made.preview)),
            "report": report,
        }
    )
