"""Writes src/client/doors.ts, the page's types of the API, from what the API says of itself in OpenAPI.

    python client.py            writes it
    python client.py --check    ends with 1 where what stands there is not what the API says

Each door is one key, "GET /api/v1/parcels/{code}", with what it takes (path, query, headers, body) and what it answers.
Answers that are no JSON are told as Blob.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient

from api.app import create_app

FILE = Path(__file__).parent / "src/client/doors.ts"
_HEAD = "/** What the API takes and answers, door by door: written by web/client.py from OpenAPI, never by hand. */\n"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_PREFIX = "/api/"
Json = dict[str, Any]


async def document() -> Json:
    """The OpenAPI document of the server as it stands; no database is asked."""
    async with AsyncClient(transport=ASGITransport(create_app("")), base_url="http://here") as client:
        told: Json = (await client.get("/api/openapi.json")).raise_for_status().json()
    return told


def shape(schema: Json) -> str:
    """A JSON schema as a TypeScript type."""
    if "$ref" in schema:
        return _name(schema["$ref"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for several, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if several in schema:
            return sign.join(dict.fromkeys(_in_brackets(shape(one)) for one in schema[several]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(shape({**schema, "type": one}) for one in kind)
    if kind == "string" and schema.get("format") == "binary":
        return "Blob"
    if kind == "array":
        return _array(schema)
    if kind == "object" or "properties" in schema:
        return _object(schema)
    return _PLAIN.get(kind or "", "unknown")


def _array(schema: Json) -> str:
    if "prefixItems" in schema:
        fixed = ", ".join(shape(one) for one in schema["prefixItems"])
        return f"[{fixed}]"
    return f"{_in_brackets(shape(schema.get('items', {})))}[]"


def _object(schema: Json) -> str:
    required = set(schema.get("required", ()))
    fields = [
        f"{_key(name)}{'' if name in required else '?'}: {shape(one)}"
        for name, one in schema.get("properties", {}).items()
    ]
    more = schema.get("additionalProperties", not fields)
    if not fields:
        return f"Record<string, {shape(more) if isinstance(more, dict) else 'unknown'}>"
    return "{ " + "; ".join(fields) + " }"


def _in_brackets(text: str) -> str:
    return f"({text})" if re.search(r" [|&] ", text) and not text.startswith("{") else text


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)


def _name(ref: str) -> str:
    return re.sub(r"\W+", "_", ref.rsplit("/", 1)[-1]).strip("_")


def _door(operation: Json) -> str:
    taken: dict[str, list[str]] = {"path": [], "query": [], "header": []}
    for one in operation.get("parameters", ()):
        if one["in"] in taken:
            optional = "" if one.get("required") else "?"
            taken[one["in"]].append(f"{_key(one['name'])}{optional}: {shape(one.get('schema', {}))}")
    told = [f"{where}: {{ {'; '.join(sorted(set(fields)))} }}" for where, fields in taken.items() if fields]
    body = operation.get("requestBody")
    if body is not None:
        kinds = body["content"]
        typed = _content(kinds) if "application/json" in kinds else "FormData | Blob"
        told.append(f"body{'' if body.get('required') else '?'}: {typed}")
    answers = [said for status, said in operation["responses"].items() if status.startswith("2")]
    shapes = [_content(said["content"]) if said.get("content") else "undefined" for said in answers]
    told.append(f"answer: {' | '.join(dict.fromkeys(shapes)) or 'undefined'}")
    return "{ " + "; ".join(told) + " }"


def _content(content: Json) -> str:
    for kind, said in content.items():
        if kind.split(";")[0].endswith("json"):
            return shape(said.get("schema", {}))
    return "Blob"


def written(told: Json) -> str:
    """The whole file."""
    lines = [_HEAD]
    for name, schema in sorted(told["components"]["schemas"].items()):
        lines.append(f"export type {_name(name)} = {shape(schema)};\n")
    lines.append("export interface Doors {")
    for path, methods in sorted(told["paths"].items()):
        if path.startswith((_PREFIX, "/tiles/")):
            for method, operation in sorted(methods.items()):
                lines.append(f"  {json.dumps(f'{method.upper()} {path}')}: {_door(operation)};")
    return "\n".join([*lines, "}\n"])


def main() -> int:
    """Write the file, or look whether it is what it should be."""
    text = written(asyncio.run(document()))
    stands = FILE.read_text() if FILE.is_file() else ""
    if text == stands:
        return 0
    if "--check" in sys.argv:
        sys.stderr.write("web/src/client/doors.ts is stale: run `.venv/bin/python web/client.py`.\n")
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
