"""XML of any size read once from front to back: tags without prefixes, with their lines; nothing is fetched or expanded."""

import codecs
from dataclasses import dataclass
from typing import Protocol
from xml.parsers import expat

from geo.finding import Finding
from importers.check.rules import found
from importers.errors import BrokenFile, ForbiddenMarkup
from importers.source import SourceFile

MAX_DEPTH = 256
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it opens: `line` is 1-based."""

    name: str
    attributes: dict[str, str]
    line: int


class Reader(Protocol):
    """Who listens: `above` is the tag around, None for the root; `text` what stands directly in the element's end."""

    def opens(self, tag: Tag, above: Tag | None) -> None:
        """A tag opens."""

    def closes(self, tag: Tag, above: Tag | None, text: str) -> None:
        """It closes."""


def walk(source: SourceFile, reader: Reader) -> Finding | None:
    """Tell the reader all tags; an `incomplete_file` finding where the XML breaks after some were told.

    A file that says UTF-8 and is not is read as Latin-1: its texts are then of an old Vietnamese encoding.
    Raises: ForbiddenMarkup, BrokenFile (nothing to read, nested too deep, unknown encoding).
    """
    parser = expat.ParserCreate(_override(source))
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    open_tags: list[Tag] = []
    texts: list[str] = []
    told = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal told
        told += 1
        if len(open_tags) >= MAX_DEPTH:
            raise BrokenFile(
                f"XML lồng nhau hơn {MAX_DEPTH} lớp. Đây không phải tệp trao đổi bản đồ.",
                f"The XML is nested more than {MAX_DEPTH} deep. This is no exchange file of a map.",
                source.name,
            )
        if len(attributes) > MAX_DEPTH:
            raise BrokenFile(
                f"Một thẻ XML có {len(attributes):,} thuộc tính (dòng {parser.CurrentLineNumber}). Hãy xuất lại.",
                f"A tag has {len(attributes):,} attributes (line {parser.CurrentLineNumber}). Export it again.",
                source.name,
            )
        attributes = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        tag = Tag(name.rpartition(":")[2], attributes, parser.CurrentLineNumber)
        texts.clear()
        reader.opens(tag, open_tags[-1] if open_tags else None)
        open_tags.append(tag)

    def end(_: str) -> None:
        tag = open_tags.pop()
        reader.closes(tag, open_tags[-1] if open_tags else None, "".join(texts))
        texts.clear()

    def refuse(*_: object) -> None:
        raise ForbiddenMarkup(
            "XML có khai báo DOCTYPE: từ chối, vì có thể phình to vô hạn. Hãy xuất lại không có DTD.",
            "The XML holds a DOCTYPE: refused, it could expand without end. Export it without a DTD.",
            source.name,
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        with source.path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        if told < 2:
            raise BrokenFile(
                f"XML hỏng ở dòng {error.lineno}. Hãy xuất lại tệp.",
                f"The XML breaks at line {error.lineno}. Export the file again.",
                source.name,
            ) from error
        return found(
            "incomplete_file", f"XML hỏng ở dòng {error.lineno}, cột {error.offset}: phần sau không đọc được.",
            f"The XML breaks at line {error.lineno}, column {error.offset}: what follows could not be read.",
        )  # fmt: skip
    except (LookupError, ValueError) as error:
        raise BrokenFile(
            f"XML ghi một bảng mã chữ không đọc được ({error}). Hãy xuất lại bằng UTF-8.",
            f"The XML names a text encoding that cannot be read ({error}). Export it as UTF-8.",
            source.name,
        ) from error
    return None


def _override(source: SourceFile) -> str | None:
    """The encoding to read with against the file's word: Latin-1 where it claims UTF-8, or nothing, and is not."""
    with source.path.open("rb") as file:
        head = file.read(256)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in head[:4]:
            return None
        declared = (
            head.split(b"?>")[0].lower() if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") else b""
        )
        if b"encoding" in declared and b"utf-8" not in declared:
            return None
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return "iso-8859-1"
    return None
