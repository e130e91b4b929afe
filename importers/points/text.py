"""The bytes of a text file as numbered lines, whatever its encoding and line ends."""

import codecs
from dataclasses import dataclass

from geo.finding import Finding
from importers.check.rules import found
from importers.errors import BrokenFile, EmptyFile, TooMuch
from importers.legacy_text import decode
from importers.source import SourceFile

MAX_BYTES = 200 << 20
MAX_LINES = 1_000_000
MAX_LINE_CHARS = 1 << 16
# TCVN3 and VNI put letters on bytes that are no text elsewhere, never on these.
_NO_TEXT = b"\x00"


@dataclass(frozen=True, slots=True)
class Lines:
    """`rows` are (number from 1, text without its line end); `encoding` and `findings` say how letters were read."""

    rows: list[tuple[int, str]]
    encoding: str
    findings: list[Finding]


def lines(source: SourceFile) -> Lines:
    """All lines of a file. Raises: EmptyFile, BrokenFile (no text), TooMuch (200 MB, 1,000,000 lines)."""
    with source.path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_much(source.name)
    text, encoding, findings = _decoded(content, source.name)
    rows = split(text, source.name)
    if not any(row.strip() for _, row in rows):
        raise EmptyFile("Tệp không có dòng nào.", "The file has no lines.", source.name)
    return Lines(rows, encoding, findings)


def split(text: str, name: str = "") -> list[tuple[int, str]]:
    """Lines by LF (any number of CR before it belongs to it), or by CR where there is no LF. A CR inside a line ends a
    record, not a line: both halves carry one number."""
    end = "\n" if "\n" in text else "\r"
    if text.count(end) + text.count("\r") > 3 * MAX_LINES or text.count(end) > MAX_LINES:
        raise _too_much(name)
    rows: list[tuple[int, str]] = []
    for number, line in enumerate(text.split(end), 1):
        trimmed = line.strip("\r")
        if "\r" in trimmed:
            rows.extend((number, part) for part in trimmed.split("\r"))
        else:
            rows.append((number, trimmed))
    while rows and not rows[-1][1].strip("\x1a\x00 \t"):
        rows.pop()
    return rows


def _too_much(name: str) -> TooMuch:
    return TooMuch(
        f"Tệp lớn hơn {MAX_BYTES >> 20} MB hoặc nhiều hơn {MAX_LINES} dòng. Hãy chia nhỏ.",
        f"The file is larger than {MAX_BYTES >> 20} MB or has more than {MAX_LINES} lines. Split it.",
        name,
    )


def _decoded(content: bytes, name: str) -> tuple[str, str, list[Finding]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        even = content[: len(content) // 2 * 2]
        return even.decode("utf-16", "replace"), "utf-16", _unread() if len(even) != len(content) else []
    content = content.removeprefix(codecs.BOM_UTF8)
    if _NO_TEXT in content:
        raise BrokenFile(
            "Tệp có byte 0: không phải văn bản. Hãy xuất lại tệp từ máy hoặc từ bảng tính.",
            "The file holds zero bytes: it is no text. Export it again from the instrument or the spreadsheet.",
            name,
        )
    if content.isascii():
        return content.decode("ascii"), "ascii", []
    read = decode(content)
    if read.encoding in ("ascii", "utf-8"):
        return read.text, "utf-8", []
    if not read.sure:
        return read.text, read.encoding, _unread()
    return read.text, read.encoding, [
        found("legacy_text", f"Chữ trong tệp theo bảng mã {read.encoding}, đã đổi sang Unicode.",
              f"The file's text is in {read.encoding}; it was made Unicode.")
    ]  # fmt: skip


def _unread() -> list[Finding]:
    return [
        found("unread_text", "Có chữ không rõ bảng mã; tên điểm có chữ này có thể sai.",
              "Some text is in no known encoding; names of points with it may be wrong.")
    ]  # fmt: skip
