"""How every answer under `/ogc` is given: its form, links, ETag; refusals as problems, with status 400 as the standard asks."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api import errors
from api.ogc import asking, documents, html
from api.ogc.documents import HTML, JSON, Document
from api.reply import Reply
from register.errors import RegisterError
from register.features.systems import System

LONGEST_QUERY = 8_192
"""Bytes after the `?`: room for a filter with a place."""
_CURSOR_BYTES = 200
# proxies take no longer ones: the links stand in the body too
_LONGEST_HEADER = 3_000

Answer = Callable[..., Awaitable[Reply]]


def at(router: APIRouter, path: str) -> Callable[[Answer], Answer]:
    """Answer GET and HEAD at `/ogc` + `path`, refusals as problems."""

    def made(answer: Answer) -> Answer:
        @wraps(answer)
        async def answered(request: Request) -> Response:
            try:
                if (
                    "cursor" not in request.query_params
                    and len(request.url.query) > LONGEST_QUERY - _CURSOR_BYTES
                ):
                    return errors.too_long(request.url.path, LONGEST_QUERY - _CURSOR_BYTES).response()
                return (await answer(request)).response()
            except RegisterError as error:
                reply = errors.problem_of(error, request.scope["path"])
                status = 400 if reply.status == 422 else None
                return errors.problem_of(error, request.scope["path"], status).response()

        router.add_api_route(f"/ogc{path}", answered, methods=["GET", "HEAD"])
        return answer

    return made


def base_of(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def document_reply(request: Request, told: Mapping[str, Any], media: str = JSON) -> Reply:
    """A document in the form asked for, with links to itself and to its other form."""
    as_html = asking.is_html(request, asking.parameters(request, ("f",)))
    query = request.url.query
    href = f"{str(request.base_url).rstrip('/')}{request.url.path}{'?' if query else ''}{query}"
    if "links" in told:
        others = [one for one in told["links"] if one["rel"] != "self"]
        told = {**told, "links": [*documents.both(href, media, html=as_html), *others]}
    body = html.page(str(told.get("title", "Địa Chính")), told) if as_html else orjson.dumps(told)
    headers = headers_of(told.get("links", []), etag_of(body), None)
    return unless_known(request, Reply(200, body, HTML if as_html else media, headers))


def headers_of(links: list[Document], etag: str, system: System | None) -> dict[str, str]:
    told = ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in links)
    headers = {
        "etag": etag,
        "cache-control": "no-cache",
        "vary": "Accept",
        "access-control-allow-origin": "*",
    }
    if told and told.isascii() and len(told) < _LONGEST_HEADER:
        headers["link"] = told
    if system is not None:
        headers["content-crs"] = f"<{system.uri}>"
    return headers


def etag_of(*parts: bytes) -> str:
    """Weak: two answers with it say the same, though at other times."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return f'W/"{whole.hexdigest()[:32]}"'


def unless_known(request: Request, reply: Reply) -> Reply:
    known = request.headers.get("if-none-match", "")
    etag = reply.headers["etag"].removeprefix("W/")
    return replace(reply, status=304, body=b"") if known.strip() == "*" or etag in known else reply
