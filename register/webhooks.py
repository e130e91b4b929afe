"""Webhooks: subscriptions to the feed, each at a place of its own; in order, without gaps, until the receiver takes it.

What is sent is a page of the feed (`register.changes`), without personal data. The place moves on only when the receiver
took the page, so that a crash sends it twice, never not at all. One worker at a time delivers to one subscription (a lease).
"""

import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from register.audit import record
from register.changes import Shapes, changes, cursor
from register.errors import InvalidKeyError, NotFoundError, TooLargeError
from register.keys import commune_code, printable
from register.people import Who, missing
from register.statements import load, one
from register.units import communes

MOST: Final = 20
"""Subscriptions of one account."""
LEASE_S: Final = 90
PAGE: Final = 100
_SECRET = "whsec_"  # noqa: S105 - what secrets begin with
_TRANSLATED = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]


@dataclass(frozen=True, slots=True)
class Leased:
    """A subscription that this worker delivers to, as long as its lease holds."""

    id: int
    url: str
    secret: str
    communes: list[int] | None
    shapes: Shapes
    at: str
    lease: int


@dataclass(frozen=True, slots=True)
class Parcelled:
    """A page of the feed to be sent (None: nothing of it is for this subscription), and the place after it."""

    body: bytes | None
    next: str


def add(
    conn: psycopg.Connection,
    who: Who,
    url: str,
    codes: Sequence[str] | None = None,
    shapes: Shapes = "none",
    since: str | None = None,
    private: bool = False,
) -> tuple[int, str]:
    """Number and secret of a new subscription of `who`, from the place `since` on (None: from now on).

    Raises: NotAllowedError, InvalidKeyError, TooLargeError.
    """
    if not {"partner", "office"} & who.roles:
        raise missing("partner", None, "for at least one commune", "cho ít nhất một xã")
    checked_url(url, private)
    sql = load("register", "webhooks.sql")
    (last,) = one(conn, sql["last"])
    at = cursor(since) if since is not None else None
    if at is not None and at.seq > last:
        raise InvalidKeyError(f"since={since} is not yet there.", f"since={since} chưa có trong luồng.")
    (count,) = one(conn, sql["count"], {"account": who.account})
    if count >= MOST:
        raise TooLargeError(
            f"An account has at most {MOST} webhooks.", f"Mỗi tài khoản có tối đa {MOST} webhook.", MOST
        )
    secret = _SECRET + secrets.token_urlsafe(32)
    values = {
        "account": who.account,
        "url": url,
        "secret": secret,
        "communes": None if codes is None else _units(conn, codes),
        "shapes": shapes,
        "at": str(last if at is None else at),
        "by": who.name,
    }
    (number,) = one(conn, sql["add"], values)
    record(conn, who, f"webhook {number} made")
    return number, secret


def listed(conn: psycopg.Connection, who: Who, number: int | None = None) -> list[dict[str, Any]]:
    """The subscriptions of `who`, or all for an office of all communes; or the one of that number.

    Raises: NotAllowedError, NotFoundError.
    """
    if not {"partner", "office"} & who.roles:
        raise missing("partner", None, "for at least one commune", "cho ít nhất một xã")
    account = None if who.may("office", None) else who.account
    with conn.cursor(row_factory=dict_row) as cursor_:
        cursor_.execute(load("register", "webhooks.sql")["listed"], {"account": account, "id": number})
        found = cursor_.fetchall()
    if number is not None and not found:
        raise NotFoundError(f"There is no webhook {number} of yours.", f"Không có webhook {number} của bạn.")
    return found


def remove(conn: psycopg.Connection, who: Who, number: int) -> None:
    """End a subscription. Raises: NotAllowedError, NotFoundError."""
    listed(conn, who, number)
    conn.execute(load("register", "webhooks.sql")["remove"], {"id": number})
    record(conn, who, f"webhook {number} removed")


def set_state(conn: psycopg.Connection, who: Who, number: int, state: str, since: str | None = None) -> None:
    """Pause a subscription, or let it go on where it stood (or from `since`), even if it was disabled.

    Raises: NotAllowedError, NotFoundError, InvalidKeyError.
    """
    listed(conn, who, number)
    at = None if since is None else str(cursor(since))
    sql = load("register", "webhooks.sql")
    if at is not None and cursor(at).seq > one(conn, sql["last"])[0]:
        raise InvalidKeyError(f"since={since} is not yet there.", f"since={since} chưa có trong luồng.")
    conn.execute(sql["set_state"], {"id": number, "state": state, "at": at})
    record(conn, who, f"webhook {number} {state}")


def checked_url(url: str, private: bool = False) -> None:
    """Raises: InvalidKeyError where nothing may be sent to `url`: not HTTP(S), with a password, or a private address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 2000
    if (
        not plain
        or parts.scheme not in ("https", "http")
        or not host
        or "@" in parts.netloc
        or parts.fragment
        or port == 0
    ):
        raise InvalidKeyError(
            f"“{printable(url)}” is no address to send to: give https://host/path, without a user or a #.",
            f"“{printable(url)}” không phải địa chỉ nhận: hãy ghi https://máy-chủ/đường-dẫn, không có tài khoản hay dấu #.",
        )
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        named_here = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
        if named_here and not private:
            raise _private(host) from None
        return
    if not private and not is_public(address):
        raise _private(host)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether anybody on the internet may have this address: not private, loopback, link-local, multicast, nor one that
    stands for another."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in net for net in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _private(host: str) -> InvalidKeyError:
    return InvalidKeyError(
        f"{printable(host)} is a private address: webhooks go to public ones (setting DIACHINH_WEBHOOKS_PRIVATE).",
        f"{printable(host)} là địa chỉ nội bộ: webhook chỉ gửi tới địa chỉ công khai (DIACHINH_WEBHOOKS_PRIVATE).",
    )


async def lease(conn: AsyncConnection[TupleRow]) -> Leased | None:
    """A subscription with something to be sent, for LEASE_S; None where there is none just now."""
    cursor_ = await conn.execute(load("register", "webhooks.sql")["lease"], {"seconds": LEASE_S})
    row = await cursor_.fetchone()
    return None if row is None else Leased(*row)


async def page(conn: AsyncConnection[TupleRow], one_: Leased) -> Parcelled:
    """The next page of the feed for a subscription, of the corrections in its communes.

    In it: `since`, the place the page before ended with, `next`, and `changes` as in /api/v1/changes.
    Raises: InvalidKeyError where its place is not in this feed (a register restored from an older backup).
    """
    found = await changes(conn, cursor(one_.at), PAGE, one_.shapes)
    items = found.items
    if one_.communes is not None and items:
        seqs = [int(item[item.index(":") + 1 : item.index(",")]) for item in items]
        values = {"seqs": seqs, "communes": one_.communes}
        rows = await (await conn.execute(load("register", "webhooks.sql")["touching"], values)).fetchall()
        kept = {row[0] for row in rows}
        items = [item for seq, item in zip(seqs, items, strict=True) if seq in kept]
    if not items:
        return Parcelled(None, str(found.next))
    body = (
        f'{{"webhook":{one_.id},"since":"{one_.at}","next":"{found.next}","complete":{str(found.complete).lower()},'
        f'"changes":[{",".join(items)}]}}'
    )
    return Parcelled(body.encode(), str(found.next))


async def delivered(conn: AsyncConnection[TupleRow], one_: Leased, at: str, sent: bool) -> None:
    """The receiver took all up to `at`; nothing happens where the lease was lost meanwhile."""
    values = {"id": one_.id, "lease": one_.lease, "at": at, "sent": sent}
    await conn.execute(load("register", "webhooks.sql")["delivered"], values)


async def failed(
    conn: AsyncConnection[TupleRow],
    one_: Leased,
    problem: str,
    first_s: float,
    most_s: float,
    give_up_s: float,
    gone: bool = False,
) -> None:
    """The receiver did not take it: tried again after `first_s`, then twice as long each time up to `most_s`; disabled after
    `give_up_s` of failures, or at once where it is `gone`."""
    sql = load("register", "webhooks.sql")
    row = await (await conn.execute(sql["failures"], {"id": one_.id})).fetchone()
    wait_s = min(most_s, first_s * 2.0 ** min(row[0] if row else 0, 30))
    values = {
        "id": one_.id,
        "lease": one_.lease,
        "problem": problem[:300],
        "wait_s": wait_s,
        "give_up_s": give_up_s,
        "gone": gone,
    }
    await conn.execute(sql["failed"], values)


def _units(conn: psycopg.Connection, codes: Sequence[str]) -> list[int]:
    asked = [commune_code(code) for code in codes]
    found = communes(conn, asked)
    unknown = [code for code in asked if code not in found]
    if unknown or not asked:
        raise InvalidKeyError(
            f"There is no commune {', '.join(unknown)[:60]}."
            if unknown
            else "Give at least one commune, or none at all.",
            f"Không có xã {', '.join(unknown)[:60]}."
            if unknown
            else "Hãy ghi ít nhất một xã, hoặc bỏ trường này.",
        )
    return [found[code].id for code in asked]
