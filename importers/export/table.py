"""CSV in UTF-8 with shapes as EWKT, so that the table tells its system."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import shapely

from importers.export.columns import SHAPE, plain, plain_batches


def write(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """The header, then a line for each row; shapes last."""
    kept = plain(schema)
    texts = pa.schema([pa.field("geom", pa.string()) if field.name == SHAPE else field for field in kept])
    digits = 9 if epsg == 4326 else 3
    with pyarrow.csv.CSVWriter(path, texts) as writer:
        for batch in plain_batches(batches, schema):
            shapes = shapely.from_wkb(batch.column(SHAPE).to_numpy(zero_copy_only=False))
            told = shapely.to_wkt(shapes, rounding_precision=digits, trim=True)
            geom = pa.array([f"SRID={epsg};{text}" for text in told], pa.string())
            columns = [geom if name == SHAPE else batch.column(name) for name in kept.names]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=texts))
