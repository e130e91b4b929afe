"""Slivers whose repairs could touch one parcel belong into one draft: drafts of different clusters never conflict."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

MOST_PARCELS: Final = 100
"""Parcels of a draft that a person can still look through; what would make it larger waits for the next round."""


class Touching(Protocol):
    """A sliver: codes of the parcels along it, and of all that its repair could touch."""

    @property
    def parcels(self) -> tuple[str, ...]: ...
    @property
    def reach(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Cluster:
    """Codes of the parcels a draft names, and which slivers it would repair."""

    parcels: tuple[str, ...]
    slivers: tuple[int, ...]


def clusters(found: Sequence[Touching], taken: set[str], most: int = MOST_PARCELS) -> list[Cluster]:
    """Every cluster with all slivers of the parcels it names; none touches a parcel that is `taken` or another touches.

    A cluster grows from parcel to parcel; those that cannot come along stay for the next round, their slivers with them.
    """
    taken = set(taken)
    along: dict[str, list[int]] = defaultdict(list)
    touched: dict[str, list[int]] = defaultdict(list)
    for n, one in enumerate(found):
        for code in one.parcels:
            along[code].append(n)
        for code in one.reach:
            touched[code].append(n)
    out = []
    seen: set[int] = set()
    for n, first in enumerate(found):
        if n in seen:
            continue
        named, mine, reach = set[str](), set[int](), set[str]()
        queue, asked = deque(first.parcels), set(first.parcels)
        while queue and len(named) < most:
            code = queue.popleft()
            wider = set[str]().union(*(found[k].reach for k in along[code]))
            if not wider.isdisjoint(taken):
                continue
            named.add(code)
            mine.update(along[code])
            for near in wider - reach:
                for k in touched[near]:
                    new = [c for c in found[k].parcels if c not in asked]
                    asked.update(new)
                    queue.extend(new)
            reach |= wider
        seen |= mine
        taken |= reach
        if named:
            out.append(Cluster(tuple(sorted(named)), tuple(sorted(mine))))
    return out
