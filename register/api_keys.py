"""Keys of systems: 256 random bits shown once; what is kept is their SHA-256."""

from datetime import UTC, datetime

import psycopg

from register.accounts import By, in_charge
from register.audit import record
from register.errors import InvalidKeyError, NotFoundError
from register.keys import printable
from register.passwords import digest, new_secret
from register.people import KEY_PREFIX, Who
from register.statements import load, one


def add_key(
    conn: psycopg.Connection, by: By, name: str, label: str, expires_at: datetime | None = None
) -> tuple[int, str]:
    """Number of a new key of an account, and the key itself, which nobody can read again; it carries OF_KEYS roles only.

    Raises: NotFoundError, InvalidKeyError, NotAllowedError.
    """
    account = in_charge(conn, by, name)
    shown = " ".join(label.split())
    if not 1 <= len(shown) <= 64 or not shown.isprintable():
        raise InvalidKeyError(
            f"“{printable(label)}” is no label for a key: 1 to 64 letters that say what it is for.",
            f"“{printable(label)}” không phải nhãn: 1 đến 64 ký tự cho biết khóa dùng để làm gì.",
        )
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= datetime.now(UTC)):
        raise InvalidKeyError(
            "A key ends in the future: give the time with its zone.",
            "Khóa phải hết hạn trong tương lai: hãy ghi thời điểm kèm múi giờ.",
        )
    key = KEY_PREFIX + new_secret()
    values = {
        "account": account.id,
        "label": shown,
        "hash": digest(key),
        "by": by.name if isinstance(by, Who) else by,
        "expires_at": expires_at,
    }
    (number,) = one(conn, load("register", "accounts.sql")["add_key"], values)
    record(conn, by, f"key {number} made: {shown}", account.name)
    return number, key


def revoke_key(conn: psycopg.Connection, by: By, name: str, number: int) -> None:
    """Let a key (by its number) hold no more. Raises: NotFoundError, NotAllowedError."""
    account = in_charge(conn, by, name)
    values = {"account": account.id, "key": number}
    if conn.execute(load("register", "accounts.sql")["revoke_key"], values).fetchone() is None:
        raise NotFoundError(
            f"{account.name} has no such key, or no more.",
            f"{account.name} không có khóa này, hoặc khóa đã bị thu hồi.",
        )
    record(conn, by, f"key {number} revoked", account.name)
