"""Parcels written as files, each format so that GIS programs and our own readers take it back as it was.

Rows come as Arrow batches and are written as they come: a file costs memory for a batch, not for its length.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

WRITERS: Mapping[str, str] = MappingProxyType(
    {
        "geojson": "layer.geojson",
        "fgb": "layer.flatgeobuf",
        "gpkg": "layer.geopackage",
        "gml": "layer.gml",
        "parquet": "geoparquet.write",
        "csv": "table.write",
        "dxf": "drawing.write",
    }
)
"""Where each format is written, by the ending of its file; loaded when it is asked for, as each needs another library."""

DEGREES = ("geojson",)
"""Formats that are in WGS84 unless something else is asked for."""
METRES = ("dxf",)
"""Formats that are in metres only."""


def write(ending: str, path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """The batches as a file at `path`; shapes and labels are in `epsg`, 4326 or a VN-2000 zone."""
    module, name = WRITERS[ending].split(".")
    getattr(import_module(f"importers.export.{module}"), name)(path, batches, schema, epsg)
