"""Communes follow the undo of the reorganisation that changed them, and the undo of that."""

import psycopg

from register.statements import load, one


def undo_units(conn: psycopg.Connection, id: int, correction: int) -> None:
    """Communes as they were before `id`, a reorganisation or an undo that goes back to one; else nothing."""
    sql = load("register", "reorganise.sql")
    root, kind, effective_on, undos = one(conn, sql["root"], {"id": id})
    if kind != "reorganise":
        return
    conn.execute(sql["alone"])
    values = {"root": root, "correction": correction, "effective_on": effective_on}
    for name in ("redo_end", "redo_begin", "redo_heirs") if undos % 2 else ("undo_units",):
        conn.execute(sql[name], values)


def units_standing(conn: psycopg.Connection, id: int) -> list[int]:
    """Corrections that keep the communes `id` changed from being changed back; 0 stands for the data files."""
    sql = load("register", "reorganise.sql")
    root, kind, _, undos = one(conn, sql["root"], {"id": id})
    if kind != "reorganise":
        return []
    rows = conn.execute(sql["stands_on"], {"root": root, "id": id, "begins": undos % 2 == 1}).fetchall()
    return [number for (number,) in rows]
