"""Addresses matched by what they say: the one seam for it."""

import psycopg

from register.statements import load


def by_text(conn: psycopg.Connection) -> None:
    """Ways (`address_way`) for rows of `address_in` that nothing else leads to a parcel: the same text without accents and
    case; else the same house number and street in the commune the row names."""
    sql = load("register.address_match", "match.sql")
    conn.execute(sql["by_text"])
    conn.execute(sql["by_house"])
