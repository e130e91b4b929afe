"""Archives over HTTP: listed, whole, by ranges, as RFC 9110 has it; nothing else of the disk."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Clone, Serve

BODY = bytes(range(256)) * 4000


@pytest.fixture(scope="module")
def client(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    home: Path = tmp_path_factory.mktemp("home")
    folder = home / "archives"
    folder.mkdir()
    (folder / "map.pmtiles").write_bytes(BODY)
    (folder / "empty.pmtiles").write_bytes(b"")
    (folder / "note.txt").write_text("secret")
    (folder / "folder.pmtiles").mkdir()
    (home / "outside.pmtiles").write_text("secret")
    (folder / "link.pmtiles").symlink_to(home / "outside.pmtiles")
    with (
        clone() as conninfo,
        serve(conninfo, archives=folder) as served,
        httpx.Client(base_url=served.url, headers={"accept-encoding": "identity"}) as client,
    ):
        yield client


def test_the_list_names_what_there_is(client: httpx.Client) -> None:
    listed = client.get("/archives/").json()["archives"]
    assert [(one["name"], one["url"], one["bytes"]) for one in listed] == [
        ("empty.pmtiles", "/archives/empty.pmtiles", 0),
        ("map.pmtiles", "/archives/map.pmtiles", len(BODY)),
    ]


def test_a_whole_file_and_its_tag(client: httpx.Client) -> None:
    answer = client.get("/archives/map.pmtiles")
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "application/vnd.pmtiles"
    known = client.get("/archives/map.pmtiles", headers={"if-none-match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = client.head("/archives/map.pmtiles")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(BODY)), b"")
    empty = client.get("/archives/empty.pmtiles")
    assert (empty.status_code, empty.content) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-126", 0, 127),
        ("bytes=500-", 500, len(BODY)),
        ("bytes=0-", 0, len(BODY)),
        ("bytes=-10", len(BODY) - 10, len(BODY)),
        ("bytes=-9999999", 0, len(BODY)),
        ("bytes=300000-900000", 300_000, 900_001),
        ("bytes=1023999-5000000", 1_023_999, len(BODY)),
    ],
)
def test_a_range_is_answered_with_that_part(client: httpx.Client, asked: str, first: int, end: int) -> None:
    answer = client.get("/archives/map.pmtiles", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, BODY[first:end])
    assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{len(BODY)}"
    assert answer.headers["content-length"] == str(end - first)


@pytest.mark.parametrize("asked", ["bytes=1024000-", "bytes=2000000-3000000", "bytes=-0"])
def test_a_range_beyond_the_file_cannot_be_given(client: httpx.Client, asked: str) -> None:
    answer = client.get("/archives/map.pmtiles", headers={"range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(BODY)}"
    assert client.get("/archives/empty.pmtiles", headers={"range": "bytes=0-1"}).status_code == 416


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-3", "bytes=1-2,5-6", "lines=1-2", "bytes=", "bytes=--1", f"bytes={10**30}-", "bytes=a-b"],
)
def test_a_range_that_is_not_understood_is_passed_over(client: httpx.Client, asked: str) -> None:
    answer = client.get("/archives/map.pmtiles", headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, BODY)


def test_parts_of_another_file_are_not_mixed(client: httpx.Client) -> None:
    etag = client.head("/archives/map.pmtiles").headers["etag"]
    same = client.get("/archives/map.pmtiles", headers={"range": "bytes=1-2", "if-range": etag})
    other = client.get("/archives/map.pmtiles", headers={"range": "bytes=1-2", "if-range": '"other"'})
    assert (same.status_code, other.status_code, other.content) == (206, 200, BODY)


@pytest.mark.parametrize(
    "name",
    [
        "none.pmtiles", "note.txt", "link.pmtiles", "folder.pmtiles", "..%2Foutside.pmtiles", "%2e%2e/outside.pmtiles",
        ".pmtiles", "a" * 300 + ".pmtiles", "map.pmtiles%00", "map.pmtiles/", "map.pmtiles%0a",
    ],
)  # fmt: skip
def test_nothing_else_is_there(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/archives/{name}")
    assert answer.status_code == 404, answer.content
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


def test_a_server_without_archives_lists_none(clone: Clone, serve: Serve) -> None:
    with clone() as conninfo, serve(conninfo) as served:
        assert httpx.get(f"{served.url}/archives/").json() == {"archives": []}
        assert httpx.get(f"{served.url}/archives/map.pmtiles").status_code == 404
