"""Address texts to be located, as offices send them: a CSV with a header, one address a row."""

import csv
import io
from collections.abc import Iterator

from importers.errors import BrokenFile, EmptyFile, MissingColumn, TooMuch

COLUMNS = ("address", "q", "diachi", "dia_chi", "địa chỉ", "dia chi")
MOST_ROWS = 100_000
MOST_CHARS = 2000


def address_lines(content: bytes) -> Iterator[str]:
    """The address of each row after the header, trimmed; UTF-8, separated by comma, semicolon or tab.

    Raises, at once: EmptyFile, MissingColumn, BrokenFile (not UTF-8); while it is read: BrokenFile, TooMuch.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenFile(
            f"Tệp không phải UTF-8 (byte thứ {error.start + 1}): hãy lưu dạng CSV UTF-8.",
            f"The file is not UTF-8 (byte {error.start + 1}): save it as CSV UTF-8.",
        ) from None
    if "\0" in text:
        raise BrokenFile("Tệp có ký tự NUL: không phải CSV.", "The file has NUL characters: it is no CSV.")
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = next(rows, [])
    except csv.Error as error:
        raise _broken(1, error) from None
    if not any(header):
        raise EmptyFile("Tệp trống.", "The file is empty.")
    names = [name.strip().lower() for name in header]
    column = next((names.index(name) for name in COLUMNS if name in names), -1)
    if column < 0:
        raise MissingColumn(
            "Không có cột địa chỉ: hãy đặt tên cột là address hoặc dia_chi.",
            "There is no column of addresses: name it address or dia_chi.",
        )
    return _lines(rows, column)


def _lines(rows: Iterator[list[str]], column: int) -> Iterator[str]:
    n = 1
    while True:
        n += 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise _broken(n, error) from None
        if row is None:
            return
        if n > MOST_ROWS + 1:
            raise TooMuch(
                f"Mỗi lần tối đa {MOST_ROWS:,} dòng: hãy chia nhỏ.",
                f"At most {MOST_ROWS:,} rows at once: split it.",
            )
        yield row[column].strip()[:MOST_CHARS] if column < len(row) else ""


def _broken(row: int, error: csv.Error) -> BrokenFile:
    return BrokenFile(f"Dòng {row} không phải CSV: {error}.", f"Row {row} is no CSV: {error}.")
