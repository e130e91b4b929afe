"""Links of addresses and parcels for other systems, the national platform's above all."""

from collections.abc import Iterator
from typing import Any

import psycopg

from register.statements import load

COLUMNS = (
    "ma_thua", "ma_xa", "so_to", "so_thua", "scheme", "digital", "text", "source", "status", "postcode", "main", "lat", "lon",
)  # fmt: skip
"""Parcel code, today's commune, sheet, number; scheme, code and text of the address; the point in WGS84 degrees."""


def exported(
    conn: psycopg.Connection, commune: str | None = None, scheme: str | None = None
) -> Iterator[tuple[Any, ...]]:
    """Rows of `COLUMNS`, by parcel, its main address first; memory does not grow with them."""
    with conn.cursor("address_export") as cursor:
        cursor.itersize = 2000
        yield from cursor.execute(
            load("register.address_match", "export.sql")["links"], {"commune": commune, "scheme": scheme}
        )
