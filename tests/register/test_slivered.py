"""Slivers repaired by a draft through its whole life: what was said is what moved, and undo brings it back."""

import numpy as np
import psycopg
import pytest
import shapely
from pydantic import ValidationError

from geo.editing.slivers import slivers
from register.errors import StaleError
from register.proposals import apply_approved, approve, redraft, submit
from register.revert import revert
from tests.register.handed_in import current, hand_in, lot
from tests.register.proposing import APPROVER, AUTHOR, done, draft, preview, stops
from tests.register.slivered import LANE_M, WIDTHS_MM, at, codes, defects, far, planted
from tests.register.test_drawn import shapes


@pytest.fixture
def town(db: psycopg.Connection) -> dict[str, str]:
    found = planted(db)
    db.commit()
    return found


def test_every_planted_sliver_is_repaired_and_the_list_shrinks(
    db: psycopg.Connection, town: dict[str, str]
) -> None:
    was, before, listed = current(db), shapes(db), defects(db)
    assert len(listed) == len(WIDTHS_MM)
    applied, told = done(db, "slivers", parcels=sorted(town.values()), tolerance_m=0.05)
    assert sorted((s["kind"], round(s["width_m"] * 1000)) for s in told["slivers"]) == sorted(
        (kind, mm) for kind in ("gap", "overlap") for mm in WIDTHS_MM
    )
    after = shapes(db)
    effect: dict[str, float] = {}
    for sliver in told["slivers"]:
        assert sliver["moved_m"] <= sliver["width_m"] + 0.001
        assert set(sliver["effect_m2"]) <= set(after)
        assert sum(sliver["effect_m2"].values()) == pytest.approx(
            sliver["area_m2"] if sliver["kind"] == "gap" else -sliver["area_m2"], abs=1e-3
        )
        assert 108 < sliver["place"][0] < 109
        for code, area in sliver["effect_m2"].items():
            effect[code] = effect.get(code, 0.0) + area
            assert not far(before[code], after[code], sliver["moved_m"])
    for code, shape in after.items():
        assert shape.area - before[code].area == pytest.approx(effect.get(code, 0.0), abs=1e-6)
    assert {row["code"] for row in told["parcels"]} == set(effect)
    assert {row["role"] for row in told["parcels"]} == {"changed"}
    notes = [f for f in told["findings"] if f["rule"] == "sliver"]
    assert len(notes) == 2 * len(WIDTHS_MM)
    assert all(n["severity"] == "note" and n["x"] is not None and "m²" in n["text_vi"] for n in notes)
    assert defects(db) == []
    assert slivers(np.array(list(after.values()), object), 0.25) == []
    revert(db, applied.id, "u")
    assert current(db) == was
    assert defects(db) == listed


def test_wider_than_the_tolerance_stays_and_a_lane_is_none(
    db: psycopg.Connection, town: dict[str, str]
) -> None:
    one = draft(db, "slivers", parcels=list(town.values()), tolerance_m=0.01)
    assert sorted(round(s["width_m"] * 1000) for s in preview(one)["slivers"]) == [2, 2, 5, 5]
    lane = draft(db, "slivers", parcels=[town["901"], town["902"]], tolerance_m=0.25)
    assert LANE_M > 0.25
    assert stops(lane) == ["no_sliver"]
    assert preview(lane)["slivers"] == []


def test_only_those_of_the_parcels_named_within_the_box(db: psycopg.Connection, town: dict[str, str]) -> None:
    told = preview(draft(db, "slivers", parcels=[town["1"]]))
    [sliver] = told["slivers"]
    assert {town["1"], town["2"]} <= set(sliver["parcels"])
    lon, lat = sliver["place"]
    here = [lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4]
    assert len(preview(draft(db, "slivers", parcels=list(town.values()), within=here))["slivers"]) == 1
    away = [lon + 1, lat, lon + 2, lat + 1]
    assert stops(draft(db, "slivers", parcels=[town["1"]], within=away)) == ["no_sliver"]


def test_a_sliver_without_a_repair_is_told_and_stops_a_draft_of_nothing(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10), lot("2", 3, 3, 8, 3.04))
    one = draft(db, "slivers", parcels=list(codes(db).values()))
    assert stops(one) == ["no_repair"]
    [left] = [f for f in preview(one)["findings"] if f["rule"] == "sliver_left"]
    assert left["severity"] == "explain"
    assert left["text_vi"] != left["text_en"]
    assert preview(one)["parcels"] == []


def test_a_line_that_changed_meanwhile_is_not_followed(db: psycopg.Connection, town: dict[str, str]) -> None:
    one = draft(db, "slivers", parcels=[town["1"]])
    told = preview(one)
    [changed] = [p["code"] for p in told["parcels"]][:1]
    [line] = [c for c in told["beside"] if c in (town["1"], town["2"])]
    assert line != changed
    seen = one.hash or b""
    submit(db, one.key, AUTHOR, seen)
    approve(db, one.key, APPROVER, seen)
    done(db, "attributes", parcels=[{"parcel": line, "land_use": "CLN"}])
    with pytest.raises(StaleError, match="rebase"), db.transaction():
        apply_approved(db, one.key, APPROVER, seen)
    assert stops(redraft(db, one.key, AUTHOR)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"tolerance_m": 0.3},
        {"tolerance_m": 0.001},
        {"tolerance_m": float("nan")},
        {"parcels": []},
        {"within": [108.3, 16, 108.2, 17]},
        {"within": [0, 0, 0]},
    ],
)
def test_what_is_no_intent_is_refused(db: psycopg.Connection, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        draft(db, "slivers", **({"parcels": ["w7er8sp5fqef"]} | wrong))  # type: ignore[arg-type]


def test_two_slivers_at_one_boundary_do_not_add_up(db: psycopg.Connection) -> None:
    hand_in(
        db,
        lot("1", 0, 0, 10, 20),
        lot("2", 10.03, 0, 20, 10),
        lot("3", 9.98, 10, 20, 20),
    )  # fmt: skip
    before = shapes(db)
    _, told = done(db, "slivers", parcels=list(codes(db).values()))
    assert {s["kind"] for s in told["slivers"]} == {"gap", "overlap"}
    widest = max(s["width_m"] for s in told["slivers"]) + 0.001
    for code, shape in shapes(db).items():
        assert not far(before[code], shape, widest)
    assert shapely.area(list(shapes(db).values())).sum() == pytest.approx(400, abs=1e-3)
    assert at(0, 0) in {tuple(p) for s in shapes(db).values() for p in shapely.get_coordinates(s).tolist()}
