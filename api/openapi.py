"""What OpenAPI says beside the routes: problems, examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.shapes import Problem

_TEXTS = {
    400: "The request cannot be taken apart",
    401: "Nobody is signed in, or the token or key holds no more",
    403: "Who asks lacks a role for the commune",
    404: "There is no such thing",
    409: "It stands otherwise than the request believes",
    410: "It was there and is no more",
    412: "A header is missing, or tells another state",
    413: "More than is taken at once",
    414: "The question is too long",
    415: "Of a media type that is not read here",
    422: "The question was not understood",
    429: "So much was handed in that this has to wait: see Retry-After",
    503: "The register does not answer just now",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Responses of a route that can fail with `statuses`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "model": Problem,
            "description": _TEXTS[status],
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status in statuses
    }


def describe(app: FastAPI) -> None:
    """Let the document of `app` tell of each route what any route can answer, problems in their one shape."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            schemas = told["components"]["schemas"]
            for path in told["paths"].values():
                for operation in path.values():
                    _tell_problems(operation)
                    for said in operation.get("requestBody", {}).get("content", {}).values():
                        said["schema"] = _lifted(said["schema"], schemas)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = told
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _lifted(schema: Any, schemas: dict[str, Any]) -> Any:
    """A schema that pydantic wrote for itself, its own definitions put among those of the document."""
    if isinstance(schema, list):
        return [_lifted(one, schemas) for one in schema]
    if not isinstance(schema, dict):
        return schema
    for name, one in schema.get("$defs", {}).items():
        schemas.setdefault(name, _lifted(one, schemas))
    lifted = {name: _lifted(one, schemas) for name, one in schema.items() if name != "$defs"}
    if isinstance(lifted.get("$ref"), str):
        lifted["$ref"] = lifted["$ref"].replace("#/$defs/", "#/components/schemas/")
    return lifted


def _tell_problems(operation: dict[str, Any]) -> None:
    any_of_them = {503}
    if operation.get("parameters") or "requestBody" in operation:
        any_of_them.add(422)
    if "requestBody" in operation:
        any_of_them.add(400)
    if any(one["in"] == "query" for one in operation.get("parameters", ())):
        any_of_them.add(414)
    responses = operation["responses"]
    for status, said in problems(*sorted(any_of_them)).items():
        content = responses.get(str(status), {}).get("content", {})
        if not content or "HTTPValidationError" in str(content):
            responses[str(status)] = {k: v for k, v in said.items() if k != "model"}


PARCEL_EXAMPLE: dict[str, Any] = {
    "type": "Feature",
    "id": "w6ugmww06xud",
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [
                [108.185935595, 16.064970099],
                [108.185871095, 16.064965983],
                [108.185876028, 16.064856303],
                [108.185935595, 16.064970099],
            ]
        ],
    },
    "properties": {
        "code": "w6ugmww06xud",
        "status": "current",
        "version": 31573,
        "commune": {"code": "20242", "name": "Hải Châu", "kind": "phường", "province": "Đà Nẵng"},
        "sheet": {
            "number": "2",
            "scale": 500,
            "map_set": "",
            "epsg": 5899,
            "commune": {"code": "20225", "name": "Thanh Bình", "kind": "phường"},
        },
        "number": "245",
        "land_use": "ODT",
        "land_uses": [
            {
                "code": "ODT",
                "name_vi": "Đất ở tại đô thị",
                "name_en": "Urban homes",
                "family": "residential_urban",
            }
        ],
        "area_m2": 41.8,
        "legal_area_m2": 42.0,
        "point": [108.18589, 16.06493],
        "recipe": {"algorithm": "polylabel", "epsg": 5899, "east_m": 546440.1, "north_m": 1776812.3},
        "addresses": [
            {"scheme": "olc", "code": "7P8C357P+V67", "text": "12 Trần Phú, phường Hải Châu", "main": True}
        ],
        "since": {
            "correction": 1,
            "kind": "import",
            "effective_on": "2026-01-01",
            "made_at": "2026-01-01T08:00:00+07:00",
        },
        "retired": None,
    },
}
