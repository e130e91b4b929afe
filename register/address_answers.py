"""What is answered about addresses that the index or a place has found."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.statements import load

_FILE = "address_answers.sql"


@dataclass(frozen=True, slots=True)
class Located:
    """An address as a batch tells it: text, digital code, main current parcel, longitude and latitude in degrees."""

    text: str
    digital: str
    parcel: str | None
    lon: float | None
    lat: float | None


async def ids_at(
    conn: AsyncConnection[TupleRow], place: tuple[float, float], limit: int
) -> list[tuple[int, float]]:
    """(id, metres off) of addresses at (longitude, latitude): the parcel's there (0 m), then the nearest parcels'."""
    sql = load("register", _FILE)
    values = {"lon": place[0], "lat": place[1], "limit": limit}
    here = [row[0] for row in await (await conn.execute(sql["parcel_at"], values)).fetchall()]
    found = [(number, 0.0) for number in here]
    if len(found) < limit:
        near = await (await conn.execute(sql["nearest"], values)).fetchall()
        found += [(number, off_m) for number, off_m in near if number not in here]
    return found[:limit]


async def ids_by_start(conn: AsyncConnection[TupleRow], start: str, limit: int) -> list[int]:
    """Addresses whose digital code begins with `start` (capitals, `+` in its place)."""
    values = {"start": start, "beyond": start[:-1] + chr(ord(start[-1]) + 1), "limit": limit}
    cursor = await conn.execute(load("register", _FILE)["address_ids_by_start"], values)
    return [row[0] for row in await cursor.fetchall()]


async def located(conn: AsyncConnection[TupleRow], ids: Sequence[int]) -> dict[int, Located]:
    """Addresses by their number."""
    cursor = await conn.execute(load("register", _FILE)["located"], {"ids": list(ids)})
    return {number: Located(*rest) for number, *rest in await cursor.fetchall()}
