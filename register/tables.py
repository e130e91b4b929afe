"""The register's tables as SQLAlchemy knows them, for statements whose shape varies.

They mirror the migrations (a test compares them); fixed statements stand in `.sql` files.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL, TIMESTAMP

METADATA = MetaData()

unit = Table(
    "unit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("district", Text),
    Column("parent", Integer),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("epsg", Integer),
    Column("postcode", Text),
    Column("outline", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    Column("opened_by", BigInteger),
    Column("closed_by", BigInteger),
    Column("undone_by", BigInteger),
)

unit_successor = Table(
    "unit_successor",
    METADATA,
    Column("unit", Integer, nullable=False),
    Column("successor", Integer, nullable=False),
    Column("relation", Text, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("id", Integer, primary_key=True),
    Column("opened_by", BigInteger),
    Column("undone_by", BigInteger),
)

sheet = Table(
    "sheet",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("commune", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("scale", Integer),
    Column("map_set", Text, nullable=False),
    Column("epsg", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outline", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False)),
)

correction = Table(
    "correction",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("approver", Text),
    Column("reason", Text, nullable=False),
    Column("basis", Text),
    Column("dossier", BigInteger),
    Column("effective_on", Date, nullable=False),
    Column("made_at", TIMESTAMP(timezone=True, precision=6), nullable=False),
    Column("reverts", BigInteger),
    Column("content_hash", LargeBinary),
    Column("counts", JSONB, nullable=False),
    Column("previous", LargeBinary),
    Column("hash", LargeBinary),
    Column("seq", BigInteger),
    Column("first_version", BigInteger),
    Column("last_version", BigInteger),
    Column("first_link", BigInteger),
    Column("last_link", BigInteger),
    Column("extent", Geometry("POLYGON", srid=3857, spatial_index=False)),
    Column("nonce", LargeBinary),
    Column("who", LargeBinary),
)

parcel_version = Table(
    "parcel_version",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("code", Text(collation="C"), nullable=False),
    Column("sheet", Integer, nullable=False),
    Column("commune", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("land_use", Text, nullable=False),
    Column("area_m2", Numeric(14, 1), nullable=False),
    Column("legal_area_m2", Numeric(14, 2)),
    Column("shape", Geometry(spatial_index=False), nullable=False),
    Column("web", Geometry(spatial_index=False), nullable=False),
    Column("anchor", Geometry("POINT", srid=3857, spatial_index=False), nullable=False),
    Column("room_m", REAL, nullable=False),
    Column("plain_from", SmallInteger, nullable=False),
    Column("record", Text),
    Column("opened_by", BigInteger, nullable=False),
    Column("closed_by", BigInteger),
    Column("provisional", Boolean, nullable=False),
)

unmade_version = Table(
    "unmade_version",
    METADATA,
    Column("version", BigInteger, primary_key=True),
    Column("by", BigInteger, nullable=False),
)

address = Table(
    "address",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("scheme", Text, nullable=False),
    Column("code", Text(collation="C"), nullable=False),
    Column("text", Text),
    Column("folded", Text),
    Column("point", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("made_by", BigInteger, nullable=False),
)

parcel_address = Table(
    "parcel_address",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("code", Text(collation="C"), nullable=False),
    Column("address", BigInteger, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("opened_by", BigInteger, nullable=False),
    Column("closed_by", BigInteger),
)
