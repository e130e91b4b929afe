"""Rows of addresses matched with parcels: each way leads to parcels, and only where all agree is one taken."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
import pyarrow as pa

from register.address_match.rows import Defaults, copy_rows
from register.address_match.text import by_text
from register.statements import load

OUTCOMES = ("linked", "unchanged", "ambiguous", "outside", "conflicting", "refused")
NEAR_M = 10.0
"""So far a point may lie from the parcel its row names, and be that parcel's: gates and meters stand on the street."""

BORDER_M = 0.02
"""So near a border a point is of both parcels: files give degrees to a centimetre."""


@dataclass(slots=True)
class Counts:
    """What the rows of a file came to: read = linked + unchanged + ambiguous + outside + conflicting + refused.

    `refused`: rows that could not be read, and those that name what is not in the register.
    """

    read: int = 0
    linked: int = 0
    unchanged: int = 0
    ambiguous: int = 0
    outside: int = 0
    conflicting: int = 0
    refused: int = 0
    links: int = 0
    by: dict[str, int] = field(default_factory=dict)

    def adds_up(self) -> bool:
        """Whether no row was lost (DESIGN, law 4)."""
        return self.read == sum(int(getattr(self, outcome)) for outcome in OUTCOMES)


def match(
    conn: psycopg.Connection,
    batches: Iterable[pa.RecordBatch],
    defaults: Defaults,
    near_m: float = NEAR_M,
) -> Counts:
    """What the rows (columns of `importers.address_files.rows.ADDRESS_FILE_SCHEMA`) come to, over the parcels as they stand.

    Rows, ways, outcomes and links are left in temporary tables (`match.sql`) until the transaction ends; nothing else is
    written. Linked is what all ways agree on; a point in no parcel is never linked by itself: the nearest parcel within
    `near_m` is proposed.
    """
    sql = load("register.address_match", "match.sql")
    conn.execute(sql["open"])
    conn.execute(sql["settle"])
    copied = copy_rows(conn, batches, defaults)
    return judge(conn, copied, near_m)


def judge(conn: psycopg.Connection, rows: int, near_m: float) -> Counts:
    """The same for rows that stand in `address_in` already."""
    sql = load("register.address_match", "match.sql")
    conn.execute(sql["analyze_rows"])
    for way in ("by_code", "by_number", "followed", "by_digital"):
        conn.execute(sql[way])
    conn.execute(sql["by_place"], {"border_m": BORDER_M})
    by_text(conn)
    for step in ("analyze_ways", "sum_up", "tell", "analyze_sum"):
        conn.execute(sql[step])
    conn.execute(sql["measure"], {"near_m": near_m})
    conn.execute(sql["analyze_near"])
    conn.execute(sql["judge"], {"near_m": near_m})
    for step in ("analyze_found", "want", "link", "rest", "analyze_links"):
        conn.execute(sql[step])
    counts = Counts(read=rows)
    for outcome, rule, count, links in conn.execute(sql["counts"]):
        setattr(counts, outcome, getattr(counts, outcome) + count)
        counts.by[f"{outcome} {rule}"] = count
        counts.links += links
    return counts
