"""Scanned sheets and orthophotos in the register: where each lies, how it was placed, which file holds its tiles.

Files stand in a folder by their SHA-256; a row is written when its file is safe on disk.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from register.audit import record
from register.errors import GoneError, NotFoundError
from register.files import new_key
from register.keys import printable
from register.people import Who
from register.statements import load

MOST_LISTED: Final = 500
By = Who | str


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A sheet to which a scan belongs: its number in the register, its commune's, and its outline (WKB, EPSG:3857)."""

    id: int
    commune: int
    outline: bytes | None


@dataclass(frozen=True, slots=True)
class ScanFile:
    """What serving needs: SHA-256 of the file of tiles, and its coarsest and finest zoom."""

    tiles: bytes
    min_zoom: int
    max_zoom: int


def path_of(folder: Path, digest: bytes, suffix: str = ".tif") -> Path:
    """Where the file with this SHA-256 stands in the folder of scans."""
    name = digest.hex()
    return folder / name[:2] / f"{name[2:]}{suffix}"


def keep(folder: Path, made: Path, suffix: str = ".tif") -> bytes:
    """SHA-256 of a file (`suffix` ".original": as handed in), which stands in the folder of scans when this returns,
    whatever happens to the machine then."""
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    path = path_of(folder, digest, suffix)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{new_key()}")
    try:
        with made.open("rb") as source, unfinished.open("xb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    held = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
    return digest


def asked_hash(files: tuple[tuple[str, bytes, int], ...], options: bytes, sheet: int | None) -> bytes:
    """SHA-256 that is the same for the same contents, options and sheet, whatever the files are called."""
    digest = hashlib.sha256(options)
    for one in sorted(content for _, content, _ in files):
        digest.update(one)
    digest.update(str(sheet).encode())
    return digest.digest()


def same(conn: psycopg.Connection, asked: bytes) -> str | None:
    """Key of the scan that was placed just so before, and is shown."""
    row = conn.execute(load("register", "scans.sql")["same"], {"asked": asked}).fetchone()
    return None if row is None else str(row[0])


def add(
    conn: psycopg.Connection,
    by: By,
    told: Mapping[str, Any],
    files: tuple[tuple[str, bytes, int], ...],
    asked: bytes,
    kept: tuple[bytes, int],
    *,
    kind: str,
    title: str,
    sheet: int | None = None,
    commune: int | None = None,
) -> tuple[str, bool]:
    """Key of a placed picture, and whether it is new. `told`: how it was placed; `kept`: SHA-256 and bytes of its tiles."""
    names = (
        "epsg", "crs", "method", "transformation", "width", "height", "pixel_m", "min_zoom", "max_zoom",
    )  # fmt: skip
    ring = ",".join(f"{lon:.9f} {lat:.9f}" for lon, lat in told["outline"])
    values = {
        **{name: told[name] for name in names},
        **{name: told.get(name) for name in ("proposed", "rms_px", "rms_m")},
        **{name: Jsonb(told.get(name, [])) for name in ("fits", "points", "notes")},
        "key": new_key(),
        "kind": kind,
        "title": title,
        "sheet": sheet,
        "commune": commune,
        "asked": asked,
        "files": Jsonb([{"name": n, "sha256": digest.hex(), "bytes": size} for n, digest, size in files]),
        "place": f"POLYGON(({ring}))",
        "tiles": kept[0],
        "bytes": kept[1],
        "made_by": _called(by),
    }
    row = conn.execute(load("register", "scans.sql")["add"], values).fetchone()
    if row is None:
        found = same(conn, asked)
        if found is None:
            raise NotFoundError("The scan was retired just now.", "Ảnh quét vừa bị gỡ.")
        return found, False
    record(conn, by, f"scan added {row[0]}", title)
    return str(row[0]), True


def retire(conn: psycopg.Connection, by: By, key: str) -> None:
    """Show a scan no more; its row and file stay. Raises: NotFoundError, GoneError."""
    sql = load("register", "scans.sql")
    if conn.execute(sql["retire"], {"key": key, "by": _called(by)}).fetchone() is None:
        find(conn, key)
        raise _gone()
    record(conn, by, f"scan retired {key}", key)


def find(conn: psycopg.Connection, key: str) -> dict[str, Any]:
    """All that is known of a scan, of a retired one too. Raises: NotFoundError."""
    statement = load("register", "scans.sql")["scans"]
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement, {"key": key, "limit": 1}).fetchone()
    if row is None:
        raise _missing(key)
    return row


def listed(conn: psycopg.Connection) -> list[dict[str, Any]]:
    """The scans that are shown, newest first, at most MOST_LISTED."""
    statement = load("register", "scans.sql")["scans"]
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, {"key": None, "limit": MOST_LISTED}).fetchall()


async def served(conn: AsyncConnection[Any], key: str) -> ScanFile:
    """The file of a scan's tiles. Raises: NotFoundError, GoneError where it is retired."""
    statement = load("register", "scans.sql")["served"]
    row = await (await conn.execute(statement, {"key": key}, binary=True)).fetchone()
    if row is None:
        raise _missing(key)
    tiles, retired, min_zoom, max_zoom = row
    if retired:
        raise _gone()
    return ScanFile(bytes(tiles), min_zoom, max_zoom)


def sheet_place(conn: psycopg.Connection, commune: str, number: str) -> SheetPlace:
    """A map sheet by its commune's code and its number. Raises: NotFoundError."""
    values = {"commune": commune, "number": number}
    row = conn.execute(load("register", "scans.sql")["sheet"], values).fetchone()
    if row is None:
        raise NotFoundError(
            f"There is no sheet {printable(number)} in commune {printable(commune)}.",
            f"Không có tờ {printable(number)} ở xã {printable(commune)}.",
        )
    return SheetPlace(row[0], row[1], None if row[2] is None else bytes(row[2]))


def commune_number(conn: psycopg.Connection, code: str) -> int:
    """The number of a commune. Raises: NotFoundError."""
    row = conn.execute(load("register", "scans.sql")["commune"], {"commune": code}).fetchone()
    if row is None:
        raise NotFoundError(f"There is no commune {printable(code)}.", f"Không có xã {printable(code)}.")
    number: int = row[0]
    return number


def _called(by: By) -> str:
    return by.name if isinstance(by, Who) else by


def _missing(key: str) -> NotFoundError:
    return NotFoundError(f"There is no scan {printable(key)}.", f"Không có ảnh quét {printable(key)}.")


def _gone() -> GoneError:
    return GoneError("This scan is shown no more.", "Ảnh quét này đã được gỡ khỏi bản đồ.")
