"""What is answered on the wire is what the usual way answers."""

import gzip
import socket

import httpx
import mapbox_vector_tile
import pytest

from tests.tiles.drawn import Drawn
from tests.tiles.test_stamps import tile_at


@pytest.fixture(scope="module")
def path(drawn: Drawn) -> str:
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_at(16, 10, 10))
    for encoding in ("gzip", "identity"):
        drawn.client.get(path, headers={"accept-encoding": encoding})  # at hand from now on
    return path


def exchange(drawn: Drawn, *sent: bytes, answers: int = 1) -> list[httpx.Response]:
    """The answers to bytes sent as they are, one piece after the other."""
    host, port = drawn.client.base_url.host, drawn.client.base_url.port
    assert port is not None
    with socket.create_connection((host, port), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in sent:
            line.sendall(piece)
        data, got = b"", []
        while len(got) < answers:
            more = line.recv(1 << 16)
            assert more, data
            data += more
            while (end := data.find(b"\r\n\r\n")) >= 0:
                first, *lines = data[:end].decode().split("\r\n")
                headers = httpx.Headers([tuple(one.split(": ", 1)) for one in lines])
                size = int(headers.get("content-length", 0))
                if len(data) < end + 4 + size:
                    break
                body = data[end + 4 : end + 4 + size]
                raw = httpx.Response(int(first.split(" ")[1]), headers=headers)
                raw._content = body
                got.append(raw)
                data = data[end + 4 + size :]
        assert data == b""
        return got


@pytest.mark.parametrize("encoding", ["gzip, br", "identity", "gzip;q=0", "br", "GZIP;q=0.5"])
@pytest.mark.parametrize("known", [None, "*", '"1.2.3"', "same"])
def test_both_ways_say_the_same(drawn: Drawn, path: str, encoding: str, known: str | None) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: here\r\nAccept-Encoding: {encoding}\r\n"
    if known == "same":
        known = exchange(drawn, f"{head}\r\n".encode())[0].headers["etag"]
    head += f"If-None-Match: {known}\r\n" if known else ""
    quick, usual = exchange(
        drawn, f"{head}\r\n{head}content-length: 0\r\n\r\n".encode(), answers=2
    )  # two in one piece go the usual way
    (alone,) = exchange(drawn, f"{head}\r\n".encode())
    for one in (quick, alone):
        assert (one.status_code, one.content) == (usual.status_code, usual.content)
        assert {**one.headers, "date": ""} == {**usual.headers, "date": ""}
    if "content-encoding" in alone.headers:
        assert mapbox_vector_tile.decode(gzip.decompress(alone.content))["parcels"]["features"]


def test_pieces_in_any_cut_are_put_together(drawn: Drawn, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: here\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    (whole,) = exchange(drawn, request)
    for at in (1, 5, 12, len(request) - 5, len(request) - 2):
        (cut,) = exchange(drawn, request[:at], request[at:])
        assert cut.content == whole.content
    for count in (2, 7):
        got = exchange(drawn, *[request] * count, answers=count)
        assert [one.content for one in got] == [whole.content] * count
    mixed = exchange(drawn, request, b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n", request, answers=3)
    assert [one.content for one in mixed] == [whole.content, b'{"status":"ok"}', whole.content]


def test_bodies_that_look_like_requests_are_bodies(drawn: Drawn, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode()
    head = f"POST /api/v1/resolve HTTP/1.1\r\nHost: here\r\ncontent-length: {len(request)}\r\n\r\n"
    (answer,) = exchange(drawn, head.encode(), request)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_line_that_asks_to_be_closed_is(drawn: Drawn, path: str) -> None:
    asked = httpx.get(drawn.client.base_url.join(path), headers={"connection": "close"})
    assert asked.headers["connection"] == "close"
