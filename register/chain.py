"""The chain of hashes: each correction's link covers the one before, what is said of it, and what it closed and opened.

Anybody who follows the feed can verify it: of who made a correction only a digest goes in, blinded by a number that is
never given away.
"""

import hashlib
import json
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime

FIRST = b"\x00"
"""What the first link continues."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is said of a correction."""

    seq: int
    id: int
    kind: str
    effective_on: date
    made_at: datetime
    reason: str
    basis: str | None
    reverts: int | None


class Content:
    """SHA-256 over the versions opened, then those closed, each in the order of their numbers, part by part."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def opened(self, digests: bytes | None) -> None:
        """Digests of versions, one after another (apply.sql: digest_opened)."""
        self._digest.update(digests or b"")

    def closed(self, numbers: bytes | None) -> None:
        """Numbers of versions, 8 bytes each (apply.sql: digest_closed); after all that were opened."""
        self._digest.update(b"closed" + (numbers or b""))

    def digest(self) -> bytes:
        """32 bytes."""
        return self._digest.digest()


def who(nonce: bytes, author: str, approver: str | None) -> bytes:
    """Who made a correction, told to nobody who does not know `nonce`."""
    return hashlib.sha256(nonce + json.dumps([author, approver]).encode()).digest()


def link(previous: bytes, head: Head, by: bytes, content: bytes) -> bytes:
    """The hash of a correction; `by`: `who` made it, `content`: of Content."""
    said = json.dumps(astuple(head), default=_text)
    return hashlib.sha256(previous + hashlib.sha256(said.encode()).digest() + by + content).digest()


def _text(value: date) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()
