"""A hand-in as multipart/form-data, read as it comes: files onto disk and into their hashes, fields into memory."""

import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.allowance import Allowance, host
from api.limits import Limits
from register.errors import MalformedError, MediaError, TooLargeError

IN_MEMORY_BYTES = 1 << 20
MOST_FIELD_BYTES = 256 << 10
MOST_FIELDS = 50
_LONGEST_HEADER = 16 << 10


@dataclass(slots=True)
class Spooled:
    """A file that came in whole: its name as sent, SHA-256, size and content."""

    name: str
    content: BinaryIO
    hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0


@dataclass(slots=True)
class Form:
    """What a form held: its files in order, and its fields (the last of a name counts)."""

    files: list[Spooled] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Reader:
    """The parser's callbacks; the parts go where they belong."""

    limits: Limits
    stack: ExitStack
    form: Form = field(default_factory=Form)
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    disposition: bytes = b""
    file: Spooled | None = None
    field_name: str | None = None
    text: bytearray = field(default_factory=bytearray)
    size: int = 0
    fields: int = 0
    ended: bool = False

    def on_part_begin(self) -> None:
        self.disposition, self.file, self.field_name = b"", None, None

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self.header).lower() == b"content-disposition":
            self.disposition = bytes(self.value)
        self.header.clear()
        self.value.clear()

    def on_headers_finished(self) -> None:
        kind, options = parse_options_header(self.disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not name:
            raise _malformed()
        if b"filename" in options:
            if name != "file":
                raise MalformedError(
                    "Files come in fields named `file`.", "Tệp phải nằm trong trường có tên `file`."
                )
            self.limits.check_files(len(self.form.files) + 1)
            folder = None if self.limits.folder is None else str(self.limits.folder)
            content = self.stack.enter_context(
                tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=folder)  # noqa: SIM115 - the stack closes it
            )
            self.file = Spooled(options[b"filename"].decode("utf-8", "replace"), cast(BinaryIO, content))
        else:
            self.fields += 1
            if self.fields > MOST_FIELDS:
                raise TooLargeError(
                    f"A form has at most {MOST_FIELDS} fields.",
                    f"Biểu mẫu có tối đa {MOST_FIELDS} trường.",
                    MOST_FIELDS,
                )
            self.field_name = name
            self.text.clear()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self.file is None:
            if len(self.text) + end - start > MOST_FIELD_BYTES:
                raise TooLargeError(
                    f"A field has at most {MOST_FIELD_BYTES} bytes.",
                    f"Mỗi trường tối đa {MOST_FIELD_BYTES} byte.",
                    MOST_FIELD_BYTES,
                )
            self.text += data[start:end]
            return
        self.size += end - start
        self.file.size += end - start
        self.limits.check_file(self.file.size)
        self.limits.check_survey(self.size)
        piece = data[start:end]
        self.file.hash.update(piece)
        self.file.content.write(piece)

    def on_part_end(self) -> None:
        # a file field left empty in a form is sent without a name and without content
        if self.file is not None and (self.file.name or self.file.size):
            self.form.files.append(self.file)
        elif self.field_name is not None:
            self.form.fields[self.field_name] = self.text.decode("utf-8", "replace")

    def on_end(self) -> None:
        self.ended = True


async def read_form(request: Request, limits: Limits, stack: ExitStack, allowance: Allowance) -> Form:
    """The form of a request; its files are closed, and gone, with `stack`. Its bytes are counted to its client.

    Raises: MediaError, MalformedError, TooLargeError, BusyError; ClientDisconnect where the sender went away.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data":
        raise MediaError(
            "Hand files in as multipart/form-data, or name finished uploads in application/json.",
            "Hãy nộp tệp bằng multipart/form-data, hoặc nêu các lượt tải lên đã xong bằng application/json.",
        )
    if not 1 <= len(boundary) <= 200:
        raise _malformed()
    said = request.headers.get("content-length", "")
    if said.isdigit():  # no need to read what will not fit
        limits.check_survey(int(said) - (MOST_FIELDS + limits.files) * 1024 - MOST_FIELD_BYTES)
    reader = _Reader(limits, stack)
    names = "part_begin header_field header_value header_end headers_finished part_data part_end end"
    callbacks = {f"on_{name}": getattr(reader, f"on_{name}") for name in names.split()}
    parser = MultipartParser(boundary, callbacks, max_header_size=_LONGEST_HEADER)  # type: ignore[arg-type]
    try:
        async for piece in request.stream():
            if piece:
                allowance.take(host(request), len(piece))
                parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise _malformed() from error
    if not reader.ended:
        raise _malformed()
    return reader.form


def _malformed() -> MalformedError:
    return MalformedError(
        "The form cannot be taken apart: it is cut short, or its boundary or a part's heading is wrong. Send it again.",
        "Không tách được biểu mẫu: bị cắt ngang, hoặc sai boundary hay tiêu đề phần. Hãy gửi lại.",
    )
