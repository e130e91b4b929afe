"""Errors as problem+json (RFC 9457): the one place that knows HTTP statuses.

Every problem has `type`, `title`, `status`, `detail` (English), `detail_vi` (Vietnamese), `instance`, and fields of
its own kind.
"""

import logging
from dataclasses import fields, replace
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg import OperationalError
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match

from api.reply import Reply
from register.errors import (
    BusyError,
    ConflictError,
    EarlyError,
    EditError,
    GoneError,
    InvalidKeyError,
    LastOfficeError,
    MalformedError,
    MediaError,
    NameTakenError,
    NoCodeError,
    NotAcceptedError,
    NotAllowedError,
    NotFoundError,
    NotPreviewedError,
    NotRevertibleError,
    NotSignedInError,
    NumberTakenError,
    OffsetError,
    OverlapError,
    PasswordError,
    RegisterError,
    ReorganisationError,
    SheetZoneError,
    StaleError,
    StateError,
    TooLargeError,
    TooWideError,
    UnreadableError,
)
from register.keys import printable

STATUSES: dict[type[RegisterError], tuple[int, str]] = {
    NotSignedInError: (401, "Not signed in"),
    NotAllowedError: (403, "Not allowed"),
    NotFoundError: (404, "Not found"),
    InvalidKeyError: (422, "Not understood"),
    UnreadableError: (422, "File not read"),
    PasswordError: (422, "Password not taken"),
    NameTakenError: (409, "Name taken"),
    LastOfficeError: (409, "Last office"),
    StaleError: (409, "Changed meanwhile"),
    OverlapError: (409, "Parcels overlap"),
    NumberTakenError: (409, "Parcel number taken"),
    ConflictError: (409, "Changed meanwhile"),
    EarlyError: (409, "Too early by law"),
    EditError: (422, "Cannot be done"),
    StateError: (409, "In another state"),
    NotPreviewedError: (409, "Not what was seen"),
    NotRevertibleError: (409, "Cannot be undone"),
    ReorganisationError: (409, "Cannot be reorganised so"),
    NoCodeError: (409, "No free code"),
    SheetZoneError: (409, "Sheet in another zone"),
    NotAcceptedError: (409, "Not accepted"),
    OffsetError: (409, "Upload stands elsewhere"),
    GoneError: (410, "Gone"),
    TooLargeError: (413, "Too large"),
    BusyError: (429, "Too much at once"),
    MediaError: (415, "Not read here"),
    MalformedError: (400, "Cannot be taken apart"),
    TooWideError: (422, "Too much asked"),
    RegisterError: (400, "Refused"),
}
_PROBLEM = "application/problem+json"
_log = logging.getLogger(__name__)


def problem(
    status: int, title: str, detail: str, detail_vi: str, instance: str, kind: str, **more: object
) -> Reply:
    """A problem answer; `kind` names it for machines, `more` are fields of its own."""
    body = {
        "type": f"/problems/{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "detail_vi": detail_vi,
        "instance": instance,
        **more,
    }
    return Reply(status, orjson.dumps(body), _PROBLEM)


def problem_of(error: Exception, instance: str, status: int | None = None) -> Reply:
    """The answer to any error, `status` overruling its own; what nobody expected goes to the log and is not told."""
    if isinstance(error, RegisterError):
        own, title = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
        more = {
            f.name: getattr(error, f.name) for f in fields(error) if f.name not in ("detail", "detail_vi")
        }
        kind = type(error).__name__.removesuffix("Error")
        reply = problem(status or own, title, error.detail, error.detail_vi, instance, _dashed(kind), **more)
        if isinstance(error, BusyError):
            reply = replace(reply, headers={"retry-after": str(error.retry_after_s)})
        if isinstance(error, NotSignedInError):
            reply = replace(reply, headers={"www-authenticate": "Bearer"})
        return reply
    if isinstance(error, QueryCanceled):
        return problem(
            503,
            "Too much asked",
            "The question took too long: ask for a smaller box or add a sheet.",
            "Truy vấn quá lâu: hãy hỏi khung nhỏ hơn hoặc thêm số tờ.",
            instance,
            "too-much",
        )
    if isinstance(error, OperationalError | PoolTimeout):
        _log.warning("the database does not answer: %s", error)
        return problem(
            503,
            "Register not reachable",
            "The register does not answer just now: try again in a moment.",
            "Cơ sở dữ liệu tạm thời không trả lời: hãy thử lại sau giây lát.",
            instance,
            "unavailable",
        )
    _log.error("unexpected error answering %s", printable(instance), exc_info=error)
    return problem(
        500,
        "Our fault",
        "Something went wrong on the server; it is in its log.",
        "Máy chủ gặp lỗi; đã ghi vào nhật ký.",
        instance,
        "internal",
    )


def install(app: FastAPI) -> None:
    """Let every error of FastAPI's routes be answered as a problem."""

    async def refused(request: Request, error: Exception) -> Response:
        return problem_of(error, request.scope["path"]).response()

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
        wrong = [
            {
                "name": str(e["loc"][-1]) if e["loc"] else "body",
                "message": e["msg"],
                "value": printable(str(e.get("input", ""))),
            }
            for e in error.errors()
        ]
        names = ", ".join(w["name"] for w in wrong)
        return problem(
            422,
            "Not understood",
            f"Wrong or missing: {names}. {wrong[0]['message']}.",
            f"Sai hoặc thiếu tham số: {names}.",
            request.scope["path"],
            "invalid-request",
            wrong=wrong,
        ).response()

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        headers = error.headers
        if error.status_code == 405:  # the router names the methods of the first route of the path only
            routes: list[BaseRoute] = request.app.state.routes
            fitting = [one for one in routes if one.matches(request.scope)[0] is not Match.NONE]
            methods = {name for one in fitting for name in getattr(one, "methods", None) or ()}
            headers = {"allow": ", ".join(sorted(methods))}
        return no_route(error.status_code, request.method, request.scope["path"], headers).response()

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=400)  # nobody reads it

    app.add_exception_handler(ClientDisconnect, gone)
    for kind in (*STATUSES, OperationalError, PoolTimeout, Exception):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def no_route(status: int, method: str, path: str, headers: object = None) -> Reply:
    """The answer where no route fits: wrong path (404), wrong method (405)."""
    phrase = HTTPStatus(status).phrase
    detail, detail_vi = {
        404: ("There is nothing at this address.", "Không có gì ở địa chỉ này."),
        405: (f"{method} is not possible here.", f"Không dùng được phương thức {method} ở đây."),
    }.get(status, (phrase, phrase))
    reply = problem(status, phrase, detail, detail_vi, path, phrase.lower().replace(" ", "-"))
    return Reply(status, reply.body, _PROBLEM, dict(headers) if isinstance(headers, dict) else {})


def too_long(path: str, longest: int) -> Reply:
    """The answer to a query string longer than `longest` bytes."""
    return problem(
        414,
        "Question too long",
        f"A question has at most {longest} bytes after the `?`.",
        f"Truy vấn dài tối đa {longest} byte sau dấu `?`.",
        path,
        "too-long",
    )


def _dashed(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
