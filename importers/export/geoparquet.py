"""GeoParquet 1.1."""

import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from importers.export.columns import SHAPE, plain, plain_batches


def write(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """A row group for each batch; shapes as WKB in the column `geometry`."""
    # WGS84 without a crs is longitude, latitude (OGC:CRS84)
    crs = {} if epsg == 4326 else {"crs": pyproj.CRS.from_epsg(epsg).to_json_dict()}
    column = {"encoding": "WKB", "geometry_types": ["Polygon", "MultiPolygon"], **crs}
    about = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    kept = plain(schema)
    named = pa.schema([field.with_name("geometry") if field.name == SHAPE else field for field in kept])
    named = named.with_metadata({"geo": json.dumps(about)})
    with pq.ParquetWriter(path, named, compression="zstd") as writer:
        for batch in plain_batches(batches, schema):
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=named))
