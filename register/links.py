"""Addresses linked to parcels and unlinked, as a correction of their own; what was, stays on record."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from geo.text import fold
from register.errors import EditError
from register.keys import digital_code
from register.statements import load


@dataclass(frozen=True, slots=True)
class LinkDrafts:
    """Links to make and to end: parcel, scheme, code or text, main (`register.edits.intents.Link`)."""

    link: Sequence[Mapping[str, Any]]
    unlink: Sequence[Mapping[str, Any]]

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """End links, then make links; each parcel touched keeps exactly one main address.

        Raises: EditError for a parcel that ended, a link that is not there, is there already, or would leave a parcel
        without a main one.
        """
        sql = load("register", "links.sql")
        values = {
            "correction": correction,
            "link": json.dumps([_named(one) for one in self.link]),
            "unlink": json.dumps([_named(one) for one in self.unlink]),
        }
        parcels = sorted({one["parcel"] for one in (*self.link, *self.unlink)})
        conn.execute(sql["lock_cells"], {"parcels": parcels})
        standing = {code for (code,) in conn.execute(sql["hold"], {"parcels": parcels})}
        for parcel in parcels:
            if parcel not in standing:
                raise EditError(
                    f"Parcel {parcel} is no longer in force: addresses are linked to parcels that are.",
                    f"Thửa {parcel} không còn hiệu lực: chỉ gắn địa chỉ cho thửa hiện hành.",
                    "retired",
                )
        gone = {n for (n,) in conn.execute(sql["end"], values)}
        for n, one in enumerate(self.unlink):
            if n not in gone:
                raise EditError(
                    f"Parcel {one['parcel']} has no such address: {one.get('code') or one.get('text')}.",
                    f"Thửa {one['parcel']} không có địa chỉ này: {one.get('code') or one.get('text')}.",
                    "not_linked",
                )
        conn.execute(sql["make_addresses"], values)
        conn.execute(sql["step_aside"], values)
        made = {n for (n,) in conn.execute(sql["make"], values)}
        for n, one in enumerate(self.link):
            if n not in made:
                raise EditError(
                    f"Parcel {one['parcel']} has this address already.",
                    f"Thửa {one['parcel']} đã có địa chỉ này.",
                    "linked",
                )
        bare = conn.execute(sql["without_main"], {"parcels": parcels}).fetchone()
        if bare is not None:
            raise EditError(
                f"Parcel {bare[0]} would be left without a main address: make another one main.",
                f"Thửa {bare[0]} sẽ không còn địa chỉ chính: hãy chọn một địa chỉ khác làm chính.",
                "no_main",
            )

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing: links are held by the rows they ended."""


def _named(one: Mapping[str, Any]) -> dict[str, Any]:
    text = one.get("text")
    code = one.get("code")
    scheme = one.get("scheme") or "text"
    return {
        "parcel": one["parcel"],
        "scheme": scheme,
        "code": "" if code is None else digital_code(code),
        "text": text,
        "folded": None if text is None else fold(text),
        "main": bool(one.get("main")),
    }
