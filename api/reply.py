"""One answer of the server, before it is known which door asked: FastAPI's router or the fast one before it."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = "application/json"
GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and headers of one answer; `body` is ready to be sent."""

    status: int
    body: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The reply for FastAPI's router."""
        return Response(self.body, self.status, dict(self.headers), self.media_type)

    async def send(self, send: Send, *, head: bool = False) -> None:
        """The reply as ASGI messages; `head` leaves the body out."""
        headers: list[tuple[bytes, bytes]] = [(k.encode(), v.encode()) for k, v in self.headers.items()]
        if self.status != 304:
            headers.append((b"content-type", self.media_type.encode()))
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


def header(scope: Scope, name: bytes) -> str:
    """Value of a request header (name in lower case); empty where it is not sent."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


def json_list(items: Sequence[str]) -> str:
    """JSON texts as one JSON array, unread."""
    return "[" + ",".join(items) + "]"
