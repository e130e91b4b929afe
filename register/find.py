"""Questions to the register: parcels by code, sheet and number, point or box; addresses by code.

Answers are GeoJSON or JSON as text: PostgreSQL writes it, nobody reads it again on the way out.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from geoalchemy2 import functions as gis
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row
from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    column,
    exists,
    func,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from register.clocks import AsOf, Moment, moment
from register.errors import InvalidKeyError, NotFoundError
from register.keys import commune_code, digital_code, parcel_code
from register.statements import load
from register.tables import (
    correction,
    parcel_version,
    sheet,
    unit,
    unit_successor,
    unmade_version,
)

WGS84 = 4326
OWN_ZONE = 0  # coordinates in the VN-2000 zone of the parcel's sheet

_DIALECT = dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Found:
    """One parcel: a GeoJSON feature as text, whether it is current, the VN-2000 zone (EPSG) of its sheet.

    `settled`: the answer will never be another, as it is about a moment of the office that is over.
    """

    code: str
    current: bool
    epsg: int
    feature: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class ParcelQuery:
    """What parcels are asked for; None asks nothing.

    Sheet and number of a commune are also those a parcel had before its sheet was given another (`scale` and `map_set` tell
    sheets of one number apart). `at` is (lon, lat) and `bbox` (west, south, east, north), in degrees of WGS84. Without
    `as_of`: the present.
    """

    sheet: str | None = None
    number: str | None = None
    commune: str | None = None
    at: tuple[float, float] | None = None
    bbox: tuple[float, float, float, float] | None = None
    land_use: str | None = None
    as_of: AsOf | None = None
    scale: int | None = None
    map_set: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of answers as JSON texts, and the cursor of the next page (None: this was the last)."""

    items: list[str]
    next: str | None
    settled: bool = False


async def parcel(
    conn: AsyncConnection[TupleRow], text: str, epsg: int = WGS84, as_of: AsOf | None = None
) -> Found:
    """The parcel of a code as typed: current, or the last version of a retired one with its successors.

    `epsg`: WGS84, OWN_ZONE, or the zone the caller insists on. `as_of`: as it would have been answered then.
    Raises: InvalidKeyError, NotFoundError.
    """
    code = parcel_code(text)
    then = None if as_of is None else await moment(conn, as_of)
    found = await parcels_by_code(conn, [code], wanted_epsg(epsg), then)
    if not found and then is not None:
        raise NotFoundError(
            f"There was no parcel with the code {code} yet: ask for a later time, or without as_of=.",
            f"Lúc đó chưa có thửa đất nào mang mã {code}: hãy hỏi thời điểm muộn hơn, hoặc bỏ as_of=.",
        )
    return checked(code, found[0] if found else None, epsg)


def wanted_epsg(epsg: int) -> int:
    """What `parcels_by_code` is asked for, for the zone a caller wants."""
    return WGS84 if epsg == WGS84 else OWN_ZONE


def checked(code: str, found: Found | None, epsg: int) -> Found:
    """What was found for a code. Raises: NotFoundError; InvalidKeyError where it is in another zone than was insisted on."""
    if found is None:
        raise NotFoundError(
            f"No parcel has ever had the code {code}.", f"Mã {code} chưa từng được cấp cho thửa đất nào."
        )
    if epsg not in (WGS84, OWN_ZONE, found.epsg):
        raise InvalidKeyError(
            f"The parcel's sheet is in EPSG:{found.epsg}, not EPSG:{epsg}: use crs=vn2000 or crs=4326.",
            f"Tờ bản đồ của thửa ở hệ EPSG:{found.epsg}, không phải EPSG:{epsg}: "
            "hãy dùng crs=vn2000 hoặc crs=4326.",
        )
    return found


async def parcels_by_code(
    conn: AsyncConnection[TupleRow], codes: Sequence[str], epsg: int, then: Moment | None = None
) -> list[Found]:
    """Parcels in the order of `codes` (in stored form); codes never issued are left out.

    `epsg`: WGS84 or OWN_ZONE. `then`: as they were at that moment; those that came later are left out.
    """
    sql = load("register", "find.sql")
    values: dict[str, object] = {"codes": list(codes), "epsg": epsg}
    if then is None:
        cursor = await conn.execute(f"{sql['feature']}\n{sql['current']}", values, prepare=True)
        found = {row[0]: Found(*row) for row in await cursor.fetchall()}
        if len(found) < len(set(codes)):
            values["codes"] = [code for code in codes if code not in found]
            statement = f"{sql['feature']}\n{sql['retired']}\n{sql['present']}"
            cursor = await conn.execute(statement, values, prepare=True)
            found |= {row[0]: Found(*row) for row in await cursor.fetchall()}
        return [found[code] for code in codes if code in found]
    values |= {"seq": then.seq, "day": then.day}
    cursor = await conn.execute(f"{sql['feature']}\n{sql['retired']}\n{sql['past']}", values, prepare=True)
    return [replace(Found(*row), settled=then.settled) for row in await cursor.fetchall()]


async def parcels(
    conn: AsyncConnection[TupleRow], query: ParcelQuery, limit: int, cursor: str | None = None
) -> Page:
    """Parcels that answer `query`, current or alive as of its moment, `limit` at a time in the order of their codes.

    Raises: InvalidKeyError (also for a cursor of another question).
    """
    conditions = _conditions(query)
    if cursor is not None:
        conditions.append(parcel_version.c.code > _open_cursor(cursor, query))
    then = None if query.as_of is None else await moment(conn, query.as_of)
    statement: Select[tuple[str]] | CompoundSelect[tuple[str]]
    if then is None:
        statement = _codes(limit, parcel_version.c.closed_by.is_(None), *conditions)
    else:
        statement = _codes_then(limit, then, conditions)
    codes = [row[0] for row in await _rows(conn, statement)]
    following = _cursor(codes[limit - 1], query) if len(codes) > limit else None
    found = await parcels_by_code(conn, codes[:limit], WGS84, then)
    return Page([f.feature for f in found], following, then is not None and then.settled)


def _codes(limit: int, *conditions: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(parcel_version.c.code).where(*conditions).order_by(parcel_version.c.code).limit(limit + 1)


def _codes_then(
    limit: int, then: Moment, conditions: Sequence[ColumnElement[bool]]
) -> CompoundSelect[tuple[str]]:
    """Codes of the parcels alive at a moment: versions still current and closed ones, each by indexes of its own."""
    v = parcel_version.c
    opener, closer = correction.alias(), correction.alias()
    life = (opener.c.seq, opener.c.effective_on, closer.c.seq, closer.c.effective_on)
    both = parcel_version.join(opener, opener.c.id == v.opened_by).outerjoin(
        closer, closer.c.id == v.closed_by
    )
    undo = correction.alias()
    never = exists().where(
        unmade_version.c.version == v.id, undo.c.id == unmade_version.c.by, undo.c.seq <= then.seq
    )
    halves = [
        _codes(limit, half, func.alive(*life, then.seq, then.day), ~never, *conditions).select_from(both)
        for half in (v.closed_by.is_(None), v.closed_by.is_not(None))
    ]
    return union_all(*halves).order_by("code").limit(limit + 1)


def _conditions(query: ParcelQuery) -> list[ColumnElement[bool]]:
    v = parcel_version.c
    if query.number is not None and query.sheet is None:
        raise InvalidKeyError(
            "A parcel number belongs to a sheet: give sheet= (and commune=) too.",
            "Số thửa đi cùng số tờ: hãy thêm sheet= (và commune=).",
        )
    conditions: list[ColumnElement[bool]] = []
    keys: list[ColumnElement[bool]] = []
    if query.commune is not None:
        keys.append(_in_commune(commune_code(query.commune)))
    if query.sheet is not None or query.scale is not None or query.map_set is not None:
        keys.append(v.sheet.in_(select(sheet.c.id).where(*_sheet_is(query))))
    if query.number is not None:
        keys.append(v.number == query.number.strip())
    if query.commune is not None and query.sheet is not None and query.as_of is None:
        today = select(v.code).where(v.closed_by.is_(None), *keys)
        conditions.append(v.code.in_(today.union(_once_on_sheet(query, commune_code(query.commune)))))
    else:
        conditions += keys
    if query.land_use is not None:
        conditions.append(v.land_use == query.land_use.strip())
    if query.at is not None:
        lon_deg, lat_deg = query.at
        point = gis.ST_Transform(gis.ST_SetSRID(gis.ST_MakePoint(lon_deg, lat_deg), WGS84), 3857)
        conditions.append(gis.ST_Intersects(v.web, point))
    if query.bbox is not None:
        box = gis.ST_Transform(gis.ST_MakeEnvelope(*query.bbox, WGS84), 3857)
        conditions.append(gis.ST_Intersects(v.web, box))
    return conditions


def _in_commune(code: str) -> ColumnElement[bool]:
    """Parcels of today's commune `code`, and those on sheets surveyed for the old commune `code`."""
    v = parcel_version.c
    named = _named(code)
    followed = unit_successor.c.successor.in_(named), unit_successor.c.undone_by.is_(None)
    before = select(unit_successor.c.unit).where(*followed)
    sheets = select(sheet.c.id).where(or_(sheet.c.commune.in_(named), sheet.c.commune.in_(before)))
    old_sheets = select(sheet.c.id).where(sheet.c.commune.in_(named))
    return v.sheet.in_(sheets) & or_(v.commune.in_(named), v.sheet.in_(old_sheets))


def _named(code: str) -> Select[tuple[int]]:
    return select(unit.c.id).where(unit.c.code == code, unit.c.level == "commune", unit.c.undone_by.is_(None))


def _sheet_is(query: ParcelQuery) -> list[ColumnElement[bool]]:
    s = sheet.c
    told: list[ColumnElement[bool]] = []
    if query.sheet is not None:
        told.append(s.number == query.sheet.strip())
    if query.scale is not None:
        told.append(s.scale == query.scale)
    if query.map_set is not None:
        told.append(s.map_set == query.map_set.strip())
    return told


def _once_on_sheet(query: ParcelQuery, code: str) -> Select[tuple[str]]:
    """Parcels that stood on a sheet of the commune `code` under the number asked for, and stand on another sheet now.

    The number is the last one they had there. Versions that were undone were never there.
    """
    then, later, now = (parcel_version.alias(name).c for name in ("then", "later", "now"))
    undo = table("correction", column("id"), column("reverts")).alias("undo").c
    sheets = select(sheet.c.id).where(sheet.c.commune.in_(_named(code)), *_sheet_is(query))
    conditions: list[ColumnElement[bool]] = [then.sheet.in_(sheets), then.closed_by.is_not(None)]
    if query.number is not None:
        conditions.append(then.number == query.number.strip())

    def undone(v: ReadOnlyColumnCollection[str, Column[Any]]) -> ColumnElement[bool]:
        return exists().where(undo.id == v.closed_by, undo.reverts == v.opened_by)

    renumbered = exists().where(
        later.code == then.code, later.closed_by.is_not(None), later.id > then.id, later.sheet == then.sheet, ~undone(later)
    )  # fmt: skip
    still = exists().where(now.code == then.code, now.closed_by.is_(None), now.sheet == then.sheet)
    return select(then.code).where(*conditions, ~undone(then), ~renumbered, ~still)


async def addresses_by_code(conn: AsyncConnection[TupleRow], text: str) -> list[str]:
    """Addresses with one digital code and their current parcels, as JSON texts.

    Raises: InvalidKeyError, NotFoundError.
    """
    code = digital_code(text)
    sql = load("register", "find.sql")
    cursor = await conn.execute(sql["address_ids_by_code"], {"code": code})
    ids = [row[0] for row in await cursor.fetchall()]
    if not ids:
        raise NotFoundError(
            f"No current parcel has the digital address {code}.",
            f"Không có thửa đất hiện hành nào mang mã địa chỉ {code}.",
        )
    return await addresses_by_id(conn, ids)


async def addresses_by_id(conn: AsyncConnection[TupleRow], ids: Sequence[int]) -> list[str]:
    """Addresses by their number, in the order asked, with their current parcels, as JSON texts."""
    cursor = await conn.execute(load("register", "find.sql")["addresses"], {"ids": list(ids)})
    return [row[0] for row in await cursor.fetchall()]


async def rows(conn: AsyncConnection[TupleRow], name: str) -> list[dict[str, object]]:
    """The answer of a fixed question of `find.sql` without parameters: communes, last_applied, summary, units."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(load("register", "find.sql")[name])
        return await cursor.fetchall()


async def _rows(
    conn: AsyncConnection[TupleRow],
    statement: Select[tuple[str]] | Select[tuple[int]] | CompoundSelect[tuple[str]],
) -> list[TupleRow]:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    cursor = await conn.execute(str(compiled), compiled.params)
    return await cursor.fetchall()


def _mark(query: ParcelQuery) -> str:
    return f"{crc32(repr(query).encode()):08x}"


def _cursor(code: str, query: ParcelQuery) -> str:
    return urlsafe_b64encode(f"{code}{_mark(query)}".encode()).decode().rstrip("=")


def _open_cursor(cursor: str, query: ParcelQuery) -> str:
    """The code a page ended with. Raises: InvalidKeyError for a forged cursor or one of another question."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        code = parcel_code(text[:12])
    except (ValueError, InvalidKeyError):
        text, code = "", ""
    if not code or text[12:] != _mark(query):
        raise InvalidKeyError(
            "This cursor does not belong to this question: follow the next link as it was given.",
            "Con trỏ trang không thuộc truy vấn này: hãy dùng nguyên liên kết next đã nhận.",
        )
    return code
