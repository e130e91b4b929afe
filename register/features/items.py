"""Features of a collection: a page of those asked for, and one by its id. PostgreSQL writes them, nobody reads them again.

Pages follow keys, not offsets: the millionth costs what the first does.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import shapely
from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled
from psycopg.rows import TupleRow
from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, literal, select, tuple_, union_all
from sqlalchemy.dialects.postgresql.psycopg import dialect

from register.errors import InvalidKeyError, NotFoundError
from register.features.collections import PARCELS, Collection, Days, area
from register.features.filters import condition, value
from register.features.systems import CRS84, System
from register.keys import printable
from register.statements import load
from register.tables import parcel_version, unmade_version

COUNTED = 100_000
"""Features are counted up to so many; of more it is left out how many they are."""

_DIALECT = dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
_PARCEL = re.compile(r"([0-9b-hjkmnp-z]{12})(?:\.([0-9]{1,18}))?")
_COMMUNE = re.compile(r"([0-9]{5})(?:\.([0-9]{1,9}))?")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What features are asked for; None asks nothing. All of it must hold.

    `place`: a shape in degrees they meet. `days`: legal days, on one of which they were in force; None: the present.
    `equal`: values of properties. `filter`: CQL2 in its JSON form, with places in `filter_system`. `names`: the properties
    wanted.
    """

    collection: Collection
    place: shapely.Geometry | None = None
    days: Days | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    filter: Any = None
    filter_system: System = CRS84
    names: tuple[str, ...] | None = None

    @property
    def mark(self) -> str:
        """A short sum of the question, which a cursor carries."""
        place = None if self.place is None else shapely.to_wkb(self.place, hex=True)
        told = (self.collection.name, place, self.days, dict(self.equal), self.filter, self.filter_system.uri)
        return f"{crc32(repr(told).encode('utf-8', 'replace')):08x}"


@dataclass(frozen=True, slots=True)
class Page:
    """Features as JSON texts, the cursor of the next page (None: this was the last), how many there are in all where that
    is known."""

    items: list[str]
    next: str | None
    matched: int | None


@dataclass(frozen=True, slots=True)
class Extent:
    """West, south, east, north in degrees (None: nothing is there), the first legal day, the zone of most sheets (EPSG)."""

    box: tuple[float, ...] | None
    since: str | None
    epsg: int | None


async def page(
    conn: AsyncConnection[TupleRow], asked: Asked, system: System, limit: int, cursor: str | None = None
) -> Page:
    """Features that answer `asked`, `limit` at a time, their shapes in `system`; counted with the first page only.

    Raises: InvalidKeyError (also for a cursor of another question).
    """
    conditions = await _conditions(conn, asked)
    order = _order(asked)
    after: list[ColumnElement[bool]] = []
    if cursor is not None:
        keys = _open_cursor(cursor, asked, len(order))
        after.append(
            order[0] > keys[0] if len(order) == 1 else tuple_(*order) > tuple_(*(literal(k) for k in keys))
        )
    statement = _keys(asked, [*conditions, *after], limit + 1)
    if conditions:
        async with conn.transaction():
            await conn.execute(load("register.features", "items.sql")["own_plan"])
            found = await _rows(conn, statement)
    else:
        found = await _rows(conn, statement, prepare=True)
    following = _cursor(list(found[limit - 1][1:]), asked) if len(found) > limit else None
    found = found[:limit]
    matched = None
    if cursor is None:
        matched = len(found) if following is None else await _count(conn, asked, conditions)
    return Page(await _features(conn, asked, system, [row[0] for row in found]), following, matched)


async def one(
    conn: AsyncConnection[TupleRow],
    collection: Collection,
    identity: str,
    system: System,
    names: tuple[str, ...] | None = None,
) -> str:
    """The feature with an id, as JSON text: one in force, or with the number after a point a former one.

    Raises: NotFoundError.
    """
    asked = Asked(collection, names=names)
    number = await _number_of(conn, asked, identity)
    features = [] if number is None else await _features(conn, asked, system, [number])
    if not features:
        raise NotFoundError(
            f"There is no feature “{printable(identity)}” in {collection.name}.",
            f"Không có đối tượng “{printable(identity)}” trong {collection.name}.",
        )
    return features[0]


async def extent(conn: AsyncConnection[TupleRow]) -> Extent:
    """Where and since when the register holds features."""
    row = await (await conn.execute(load("register.features", "items.sql")["extent"])).fetchone()
    assert row is not None  # noqa: S101 - it always gives one
    return Extent(None if row[0] is None else tuple(row[:4]), row[4], row[5])


async def _number_of(conn: AsyncConnection[TupleRow], asked: Asked, identity: str) -> int | None:
    collection = asked.collection
    (alive,) = collection.alive(None)
    if collection.name in ("parcels", "communes"):
        match = (_PARCEL if collection is PARCELS else _COMMUNE).fullmatch(identity)
        if match is None:
            return None
        conditions = [collection.identity == match[1]]
        conditions.append(
            alive if match[2] is None else collection.number == literal(int(match[2]), BigInteger)
        )
        if match[2] is not None and collection is PARCELS:
            unmade = select(unmade_version.c.version)
            conditions += [parcel_version.c.closed_by.is_not(None), collection.number.not_in(unmade)]
    elif _NUMBER.fullmatch(identity):
        conditions = [alive, collection.number == literal(int(identity), BigInteger)]
    else:
        return None
    rows = await _rows(
        conn, select(collection.number).select_from(collection.source).where(*conditions).limit(1)
    )
    return rows[0][0] if rows else None


async def _conditions(conn: AsyncConnection[TupleRow], asked: Asked) -> list[ColumnElement[bool]]:
    collection = asked.collection
    conditions: list[ColumnElement[bool]] = []
    if asked.place is not None:
        conditions.append(collection.meets(area(asked.place)))
    for name, text in asked.equal.items():
        of = collection.queryables[name]
        assert of.column is not None  # noqa: S101 - queryables have one
        given = value(text, of)
        if collection is PARCELS and name == "commune":
            # by number, so that the index gives the pages of a commune in their order
            sql = load("register.features", "items.sql")["communes_of_code"]
            units = [
                row[0]
                for row in await (
                    await conn.execute(sql, {"code": text, "present": asked.days is None})
                ).fetchall()
            ]
            conditions.append(
                parcel_version.c.commune.in_(units)
                if len(units) != 1
                else parcel_version.c.commune == units[0]
            )
        else:
            conditions.append(of.column == given)
    if asked.filter is not None:
        conditions.append(condition(asked.filter, collection, asked.filter_system))
    return conditions


def _order(asked: Asked) -> tuple[ColumnElement[Any], ...]:
    return asked.collection.order if asked.days is None else asked.collection.order_of_days


def _keys(asked: Asked, conditions: Sequence[ColumnElement[bool]], limit: int) -> Any:
    """Numbers and keys of rows, in the order of the keys: of each half by its own index, then of both."""
    order = _order(asked)
    named = [column.label(f"key{n}") for n, column in enumerate(order)]
    halves: list[Select[Any]] = [
        select(asked.collection.number.label("number"), *named)
        .select_from(asked.collection.source)
        .where(alive, *conditions)
        .order_by(*order)
        .limit(limit)
        for alive in asked.collection.alive(asked.days)
    ]
    if len(halves) == 1:
        return halves[0]
    return union_all(*halves).order_by(*(f"key{n}" for n in range(len(order)))).limit(limit)


async def _count(
    conn: AsyncConnection[TupleRow], asked: Asked, conditions: Sequence[ColumnElement[bool]]
) -> int | None:
    """How many features there are; None where they are too many, or too hard to find, to count in a moment."""
    halves = [
        select(asked.collection.number)
        .select_from(asked.collection.source)
        .where(and_(alive, *conditions))
        .limit(COUNTED + 1)
        for alive in asked.collection.alive(asked.days)
    ]
    counts = [select(func.count().label("n")).select_from(half.subquery()) for half in halves]
    try:
        async with conn.transaction():
            sql = load("register.features", "items.sql")
            await conn.execute(sql["own_plan"])
            await conn.execute(sql["a_while"])
            total = sum([row[0] for count in counts for row in await _rows(conn, count)])
    except QueryCanceled:
        return None
    return total if total <= COUNTED else None


async def _features(
    conn: AsyncConnection[TupleRow], asked: Asked, system: System, numbers: Sequence[int]
) -> list[str]:
    if not numbers:
        return []
    statement = load("register.features", "items.sql")[asked.collection.name]
    values = {
        "numbers": list(numbers),
        "epsg": system.epsg,
        "flip": system.north_first,
        "digits": 9 if system.degrees else 3,
        "names": None if asked.names is None else list(asked.names),
    }
    cursor = await conn.execute(statement, values, prepare=True)
    return [row[0] for row in await cursor.fetchall()]


async def _rows(conn: AsyncConnection[TupleRow], statement: Any, *, prepare: bool = False) -> list[TupleRow]:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    cursor = await conn.execute(str(compiled), compiled.params, prepare=prepare)
    return await cursor.fetchall()


def _cursor(keys: list[Any], asked: Asked) -> str:
    return urlsafe_b64encode(json.dumps([*keys, asked.mark]).encode()).decode().rstrip("=")


def _open_cursor(cursor: str, asked: Asked, length: int) -> list[Any]:
    """The keys a page ended with. Raises: InvalidKeyError for a forged cursor or one of another question."""
    try:
        told = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (ValueError, RecursionError):
        told = None
    kinds = [str if asked.collection.name in ("parcels", "communes") else int, int][:length]
    if (
        not isinstance(told, list)
        or len(told) != length + 1
        or told[-1] != asked.mark
        or not all(type(key) is kind for key, kind in zip(told[:-1], kinds, strict=True))
        or any(isinstance(key, int) and not -(2**62) < key < 2**62 for key in told)
        or any(isinstance(key, str) and (len(key) > 12 or not key.isalnum()) for key in told)
    ):
        raise InvalidKeyError(
            "This cursor does not belong to this question: follow the next link as it was given.",
            "Con trỏ trang không thuộc truy vấn này: hãy dùng nguyên liên kết next đã nhận.",
        )
    return told[:-1]
