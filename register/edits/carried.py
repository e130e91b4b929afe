"""Addresses of parcels that are split, merged or measured into others: which part each goes to, and that none is lost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import shapely

from geo import crs
from register.edits.intents import Assigned
from register.edits.row import Plan, Row
from register.errors import EditError, StaleError
from register.statements import load

KINDS = frozenset({"split", "merge", "survey"})
_SHARED_M2 = 0.1


@dataclass(frozen=True, slots=True)
class Carried:
    """Links that go to rows of a correction (`n` from 1), and those that end: their text stands at each part, or nobody takes
    the ground."""

    moved: Sequence[dict[str, Any]] = ()
    kept: Sequence[int] = field(default_factory=list)

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Once the rows stand in `change`: end the links of parcels that stay."""
        sql = load("register.edits", "carried.sql")
        conn.execute(sql["open"])
        conn.execute(sql["empty"])
        if self.moved:
            moved = [{"n": one["n"], "link": one["link"]} for one in self.moved]
            conn.execute(sql["fill"], {"moved": json.dumps(moved)})
            conn.execute(sql["end"], {"correction": correction})

    def settle(self, conn: psycopg.Connection, correction: int) -> int:
        """How many links began, once parcels are opened and those that end have lost their links.

        Raises: StaleError where an address was linked since the correction was worked out: it would be lost.
        """
        sql = load("register.edits", "carried.sql")
        left = conn.execute(sql["left"], {"correction": correction, "kept": list(self.kept)}).fetchone()
        if left is not None:
            raise StaleError(
                f"Parcel {left[0]} got another address since this correction was drafted: look at it again.",
                f"Thửa {left[0]} có thêm địa chỉ sau khi bản thảo này được lập: hãy xem lại.",
                {},
            )
        return conn.execute(sql["begin"], {"correction": correction}).rowcount if self.moved else 0


def carried_of(kind: str, moved: Sequence[dict[str, Any]], kept: Sequence[int]) -> Carried | None:
    """What was proposed, as it is applied; None for kinds that carry nothing."""
    return Carried(moved, kept) if kind in KINDS else None


def carried(conn: psycopg.Connection, plan: Plan, assigned: Sequence[Assigned] = ()) -> Carried:
    """Where the addresses of the parcels that end go: to the part their point lies in; else the one nearest to it, which has
    the same frontage; else the largest. What `assigned` says goes before, also for the parcel that keeps its code.

    Codes and texts that follow from the parcel's point are not carried: parts have their own, with the text.
    Raises: EditError for an address or a part that is not there.
    """
    parts = [(n, row) for n, row in enumerate(plan.rows, 1) if row.opens and row.role != "neighbour"]
    sources = {row.before.code: row for row in plan.rows if row.before is not None and not row.opens}
    stays = {row.before.code: row for _, row in parts if row.role == "remainder" and row.before is not None}
    if not any(row.before is None or row.role in ("remainder", "whole") for _, row in parts):
        return Carried()
    links = conn.execute(
        load("register.edits", "carried.sql")["links"], {"codes": [*sources, *(stays if assigned else ())]}
    ).fetchall()
    said = dict(enumerate(assigned))
    moved: list[dict[str, Any]] = []
    kept: list[int] = []
    ordered = [(n, row) for n, row in parts if row.role in ("part", "remainder")]
    for link, code, scheme, digital, text, main, lon, lat in links:
        mine = [k for k, one in said.items() if _names(one, scheme, digital, text)]
        if mine:
            n, row, how = *_part(ordered, said.pop(mine[0]).part), "assigned"
        elif code in stays:
            continue
        else:
            found = _place(sources[code], parts, lon, lat)
            if found is None:  # nobody takes its ground: its addresses end with it
                kept.append(link)
                continue
            n, row, how = found
            if scheme in ("olc", "text") and all(
                r.before is None and r.address == text for _, r in _on(sources[code], parts)
            ):
                kept.append(link)
                continue
        if row.before is not None and row.before.code == code:
            continue
        moved.append(
            {
                "link": link,
                "from": code,
                "n": n,
                "scheme": scheme,
                "code": digital,
                "text": text,
                "main": main,
                "how": how,
            }
        )
    if said:
        one = next(iter(said.values()))
        raise EditError(
            f"The parcel has no such address: {one.code or one.text}.",
            f"Thửa không có địa chỉ này: {one.code or one.text}.",
            "not_linked",
        )
    return Carried(moved, kept)


def _names(one: Assigned, scheme: str, digital: str, text: str | None) -> bool:
    return (
        (one.scheme is None or one.scheme == scheme)
        and (one.code is None or one.code.upper() == digital)
        and (one.text is None or one.text == text)
    )


def _part(ordered: Sequence[tuple[int, Row]], part: int) -> tuple[int, Row]:
    if part >= len(ordered):
        raise EditError(
            f"There are {len(ordered)} parts: part goes from 0 to {len(ordered) - 1}.",
            f"Có {len(ordered)} thửa sau tách: part chỉ từ 0 đến {len(ordered) - 1}.",
            "no_such_part",
        )
    return ordered[part]


def _on(source: Row, parts: Sequence[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """The parts that take over ground of a parcel that ends."""
    shape = source.geometry
    return [
        (n, row)
        for n, row in parts
        if row.epsg == source.epsg
        and shapely.intersects(row.geometry, shape)
        and shapely.area(shapely.intersection(row.geometry, shape)) > _SHARED_M2
    ]


def _place(
    source: Row, parts: Sequence[tuple[int, Row]], lon: float | None, lat: float | None
) -> tuple[int, Row, str] | None:
    there = _on(source, parts)
    if not there:
        return None
    if lon is None or lat is None:
        return *max(there, key=lambda part: (shapely.area(part[1].geometry), -part[0])), "largest"
    east, north = crs.from_wgs84(source.epsg, [lon], [lat])
    point = shapely.Point(float(east[0]), float(north[0]))
    nearest = min(there, key=lambda part: (shapely.distance(part[1].geometry, point), part[0]))
    inside = shapely.distance(nearest[1].geometry, point) == 0
    return *nearest, "point" if inside else "frontage"
