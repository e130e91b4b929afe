"""Bodies of requests: JSON that may hold a password, read without repeating what it holds; and what OpenAPI says of bodies."""

from collections.abc import Sequence
from typing import TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.reply import JSON
from register.errors import MediaError, TooLargeError

_MOST_BYTES = 64 << 10
_Model = TypeVar("_Model", bound=BaseModel)


async def read_model(request: Request, model: type[_Model]) -> _Model:
    """The body as a `model`. Raises: MediaError, TooLargeError, RequestValidationError (without the values)."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _MOST_BYTES:
            raise TooLargeError("The JSON is longer than 64 KiB.", "JSON dài hơn 64 KiB.", _MOST_BYTES)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
        raise MediaError("This comes as application/json.", "Nội dung phải gửi dạng application/json.")
    try:
        return model.model_validate_json(bytes(content))
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [one | {"msg": "Not JSON"} if one["type"] == "json_invalid" else one for one in told]
        ) from None


def form_of(
    fields: type[BaseModel],
    named: type[BaseModel] | None = None,
    *,
    required: Sequence[str] = (),
    several: bool = False,
) -> dict[str, object]:
    """What OpenAPI says of a form of `file`, one or several, and `fields` as texts, or of finished uploads as JSON."""
    file: dict[str, object] = {"type": "string", "format": "binary"}
    told = {name: {"type": "string"} for name in fields.model_fields}
    properties = {"file": {"type": "array", "items": file} if several else file, **told}
    form = {"type": "object", "required": ["file", *required], "properties": properties}
    content = {"multipart/form-data": {"schema": form}}
    if named is not None:
        content[JSON] = {"schema": named.model_json_schema()}
    return {"requestBody": {"required": True, "content": content}}


def body_of(model: type[BaseModel]) -> dict[str, object]:
    """What OpenAPI says of a body read by `read_model`."""
    content = {JSON: {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}
