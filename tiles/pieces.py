"""A tile in pieces, of which those that were there before are not compressed again."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isal import igzip, isal_zlib

from tiles.outlines import Bytes

_LEVEL: Final = 1
_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_END: Final = b"\x03\0"  # a last block of nothing


@dataclass(slots=True)
class Piece:
    """Bytes that come again, and what they are compressed, once somebody asked."""

    raw: Bytes
    deflated: bytes | None = None

    def __len__(self) -> int:
        return self.raw.size


Body = Sequence[Piece | bytes]
"""What a tile is, one piece after the other."""


def whole(body: Body) -> bytes:
    """The tile as it is."""
    return b"".join(_raw(part) for part in body)


def packed(body: Body) -> bytes:
    """The tile as gzip (RFC 1952) tells it, in one member; nothing where it is empty."""
    parts = [part for part in _joined(body) if len(part)]
    if all(isinstance(part, bytes) for part in parts):
        return igzip.compress(b"".join(map(_raw, parts)), _LEVEL) if parts else b""
    out, crc, size = [_HEAD], 0, 0
    for part in parts:
        raw = _raw(part)
        crc, size = isal_zlib.crc32(raw, crc), size + len(part)
        if isinstance(part, Piece):
            part.deflated = part.deflated or _deflated(raw)
            out.append(part.deflated)
        else:
            out.append(_deflated(raw))
    return b"".join([*out, _END, struct.pack("<II", crc, size & 0xFFFFFFFF)])


def fresh(body: Body) -> int:
    """How many bytes are still to be compressed."""
    return sum(len(part) for part in body if not (isinstance(part, Piece) and part.deflated))


def _joined(body: Body) -> Iterator[Piece | bytes]:
    """The same with what comes once in as few parts as can be."""
    once: list[bytes] = []
    for part in body:
        if isinstance(part, bytes):
            once.append(part)
        elif len(part):
            yield b"".join(once)
            once.clear()
            yield part
    yield b"".join(once)


def _raw(part: Piece | bytes) -> Any:
    return part if isinstance(part, bytes) else part.raw.data


def _deflated(raw: Any) -> bytes:
    """Blocks that refer to nothing before them, up to a whole byte (RFC 1951)."""
    deflater = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -15)
    done: bytes = deflater.compress(raw) + deflater.flush(isal_zlib.Z_FULL_FLUSH)
    return done
