"""The search: from a typed text to the addresses it may mean, best first, each with what matched and how."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.addresses.groups_found import candidates, unit_options, weigh_groups
from geo.addresses.index import LEVELS, AddressIndex
from geo.addresses.letters import bare, has_marks, letters
from geo.addresses.names_found import EDIT, FAR, MARK, SLOTS, find_kinds, find_names
from geo.addresses.read import WORD
from geo.addresses.typed import KEY_BYTES, Typed, keys_of, understand
from geo.addresses.words import KINDS

Array = NDArray[Any]
Place = tuple[float, float]

MOST_CANDIDATES: Final = 20_000
NEXT: Final = 5
"""What the other houses of a street cost more than its first, where no house was typed."""
_MOST: Final = 320
_KIND_LETTERS: Final = [[c for part in kind.text.split() for c in letters(part)] for kind in KINDS]
_KIND_CODES: Final = np.array([c for one in _KIND_LETTERS for c in one], np.uint16)
_KIND_AT: Final = np.cumsum([0, *map(len, _KIND_LETTERS)]).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Match:
    """One part of an address that the typed text names: house, street, hamlet, commune, district or province.

    `how`: exact, without_marks, other_marks, typo, beginning, initials; `former`: by a name it had.
    """

    part: str
    name: str
    how: str
    former: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """An address by its id; `cost` counts typing errors as 100 (`geo.addresses.names_found`), `off` orders by nearness."""

    id: int
    cost: int
    off: float
    rank: int
    matched: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """The names that stand in the text, and the units they name."""

    names: tuple[Array, ...]
    options: tuple[Array, ...]


_LONE_LETTER = re.compile(r"(?<![^\W_])[^\W\d_](?![^\W_.])")


def find(
    indexes: Sequence[AddressIndex],
    text: str,
    limit: int,
    near: Place | None = None,
    *,
    unfinished: bool = True,
) -> list[Hit]:
    """The addresses of several indexes that `text` may mean, best first; `unfinished`: its last word may go on.

    Where only typing errors explain it, a lone letter is also read as itself, not as a shortened word.
    """

    def asked(plain: bool) -> list[Hit]:
        typed = understand(text, unfinished=unfinished, plain=plain)
        hits = [search(index, typed, limit, near) for index in indexes]
        return hits[0] if len(hits) == 1 else merged(hits, limit, near is not None)

    hits = asked(False)
    if (not hits or hits[0].cost >= EDIT) and _LONE_LETTER.search(text):
        other = asked(True)
        return other if other and (not hits or other[0].cost < hits[0].cost) else hits
    return hits


def search(index: AddressIndex, typed: Typed, limit: int, near: Place | None = None) -> list[Hit]:
    """The best `limit` addresses; none where no address has all that was typed, up to two typing errors.

    `near`: longitude and latitude; among equally good ones the nearest come first.
    """
    if not len(typed.codes) or not index.size:
        return []
    kinds = find_kinds(_KIND_CODES, _KIND_AT, typed.codes, typed.border, typed.unfinished)
    pattern, at, name_at, kind, phrase, only = index.patterns
    names = find_names(
        pattern, at, name_at, kind, phrase, only, len(index.names.shown), typed.codes, typed.border, kinds, typed.unfinished,
        2, 2 if typed.marked else 0,
    )  # fmt: skip
    found = _Found(names, unit_options(*index.unit_names, *names[:5]))
    hits = _weighed(index, typed, _candidates(index, typed, found), found, limit, near)
    return hits or _any_order(index, typed, found, limit, near)


def _candidates(index: AddressIndex, typed: Typed, found: _Found) -> Array:
    word = typed.sets[WORD]
    groups: Array = candidates(  # type: ignore[call-arg]
        index.group_names, index.group_unit, found.names[0], *found.options[:4], word[0], word[1], _MOST
    )
    return groups[:MOST_CANDIDATES]


def _weighed(
    index: AddressIndex, typed: Typed, groups: Array, found: _Found, limit: int, near: Place | None
) -> list[Hit]:
    if not len(groups):
        return []
    word, kind, _, number = typed.sets
    clusters = typed.clusters
    bounds = np.array([_bits(*c.letters) for c in clusters], np.uint64).reshape(-1, 2)
    place = np.array(near if near is not None else (np.nan, np.nan))
    total, chosen, rows, off, unsaid = weigh_groups(  # type: ignore[call-arg]
        groups, index.group_names, index.group_unit, *found.names[:5], *found.options[:4],
        word[0], word[1], kind[0], kind[1], number[0], number[1], bounds[:, 0].copy(), bounds[:, 1].copy(),
        keys_of([c.key for c in clusters]).reshape(-1, 2), np.array([len(c.key) for c in clusters], np.int64),
        np.array([c.open for c in clusters], np.bool_), index.group_rows, index.keys, index.alive,
        place, index.lon, index.lat, 1.0 if near is None else float(np.cos(np.radians(near[1]))), _MOST,
    )  # fmt: skip
    best = int(total.min())
    if best >= FAR:
        return []
    most = EDIT - 1 if best < EDIT else best + EDIT + EDIT // 2
    kept = np.flatnonzero(total <= most)
    if best < EDIT:  # where phường was typed and some are, those that are not do not go on with it
        kept = kept[unsaid[kept] == unsaid[kept].min()]
    tier = total[kept] // 25 if near is not None else total[kept]
    order = kept[np.lexsort((kept, off[kept], tier))]
    order = _spread(index, groups, order, total, near is not None)
    hits: list[Hit] = []
    for n, at in enumerate(order[:limit].tolist()):
        matched = _matched(index, typed, int(groups[at]), chosen[at], found, int(rows[at]))
        hits.append(Hit(int(index.ids[rows[at]]), int(total[at]), float(off[at]), n, matched))
    return _filled(index, typed, hits, order, groups, chosen, rows, limit)


def _spread(index: AddressIndex, of: Array, order: Array, total: Array, near: bool) -> Array:
    """Of equally good ones, each street of a commune once before any comes again (with another hamlet)."""
    head = order[:500]
    if near or len(head) < 2:
        return order
    groups = of[head]
    pairs = index.group_names[groups, 0].astype(np.int64) * (1 << 20) + index.group_unit[groups]
    again = np.zeros(len(head), np.int64)
    seen: dict[tuple[int, int], int] = {}
    for n, key in enumerate(zip(pairs.tolist(), total[head].tolist(), strict=True)):
        again[n] = seen.get(key, 0)
        seen[key] = int(again[n]) + 1
    return head[np.lexsort((np.arange(len(head)), again, total[head]))]


def _filled(
    index: AddressIndex,
    typed: Typed,
    hits: list[Hit],
    order: Array,
    groups: Array,
    chosen: Array,
    rows: Array,
    limit: int,
) -> list[Hit]:
    """Where there is room left: the houses that follow in the groups found."""
    for n, at in enumerate(order[: len(hits)].tolist()):
        if len(hits) >= limit:
            break
        cluster = typed.clusters[chosen[at, 4]] if chosen[at, 4] >= 0 else None
        last = int(index.group_rows[groups[at] + 1])
        first = hits[n]
        for row in range(int(rows[at]) + 1, min(last, int(rows[at]) + 1 + 4 * limit)):
            if len(hits) >= limit:
                break
            if cluster is not None:
                key = index.keys[row].astype(">u8").tobytes().rstrip(b"\0")
                same = key == cluster.key[:KEY_BYTES]
                if not same and not (cluster.open and key.startswith(cluster.key)):
                    break
                matched = first.matched if same else _goes_on(first.matched)
            else:
                matched = first.matched
            if index.alive[row]:
                hits.append(Hit(int(index.ids[row]), first.cost + NEXT, first.off, len(hits), matched))
    return hits


def _goes_on(matched: tuple[Match, ...]) -> tuple[Match, ...]:
    return tuple(Match("house", m.name, "beginning") if m.part == "house" else m for m in matched)


def _matched(
    index: AddressIndex, typed: Typed, group: int, chosen: Array, found: _Found, row: int
) -> tuple[Match, ...]:
    matched: list[Match] = []
    if chosen[4] >= 0:
        cluster = typed.clusters[int(chosen[4])]
        key = index.keys[row].astype(">u8").tobytes().rstrip(b"\0")
        how = "exact" if key == cluster.key else "beginning"
        matched.append(Match("house", key.decode("ascii"), how))
    for n, part in enumerate(("street", "hamlet", "hamlet")):
        if chosen[n] >= 0:
            phrase = int(index.group_names[group, n])
            matched.append(_said(index, part, phrase, int(chosen[n]), found, typed.marked))
    unit = int(index.group_unit[group])
    at, phrases, levels, former = index.unit_names
    for level, by in enumerate(found.options[4][unit, int(chosen[3])].tolist()):
        if by >= 0:
            entries = range(int(at[unit]), int(at[unit + 1]))
            old = any(former[e] for e in entries if phrases[e] == by // SLOTS and levels[e] == level)
            matched.append(
                _said(index, LEVELS[level], by // SLOTS, by % SLOTS, found, typed.marked, bool(old))
            )
    return tuple(matched)


def _said(
    index: AddressIndex, part: str, phrase: int, slot: int, found: _Found, marked: bool, former: bool = False
) -> Match:
    cost, cut, by = (int(found.names[n][phrase, slot]) for n in (3, 4, 5))
    typos, marks = divmod(cost, EDIT)
    how = "exact"
    if int(index.patterns[5][by]) == 2:
        how = "initials"
    elif cut:
        how = "beginning"
    elif typos or marks >= EDIT // 2:
        how = "typo"
    elif marks >= MARK:
        how = "other_marks"
    elif marks or (not marked and has_marks(index.names.shown[phrase])):
        how = "without_marks"
    return Match(part, index.names.shown[phrase], how, former)


def _any_order(index: AddressIndex, typed: Typed, found: _Found, limit: int, near: Place | None) -> list[Hit]:
    """Words in an order no name has (`phú trần`): every one must occur, without marks."""
    groups: Array | None = None
    for text in typed.names:
        some = index.of_word.get(bare(text))
        if some is None:
            return []
        groups = some if groups is None else np.intersect1d(groups, some, assume_unique=True)
    if groups is None or not len(groups):
        return []
    loose = replace(typed, sets=np.zeros((4, 2), np.uint64))
    hits = _weighed(index, loose, groups[:MOST_CANDIDATES].astype(np.int64), found, limit, near)
    return [Hit(h.id, h.cost + EDIT // 2, h.off, h.rank, h.matched) for h in hits]


def merged(lists: Sequence[list[Hit]], limit: int, by_nearness: bool) -> list[Hit]:
    """Hits of several indexes as one list."""
    best = min((h.cost for hits in lists for h in hits), default=0)
    kept = [h for hits in lists for h in hits if best >= EDIT or h.cost < EDIT]
    kept.sort(key=lambda h: (h.cost // 25, h.off, h.rank) if by_nearness else (h.cost, h.rank, 0))
    return kept[:limit]


def _bits(first: int, last: int) -> tuple[int, int]:
    bits = (1 << last) - (1 << first)
    return bits & 0xFFFFFFFFFFFFFFFF, bits >> 64
