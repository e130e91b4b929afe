"""Field to finish: codes that the surveyor types at each point make rings of them.

The convention, small enough to remember in the field (R for ranh, T for thửa):

    R12      the point is a corner of plot 12; corners come in the order of the file
    R12 3    … its third corner: where numbers are given they are the order, not the file
    R12 C    … and the ring ends here (C, CL, K, KHEP); what follows with R12 is a ring of its own, such as a hole
    R12 S    … and a ring begins here (S, ST, BD)
    R12/R13  … of both plots: separate codes by / or +

`RT12`, `T12`, `TH12`, `THUA12` mean the same; between the parts stand a space, a point, a hyphen, an underscore or nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PREFIXES = ("R", "RT", "T", "TH", "THUA")
STARTS = ("S", "ST", "BD")
CLOSES = ("C", "CL", "K", "KHEP")
MAX_CODE_CHARS = 60
_CODE = re.compile(
    rf"(?:{'|'.join(PREFIXES)})[ ._-]?(\d{{1,6}}[A-Z]?)(?:[ ._-](\d{{1,4}}))?(?:[ ._-]({'|'.join(STARTS + CLOSES)}))?"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one code says: the plot's number, the corner's place in it where told, whether a ring starts or closes."""

    number: str
    order: int | None = None
    starts: bool = False
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """The ring of a plot: positions of its points in the list that was given, and whether a mark closed it."""

    number: str
    positions: tuple[int, ...]
    closed: bool


def marks(code: str | None) -> list[Mark]:
    """What a code says of plots; empty for codes of other things (CD, TD, COT …)."""
    if not code or len(code) > MAX_CODE_CHARS:
        return []
    said = []
    for part in re.split(r"[/+]", code.upper()):
        match = _CODE.fullmatch(part.strip())
        if match:
            order = int(match[2]) if match[2] else None
            said.append(Mark(match[1], order, match[3] in STARTS, match[3] in CLOSES))
    return said


def rings(codes: Iterable[str | None]) -> list[Coded]:
    """The rings that the codes of a list of points make, in the order in which their plots begin.

    None are made where no plot has three points: then these are codes of something else.
    """
    open_rings: dict[str, list[tuple[int, int | None]]] = {}
    done: list[tuple[str, list[tuple[int, int | None]], bool]] = []
    for position, code in enumerate(codes):
        for mark in marks(code):
            if mark.starts and open_rings.get(mark.number):
                done.append((mark.number, open_rings.pop(mark.number), False))
            open_rings.setdefault(mark.number, []).append((position, mark.order))
            if mark.closes:
                done.append((mark.number, open_rings.pop(mark.number), True))
    done.extend((number, members, False) for number, members in open_rings.items())
    if not any(len(members) >= 3 for _, members, _ in done):
        return []
    made = []
    for number, members, closed in done:
        if all(order is not None for _, order in members):
            members.sort(key=lambda m: m[1] or 0)
        made.append(Coded(number, tuple(position for position, _ in members), closed))
    return sorted(made, key=lambda ring: min(ring.positions))
