"""A lean HTTP/1.1 client for benchmarks: keep-alive connections that cost the machine less than what they measure."""

import asyncio
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, its body as sent and the seconds from request to last byte."""

    status: int
    body: bytes
    seconds: float


class Wire:
    """One keep-alive connection to one server."""

    def __init__(self, host: str, port: int, encoding: str = "identity") -> None:
        self.host, self.port, self.encoding = host, port, encoding

    async def __aenter__(self) -> "Wire":
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 26)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def get(self, path: str) -> Answer:
        """The answer to one GET. Raises: ConnectionError where the server hangs up."""
        started = time.perf_counter()
        self.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept-Encoding: {self.encoding}\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines[1:])}
        if fields.get("transfer-encoding") == "chunked":
            parts = []
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                parts.append((await self.reader.readexactly(size + 2))[:-2])
            await self.reader.readuntil(b"\r\n")
            body = b"".join(parts)
        else:
            body = await self.reader.readexactly(int(fields.get("content-length", "0")))
        return Answer(status, body, time.perf_counter() - started)


async def load(host: str, port: int, paths: Sequence[str], clients: int) -> tuple[float, list[Answer]]:
    """Seconds to fetch every path once with `clients` connections, and the answers in the order of `paths`."""
    answers: list[Answer | None] = [None] * len(paths)
    todo: Iterator[tuple[int, str]] = iter(enumerate(paths))

    async def client() -> None:
        async with Wire(host, port) as wire:
            for n, path in todo:
                answers[n] = await wire.get(path)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - started, [a for a in answers if a is not None]


class Line:
    """One keep-alive connection of a caller who waits for each answer: no event loop between caller and socket."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def get(self, path: str) -> Answer:
        """The answer to one GET, which must have a Content-Length."""
        started = time.perf_counter()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
        data = self.socket.recv(1 << 16)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.socket.recv(1 << 16)
        head = data[:end].lower()
        at = head.index(b"content-length:") + 15
        stop = head.find(b"\r\n", at)
        length = int(head[at : stop if stop > 0 else None])
        body = data[end + 4 :]
        while len(body) < length:
            body += self.socket.recv(1 << 16)
        return Answer(int(data[9:12]), body, time.perf_counter() - started)
