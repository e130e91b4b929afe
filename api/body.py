"""The JSON of a request that may hold a password: what is wrong with it is told, what it holds is not repeated."""

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


def body_of(model: type[BaseModel]) -> dict[str, object]:
    """What OpenAPI says of a body read by `read_model`."""
    content = {JSON: {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}
