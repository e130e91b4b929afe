"""Addresses in memory, ready for the search: about 50 bytes each, and the few thousand names they are made of once.

A group is what addresses share but for their house: street, up to two hamlets, and the commune of today. A province's
million addresses are some ten thousand groups.
"""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.addresses.house import house
from geo.addresses.letters import BASE, FIRST_DIGIT, bare, letters
from geo.addresses.parts import Named, Parts, parse, split_house
from geo.addresses.typed import KEY_BYTES, keys_of
from geo.addresses.words import KIND_OF, KINDS

Array = NDArray[Any]
LEVELS: Final = ("commune", "district", "province")
_STREET_KIND: Final = KIND_OF["duong"]
_BETWEEN = re.compile(r"\s+[-–]\s+|\s+|(?<=[^\W\d])[-–](?=[^\W\d])")
_PLAIN_HOUSE = re.compile(r"[KkHh]?[0-9]+[A-Za-z]?(?:/[0-9]+[A-Za-z]?)*")
_APOSTROPHES = re.compile("['’‘`´]")
_MONTH = re.compile(r"(\d+) tháng (\d+)|(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class UnitName:
    """One name of a commune of today: its own, one it had, or that of a district or province it is or was in."""

    level: str
    kind: str
    name: str
    former: bool


@dataclass(slots=True)
class Names:
    """Every name once, with its patterns: kind's word and name as letters, other ways to say it, initials."""

    phrase: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    letters: "array[int]" = field(default_factory=lambda: array("H"))
    at: "array[int]" = field(default_factory=lambda: array("i", [0]))
    name_at: "array[int]" = field(default_factory=lambda: array("h"))
    kind: "array[int]" = field(default_factory=lambda: array("b"))
    of: "array[int]" = field(default_factory=lambda: array("i"))
    only: "array[int]" = field(default_factory=lambda: array("b"))

    def number(self, kind: str, name: str, default: int = 0) -> int:
        """The phrase of a name; `default` is the kind people say where none is written."""
        words = [word for word in _BETWEEN.split(_APOSTROPHES.sub("", name)) if word]
        codes = tuple(c for word in words for c in letters(word))
        key = bare(kind), codes
        known = self.phrase.get(key)
        if known is not None:
            return known
        number = self.phrase[key] = len(self.shown)
        self.shown.append(f"{kind} {name}".strip())
        place = KIND_OF.get(bare(kind), default)
        self._put(number, place, codes, 0)
        month = _MONTH.fullmatch(name)
        if month:
            other = f"{month[1]}/{month[2]}" if month[1] else f"{month[3]} tháng {month[4]}"
            self._put(number, place, tuple(c for word in other.split() for c in letters(word)), 0)
        if len(words) == 2 and words[0] == "số" and words[1][:1].isdigit():
            self._put(number, place, letters(words[1]), 0)
        if len(words) >= 3:
            self._put(number, place, tuple(letters(word)[0] for word in words if letters(word)), 2)
        return number

    def _put(self, number: int, kind: int, codes: Sequence[int], only: int) -> None:
        word = [c for part in KINDS[kind].text.split() for c in letters(part)]
        digits = len(codes) < 2 or all((c & BASE) >= FIRST_DIGIT for c in codes)
        self.letters.extend(word)
        self.letters.extend(codes)
        self.at.append(len(self.letters))
        self.name_at.append(len(word))
        self.kind.append(kind)
        self.of.append(number)
        self.only.append(only or int(digits))


@dataclass(frozen=True, slots=True)
class AddressIndex:
    """Arrays of `geo.addresses.groups_found`; addresses are sorted by group and house key.

    `ids`, `lon`, `lat` (1e-7 degrees), `keys`, `alive` per address; `group_rows` offsets; `by_id` sorts `ids`.
    """

    names: Names
    patterns: tuple[Array, ...]
    unit_names: tuple[Array, Array, Array, Array]
    group_names: Array
    group_unit: Array
    group_rows: Array
    of_word: dict[str, Array]
    ids: Array
    by_id: Array
    keys: Array
    lon: Array
    lat: Array
    alive: Array

    @property
    def size(self) -> int:
        """How many addresses it holds."""
        return len(self.ids)

    def forget(self, ids: Iterable[int]) -> None:
        """Addresses that are not found any more."""
        wanted = np.fromiter(ids, np.int64)
        at = np.searchsorted(self.ids[self.by_id], wanted)
        at = at[at < len(self.by_id)]
        rows = self.by_id[at]
        self.alive[rows[np.isin(self.ids[rows], wanted)]] = False

    def memory(self) -> int:
        """Bytes of its arrays; the names and words, which do not grow with the houses, are left out."""
        arrays = (
            self.ids,
            self.by_id,
            self.keys,
            self.lon,
            self.lat,
            self.alive,
            self.group_rows,
            self.group_names,
        )
        return sum(a.nbytes for a in arrays)


@dataclass(slots=True)
class Gathering:
    """Addresses on their way into an index."""

    units: Mapping[int, Sequence[UnitName]]
    provinces: frozenset[str] = frozenset()
    names: Names = field(default_factory=Names)
    _tails: dict[tuple[str, int], int] = field(default_factory=dict)
    _heads: dict[str, bytes] = field(default_factory=dict)
    _groups: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    _given: dict[int, set[int]] = field(default_factory=dict)
    _whole: bytes = b""
    _of: "array[int]" = field(default_factory=lambda: array("i"))
    _ids: "array[int]" = field(default_factory=lambda: array("q"))
    _lon: "array[int]" = field(default_factory=lambda: array("i"))
    _lat: "array[int]" = field(default_factory=lambda: array("i"))
    _keys: list[bytes] = field(default_factory=list)

    def add(self, rows: Iterable[tuple[int, str, int, float, float]]) -> None:
        """Rows of (id, text, unit of today or 0, longitude, latitude in degrees)."""
        tails, heads = self._tails, self._heads
        of, ids, keys = self._of.append, self._ids.append, self._keys.append
        lons, lats = self._lon.append, self._lat.append
        for number, text, unit, lon, lat in rows:
            head, tail = split_house(text)
            group = tails.get((tail, unit)) if head else None
            if group is None:
                group = self._group(tail, unit, bool(head))
            key = heads.get(head) if head else self._whole
            if key is None:
                key = heads[head] = _key_of(head)
            of(group)
            ids(number)
            lons(int(lon * 1e7))
            lats(int(lat * 1e7))
            keys(key)

    def _group(self, tail: str, unit: int, housed: bool) -> int:
        parts = parse(tail, self.provinces, housed=housed)
        self._whole = b"" if parts.house is None else parts.house.key.encode("ascii", "ignore")[:KEY_BYTES]
        street = -1 if parts.street is None else self._name(parts.street, _STREET_KIND)
        hamlets = [self._name(one, KIND_OF["thon"]) for one in parts.hamlets[:2]]
        self._note(unit, parts)
        first, second = [*hamlets, -1, -1][:2]
        key = (street, first, second, unit)
        group = self._groups.setdefault(key, len(self._groups))
        self._tails[tail, unit] = group
        return group

    def _name(self, named: Named, default: int) -> int:
        return self.names.number(named.kind, named.name, default)

    def _note(self, unit: int, parts: Parts) -> None:
        """Names the texts use for a unit."""
        given = self._given.setdefault(unit, set())
        for level, named in enumerate((parts.commune, parts.district, parts.province)):
            if named is not None:
                given.add(self._name(named, KIND_OF[("phuong", "quan", "tinh")[level]]) * 3 + level)

    def index(self) -> AddressIndex:
        """The index over what was added."""
        units = {unit: n for n, unit in enumerate(sorted({key[3] for key in self._groups}))}
        unit_names = self._unit_names(units)
        groups = np.array([(*key[:3], units[key[3]]) for key in self._groups], np.int32).reshape(-1, 4)
        keys = keys_of(self._keys)
        of = np.frombuffer(self._of, np.int32) if self._of else np.zeros(0, np.int32)
        order = np.lexsort((keys[:, 1], keys[:, 0], of))
        ids = _taken(self._ids, np.int64, order)
        n = self.names
        return AddressIndex(
            n,
            tuple(
                np.array(a, t)
                for a, t in ((n.letters, np.uint16), (n.at, np.int32), (n.name_at, np.int32), (n.kind, np.int8),
                             (n.of, np.int32), (n.only, np.int8))
            ),
            unit_names,
            np.ascontiguousarray(groups[:, :3]),
            np.ascontiguousarray(groups[:, 3]),
            np.searchsorted(of[order], np.arange(len(groups) + 1)).astype(np.int64),
            self._words(groups, unit_names),
            ids,
            np.argsort(ids, kind="stable"),
            np.ascontiguousarray(keys[order]),
            _taken(self._lon, np.int32, order),
            _taken(self._lat, np.int32, order),
            np.ones(len(order), np.bool_),
        )  # fmt: skip

    def _unit_names(self, units: Mapping[int, int]) -> tuple[Array, Array, Array, Array]:
        """Offsets per unit, and per entry phrase, level, whether it is a former name."""
        at, phrases, levels, former = [0], [], [], []
        for unit in units:
            known: dict[tuple[int, int], bool] = {}
            for one in self.units.get(unit, ()):
                level = LEVELS.index(one.level)
                default = KIND_OF[("phuong", "quan", "tinh")[level]]
                key = self.names.number(one.kind.lower(), one.name.lower(), default), level
                known[key] = known.get(key, True) and one.former
            for mark in sorted(self._given.get(unit, ())):
                known.setdefault((mark // 3, mark % 3), False)
            for (phrase, level), old in known.items():
                phrases.append(phrase)
                levels.append(level)
                former.append(old)
            at.append(len(phrases))
        return (
            np.array(at, np.int32), np.array(phrases, np.int32), np.array(levels, np.int8), np.array(former, np.bool_)
        )  # fmt: skip

    def _words(self, groups: Array, unit_names: tuple[Array, ...]) -> dict[str, Array]:
        """Groups by word without marks: for words in an order that no name has."""
        shown = [[bare(w) for w in text.split()] for text in self.names.shown]
        of_unit = [
            {
                w
                for e in range(unit_names[0][u], unit_names[0][u + 1])
                if unit_names[2][e] == 0
                for w in shown[unit_names[1][e]]
            }
            for u in range(len(unit_names[0]) - 1)
        ]
        found: dict[str, array[int]] = {}
        for g, (*names, unit) in enumerate(groups.tolist()):
            for word in of_unit[unit].union(*(shown[p] for p in names if p >= 0)):
                found.setdefault(word, array("i")).append(g)
        return {word: np.frombuffer(groups_of, np.int32) for word, groups_of in found.items()}


def _key_of(head: str) -> bytes:
    plain = _PLAIN_HOUSE.fullmatch(head)
    if plain:  # nearly all
        return head.lstrip("KkHh" if "/" in head else "").upper().encode()[:KEY_BYTES]
    meant = house(head.replace(",", " ").split())
    return b"" if meant is None else meant.key.encode("ascii", "ignore")[:KEY_BYTES]


def _taken(values: "array[int]", kind: Any, order: Array) -> Array:
    return (np.frombuffer(values, kind) if values else np.zeros(0, kind))[order]
