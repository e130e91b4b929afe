"""GeoParquet (1.0 and 1.1, shapes as WKB) as a layer with batches. Its bytes are hostile: the fenced process imports this."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from importers.draft import MAX_BATCH_ROWS
from importers.errors import BrokenFile, NoGeometry
from importers.gdal import Opened
from importers.source import SourceFile

_LARGEST_GROUP_BYTES = 1 << 30


@contextmanager
def opened(source: SourceFile) -> Iterator[Opened]:
    """The table open for reading once. Raises: BrokenFile (also while the batches are read), NoGeometry."""
    try:
        file = pq.ParquetFile(
            source.path, thrift_string_size_limit=1 << 24, thrift_container_size_limit=1 << 20
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _broken(source, error) from error
    with file:
        geometry, crs = _geometry(source, file)
        names = file.schema_arrow.names
        if any(
            file.metadata.row_group(n).total_byte_size > _LARGEST_GROUP_BYTES
            for n in range(file.num_row_groups)
        ):
            raise _broken(source, ValueError("a row group of more than 1 GiB"))
        fields = tuple(name for name in names if name != geometry)
        yield Opened(crs, None, fields, geometry, None, file.metadata.num_rows, _batches(source, file))


def _geometry(source: SourceFile, file: pq.ParquetFile) -> tuple[str, str | None]:
    """The column of shapes and its CRS as WKT, as the metadata `geo` tell."""
    try:
        told = json.loads((file.schema_arrow.metadata or {})[b"geo"])
        name = str(told["primary_column"])
        column = told["columns"][name]
        known = column["encoding"] == "WKB" and name in file.schema_arrow.names
        # without a crs it is longitude, latitude; null says that it is not known
        crs: Any = column.get("crs", "EPSG:4326")
        wkt = None if crs is None else str(pyproj.CRS.from_user_input(crs).to_wkt())
    except (KeyError, TypeError, ValueError, RecursionError, pyproj.exceptions.CRSError):
        known, name, wkt = False, "", None
    if not known:
        raise NoGeometry(
            "Tệp Parquet này không có cột hình GeoParquet (WKB).",
            "This Parquet has no column of shapes as GeoParquet has it (WKB).",
            source.name,
        )
    return name, wkt


def _batches(source: SourceFile, file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(batch_size=MAX_BATCH_ROWS, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _broken(source, error) from error


def _broken(source: SourceFile, error: Exception) -> BrokenFile:
    said = " ".join(str(error).split())[:200]
    return BrokenFile(
        f"Tệp hỏng hoặc không phải GeoParquet: {said}. Hãy xuất lại từ phần mềm gốc.",
        f"The file is broken or not GeoParquet: {said}. Export it again.",
        source.name,
    )
