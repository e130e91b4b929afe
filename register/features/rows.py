"""Parcels of a commune or a place as Arrow batches, for files: read by a cursor of the database, so many rows at a time."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa
import shapely
from geoalchemy2 import functions as gis
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql.psycopg import dialect

from register.clocks import Moment
from register.errors import TooLargeError
from register.features.collections import PARCELS, area
from register.statements import load
from register.tables import address, correction, parcel_address, parcel_version, sheet, unit, unmade_version

ROWS = 2_000
SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("code", "commune", "sheet", "number")),
        pa.field("scale", pa.int32()),
        *(pa.field(name, pa.string()) for name in ("map_set", "land_use")),
        pa.field("area_m2", pa.float64()),
        pa.field("legal_area_m2", pa.float64()),
        *(pa.field(name, pa.string()) for name in ("address", "sheet_commune")),
        pa.field("epsg", pa.int32()),
        pa.field("effective_on", pa.date32()),
        pa.field("version", pa.int64()),
        pa.field("shape", pa.binary()),
        pa.field("label_x", pa.float64()),
        pa.field("label_y", pa.float64()),
        pa.field("room_m", pa.float64()),
    ]
)
"""One row a parcel: WKB and the place of its label in the system asked for, the radius free around it in metres."""

_DIALECT = dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
_v, _s = parcel_version.c, sheet.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """Parcels of a file: of a commune (its code), meeting a box (west, south, east, north in degrees), or both; at a moment
    (None: the present)."""

    commune: str | None = None
    box: tuple[float, float, float, float] | None = None
    then: Moment | None = None

    def told(self) -> str:
        """As text that `wanted` reads again."""
        return json.dumps(asdict(self), default=str)


def wanted(told: str) -> Wanted:
    """What `Wanted.told` said."""
    read = json.loads(told)
    then = read["then"]
    if then is not None:
        then = Moment(then["seq"], date.fromisoformat(then["day"]), then["settled"])
    return Wanted(read["commune"], None if read["box"] is None else tuple(read["box"]), then)


async def counted(conn: AsyncConnection[TupleRow], of: Wanted, most: int) -> tuple[int, int | None]:
    """How many parcels there are, and the zone (EPSG) most of their sheets are in (None: there is none).

    Raises: TooLargeError where there are more than `most`.
    """
    found = union_all(*(_of(of, alive, _v.sheet).limit(most + 1) for alive in _alive(of))).subquery()
    statement = (
        select(func.count().label("n"), _s.epsg)
        .select_from(found.join(sheet, _s.id == found.c.sheet))
        .group_by(_s.epsg)
        .order_by(func.count().desc())
    )
    async with conn.transaction():
        await conn.execute(load("register.features", "items.sql")["own_plan"])
        rows = await (await conn.execute(*_compiled(statement))).fetchall()
    total = sum(row[0] for row in rows)
    if total > most:
        raise TooLargeError(
            f"These are more than {most:,} parcels: ask for one commune, or a smaller box.",
            f"Có hơn {most:,} thửa đất: hãy hỏi một xã, hoặc khung nhỏ hơn.",
            most,
        )
    return total, rows[0][1] if rows else None


def batches(conn: psycopg.Connection, of: Wanted, epsg: int) -> Iterator[pa.RecordBatch]:
    """Batches of SCHEMA, in the order of sheets and numbers; shapes in `epsg`: 4326 or a VN-2000 zone.

    A shape in the zone of its own sheet is the surveyed one. One transaction: the parcels are those of one moment.
    """
    found = union_all(*(_of(of, alive, *_columns(of, epsg)) for alive in _alive(of))).subquery()
    number = found.c.number
    ordered = select(found).order_by(
        found.c.commune, found.c.sheet, func.length(number), number, found.c.code
    )
    with conn.cursor(name="parcels") as cursor:
        cursor.itersize = ROWS
        cursor.execute(*_compiled(ordered))
        while rows := cursor.fetchmany(ROWS):
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _columns(of: Wanted, epsg: int) -> list[ColumnElement[Any]]:
    link, today, surveyed = parcel_address.c, unit.alias("today"), unit.alias("surveyed")
    opener = correction.alias("opener")
    text = (
        select(address.c.text)
        .join(parcel_address, link.address == address.c.id)
        .where(link.code == _v.code, link.main, link.closed_by.is_(None))
    )
    shape = gis.ST_Transform(_v.shape, epsg)
    label = gis.ST_Transform(_v.anchor, epsg)

    def of_unit(units: Any, which: ColumnElement[Any]) -> ColumnElement[Any]:
        return select(units.c.code).where(units.c.id == which).scalar_subquery()

    return [
        _v.code,
        of_unit(today, _v.commune).label("commune"),
        _s.number.label("sheet"),
        _v.number.label("number"),
        _s.scale,
        func.nullif(_s.map_set, "").label("map_set"),
        func.nullif(_v.land_use, "").label("land_use"),
        cast(_v.area_m2, Double).label("area_m2"),
        cast(_v.legal_area_m2, Double).label("legal_area_m2"),
        (text.scalar_subquery() if of.then is None else literal(None, Text)).label("address"),
        of_unit(surveyed, _s.commune).label("sheet_commune"),
        _s.epsg,
        select(opener.c.effective_on)
        .where(opener.c.id == _v.opened_by)
        .scalar_subquery()
        .label("effective_on"),
        _v.id.label("version"),
        func.ST_AsBinary(shape).label("shape"),
        func.ST_X(label).label("label_x"),
        func.ST_Y(label).label("label_y"),
        cast(_v.room_m, Double).label("room_m"),
    ]


def _of(of: Wanted, alive: ColumnElement[bool], *columns: ColumnElement[Any]) -> Select[Any]:
    conditions = [alive]
    if of.commune is not None:
        units = select(unit.c.id).where(
            unit.c.code == of.commune, unit.c.level == "commune", unit.c.undone_by.is_(None)
        )
        conditions.append(_v.commune.in_(units))
    if of.box is not None:
        conditions.append(PARCELS.meets(area(shapely.box(*of.box))))
    return select(*columns).select_from(parcel_version.join(sheet, _s.id == _v.sheet)).where(*conditions)


def _alive(of: Wanted) -> tuple[ColumnElement[bool], ...]:
    if of.then is None:
        return (_v.closed_by.is_(None),)
    opener, closer, undo = correction.alias("o"), correction.alias("e"), correction.alias("u")
    seq, day = literal(of.then.seq, BigInteger), literal(of.then.day)
    lives = (
        select(literal(1))
        .select_from(opener.outerjoin(closer, closer.c.id == _v.closed_by))
        .where(
            opener.c.id == _v.opened_by,
            func.alive(opener.c.seq, opener.c.effective_on, closer.c.seq, closer.c.effective_on, seq, day),
        )
        .correlate(parcel_version)
        .exists()
    )
    unmade = (
        select(literal(1))
        .select_from(unmade_version.join(undo, undo.c.id == unmade_version.c.by))
        .where(unmade_version.c.version == _v.id, undo.c.seq <= seq)
        .correlate(parcel_version)
        .exists()
    )
    then = and_(lives, ~unmade)
    return and_(_v.closed_by.is_(None), then), and_(_v.closed_by.is_not(None), then)


def _compiled(statement: Any) -> tuple[str, dict[str, Any]]:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)
