"""Keys put to the resolver, and its answers in a form that reads well."""

import json
from collections.abc import Sequence
from typing import Any

from register.address_search import AddressBook, read_book
from register.clocks import AsOf
from register.connect import connect
from register.resolve.answers import Answer, resolve
from register.resolve.keys import key_of
from tests.register.test_past import ask


def answers(conninfo: str, keys: Sequence[object], then: AsOf | None = None) -> list[Answer]:
    """The answers to `keys`, over a reader's connection."""

    async def books() -> AddressBook:
        with connect(conninfo, autocommit=True) as reader:
            return read_book(reader)

    found: tuple[list[Answer], Any] = ask(
        conninfo, lambda conn: resolve(conn, [key_of(one) for one in keys], books, then)
    )
    assert len(found[0]) == len(keys)
    for one in found[0]:
        for parcel in one.parcels:
            told = json.loads(parcel.told)
            assert told["code"] == parcel.code
            assert (told["until"] is None) == (parcel.status == "current")
    return found[0]


def said(conninfo: str, *keys: object, then: AsOf | None = None) -> list[tuple[str, list[str], list[str]]]:
    """Status, codes, and how they were found, of each key."""
    return [
        (one.status, [p.code for p in one.parcels], [p.found_by for p in one.parcels])
        for one in answers(conninfo, keys, then)
    ]
