"""Originals as they were handed in, by their SHA-256, in parts of a mebibyte; and uploads that grow piece by piece.

A part is committed before it is acknowledged. What a survey has taken is never changed and never deleted.
"""

import hashlib
from base64 import b32encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any, BinaryIO

import psycopg
from psycopg import AsyncConnection

from register.errors import GoneError, NotFoundError, OffsetError, TooLargeError
from register.statements import load

PART_BYTES = 1 << 20
LIFE_DAYS = 7
LEAST_BYTES = 64 << 10
"""What an upload counts for, however small it is."""
KEY = "^[a-z2-7]{26}$"
"""The form of `new_key`."""
Conn = AsyncConnection[Any]


def new_key() -> str:
    """128 random bits in 26 letters and digits: who knows it may use what it names."""
    return b32encode(token_bytes(16)).decode().rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class Upload:
    """How far an upload is: `received` of `size` bytes; `digest` (SHA-256) once a survey took it."""

    key: str
    name: str
    size: int
    received: int
    expires_at: datetime
    digest: bytes | None
    store: int


async def keep(conn: Conn, digest: bytes, size: int, content: BinaryIO) -> None:
    """Keep `content` (read from where it stands) under its SHA-256 `digest`; what is kept already is not read."""
    sql = load("register", "files.sql")
    row = await (await conn.execute(sql["keep"], {"hash": digest, "bytes": size, "store": None})).fetchone()
    if row is None:
        return
    n = 0
    while part := content.read(PART_BYTES):
        await conn.execute(sql["part"], {"store": row[0], "n": n, "content": part})
        n += 1


async def read_part(conn: Conn, digest: bytes, n: int) -> bytes | None:
    """Part number `n` (from 0) of a kept content; None after the last."""
    statement = load("register", "files.sql")["read_part"]
    row = await (await conn.execute(statement, {"hash": digest, "n": n}, binary=True)).fetchone()
    return None if row is None else bytes(row[0])


def read_now(conn: psycopg.Connection, digest: bytes) -> Iterator[bytes]:
    """The parts of a kept content, in order, over a blocking connection."""
    statement = load("register", "files.sql")["read_part"]
    n = 0
    while row := conn.execute(statement, {"hash": digest, "n": n}, binary=True).fetchone():
        yield row[0]
        n += 1


async def open_upload(conn: Conn, name: str, size: int, most_waiting_bytes: int) -> tuple[str, datetime]:
    """Key and end of life of a new upload of `size` bytes, which counts for LEAST_BYTES at least.

    Raises: TooLargeError where unfinished uploads may grow to more than `most_waiting_bytes` in all.
    """
    sql = load("register", "files.sql")
    row = await (await conn.execute(sql["waiting_bytes"], {"least": LEAST_BYTES})).fetchone()
    if row is not None and row[0] + max(size, LEAST_BYTES) > most_waiting_bytes:
        raise TooLargeError(
            "Too many unfinished uploads are waiting: try again later, or hand the files in directly.",
            "Đang có quá nhiều tệp tải dở: hãy thử lại sau, hoặc nộp tệp trực tiếp.",
            most_waiting_bytes,
        )
    key = new_key()
    values = {"key": key, "name": name, "bytes": size, "days": LIFE_DAYS}
    made = await (await conn.execute(sql["new_upload"], values)).fetchone()
    assert made is not None  # noqa: S101 - it was just inserted
    return key, made[0]


async def find_upload(conn: Conn, key: str, *, hold: bool = False) -> Upload:
    """How far the upload is; `hold` keeps others off it until the transaction ends.

    Raises: NotFoundError; GoneError where it was withdrawn or has expired.
    """
    statement = load("register", "files.sql")["take_upload" if hold else "upload"]
    row = await (await conn.execute(statement, {"key": key})).fetchone()
    if row is None:
        raise NotFoundError(
            "There is no such upload: begin a new one.", "Không có lượt tải lên này: hãy bắt đầu lại."
        )
    name, size, received, expires_at, gone, digest, store = row
    if gone:
        raise GoneError(
            f"This upload was withdrawn, or not finished within {LIFE_DAYS} days: begin a new one.",
            f"Lượt tải lên này đã bị hủy, hoặc không hoàn tất trong {LIFE_DAYS} ngày: hãy bắt đầu lại.",
        )
    return Upload(key, name, size, received, expires_at, digest, store)


async def append(conn: Conn, key: str, offset: int, content: bytes) -> int:
    """Bytes received after `content` was put at `offset`; over a connection in autocommit they are safe by then.

    Raises: OffsetError where the upload stands elsewhere (another sender was faster), TooLargeError, NotFoundError,
    GoneError.
    """
    statement = load("register", "files.sql")["append"]
    values = {"key": key, "offset": offset, "content": content}
    row = await (await conn.execute(statement, values)).fetchone()
    if row is not None:
        received: int = row[0]
        return received
    upload = await find_upload(conn, key)
    if upload.received != offset:
        raise misplaced(upload.received, offset)
    if offset + len(content) > upload.size:
        raise too_much(upload.size)
    raise TooLargeError(
        "The upload came in too many pieces: begin a new one, with pieces of a mebibyte.",
        "Tệp được gửi thành quá nhiều mảnh: hãy tải lên lại từ đầu, mỗi mảnh một mebibyte.",
        PART_BYTES,
    )


def too_much(size: int) -> TooLargeError:
    """Why bytes beyond the announced `size` are not taken."""
    return TooLargeError(
        f"The upload was announced with {size} bytes, and more came.",
        f"Lượt tải lên khai {size} byte nhưng gửi nhiều hơn.",
        size,
    )


def misplaced(received: int, offset: int) -> OffsetError:
    """Why bytes for `offset` are not taken."""
    return OffsetError(
        f"The upload stands at byte {received}, not {offset}: ask with HEAD and go on from there.",
        f"Lượt tải lên đang ở byte {received}, không phải {offset}: hãy hỏi lại bằng HEAD rồi gửi tiếp.",
        received,
    )


async def read_upload(conn: Conn, upload: Upload) -> AsyncIterator[bytes]:
    """The parts of a finished upload, in order. Raises: OffsetError where it is not finished."""
    if upload.received < upload.size:
        raise misplaced(upload.received, upload.size)
    statement, n = load("register", "files.sql")["read_upload_part"], 0
    while row := await (
        await conn.execute(statement, {"store": upload.store, "n": n}, binary=True)
    ).fetchone():
        yield bytes(row[0])
        n += 1


async def end_upload(conn: Conn, key: str) -> None:
    """Withdraw an upload; what a survey has taken stays. Raises: NotFoundError, GoneError."""
    sql = load("register", "files.sql")
    row = await (await conn.execute(sql["end_upload"], {"key": key})).fetchone()
    if row is not None:
        await conn.execute(sql["forget_parts"], {"store": row[0]})
    else:
        await find_upload(conn, key)


async def digest_of(conn: Conn, upload: Upload) -> bytes:
    """The SHA-256 of a finished upload."""
    sql = load("register", "files.sql")
    if upload.digest is not None:
        return upload.digest
    digest = hashlib.sha256()
    n = 0
    values = {"store": upload.store}
    while row := await (
        await conn.execute(sql["read_upload_part"], values | {"n": n}, binary=True)
    ).fetchone():
        digest.update(row[0])
        n += 1
    return digest.digest()


async def adopt(conn: Conn, upload: Upload, digest: bytes) -> None:
    """Keep the content of a held upload; its parts go where the same content is kept already."""
    if upload.digest is not None:
        return
    sql = load("register", "files.sql")
    values = {"hash": digest, "bytes": upload.size, "store": upload.store}
    if await (await conn.execute(sql["keep"], values)).fetchone() is None:
        await conn.execute(sql["forget_parts"], {"store": upload.store})
    await conn.execute(sql["taken"], {"key": upload.key, "hash": digest})


def end_expired(conn: psycopg.Connection) -> int:
    """How many uploads whose time is over were cleared away now."""
    sql = load("register", "files.sql")
    stores = conn.execute(sql["end_expired"]).fetchall()
    for (store,) in stores:
        conn.execute(sql["forget_parts"], {"store": store})
    conn.execute(sql["drop_old"])
    return len(stores)
