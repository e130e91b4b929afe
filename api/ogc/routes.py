"""`/ogc`: OGC API - Features. Its errors are problems like all others, with the status 400 the standard asks for."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request

from api.ogc import asking, documents, html, openapi, tilesets
from api.ogc.answering import at, base_of, document_reply, etag_of, headers_of, unless_known
from api.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Document
from api.reply import Reply, json_list
from register.errors import NotFoundError
from register.features import items
from register.features.collections import COLLECTIONS, Collection
from register.keys import printable

router = APIRouter(include_in_schema=False)


@at(router, "")
async def landing(request: Request) -> Reply:
    """The landing page."""
    told = documents.landing(base_of(request))
    return document_reply(request, told | {"links": told["links"] + tilesets.of_map(base_of(request))})


@at(router, "/")
async def landing_with_slash(request: Request) -> Reply:
    """The same, as people type it."""
    return await landing(request)


@at(router, "/conformance")
async def conformance(request: Request) -> Reply:
    """What of the standards is done."""
    return document_reply(request, {"title": "Conformance", "links": [], "conformsTo": documents.CONFORMANCE})


@at(router, "/api")
async def api(request: Request) -> Reply:
    """The OpenAPI 3.0 document of `/ogc`."""
    return document_reply(request, openapi.document(base_of(request)), OPENAPI)


@at(router, "/collections")
async def collections(request: Request) -> Reply:
    """All collections."""
    asking.parameters(request, ("f",))
    async with request.app.state.feature_pool.connection() as conn:
        extent = await items.extent(conn)
    return document_reply(request, documents.collections(base_of(request), extent))


@at(router, "/collections/{name}")
async def collection(request: Request) -> Reply:
    """One collection."""
    asking.parameters(request, ("f",))
    of = _collection(request)
    async with request.app.state.feature_pool.connection() as conn:
        extent = await items.extent(conn)
    told = documents.collection(base_of(request), of, extent)
    links = told["links"] + tilesets.of_collection(base_of(request), of.name)
    return document_reply(request, told | {"links": links})


@at(router, "/collections/{name}/queryables")
async def queryables(request: Request) -> Reply:
    """What one can ask by."""
    return document_reply(request, documents.queryables(base_of(request), _collection(request)), SCHEMA)


@at(router, "/collections/{name}/schema")
async def schema(request: Request) -> Reply:
    """All properties."""
    return document_reply(request, documents.schema(base_of(request), _collection(request)), SCHEMA)


@at(router, "/collections/{name}/items")
async def features(request: Request) -> Reply:
    """A page of features."""
    of = _collection(request)
    given = asking.parameters(request, (*asking.PAGE, *of.queryables))
    as_html = asking.is_html(request, given)
    wanted = asking.wanted(given, of)
    async with request.app.state.feature_pool.connection() as conn:
        page = await items.page(conn, wanted.asked, wanted.system, wanted.limit, wanted.cursor)
    here = f"{base_of(request)}/collections/{of.name}"
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
    etag = etag_of(orjson.dumps(head), *(one.encode() for one in page.items))
    head["timeStamp"] = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    headers = headers_of(links, etag, wanted.system)
    if as_html:
        told = [orjson.loads(one) for one in page.items]
        for one in told:
            one["href"] = documents.item_path(base_of(request), of, one["id"]) + "?f=html"
        return unless_known(
            request, Reply(200, html.page(of.title_vi, head | {"features": told}), HTML, headers)
        )
    body = orjson.dumps(head)[:-1] + b',"features":' + json_list(page.items).encode() + b"}"
    return unless_known(request, Reply(200, body, GEOJSON, headers))


@at(router, "/collections/{name}/items/{identity}")
async def feature(request: Request) -> Reply:
    """One feature."""
    of, identity = _collection(request), request.path_params["identity"]
    given = asking.parameters(request, ("crs", "properties", "f"))
    as_html, system = asking.is_html(request, given), asking.system_of(given)
    async with request.app.state.feature_pool.connection() as conn:
        text = await items.one(conn, of, identity, system, asking.names(given, of))
    base = base_of(request)
    query = request.url.query
    here = documents.item_path(base, of, identity)
    links = documents.both(f"{here}{'?' if query else ''}{query}", GEOJSON, html=as_html)
    links.append(documents.link(f"{base}/collections/{of.name}", "collection", JSON, of.title_en))
    if of.name == "communes":
        links += documents.downloads(base, identity[:5])
    headers = headers_of(links, etag_of(text.encode(), orjson.dumps(links)), system)
    if as_html:
        told = orjson.loads(text)
        shown = {"links": links, **told["properties"]}
        return unless_known(
            request, Reply(200, html.page(f"{of.title_vi} {told['id']}", shown), HTML, headers)
        )
    body = text[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    return unless_known(request, Reply(200, body, GEOJSON, headers))


def _collection(request: Request) -> Collection:
    """The collection of the path. Raises: NotFoundError."""
    name = request.path_params["name"]
    if name not in COLLECTIONS:
        raise NotFoundError(
            f"There is no collection “{printable(name)}”; there are: {', '.join(COLLECTIONS)}.",
            f"Không có tập dữ liệu “{printable(name)}”; có: {', '.join(COLLECTIONS)}.",
        )
    return COLLECTIONS[name]
