"""Parcel codes as a Vietnamese keyboard leaves them: `ư7ẻ8sp5fqè` was typed as `w7er8sp5fqef`.

Telex takes w, s, f, r, x, j, z and a second d or e for marks, VNI digits after a vowel or d; VIQR's marks are no letters of
a code, but for dd. A mark may be typed long after its letter (free marking); engines move a tone to another vowel of the
syllable; what is typed twice or replaced by another mark is lost without a trace. So a text has many readings: they grow
key by key, and are kept only where codes that were issued begin so (`Search`).
"""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import product
from math import prod
from typing import Final

from geo.geohash import ALPHABET, LENGTH

CUTS: Final = (4, 5, 6, 7, 8, 9, 10)
"""Lengths at which to ask which beginnings have codes."""
MOST_LOST: Final = 5
"""Keys that may have vanished without a mark."""
_MOST_STATES: Final = 20_000
_MOST_WAYS: Final = 256
_LONGEST: Final = 64
_FIRST = "w"  # all of Vietnam lies in this cell
_NOISE = frozenset(" \t\u00a0.-_")
_VOWELS = frozenset("euy")
_TONES = {"\u0301": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0323": 4}  # sắc, huyền, hỏi, ngã, nặng
_CIRCUMFLEX, _HORN = "\u0302", "\u031b"


@dataclass(frozen=True, slots=True)
class _Keyboard:
    """Keys of the five tones, of ê, ư and đ, and the key that takes a tone away; `lone`: w alone makes ư."""

    tones: str
    circumflex: str
    horn: str
    stroke: str
    clear: str
    lone: bool


_KEYBOARDS: Final = (
    _Keyboard("sfrxj", "e", "w", "d", "z", True),
    _Keyboard("12345", "6", "7", "9", "0", False),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that may have been typed; `lost`: keys of it that the text shows no trace of; `cost`: the less, the likelier."""

    code: str
    lost: int
    cost: int


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter of the text: its base, tone (-1: none), whether ê, ư or đ, and whether a group of the code begins with it."""

    base: str
    tone: int
    marked: bool
    begins: bool


@dataclass(frozen=True, slots=True)
class _State:
    """Keys so far, letters read, keys still owed by marks, whether the tone to come was typed already, keys lost."""

    keys: str
    at: int
    owed: tuple[str, ...]
    early: bool
    lost: int


def is_mangled(text: str) -> bool:
    """Whether `text` has the letters of a code, of which one at least bears a mark that no code has."""
    read = _letters(text)
    return read is not None and any(one.marked or one.tone >= 0 for one in read)


def plainly(text: str) -> list[str]:
    """The readings in which each mark was typed right after its letter and nothing was lost; mostly one or two."""
    read = _letters(text)
    if read is None or not any(one.marked or one.tone >= 0 for one in read):
        return []
    found: dict[str, None] = {}
    for board in _KEYBOARDS:
        ways = [[key + "".join(owed) for key, owed in _ways(one, board, False)] for one in read]
        if prod(len(way) for way in ways) > _MOST_WAYS:
            continue
        for parts in product(*ways):
            keys = "".join(parts)
            if len(keys) == LENGTH and keys.startswith(_FIRST):
                found[keys] = None
    return list(found)


class Search:
    """The readings of one text, grown to each length of CUTS and cut to beginnings of issued codes, then to the whole.

    for n in (*CUTS, 12): known = (those of search.grow(n) that codes begin with); search.keep(known)
    """

    def __init__(self, text: str) -> None:
        read = _letters(text)
        self._boards: list[tuple[_Keyboard, Sequence[_Letter], dict[_State, int]]] = []
        if read is None or LENGTH - len(read) > MOST_LOST * 2:
            return
        for board in _KEYBOARDS:
            self._boards.append((board, read, {_State("", 0, (), False, 0): 0}))

    def grow(self, length: int) -> set[str]:
        """The keys of that length with which a reading begins."""
        self._boards = [
            (board, read, _reach(board, read, states, length)) for board, read, states in self._boards
        ]
        return {one.keys for _, _, states in self._boards for one in states}

    def keep(self, known: Collection[str]) -> None:
        """Go on with these beginnings alone."""
        self._boards = [
            (board, read, {one: cost for one, cost in states.items() if one.keys in known})
            for board, read, states in self._boards
        ]

    def found(self) -> list[Candidate]:
        """The whole readings, the likeliest first."""
        best: dict[str, Candidate] = {}
        for _, read, states in self._boards:
            for state, cost in states.items():
                if len(state.keys) == LENGTH and state.at == len(read) and not state.owed:
                    one = Candidate(state.keys, state.lost, cost)
                    if state.keys not in best or best[state.keys].cost > cost:
                        best[state.keys] = one
        return sorted(best.values(), key=lambda one: (one.cost, one.code))


def _letters(text: str) -> list[_Letter] | None:
    """The letters of what may be a code; None where it cannot: too long, or a letter that no code has."""
    if not 1 <= len(text) <= _LONGEST:
        return None
    read: list[_Letter] = []
    begins = True
    for letter in unicodedata.normalize("NFC", text.strip().lower()):
        if letter in _NOISE:
            begins = True
            continue
        parts = list(unicodedata.normalize("NFD", "d" if letter == "đ" else letter))
        base, marks = parts[0], parts[1:]
        tones = [_TONES[mark] for mark in marks if mark in _TONES]
        shapes = [mark for mark in marks if mark not in _TONES]
        if base not in ALPHABET or len(tones) > 1 or (marks and base not in _VOWELS):
            return None
        if shapes and (base, *shapes) not in (("e", _CIRCUMFLEX), ("u", _HORN)):
            return None
        read.append(_Letter(base, tones[0] if tones else -1, bool(shapes) or letter == "đ", begins))
        begins = False
        if len(read) > LENGTH:
            return None
    if not read or not (read[0].base == _FIRST or (read[0].base == "u" and read[0].marked)):
        return None
    return read


def _ways(letter: _Letter, board: _Keyboard, early: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The key a letter began with and those its marks owe; `early`: the tone's was typed already."""
    tone = (board.tones[letter.tone],) if letter.tone >= 0 and not early else ()
    if not letter.marked:
        yield letter.base, tone
        return
    mark = {"e": board.circumflex, "u": board.horn, "d": board.stroke}[letter.base]
    if letter.base == "u" and board.lone:
        yield board.horn, tone
    yield letter.base, (mark, *tone)
    if letter.base == "d" and mark != "d":
        yield letter.base, ("d", *tone)  # VIQR


def _reach(
    board: _Keyboard, read: Sequence[_Letter], states: dict[_State, int], length: int
) -> dict[_State, int]:
    """The states that many keys on."""
    while states and len(next(iter(states)).keys) < length:
        states = _grown(board, read, states)
        if len(states) > _MOST_STATES:
            states = dict(nsmallest(_MOST_STATES, states.items(), key=lambda one: one[1]))
    return states


def _grown(board: _Keyboard, read: Sequence[_Letter], states: dict[_State, int]) -> dict[_State, int]:
    """The states one key on, each with its least cost."""
    after: dict[_State, int] = {}

    def put(state: _State, cost: int) -> None:
        if len(state.keys) + _least(board, read, state) <= LENGTH and after.get(state, cost + 1) > cost:
            after[state] = cost

    for state, cost in states.items():
        if state.at < len(read):
            letter = read[state.at]
            if not (letter.begins and state.owed and state.at):
                waits = cost + len(state.owed) * (1 if letter.base.isalpha() else 3)
                ends = letter.tone >= 0
                for key, owed in _ways(letter, board, state.early):
                    if state.keys or key == _FIRST:
                        put(
                            _State(
                                state.keys + key,
                                state.at + 1,
                                tuple(sorted((*state.owed, *owed))),
                                state.early and not ends,
                                state.lost,
                            ),
                            waits,
                        )
            if not state.early and state.at and (key := _early(board, read, state.at)):
                put(_State(state.keys + key, state.at, state.owed, True, state.lost), cost + 1)
        for n, key in enumerate(state.owed):
            if state.owed.index(key) == n:
                rest = state.owed[:n] + state.owed[n + 1 :]
                put(_State(state.keys + key, state.at, rest, state.early, state.lost), cost)
        if state.lost < MOST_LOST and state.at:
            for key in _losable(board, read, state.at):
                one = _State(state.keys + key, state.at, state.owed, state.early, state.lost + 1)
                put(one, cost + 8)
    return after


def _least(board: _Keyboard, read: Sequence[_Letter], state: _State) -> int:
    """How many keys must still come."""
    left = len(state.owed) - state.early
    for letter in read[state.at :]:
        left += 1 + (letter.tone >= 0) + (letter.marked and not (letter.base == "u" and board.lone))
    return left


def _early(board: _Keyboard, read: Sequence[_Letter], at: int) -> str:
    """The key of a tone that moved on from the vowel before to one of those that follow it at once."""
    if read[at - 1].base not in _VOWELS:
        return ""
    for letter in read[at : at + 3]:
        if letter.begins or letter.base not in _VOWELS:
            return ""
        if letter.tone >= 0:
            return board.tones[letter.tone]
    return ""


def _losable(board: _Keyboard, read: Sequence[_Letter], at: int) -> str:
    """Keys that may have vanished before the letter `at`: a mark typed twice, replaced or taken away."""
    before = ""
    for letter in reversed(read[:at]):
        before += letter.base
        if letter.begins:
            break
    keys = ""
    if _VOWELS & set(before) or (board.lone and "w" in before):
        keys += board.tones + board.clear
    if "e" in before:
        keys += board.circumflex
    if "u" in before or (board.lone and (before or read[at].base == "w" if at < len(read) else True)):
        keys += board.horn
    if "d" in before:
        keys += board.stroke
    return keys
