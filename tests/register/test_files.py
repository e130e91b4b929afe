"""Originals: kept once by their hash, for ever and byte for byte; uploads that grow into them, or go."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from register.connect import connect, search_path
from register.errors import GoneError, NotFoundError, OffsetError, TooLargeError
from register.files import (
    LEAST_BYTES,
    PART_BYTES,
    Conn,
    adopt,
    append,
    digest_of,
    end_expired,
    end_upload,
    find_upload,
    keep,
    open_upload,
    read_now,
    read_part,
)

Do = Callable[[Callable[[Conn], Awaitable[Any]]], Any]
ROOM = 1 << 40


@pytest.fixture
def do(conninfo: str) -> Do:
    """Do something over a connection of its own, in a transaction that is committed."""

    def run(work: Callable[[Conn], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            async with await AsyncConnection.connect(conninfo, options=search_path("register")) as conn:
                return await work(conn)

        with ThreadPoolExecutor(1) as thread:  # a loop of the browser tests may run in this one
            return thread.submit(asyncio.run, connected()).result()

    return run


def kept(do: Do, content: bytes) -> bytes:
    digest = sha256(content).digest()
    do(lambda conn: keep(conn, digest, len(content), io.BytesIO(content)))
    return digest


def uploaded(do: Do, content: bytes, size: int | None = None) -> str:
    async def begin(conn: Conn) -> str:
        key, _ = await open_upload(conn, "a.dxf", len(content) if size is None else size, ROOM)
        if content:
            await append(conn, key, 0, content)
        return key

    return do(begin)


def taken(do: Do, key: str) -> bytes:
    async def take(conn: Conn) -> bytes:
        upload = await find_upload(conn, key, hold=True)
        digest = await digest_of(conn, upload)
        await adopt(conn, upload, digest)
        return digest

    return do(take)


def parts(db: psycopg.Connection) -> int:
    row = db.execute("select count(*) from file_part").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES])
def test_a_content_comes_back_in_parts_of_a_mebibyte(db: psycopg.Connection, do: Do, size: int) -> None:
    content = (b"\x00\xff\r\n" * (size // 4 + 1))[:size]
    digest = kept(do, content)
    found = list(read_now(db, digest))
    assert b"".join(found) == content
    assert [len(part) for part in found[:-1]] == [PART_BYTES] * max(0, len(found) - 1)
    assert do(lambda conn: read_part(conn, digest, len(found))) is None
    assert kept(do, content) == digest
    assert parts(db) == len(found), "the same again is kept once"


@pytest.mark.parametrize(
    "statement",
    [
        "delete from file", "truncate file cascade", "update file set bytes = 0", "delete from file_part",
        "truncate file_part", "update file_part set content = ''", "update file_part set n = n + 1",
        "delete from file_part where n = 0",
    ],
)  # fmt: skip
def test_what_is_kept_is_never_changed(db: psycopg.Connection, do: Do, statement: str) -> None:
    kept(do, b"for ever")
    with pytest.raises(psycopg.Error, match="append-only") as refused:
        db.execute(statement)
    assert refused.value.diag.constraint_name == "append_only"


def test_parts_of_an_upload_may_go_until_a_survey_has_them(db: psycopg.Connection, do: Do) -> None:
    withdrawn, adopted = uploaded(do, b"withdrawn"), uploaded(do, b"adopted")
    digest = taken(do, adopted)
    for key in (withdrawn, adopted):
        do(lambda conn, key=key: end_upload(conn, key))  # type: ignore[misc]
    assert (parts(db), b"".join(read_now(db, digest))) == (1, b"adopted")
    with pytest.raises(GoneError):
        do(lambda conn: find_upload(conn, withdrawn))
    assert do(lambda conn: find_upload(conn, adopted)).digest == digest
    with pytest.raises(NotFoundError):
        do(lambda conn: end_upload(conn, "x" * 26))


def test_an_upload_of_what_is_kept_already_costs_nothing(db: psycopg.Connection, do: Do) -> None:
    content = b"the same"
    digest = kept(do, content)
    for _ in range(2):
        key = uploaded(do, content)
        assert taken(do, key) == digest == taken(do, key)
    assert parts(db) == 1
    assert b"".join(read_now(db, digest)) == content


def test_pieces_go_where_the_upload_stands_and_nowhere_else(db: psycopg.Connection, do: Do) -> None:
    key = uploaded(do, b"123", size=6)
    for offset, piece, error in [
        (0, b"1", OffsetError), (4, b"5", OffsetError), (3, b"4567", TooLargeError), (2**60, b"", OffsetError),
    ]:  # fmt: skip
        with pytest.raises(error):
            do(lambda conn, o=offset, p=piece: append(conn, key, o, p))  # type: ignore[misc]
    assert do(lambda conn: append(conn, key, 3, b"456")) == 6
    assert taken(do, key) == sha256(b"123456").digest()
    with pytest.raises(TooLargeError):
        do(lambda conn: append(conn, key, 6, b"7"))


def test_crumbs_are_taken_only_for_a_while(db: psycopg.Connection, do: Do) -> None:
    key = uploaded(do, b"", size=5)
    db.execute("update upload set parts = 999")
    db.commit()
    do(lambda conn: append(conn, key, 0, b"1"))
    with pytest.raises(TooLargeError, match="too many pieces"):
        do(lambda conn: append(conn, key, 1, b"2"))
    assert do(lambda conn: find_upload(conn, key)).received == 1


def test_unfinished_uploads_have_room_in_all(do: Do) -> None:
    room = 3 * LEAST_BYTES
    first, _ = do(lambda conn: open_upload(conn, "a", 2 * LEAST_BYTES, room))
    do(lambda conn: open_upload(conn, "b", 0, room))
    with pytest.raises(TooLargeError) as refused:
        do(lambda conn: open_upload(conn, "c", 0, room))
    assert refused.value.most == room
    do(lambda conn: end_upload(conn, first))
    do(lambda conn: open_upload(conn, "c", 0, room))


def test_expired_uploads_are_cleared_and_those_at_work_passed_over(
    db: psycopg.Connection,
    conninfo: str,
    do: Do,
) -> None:
    expired, busy, fresh, adopted = (
        uploaded(do, word) for word in (b"expired", b"busy", b"fresh", b"adopted")
    )
    taken(do, adopted)
    db.execute(
        "update upload set expires_at = now() - interval '1 s' where key = any(%s)",
        [[expired, busy, adopted]],
    )
    db.commit()
    db.execute("select from upload where key = %s for update", [busy])
    with connect(conninfo, autocommit=True) as conn:
        assert end_expired(conn) == 1
        assert parts(conn) == 3
        db.commit()
        assert (end_expired(conn), end_expired(conn)) == (1, 0)
        assert conn.execute("select name from upload where key = %s", [expired]).fetchone() == ("",)
        assert parts(conn) == 2
        conn.execute("update upload set expires_at = now() - interval '91 days' where key <> %s", [fresh])
        end_expired(conn)
        assert conn.execute("select key from upload").fetchall() == [(fresh,)]
        assert parts(conn) == 2
