"""The rows of a workbook (.xlsx): values as last computed, never formulas; refused before opening where it could be a bomb."""

import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from importers.errors import BadArchive, BrokenFile, EmptyFile, ForbiddenMarkup, Refused, TooMuch
from importers.points.text import MAX_LINES
from importers.source import SourceFile

MAX_UNPACKED_BYTES = 512 << 20
MAX_RATIO = 200
MAX_MEMBERS = 2_000
MAX_SHEETS = 200
MAX_COLUMNS = 40
_SMALL_BYTES = 32 << 20
_CHUNK_BYTES = 1 << 20
_MARKS = tuple(m.encode(e) for m in ("<!DOCTYPE", "<!ENTITY") for e in ("ascii", "utf-16-le", "utf-16-be"))

Row = tuple[int, list[str]]


def sheets(source: SourceFile) -> Iterator[tuple[str, list[Row]]]:
    """(name, rows) of each sheet in its order; rows are (row number, cells as text), empty ones included up to the last.

    Raises: BadArchive, TooMuch, ForbiddenMarkup (document type in its XML), BrokenFile, EmptyFile.
    """
    import openpyxl  # slow to load, and few surveys are workbooks

    _check(source)
    total = 0
    # openpyxl judges a path by its suffix; the file is what its bytes are.
    with source.path.open("rb") as file, warnings.catch_warnings():
        # openpyxl warns of styles and extensions it leaves out: none of them hold a point.
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                for sheet in book.worksheets[:MAX_SHEETS]:
                    rows = _rows(sheet, MAX_LINES - total, source.name)
                    total += len(rows)
                    if any(any(cells) for _, cells in rows):
                        yield sheet.title, rows
            finally:
                book.close()
        except (Refused, MemoryError, GeneratorExit):
            raise
        except Exception as error:
            # A broken workbook raises whatever the part met first does: KeyError, ParseError, zlib.error, TypeError …
            raise BrokenFile(
                "Bảng tính bị hỏng, không mở được. Hãy mở trong Excel rồi lưu lại thành .xlsx hoặc .csv.",
                "The workbook is broken. Open it in Excel and save it again as .xlsx or .csv.",
                source.name,
            ) from error
    if not total:
        raise EmptyFile("Bảng tính không có dòng nào.", "The workbook has no rows.", source.name)


def _rows(sheet: Any, most: int, name: str) -> list[Row]:
    rows: list[Row] = []
    # The dimension a sheet claims may be all of Excel's; without it rows end where their cells end.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
        if number > most:
            raise TooMuch(
                f"Bảng tính có hơn {MAX_LINES} dòng. Hãy chia nhỏ.", f"The workbook has more than {MAX_LINES} rows. Split it.",
                name,
            )  # fmt: skip
        rows.append((number, [_text(v) for v in values]))
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)[:4096].strip()


def _check(source: SourceFile) -> None:
    try:
        with zipfile.ZipFile(source.path) as archive:
            members = archive.infolist()
            total = sum(m.file_size for m in members)
            if len(members) > MAX_MEMBERS or total > MAX_UNPACKED_BYTES or (
                total > _SMALL_BYTES and total > MAX_RATIO * max(1, source.path.stat().st_size)
            ):  # fmt: skip
                raise TooMuch(
                    f"Bảng tính giải nén ra {total >> 20} MB: quá giới hạn. Hãy chia nhỏ hoặc lưu thành .csv.",
                    f"The workbook would unpack to {total >> 20} MB: beyond the limit. Split it or save it as .csv.",
                    source.name,
                )
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        _refuse_markup(part, source.name)
    except Refused:
        raise
    except Exception as error:
        raise BadArchive(
            "Tệp .xlsx bị hỏng hoặc bị cắt, hoặc có mật khẩu. Hãy lưu lại rồi nạp lại.",
            "The .xlsx is broken, cut short, or has a password. Save it again and hand it in again.",
            source.name,
        ) from error


def _refuse_markup(part: Any, name: str) -> None:
    tail = b""
    while block := part.read(_CHUNK_BYTES):
        if any(mark in tail + block for mark in _MARKS):
            raise ForbiddenMarkup(
                "Bảng tính có khai báo DTD trong XML: từ chối, vì có thể phình to vô hạn.",
                "The workbook's XML holds a document type: refused, it could expand without end.",
                name,
            )
        tail = block[-32:]
