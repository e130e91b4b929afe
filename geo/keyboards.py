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
from typing import Final, NamedTuple

from geo.geohash import ALPHABET, LENGTH

CUTS: Final = (2, 3, 4, 5, 7, 8, 9, 10)
"""Lengths at which to ask which beginnings have codes."""
MOST_LOST: Final = 7
"""Keys that may have vanished without a mark."""
_MOST_STATES: Final = 5_000
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


class _State(NamedTuple):
    """Keys so far, letters read, keys still owed by marks, whether the tone to come was typed already, keys lost."""

    keys: str
    at: int
    owed: tuple[str, ...]
    early: bool
    lost: int


@dataclass(frozen=True, slots=True)
class _Place:
    """What may be typed before a letter of the text, or after the last one, worked out once."""

    begins: bool  # a group of the code begins here, or the text ends: no mark may come from before
    waits: int  # what a mark costs that comes later than this letter
    ends: bool  # the letter has a tone
    ways: tuple[
        tuple[tuple[str, tuple[str, ...]], ...], ...
    ]  # its keys, and where its tone was typed already
    early: str
    losable: str
    least: int  # keys from here on, at least and at most
    most: int


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

    `most_lost`: with at most so many keys of which the text shows no trace.
    """

    def __init__(self, text: str, most_lost: int = MOST_LOST) -> None:
        read = _letters(text) or ()
        self._most_lost = most_lost
        self._boards: list[tuple[Sequence[_Place], dict[_State, int]]] = []
        if read and LENGTH - len(read) <= MOST_LOST * 2:
            self._boards = [(_places(board, read), {_State("", 0, (), False, 0): 0}) for board in _KEYBOARDS]

    def grow(self, length: int) -> set[str]:
        """The keys of that length with which a reading begins."""
        self._boards = [(places, self._reach(places, states, length)) for places, states in self._boards]
        return {one.keys for _, states in self._boards for one in states}

    def keep(self, known: Collection[str]) -> None:
        """Go on with these beginnings alone."""
        self._boards = [
            (places, {one: cost for one, cost in states.items() if one.keys in known})
            for places, states in self._boards
        ]

    def found(self) -> list[Candidate]:
        """The whole readings, the likeliest first."""
        best: dict[str, Candidate] = {}
        for places, states in self._boards:
            for state, cost in states.items():
                if len(state.keys) == LENGTH and state.at == len(places) - 1 and not state.owed:
                    one = Candidate(state.keys, state.lost, cost)
                    if state.keys not in best or best[state.keys].cost > cost:
                        best[state.keys] = one
        return sorted(best.values(), key=lambda one: (one.cost, one.code))

    def _reach(self, places: Sequence[_Place], states: dict[_State, int], length: int) -> dict[_State, int]:
        """The states that many keys on."""
        while states and len(next(iter(states)).keys) < length:
            states = _grown(places, states, self._most_lost)
            if len(states) > _MOST_STATES:
                states = dict(nsmallest(_MOST_STATES, states.items(), key=lambda one: one[1]))
        return states


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


def _places(board: _Keyboard, read: Sequence[_Letter]) -> list[_Place]:
    """What may be typed at each letter of a text, and after it."""
    places: list[_Place] = []
    least = most = 0
    for at in range(len(read), -1, -1):
        letter = read[at] if at < len(read) else None
        ways: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = ((), ())
        if letter is not None:
            ways = (tuple(_ways(letter, board, False)), tuple(_ways(letter, board, True)))
            sizes = [1 + len(owed) for _, owed in ways[0]]
            least, most = least + min(sizes), most + max(sizes)
        place = _Place(
            letter is None or (letter.begins and at > 0),
            1 if letter is None or letter.base.isalpha() else 3,
            letter is not None and letter.tone >= 0,
            ways,
            _early(board, read, at) if at else "",
            _losable(board, read, at) if at else "",
            least,
            most,
        )
        places.append(place)
    return places[::-1]


def _grown(places: Sequence[_Place], states: dict[_State, int], most_lost: int) -> dict[_State, int]:
    """The states one key on, each with its least cost; those that can still have just as many keys as a code."""
    after: dict[_State, int] = {}

    def put(keys: str, at: int, owed: tuple[str, ...], early: bool, lost: int, cost: int) -> None:
        typed = len(keys) + len(owed) - early
        if typed + places[at].least <= LENGTH <= typed + places[at].most + most_lost - lost:
            state = _State(keys, at, owed, early, lost)
            if after.get(state, cost + 1) > cost:
                after[state] = cost

    for (keys, at, owed, early, lost), cost in states.items():
        place = places[at]
        if place.ways[0] and not (place.begins and owed):
            waits = cost + len(owed) * place.waits
            for key, more in place.ways[early]:
                if keys or key == _FIRST:
                    owes = tuple(sorted((*owed, *more))) if more else owed
                    put(keys + key, at + 1, owes, early and not place.ends, lost, waits)
        if place.early and not early:
            put(keys + place.early, at, owed, True, lost, cost + 1)
        for n, key in enumerate(owed):
            if owed.index(key) == n:
                put(keys + key, at, owed[:n] + owed[n + 1 :], early, lost, cost)
        if lost < most_lost:
            for key in place.losable:
                put(keys + key, at, owed, early, lost + 1, cost + 8)
    return after


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
    if "u" in before or board.lone:
        keys += board.horn
    if "d" in before:
        keys += board.stroke
    return keys
