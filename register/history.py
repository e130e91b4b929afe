"""The history of a parcel: what it was and by which corrections, where its ground came from and where it went.

Lineage has no column: a correction that ends codes and begins others on their ground makes them kin. Who made a
correction is personal data and is not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.errors import NotFoundError
from register.keys import parcel_code
from register.statements import load

Json = dict[str, Any]
MOST_VERSIONS = 500
MOST_KIN = 500
MOST_GENERATIONS = 30
MOST_NEIGHBOURS = 1000
COMPARED = ("commune", "sheet", "number", "land_use", "area_m2", "legal_area_m2", "provisional")


@dataclass(frozen=True, slots=True)
class Kin:
    """A parcel this one's ground came from or went to, `generation` steps away by way of `of`.

    The shares are of the asked parcel's and its relative's own areas: `share_of_elder` of the one that was first.
    `undone_by`: the correction by which this step no longer counts.
    """

    code: str
    generation: int
    of: str
    correction: Json
    undone_by: int | None
    shared_m2: float
    share_of_elder: float
    share_of_younger: float


@dataclass(frozen=True, slots=True)
class History:
    """Versions in order, each with what `changed` since the one before; relatives by generation; `cut`: there is more."""

    code: str
    versions: list[Json]
    ancestors: list[Kin]
    descendants: list[Kin]
    cut: bool


async def history(conn: AsyncConnection[TupleRow], text: str) -> History:
    """The history of a code as typed, of the last MOST_VERSIONS versions and nearest MOST_KIN relatives.

    Raises: InvalidKeyError, NotFoundError.
    """
    code = parcel_code(text)
    await _known(conn, code)
    values = {"code": code, "limit": MOST_VERSIONS + 1}
    cursor = await conn.execute(load("register", "history.sql")["versions"], values)
    rows = (await cursor.fetchall())[::-1]
    versions = [
        version | {"changed": None if n == 0 else _changed(rows[n - 1][0], version, anew)}
        for n, (version, anew) in enumerate(rows)
    ]
    ancestors, more_above = await _kin(conn, code, "parents")
    descendants, more_below = await _kin(conn, code, "children")
    cut = len(versions) > MOST_VERSIONS or more_above or more_below
    return History(code, versions[-MOST_VERSIONS:], ancestors, descendants, cut)


async def neighbours(conn: AsyncConnection[TupleRow], text: str) -> tuple[str, list[Json]]:
    """The code, and the current parcels with an edge in common with it, with its length (`shared_m`), longest first.

    Raises: InvalidKeyError, NotFoundError (also for a retired parcel).
    """
    code = parcel_code(text)
    if not await _known(conn, code):
        raise NotFoundError(
            f"The parcel {code} is retired and has no neighbours today: its history names its successors.",
            f"Thửa {code} không còn hiệu lực nên không có thửa liền kề: hãy xem lịch sử để biết thửa kế tiếp.",
        )
    values = {"code": code, "limit": MOST_NEIGHBOURS}
    cursor = await conn.execute(load("register", "history.sql")["neighbours"], values)
    return code, [row[0] for row in await cursor.fetchall()]


async def _known(conn: AsyncConnection[TupleRow], code: str) -> bool:
    cursor = await conn.execute(load("register", "history.sql")["known"], {"code": code})
    row = await cursor.fetchone()
    if row is None:
        raise NotFoundError(
            f"No parcel has ever had the code {code}.", f"Mã {code} chưa từng được cấp cho thửa đất nào."
        )
    return bool(row[0])


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], shape: bool) -> Json:
    """Before and after of all that is another now; `shape` is said where the shape is."""
    changed: Json = {
        name: {"before": before[name], "after": after[name]}
        for name in COMPARED
        if before[name] != after[name]
    }
    return changed | ({"shape": True} if shape else {})


async def _kin(
    conn: AsyncConnection[TupleRow], code: str, way: Literal["parents", "children"]
) -> tuple[list[Kin], bool]:
    """Relatives one way, nearest generation first, and whether there are more. Undone steps are told, not followed."""
    sql = load("register", "history.sql")
    statement = f"{sql[way]}\n{sql['related']}"
    steps: list[tuple[str, int, str, Json, int | None]] = []
    met = {code}
    frontier = [code]
    for generation in range(1, MOST_GENERATIONS + 2):
        left = MOST_KIN - len(steps)
        cursor = await conn.execute(statement, {"codes": frontier, "limit": left + 1})
        rows = await cursor.fetchall()
        if not rows or left == 0 or generation > MOST_GENERATIONS:
            return await _with_shares(conn, code, way, steps), bool(rows)
        frontier = []
        for elder, younger, correction, undone_by in rows[:left]:
            kin, of = (elder, younger) if way == "parents" else (younger, elder)
            if kin == code:
                continue
            steps.append((kin, generation, of, correction, undone_by))
            if undone_by is None and kin not in met:
                met.add(kin)
                frontier.append(kin)
        if len(rows) > left or not frontier:
            return await _with_shares(conn, code, way, steps), len(rows) > left
    raise AssertionError("the last generation returns")


async def _with_shares(
    conn: AsyncConnection[TupleRow],
    code: str,
    way: Literal["parents", "children"],
    steps: Sequence[tuple[str, int, str, Json, int | None]],
) -> list[Kin]:
    codes = list({step[0] for step in steps})
    mine = [code] * len(codes)
    elder, younger = (codes, mine) if way == "parents" else (mine, codes)
    cursor = await conn.execute(
        load("register", "history.sql")["shared"], {"elder": elder, "younger": younger}
    )
    side = 0 if way == "parents" else 1
    shares = {row[side]: row[2:] for row in await cursor.fetchall()}
    return [
        Kin(
            *step,
            *(round(share or 0.0, digits) for share, digits in zip(shares[step[0]], (1, 4, 4), strict=True)),
        )
        for step in steps
    ]
