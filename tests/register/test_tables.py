"""The tables SQLAlchemy knows are those the migrations made."""

import psycopg
import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from register.tables import METADATA


@pytest.mark.parametrize("table", METADATA.tables.values(), ids=str)
def test_declared_tables_equal_migrated_ones(db: psycopg.Connection, table: Table) -> None:
    rows = db.execute(
        "select attname, format_type(atttypid, atttypmod), attnotnull, coalesce(collname, '') from pg_attribute "
        "left join pg_collation c on c.oid = attcollation and c.collname <> 'default' "
        "where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        [table.name],
    )
    dialect = postgresql.dialect()
    declared = []
    for column in table.columns:
        collation = getattr(column.type, "collation", None) or ""
        kind = column.type.compile(dialect).lower().split(" collate ")[0]
        declared.append((column.name, kind.replace(",-1)", ")"), not column.nullable, collation))
    migrated = [(name, kind.lower().replace(" ", ""), filled, c) for name, kind, filled, c in rows]
    assert [
        (n, k.replace(" ", "").replace("geometry(geometry)", "geometry"), f, c) for n, k, f, c in declared
    ] == [(n, k.replace("doubleprecision", "double precision"), f, c) for n, k, f, c in migrated]
    keys = db.execute(
        "select array_agg(a.attname order by a.attnum) from pg_index i join pg_attribute a on a.attrelid = i.indrelid "
        "and a.attnum = any(i.indkey) where i.indrelid = %s::regclass and i.indisprimary",
        [table.name],
    ).fetchone()
    assert keys == ([column.name for column in table.primary_key],)
