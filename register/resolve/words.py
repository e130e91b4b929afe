"""Parcels by the words of an address: the one place where the resolver asks the address search."""

from collections.abc import Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.text import fold
from register.statements import load

MOST: Final = 10


async def by_text(conn: AsyncConnection[TupleRow], texts: Sequence[str]) -> list[list[str]]:
    """For each text the codes of the current parcels it may mean, the best first; of those whose address is just this text
    there are no others beside them."""
    return [await _one(conn, text) for text in texts]


async def _one(conn: AsyncConnection[TupleRow], text: str) -> list[str]:
    folded = fold(text)
    words = sorted(dict.fromkeys(folded.split()), key=len, reverse=True)
    if len(folded) < 4 or len(folded) > 200 or len(words) < 2:
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
