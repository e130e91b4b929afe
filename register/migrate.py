"""Bring a register's schema to the present: numbered migrations, zones, units and code lists."""

import hashlib
from importlib.resources import files

import psycopg
from psycopg import sql

from geo.crs import ZONES, proj4
from register.connect import schema_name
from register.statements import load


def migrate(conn: psycopg.Connection, schema: str = "register") -> list[str]:
    """Names of the migrations applied now; nothing where the schema is up to date.

    Creates the schema and PostGIS where missing, sets PostGIS' own rows for the VN-2000 zones to the official
    parameters (EPSG:6960; rules §3.1), and loads units and code lists that are new. The caller owns the transaction.
    """
    statements = load("register", "migrate.sql")
    conn.execute(statements["lock"])
    conn.execute(statements["postgis"])
    conn.execute(sql.SQL("create schema if not exists {}").format(schema_name(schema)))
    conn.execute(sql.SQL("set search_path = {}, public").format(schema_name(schema)))
    conn.execute(statements["migration_table"])
    done = {name for (name,) in conn.execute(statements["migrations_done"])}
    applied = []
    for file in sorted(files("register").joinpath("migrations").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql") and file.name not in done:
            conn.execute(file.read_text(encoding="utf-8"))
            conn.execute(statements["migration_done"], {"name": file.name})
            applied.append(file.name)
    _pin_zones(conn)
    told = f"data/{_digest()}"
    if applied or told not in done:
        _load_reference_data(conn)
        conn.execute(statements["data_loaded"], {"name": told})
    return applied


def _pin_zones(conn: psycopg.Connection) -> None:
    """PostGIS 3.3 lacks 9205-9218 and lets PROJ pick another operation in the south (0.8 m): rows of our own."""
    statement = load("register", "migrate.sql")["pin_zone"]
    for epsg in ZONES:
        conn.execute(statement, {"epsg": epsg, "proj4": proj4(epsg)})


def _digest() -> str:
    """Of the data files: they are loaded where they are others than last time."""
    digest = hashlib.sha256()
    for file in sorted(files("register").joinpath("data").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".tsv"):
            digest.update(file.name.encode() + b"\n" + file.read_bytes())
    return digest.hexdigest()


def _load_reference_data(conn: psycopg.Connection) -> None:
    from register.code_lists import load_code_lists
    from register.units import load_units

    load_units(conn)
    load_code_lists(conn)
