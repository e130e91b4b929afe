"""Issued codes that a text may have been meant for: read back from a keyboard's marks, or one slip away.

Nothing is scanned: readings and variants are cut to the beginnings that codes have, and looked up by index; codes that share
their first seven characters with what was typed (a cell of 150 m) are compared one by one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.geohash import ALPHABET, LENGTH
from geo.keyboards import CUTS, Search, is_mangled, plainly
from geo.slips import LENGTHS, slip, variants
from register.statements import load

MOST: Final = 10
"""Codes told for one key."""
_NEAR: Final = 7
_BEGUN: Final = 5


@dataclass(frozen=True, slots=True)
class Meant:
    """An issued code that may be meant. `how`: keyboard, wrong, missing, extra, swapped; `at`: which character, from 1.

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
    known = await _issued(conn, {code for codes in plain.values() for code in codes})
    for n, codes in plain.items():
        out[n] = [Meant(code, "keyboard", sure=True) for code in codes if code in known]
    left = [n for n in range(len(texts)) if not out[n]]
    bare = {n: "".join(c for c in texts[n].lower() if c.isalnum()) for n in left}
    for n, found in (
        await _slips(conn, {n: b for n, b in bare.items() if len(b) in LENGTHS and b.isascii()})
    ).items():
        out[n] += found
    searched = [n for n in left if is_mangled(texts[n]) or len(bare[n]) < LENGTH]
    for n, found in zip(searched, await _readings(conn, [texts[n] for n in searched]), strict=True):
        told = {one.code for one in out[n]}
        sure = [one for one in found if one.sure]
        out[n] = sure or out[n] + [one for one in found if one.code not in told]
    return [found[:MOST] for found in out]


async def _readings(conn: AsyncConnection[TupleRow], texts: Sequence[str]) -> list[list[Meant]]:
    """What keyboards may have made of codes, key by key."""
    searches = [Search(text) for text in texts]
    for length in (*CUTS, LENGTH):
        grown = [search.grow(length) for search in searches]
        every = set().union(*grown)
        if not every:
            break
        known = await (_issued if length == LENGTH else _begun)(conn, every)
        for search in searches:
            search.keep(known)
    return [
        [Meant(one.code, "keyboard", sure=one.lost == 0) for one in search.found()[:MOST]]
        for search in searches
    ]


async def _slips(conn: AsyncConnection[TupleRow], typed: dict[int, str]) -> dict[int, list[Meant]]:
    """Codes one slip away from texts of nearly the right length."""
    if not typed:
        return {}
    alphabet = set(ALPHABET)
    candidates: dict[int, set[str]] = {n: set() for n in typed}
    early: dict[int, list[str]] = {}
    for n, text in typed.items():
        made = variants(text, min(_NEAR, len(text)))
        early[n] = [code for code in made if alphabet.issuperset(code)]
    begun = await _begun(conn, {code[:_BEGUN] for codes in early.values() for code in codes})
    early = {n: [code for code in codes if code[:_BEGUN] in begun] for n, codes in early.items()}
    known = await _issued(conn, {code for codes in early.values() for code in codes})
    for n, codes in early.items():
        candidates[n].update(code for code in codes if code in known)
    near = {text[:_NEAR] for text in typed.values() if alphabet.issuperset(text[:_NEAR])}
    cells = await _beginning(conn, near)
    out = {}
    for n, text in typed.items():
        every = candidates[n].union(cells.get(text[:_NEAR], ()))
        slips = ((code, slip(text, code)) for code in sorted(every))
        found = [Meant(code, one.kind, one.at) for code, one in slips if one is not None]
        if found:
            out[n] = found
    return out


async def _begun(conn: AsyncConnection[TupleRow], prefixes: Collection[str]) -> set[str]:
    """Those of the beginnings that some code has."""
    return await _known(conn, "begun", {"prefixes": sorted(prefixes)}) if prefixes else set()


async def _issued(conn: AsyncConnection[TupleRow], codes: Collection[str]) -> set[str]:
    """Those of the codes that were issued."""
    return await _known(conn, "issued", {"codes": sorted(codes)}) if codes else set()


async def _known(conn: AsyncConnection[TupleRow], name: str, values: dict[str, Any]) -> set[str]:
    cursor = await conn.execute(load("register.resolve", "resolve.sql")[name], values)
    return {row[0] for row in await cursor.fetchall()}


async def _beginning(conn: AsyncConnection[TupleRow], prefixes: Iterable[str]) -> dict[str, list[str]]:
    cursor = await conn.execute(
        load("register.resolve", "resolve.sql")["beginning"], {"prefixes": sorted(prefixes)}
    )
    out: dict[str, list[str]] = {}
    for prefix, code in await cursor.fetchall():
        out.setdefault(prefix, []).append(code)
    return out
