"""What is said of the service and its collections: landing page, conformance, collections, queryables, schemas."""

from typing import Any
from urllib.parse import quote

from register.features.collections import COLLECTIONS, Collection, Property
from register.features.items import Extent
from register.features.systems import CRS84, SYSTEMS

Document = dict[str, Any]

JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
SCHEMA, OPENAPI = "application/schema+json", "application/vnd.oai.openapi+json;version=3.0"
DOWNLOADS = {
    "geojson": GEOJSON,
    "fgb": "application/vnd.flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "dxf": "image/vnd.dxf",
    "gml": "application/gml+xml",
}
"""Media types of downloads by the ending of the file."""

_SPEC = "http://www.opengis.net/spec/"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CONFORMANCE = [
    *(f"{_SPEC}ogcapi-common-1/1.0/conf/{name}" for name in ("core", "json", "html")),
    *(f"{_SPEC}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")),
    f"{_SPEC}ogcapi-features-2/1.0/conf/crs",
    *(
        f"{_SPEC}ogcapi-features-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_SPEC}cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
        )
    ),
    *(f"{_SPEC}ogcapi-features-5/1.0/conf/{name}" for name in ("schemas", "core-roles-features")),
    *(
        f"{_SPEC}ogcapi-tiles-1/1.0/conf/{name}"
        for name in (
            "core",
            "tileset",
            "tilesets-list",
            "dataset-tilesets",
            "geodata-tilesets",
            "collections-selection",
            "mvt",
            "oas30",
        )
    ),
]
_TYPES: dict[str, Document] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
}


def link(href: str, rel: str, media: str, title: str = "") -> Document:
    """A link as the standard has it."""
    return {"href": href, "rel": rel, "type": media} | ({"title": title} if title else {})


def both(href: str, media: str, *, html: bool) -> list[Document]:
    """Links of an answer to itself and to its other form."""
    base = href.split("?", 1)[0]
    own = HTML if html else media
    other, name = (media, "json") if html else (HTML, "html")
    query = "&".join(p for p in href[len(base) + 1 :].split("&") if p and not p.startswith("f="))
    return [
        link(href, "self", own, "Dạng này / this document"),
        link(
            f"{base}?{query + '&' if query else ''}f={name}", "alternate", other, f"Dạng {name} / as {name}"
        ),
    ]


def landing(base: str) -> Document:
    """The landing page; `base` is the address of `/ogc`."""
    return {
        "title": "Địa Chính",
        "description": "Bản đồ địa chính: thửa đất, tờ bản đồ, xã, địa chỉ. / "
        "The cadastral map: parcels, map sheets, communes, addresses.",
        "links": [
            link(f"{base}/api?f=json", "service-desc", OPENAPI, "OpenAPI 3.0"),
            link(f"{base}/api?f=html", "service-doc", HTML, "Các địa chỉ / the paths"),
            link(f"{base}/conformance", "conformance", JSON, "Tiêu chuẩn đáp ứng / conformance"),
            link(f"{base}/conformance", f"{_REL}conformance", JSON),
            link(f"{base}/collections", "data", JSON, "Các tập dữ liệu / collections"),
            link(f"{base}/collections", f"{_REL}data", JSON),
        ],
    }


def collections(base: str, extent: Extent) -> Document:
    """All collections."""
    return {"links": [], "collections": [collection(base, c, extent) for c in COLLECTIONS.values()]}


def collection(base: str, of: Collection, extent: Extent) -> Document:
    """One collection: where it lies, its links, its systems."""
    here = f"{base}/collections/{of.name}"
    spatial = {"bbox": [list(extent.box or (-180, -90, 180, 90))], "crs": CRS84.uri}
    since = None if extent.since is None else f"{extent.since}T00:00:00+07:00"
    stored = {
        "parcels": next((uri for uri, s in SYSTEMS.items() if s.epsg == extent.epsg), CRS84.uri),
        "sheets": next(uri for uri, s in SYSTEMS.items() if s.epsg == 3857),
    }
    links = [
        link(here, "self", JSON, of.title_en),
        link(f"{here}/items?f=json", "items", GEOJSON, f"{of.title_vi} / {of.title_en}"),
        link(f"{here}/items?f=html", "items", HTML, f"{of.title_vi} / {of.title_en}"),
        link(f"{here}/queryables", f"{_REL}queryables", SCHEMA, "Hỏi được theo / queryables"),
        link(f"{here}/schema", f"{_REL}schema", SCHEMA, "Thuộc tính / schema"),
    ]
    return {
        "id": of.name,
        "title": f"{of.title_vi} / {of.title_en}",
        "description": f"{of.text_vi} / {of.text_en}",
        "itemType": "feature",
        "extent": {"spatial": spatial, "temporal": {"interval": [[since, None]]}},
        "crs": list(SYSTEMS),
        "storageCrs": stored.get(of.name, CRS84.uri),
        "links": links,
    }


def queryables(base: str, of: Collection) -> Document:
    """What one can ask by, as JSON schema."""
    told = {name: described(p) for name, p in of.queryables.items()}
    return _schema(f"{base}/collections/{of.name}/queryables", of, told) | {"additionalProperties": False}


def schema(base: str, of: Collection) -> Document:
    """All properties, as JSON schema."""
    told = {p.name: described(p) for p in of.properties}
    key = "number" if of.name == "sheets" else "code"
    if of.name in ("parcels", "communes"):
        told[key]["x-ogc-role"] = "id"
    return _schema(f"{base}/collections/{of.name}/schema", of, told)


def described(of: Property) -> Document:
    """The JSON schema of a property."""
    return {"title": f"{of.text_vi} / {of.text_en}", **_TYPES[of.kind]}


def _schema(href: str, of: Collection, told: Document) -> Document:
    # surfaces are polygons, or multipolygons where a shape has several parts
    kind = "geometry-point" if of.geometry == "point" else "geometry-any"
    shape = {"title": "Hình / geometry", "x-ogc-role": "primary-geometry", "format": kind}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": href,
        "type": "object",
        "title": f"{of.title_vi} / {of.title_en}",
        "properties": {"geometry": shape, **told},
    }


def downloads(base: str, commune: str) -> list[Document]:
    """Links to the parcels of a commune as files."""
    root = f"{base.removesuffix('/ogc')}/api/v1/downloads/parcels"
    return [
        link(
            f"{root}.{ending}?commune={commune}",
            "enclosure",
            media,
            f"Thửa đất của xã / its parcels: {ending}",
        )
        for ending, media in DOWNLOADS.items()
    ]


def item_path(base: str, of: Collection, identity: str) -> str:
    """The address of one feature."""
    return f"{base}/collections/{of.name}/items/{quote(identity, safe='')}"
