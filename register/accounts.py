"""Accounts and what they may do where: made, granted, revoked, disabled; every step is in the audit.

Who does it is an account with the role office, or somebody at the command line, who may everything. An office acts on
accounts whose grants all lie within its own communes, and nobody grants himself anything.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import psycopg

from register.audit import record
from register.errors import InvalidKeyError, LastOfficeError, NameTakenError, NotAllowedError, NotFoundError
from register.keys import printable
from register.passwords import hashed
from register.people import ROLES, Who, require_on, require_role
from register.statements import load, one

By = Who | str
MOST_LISTED: Final = 500
_NAME = re.compile(r"[^\W_][\w.@+-]{1,63}")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for one commune (number, code, kind and name), or for all (None)."""

    id: int
    role: str
    unit: int | None
    code: str | None
    place: str | None
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Key:
    """A system's key, without the key."""

    id: int
    label: str
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    last_used: date | None


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in (`is_person`: with a password), and what holds for them now."""

    id: int
    name: str
    full_name: str
    disabled: bool
    is_person: bool
    made_at: datetime
    grants: tuple[Grant, ...]
    keys: tuple[Key, ...]


def key_of(name: str) -> str:
    """A name as it is compared: NFKC, without regard to case; no name of an account has what PostgreSQL cannot store."""
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())
    return key.replace("\0", "?").encode("utf-8", "replace").decode()


def account_name(text: str) -> str:
    """A name for a new account, as it is kept. Raises: InvalidKeyError."""
    name = unicodedata.normalize("NFKC", text).strip()
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise InvalidKeyError(
            f"“{printable(text)}” is no account name: 2 to 64 letters, digits and . _ - + @, without blanks.",
            f"“{printable(text)}” không phải tên đăng nhập: 2 đến 64 chữ, số và . _ - + @, không có dấu cách.",
        )
    return name


def add_account(
    conn: psycopg.Connection, by: By, name: str, full_name: str = "", password: str | None = None
) -> int:
    """Number of the new account; without a password it is a system's, which asks with keys.

    Raises: InvalidKeyError, PasswordError, NameTakenError, NotAllowedError.
    """
    if isinstance(by, Who):
        require_role(by, "office")
    kept = account_name(name)
    shown = " ".join(unicodedata.normalize("NFC", full_name).split())
    if len(shown) > 128 or not shown.isprintable():
        raise InvalidKeyError("A full name has at most 128 letters.", "Họ tên có nhiều nhất 128 ký tự.")
    values = {
        "name": kept,
        "key": key_of(kept),
        "full_name": shown,
        "password": None if password is None else hashed(password, kept),
    }
    row = conn.execute(load("register", "accounts.sql")["add"], values).fetchone()
    if row is None:
        raise NameTakenError(
            f"There is an account {kept} already: choose another name.",
            f"Đã có tài khoản {kept}: hãy chọn tên khác.",
        )
    record(conn, by, "account added", kept)
    number: int = row[0]
    return number


def list_accounts(conn: psycopg.Connection, by: By, after: str = "") -> list[Account]:
    """At most MOST_LISTED accounts that `by` may act on, by name after `after`. Raises: NotAllowedError."""
    units: list[int] | None = None
    if isinstance(by, Who):
        require_role(by, "office")
        scope = by.grants["office"]
        units = None if scope is None else sorted(scope)
    return _accounts(conn, after=key_of(after), units=units, limit=MOST_LISTED)


def find_account(conn: psycopg.Connection, name: str) -> Account:
    """The account of this name. Raises: NotFoundError."""
    found = _accounts(conn, key=key_of(name), limit=1)
    if not found:
        raise NotFoundError(
            f"There is no account “{printable(name)}”.", f"Không có tài khoản “{printable(name)}”."
        )
    return found[0]


def about(conn: psycopg.Connection, who: Who) -> tuple[str, dict[int, tuple[str, str]]]:
    """The full name of `who`, and the communes of today it may do something in: number → code, kind and name.

    A role for all communes adds none.
    """
    sql = load("register", "accounts.sql")
    (full_name,) = one(conn, sql["full_name"], {"account": who.account})
    units = sorted(set().union(*(scope for scope in who.grants.values() if scope is not None)))
    rows = conn.execute(sql["communes_today"], {"units": units}).fetchall()
    return full_name, {number: (code, name) for number, code, name in rows}


def grants_at(conn: psycopg.Connection, name: str, at: datetime) -> list[Grant]:
    """What the account of this name could do at a time; whether it was disabled then is in the audit. Raises: NotFoundError."""
    account = find_account(conn, name).id
    return _grants(conn, [account], at).get(account, [])


def grant(conn: psycopg.Connection, by: By, name: str, role: str, commune: int | None) -> tuple[int, bool]:
    """Number of the grant of `role` for a commune (number of the unit; None: all) to an account, and whether it is new.

    Raises: NotFoundError, InvalidKeyError, NotAllowedError.
    """
    sql = load("register", "accounts.sql")
    if role not in ROLES:
        raise InvalidKeyError(
            f"“{printable(role)}” is no role: {', '.join(ROLES)}.",
            f"“{printable(role)}” không phải vai trò: {', '.join(ROLES)}.",
        )
    if isinstance(by, Who):
        require_role(by, "office")
    if commune is not None and conn.execute(sql["is_commune"], {"unit": commune}).fetchone() is None:
        raise NotFoundError("There is no such commune.", "Không có xã này.")
    if isinstance(by, Who):
        require_on(conn, by, "office", commune)
    account = find_account(conn, name)
    if isinstance(by, Who) and by.account == account.id:
        raise NotAllowedError(
            "Nobody grants himself a role: ask another account with the role office.",
            "Không ai tự cấp quyền cho mình: hãy nhờ tài khoản quản trị (office) khác.",
            "office",
            commune,
        )
    conn.execute(sql["hold"], {"account": account.id})
    values = {"account": account.id, "role": role, "commune": commune, "by": _called(by)}
    row = conn.execute(sql["grant"], values).fetchone()
    if row is None:
        held = [g.id for g in find_account(conn, name).grants if (g.role, g.unit) == (role, commune)]
        return held[0], False
    record(conn, by, f"granted {role} for {_code(conn, account.id, row[0])}", account.name)
    return row[0], True


def revoke(conn: psycopg.Connection, by: By, name: str, number: int) -> None:
    """Take a grant (by its number) back from an account.

    Raises: NotFoundError, NotAllowedError, LastOfficeError.
    """
    if isinstance(by, Who):
        require_role(by, "office")
    account = find_account(conn, name)
    held = {g.id: g for g in account.grants}.get(number)
    if held is None:
        raise NotFoundError(
            f"{account.name} has no such grant, or no more.",
            f"{account.name} không có quyền này, hoặc quyền đã bị thu hồi.",
        )
    if isinstance(by, Who):
        require_on(conn, by, "office", held.unit)
    values = {"account": account.id, "grant": number, "by": _called(by)}
    _keeping_office(conn, "revoke", values)
    record(conn, by, f"revoked {held.role} for {held.code or 'all'}", account.name)


def disable(conn: psycopg.Connection, by: By, name: str) -> None:
    """Let an account in no more: its sessions end, its keys do not hold.

    Raises: NotFoundError, NotAllowedError, LastOfficeError.
    """
    account = in_charge(conn, by, name)
    _keeping_office(conn, "set_disabled", {"account": account.id, "disabled": True})
    end_sessions(conn, account.id)
    record(conn, by, "account disabled", account.name)


def enable(conn: psycopg.Connection, by: By, name: str) -> None:
    """Let an account in again. Raises: NotFoundError, NotAllowedError."""
    account = in_charge(conn, by, name)
    values = {"account": account.id, "disabled": False}
    conn.execute(load("register", "accounts.sql")["set_disabled"], values)
    record(conn, by, "account enabled", account.name)


def set_password(conn: psycopg.Connection, by: By, name: str, password: str) -> None:
    """Give an account a new password; its sessions end. Raises: NotFoundError, NotAllowedError, PasswordError."""
    account = in_charge(conn, by, name)
    values = {"account": account.id, "password": hashed(password, account.name)}
    conn.execute(load("register", "accounts.sql")["set_password"], values)
    end_sessions(conn, account.id)
    record(conn, by, "password set", account.name)


def end_sessions(conn: psycopg.Connection, account: int, but: int | None = None) -> None:
    """End all sessions of an account, but one."""
    conn.execute(load("register", "accounts.sql")["end_sessions"], {"account": account, "but": but})


def in_charge(conn: psycopg.Connection, by: By, name: str) -> Account:
    """The account of this name, held until the transaction ends, where `by` has the role office for all its grants.

    Raises: NotFoundError, NotAllowedError.
    """
    if isinstance(by, Who):
        require_role(by, "office")
    conn.execute(load("register", "accounts.sql")["hold"], {"account": find_account(conn, name).id})
    account = find_account(conn, name)
    if isinstance(by, Who):
        for held in account.grants:
            require_on(conn, by, "office", held.unit)
    return account


def _called(by: By) -> str:
    return by.name if isinstance(by, Who) else by


def _code(conn: psycopg.Connection, account: int, number: int) -> str:
    return next((g.code for g in _grants(conn, [account])[account] if g.id == number), None) or "all"


def _keeping_office(conn: psycopg.Connection, statement: str, values: dict[str, object]) -> None:
    """Raises: LastOfficeError where the database refuses for that; the transaction is over then."""
    try:
        conn.execute(load("register", "accounts.sql")[statement], values)
    except psycopg.Error as error:
        if error.diag.constraint_name != "last_office":
            raise
        raise LastOfficeError(
            "This is the last account with the role office for all communes: give the role to another one first.",
            "Đây là tài khoản quản trị (office) cuối cùng cho tất cả các xã: hãy cấp vai trò cho tài khoản khác trước.",
        ) from None


def _accounts(conn: psycopg.Connection, limit: int, **asked: object) -> list[Account]:
    sql = load("register", "accounts.sql")
    values = {"after": "", "key": None, "units": None, "limit": limit} | asked
    rows = conn.execute(sql["accounts"], values).fetchall()
    numbers = [row[0] for row in rows]
    grants = _grants(conn, numbers)
    keys: dict[int, list[Key]] = {}
    for account, *fields in conn.execute(sql["keys"], {"accounts": numbers}):
        keys.setdefault(account, []).append(Key(*fields))
    return [
        Account(
            number,
            name,
            called,
            off,
            person,
            made_at,
            tuple(grants.get(number, ())),
            tuple(keys.get(number, ())),
        )
        for number, name, called, off, person, made_at in rows
    ]


def _grants(
    conn: psycopg.Connection, accounts: Iterable[int], at: datetime | None = None
) -> dict[int, list[Grant]]:
    values = {"accounts": list(accounts), "at": at}
    found: dict[int, list[Grant]] = {}
    for account, *fields in conn.execute(load("register", "accounts.sql")["grants"], values):
        found.setdefault(account, []).append(Grant(*fields))
    return found
