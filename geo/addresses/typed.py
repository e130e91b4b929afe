"""A typed address as the search's loops take it: letters without blanks, where words begin, which letters are what."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.addresses.house import house
from geo.addresses.letters import BASE, FIRST_DIGIT, bare, has_marks
from geo.addresses.read import HOUSE, KIND, NUMBER, WORD, Word, read
from geo.addresses.words import ALLEYS

Array = NDArray[Any]
KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cluster:
    """Words that name a house: their letters, the key it has in the index, and whether the key may go on."""

    letters: tuple[int, int]
    key: bytes
    open: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """`codes` of the letters; `border` (one longer): 1 where a word begins or the text ends, 2 within a number.

    `sets[role]`: low and high half of the letters of that role (`geo.addresses.read`); `unfinished`: the last word may go on;
    `marked`: a word of a name was typed with marks.
    """

    words: list[Word]
    codes: Array
    border: Array
    sets: Array
    clusters: list[Cluster]
    unfinished: bool
    marked: bool
    names: list[str] = field(default_factory=list)


def understand(text: str, *, unfinished: bool, plain: bool = False) -> Typed:
    """What the search needs to know of `text` (see `geo.addresses.read`)."""
    words = read(text, unfinished=unfinished, plain=plain)
    codes: list[int] = []
    begins: list[int] = []
    for word in words:
        begins.append(len(codes))
        codes.extend(word.codes)
    n = len(codes)
    border = np.zeros(n + 1, np.int8)
    for j in range(1, n):
        if (codes[j] & BASE) >= FIRST_DIGIT and (codes[j - 1] & BASE) >= FIRST_DIGIT:
            border[j] = 2
    border[[*begins, n]] = 1
    sets = np.zeros((4, 2), np.uint64)
    ends = [*begins[1:], n] if words else []
    for word, first, last in zip(words, begins, ends, strict=True):
        sets[word.role] |= _set(first, last)
    clusters = []
    at = 0
    while at < len(words):
        if words[at].role != HOUSE:
            at += 1
            continue
        first = at
        at = _end_of_house(words, first)
        meant = house([w.text for w in words[first:at]])
        if meant is not None:
            key = meant.key.encode("ascii", "ignore")[:KEY_BYTES]
            goes_on = (unfinished and at == len(words)) or key.endswith(b"/")
            named = next(n for n in range(first, at) if bare(words[n].text) not in ("so", "nha"))  # Yên Sở 35
            clusters.append(Cluster((begins[named], ends[at - 1]), key, goes_on))
    names = [w.text for w in words if w.role in (WORD, KIND, NUMBER)]
    marked = any(has_marks(word.text) for word in words if word.role == WORD)
    return Typed(words, np.array(codes, np.uint16), border, sets, clusters, unfinished, marked, names)


def _end_of_house(words: list[Word], first: int) -> int:
    """Where the house that begins at `first` ends: `số 12 ngõ 45` is one, in `29 3 tháng 2` the second number is another."""
    numbered = alley = False
    at = first
    while at < len(words) and words[at].role == HOUSE:
        plain = bare(words[at].text)
        if plain in ALLEYS:
            alley = True
        elif plain == "so" and numbered:
            break
        elif any(c.isdigit() for c in plain):
            if not alley and numbered:
                break
            numbered, alley = numbered or not alley, False
        at += 1
        if words[at - 1].ends and numbered and not (at < len(words) and bare(words[at].text) in ALLEYS):
            break
    return at


def _set(first: int, last: int) -> Array:
    """Low and high half (uint64) of the letters from `first` to `last`."""
    bits = (1 << last) - (1 << first)
    return np.array([bits & 0xFFFFFFFFFFFFFFFF, bits >> 64], np.uint64)


def keys_of(houses: list[bytes]) -> Array:
    """House keys as rows of two uint64 that compare as the bytes do."""
    packed = np.array(houses, f"S{KEY_BYTES}") if houses else np.zeros(0, f"S{KEY_BYTES}")
    return packed.view(np.uint8).reshape(-1, KEY_BYTES).copy().view(">u8").astype(np.uint64)
