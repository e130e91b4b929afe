"""Parcels by the words of an address: the one place where the resolver asks the address search."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.addresses.names_found import EDIT
from geo.addresses.search import NEXT
from register.address_search import AddressBook
from register.statements import load

MOST: Final = 20
Books = Callable[[], Awaitable[AddressBook]]
"""Where the index of addresses comes from, asked for only where there are words."""


class Meant(NamedTuple):
    """A current parcel an address text may mean; `typos`: only if letters were mistyped."""

    code: str
    typos: bool


async def by_text(conn: AsyncConnection[TupleRow], texts: Sequence[str], books: Books) -> list[list[Meant]]:
    """For each text the parcels it may mean: those of the addresses that fit best, all of them equally well."""
    book = await books()
    best = await asyncio.to_thread(lambda: [_best(book, text) for text in texts])
    ids = sorted({number for numbers, _ in best for number in numbers})
    parcels: dict[int, list[str]] = {}
    cursor = await conn.execute(load("register.resolve", "resolve.sql")["of_addresses"], {"ids": ids})
    for number, code in await cursor.fetchall():
        parcels.setdefault(number, []).append(code)
    return [
        [
            Meant(code, typos)
            for code in dict.fromkeys(c for number in numbers for c in parcels.get(number, ()))
        ]
        for numbers, typos in best
    ]


def _best(book: AddressBook, text: str) -> tuple[list[int], bool]:
    hits = book.find(text, MOST + 1, unfinished=False)
    fit = [hit for hit in hits if hit.cost <= hits[0].cost + NEXT]
    return [hit.id for hit in fit], bool(fit) and fit[0].cost >= EDIT
