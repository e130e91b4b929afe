"""Rows of a file of addresses on their way into the database, with what follows from them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from geo.web_map import from_degrees
from register import ewkb, pgcopy
from register.errors import InvalidKeyError
from register.fold import fold
from register.keys import digital_code
from register.statements import load

READ = (
    "record", "code", "commune", "sheet", "number", "text", "house", "street", "hamlet", "ward", "district", "province",
    "postcode", "scheme", "digital", "known", "source", "status", "scale", "main", "lon_deg", "lat_deg",
)  # fmt: skip
"""Columns of `importers.address_files.rows.ADDRESS_FILE_SCHEMA`."""
_COPIED = ("n", *READ, "folded", "beginning", "at")
_SCHEME = re.compile(r"[a-z][a-z0-9_]{1,30}")
SCHEME = "ndas"
"""The scheme of digital addresses that a file does not name: the national platform's (rules §2.3)."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is said of a whole file: the scheme of its digital addresses, whose they are."""

    scheme: str = SCHEME
    source: str | None = None

    def __post_init__(self) -> None:
        if not _SCHEME.fullmatch(self.scheme):
            raise InvalidKeyError(
                f"“{self.scheme[:40]}” is no name of a scheme: small letters, digits and _, such as ndas_1.",
                f"“{self.scheme[:40]}” không phải tên lược đồ: chỉ dùng chữ thường, chữ số và _, ví dụ ndas_1.",
            )


def copy_rows(conn: psycopg.Connection, batches: Iterable[pa.RecordBatch], defaults: Defaults) -> int:
    """How many rows were copied into the empty table `address_in`, numbered from 1.

    Digital addresses come into the form the register keeps them in; positions (WGS84) into that of the web map.
    """
    n = 0
    with (
        conn.cursor() as cursor,
        cursor.copy(load("register.address_match", "match.sql")["copy"]) as copy,
    ):
        copy.write(pgcopy.HEADER)
        for batch in batches:
            copy.write(pgcopy.rows(_prepared(batch, n + 1, defaults)).tobytes())
            n += batch.num_rows
        copy.write(pgcopy.TRAILER)
    return n


def _prepared(batch: pa.RecordBatch, first: int, defaults: Defaults) -> pa.RecordBatch:
    given = {name: batch.column(name) for name in READ}
    given["digital"], given["known"] = _codes(given["digital"]), _codes(given["known"])
    scheme = _each(given["scheme"], _scheme)
    scheme = pc.fill_null(scheme, defaults.scheme)
    given["scheme"] = pc.if_else(pc.is_valid(given["digital"]), scheme, pa.scalar(None, pa.string()))
    if defaults.source is not None:
        given["source"] = pc.fill_null(given["source"], defaults.source)
    street = pc.binary_join_element_wise(given["house"], given["street"], " ")
    given["n"] = pa.array(np.arange(first, first + batch.num_rows, dtype=np.int64))
    given["folded"] = fold(given["text"])
    given["beginning"] = fold(street)
    given["at"] = _at(given["lon_deg"], given["lat_deg"])
    return pa.record_batch({name: given[name] for name in _COPIED})


def _at(lon_deg: pa.Array, lat_deg: pa.Array) -> pa.Array:
    degrees = (one.fill_null(0.0).to_numpy(zero_copy_only=False) for one in (lon_deg, lat_deg))
    points = ewkb.points(np.column_stack(from_degrees(*degrees)), 3857)
    return pc.if_else(pc.is_valid(lon_deg), points, pa.scalar(None, points.type))


def _codes(values: pa.Array) -> pa.Array:
    return _each(values, digital_code)


def _scheme(text: str) -> str:
    """`NDAS 1.0` → `ndas_1_0`. Raises: InvalidKeyError."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return Defaults(name).scheme


def _each(values: pa.Array, form: Callable[[str], str]) -> pa.Array:
    """`form` of each distinct text; what has no such form stays as it is."""
    coded = values.dictionary_encode()
    made = []
    for text in coded.dictionary.to_pylist():
        try:
            made.append(form(text))
        except InvalidKeyError:
            made.append(text)
    return pa.array(made, pa.string()).take(coded.indices)
