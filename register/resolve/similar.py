"""Issued codes that a text may have been meant for: read back from a keyboard's marks, or one slip away.

Nothing is scanned: readings and variants are cut to the beginnings that codes have, and looked up by index; codes that share
their first seven characters with what was typed (a cell of 150 m) are compared one by one.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.geohash import ALPHABET, LENGTH
from geo.keyboards import CUTS, MOST_LOST, Search, is_mangled, plainly
from geo.slips import LENGTHS, slip, variants
from register.statements import load

MOST: Final = 10
"""Codes told for one key."""
_NEAR: Final = 7
_BEGUN: Final = 5
_kept: "WeakKeyDictionary[AsyncConnection[TupleRow], tuple[int, set[str]]]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Meant:
    """A code that may be meant. `how`: keyboard, wrong, missing, extra, swapped, address; `at`: which character, from 1.

    `sure`: each key is seen in the text, so that it may be taken for the code.
    """

    code: str
    how: str
    at: int | None = None
    sure: bool = False


async def meant(conn: AsyncConnection[TupleRow], texts: Sequence[str]) -> list[list[Meant]]:
    """For each text the issued codes it may stand for, the likeliest first."""
    out: list[list[Meant]] = [[] for _ in texts]
    plain = {n: plainly(text) for n, text in enumerate(texts)}
    known = await _known(conn, "issued", {code for codes in plain.values() for code in codes})
    for n, codes in plain.items():
        out[n] = [Meant(code, "keyboard", sure=True) for code in codes if code in known]
    left = [n for n in range(len(texts)) if not out[n]]
    bare = {n: "".join(c for c in texts[n].lower() if c.isalnum()) for n in left}
    cells = await _cells(conn) if left else set()
    near = {n: b for n, b in bare.items() if len(b) in LENGTHS and b.isascii()}
    for n, found in (await _slips(conn, cells, near)).items():
        out[n] += found
    searched = [n for n in left if is_mangled(texts[n]) or len(bare[n]) < LENGTH]
    for n, found in zip(searched, await _readings(conn, cells, [texts[n] for n in searched]), strict=True):
        told = {one.code for one in out[n]}
        sure = [one for one in found if one.sure]
        out[n] = sure or out[n] + [one for one in found if one.code not in told]
    return [found[:MOST] for found in out]


async def _readings(
    conn: AsyncConnection[TupleRow], cells: set[str], texts: Sequence[str]
) -> list[list[Meant]]:
    """What keyboards may have made of codes: with each key seen in the text, else with some that left no trace."""
    found: list[list[Meant]] = [[] for _ in texts]
    for most_lost in (0, MOST_LOST):
        left = [n for n, text in enumerate(texts) if not found[n] and (most_lost or is_mangled(text))]
        searches = [Search(texts[n], most_lost) for n in left]
        for length in (*CUTS, LENGTH):
            # on a thread: thousands of texts may take seconds, and others are answered meanwhile
            every = await asyncio.to_thread(_grown, searches, length) if searches else set()
            if not every:
                break
            known = cells
            if length > _BEGUN:
                known = await _known(conn, "issued" if length == LENGTH else "begun", every)
            for search in searches:
                search.keep(known)
        for n, search in zip(left, searches, strict=True):
            found[n] = [Meant(one.code, "keyboard", sure=one.lost == 0) for one in search.found()[:MOST]]
    return found


def _grown(searches: Sequence[Search], length: int) -> set[str]:
    return set().union(*(search.grow(length) for search in searches))


async def _slips(
    conn: AsyncConnection[TupleRow], cells: set[str], typed: dict[int, str]
) -> dict[int, list[Meant]]:
    """Codes one slip away from texts of nearly the right length."""
    if not typed:
        return {}
    alphabet = set(ALPHABET)
    candidates: dict[int, set[str]] = {n: set() for n in typed}
    early: dict[int, list[str]] = {}
    for n, text in typed.items():
        made = variants(text, min(_NEAR, len(text)))
        early[n] = [code for code in made if alphabet.issuperset(code)]
    early = {n: [code for code in codes if code[:_BEGUN] in cells] for n, codes in early.items()}
    known = await _known(conn, "issued", {code for codes in early.values() for code in codes})
    for n, codes in early.items():
        candidates[n].update(code for code in codes if code in known)
    near = {text[:_NEAR] for text in typed.values() if alphabet.issuperset(text[:_NEAR])}
    beside = await _beginning(conn, near)
    out = {}
    for n, text in typed.items():
        every = candidates[n].union(beside.get(text[:_NEAR], ()))
        slips = ((code, slip(text, code)) for code in sorted(every))
        found = [Meant(code, one.kind, one.at) for code, one in slips if one is not None]
        if found:
            out[n] = found
    return out


async def _cells(conn: AsyncConnection[TupleRow]) -> set[str]:
    """All beginnings of up to five characters that codes have (cells of 5 km, some hundred in a province), kept with the
    connection until another correction may have issued codes."""
    sql = load("register.resolve", "resolve.sql")
    [(seq,)] = await (await conn.execute(load("register", "changes.sql")["last"])).fetchall()
    kept = _kept.get(conn)
    if kept is None or kept[0] != seq:
        rows = await (await conn.execute(sql["cells"])).fetchall()
        kept = _kept[conn] = seq, {cell[:n] for (cell,) in rows for n in range(1, _BEGUN + 1)}
    return kept[1]


async def _known(conn: AsyncConnection[TupleRow], name: str, texts: Collection[str]) -> set[str]:
    """Those of the codes that were `issued`, or of the beginnings that some code has (`begun`)."""
    if not texts:
        return set()
    # characters of codes only: one string is quicker on its way than an array
    cursor = await conn.execute(
        load("register.resolve", "resolve.sql")[name], {"listed": ",".join(sorted(texts))}
    )
    return {row[0] for row in await cursor.fetchall()}


async def _beginning(conn: AsyncConnection[TupleRow], prefixes: Iterable[str]) -> dict[str, list[str]]:
    cursor = await conn.execute(
        load("register.resolve", "resolve.sql")["beginning"], {"listed": ",".join(sorted(prefixes))}
    )
    out: dict[str, list[str]] = {}
    for prefix, code in await cursor.fetchall():
        out.setdefault(prefix, []).append(code)
    return out
