"""One answer of the server, before it is known which door asked: FastAPI's router or the fast one before it."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
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


def of_the_past(reply: Reply, settled: bool, known: str) -> Reply:
    """An answer about the past with its ETag, not sent again to who has it (`known`: If-None-Match).

    What is `settled` may be kept without asking again; a day, not for ever, as its words may be put better meanwhile.
    """
    etag = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
    cache = "public, max-age=86400, immutable" if settled else "no-cache"
    headers = {**reply.headers, "etag": etag, "cache-control": cache}
    return Reply(304, b"", reply.media_type, headers) if etag in known else replace(reply, headers=headers)


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
