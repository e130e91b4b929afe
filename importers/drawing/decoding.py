"""Texts of a drawing made readable together, and one finding per old encoding that was met."""

import re
from collections import Counter
from dataclasses import dataclass

from geo.finding import Finding
from importers.check.rules import found
from importers.legacy_text import decode_all

_TODAY = frozenset({"utf-8", "ascii"})
_ESCAPE = re.compile(r"\\[Uu]\+([0-9A-Fa-f]{4})")
_CODES = ("%%u", "%%U", "%%o", "%%O")


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as Unicode, trimmed, in the order given; `encoding` None where all were Unicode already."""

    texts: list[str]
    encoding: str | None
    findings: list[Finding]


def readable(raw: list[str | bytes]) -> Texts:
    """The texts of one file, read by one encoding for all of them: bytes too, as CAD programs of old wrote them."""
    given = [_escaped(t if isinstance(t, str) else _letters(t)) for t in raw]
    decoded = decode_all(given)
    met: Counter[str] = Counter()
    samples: dict[str, tuple[str, str]] = {}
    for before, after in zip(given, decoded, strict=True):
        if after.encoding not in _TODAY and after.text != before:
            met[after.encoding] += 1
            samples.setdefault(after.encoding, (before[:60], after.text[:60]))
    findings = [
        found(
            "legacy_text",
            f"{n} chữ theo bảng mã {name}, đã đổi sang Unicode: “{samples[name][0]}” → “{samples[name][1]}”.",
            f"{n} texts in {name}, made Unicode: “{samples[name][0]}” → “{samples[name][1]}”.",
        )
        for name, n in sorted(met.items())
    ]
    most = max(met, key=lambda name: (met[name], name)) if met else None
    return Texts([_bare(d.text) for d in decoded], most, findings)


def _escaped(text: str) -> str:
    """Letters written as \\U+1EA1, in capitals or not."""
    if "\\U+" not in text and "\\u+" not in text:
        return text
    return _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text).encode("utf-8", "replace").decode()


def _letters(raw: bytes) -> str:
    """Bytes as the letters of UTF-8, else of cp1252, its unused places as the control characters of Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "".join(bytes((b,)).decode("cp1252", "ignore") or chr(b) for b in raw)


def _bare(text: str) -> str:
    """Without the marks for underlined and overlined text."""
    for code in _CODES:
        text = text.replace(code, "")
    return text.strip()
