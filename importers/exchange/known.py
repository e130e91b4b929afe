"""Which exchange format a file is, by its first bytes; its name decides only what has no mark of its own."""

import bz2
import codecs
import re
from typing import Literal

from importers.exchange import famis

Kind = Literal["landxml", "mojxml", "edigeo", "famis", "inspire", "geojson"]

_ROOT = re.compile(r"<(?:[\w.-]{1,60}:)?(\w{1,60})[\s>/]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def recognises(head: bytes, suffix: str) -> Kind | None:
    """The format of a file whose first 64 KiB are `head`; "geojson" only for JSON in UTF-16, which GDAL does not know."""
    suffix = suffix.lower()
    if head.startswith(b"BZh"):
        return "edigeo" if _packed_edigeo(head) or (suffix == ".bz2" and len(head) >= 65536) else None
    if suffix == ".thf" and head.startswith(b"BOMT"):
        return "edigeo"
    wide = head.startswith(_UTF16)
    if not wide and b"\x00" in head:
        return None
    text = head[: len(head) // 2 * 2].decode("utf-16", "replace") if wide else head.decode("utf-8", "replace")
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return _markup(text)
    if wide:
        return "geojson" if text[:1] in ("{", "[") else None
    if suffix == ".txt" and famis.looks_like(head[: head.rfind(b"\n") + 1 or len(head)].decode("latin-1")):
        return "famis"
    return None


def _markup(text: str) -> Kind | None:
    root = _ROOT.search(text)
    if root is None:
        return None
    if root[1].lower() == "landxml":
        return "landxml"
    if root[1] == "地図" and "tizuxml" in text:
        return "mojxml"
    if "opengis.net/gml" in text and re.search(r"inspire[\w.:/-]{1,80}/cp(?:/|\"|:)|:cp:\d", text):
        return "inspire"
    return None


def _packed_edigeo(head: bytes) -> bool:
    """Whether a bzip2 stream begins with a tar of an EDIGEO part (its first block may be longer than the head)."""
    try:
        first = bz2.BZ2Decompressor().decompress(head, 512)
    except (OSError, ValueError, EOFError):
        return False
    name = first[:100].rstrip(b"\x00").upper()
    return first[257:262] == b"ustar" and name.endswith(
        (b".THF", b".VEC", b".DIC", b".GEN", b".GEO", b".QAL", b".SCD")
    )
