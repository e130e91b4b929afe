"""What the stories of `tests.register.laws` found, each in its plainest form."""

from datetime import date, timedelta

import psycopg
import pytest
import shapely

from register import proposals
from register.clocks import AsOf
from register.errors import EditError, StaleError, StateError
from register.find import ParcelQuery
from register.proposal import find
from register.rebase import rebase
from register.replay import fingerprint, replay
from register.revert import revert
from tests.conftest import Clone
from tests.register.handed_in import DAY, current, hand_in, lot
from tests.register.model import stored_links
from tests.register.proposing import APPROVER, AUTHOR, done, draft, preview, stops, through
from tests.register.test_changes import feed
from tests.register.test_past import all_pages, ask


@pytest.fixture
def codes(db: psycopg.Connection) -> list[str]:
    """Four parcels, two by two, numbers 1 to 4 of sheet 1."""
    cells = [(0, 10), (10, 10), (0, 0), (10, 0)]
    hand_in(db, *(lot(str(n), x, y, x + 10, y + 10) for n, (x, y) in enumerate(cells, 1)))
    db.commit()
    return [code for (code,) in db.execute("select code from parcel_version order by number")]


def on(conninfo: str, day: date) -> list[tuple[str, str]]:
    """Code and land use of what stood by law on a day; each parcel as often as it is told."""

    async def question(conn: psycopg.AsyncConnection) -> list[tuple[str, str]]:
        found = await all_pages(conn, ParcelQuery(as_of=AsOf(effective_on=day)), 50)
        return [(f["id"], f["properties"]["land_use"]) for f in found]

    told: list[tuple[str, str]] = ask(conninfo, question)
    return told


def test_what_was_undone_was_so_on_no_day(
    db: psycopg.Connection, conninfo: str, codes: list[str], clone: Clone
) -> None:
    was = sorted((code, "ODT") for code in codes)
    split, _ = done(db, "merge", DAY + timedelta(1), parcels=codes[:2], registered=True)
    [whole] = set(current(db)) - set(codes)
    later, _ = done(db, "attributes", DAY + timedelta(3), parcels=[{"parcel": whole, "land_use": "CLN"}])
    revert(db, later.id, "u")
    revert(db, split.id, "u")
    db.commit()
    for days in range(5):
        assert on(conninfo, DAY + timedelta(days)) == was, "not the whole beside its parts on days 1 and 2"
    with clone() as other, psycopg.connect(other, options="-c search_path=register,public") as mirror:
        replay([item for item, _ in feed(conninfo)], mirror)
        mirror.commit()
        assert fingerprint(mirror) == fingerprint(db)
        assert on(other, DAY + timedelta(2)) == was


def test_addresses_are_linked_to_parcels_that_stand_only(db: psycopg.Connection, codes: list[str]) -> None:
    one = draft(db, "address", link=[{"parcel": codes[0], "text": "Ngõ 1", "main": True}])
    proposals.submit(db, one.key, AUTHOR, one.hash or b"")
    proposals.approve(db, one.key, APPROVER, one.hash or b"")
    done(db, "retire", parcels=[codes[0]])
    db.commit()
    with pytest.raises(EditError) as caught:
        proposals.apply_approved(db, one.key, APPROVER, one.hash or b"")
    assert caught.value.rule == "retired"
    db.rollback()
    assert codes[0] not in {link.code for link in stored_links(db)}


def test_addresses_are_undone_in_order_whatever_was_done_between(
    db: psycopg.Connection, codes: list[str]
) -> None:
    was = stored_links(db)
    linked, _ = done(db, "address", link=[{"parcel": codes[0], "text": "Ngõ 1", "main": True}])
    again, _ = done(db, "address", link=[{"parcel": codes[0], "text": "Ngõ 2", "main": True}])
    undone = revert(db, again.id, "u")
    redone = revert(db, undone.id, "u")
    assert stops(draft(db, "revert", correction=linked.id)) == ["not_revertible"], "the second stands again"
    done(db, "retire", parcels=[codes[0]])
    assert stops(draft(db, "revert", correction=redone.id)) == ["not_revertible"], "the parcel has ended"
    _, told = done(db, "revert", correction=linked.id, chain=True)
    assert told["counts"]["corrections"] == 3
    assert stored_links(db) == was
    assert codes[0] in current(db)


def test_an_undo_takes_no_more_with_it_than_was_seen(db: psycopg.Connection, codes: list[str]) -> None:
    linked, _ = done(db, "address", link=[{"parcel": codes[0], "text": "Ngõ 1", "main": True}])
    undo = draft(db, "revert", correction=linked.id, chain=True)
    proposals.submit(db, undo.key, AUTHOR, undo.hash or b"")
    proposals.approve(db, undo.key, APPROVER, undo.hash or b"")
    later, _ = done(db, "address", link=[{"parcel": codes[0], "text": "Ngõ 2"}])
    db.commit()
    was = stored_links(db)
    with pytest.raises(StaleError):
        proposals.apply_approved(db, undo.key, APPROVER, undo.hash or b"")
    db.rollback()
    assert stored_links(db) == was
    again = rebase(db, undo.key, AUTHOR)
    assert preview(again)["undoes"] == [later.id, linked.id]
    through(db, again)
    assert "Ngõ 1" not in {link.text for link in stored_links(db)}


def test_a_link_ends_on_no_day_before_it_began(db: psycopg.Connection, codes: list[str]) -> None:
    done(db, "address", DAY + timedelta(80), link=[{"parcel": codes[0], "text": "Ngõ 1", "main": True}])
    early = draft(
        db, "address", DAY + timedelta(70), link=[{"parcel": codes[0], "text": "Ngõ 2", "main": True}]
    )
    assert stops(early) == ["early"]
    assert stops(draft(db, "retire", DAY + timedelta(70), parcels=[codes[0]])) == ["early"], "its address too"
    done(db, "retire", DAY + timedelta(80), parcels=[codes[0]])


def test_a_number_once_used_is_not_free_and_temporary_ones_are_provisional(
    db: psycopg.Connection, codes: list[str]
) -> None:
    gone, _ = done(db, "retire", parcels=[codes[3]])
    assert stops(draft(db, "attributes", parcels=[{"parcel": codes[0], "number": "4"}])) == ["number_taken"]
    assert stops(draft(db, "attributes", parcels=[{"parcel": codes[0], "number": "T9"}])) == ["number_taken"]
    done(db, "attributes", parcels=[{"parcel": codes[0], "number": "9"}])
    assert stops(draft(db, "renumber", parcels=[{"parcel": codes[1], "number": "1"}])) == ["number_taken"]
    revert(db, gone.id, "u")
    assert current(db)[codes[3]][1] == "4", "an undo gives a number back"


def test_too_few_parcels_for_a_merger_are_nothing_to_rebase_on(
    db: psycopg.Connection, codes: list[str]
) -> None:
    mine = draft(db, "merge", parcels=codes[:2], registered=True)
    done(db, "attributes", parcels=[{"parcel": codes[0], "land_use": "CLN"}])
    with pytest.raises(StateError, match="Nothing would be left"):
        rebase(db, mine.key, AUTHOR, {codes[0]: "theirs"})
    assert find(db, mine.key).state == "draft"


def test_a_corner_where_boundaries_meet_is_not_taken_out(db: psycopg.Connection, codes: list[str]) -> None:
    from tests.register.handed_in import EAST, NORTH

    was = current(db)
    for x, y in ((10, 10), (10, 20)):  # inside, and where a boundary ends at the outer border
        one = draft(db, "boundary", parcel=codes[0], removes=[[EAST + x, NORTH + y]])
        assert stops(one) == ["boundaries_meet"]
    assert current(db) == was
    done(db, "boundary", parcel=codes[0], inserts=[[EAST + 10, NORTH + 15]])
    through(db, draft(db, "boundary", parcel=codes[0], removes=[[EAST + 10, NORTH + 15]]))
    for code, value in current(db).items():
        assert shapely.equals(shapely.from_wkb(value[3]), shapely.from_wkb(was[code][3]))
        assert len(shapely.get_coordinates(shapely.from_wkb(value[3]))) == 5
