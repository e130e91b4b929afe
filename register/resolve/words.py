"""Parcels by the words of an address: the one place where the resolver asks the address search."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.addresses.names_found import EDIT
from geo.addresses.search import Hit
from geo.text import fold
from register.statements import load

Search = Callable[[str, int], Awaitable[Sequence[Hit]]]
"""The best so many addresses for a text typed to its end."""
MOST: Final = 20
_LONGEST: Final = 200
_ALIKE: Final = 5
"""Hits that cost so little more than the best are as good."""


@dataclass(frozen=True, slots=True)
class Worded:
    """Codes of current parcels a text may mean, the best first; `sure`: no typing error had to be forgiven."""

    codes: list[str]
    sure: bool


async def by_text(
    conn: AsyncConnection[TupleRow], texts: Sequence[str], search: Search | None = None
) -> list[Worded]:
    """For each text the parcels of the addresses it fits best. Without a `search`: of those that have all its words."""
    if search is None:
        return [Worded(await _with_all_words(conn, text), True) for text in texts]
    found: list[Sequence[Hit]] = []
    for text in texts:
        worth = any(c.isalnum() for c in text) and 2 <= len(text) <= _LONGEST and len(fold(text)) >= 2
        hits = await search(text, MOST + 1) if worth else []
        found.append([hit for hit in hits if hit.cost <= hits[0].cost + _ALIKE])
        await asyncio.sleep(0)  # others are answered in between
    parcels = await _parcels(conn, [hit.id for hits in found for hit in hits])
    return [
        Worded(
            list(dict.fromkeys(code for hit in hits for code in parcels.get(hit.id, ()))),
            bool(hits) and hits[0].cost < EDIT,
        )
        for hits in found
    ]


async def _parcels(conn: AsyncConnection[TupleRow], ids: Sequence[int]) -> dict[int, list[str]]:
    """The current parcels of addresses."""
    out: dict[int, list[str]] = {}
    if ids:
        sql = load("register.resolve", "resolve.sql")
        for number, code in await (await conn.execute(sql["of_addresses"], {"ids": list(ids)})).fetchall():
            out.setdefault(number, []).append(code)
    return out


async def _with_all_words(conn: AsyncConnection[TupleRow], text: str) -> list[str]:
    """Parcels whose address has all words of the text; those whose address is just this text, where there are."""
    folded = fold(text)
    words = sorted(dict.fromkeys(folded.split()), key=len, reverse=True)
    if len(folded) < 4 or len(folded) > _LONGEST or len(words) < 2:
        return []
    patterns = [f"%{_escaped(word)}%" for word in words] + ["%", "%"]
    values = {
        "folded": folded,
        "a": patterns[0],
        "b": patterns[1],
        "c": patterns[2],
        "rest": patterns[3:],
        "limit": MOST + 1,
    }
    cursor = await conn.execute(load("register.resolve", "resolve.sql")["by_words"], values)
    rows = await cursor.fetchall()
    exact = [code for code, same in rows if same]
    return list(dict.fromkeys(exact or [code for code, _ in rows]))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
