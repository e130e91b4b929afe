"""Vietnamese text of older programs made Unicode: TCVN3 (fonts .VnTime, .VnArial …), VNI (VNI-Times …), Windows-1258, and
UTF-8 that something on the way took for Latin-1.

Such a text reaches a reader as Latin-1 (`Th«n Thanh Êm` for Thôn Thanh Ấm), and nothing in the file says so. It is told by
counting: of all readings the one with clearly more Vietnamese syllables (`importers.syllables`) than the text as it stands
is taken, for a whole file or column at once, because "ThuËn" alone proves nothing. Otherwise text is left untouched.

The fonts of TCVN3 have no capitals with a tone: ê stands for ấ and, in a font of capitals, for Ấ. A letter with a tone is
given as a capital where the other letters of its word are (HÀNG), or, at the head of a word, where all words around begin
with one (Thôn Thanh Ấm, as far as a comma); so decode(encode(t)) is t for texts whose capitals follow that.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from importers.syllables import weight

_MOST_WORDS = 50_000
_WORD = re.compile(r"[^\x00-@\[-`{-\x7f]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = re.compile(r"[^,;:()/\n-]+")
_TONE_ORDER = "\u0300\u0309\u0303\u0301\u0323"
_TCVN3 = (
    ("ĂÂÊÔƠƯĐăâêôơưđ", (*range(0xA1, 0xA8), *range(0xA8, 0xAF))),
    ("a", (0xB5, 0xB6, 0xB7, 0xB8, 0xB9)), ("ă", (0xBB, 0xBC, 0xBD, 0xBE, 0xC6)), ("â", (0xC7, 0xC8, 0xC9, 0xCA, 0xCB)),
    ("e", (0xCC, 0xCE, 0xCF, 0xD0, 0xD1)), ("ê", (0xD2, 0xD3, 0xD4, 0xD5, 0xD6)), ("i", (0xD7, 0xD8, 0xDC, 0xDD, 0xDE)),
    ("o", (0xDF, 0xE1, 0xE2, 0xE3, 0xE4)), ("ô", (0xE5, 0xE6, 0xE7, 0xE8, 0xE9)), ("ơ", (0xEA, 0xEB, 0xEC, 0xED, 0xEE)),
    ("u", (0xEF, 0xF1, 0xF2, 0xF3, 0xF4)), ("ư", (0xF5, 0xF6, 0xF7, 0xF8, 0xF9)), ("y", (0xFA, 0xFB, 0xFC, 0xFD, 0xFE)),
)  # fmt: skip
"""Byte of each letter; rows of five are grave, hook, tilde, acute, dot below (TCVN 5712:1993, VN3)."""
_VNI_MARKS = "øûõùï"
_VNI_CHANGED = {"â": ("â", "àåãáä"), "ă": ("ê", "èúüéë")}
"""Byte after the vowel: tones alone; with a circumflex; with a breve."""
_VNI_ALONE = {"đ": "ñ", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "í": "í", "ị": "ò", "ơ": "ô", "ư": "ö", "ỵ": "î"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text` in Unicode and the `encoding` it was found in: "ascii", "utf-8" (nothing to do), "tcvn3", "vni", "cp1258",
    "cp1252-utf8" and "latin1-utf8" (UTF-8 taken for one of these), "cp1252" (bytes of no Vietnamese text). `sure` when
    syllables prove it; a text that is not sure is as it was."""

    text: str
    encoding: str
    sure: bool


def decode(text: str | bytes) -> Decoded:
    """One text by itself; bytes are read as UTF-8 where they are that, else as cp1252."""
    if isinstance(text, str):
        return decode_all([text])[0]
    try:
        return decode_all([text.removeprefix(b"\xef\xbb\xbf").decode()])[0]
    except UnicodeDecodeError:
        read = decode_all([_unbyte(text)])[0]
        return read if read.encoding not in ("utf-8", "ascii") else Decoded(read.text, "cp1252", False)


def decode_all(texts: Sequence[str]) -> list[Decoded]:
    """The texts of one file or column, by one encoding for all of them.

    Texts that hold letters which no legacy encoding has are Unicode already and stay, as do texts of ASCII alone.
    """
    encoding = found_in(texts)
    read = []
    for text in texts:
        if text.isascii():
            read.append(Decoded(text, "ascii", True))
        elif encoding is not None and (made := decode_as(text, encoding)) != text:
            read.append(Decoded(made, encoding, True))
        else:
            read.append(Decoded(text, "utf-8", encoding is None and _score([text], None) > 0))
    return read


def decode_as(text: str, encoding: str) -> str:
    """A text read in a known legacy encoding; as it is where it cannot be in it."""
    if text.isascii() or _bytes_of(text) is None:
        return text
    made = _READ[encoding](text)
    return text if made is None else made


def found_in(texts: Sequence[str]) -> str | None:
    """The legacy encoding of texts of one origin, None where they are to stay as they are or where nothing is proven."""
    words: dict[str, None] = {}
    for text in texts:
        if not text.isascii() and _bytes_of(text) is not None:
            for word in _WORD.findall(text):
                if not word.isascii():
                    words[word] = None
            if len(words) > _MOST_WORDS:
                break
    if not words:
        return None
    unchanged = _score(words, None)
    scores = {encoding: _score(words, encoding) for encoding in _READ}
    encoding = max(scores, key=lambda e: scores[e])
    best = scores.pop(encoding)
    if encoding == "latin1-utf8":
        # What the one reads the other reads alike, but the one writes back what was there.
        del scores["cp1252-utf8"]
    clearly = best - unchanged >= max(2, 0.02 * len(words)) and best > max(scores.values())
    return encoding if clearly and best > 0 else None


def encode(text: str, encoding: str) -> str:
    """The text as a program that takes `encoding` for Latin-1 would show it: the inverse of `decode`.

    Characters the encoding lacks stay. Raises: ValueError for an encoding that is not known.
    """
    if encoding in ("ascii", "utf-8", "cp1252"):
        return text
    text = unicodedata.normalize("NFC", text)
    if encoding == "cp1252-utf8":
        return _unbyte(text.encode())
    if encoding == "latin1-utf8":
        return text.encode().decode("latin-1")
    if encoding not in _READ:
        raise ValueError(f"{encoding} is not an encoding of Vietnamese text that is known here")
    table = _written(encoding)
    return "".join(table.get(c, c) for c in text)


def _score(words: Sequence[str] | dict[str, None], encoding: str | None) -> float:
    """Evidence that these words, read so, are Vietnamese: each distinct word with marks counts once."""
    total = 0.0
    for word in words:
        read = word if encoding is None else _READ[encoding](word)
        if read is None:
            total -= 1
            continue
        for part in _WORD.findall(read) if encoding is None or len(read) > 14 else [read]:
            if part.isascii():
                continue
            good = weight(part)
            if good:
                total += good
            elif encoding is not None:
                # Abbreviations (NĐ, UBNDTT) are neither; anything else that is no syllable speaks against the reading.
                total -= 0 if part.isupper() and not set(part) & set("ÂĂÊÔƠƯ") and "Đ" in part else 1
            elif _odd(part):
                total -= 1
    return total


def _odd(word: str) -> bool:
    """A sign in the middle of letters, or a capital after a small letter: no language writes so."""
    if not word.isalpha() and any(
        unicodedata.category(c) in ("So", "Sk", "Sc", "Po", "Pi", "Pf", "No") for c in word
    ):
        return any(c.isascii() for c in word)
    return any(a.islower() and b.isupper() for a, b in pairwise(word))


def _bytes_of(text: str) -> bytes | None:
    """The bytes of a text that was read as cp1252 (or Latin-1, whose controls stand for themselves)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        pass
    made = bytearray()
    for c in text:
        code = _cp1252().get(c, ord(c))
        if code > 255:
            return None
        made.append(code)
    return bytes(made)


def _unbyte(raw: bytes) -> str:
    """Bytes as cp1252 shows them; the five it lacks as Latin-1 does."""
    return raw.decode("latin-1").translate({code: c for c, code in _cp1252().items()})


@cache
def _cp1252() -> dict[str, int]:
    special = {}
    for code in range(0x80, 0xA0):
        shown = bytes([code]).decode("cp1252", "ignore")
        if shown:
            special[shown] = code
    return special


@cache
def _letters() -> dict[str, str]:
    """Small Vietnamese letters with a tone → (their base letter): à → a, ấ → â."""
    return {unicodedata.normalize("NFC", v + t): v for v in "aăâeêioôơuưy" for t in _TONE_ORDER}


@cache
def _written(encoding: str) -> dict[str, str]:
    """Letter → how the encoding writes it, capitals included."""
    if encoding == "tcvn3":
        return _tcvn3_written()
    if encoding == "vni":
        return _vni_written()
    table = {}
    for small in (*_letters(), *"ăâđêôơư"):
        for c in (small, small.upper()):
            made = _in_cp1258(c)
            if made is not None:
                table[c] = made.decode("latin-1")
    return table


def _in_cp1258(letter: str) -> bytes | None:
    """Whole where the code page has the letter, else base and mark."""
    base = unicodedata.normalize("NFD", letter)
    for form in (
        letter,
        unicodedata.normalize("NFC", base.translate(_NO_TONE)) + "".join(c for c in base if c in _TONE_ORDER),
    ):
        try:
            return form.encode("cp1258")
        except UnicodeEncodeError:
            continue
    return None


_NO_TONE = dict.fromkeys(map(ord, _TONE_ORDER))


def _tcvn3_written() -> dict[str, str]:
    table = dict(zip(_TCVN3[0][0], map(chr, _TCVN3[0][1]), strict=True))
    for vowel, codes in _TCVN3[1:]:
        for tone, code in zip(_TONE_ORDER, codes, strict=True):
            small = unicodedata.normalize("NFC", vowel + tone)
            table[small] = table[small.upper()] = chr(code)
    return table


def _vni_written() -> dict[str, str]:
    table = dict(_VNI_ALONE)
    for vowel, after in (("a", "a"), ("e", "e"), ("o", "o"), ("u", "u"), ("y", "y"), ("ơ", "ô"), ("ư", "ö")):
        for tone, mark in zip(_TONE_ORDER, _VNI_MARKS, strict=True):
            table.setdefault(unicodedata.normalize("NFC", vowel + tone), after + mark)
    for vowel, base, like in (("â", "a", "â"), ("ê", "e", "â"), ("ô", "o", "â"), ("ă", "a", "ă")):
        plain, toned = _VNI_CHANGED[like]
        table[vowel] = base + plain
        for tone, mark in zip(_TONE_ORDER, toned, strict=True):
            table[unicodedata.normalize("NFC", vowel + tone)] = base + mark
    return table | {k.upper(): v.upper() for k, v in table.items()}


@cache
def _read_table(encoding: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = {v: k for k, v in _written(encoding).items() if v != k}
    if encoding == "tcvn3":
        table |= {v: k for k, v in _written(encoding).items() if k.islower()}
    if encoding == "vni":
        table |= {v[0] + v[1:].lower(): k for v, k in list(table.items()) if len(v) == 2 and k.isupper()}
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), table


def _by_table(encoding: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        pattern, table = _read_table(encoding)
        return pattern.sub(lambda m: table[m[0]], text)

    return read


def _tcvn3(text: str) -> str:
    made = _by_table("tcvn3")(text)
    if _loud(made):
        return made.upper()
    letters = list(made)
    for part in _PARTS.finditer(made):
        words = list(_LETTERS.finditer(made, part.start(), part.end()))
        heads = [m[0][0].isupper() for m in words if m[0][0] not in _letters()]
        title = bool(heads) and all(heads)
        for m in words:
            if _loud(m[0]):
                letters[m.start() : m.end()] = m[0].upper()
            elif title and len(m[0]) > 1 and m[0][0] in _letters():
                letters[m.start()] = m[0][0].upper()
    return "".join(letters)


def _loud(text: str) -> bool:
    """Whether all letters that show their case, two or more, are capitals."""
    shown = [c for c in text if c.isalpha() and c not in _letters()]
    return len(shown) > 1 and all(c.isupper() for c in shown)


def _mangled(coding: str) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        try:
            raw = text.encode("latin-1") if coding == "latin-1" else _bytes_of(text)
            return raw.decode() if raw is not None else None
        except UnicodeError:
            return None

    return read


_READ: dict[str, Callable[[str], str | None]] = {
    "latin1-utf8": _mangled("latin-1"),
    "cp1252-utf8": _mangled("cp1252"),
    "tcvn3": _tcvn3,
    "vni": _by_table("vni"),
    "cp1258": _by_table("cp1258"),
}
