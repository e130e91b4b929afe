"""House numbers with their alleys: `số 12 ngõ 45`, `K45/12`, `45/12` and `hẻm 45 số 12` are the same house."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from geo.addresses.letters import bare
from geo.addresses.words import ALLEYS

_ALLEY_LETTER = re.compile(r"[kh](?=\d)")


@dataclass(frozen=True, slots=True)
class House:
    """A house number (số nhà; empty: only alleys are named) and the alleys that lead to it, from the street inwards."""

    number: str
    alleys: tuple[str, ...]

    @property
    def key(self) -> str:
        """The one form all ways of writing it share: alleys, then the house, with slashes; `45/` is alley 45 itself."""
        return "/".join((*self.alleys, self.number))


def house(words: Sequence[str]) -> House | None:
    """The house that words like `số 3 ngách 12 ngõ 45` name, in any order; None where no number stands among them."""
    number = ""
    alleys: list[tuple[int, int, list[str]]] = []
    level = -1
    for n, word in enumerate(words):
        plain = bare(word)
        if plain in ALLEYS:
            level = ALLEYS[plain]
        elif any(c.isdigit() for c in plain):
            parts = [p for p in plain.upper().split("/") if p]
            if level >= 0:
                alleys.append((level, -n if number else n, parts))
            elif not number:
                parts[0] = _ALLEY_LETTER.sub("", parts[0].lower()).upper() if len(parts) > 1 else parts[0]
                number = "/".join(parts)
            level = -1
    if not number and not alleys:
        return None
    way: list[str] = []
    for _, _, parts in sorted(alleys, key=lambda alley: alley[:2]):
        # `ngách 45/12 ngõ 45` says the outer alley again
        way = parts if way == parts[: len(way)] else [*way, *parts]
    *inner, last = number.split("/") if number else [""]
    if way and way == inner[: len(way)]:
        inner = inner[len(way) :]
    return House(last, (*way, *inner))
