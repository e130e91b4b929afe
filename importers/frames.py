"""Frames on the pipe between the fenced reader and its parent: one byte of kind, four of length, the content.

Kinds: b"J" a JSON message, b"B" an Arrow record batch of DRAFT_SCHEMA, b"A" one of ADDRESS_SCHEMA.
"""

import json
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

import pyarrow as pa

from importers.address_list import ADDRESS_SCHEMA
from importers.draft import DRAFT_SCHEMA

_HEAD = struct.Struct("<cI")
MAX_FRAME_BYTES = 1 << 31


def send_message(pipe: BinaryIO, message: dict[str, Any]) -> None:
    """Write one JSON message and flush."""
    content = json.dumps(message, ensure_ascii=True).encode()
    pipe.write(_HEAD.pack(b"J", len(content)))
    pipe.write(content)
    pipe.flush()


def send_batch(pipe: BinaryIO, batch: pa.RecordBatch) -> None:
    """Write one record batch of DRAFT_SCHEMA or ADDRESS_SCHEMA and flush."""
    content = batch.serialize()
    pipe.write(_HEAD.pack(b"A" if batch.schema.equals(ADDRESS_SCHEMA) else b"B", content.size))
    pipe.write(content)
    pipe.flush()


def receive(read_exactly: Callable[[int], bytes]) -> dict[str, Any] | pa.RecordBatch:
    """The next message or batch.

    Raises: EOFError where the pipe ends (passed through from `read_exactly`), ValueError on bytes that are no frame.
    """
    kind, length = _HEAD.unpack(read_exactly(_HEAD.size))
    if length > MAX_FRAME_BYTES or kind not in (b"J", b"B", b"A"):
        raise ValueError("not a frame")
    content = read_exactly(length)
    if kind != b"J":
        schema = DRAFT_SCHEMA if kind == b"B" else ADDRESS_SCHEMA
        return pa.ipc.read_record_batch(pa.py_buffer(content), schema)
    message: dict[str, Any] = json.loads(content)
    return message
