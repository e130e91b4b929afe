"""Two real states of one council: an import, and one correction that tells what changed from what only moved."""

from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely

from importers.read import read
from register import proposals
from register.proposal import find
from register.receive import Receipt, receive
from register.survey_drafts import draft_correction
from tests.importers.parcels import options
from tests.register.handed_in import COMMUNE, DAY, EPSG, current
from tests.register.proposing import done, preview, through
from tests.register.snapshots import Record, snapshot, written
from tests.register.surveyed import Plot, accepted


def by_key(n: int) -> dict[str, Record]:
    """The first record of each key."""
    return {one.key: one for one in reversed(snapshot(n))}


def really() -> dict[str, set[str]]:
    """What changed between the dates, found in the files' own degrees: keys new, gone, reshaped, rewritten.

    The later state has six decimals: a corner may be one unit of the last (0.11 m) from where the shift puts it.
    """
    was, now = by_key(1), by_key(2)
    both = was.keys() & now.keys()
    apart = {}
    for key in both:
        a, b = (shapely.get_coordinates(one[key].degrees) for one in (was, now))
        apart[key] = b - a if a.shape == b.shape else np.full((1, 2), np.inf)
    shift_deg = np.median(np.concatenate(list(apart.values())), axis=0)
    return {
        "new": set(now) - set(was),
        "gone": set(was) - set(now),
        "reshaped": {key for key in both if np.abs(apart[key] - shift_deg).max() > 1.6e-6},
        "attributes": {
            key for key in both
            if any(new is not None and new != old for old, new in (
                (was[key].land_use, now[key].land_use), (was[key].legal_area_m2, now[key].legal_area_m2)))
        },
    }  # fmt: skip


def keys(told: dict[str, Any], cause: str) -> set[str]:
    """Keys of the lines of a preview's table with this cause."""
    sheet = {p["code"]: (p["before"] or {}).get("sheet") for p in told["parcels"]}
    by_place = {(one.sheet, one.number): key for key, one in (by_key(1) | by_key(2)).items()}
    lines = [line for line in told["table"] if line["cause"] == cause]
    return {
        by_place[sheet[line["code"]] or "01-001", line["number"] or line["number_before"]] for line in lines
    }


@pytest.fixture
def first(db: psycopg.Connection, tmp_path: Path) -> Receipt:
    """The first state, imported."""
    path = written(tmp_path / "state.gpkg", snapshot(1))
    with db.transaction():
        receipt = receive(db, read([path], options(zone_of={COMMUNE: EPSG}.get)), "tester", DAY)
    db.commit()
    return receipt


def test_every_record_stands_twice_and_is_stored_once(db: psycopg.Connection, first: Receipt) -> None:
    assert (first.read, first.stored, first.unchanged, first.refused) == (1330, 665, 665, {})
    assert first.notes["doubled"] == 1
    assert "number" not in first.inherited
    held = {(sheet, number) for sheet, number, _, _ in current(db).values()}
    assert held == {(one.sheet, one.number) for one in snapshot(1)}


def test_the_later_state_is_one_correction_of_what_really_changed(
    db: psycopg.Connection, conninfo: str, first: Receipt
) -> None:
    was, defects, changed = current(db), open_defects(db), really()
    assert [len(changed[what]) for what in ("new", "gone", "reshaped", "attributes")] == [21, 0, 0, 2]
    drafted = draft_correction(db, later(conninfo), "surveyor")
    assert drafted.counts == {"doubled": 686, "moved": 663, "new": 21, "attributes": 2}
    told = preview(draft := find(db, drafted.correction))
    assert told["resurvey"]["doubled"] == 686
    assert {what: keys(told, what) for what in changed} == changed
    assert len(told["table"]) == 23
    (shift,) = told["sheet_shift"]
    assert (shift["support"], shift["of"], shift["taken"]) == (665, 665, False)
    assert shift["length_m"] == pytest.approx(8.2, abs=0.05)
    assert {f["rule"] for f in told["findings"]} == {"sheet_shift", "doubled"}
    applied = through(db, draft, "surveyor")
    db.commit()
    assert len(current(db)) == 686
    for key in changed["new"]:
        new = by_key(2)[key]
        shape = shapely.from_wkb(next(v[3] for v in current(db).values() if v[:2] == (new.sheet, new.number)))
        back = shapely.affinity.translate(new.shape, -shift["east_m"], -shift["north_m"])
        assert shapely.hausdorff_distance(shape, back) < 0.3
    done(db, "revert", correction=applied.id)
    assert current(db) == was
    assert open_defects(db) == defects


def test_the_sheet_may_be_taken_as_it_lies_now(db: psycopg.Connection, conninfo: str, first: Receipt) -> None:
    was, changed = current(db), really()
    drafted = draft_correction(db, later(conninfo), "surveyor")
    kept = find(db, drafted.correction)
    taken = proposals.redraft(db, kept.key, "surveyor", kept.intent | {"shift": "take"})
    told = preview(taken)
    assert {what: keys(told, what) for what in changed} == changed
    assert len(keys(told, "moved")) == 663
    (shift,) = told["sheet_shift"]
    assert shift["taken"]
    applied = through(db, taken, "surveyor")
    now = current(db)
    assert len(now) == 686
    for code, (_, _, _, shape) in was.items():
        moved = shapely.affinity.translate(shapely.from_wkb(shape), shift["east_m"], shift["north_m"])
        assert shapely.equals_exact(shapely.from_wkb(now[code][3]), moved, 1e-6)
    for key, one in by_key(2).items():
        row = next(v for v in now.values() if v[:2] == (one.sheet, one.number))
        assert shapely.hausdorff_distance(shapely.from_wkb(row[3]), one.shape) < 0.3, key
    done(db, "revert", correction=applied.id)
    assert current(db) == was


def open_defects(db: psycopg.Connection) -> set[tuple[str, str, str | None]]:
    return set(db.execute("select kind, code, other from defect where closed_by is null").fetchall())


def later(conninfo: str) -> str:
    """The second state, handed in as the whole later state of its sheets; its check is through."""
    plots = [
        Plot(one.number, one.shape, None, one.sheet, one.land_use, one.legal_area_m2) for one in snapshot(2)
    ]
    return accepted(conninfo, plots, replaces="sheet", scale=2000)
