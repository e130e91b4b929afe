"""Which format of points the first bytes of a file are."""

import codecs
import re
from typing import Literal

from importers.points.table import looks_like_points

Kind = Literal["gsi", "sdr33", "gts", "nikon", "rw5", "points", "xlsx"]

_GSI_WORD = re.compile(r"\*?\d\d[0-9.]{4}[+-]\S{8}(?:\S{8})? ?")
_RW5 = re.compile(r"(?:JB,NM|MO,AD|OC,OP|BK,OP|LS,H|SS,OP|SP,PN|--)")
_NIKON = re.compile(r"(?:CO,|ST,|SS,|MP,|UP,|CC,|CP,|F1,)")
_LIST_SUFFIXES = (".csv", ".txt", ".tsv", ".xyz", ".pts", ".asc", ".dat", ".prn", ".pnt", ".nez", ".neh", "")
_SHAPES = re.compile(r"\b(?:MULTI)?(?:POLYGON|LINESTRING|POINT)\s{0,3}Z?M?\s{0,3}\(|SRID=", re.IGNORECASE)


def recognises(head: bytes, suffix: str) -> Kind | None:
    """The format, or None where these bytes (at most the first 64 KiB) are none of them. `suffix` is lower case with its
    point. A CSV with shapes in WKT, a table of attributes and FAMIS text (bars) are none of them."""
    if head.startswith(b"PK\x03\x04"):
        inside = b"xl/w" in head or b"xl/_rels" in head or b"[Content_Types].xml" in head
        return "xlsx" if suffix in (".xlsx", ".xlsm") or (inside and suffix not in (".zip", "")) else None
    text = _text(head[: 1 << 16])
    if text is None:
        return None
    rows = [
        row.strip()
        for row in re.split(r"[\r\n]+", text[:20_000].strip("\x02\r\n\t \ufeff"))[:40]
        if row.strip()
    ]
    if not rows or rows[0][0] in "<{[":
        return None
    if any(row.startswith("00NMSDR") for row in rows[:3]):
        return "sdr33"
    if "CO,Nikon RAW" in text[:400] or (rows[0].startswith("CO,") and _mostly(rows, _NIKON)):
        return "nikon"
    if "_'" in text[:400] and "_+" in text and (" ?+" in text or "_ x" in text):
        return "gts"
    if _GSI_WORD.match(rows[0]) and _mostly(rows, _GSI_WORD):
        return "gsi"
    if suffix == ".rw5" or (
        _mostly(rows, _RW5) and any(r.startswith(("JB,NM", "OC,OP", "SS,OP")) for r in rows)
    ):
        return "rw5" if _mostly(rows, _RW5) else None
    if suffix not in _LIST_SUFFIXES or "|" in rows[0] or _SHAPES.search(text):
        return None
    return "points" if looks_like_points(text) else None


def _mostly(rows: list[str], form: re.Pattern[str]) -> bool:
    return 2 * sum(form.match(row) is not None for row in rows) >= len(rows)


def _text(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if b"\x00" in head:
        return None
    return head.decode("utf-8", "replace").removeprefix("\ufeff")
