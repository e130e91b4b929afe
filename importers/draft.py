"""The one shape in which every importer hands over parcels, whatever the file was."""

import pyarrow as pa

MAX_BATCH_ROWS = 20_000

# Everything but the first nine fields may be null. `record` is the feature id (GeoPackage) or the 1-based row in the
# file. `epsg` is a VN-2000 zone; `shape` is WKB (little endian, 2-D Polygon or MultiPolygon) in its east and north
# metres, rounded to the millimetre, valid, exterior rings counter-clockwise.
DRAFT_SCHEMA = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("record", pa.int64(), nullable=False),
        pa.field("epsg", pa.int32(), nullable=False),
        pa.field("commune", pa.string(), nullable=False),
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("number", pa.string(), nullable=False),
        pa.field("scale", pa.int32()),
        pa.field("map_set", pa.string()),
        pa.field("land_use", pa.string()),
        pa.field("legal_area_m2", pa.float64()),
        pa.field("code", pa.string()),
        pa.field("address", pa.string()),
        pa.field("house", pa.string()),
        pa.field("street", pa.string()),
        pa.field("hamlet", pa.string()),
        pa.field("postcode", pa.string()),
        pa.field("shape", pa.binary(), nullable=False),
    ]
)
