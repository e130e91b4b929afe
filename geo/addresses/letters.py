"""Letters of Vietnamese text as numbers: which letter, which hat or horn, which tone.

A letter is a uint16: bits 0-5 the base (a-z 1-26, digits 27-36, `/` 37, `-` 38), bits 6-7 the quality (1 â ê ô, 2 ă ơ ư,
3 đ), bits 8-10 the tone (1 huyền, 2 sắc, 3 ngã, 4 hỏi, 5 nặng). A tone stands on the first vowel of its run, wherever it
was written: hoà and hòa are the same letters, and so are their beginnings.
"""

import unicodedata
from functools import lru_cache
from typing import Final

BASE: Final = 0x3F
QUALITY: Final = 0xC0
TONE: Final = 0x700
FIRST_DIGIT: Final = 27
SLASH: Final = 37
DASH: Final = 38

_QUALITIES = {"\u0302": 1 << 6, "\u0306": 2 << 6, "\u031b": 2 << 6}
_TONES = {"\u0300": 1 << 8, "\u0301": 2 << 8, "\u0303": 3 << 8, "\u0309": 4 << 8, "\u0323": 5 << 8}
_VOWELS = frozenset("aeiouy")
_STROKE = 3 << 6


@lru_cache(maxsize=1 << 16)
def letters(word: str) -> tuple[int, ...]:
    """The letters of one word in any case; what is no letter, digit, `/` or `-` is left out."""
    codes: list[int] = []
    run = -1
    for sign in unicodedata.normalize("NFD", word.lower()):
        if "a" <= sign <= "z":
            run = (run if run >= 0 else len(codes)) if sign in _VOWELS else -1
            codes.append(ord(sign) - 96)
        elif sign == "đ":
            run = -1
            codes.append(4 | _STROKE)
        elif sign in _TONES and run >= 0:
            codes[run] = codes[run] & ~TONE | _TONES[sign]
        elif sign in _QUALITIES and codes:
            codes[-1] = codes[-1] & ~QUALITY | _QUALITIES[sign]
        elif sign.isascii() and sign.isdigit():
            run = -1
            codes.append(FIRST_DIGIT + ord(sign) - 48)
        elif sign in "/-":
            run = -1
            codes.append(SLASH if sign == "/" else DASH)
    return tuple(codes)


@lru_cache(maxsize=1 << 16)
def bare(word: str) -> str:
    """`word` in lower case without marks, đ as d: `Nguyễn` → `nguyen`."""
    marked = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in marked if unicodedata.category(c) != "Mn").replace("đ", "d")


def has_marks(word: str) -> bool:
    """Whether `word` is written with any Vietnamese mark."""
    return bare(word) != word.lower()
