"""The search's index over the register's addresses: read whole at first, then kept up with the feed of corrections.

All functions block: they run on a thread, over a connection of their own.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import psycopg

from geo.addresses.house import house
from geo.addresses.index import AddressIndex, Gathering, UnitName
from geo.addresses.letters import bare
from geo.addresses.parts import Named, Parts, parse, split_house
from geo.addresses.search import Hit, Place, find
from register.statements import load, one

MOST_FRESH = 20_000
"""So many addresses may stand beside the index before it is made anew."""
_DISTRICT_KINDS = ("Thành phố", "Thị xã", "Huyện", "Quận")
Row = tuple[int, str, int, float, float]


@dataclass(frozen=True, slots=True)
class Units:
    """Names of the communes of today, what became of the former ones, the names of provinces without marks."""

    names: dict[int, list[UnitName]]
    todays: dict[int, int]
    provinces: frozenset[str]


@dataclass(frozen=True, slots=True)
class AddressBook:
    """An index as of place `seq` of the feed, and beside it what came since (`fresh`, with an index of its own)."""

    seq: int
    units: Units
    base: AddressIndex
    fresh: dict[int, Row] = field(default_factory=dict)
    beside: AddressIndex | None = None

    @property
    def size(self) -> int:
        """How many addresses it was made of."""
        return self.base.size + len(self.fresh)

    def find(self, text: str, limit: int, near: Place | None = None, *, unfinished: bool = True) -> list[Hit]:
        """The addresses `text` may mean, best first; `unfinished`: its last word may go on."""
        indexes = [self.base] if self.beside is None else [self.base, self.beside]
        return find(indexes, text, limit, near, unfinished=unfinished)


def read_book(conn: psycopg.Connection) -> AddressBook:
    """The index over all addresses of current parcels, as of one moment."""
    sql = load("register", "address_search.sql")
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        seq = one(conn, sql["last"])[0]
        units = read_units(conn)
        gathering = Gathering(units.names, units.provinces)
        with conn.cursor(name="address_rows") as cursor:
            cursor.itersize = 5000
            cursor.execute(sql["all_rows"])
            gathering.add(_todays(units, cursor))
    warm()
    return AddressBook(seq, units, gathering.index())


def warm() -> None:
    """The loops are compiled before anybody waits for them, in a register without addresses too."""
    one_address = Gathering({0: [UnitName("commune", "xã", "an", False)]})
    one_address.add([(0, "1 Đường An, Xã An", 0, 0.0, 0.0)])
    find([one_address.index()], "1 an", 1)


def follow(conn: psycopg.Connection, book: AddressBook) -> AddressBook | None:
    """The book with what corrections have changed since; None where it has to be read anew."""
    sql = load("register", "address_search.sql")
    corrections, seq, rearranged, links = one(conn, sql["after"], {"seq": book.seq})
    if not corrections:
        return book
    if rearranged or links > MOST_FRESH:
        return None
    touched = [number for (number,) in conn.execute(sql["touched"], {"ids": corrections})]
    if not touched:
        return replace(book, seq=seq)
    if len(book.fresh) + len(touched) > MOST_FRESH:
        return None
    book.base.forget(touched)
    fresh = {number: row for number, row in book.fresh.items() if number not in set(touched)}
    rows = conn.execute(sql["some_rows"], {"ids": touched}).fetchall()
    fresh |= {row[0]: row for row in _todays(book.units, rows)}
    if not fresh:
        return replace(book, seq=seq, fresh={}, beside=None)
    gathering = Gathering(book.units.names, book.units.provinces)
    gathering.add(fresh.values())
    return replace(book, seq=seq, fresh=fresh, beside=gathering.index())


def read_units(conn: psycopg.Connection) -> Units:
    """What the units were and are called."""
    sql = load("register", "address_search.sql")
    names: dict[int, list[UnitName]] = {}
    provinces: set[str] = set()
    for today, kind, name, district, former, p_kind, p_name, p_former in conn.execute(sql["unit_names"]):
        some = names.setdefault(today, [])
        some.append(UnitName("commune", kind, name, former))
        if district:
            d_kind = next((k for k in _DISTRICT_KINDS if district.startswith(k)), "")
            some.append(UnitName("district", d_kind, district.removeprefix(d_kind).strip(), True))
        if p_name:
            some.append(UnitName("province", p_kind, p_name, p_former))
            provinces.add(bare(p_name).replace(" - ", " "))
    todays: dict[int, int] = dict(conn.execute(sql["todays"]).fetchall())
    return Units(
        {unit: list(dict.fromkeys(some)) for unit, some in names.items()}, todays, frozenset(provinces)
    )


def read_parts(conn: psycopg.Connection, after: int, limit: int, provinces: frozenset[str]) -> int | None:
    """Take apart `limit` texts that have no parts yet, of addresses after `after`; the last one's id, None: no more.

    The caller owns the transaction.
    """
    sql = load("register", "address_search.sql")
    if not one(conn, sql["reader"])[0]:
        return None
    rows = conn.execute(sql["unread"], {"after": after, "limit": limit}).fetchall()
    if not rows:
        return None
    told = [_row_of(number, _parts(text, provinces)) for number, text in rows]
    conn.execute(sql["put_parts"], {"rows": json.dumps(told)})
    return int(rows[-1][0])


def _parts(text: str, provinces: frozenset[str]) -> Parts:
    head, tail = split_house(text)
    if not head:
        return parse(text, provinces)
    return replace(_tail(tail, provinces), house=house(head.replace(",", " ").split()))


@lru_cache(maxsize=20_000)
def _tail(tail: str, provinces: frozenset[str]) -> Parts:
    """Streets have many houses."""
    return parse(tail, provinces, housed=True)


def _row_of(number: int, parts: Parts) -> dict[str, Any]:
    return {
        "address": number,
        "house": None if parts.house is None else parts.house.number or None,
        "alleys": [] if parts.house is None else list(parts.house.alleys),
        "street": _written(parts.street),
        "hamlet": ", ".join(filter(None, map(_written, parts.hamlets))) or None,
        "commune": _written(parts.commune),
        "district": _written(parts.district),
        "province": _written(parts.province),
    }


def _written(named: Named | None) -> str | None:
    """`phường hòa xuân` → `Phường Hòa Xuân`: the kind with one capital, the name with one each."""
    if named is None:
        return None
    name = " ".join(word[:1].upper() + word[1:] for word in named.name.split())
    return f"{named.kind[:1].upper()}{named.kind[1:]} {name}".strip()


def _todays(units: Units, rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
    for number, text, commune, lon, lat in rows:
        yield number, text, units.todays.get(commune, commune), lon, lat
