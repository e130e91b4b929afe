"""The whole past of a register beside that of its model: as known at instants, and by law on days as known then."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from register.clocks import AsOf
from register.find import ParcelQuery
from tests.register.handed_in import DAY
from tests.register.model import Link, Model, Parcel
from tests.register.test_past import all_pages

LOOKS = 5
Short = dict[str, tuple[Any, ...]]


def _said(features: list[dict[str, Any]]) -> Short:
    """Features of an answer by code; each once."""
    assert len({f["id"] for f in features}) == len(features), "a parcel is told once"
    return {
        f["id"]: (p["sheet"]["number"], p["number"], p["land_use"], p["legal_area_m2"], round(float(p["area_m2"]), 1),
                  sorted(json.dumps([a["scheme"], a["code"], a["text"], a["main"]]) for a in p["addresses"]))
        for f in features for p in [f["properties"]]
    }  # fmt: skip


def _short(present: dict[str, Parcel], links: Iterable[Link]) -> Short:
    """The same of the model."""
    mine: dict[str, list[str]] = {code: [] for code in present}
    for x in links:
        if x.code in mine:
            mine[x.code].append(json.dumps([x.scheme, x.digital, x.text, x.main]))
    return {
        code: (p.sheet, p.number, p.land_use, None if p.legal is None else float(p.legal),
               round(p.ground.area, 1), sorted(mine[code]))
        for code, p in present.items()
    }  # fmt: skip


async def compare_past(conn: AsyncConnection[Any], model: Model) -> None:
    """Some of the moments after a correction, the last one too; every day on which one was effective."""
    done = list(model.done.values())
    days = [DAY + timedelta(n) for n in range(-1, 6)]
    for one in {d.id: d for d in (*done[:: max(1, len(done) // LOOKS)], done[-1])}.values():
        features = await all_pages(conn, ParcelQuery(as_of=AsOf(one.made_at)), 50)
        _same(_said(features), _short(one.present, one.links), f"known at {one.seq}")
        for day in days:
            features = await all_pages(conn, ParcelQuery(as_of=AsOf(one.made_at, day)), 50)
            present, links = model.by_law(one.seq, day)
            mains = [x.code for x in links if x.main and x.code in present]
            assert sorted(mains) == sorted(present), f"one main address each on {day} as known at {one.seq}"
            _same(_said(features), _short(present, links), f"on {day} as known at {one.seq}")
    assert await all_pages(conn, ParcelQuery(as_of=AsOf(datetime(2000, 1, 1, tzinfo=UTC)))) == []


def _same(said: Short, mine: Short, when: str) -> None:
    differ = {code: (said.get(code), mine.get(code)) for code in said.keys() | mine.keys()}
    assert said == mine, (when, {code: pair for code, pair in differ.items() if pair[0] != pair[1]})
