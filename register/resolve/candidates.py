"""The parcels that readings of keys lead to, kind by kind, many keys by one statement."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo import crs
from geo.positions import Geographic, Grid
from geo.text import fold
from geo.web_map import from_degrees
from register.clocks import Moment
from register.resolve.keys import Digital, Sheeted, Words
from register.resolve.words import Books, by_text
from register.statements import load


class Candidate(NamedTuple):
    """A parcel a key may mean, and how it was found."""

    code: str
    found_by: str


Found = dict[int, list[Candidate]]
_MOST_ZONES: Final = 10
_WGS84: Final = 4326
_names: "WeakKeyDictionary[AsyncConnection[TupleRow], tuple[tuple[int, ...], dict[str, list[str]]]]" = (
    WeakKeyDictionary()
)


async def on_sheets(
    conn: AsyncConnection[TupleRow], keys: Sequence[tuple[int, Sheeted]], then: Moment | None
) -> Found:
    """Parcels that stand, or stood, on a sheet under a number.

    On each sheet whoever stands there comes before whoever did. Sheets surveyed for the commune come before those of the
    communes it was made of: a sheet's number belongs to the commune it was surveyed for.
    """
    coded: list[tuple[int, str, Sheeted]] = []
    names = await _communes(conn) if any(not key.commune.isdigit() for _, key in keys) else {}
    for n, key in keys:
        units = [key.commune] if key.commune.isdigit() else names.get(key.commune, [])
        coded += [(n, unit, key) for unit in units]
    values: dict[str, Any] = {
        "n": [n for n, _, _ in coded],
        "commune": [code for _, code, _ in coded],
        "sheet": [key.sheet for _, _, key in coded],
        "number": [key.number for _, _, key in coded],
        "scale": [key.scale for _, _, key in coded],
        "map_set": [key.map_set for _, _, key in coded],
    }
    if not coded:
        return {}
    sql = load("register.resolve", "resolve.sql")
    if then is None:
        rows = [(*row, True) for row in await _rows(conn, f"{sql['places']}\n{sql['standing']}", values)]
        rows += [(*row, False) for row in await _rows(conn, f"{sql['places']}\n{sql['once']}", values)]
    else:
        rows = [
            tuple(row) for row in await _rows(conn, f"{sql['places']}\n{sql['stood']}", values | _at(then))
        ]
    taken = {(n, sheet) for n, _, _, sheet, stands in rows if stands}
    has_own = {n for n, _, own, _, _ in rows if own}
    out: Found = {}
    for n, code, own, sheet, stands in rows:
        if (own or n not in has_own) and (stands or (n, sheet) not in taken):
            how = ("sheet" if own else "sheet_of_former_commune") if stands else "former_sheet"
            _put(out, n, Candidate(code, how))
    return out


async def by_digital(
    conn: AsyncConnection[TupleRow], keys: Sequence[tuple[int, Digital]], then: Moment | None
) -> Found:
    """Parcels that bear a digital address; where none does, those that bore it."""
    values: dict[str, Any] = {"n": [n for n, _ in keys], "code": [key.code for _, key in keys]}
    sql = load("register.resolve", "resolve.sql")
    if then is None:
        rows = await _rows(conn, sql["digital"], values)
    else:
        rows = await _rows(conn, sql["digital_then"], values | _at(then))
    borne = {n for n, _, bears in rows if bears}
    out: Found = {}
    for n, code, bears in rows:
        if bears or n not in borne:
            _put(out, n, Candidate(code, "digital_address" if bears else "former_digital_address"))
    return out


async def at_points(
    conn: AsyncConnection[TupleRow], keys: Sequence[tuple[int, Geographic | Grid]], then: Moment | None
) -> Found:
    """Parcels at positions. Metres without a zone are looked for in each zone of the sheets here, on its own sheets."""
    sql = load("register.resolve", "resolve.sql")
    zones: list[int] = []
    if any(isinstance(key, Grid) and key.epsg is None for _, key in keys):
        zones = [row[0] for row in await _rows(conn, sql["zones"], {})][:_MOST_ZONES]
    placed: dict[int, list[tuple[int, float, float, bool]]] = {}
    for n, key in keys:
        if isinstance(key, Geographic):
            placed.setdefault(_WGS84, []).append((n, key.lon_deg, key.lat_deg, False))
            continue
        for epsg in zones if key.epsg is None else [key.epsg]:
            placed.setdefault(epsg, []).append((n, key.east_m, key.north_m, key.epsg is None))
    values: dict[str, list[Any]] = {"n": [], "x": [], "y": [], "epsg": []}
    for epsg, points in placed.items():
        number, first, second, only = zip(*points, strict=True)
        x, y = from_degrees(first, second) if epsg == _WGS84 else crs.to_web(epsg, first, second)
        values["n"] += number
        values["x"] += x.tolist()
        values["y"] += y.tolist()
        values["epsg"] += [epsg if zone else None for zone in only]
    if then is None:
        rows = await _rows(conn, sql["at_points"], values)
    else:
        rows = await _rows(conn, sql["at_points_then"], values | _at(then))
    out: Found = {}
    for n, code in rows:
        _put(out, n, Candidate(code, "point"))
    return out


async def by_words(conn: AsyncConnection[TupleRow], keys: Sequence[tuple[int, Words]], books: Books) -> Found:
    """Parcels by the words of their address: today's addresses, whatever moment is asked for."""
    found = await by_text(conn, [key.text for _, key in keys], books)
    return {
        n: [Candidate(one.code, "address_with_typos" if one.typos else "address") for one in meant]
        for (n, _), meant in zip(keys, found, strict=True)
        if meant
    }


async def _communes(conn: AsyncConnection[TupleRow]) -> dict[str, list[str]]:
    """Communes of today and before (`#number`) by folded name; kept as long as no commune came or went."""
    sql = load("register.resolve", "resolve.sql")
    mark = tuple((await _rows(conn, sql["communes_mark"], {}))[0])
    kept = _names.get(conn)
    if kept is None or kept[0] != mark:
        names: dict[str, list[str]] = {}
        for number, name in await _rows(conn, sql["commune_names"], {}):
            names.setdefault(fold(name), []).append(f"#{number}")
        kept = _names[conn] = mark, names
    return kept[1]


def _at(then: Moment) -> dict[str, Any]:
    return {"seq": then.seq, "day": then.day}


def _put(out: Found, n: int, candidate: Candidate) -> None:
    found = out.setdefault(n, [])
    if all(one.code != candidate.code for one in found):
        found.append(candidate)


async def _rows(conn: AsyncConnection[TupleRow], statement: str, values: dict[str, Any]) -> list[TupleRow]:
    return await (await conn.execute(statement, values)).fetchall()
