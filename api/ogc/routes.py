"""`/ogc`: OGC API - Features. Its errors are problems like all others, with the status 400 the standard asks for."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from api import errors
from api.ogc import asking, documents, html, openapi
from api.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Document
from api.reply import Reply, json_list
from register.errors import NotFoundError, RegisterError
from register.features import items
from register.features.collections import COLLECTIONS, Collection
from register.features.systems import System
from register.keys import printable

router = APIRouter(include_in_schema=False)
LONGEST_QUERY = 8_192
"""Bytes after the `?`: room for a filter with a place."""
_CURSOR_BYTES = 200
# proxies take no longer ones: the links stand in the body too
_LONGEST_HEADER = 3_000

Answer = Callable[..., Awaitable[Reply]]


def _at(path: str) -> Callable[[Answer], Answer]:
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


@_at("")
async def landing(request: Request) -> Reply:
    """The landing page."""
    return _document(request, documents.landing(_base(request)))


@_at("/")
async def landing_with_slash(request: Request) -> Reply:
    """The same, as people type it."""
    return await landing(request)


@_at("/conformance")
async def conformance(request: Request) -> Reply:
    """What of the standards is done."""
    return _document(request, {"title": "Conformance", "links": [], "conformsTo": documents.CONFORMANCE})


@_at("/api")
async def api(request: Request) -> Reply:
    """The OpenAPI 3.0 document of `/ogc`."""
    return _document(request, openapi.document(_base(request)), OPENAPI)


@_at("/collections")
async def collections(request: Request) -> Reply:
    """All collections."""
    asking.parameters(request, ("f",))
    async with request.app.state.feature_pool.connection() as conn:
        extent = await items.extent(conn)
    return _document(request, documents.collections(_base(request), extent))


@_at("/collections/{name}")
async def collection(request: Request) -> Reply:
    """One collection."""
    asking.parameters(request, ("f",))
    of = _collection(request)
    async with request.app.state.feature_pool.connection() as conn:
        extent = await items.extent(conn)
    return _document(request, documents.collection(_base(request), of, extent))


@_at("/collections/{name}/queryables")
async def queryables(request: Request) -> Reply:
    """What one can ask by."""
    return _document(request, documents.queryables(_base(request), _collection(request)), SCHEMA)


@_at("/collections/{name}/schema")
async def schema(request: Request) -> Reply:
    """All properties."""
    return _document(request, documents.schema(_base(request), _collection(request)), SCHEMA)


@_at("/collections/{name}/items")
async def features(request: Request) -> Reply:
    """A page of features."""
    of = _collection(request)
    given = asking.parameters(request, (*asking.PAGE, *of.queryables))
    as_html = asking.is_html(request, given)
    wanted = asking.wanted(given, of)
    async with request.app.state.feature_pool.connection() as conn:
        page = await items.page(conn, wanted.asked, wanted.system, wanted.limit, wanted.cursor)
    here = f"{_base(request)}/collections/{of.name}"
    query = request.url.query
    links = documents.both(f"{here}/items{'?' if query else ''}{query}", GEOJSON, html=as_html)
    if page.next is not None:
        following = urlencode({**given, "cursor": page.next})
        media = HTML if as_html else GEOJSON
        links.append(documents.link(f"{here}/items?{following}", "next", media, "Trang sau / next page"))
    links.append(documents.link(here, "collection", JSON, of.title_en))
    head: Document = {"type": "FeatureCollection", "links": links, "numberReturned": len(page.items)}
    if page.matched is not None:
        head["numberMatched"] = page.matched
    etag = _etag(orjson.dumps(head), *(one.encode() for one in page.items))
    head["timeStamp"] = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    headers = _headers(links, etag, wanted.system)
    if as_html:
        told = [orjson.loads(one) for one in page.items]
        for one in told:
            one["href"] = documents.item_path(_base(request), of, one["id"]) + "?f=html"
        return _unless_known(
            request, Reply(200, html.page(of.title_vi, head | {"features": told}), HTML, headers)
        )
    body = orjson.dumps(head)[:-1] + b',"features":' + json_list(page.items).encode() + b"}"
    return _unless_known(request, Reply(200, body, GEOJSON, headers))


@_at("/collections/{name}/items/{identity}")
async def feature(request: Request) -> Reply:
    """One feature."""
    of, identity = _collection(request), request.path_params["identity"]
    given = asking.parameters(request, ("crs", "properties", "f"))
    as_html, system = asking.is_html(request, given), asking.system_of(given)
    async with request.app.state.feature_pool.connection() as conn:
        text = await items.one(conn, of, identity, system, asking.names(given, of))
    base = _base(request)
    query = request.url.query
    here = documents.item_path(base, of, identity)
    links = documents.both(f"{here}{'?' if query else ''}{query}", GEOJSON, html=as_html)
    links.append(documents.link(f"{base}/collections/{of.name}", "collection", JSON, of.title_en))
    if of.name == "communes":
        links += documents.downloads(base, identity[:5])
    headers = _headers(links, _etag(text.encode(), orjson.dumps(links)), system)
    if as_html:
        told = orjson.loads(text)
        shown = {"links": links, **told["properties"]}
        return _unless_known(
            request, Reply(200, html.page(f"{of.title_vi} {told['id']}", shown), HTML, headers)
        )
    body = text[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    return _unless_known(request, Reply(200, body, GEOJSON, headers))


def _collection(request: Request) -> Collection:
    """The collection of the path. Raises: NotFoundError."""
    name = request.path_params["name"]
    if name not in COLLECTIONS:
        raise NotFoundError(
            f"There is no collection “{printable(name)}”; there are: {', '.join(COLLECTIONS)}.",
            f"Không có tập dữ liệu “{printable(name)}”; có: {', '.join(COLLECTIONS)}.",
        )
    return COLLECTIONS[name]


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _document(request: Request, told: Mapping[str, Any], media: str = JSON) -> Reply:
    """A document in the form asked for, with links to itself and to its other form."""
    as_html = asking.is_html(request, asking.parameters(request, ("f",)))
    query = request.url.query
    href = f"{str(request.base_url).rstrip('/')}{request.url.path}{'?' if query else ''}{query}"
    if "links" in told:
        others = [one for one in told["links"] if one["rel"] != "self"]
        told = {**told, "links": [*documents.both(href, media, html=as_html), *others]}
    body = html.page(str(told.get("title", "Địa Chính")), told) if as_html else orjson.dumps(told)
    headers = _headers(told.get("links", []), _etag(body), None)
    return _unless_known(request, Reply(200, body, HTML if as_html else media, headers))


def _headers(links: list[Document], etag: str, system: System | None) -> dict[str, str]:
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


def _etag(*parts: bytes) -> str:
    """Weak: two answers with it say the same, though at other times."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return f'W/"{whole.hexdigest()[:32]}"'


def _unless_known(request: Request, reply: Reply) -> Reply:
    known = request.headers.get("if-none-match", "")
    etag = reply.headers["etag"].removeprefix("W/")
    return replace(reply, status=304, body=b"") if known.strip() == "*" or etag in known else reply
