"""Keys of any kind → answers: the parcel, its status, how it was found, since when; or exactly why there is none.

Each kind of reading is looked up for all keys at once; a key whose first reading leads nowhere takes its next one.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from geo.positions import Geographic, Grid
from register.clocks import AsOf, Moment, moment
from register.resolve.candidates import Candidate, Found, at_points, by_digital, by_words, on_sheets
from register.resolve.keys import Code, Digital, Key, Sheeted, Typed, Words
from register.resolve.similar import Meant, meant
from register.resolve.successors import Successor, successors
from register.resolve.words import Books
from register.statements import load

Status = Literal["current", "superseded", "withdrawn", "never_issued", "ambiguous", "not_found", "invalid"]
MOST_CANDIDATES: Final = 20
_R = TypeVar("_R")
_Finder = Callable[
    [AsyncConnection[TupleRow], Sequence[tuple[int, Any]], Moment | None], Coroutine[Any, Any, Found]
]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel as an answer tells it: JSON text, whether it is current, and where its ground went if not."""

    code: str
    status: Status
    found_by: str
    told: str
    successors: list[Successor]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a key: one parcel, or several it may mean (`more`: and others), or codes it may have been meant for."""

    key: Key
    status: Status
    parcels: list[Parcel] = field(default_factory=list)
    more: bool = False
    did_you_mean: list[Meant] = field(default_factory=list)


async def resolve(
    conn: AsyncConnection[TupleRow], keys: Sequence[Key], books: Books, asked: AsOf | None = None
) -> tuple[list[Answer], Moment | None]:
    """An answer for each key, in their order, as of a moment; and that moment, where one was asked for.

    `books` gives the index of addresses.
    """
    then = None if asked is None else await moment(conn, asked)
    found: Found = {}
    hints: dict[int, list[Meant]] = {}
    known: dict[str, tuple[int | None, str]] = {}
    for turn in range(max((len(key.readings) for key in keys), default=0)):
        todo: dict[type, list[tuple[int, Any]]] = {}
        for n, key in enumerate(keys):
            if n not in found and turn < len(key.readings):
                kind = type(key.readings[turn])
                todo.setdefault(Geographic if kind is Grid else kind, []).append((n, key.readings[turn]))
        if Code in todo:
            known |= await _summaries(conn, [key.code for _, key in todo[Code]], then)
            found |= {n: [Candidate(key.code, "code")] for n, key in todo[Code] if key.code in known}
        if Typed in todo:
            await _typed(conn, todo[Typed], found, hints)
        if Words in todo:
            found |= await by_words(conn, todo[Words], books)
        for kind, finder in _FINDERS.items():
            if kind in todo:
                found |= await finder(conn, todo[kind], then)
    missing = {one.code for n in found for one in found[n][:MOST_CANDIDATES]} - known.keys()
    known |= await _summaries(conn, sorted(missing), then)
    retired = {code for code, (ended, _) in known.items() if ended is not None}
    heirs = await successors(conn, retired, then) if retired else {}
    answers = []
    for n, key in enumerate(keys):
        parcels = [
            _parcel(one, known[one.code], heirs.get(one.code, []))
            for one in found.get(n, [])[:MOST_CANDIDATES]
            if one.code in known
        ]
        more = len(found.get(n, ())) > MOST_CANDIDATES
        answers.append(Answer(key, _status(key, parcels, hints.get(n, [])), parcels, more, hints.get(n, [])))
    return answers, then


_FINDERS: dict[type, _Finder] = {
    Sheeted: on_sheets,
    Digital: by_digital,
    Geographic: at_points,
}


async def _typed(
    conn: AsyncConnection[TupleRow],
    todo: Sequence[tuple[int, Typed]],
    found: Found,
    hints: dict[int, list[Meant]],
) -> None:
    """Texts that may be codes: what was surely typed is found, what may be meant is told."""
    for (n, _), codes in zip(todo, await meant(conn, [key.text for _, key in todo]), strict=True):
        sure = [Candidate(one.code, one.how) for one in codes if one.sure]
        if sure:
            found[n] = sure
        elif codes:
            hints[n] = codes


async def _summaries(
    conn: AsyncConnection[TupleRow], codes: Sequence[str], then: Moment | None
) -> dict[str, tuple[int | None, str]]:
    """Code → the correction that ended it (None: current) and what is said of it; codes not issued are left out."""
    if not codes:
        return {}
    sql = load("register.resolve", "resolve.sql")
    values: dict[str, Any] = {"codes": ",".join(dict.fromkeys(codes))}
    part = "present"
    if then is not None:
        values |= {"seq": then.seq, "day": then.day}
        part = "past"
    cursor = await conn.execute(f"{sql['summary']}\n{sql[part]}", values)
    return {code: (ended, told) for code, ended, told in await cursor.fetchall()}


def _parcel(one: Candidate, known: tuple[int | None, str], heirs: list[Successor]) -> Parcel:
    ended, told = known
    status: Status = "current" if ended is None else "superseded" if heirs else "withdrawn"
    return Parcel(one.code, status, one.found_by, told, [] if ended is None else heirs)


def _status(key: Key, parcels: Sequence[Parcel], hints: Sequence[Meant]) -> Status:
    if not key.readings:
        return "invalid"
    if len(parcels) == 1:
        return parcels[0].status
    if parcels:
        return "ambiguous"
    named = isinstance(key.readings[0], Code | Typed | Sheeted)
    return "never_issued" if named or hints else "not_found"
