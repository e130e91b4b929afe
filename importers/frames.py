"""Frames on the pipe between the fenced reader and its parent: one byte of kind, four of length, the content.

Kinds: b"J" a JSON message, b"B" an Arrow record batch of DRAFT_SCHEMA, b"A" one of ADDRESS_SCHEMA, b"F" one of
ADDRESS_FILE_SCHEMA.
"""

import json
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

import pyarrow as pa

from importers.address_files.rows import ADDRESS_FILE_SCHEMA
from importers.address_list import ADDRESS_SCHEMA
from importers.draft import DRAFT_SCHEMA

_HEAD = struct.Struct("<cI")
MAX_FRAME_BYTES = 1 << 31
_SCHEMAS = {b"B": DRAFT_SCHEMA, b"A": ADDRESS_SCHEMA, b"F": ADDRESS_FILE_SCHEMA}


def send_message(pipe: BinaryIO, message: dict[str, Any]) -> None:
    """Write one JSON message and flush."""
    content = json.dumps(message, ensure_ascii=True).encode()
    pipe.write(_HEAD.pack(b"J", len(content)))
    pipe.write(content)
    pipe.flush()


def send_batch(pipe: BinaryIO, batch: pa.RecordBatch) -> None:
    """Write one record batch of a schema above and flush."""
    content = batch.serialize()
    [kind] = [kind for kind, schema in _SCHEMAS.items() if batch.schema.equals(schema)]
    pipe.write(_HEAD.pack(kind, content.size))
    pipe.write(content)
    pipe.flush()


def receive(read_exactly: Callable[[int], bytes]) -> dict[str, Any] | pa.RecordBatch:
    """The next message or batch.

    Raises: EOFError where the pipe ends (passed through from `read_exactly`), ValueError on bytes that are no frame.
    """
    kind, length = _HEAD.unpack(read_exactly(_HEAD.size))
    if length > MAX_FRAME_BYTES or (kind != b"J" and kind not in _SCHEMAS):
        raise ValueError("not a frame")
    content = read_exactly(length)
    if kind != b"J":
        return pa.ipc.read_record_batch(pa.py_buffer(content), _SCHEMAS[kind])
    message: dict[str, Any] = json.loads(content)
    return message
