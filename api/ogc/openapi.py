"""The OpenAPI 3.0 document of `/ogc`: what programs for OGC API read (they do not know 3.1)."""

from typing import Any

from api.ogc import asking, tilesets
from api.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Document, described
from api.tiles import MVT
from register.features.collections import COLLECTIONS, Collection
from register.features.cql2 import LONGEST
from register.features.systems import SYSTEMS
from tiles.layers import OPEN

_PROBLEM = "application/problem+json"


def document(base: str) -> Document:
    """The document; `base` is the address of `/ogc`."""
    told = {"responses": _RESPONSES, "schemas": _SCHEMAS, "parameters": _PARAMETERS}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Địa Chính: OGC API - Features and Tiles",
            "description": "The cadastral map: parcels, map sheets, communes and addresses for GIS programs.",
            "version": "1",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": base}],
        "tags": [{"name": name} for name in ("Capabilities", "Tiles", *COLLECTIONS)],
        "paths": _paths(),
        "components": told,
    }


def _paths() -> Document:
    paths: Document = {
        "/": _get("Landing page", "Capabilities", ["f"], _answer("LandingPage", JSON)),
        "/conformance": _get("Conformance", "Capabilities", ["f"], _answer("Conformance", JSON)),
        "/api": _get("This document", "Capabilities", ["f"], _answer("Anything", OPENAPI)),
        "/collections": _get("Collections", "Capabilities", ["f"], _answer("Collections", JSON)),
    }
    for of in COLLECTIONS.values():
        here = f"/collections/{of.name}"
        paths[here] = _get(of.title_en, of.name, ["f"], _answer("Collection", JSON))
        paths[f"{here}/queryables"] = _get("Queryables", of.name, ["f"], _answer("Anything", SCHEMA))
        paths[f"{here}/schema"] = _get("Schema", of.name, ["f"], _answer("Anything", SCHEMA))
        names = [name for name in asking.PAGE if name != "properties"]
        page = _get(f"{of.title_en}: a page", of.name, names, _answer("Features", GEOJSON, crs=True))
        page["get"]["parameters"] += [_properties(of), *_equal(of)]
        paths[f"{here}/items"] = page
        one = _get(
            f"{of.title_en}: one", of.name, ["crs", "f"], _answer("Feature", GEOJSON, crs=True), missing=True
        )
        one["get"]["parameters"] += [_properties(of), _identity(of)]
        paths[f"{here}/items/{{featureId}}"] = one
    return paths | _tile_paths()


def _tile_paths() -> Document:
    grids, sets = "/tileMatrixSets", _answer("Anything", JSON)
    paths: Document = {
        grids: _get("Tile matrix sets", "Tiles", ["f"], sets),
        f"{grids}/{{tileMatrixSetId}}": _get(
            "Tile matrix set", "Tiles", ["f", "tileMatrixSetId"], sets, missing=True
        ),
    }
    tile = {"description": "The tile, possibly empty", "content": {MVT: {"schema": _BYTES}}}
    place = ["tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"]
    for name in (None, *tilesets.TILED):
        here = f"{'' if name is None else f'/collections/{name}'}/tiles"
        tag, whose = name or "Tiles", "Map" if name is None else "Collection"
        paths[here] = _get(f"{whose} tilesets", tag, ["f"], sets)
        here += "/{tileMatrixSetId}"
        paths[here] = _get(f"{whose} tileset", tag, ["f", "tileMatrixSetId"], sets, missing=True)
        asked = [*place, *(["collections"] if name is None else [])]
        paths[f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = _get(
            f"{whose} tile", tag, asked, tile, missing=True
        )
    return paths


def _get(summary: str, tag: str, names: list[str], answer: Document, *, missing: bool = False) -> Document:
    said = "".join(word.capitalize() for word in f"{tag} {summary}".replace(":", "").split())
    responses: Document = {"200": answer, "304": {"$ref": "#/components/responses/Known"}}
    for status in ("400", *(["404"] if missing else []), "414", "503"):
        responses[status] = {"$ref": "#/components/responses/Problem"}
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    return {
        "get": {
            "summary": summary,
            "operationId": f"get{said}",
            "tags": [tag],
            "parameters": parameters,
            "responses": responses,
        }
    }


def _answer(name: str, media: str, *, crs: bool = False) -> Document:
    headers: Document = {"ETag": {"schema": {"type": "string"}}, "Link": {"schema": {"type": "string"}}}
    if crs:
        headers["Content-Crs"] = {"description": "The system of the shapes", "schema": {"type": "string"}}
    schema = {"$ref": f"#/components/schemas/{name}"}
    content = {media: {"schema": schema}, HTML: {"schema": {"type": "string"}}}
    return {"description": "The answer", "headers": headers, "content": content}


def _properties(of: Collection) -> Document:
    names = [p.name for p in of.properties]
    return {
        "name": "properties", "in": "query", "style": "form", "explode": False, "description": "The properties wanted",
        "schema": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": names}},
    }  # fmt: skip


def _equal(of: Collection) -> list[Document]:
    told = []
    for name, one in of.queryables.items():
        schema = {k: v for k, v in described(one).items() if k != "title"}
        if one.kind == "text":
            schema |= {"maxLength": 200, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$"}
        if one.kind in ("integer", "number"):
            schema |= {"minimum": -(10**15) + 1, "maximum": 10**15 - 1}
        told.append(
            {"name": name, "in": "query", "description": f"{one.text_vi} / {one.text_en}", "schema": schema}
            | {"style": "form", "explode": False}
        )
    return told


def _identity(of: Collection) -> Document:
    examples = {"parcels": "w6ugmu6r6pux", "communes": "20194"}
    return {
        "name": "featureId", "in": "path", "required": True, "description": "The id of a feature",
        "schema": {"type": "string", "minLength": 1, "maxLength": 40}, "example": examples.get(of.name, "1"),
    }  # fmt: skip


def _query(name: str, text: str, schema: Document, **more: Any) -> Document:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema, **more}


def _in_path(name: str, schema: Document, example: str | int) -> Document:
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


_BYTES: Document = {"type": "string", "format": "binary"}
_PLACE: Document = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_URI: Document = {"type": "string", "format": "uri", "enum": list(SYSTEMS)}
_PARAMETERS: Document = {
    "f": _query("f", "json or html, in place of the Accept header", {"type": "string", "enum": list(asking.FORMATS)}),
    "bbox": _query(
        "bbox", "Features that meet the box: least of both axes, greatest of both axes (heights are passed over)",
        {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
        style="form", explode=False,
    ),
    "bbox-crs": _query("bbox-crs", "The system of bbox; without it CRS84", _URI),
    "crs": _query("crs", "The system of the shapes in the answer; without it CRS84", _URI),
    "datetime": _query(
        "datetime", "Legal day (2026-05-01), instant, or interval of two, `..` for an open end: what was in force then",
        {"type": "string", "maxLength": 80, "example": "2026-01-01/2026-06-30"}, style="form", explode=False,
    ),
    "limit": _query(
        "limit", "At most so many features; more than the maximum is the maximum",
        {"type": "integer", "minimum": 1, "maximum": asking.MOST, "default": asking.LIMIT}, style="form", explode=False,
    ),
    "filter": _query("filter", "CQL2 text or JSON: see queryables", {"type": "string", "minLength": 1, "maxLength": LONGEST}),
    "filter-lang": _query(
        "filter-lang", "The language of filter", {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}
    ),
    "filter-crs": _query("filter-crs", "The system of the places in filter; without it CRS84", _URI),
    "collections": _query(
        "collections", "The layers wanted; without it all",
        {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(OPEN)}}, style="form", explode=False,
    ),
    "tileMatrixSetId": _in_path(
        "tileMatrixSetId", {"type": "string", "pattern": "^(WebMercatorQuad|VN2000-[0-9]{4})$"}, "WebMercatorQuad"
    ),
    "tileMatrix": _in_path("tileMatrix", {"type": "string", "pattern": "^[0-9]{1,2}$"}, "14"),
    "tileRow": _in_path("tileRow", _PLACE, 7436),
    "tileCol": _in_path("tileCol", _PLACE, 13112),
    "cursor": _query("cursor", "From a next link, as it is", {"type": "string", "maxLength": 200}),
}  # fmt: skip

_KNOWN: Document = {"description": "Unchanged since the ETag in If-None-Match"}
_RESPONSES: Document = {
    "Known": _KNOWN,
    "Problem": {
        "description": "What went wrong, in English and Vietnamese (RFC 9457)",
        "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


def _object(required: dict[str, Document], **optional: Document) -> Document:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


_TEXT: Document = {"type": "string"}
_LINKS: Document = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_SCHEMAS: Document = {
    "Anything": {"type": "object"},
    "Link": _object({"href": _TEXT, "rel": _TEXT}, type=_TEXT, title=_TEXT),
    "LandingPage": _object({"links": _LINKS}, title=_TEXT, description=_TEXT),
    "Conformance": _object({"conformsTo": {"type": "array", "items": _TEXT}}),
    "Collections": _object(
        {"links": _LINKS, "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}}}
    ),
    "Collection": _object(
        {"id": _TEXT, "links": _LINKS},
        title=_TEXT, description=_TEXT, itemType=_TEXT, storageCrs=_TEXT, crs={"type": "array", "items": _TEXT},
        extent={"type": "object"},
    ),
    "Feature": _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": _TEXT,
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
        },
        links=_LINKS,
    ),
    "Features": _object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
        },
        links=_LINKS, timeStamp={"type": "string", "format": "date-time"},
        numberMatched={"type": "integer", "minimum": 0}, numberReturned={"type": "integer", "minimum": 0},
    ),
    "Problem": _object(
        {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "detail_vi": _TEXT, "instance": _TEXT}
    ),
}  # fmt: skip
