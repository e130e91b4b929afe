"""What stands on the ground of retired parcels: their successors, followed through splits and mergers, with area shares."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.clocks import Moment
from register.statements import load

MOST_GENERATIONS: Final = 30
MOST_STEPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Successor:
    """A parcel on the ground of a retired one, and how much of the retired one's area it took over (0 to 1)."""

    code: str
    share: float


async def successors(
    conn: AsyncConnection[TupleRow], codes: Collection[str], then: Moment | None = None
) -> dict[str, list[Successor]]:
    """For each of the retired codes the last parcels that came of it, the largest share first; none where it was withdrawn.

    `then`: by the corrections known and effective at that moment. Steps that were undone do not count.
    """
    children: dict[str, list[str]] = {}
    sql = load("register", "history.sql")
    statement = f"{sql['children']}\n{sql['related']}"
    frontier = sorted(codes)
    for _ in range(MOST_GENERATIONS):
        if not frontier:
            break
        cursor = await conn.execute(statement, {"codes": frontier, "limit": MOST_STEPS})
        met: set[str] = set()
        for elder, younger, correction, undone_by in await cursor.fetchall():
            if undone_by is None and (
                then is None
                or (correction["seq"] <= then.seq and correction["effective_on"] <= then.day.isoformat())
            ):
                children.setdefault(elder, []).append(younger)
                met.add(younger)
        frontier = sorted(met - children.keys())
    pairs = [(code, last) for code in codes for last in _last(code, children)]
    if not pairs:
        return {}
    elder, younger = zip(*pairs, strict=True)
    cursor = await conn.execute(sql["shared"], {"elder": list(elder), "younger": list(younger)})
    out: dict[str, list[Successor]] = {}
    for code, last, _, share, _ in await cursor.fetchall():
        if share and share >= 0.00005:
            out.setdefault(code, []).append(Successor(last, round(min(share, 1.0), 4)))
    return {code: sorted(found, key=lambda s: (-s.share, s.code)) for code, found in out.items()}


def _last(code: str, children: dict[str, list[str]]) -> list[str]:
    """The parcels at the end of all ways from `code`; none where it has no children."""
    ends, met, left = [], {code}, list(children.get(code, ()))
    while left:
        one = left.pop()
        if one in met:
            continue
        met.add(one)
        if one in children:
            left += children[one]
        else:
            ends.append(one)
    return ends
