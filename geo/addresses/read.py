"""An address text taken apart into words: shortened words written out, keyboard left-overs finished, numbers told apart."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geo.addresses.keys_left import finished
from geo.addresses.letters import bare, has_marks, letters
from geo.addresses.words import ALLEYS, KIND_OF, KINDS, NOISE, SHORT, SHORT_BEFORE_NUMBER

MOST_LETTERS: Final = 120
"""Of longer texts the rest is not looked at."""

WORD, KIND, HOUSE, NUMBER = range(4)
"""A name's word; a word for a kind of place; part of a house number (with its alleys); a number that follows a kind."""

_APOSTROPHES = re.compile("['’‘`´]")
_SLASHES = re.compile(r"(?<=\d)\s*/\s*(?=[^\W_])")
_WORD = re.compile(r"[^\W_]+(?:[/\-–][^\W_]+)*")
_HOUSE_THEN_WORD = re.compile(r"(?<![^\W\d_])(\d+)(?=[^\W\d_]{2})")  # 12trần: the blank was forgotten
_GLUED = re.compile(r"([a-z]{1,3})(\d.*)")
_COUNTED = frozenset({"số", "so", "lộ", "lo", "tháng", "thang"})  # a number after them is the name's
_HOUSE_LETTERS = frozenset("abceg")  # 12 A; not those that shorten a word


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case with its marks, its letters (`geo.addresses.letters`), its class, and what ends it.

    `kind`: the place in KINDS of the whole word or words it begins; -1 for none. `ends`: a comma or the like follows.
    """

    text: str
    codes: tuple[int, ...]
    role: int
    kind: int
    ends: bool


def read(text: str, *, unfinished: bool = False, plain: bool = False) -> list[Word]:
    """The words of `text`; with `unfinished` the last one may go on, and is not taken for a shortened one.

    `plain`: single letters without a full stop are what they are (`H Noi` is Hà Nội mistyped, not huyện).
    """
    raw = _raw(text, unfinished, plain)
    words: list[Word] = []
    at = letters_seen = 0
    while at < len(raw) and letters_seen < MOST_LETTERS:
        kind, length = _kind_at(raw, at)
        if kind >= 0:
            for n in range(length):
                word, ends = raw[at + n]
                words.append(Word(word, letters(word), KIND, kind if n == 0 else -1, ends))
        else:
            length = 1
            word, ends = raw[at]
            before = words[-1] if words else None
            words.append(Word(word, letters(word), _role(raw, at, before), -1, ends))
        letters_seen += sum(len(w.codes) for w in words[-length:])
        at += length
    while words and sum(len(w.codes) for w in words) > MOST_LETTERS:
        words.pop()
    return words


def _raw(text: str, unfinished: bool, plain: bool) -> list[tuple[str, bool]]:
    """(word, whether a comma follows), written out."""
    text = unicodedata.normalize("NFC", text[:512]).lower()
    text = _HOUSE_THEN_WORD.sub(r"\1 ", _SLASHES.sub("/", _APOSTROPHES.sub("", text)))
    found: list[tuple[str, bool]] = []
    matches = list(_WORD.finditer(text))
    for n, match in enumerate(matches):
        word = match.group()
        after = text[match.end() : matches[n + 1].start() if n + 1 < len(matches) else len(text)]
        ends = any(sign in after for sign in ",;\n")
        last = unfinished and n == len(matches) - 1 and not after
        parts = [word] if any(c.isdigit() for c in word) else re.split(r"[/\-–]", word)
        for k, part in enumerate(parts):
            follows = matches[n + 1].group() if n + 1 < len(matches) and not ends else ""
            open_end = (last and k == len(parts) - 1) or (plain and len(part) == 1)
            for piece in _written_out(part, follows, after.startswith("."), open_end).split():
                found.append((piece, False))
        if found:
            found[-1] = (found[-1][0], ends)
    joined = _joined(found)
    return joined[:-1] if len(joined) > 2 and bare(joined[-1][0]) in NOISE else joined


def _written_out(word: str, follows: str, dotted: bool, last: bool) -> str:
    plain = bare(word)
    if last and not dotted:
        return finished(word)
    number_follows = follows[:1].isdigit()
    if plain == "ng" and dotted and follows and not number_follows:
        return "nguyễn"
    if not has_marks(word) or plain == "d":
        if plain in SHORT_BEFORE_NUMBER and number_follows:
            return SHORT_BEFORE_NUMBER[plain]
        if plain in SHORT:
            return SHORT[plain]
    glued = _GLUED.fullmatch(plain)
    if glued and glued[1] in SHORT_BEFORE_NUMBER:
        return f"{SHORT_BEFORE_NUMBER[glued[1]]} {glued[2]}"
    return finished(word)


def _joined(words: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """`12 A` is 12A; `việt nam` at the end says nothing."""
    joined: list[tuple[str, bool]] = []
    for word, ends in words:
        if (
            joined
            and not joined[-1][1]
            and len(word) == 1
            and word in _HOUSE_LETTERS
            and joined[-1][0].isdigit()
        ):
            joined[-1] = (joined[-1][0] + word, ends)
        else:
            joined.append((word, ends))
    if len(joined) > 2 and [bare(w) for w, _ in joined[-2:]] == ["viet", "nam"]:
        joined = joined[:-2]
    return joined


def _kind_at(raw: Sequence[tuple[str, bool]], at: int) -> tuple[int, int]:
    """Which kind of place the words from `at` on name, and in how many words; (-1, 0): none."""
    for length in (3, 2, 1):
        if at + length > len(raw) or any(ends for _, ends in raw[at : at + length - 1]):
            continue
        kind = KIND_OF.get(" ".join(bare(word) for word, _ in raw[at : at + length]), -1)
        if kind < 0 or (
            at and bare(raw[at][0]) == "huyen" and bare(raw[at - 1][0]) == "ba"
        ):  # Bà Huyện Thanh Quan
            continue
        meant = KINDS[kind].text.split()
        if all(
            not has_marks(w) or letters(w) == letters(m) for (w, _), m in zip(raw[at:], meant, strict=False)
        ):
            return kind, length
    return -1, 0


def _doubtful(word: Word) -> bool:
    """Words like `to` and `phuong` without marks are as often part of a name: Lâm To, Xuân Phương."""
    return not has_marks(word.text)


def _role(raw: Sequence[tuple[str, bool]], at: int, before: Word | None) -> int:
    word = raw[at][0]
    plain = bare(word)
    follows = raw[at + 1][0] if at + 1 < len(raw) and not raw[at][1] else ""
    if any(c.isdigit() for c in word):
        kind_before = before is not None and not before.ends and before.role == KIND and not _doubtful(before)
        # Đường số 7, Quốc lộ 1A, Tháng 8: part of the name
        named = before is not None and not before.ends and before.role == WORD and before.text in _COUNTED
        return NUMBER if kind_before or named else HOUSE
    if plain in ALLEYS and (
        follows[:1].isdigit() or (len(follows) <= 4 and any(c.isdigit() for c in follows))
    ):
        return HOUSE
    if plain == "so" and follows[:1].isdigit() and not has_marks(word.replace("ố", "o")):
        return WORD if before is not None and not before.ends and before.role == KIND else HOUSE
    if plain == "so" and bare(follows) == "nha":
        return HOUSE
    if plain == "nha" and (bare(follows) == "so" or (before is not None and bare(before.text) == "so")):
        return HOUSE
    return WORD
