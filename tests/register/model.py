"""A register as a plain model: what stands, what each correction did, and what therefore stood at any moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
import psycopg
import shapely

Json = Mapping[str, Any]
Rows = tuple[tuple[str, int, int], ...]
GRID_M = 0.001


class Parcel(NamedTuple):
    """A parcel as it stands: `shape` as WKB on the millimetre."""

    sheet: str
    number: str
    land_use: str
    legal: Decimal | None
    provisional: bool
    shape: bytes

    @property
    def ground(self) -> shapely.Geometry:
        return shapely.from_wkb(self.shape)


class Link(NamedTuple):
    """An address of a parcel."""

    code: str
    scheme: str
    digital: str
    text: str | None
    main: bool


Present = dict[str, Parcel]
Change = dict[str, tuple[Parcel | None, Parcel | None]]
"""Before and after, by code."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an applied correction did, and the present it left."""

    id: int
    seq: int
    kind: str
    reverts: int | None
    effective_on: date
    made_at: datetime
    change: Change
    ended: frozenset[Link]
    begun: frozenset[Link]
    present: Present
    links: frozenset[Link]


@dataclass(slots=True)
class Model:
    """All that was ever done, in order, and what stands by it. `since`: of what stands, the legal day it began."""

    present: Present = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
    since: dict[str, date] = field(default_factory=dict)
    links_since: dict[Link, date] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    numbers: dict[str, set[str]] = field(default_factory=dict)
    done: dict[int, Done] = field(default_factory=dict)

    def do(self, head: tuple[Any, ...], change: Change, ended: Iterable[Link], begun: Iterable[Link]) -> Done:
        """Take over one correction: `head` is its id, seq, kind, what it reverts, legal day, instant."""
        ended, begun = frozenset(ended), frozenset(begun)
        for code, (before, after) in change.items():
            assert self.present.get(code) == before, f"{code} was not as {head} says"
            if after is None:
                del self.present[code], self.since[code]
            else:
                self.present[code], self.since[code] = after, head[4]
        assert ended <= self.links
        self.links = (self.links - ended) | begun
        self.links_since |= dict.fromkeys(begun, head[4])
        if head[2] != "revert":
            self._refuse_reuse(change)
        for code, (_, after) in change.items():
            self.codes.add(code)
            if after is not None:
                self.numbers.setdefault(after.sheet, set()).add(after.number)
        id, seq, kind, reverts, effective_on, made_at = head
        one = Done(
            id, seq, kind, reverts, effective_on, made_at, change, ended, begun, dict(self.present), self.links
        )  # fmt: skip
        self.done[id] = one
        return one

    def _refuse_reuse(self, change: Change) -> None:
        """Codes are issued once; a number once used on a sheet is nobody else's; T… is for provisional parcels."""
        for code, (before, after) in change.items():
            assert before is not None or code not in self.codes, f"the code {code} was issued before"
            if after is None:
                continue
            if before is None or (before.sheet, before.number) != (after.sheet, after.number):
                used = self.numbers.get(after.sheet, set())
                assert after.number not in used, f"number {after.number} of {after.sheet} was used before"
                assert after.provisional or not after.number.startswith("T"), f"{after.number} is official"

    def early(self, change: Change, day: date) -> bool:
        """Whether something that would end has begun after `day`."""
        ends = {code for code, (before, after) in change.items() if before is not None and after is None}
        return any(
            self.since[code] > day for code, (before, _) in change.items() if before is not None
        ) or any(link.code in ends and self.links_since[link] > day for link in self.links)

    def inverse(self, id: int) -> tuple[Change, frozenset[Link], frozenset[Link]]:
        """What undoing a correction does: its change, and the links it ends and begins."""
        one = self.done[id]
        return {code: (after, before) for code, (before, after) in one.change.items()}, one.begun, one.ended

    def undos(self, id: int, seq: int | None = None) -> list[Done]:
        """The undo of it, the undo of that …, as known at `seq`."""
        found: list[Done] = []
        while True:
            one = next((d for d in self.done.values() if d.reverts == id), None)
            if one is None or (seq is not None and one.seq > seq):
                return found
            found.append(one)
            id = one.id

    def in_force(self, id: int, seq: int | None = None) -> bool:
        return len(self.undos(id, seq)) % 2 == 0

    def stands_on(self, id: int) -> bool:
        """Whether later corrections, their undos taken off, touch parcels or links of this one."""
        mine = self.done[id]
        net: dict[int, int] = {}
        for one in self.done.values():
            root = one
            while root.reverts is not None:
                root = self.done[root.reverts]
            if one.id > id and _touch(mine, one):
                net[root.id] = net.get(root.id, 0) + 1
        return any(count % 2 for count in net.values())

    def by_law(self, seq: int, day: date) -> tuple[Present, frozenset[Link]]:
        """What stood on `day` as known at `seq`: what was done by then and not undone, up to that day."""
        present: Present = {}
        links: frozenset[Link] = frozenset()
        for one in self.done.values():
            if (
                one.seq > seq
                or one.effective_on > day
                or one.kind == "revert"
                or not self.in_force(one.id, seq)
            ):
                continue
            for code, (_, after) in one.change.items():
                if after is None:
                    present.pop(code, None)
                else:
                    present[code] = after
            links = (links - one.ended) | one.begun
        return present, links


def _touch(mine: Done, other: Done) -> bool:
    links = {link.code for link in mine.begun | mine.ended}
    return bool(mine.change.keys() & other.change.keys()) or bool(
        links & {link.code for link in other.begun | other.ended}
    )


def on_grid(shape: shapely.Geometry) -> bytes:
    """WKB, two dimensions, on the millimetre."""
    wkb: bytes = shapely.to_wkb(
        shapely.transform(shape, lambda xy: xy.round(3)), output_dimension=2, byte_order=1
    )
    return wkb


def from_preview(told: Json, sheet: str) -> Parcel:
    """What a preview says of a parcel before or after."""
    legal = (
        None
        if told["legal_area_m2"] is None
        else Decimal(str(told["legal_area_m2"])).quantize(Decimal("0.01"))
    )
    shape = on_grid(shapely.from_geojson(orjson.dumps(told["shape"])))
    return Parcel(sheet, told["number"], told["land_use"], legal, told["provisional"], shape)


def change_of(preview: Json, sheets: Mapping[int, str]) -> Change:
    """What a preview says will be done with each parcel."""
    change: Change = {}
    for told in preview["parcels"]:
        before = None if told["before"] is None else from_preview(told["before"], told["before"]["sheet"])
        after = None if told["after"] is None else from_preview(told["after"], sheets[told["after"]["sheet"]])
        if told["code"] is None:  # a draft that is stopped has no codes for its new parcels
            continue
        assert told["code"] not in change, "one row for each parcel"
        change[told["code"]] = before, after
    return change


def stored(conn: psycopg.Connection) -> tuple[Present, dict[str, int]]:
    """What stands in the register, and its versions, by code."""
    rows = conn.execute(
        "select v.code, v.id, s.number, v.number, v.land_use, v.legal_area_m2, v.provisional, st_asbinary(v.shape) "
        "from parcel_version v join sheet s on s.id = v.sheet where v.closed_by is null", binary=True
    ).fetchall()  # fmt: skip
    present = {code: Parcel(*facts, on_grid(shapely.from_wkb(bytes(wkb)))) for code, _, *facts, wkb in rows}
    assert len(present) == len(rows), "one current version for each code"
    return present, {row[0]: row[1] for row in rows}


def stored_links(conn: psycopg.Connection) -> frozenset[Link]:
    """Links that hold in the register."""
    rows = conn.execute(
        "select l.code, a.scheme, a.code, a.text, l.main from parcel_address l join address a on a.id = l.address "
        "where l.closed_by is null"
    ).fetchall()  # fmt: skip
    links = frozenset(Link(*row) for row in rows)
    assert len(links) == len(rows), "an address is linked once"
    return links


def links_of(conn: psycopg.Connection, correction: int) -> tuple[frozenset[Link], frozenset[Link]]:
    """Links a correction ended, and those it made."""
    select = "select l.code, a.scheme, a.code, a.text, l.main from parcel_address l join address a on a.id = l.address where "
    ended, begun = (
        frozenset(Link(*row) for row in conn.execute(f"{select}{by} = %s", [correction]))
        for by in ("l.closed_by", "l.opened_by")
    )
    return ended, begun


def overlapping(present: Present, codes: Iterable[str]) -> list[tuple[str, str, float]]:
    """Pairs of parcels, one of them among `codes`, that share ground wider than the grid, with its size."""
    names = sorted(present)
    shapes = [present[name].ground for name in names]
    tree = shapely.STRtree(shapes)
    found = {}
    for code in set(codes) & present.keys():
        mine = present[code].ground
        for k in tree.query(mine, predicate="intersects"):
            parts = shapely.get_parts(shapely.intersection(mine, shapes[k]))
            wide = [p.area for p in parts if p.length > 0 and 2 * p.area / p.length > GRID_M]
            if names[k] != code and wide:
                pair = sorted((code, names[k]))
                found[pair[0], pair[1]] = sum(wide)
    return [(a, b, size) for (a, b), size in found.items()]


def check_ground(change: Change) -> None:
    """The ground before is the ground after, but for rounding to the millimetre along the borders."""
    before, after = (
        [pair[side].ground for pair in change.values() if pair[side] is not None]  # type: ignore[union-attr]
        for side in (0, 1)
    )
    least = GRID_M * sum(shape.length for shape in (*before, *after))
    was, now = shapely.union_all(before), shapely.union_all(after)
    off = was.symmetric_difference(now).area
    assert off <= least, f"{off} m² are not the same ground"
    areas = [sum(shape.area for shape in side) for side in (before, after)]
    if areas[0] - was.area <= least:  # else some of them lie on one another, as they were imported
        assert abs(areas[0] - areas[1]) <= least, f"{areas[0]} m² became {areas[1]} m²"
