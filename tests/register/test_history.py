"""Histories: versions with what changed, lineage over generations and through undos, neighbours by common edges."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings

from api import past_shapes
from register import history as past
from register.apply import apply
from register.connect import connect
from register.correction import Correction
from register.errors import NotFoundError
from register.stage import ParcelDrafts
from tests.conftest import Clone
from tests.register.handed_in import DAY, EAST, NORTH, Lot, batch, hand_in, lot
from tests.register.story import STEPS, Step, Story
from tests.register.test_past import ask


def history(conninfo: str, code: str) -> past.History:
    """The history of a code, over a connection of its own."""
    found: past.History = ask(conninfo, lambda conn: past.history(conn, code))
    for version in found.versions:
        past_shapes.Version.model_validate(version)
    return found


def kin(found: list[past.Kin]) -> list[tuple[str, int, float, float, bool]]:
    """Code, generation, shares, whether undone."""
    return [
        (k.code, k.generation, k.share_of_elder, k.share_of_younger, k.undone_by is not None) for k in found
    ]


@pytest.fixture
def whole(db: psycopg.Connection) -> tuple[Story, str]:
    """A story of one parcel of 10 × 10 m, number 1, and its code."""
    story = Story(db)
    story._import(0, DAY)
    for number in story.boxes.copy():
        if story.boxes[number][0] == 0:
            story._settle(1)
            db.commit()
            return story, number
    raise AssertionError


def cut_in_two(story: Story, code: str, days: int) -> list[str]:
    """A split a quarter from the west; the codes of the parts."""
    was = set(story.told[-1].present)
    story.step("split", sorted(was).index(code), DAY + timedelta(days))
    new = set(story.told[-1].present) - was
    return sorted(new, key=lambda c: story.boxes[c])


def test_generations_know_their_shares(conninfo: str, whole: tuple[Story, str]) -> None:
    story, code = whole
    west, east = cut_in_two(story, code, 1)
    east_west, _ = cut_in_two(story, east, 2)
    below = history(conninfo, code).descendants
    assert [(k.code, k.generation, k.of) for k in below if k.code == east_west] == [(east_west, 2, east)]
    by_code = {k.code: (k.share_of_elder, k.share_of_younger) for k in below}
    assert by_code[west] == (0.25, 1.0)
    assert by_code[east] == (0.75, 1.0)
    assert by_code[east_west] == (0.1875, 1.0)
    above = history(conninfo, east_west).ancestors
    assert kin(above) == [(east, 1, 0.25, 1.0, False), (code, 2, 0.1875, 1.0, False)]
    assert history(conninfo, west).descendants == []


def test_a_merger_has_both_parents(conninfo: str, whole: tuple[Story, str]) -> None:
    story, code = whole
    west, east = cut_in_two(story, code, 1)
    story.replace("merge", [west, east], [lot("99", 0, 0, 10, 10)], DAY + timedelta(2))
    story.db.commit()
    heir = next(c for c, v in past_present(story).items() if v == "99")
    above = history(conninfo, heir).ancestors
    assert sorted(kin(above)[:2]) == sorted([(west, 1, 1.0, 0.25, False), (east, 1, 1.0, 0.75, False)])
    assert kin(above)[2:] == [(code, 2, 1.0, 1.0, False)] * 2  # by way of each of them
    assert {k.of for k in above[2:]} == {west, east}


def past_present(story: Story) -> dict[str, str]:
    """Numbers by code."""
    return dict(
        story.db.execute("select code, number from parcel_version where closed_by is null").fetchall()
    )


def test_an_undone_split_revives_the_parent_and_makes_no_lineage(
    conninfo: str, whole: tuple[Story, str]
) -> None:
    story, code = whole
    west, east = cut_in_two(story, code, 1)
    split = story.told[-1].id
    story.step("undo", 0, DAY)
    undo = story.told[-1].id
    found = history(conninfo, code)
    assert [v["opened"]["kind"] for v in found.versions] == ["import", "revert"]
    assert found.versions[1]["opened"]["reverts"] == split
    assert found.versions[1]["changed"] == {}
    assert [(k.code, k.undone_by) for k in found.descendants] == [(c, undo) for c in sorted((west, east))]
    assert found.ancestors == []
    assert [(k.code, k.undone_by) for k in history(conninfo, west).ancestors] == [(code, undo)]
    assert history(conninfo, west).descendants == []
    story.step("undo", 0, DAY)  # the undo is undone: the split counts again
    assert story.told[-1].kind == "revert"
    assert {k.undone_by for k in history(conninfo, code).descendants} == {None}


def test_what_changed_is_told_field_by_field(conninfo: str, whole: tuple[Story, str]) -> None:
    story, code = whole
    story.step("edit", sorted(story.told[-1].present).index(code), DAY)
    first, second = history(conninfo, code).versions
    assert first["changed"] is None
    assert list(second["changed"]) == ["land_use"]
    assert second["changed"]["land_use"] == {"before": first["land_use"], "after": second["land_use"]}
    assert first["closed"] == second["opened"]
    assert {"author", "approver"}.isdisjoint(second["opened"])


@dataclass(frozen=True, slots=True)
class Kept:
    """A new parcel cut out of others, which keep their codes with less ground."""

    new: Lot
    left: dict[int, shapely.Polygon]

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """The new one as an import stages it; the others with other shapes."""
        ParcelDrafts([batch([self.new])]).stage(conn, correction)
        for version, shape in self.left.items():
            wkb = shapely.to_wkb(shapely.affinity.translate(shape, EAST, NORTH))
            conn.execute(
                "insert into change (n, before, opens, issues, given, code, epsg, sheet, commune, number, land_use, area_m2,"
                " room_m, plain_from, cell, shape, web, anchor)"
                " select 100 + v.id, v.id, true, false, false, v.code, st_srid(v.shape), v.sheet, v.commune, v.number,"
                " v.land_use, st_area(s.g), v.room_m, v.plain_from, 0, s.g, st_transform(s.g, 3857), v.anchor"
                " from parcel_version v, lateral st_setsrid(st_geomfromwkb(%s), st_srid(v.shape)) s (g) where v.id = %s",
                [wkb, version],
            )

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing."""


def test_a_remainder_is_kin_and_a_neighbour_is_not(conninfo: str, db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10), lot("2", 10, 0, 20, 10))
    versions = {v: (i, c) for i, c, v in db.execute("select id, code, number from parcel_version")}
    new = lot("3", 6, 0, 11, 10)  # four metres of 1, which is split; one of 2, whose border moves
    left = {versions["1"][0]: shapely.box(0, 0, 6, 10), versions["2"][0]: shapely.box(11, 0, 20, 10)}
    apply(db, Correction("split", "e", DAY), Kept(new, left))
    db.commit()
    (code,) = (c for c, v in db.execute("select code, number from parcel_version") if v == "3")
    assert [(k.code, k.generation) for k in history(conninfo, code).ancestors] == [(versions["1"][1], 1)]
    assert [k.code for k in history(conninfo, versions["1"][1]).descendants] == [code]
    assert history(conninfo, versions["2"][1]).descendants == []
    assert list(history(conninfo, versions["2"][1]).versions[1]["changed"]) == ["area_m2", "shape"]


def test_imports_make_no_lineage(conninfo: str, db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10))
    hand_in(db, lot("2", 0, 0, 10, 9))
    for (code,) in db.execute("select code from parcel").fetchall():
        found = history(conninfo, code)
        assert (found.ancestors, found.descendants) == ([], [])


def test_what_is_cut_short_says_so(
    conninfo: str, whole: tuple[Story, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    story, code = whole
    _, east = cut_in_two(story, code, 1)
    cut_in_two(story, east, 2)
    assert not history(conninfo, code).cut
    monkeypatch.setattr(past, "MOST_GENERATIONS", 1)
    found = history(conninfo, code)
    assert (len(found.descendants), found.cut) == (2, True)
    monkeypatch.setattr(past, "MOST_GENERATIONS", 30)
    monkeypatch.setattr(past, "MOST_KIN", 3)
    found = history(conninfo, code)
    assert (len(found.descendants), found.cut) == (3, True)
    monkeypatch.setattr(past, "MOST_KIN", 4)
    assert not history(conninfo, code).cut


@given(steps=STEPS)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_kin_is_mutual_and_shares_are_shares(clone: Clone, steps: list[Step]) -> None:
    with clone() as conninfo, connect(conninfo) as db:
        story = Story(db).tell(steps)
        codes = [code for (code,) in db.execute("select code from parcel").fetchall()]
        all_of = {code: history(conninfo, code) for code in codes}
        down = {(code, k.code) for code in codes for k in all_of[code].descendants}
        up = {(k.code, code) for code in codes for k in all_of[code].ancestors}
        assert down == up
        for found in all_of.values():
            assert len(found.versions) == sum(life.code == found.code for life in _lives(story))
            for one in (*found.ancestors, *found.descendants):
                assert 0 < one.share_of_elder <= 1
                assert 0 < one.share_of_younger <= 1


def _lives(story: Story) -> list[Any]:
    return story.told[-1].lives if story.told else []


def test_neighbours_share_an_edge(conninfo: str, db: psycopg.Connection) -> None:
    hand_in(
        db,
        lot("1", 0, 0, 10, 10),
        lot("2", 10, 0, 20, 4),  # its corner in the middle of the edge of 1
        lot("3", 10, 4, 20, 20),
        lot("4", 10, 20, 20, 30),  # touches nothing of 1
        lot("5", -10, 10, 0, 20),  # a corner
        lot("6", 0, 10, 10, 20, sheet="2"),
        lot("7", 10.5, -10, 20, -1),
    )
    numbers = {v: c for c, v in db.execute("select code, number from parcel_version")}
    code, found = ask(conninfo, lambda conn: past.neighbours(conn, numbers["1"].upper()))
    assert code == numbers["1"]
    assert [(one["number"], one["shared_m"]) for one in found] == [("6", 10), ("3", 6), ("2", 4)]
    for one in found:
        past_shapes.Neighbour.model_validate(one)


def test_edges_a_millimetre_apart_are_shared(conninfo: str, db: psycopg.Connection) -> None:
    slanted = shapely.Polygon([(0, 0), (30, 7.001), (30, 20), (0, 20)])
    beside = shapely.Polygon([(0, 0), (0, -5), (30, -5), (30, 7.001), (11.111, 2.593)])
    hand_in(db, Lot("1", slanted), Lot("2", beside))
    numbers = {v: c for c, v in db.execute("select code, number from parcel_version")}
    _, found = ask(conninfo, lambda conn: past.neighbours(conn, numbers["1"]))
    assert [(one["number"], round(one["shared_m"], 1)) for one in found] == [("2", 30.8)]


def test_codes_without_a_past_are_told_so(conninfo: str, whole: tuple[Story, str]) -> None:
    story, code = whole
    cut_in_two(story, code, 1)
    with pytest.raises(NotFoundError, match="has ever had"):
        history(conninfo, "s00000000000")
    with pytest.raises(NotFoundError, match="retired"):
        ask(conninfo, lambda conn: past.neighbours(conn, code))
