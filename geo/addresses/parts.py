"""The parts of an address text: house and alleys, street, hamlets, commune, former district, province."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from geo.addresses.house import House, house
from geo.addresses.letters import bare
from geo.addresses.read import HOUSE, KIND, Word, read
from geo.addresses.words import KINDS


@dataclass(frozen=True, slots=True)
class Named:
    """A name with the word for its kind: (`phường`, `hòa xuân`), in lower case; the kind may be empty."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Parts:
    """What an address text says; each part as written (in lower case, shortened words written out), or None."""

    house: House | None = None
    street: Named | None = None
    hamlets: tuple[Named, ...] = ()
    commune: Named | None = None
    district: Named | None = None
    province: Named | None = None


@dataclass(slots=True)
class _Found:
    street: Named | None = None
    hamlets: list[Named] = field(default_factory=list)
    commune: Named | None = None
    district: Named | None = None
    province: Named | None = None
    loose: list[tuple[int, str]] = field(default_factory=list)


def parse(text: str, provinces: frozenset[str] = frozenset(), *, housed: bool = False) -> Parts:
    """The parts of `text`; `provinces`: names without marks that a part without a kind may be (`da nang`).

    `housed`: the house was taken off before (`split_house`), so that every number belongs to a name.
    """
    words = read(text)
    found = _Found()
    first, last = (0, 0) if housed else _house_run(words)
    rest = [*words[:first], *words[last:]]
    for n, piece in enumerate(_pieces(rest)):
        _place(
            found, n, piece, n == 0 and (housed or (first < last < len(words) and piece[0] is words[last]))
        )
    _settle(found, provinces)
    return Parts(
        house([w.text for w in words[first:last]]),
        found.street,
        tuple(found.hamlets),
        found.commune,
        found.district,
        found.province,
    )


def _house_run(words: Sequence[Word]) -> tuple[int, int]:
    """From where to where the house number stands; not the number of a name, as in phường Hải Châu 1."""
    named = False
    for n, word in enumerate(words):
        if word.role == HOUSE and not named:
            end = n
            while end < len(words) and words[end].role == HOUSE:
                end += 1
            return n, end
        if word.role == KIND and word.kind >= 0:
            named = True
        named = named and not word.ends
    return 0, 0


def _pieces(words: Sequence[Word]) -> list[list[Word]]:
    """Cut at commas, and before a word for a kind that does not stand in a name."""
    pieces: list[list[Word]] = [[]]
    for n, word in enumerate(words):
        begins = word.role == KIND and word.kind >= 0 and KINDS[word.kind].level != "street"
        begins = begins and not word.ends and n + 1 < len(words)  # Thôn Bồ Bản, Đường Liên Xã
        if begins and pieces[-1] and any(w.role != KIND for w in pieces[-1]):
            pieces.append([])
        pieces[-1].append(word)
        if word.ends:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _place(found: _Found, n: int, piece: Sequence[Word], after_house: bool) -> None:
    head = piece[0]
    kind = KINDS[head.kind] if head.role == KIND and head.kind >= 0 else None
    length = len(kind.text.split()) if kind else 0
    name = " ".join(w.text for w in piece[length:])
    if kind is None or not name or (after_house and kind.level == "commune"):  # 152 Xã Đàn is a street
        found.loose.append((n, " ".join(w.text for w in piece)))
        return
    named = Named(kind.text, name)
    if kind.level == "street":
        found.street = found.street or named
    elif kind.level == "hamlet":
        found.hamlets.append(named)
    elif kind.level == "commune":
        found.commune = found.commune or named
    elif kind.level == "district":
        found.district = found.district or named
    elif found.province is None:
        found.province = named
    elif found.district is None:  # Thành phố Thủ Đức, Thành phố Hồ Chí Minh
        found.district, found.province = found.province, named


def _settle(found: _Found, provinces: frozenset[str]) -> None:
    """What stands without a kind: first the street, then from the end the province, the district, the commune."""
    loose = found.loose
    if loose and found.street is None and (loose[0][0] == 0 or len(loose) > 1):
        found.street = Named("", loose.pop(0)[1])
    if loose and found.province is None and bare(loose[-1][1]) in provinces:
        found.province = Named("", loose.pop()[1])
    if (loose and found.commune is not None and found.district is None) or (
        len(loose) > 1 and found.district is None and found.commune is None
    ):
        found.district = Named("", loose.pop()[1])
    if loose and found.commune is None:
        found.commune = Named("", loose.pop()[1])
    found.hamlets += [Named("", name) for _, name in loose]


_LEADING = re.compile(
    r"\s*(?:số(?:\s+nhà)?\s+)?([kKhH]?\d[\w/\-]*(?:\s[A-Ca-c](?=[\s,]))?)((?:\s*,?\s*(?:ngõ|ngách|hẻm|kiệt)\s+\d[\w/\-]*)*)\s*[,\s]\s*(?!tháng\s)",
    re.IGNORECASE,
)


def split_house(text: str) -> tuple[str, str]:
    """(house number with its alleys, the rest) of a text that begins with it; ("", text) for others. Quick, for a million."""
    match = _LEADING.match(text)
    return (match.group(1) + match.group(2), text[match.end() :]) if match else ("", text)
