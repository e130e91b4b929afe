"""Keys as people and programs write them, brought to the form the register keeps."""

import re

from register.errors import InvalidKeyError

_NOISE = re.compile(r"[\s.\-_]+")
_PARCEL_CODE = re.compile(r"[0-9b-hjkmnp-z]{12}")
_OLC_DIGITS = "23456789CFGHJMPQRVWX"
_OLC_FULL = re.compile(f"[{_OLC_DIGITS}]{{8}}\\+?[{_OLC_DIGITS}]{{2,7}}")
_COMMUNE = re.compile(r"[0-9]{5}")


def parcel_code(text: str) -> str:
    """The 12-character parcel code (mã định danh thửa đất) in `text`; capitals, spaces, hyphens pass.

    Raises: InvalidKeyError.
    """
    code = _NOISE.sub("", text[:64]).lower()
    if not _PARCEL_CODE.fullmatch(code):
        shown = printable(text)
        raise InvalidKeyError(
            f"“{shown}” is not a parcel code: it has 12 characters, digits and letters but a, i, l, o.",
            f"“{shown}” không phải mã thửa đất: mã có 12 ký tự, gồm chữ số và chữ cái trừ a, i, l, o.",
        )
    return code


def digital_code(text: str) -> str:
    """A digital address (mã địa chỉ số) as stored: capitals, no spaces, `+` in its place.

    Codes of other schemes are opaque: any 4 to 64 printable ASCII characters. Raises: InvalidKeyError.
    """
    code = re.sub(r"\s+", "", text[:128]).upper()
    if not 4 <= len(code) <= 64 or not code.isascii() or not code.isprintable():
        shown = printable(text)
        raise InvalidKeyError(
            f"“{shown}” is not a digital address: it has 4 to 64 letters and digits, like 7P8C3QVJ+2XG.",
            f"“{shown}” không phải mã địa chỉ số: mã gồm 4 đến 64 chữ và số, ví dụ 7P8C3QVJ+2XG.",
        )
    bare = code.replace("-", "")
    if _OLC_FULL.fullmatch(bare):
        bare = bare.replace("+", "")
        return f"{bare[:8]}+{bare[8:]}"
    return bare if len(bare) == 12 and bare[:5].isdigit() else code


def commune_code(text: str) -> str:
    """A 5-digit commune code, old or new. Raises: InvalidKeyError."""
    code = text.strip()
    if not (code.isascii() and _COMMUNE.fullmatch(code)):
        raise InvalidKeyError(
            f"“{printable(text)}” is not a commune code: it has 5 digits, for example 20242.",
            f"“{printable(text)}” không phải mã xã: mã có 5 chữ số, ví dụ 20242.",
        )
    return code


def printable(text: str) -> str:
    """At most 40 characters of `text`, control characters replaced, to show a person what they sent."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:40])
    return shown + "…" if len(text) > 40 else shown
