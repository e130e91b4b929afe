"""The sheets of Da Nang's former communes given to today's, as the merger of 2025 did, numbered on from commune to commune."""

from collections import defaultdict
from datetime import date

import psycopg

from register.reorganise import reorganise
from register.reorganise_plan import Move, Reorganisation

Keys = dict[tuple[str, str, str], set[str]]
THEN = date(2027, 1, 1)


def old_keys(conn: psycopg.Connection) -> Keys:
    """The codes that stand under each commune (the one its sheet was surveyed for), sheet and number."""
    keys: Keys = defaultdict(set)
    for commune, sheet, number, code in conn.execute(
        "select u.code, s.number, v.number, v.code from parcel_version v join sheet s on s.id = v.sheet "
        "join unit u on u.id = s.commune where v.closed_by is null"
    ):
        keys[commune, sheet, number].add(code)
    return keys


def merge(conn: psycopg.Connection) -> int:
    """Each sheet to the commune of today its parcels lie in; how many parcels changed. Which commune of today: by the
    register's table of units, which is the ministry's. The new numbers of sheets are made up here: they are not published.
    """
    last: dict[str, int] = defaultdict(int)
    moves = []
    for commune, sheet, scale, map_set, today in conn.execute(
        "select distinct u.code, s.number, s.scale, s.map_set, t.code from sheet s join unit u on u.id = s.commune "
        "join parcel_version v on v.sheet = s.id and v.closed_by is null join unit t on t.id = v.commune order by 1, 2, 5"
    ).fetchall():
        last[today] += 1
        moves.append(Move(commune, sheet, scale, map_set or None, today, str(last[today])))
    with conn.transaction():
        done = reorganise(conn, Reorganisation([], moves, THEN, before=True), "bench")
    return done.counts["opened"]
