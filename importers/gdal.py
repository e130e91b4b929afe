"""GDAL kept to the six formats, and EDIGEO for surveys: layers of a file as a stream of Arrow batches.

Only the fenced process imports this: GDAL parses hostile bytes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from importers.draft import MAX_BATCH_ROWS
from importers.errors import BrokenFile, EmptyFile, TooMuch
from importers.source import SourceFile

# Drivers that are never wanted: they reach the network, run commands, or read other files that a text names.
_UNWANTED = (
    "GDALG", "OGR_VRT", "VRT", "HTTP", "WFS", "OAPIF", "OGCAPI", "CSW", "PLSCENES", "Carto", "AmigoCloud", "NGW", "EEDA",
    "Elasticsearch", "ESRIJSON", "TopoJSON", "JSONFG", "GeoJSONSeq", "SQLite", "LIBKML", "KML", "GPX", "GeoRSS", "DXF",
    "DGN", "MVT", "MBTiles", "PMTiles", "OpenFileGDB", "AVCBin", "AVCE00", "OSM", "PDF", "PGDUMP", "S57", "SXF", "VFK",
    "LVBAG", "GPSBabel", "JML", "MapML", "GTFS", "ADBC", "XLSX", "ODS", "Selafin", "VDV", "OGR_GMT", "WAsP",
    "CSV", "Idrisi", "MiraMonVector", "AIVector", "OGR_PDS", "PDS4", "VICAR", "PCIDSK", "MapInfo File", "MEM",
)  # fmt: skip
_DRIVERS = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "gml": "GML"}
_OPEN_OPTIONS: dict[str, dict[str, str]] = {
    "gml": {"WRITE_GFS": "NO", "DOWNLOAD_SCHEMA": "NO", "GML_ATTRIBUTES_TO_OGR_FIELDS": "NO"},
    "gpkg": {},
}
_BATCH_BYTES = 256 << 20
MAX_LAYERS = 200
POLYGONAL = (
    "Polygon",
    "MultiPolygon",
    "Unknown",
    "GeometryCollection",
    "CurvePolygon",
    "MultiSurface",
    "Surface",
)


def prepare() -> None:
    """Fence GDAL in before it is loaded: no unwanted drivers, no network, bounded batches, rebuilt shape indexes."""
    os.environ["GDAL_SKIP"] = ",".join(_UNWANTED)
    os.environ.update(
        OGR_ARROW_MEM_LIMIT=str(_BATCH_BYTES),
        GDAL_HTTP_TIMEOUT="1",
        GDAL_DISABLE_READDIR_ON_OPEN="FALSE",
        GML_SKIP_RESOLVE_ELEMS="ALL",
        OGR_GEOMETRY_ACCEPT_UNCLOSED_RING="YES",
        SHAPE_RESTORE_SHX="YES",
        CPL_LOG="/dev/null",
        OGR_SQLITE_LOAD_EXTENSIONS="NO",
        # Its quicker way gives rows twice where the file counts more than it holds.
        OGR_GPKG_STREAM_BASE_IMPL="YES",
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a file: `name` None where the file has only one; kind of its geometries in GDAL's words."""

    name: str | None
    kind: str | None


def layers(source: SourceFile) -> list[Layer]:
    """The layers of a file, first come first. Raises: BrokenFile, EmptyFile, TooMuch."""
    import pyogrio

    if source.format not in ("gpkg", "gml"):
        return [Layer(None, None)]
    listed = _guarded(source, lambda: pyogrio.list_layers(source.path))
    if len(listed) == 0:
        raise EmptyFile("Tệp không có lớp nào.", "The file has no layer.", source.name)
    if len(listed) > MAX_LAYERS:
        # Each is opened by itself, and a GML is read from its beginning for each.
        raise TooMuch(
            f"Tệp có {len(listed):,} lớp, nhiều hơn {MAX_LAYERS}. Hãy bỏ bớt lớp.",
            f"The file has {len(listed):,} layers, more than {MAX_LAYERS}. Leave some out.",
            source.name,
        )
    found = [Layer(str(name), None if kind is None else str(kind)) for name, kind in listed]
    return [Layer(None, found[0].kind)] if len(found) == 1 else found


@dataclass(frozen=True, slots=True)
class Opened:
    """An open layer: its CRS as WKT or authority code, names of its columns and of the geometry, and its batches."""

    crs: str | None
    kind: str | None
    fields: tuple[str, ...]
    geometry: str | None
    fid: str | None
    rows: int | None
    batches: Iterator[pa.RecordBatch]


@contextmanager
def opened(source: SourceFile, layer: Layer, encoding: str | None) -> Iterator[Opened]:
    """Open one layer for reading once. Raises: BrokenFile (also while the batches are read)."""
    if source.format == "parquet":
        from importers import parquet

        with parquet.opened(source) as table:
            yield table
        return
    import pyogrio

    rows = None
    if source.format in ("gpkg", "shp", "fgb"):
        info = _guarded(source, lambda: pyogrio.read_info(source.path, layer=layer.name))
        rows = int(info["features"]) if info["features"] >= 0 else None
        if source.format == "gpkg" and info["geometry_type"] is not None:
            rows = _guarded(source, lambda: _counted(source.path, str(info["layer_name"])))
    options: dict[str, Any] = {"layer": layer.name} if layer.name is not None else {}
    if encoding is not None:
        options["encoding"] = encoding
    options.update(_OPEN_OPTIONS.get(source.format, {}))
    stream = pyogrio.open_arrow(
        source.path,
        batch_size=MAX_BATCH_ROWS,
        use_pyarrow=True,
        return_fids=source.format == "gpkg",
        **options,
    )
    meta, reader = _guarded(source, stream.__enter__)
    try:
        # A layer without shapes may have a field that is called as GDAL calls shapes without a name.
        geometry = meta["geometry_name"] or ("wkb_geometry" if meta["geometry_type"] is not None else None)
        fid = meta["fid_column"] or "OGC_FID"
        fields = tuple(str(f) for f in meta["fields"])
        told = _guarded(source, lambda: _names(reader.schema, fields, geometry))
        names = _apart(told)
        if names != told:
            fields = tuple(name for name in names if name not in (geometry, fid))
        yield Opened(
            meta["crs"],
            meta["geometry_type"],
            fields,
            geometry if geometry in names else None,
            fid if fid in names and source.format == "gpkg" else None,
            rows,
            _batches(source, reader, names),
        )
    finally:
        stream.__exit__(None, None, None)


def _names(schema: pa.Schema, fields: tuple[str, ...], geometry: str | None) -> list[str]:
    """Names of columns. Raises: UnicodeDecodeError where they are in an old encoding and do not tell which is which."""
    try:
        return list(schema.names)
    except UnicodeDecodeError:
        # Arrow takes them for UTF-8; the list of fields was decoded as the file says, and the shapes come last.
        if geometry is None or len(schema) != len(fields) + 1:
            raise
        return [*fields, geometry]


def _apart(names: list[str]) -> list[str]:
    """Names of columns, each once: the shapes, which come last, keep theirs beside a field that is called the same."""
    made: dict[str, None] = {}
    for name in reversed(names):
        free = name
        while free in made:
            free += "_"
        made[free] = None
    return list(made)[::-1]


def _counted(path: Path, layer: str) -> int:
    """How many records the table of a GeoPackage has; what the file has written down of itself may be stale."""
    import pyogrio

    quoted = layer.replace('"', '""')
    _, table = pyogrio.read_arrow(path, sql=f'SELECT COUNT(*) AS n FROM "{quoted}"')  # noqa: S608 - quoted
    return int(table.column("n")[0].as_py())


def _batches(source: SourceFile, reader: Any, names: list[str]) -> Iterator[pa.RecordBatch]:
    while True:
        batch = _guarded(source, lambda: next(reader, None))
        if batch is None:
            return
        yield _guarded(source, lambda batch=batch: _whole(batch.rename_columns(names)))


def _whole(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same. Raises: pyarrow.ArrowInvalid where values would lie outside it, as broken files make GDAL say."""
    for column in batch.columns:
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_binary(kind):
            column.cast(pa.binary()).validate(full=True)
    return batch


def _guarded(source: SourceFile, work: Any) -> Any:
    """The result of `work`, GDAL's and Arrow's complaints as one refusal in the user's words."""
    from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError, GeometryError

    try:
        return work()
    except (
        CRSError, DataLayerError, DataSourceError, FieldError, GeometryError, pa.ArrowException, OSError, RuntimeError,
        ValueError, IndexError, KeyError, UnboundLocalError,
    ) as error:  # fmt: skip
        said = str(error).replace(str(source.path), source.name).replace(str(Path(source.path).parent), "")
        said = " ".join(said.split(" It might help")[0].split()).rstrip(".; ")[:300]
        raise BrokenFile(
            f"Tệp hỏng hoặc không phải {_DRIVERS[source.format]}: {said}. Hãy xuất lại từ phần mềm gốc.",
            f"The file is broken or not {_DRIVERS[source.format]}: {said}. Export it again.",
            source.name,
        ) from error
