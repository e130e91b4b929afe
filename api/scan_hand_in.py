"""A picture from hand-in to the map, on a thread: placed, its files kept, its row written; the same for page and command."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg

from api.scan_shapes import ScanFields
from importers.errors import Refused
from importers.raster.options import ScanOptions
from importers.raster.read import files_of, placed
from importers.raster.request import options_key
from register import scans
from register.connect import connect
from register.errors import InvalidKeyError, UnreadableError
from register.people import Who, require_on

ORIGINAL = ".original"
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class Office:
    """The register pictures go to, and the folder of their files."""

    conninfo: str
    schema: str
    folder: Path


def hand_in(office: Office, by: Who | str, paths: Sequence[Path], asked: ScanFields) -> tuple[str, bool]:
    """Key of the scan, and whether it is new. No connection is held while the picture is read.

    Raises: UnreadableError, NotFoundError, NotAllowedError, InvalidKeyError.
    """
    sheet, commune, outline = _in(office, lambda conn: _place(conn, by, asked))
    options = ScanOptions(asked.kind, asked.crs, asked.transformation, asked.points, asked.corners(), outline)
    try:
        files = files_of(paths)
        hashed = scans.asked_hash(files, options_key(options), sheet)
        known = _in(office, lambda conn: scans.same(conn, hashed))
        if known is not None:
            return known, False
        with placed(paths, options) as made:
            for path in paths:
                scans.keep(office.folder, path, ORIGINAL)
            kept = scans.keep(office.folder, made.path), made.path.stat().st_size
            title = asked.title.strip() or _called(asked)
            return _in(
                office,
                lambda conn: scans.add(
                    conn,
                    by,
                    made.told,
                    files,
                    hashed,
                    kept,
                    kind=asked.kind,
                    title=title,
                    sheet=sheet,
                    commune=commune,
                ),
            )
    except Refused as refused:
        raise UnreadableError(refused.text_en, refused.text_vi, refused.rule, refused.place) from None


def may_change(conn: psycopg.Connection, by: Who | str, commune: int | None) -> None:
    """Raises: NotAllowedError where `by` is neither editor nor office of a commune (None: of all)."""
    if isinstance(by, Who) and not by.may("office", commune):
        require_on(conn, by, "editor", commune)


def _called(asked: ScanFields) -> str:
    """What a scan without a title is called; never by its file, whose name may be a person's."""
    if asked.sheet is not None:
        return f"Tờ {asked.sheet}"
    return "Ảnh trực giao" if asked.kind == "orthophoto" else "Tờ bản đồ quét"


def _place(
    conn: psycopg.Connection, by: Who | str, asked: ScanFields
) -> tuple[int | None, int | None, bytes | None]:
    """Sheet, commune and what to crop to. Raises: NotFoundError, NotAllowedError, InvalidKeyError."""
    if asked.sheet is not None and asked.commune is not None:
        sheet = scans.sheet_place(conn, asked.commune, asked.sheet)
        may_change(conn, by, sheet.commune)
        if asked.crop == "sheet" and sheet.outline is None:
            raise InvalidKeyError(
                "No parcels are on this sheet yet: crop to corners in pixels instead.",
                "Tờ này chưa có thửa nào: hãy cắt theo góc khung tính bằng điểm ảnh.",
            )
        return sheet.id, sheet.commune, sheet.outline if asked.crop == "sheet" else None
    commune = None if asked.commune is None else scans.commune_number(conn, asked.commune)
    may_change(conn, by, commune)
    return None, commune, None


def _in(office: Office, work: Callable[[psycopg.Connection], _Out]) -> _Out:
    with connect(office.conninfo, office.schema) as conn:
        return work(conn)
