"""Passwords and random secrets: what is kept of them tells nobody what they are.

A password is compared in Unicode's form NFKC: the same letters from another keyboard, composed or not, of full width or
not, are the same password (Vietnamese input methods and macOS differ there).
"""

import hashlib
import unicodedata
from functools import cache
from secrets import choice, token_bytes, token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from register.errors import PasswordError

LEAST, MOST = 10, 256
"""Characters of a password."""
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()


def hashed(password: str, name: str = "") -> str:
    """What is kept of a new password (argon2id, RFC 9106) of the account `name`. Raises: PasswordError."""
    text = _normal(password)
    if len(text) < LEAST:
        raise PasswordError(
            f"A password has at least {LEAST} characters.", f"Mật khẩu phải có ít nhất {LEAST} ký tự."
        )
    if len(text) > MOST:
        raise PasswordError(
            f"A password has at most {MOST} characters.", f"Mật khẩu có nhiều nhất {MOST} ký tự."
        )
    if not text.isprintable():
        raise PasswordError(
            "A password has no line breaks or other control characters.",
            "Mật khẩu không được có ký tự xuống dòng hay ký tự điều khiển.",
        )
    if len(set(text.casefold())) < 4 or text.casefold() == _normal(name).casefold():
        raise PasswordError(
            "A password is not the name, and not one or two letters over and over.",
            "Mật khẩu không được trùng tên đăng nhập hay chỉ lặp lại vài ký tự.",
        )
    return _HASHER.hash(text)


def is_right(kept: str | None, password: str) -> bool:
    """Whether `password` is the one kept; where none is kept it takes as long to say no."""
    text = _normal(password)[: MOST + 1]
    try:
        return _HASHER.verify(_nobody() if kept is None else kept, text) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def hashed_anew(kept: str, password: str) -> str | None:
    """What to keep instead, where the parameters have changed since; None where they have not."""
    return _HASHER.hash(_normal(password)) if _HASHER.check_needs_rehash(kept) else None


def new_password() -> str:
    """A random password, 99 bits, in groups that can be read out."""
    return "-".join("".join(choice(_READABLE) for _ in range(5)) for _ in range(4))


def new_secret() -> str:
    """256 random bits as text."""
    return token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a random secret: it needs no salt and no slowness."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).encode("utf-8", "replace").decode()


@cache
def _nobody() -> str:
    return _HASHER.hash(token_bytes(16))
