"""A correction (chỉnh lý): any change of the register, and what applying it did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

import psycopg

Progress = Callable[[str, int, int | None], None]
"""Told (step, done, total or None) as long work goes on."""
Kind = Literal[
    "import", "create", "split", "merge", "boundary", "survey", "attributes", "renumber", "resheet", "retire",
    "register", "address", "reorganise", "error", "revert", "slivers",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be done, by whom and why. `effective_on` is the legal date, the office's clock is set on applying."""

    kind: Kind
    author: str
    effective_on: date
    reason: str = ""
    basis: str | None = None
    approver: str | None = None
    content_hash: bytes | None = None
    reverts: int | None = None
    dossier: int | None = None


class Drafts(Protocol):
    """What a correction changes, before it is applied."""

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Fill the temporary table `change` (one row per version to close, to open, or both)."""

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Once the place is locked: take out of `change` what others have made needless or impossible meanwhile."""


@runtime_checkable
class Finishing(Protocol):
    """Drafts with something left to do once the parcels are opened."""

    def finish(self, conn: psycopg.Connection, correction: int) -> int:
        """How many address links were made."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The correction as it stands in the register: its number, its place in the feed of changes, instant, hash, and
    counts by what was done."""

    id: int
    seq: int
    made_at: datetime
    hash: bytes
    counts: dict[str, int] = field(default_factory=dict)
