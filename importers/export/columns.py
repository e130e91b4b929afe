"""Columns of a file: what of the rows goes into it."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

LABELS = ("label_x", "label_y", "room_m")
SHAPE = "shape"


def plain(schema: pa.Schema) -> pa.Schema:
    """Without what only drawings need."""
    return pa.schema([field for field in schema if field.name not in LABELS])


def plain_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The same of batches."""
    names = plain(schema).names
    for batch in batches:
        yield batch.select(names)
