"""Archives of the map over HTTP, before the router: files of one folder, whole or by ranges, as PMTiles readers ask."""

import asyncio
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from api import errors
from api.reply import JSON, Reply, Scope, Send, header
from register.errors import NotFoundError

PREFIX: Final = "/archives/"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.pmtiles")
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
_TYPE = "application/vnd.pmtiles"
_CHUNK = 1 << 18
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "etag, content-range, accept-ranges, content-length",
    "cache-control": "no-cache",
}


class Archives:
    """The archives in `folder` (None, or none there yet: there are none)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer for the list, or for one file; whatever goes wrong is answered as a problem."""
        head, begun = scope["method"] == "HEAD", False

        async def noted(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            name = scope["path"].removeprefix(PREFIX)
            if not name:
                await (await asyncio.to_thread(self._list)).send(noted, head=head)
                return
            with self._opened(name) as (file, facts):
                await _send(file, facts, scope, noted, head)
        except Exception as error:
            if begun:  # what was promised cannot be kept: the connection is cut
                raise
            await errors.problem_of(error, scope["path"]).send(send, head=head)

    def _list(self) -> Reply:
        """Name, address, size and time of each archive."""
        found = []
        for path in (
            sorted(self._folder.iterdir()) if self._folder is not None and self._folder.is_dir() else ()
        ):
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode) and _NAME.fullmatch(path.name):
                one = {
                    "name": path.name,
                    "url": PREFIX + path.name,
                    "bytes": facts.st_size,
                    "etag": _etag(facts),
                }
                found.append({**one, "modified": int(facts.st_mtime)})
        return Reply(200, orjson.dumps({"archives": found}), JSON, _OPEN)

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[int, os.stat_result]]:
        """The file of an archive, and its facts: one that is replaced meanwhile is read to its end. Raises: NotFoundError."""
        try:
            if self._folder is None or not _NAME.fullmatch(name):
                raise FileNotFoundError
            file = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            raise NotFoundError(
                "There is no such archive; /archives/ lists those there are, `diachinh tiles export` makes them.",
                "Không có tệp bản đồ này; /archives/ liệt kê các tệp, lệnh `diachinh tiles export` tạo ra chúng.",
            ) from None
        try:
            facts = os.fstat(file)
            if not stat.S_ISREG(facts.st_mode):
                raise NotFoundError("This is no archive.", "Đây không phải tệp bản đồ.")
            yield file, facts
        finally:
            os.close(file)


def _etag(facts: os.stat_result) -> str:
    return f'"{facts.st_ino:x}-{facts.st_mtime_ns:x}-{facts.st_size:x}"'


async def _send(file: int, facts: os.stat_result, scope: Scope, send: Send, head: bool) -> None:
    """The file, or the part of it that is asked for."""
    size, etag = facts.st_size, _etag(facts)
    headers = {**_OPEN, "etag": etag, "accept-ranges": "bytes"}
    if etag in header(scope, b"if-none-match"):
        await Reply(304, b"", _TYPE, headers).send(send)
        return
    asked = header(scope, b"range")
    if asked and header(scope, b"if-range") not in ("", etag):
        asked = ""  # it was another file they have parts of
    span = _span(asked, size)
    if span is None:
        headers["content-range"] = f"bytes */{size}"
        await Reply(416, b"", _TYPE, headers).send(send)
        return
    first, end, part = span
    if part:
        headers["content-range"] = f"bytes {first}-{end - 1}/{size}"
    lines = [(k.encode(), v.encode()) for k, v in headers.items()]
    lines += [(b"content-type", _TYPE.encode()), (b"content-length", str(end - first).encode())]
    await send({"type": "http.response.start", "status": 206 if part else 200, "headers": lines})
    while first < end and not head:
        chunk = await asyncio.to_thread(os.pread, file, min(_CHUNK, end - first), first)
        if not chunk:
            raise OSError("an archive was cut short while it was read")
        first += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": first < end})
    if head or size == 0:
        await send({"type": "http.response.body", "body": b""})


def _span(asked: str, size: int) -> tuple[int, int, bool] | None:
    """First byte and end of what `Range` asks for, and whether it is a part: all where it is not understood, None where it
    cannot be given."""
    match = _RANGE.fullmatch(asked)
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        return 0, size, False
    if match[3] is not None:
        count = int(match[3])
        return (max(0, size - count), size, True) if count and size else None
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    return (first, min(last, size - 1) + 1, True) if first < size else None
