"""`/api/v1/office`: what the role office is told of its communes: counts, imports with receipts, sheets, jobs and health."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import orjson
import psycopg
from fastapi import APIRouter, Path, Query, Request, Response
from psycopg.rows import dict_row

from api.office_csv import table
from api.office_shapes import CommuneCounts, Counts, Health, Imports, ImportTold, SheetCounts
from api.openapi import problems
from api.reply import JSON
from api.signed_in import SignedIn
from register import office
from register.connect import connect
from register.errors import InvalidKeyError, NotFoundError
from register.keys import commune_code
from register.people import require_on, require_role
from register.statements import load
from register.units import communes as communes_of

router = APIRouter(prefix="/api/v1/office", tags=["office"])
AT_ONCE = 2
"""Questions of offices answered at once: counting reads much, and others wait for nothing of it."""
IMPORTS = 50
_VIETNAM = timedelta(hours=7)
_NO_STORE = {"cache-control": "no-store"}
_First = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{4}-[0-9]{2}$", description="first month; by default January of the last"),
]
_Last = Annotated[
    str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}$", description="last month; by default this one")
]
_Number = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get(
    "/counts",
    summary="Work by commune and month",
    response_class=Response,
    responses={200: {"model": Counts}, **problems(401, 403, 422)},
)
async def get_counts(request: Request, who: SignedIn, first: _First = None, last: _Last = None) -> Response:
    """Surveys in the month they came, corrections, parcels and square metres in the month they were applied; on time and late
    by the file's term, or else the law's. At most 36 months."""
    months = _months(first, last)
    told = await _asked(request, lambda conn: _counts(office.counts(conn, who, months), months))
    return _json(told)


@router.get(
    "/counts.csv",
    summary="The same as a table",
    response_class=Response,
    responses={
        200: {
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
            "description": "UTF-8",
        },
        **problems(401, 403, 422),
    },
)
async def get_counts_csv(
    request: Request,
    who: SignedIn,
    first: _First = None,
    last: _Last = None,
    language: Annotated[Literal["vi", "en"], Query()] = "vi",
) -> Response:
    """In Vietnamese with semicolons and decimal commas, as spreadsheets there read it. Areas in hectares."""
    months = _months(first, last)
    told = await _asked(request, lambda conn: _counts(office.counts(conn, who, months), months))
    name = f"diachinh-{told['first']}-{told['last']}.csv"
    said = _NO_STORE | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(
        table(told["rows"], told["total"], language == "vi"), 200, said, "text/csv; charset=utf-8"
    )


@router.get(
    "/imports",
    summary="Imports and their receipts",
    response_class=Response,
    responses={200: {"model": Imports}, **problems(401, 403, 422)},
)
async def list_imports(
    request: Request, who: SignedIn, before: Annotated[int | None, Query(ge=1, lt=1 << 63)] = None
) -> Response:
    """What was read is what was stored, unchanged and refused."""
    found = await _asked(request, lambda conn: office.imports(conn, who, before, IMPORTS))
    return _json({"imports": found, "before": found[-1]["id"] if len(found) == IMPORTS else None})


@router.get(
    "/imports/{number}",
    summary="An import and what was found in it",
    response_class=Response,
    responses={200: {"model": ImportTold}, **problems(401, 403, 404, 422)},
)
async def get_import(request: Request, who: SignedIn, number: _Number) -> Response:
    """The first twenty findings of each rule, the gravest first."""
    return _json(await _asked(request, lambda conn: office.one_import(conn, who, number)))


@router.get(
    "/communes",
    summary="Communes, counted",
    response_class=Response,
    responses={200: {"model": CommuneCounts}, **problems(401, 403)},
)
async def list_communes(request: Request, who: SignedIn) -> Response:
    """Those of the office that have parcels, with sheets, parcels and area as they are now."""
    return _json({"communes": await _asked(request, lambda conn: office.communes(conn, who))})


@router.get(
    "/communes/{code}/sheets",
    summary="Sheets of a commune, counted",
    response_class=Response,
    responses={200: {"model": SheetCounts}, **problems(401, 403, 404, 422)},
)
async def list_sheets(
    request: Request, who: SignedIn, code: Annotated[str, Path(max_length=16, examples=["20242"])]
) -> Response:
    """With the current parcels each has in that commune."""

    def work(conn: psycopg.Connection) -> dict[str, Any]:
        require_role(who, "office")
        wanted = commune_code(code)
        found = communes_of(conn, [wanted]).get(wanted)
        if found is None:
            raise NotFoundError(f"There is no commune {wanted}.", f"Không có xã {wanted}.")
        require_on(conn, who, "office", found.id)
        place = {"code": found.code, "name": f"{found.kind} {found.name}"}
        return {"commune": place, "sheets": office.sheets(conn, found.id)}

    return _json(await _asked(request, work))


@router.get(
    "/health",
    summary="Jobs and health",
    response_class=Response,
    responses={200: {"model": Health}, **problems(401, 403)},
)
async def get_health(request: Request, who: SignedIn) -> Response:
    """What waits, what failed, who works, and how much room there is."""
    folder: FilePath = request.app.state.scans_folder or FilePath()

    def work(conn: psycopg.Connection) -> dict[str, Any]:
        require_role(who, "office")
        # the first scan makes the folder
        room = shutil.disk_usage(next(one for one in (folder, *folder.absolute().parents) if one.exists()))
        told = office.condition(conn) | {"version": version("diachinh"), "jobs": _jobs(conn)}
        return told | {"disk": {"bytes": room.total, "free": room.free}}

    return _json(await _asked(request, work))


def _jobs(conn: psycopg.Connection) -> dict[str, Any]:
    sql = load("api", "jobs.sql")
    with conn.cursor(row_factory=dict_row) as cursor:
        (told,) = cursor.execute(sql["load"]).fetchall()
        return told | {"failures": cursor.execute(sql["failures"]).fetchall()}


def _months(first: str | None, last: str | None) -> office.Months:
    """The months asked for. Raises: InvalidKeyError."""
    end = _month(last) if last else (datetime.now(UTC) + _VIETNAM).date()
    return office.Months.of(_month(first) if first else end.replace(month=1), end)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise InvalidKeyError(f"There is no month {text}.", f"Không có tháng {text}.") from None


def _counts(rows: list[dict[str, Any]], months: office.Months) -> dict[str, Any]:
    """Rows by what they count."""
    told: dict[tuple[bool, bool], list[dict[str, Any]]] = {}
    for row in rows:
        code, name = row.pop("code"), row.pop("name")
        kind = row.pop("by_month"), row.pop("by_commune")
        told.setdefault(kind, []).append(row | {"commune": code and {"code": code, "name": name}})
    (total,) = told[False, False]
    return {
        "first": f"{months.first:%Y-%m}",
        "last": f"{months.last - timedelta(days=1):%Y-%m}",
        "rows": told.get((True, True), []),
        "months": told.get((True, False), []),
        "communes": told.get((False, True), []),
        "total": total,
    }


def _json(told: object) -> Response:
    return Response(orjson.dumps(told), 200, _NO_STORE, JSON)


async def _asked(request: Request, work: Callable[[psycopg.Connection], Any]) -> Any:
    """What `work` gives, on a thread and over a connection of its own: nobody else waits for long counts."""
    state = request.app.state

    def run() -> Any:
        with connect(state.conninfo, state.schema) as conn:
            return work(conn)

    async with state.office_turns:
        return await asyncio.to_thread(run)
