"""Finished tiles answered on the wire, before a request is taken apart for the rest of the server.

A tile that is at hand costs less than the ASGI machinery around it. What arrives as one whole plain GET for a tile this
process holds is answered here, after the same look at the register every tile waits for; all else, and all that is not
quite so, goes the usual way, byte for byte.
"""

from asyncio import TimerHandle
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.headers import SECURITY
from api.tiles import MVT, Tiles, etag, generalised, knows, takes_gzip

_HEAD: Final = b"GET /tiles/"
_END: Final = b"\r\n\r\n"
_LINE: Final = b" HTTP/1.1\r\n"
_OTHERWISE: Final = (
    b"\r\nconnection: close",
    b"\r\nexpect:",
    b"\r\nupgrade:",
    b"\r\ncontent-length:",
    b"\r\ntransfer-encoding:",
)
_SECURITY: Final = b"".join(b"%s: %s\r\n" % pair for pair in SECURITY)


@dataclass(frozen=True, slots=True)
class Ask:
    """A plain GET for a tile: its path as sent, and what two headers say."""

    path: bytes
    packed: bool
    known: str


def read(data: bytes) -> Ask | None:
    """The request `data` is, where it is exactly one plain GET for a tile without a query."""
    if not data.startswith(_HEAD) or not data.endswith(_END) or data.find(_END) != len(data) - 4:
        return None
    stop = data.find(b" ", 4)
    path = data[4:stop]
    if not data.startswith(_LINE, stop) or not path.endswith(b".mvt"):
        return None
    head = data[stop:].lower()
    if any(one in head for one in _OTHERWISE):
        return None
    return Ask(
        path,
        takes_gzip(_value(head, b"\r\naccept-encoding:")),
        _value(data[stop:], b"\r\nif-none-match:", head),
    )


def _value(head: bytes, name: bytes, lower: bytes | None = None) -> str:
    at = (head if lower is None else lower).find(name)
    if at < 0:
        return ""
    return head[at + len(name) : head.index(b"\r\n", at + 2)].decode("latin-1").strip()


def finished(tiles: Tiles, ask: Ask) -> tuple[bytes, bytes] | None:
    """Head (without status line and date) and body of the answer, where the tile is at hand as it is now; its status is 304
    where the body is empty and no length is told."""
    found = tiles.finished.by_path(ask.path, ask.packed)
    if found is None:
        return None
    key, made = found
    if not tiles.is_now(key, made):
        return None
    tag = etag(made.stamp, ask.packed)
    less = generalised(key.layers, key.z)
    told = f"generalised: {less}\r\n" if less else ""
    head = f"etag: {tag}\r\ncache-control: public, no-cache\r\nvary: Accept-Encoding\r\n{told}"
    if ask.known and knows(ask.known, tag):
        return head.encode(), b""
    more = "content-encoding: gzip\r\n" if made.packed else ""
    return f"{head}{more}content-type: {MVT}\r\ncontent-length: {len(made.body)}\r\n".encode(), made.body


class TileProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with finished tiles answered before it. `tiles` is set by `protocol_of`."""

    tiles: Tiles

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._ask: Ask | None = None
        self._data = b""
        self._behind = b""
        self._within = False
        self._leaving = False

    def on_message_begin(self) -> None:
        """A request has begun to arrive the usual way."""
        self._within = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """It has arrived."""
        self._within = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Answer a tile, or hand on."""
        if self._ask is not None:  # the answer before is still to come
            self._behind += data
            self.flow.pause_reading()
            return
        idle = (
            not self._within
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
        )
        ask = read(data) if idle else None
        if ask is None or self.tiles.finished.by_path(ask.path, ask.packed) is None:
            super().data_received(data)
            return
        self._unset_keepalive_if_required()
        self._ask, self._data = ask, data
        self.tiles.now.look(self._answer)

    def _answer(self, error: BaseException | None) -> None:
        ask, data, self._ask, self._data = self._ask, self._data, None, b""
        if ask is None or self.transport.is_closing():
            return
        answer = None if error is not None else finished(self.tiles, ask)
        if answer is None:
            super().data_received(data)
        else:
            self._send(*answer)
        if self._behind and not self.transport.is_closing():
            behind, self._behind = self._behind, b""
            self.flow.resume_reading()
            self.data_received(behind)
        elif self._leaving:
            super().shutdown()

    def _send(self, head: bytes, body: bytes) -> None:
        status = (
            b"HTTP/1.1 200 OK\r\n" if b"\r\ncontent-length:" in head else b"HTTP/1.1 304 Not Modified\r\n"
        )
        usual = b"".join(b"%s: %s\r\n" % pair for pair in self.server_state.default_headers)
        self.transport.write(b"".join((status, usual, head, _SECURITY, b"\r\n", body)))
        self.server_state.total_requests += 1
        self.timeout_keep_alive_task: TimerHandle | None = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def shutdown(self) -> None:
        """The server stops: what was asked is answered first."""
        self._leaving = True
        if self._ask is None:
            super().shutdown()


def protocol_of(tiles: Tiles) -> type[TileProtocol]:
    """The protocol for a server over these tiles."""
    return type("BoundTileProtocol", (TileProtocol,), {"tiles": tiles})
