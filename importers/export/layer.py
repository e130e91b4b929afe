"""GeoJSON, FlatGeobuf, GeoPackage and GML, by GDAL."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from importers.export.columns import SHAPE, plain, plain_batches

_LAYER = "parcels"


def geojson(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """GeoJSON; in another system than WGS84 with the member `crs` that GDAL and our readers know."""
    digits = {"COORDINATE_PRECISION": "9" if epsg == 4326 else "3"}
    _write(path, "GeoJSON", batches, schema, epsg, layer_options=digits)


def flatgeobuf(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """FlatGeobuf with its spatial index; what is sorted for it lies beside the file."""
    _write(path, "FlatGeobuf", batches, schema, epsg, layer_options={"TEMPORARY_DIR": str(path.parent)})


def geopackage(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """GeoPackage with a layer `parcels` and its spatial index."""
    _write(path, "GPKG", batches, schema, epsg, layer_options={"GEOMETRY_NAME": "geometry"})


def gml(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema, epsg: int) -> None:
    """GML 3.2 in one file."""
    _write(
        path,
        "GML",
        batches,
        schema,
        epsg,
        dataset_options={"FORMAT": "GML3.2", "XSISCHEMAURI": "http://ogr.maptools.org/ parcels.xsd"},
    )


def _write(
    path: Path,
    driver: str,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    epsg: int,
    *,
    layer_options: Mapping[str, str] | None = None,
    dataset_options: Mapping[str, str] | None = None,
) -> None:
    import pyogrio

    reader = pa.RecordBatchReader.from_batches(plain(schema), plain_batches(batches, schema))
    pyogrio.write_arrow(
        reader,
        path,
        layer=_LAYER,
        driver=driver,
        geometry_name=SHAPE,
        geometry_type="Unknown",
        crs=f"EPSG:{epsg}",
        layer_options=dict(layer_options or {}),
        dataset_options=dict(dataset_options or {}),
    )
