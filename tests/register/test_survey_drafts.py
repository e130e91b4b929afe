"""What an accepted survey would do to the register: drawn before, drawn after, and nothing done yet."""

from decimal import Decimal

import psycopg
import pytest
import shapely

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.correction import Correction
from register.errors import NotAcceptedError, NotFoundError, SheetZoneError, StaleError
from register.proposal import find
from register.survey_drafts import draft_correction
from tests.geo.drawing import draw
from tests.register.handed_in import DAY, EAST, NORTH, Lot, current, hand_in
from tests.register.proposing import through
from tests.register.surveyed import Plot, accepted, present

BEFORE = """
AABB.
AABB.
"""
AFTER = """
AAABC
AAABC
"""


@pytest.fixture
def registered(db: psycopg.Connection) -> dict[str, str]:
    """Codes by letter of BEFORE on sheet 1: A is parcel 1, B is parcel 2."""
    drawn = draw(BEFORE, 10, 0, 0)
    hand_in(db, *(Lot(str(n), shape) for n, shape in enumerate(drawn.values(), 1)))  # type: ignore[arg-type]
    db.commit()
    codes = dict(db.execute("select number, code from parcel_version").fetchall())
    return {letter: codes[str(n)] for n, letter in enumerate(drawn, 1)}


def after(letter: str) -> shapely.Polygon:
    return draw(AFTER, 10, EAST, NORTH)[letter]  # type: ignore[return-value]


def before(letter: str) -> shapely.Polygon:
    return draw(BEFORE, 10, EAST, NORTH)[letter]  # type: ignore[return-value]


def test_new_reshaped_and_unchanged_plots(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str]
) -> None:
    was = present(db)
    a, b = registered["A"], registered["B"]
    plots = [
        Plot("1", after("A"), a), Plot("2", after("B"), b), Plot("3", after("C")), Plot("9", after("C"), kind="building"),
    ]  # fmt: skip
    drafted = draft_correction(db, accepted(conninfo, plots), "surveyor")
    assert drafted.plots == [
        ("#1", a, "1", "1", "reshaped"), ("#2", b, "1", "2", "reshaped"), ("#3", None, "1", "3", "new"),
    ]  # fmt: skip
    assert drafted.counts == {"new": 1, "reshaped": 2}
    rows = db.execute(
        "select d.number, v.code, d.issues, st_asbinary(d.shape) from proposed d left join parcel_version v on v.id = d.before "
        "order by d.n"
    ).fetchall()
    assert [row[:3] for row in rows] == [("1", a, False), ("2", b, False), ("3", None, True)]
    assert [shapely.from_wkb(row[3]).normalize() for row in rows] == [
        shapely.normalize(after(letter)) for letter in "ABC"
    ]
    made = find(db, drafted.correction)
    assert (made.kind, made.state, made.author, made.stops) == ("survey", "draft", "surveyor", 0)
    assert present(db) == was, "a draft changes nothing"
    through(db, made, "surveyor")
    assert shapely.from_wkb(current(db)[a][3]).equals(after("A"))
    assert len(current(db)) == 3


@pytest.mark.parametrize(
    ("said", "does"),
    [
        ({}, "unchanged"),
        ({"number": None}, "unchanged"),
        ({"land_use": "ODT"}, "unchanged"),
        ({"land_use": "CLN"}, "attributes"),
        ({"legal_area_m2": 400.0}, "attributes"),
        ({"number": "17"}, "attributes"),
    ],
)
def test_what_is_said_of_a_parcel_measured_anew(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str], said: dict[str, object], does: str
) -> None:
    plot = Plot(**({"number": "1", "shape": before("A"), "match": registered["A"]} | said))  # type: ignore[arg-type]
    drafted = draft_correction(db, accepted(conninfo, [plot]), "surveyor")
    [(record, code, sheet, number, what)] = drafted.plots
    assert (record, code, sheet, what) == ("#1", registered["A"], "1", does)
    assert number == (said.get("number") or "1")
    kept = db.execute("select number, land_use, legal_area_m2 from proposed").fetchall()
    wanted: dict[str, object] = {"number": "1", "land_use": "ODT", "legal_area_m2": None} | said
    assert kept == (
        []
        if does == "unchanged"
        else [(wanted["number"], wanted["land_use"], _area(wanted["legal_area_m2"]))]
    )


def _area(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


def test_the_same_shape_begun_at_another_corner_is_unchanged(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str]
) -> None:
    ring = shapely.get_coordinates(before("A"))[:-1]
    turned = shapely.Polygon([*ring[3:], *ring[:3]]).reverse()
    drafted = draft_correction(db, accepted(conninfo, [Plot("1", turned, registered["A"])]), "surveyor")
    assert drafted.counts == {"unchanged": 1}


def test_the_same_again_is_the_same_draft(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str]
) -> None:
    plots = [
        Plot("1", after("A"), registered["A"]),
        Plot("2", before("B"), registered["B"]),
        Plot("3", after("C")),
    ]
    key = accepted(conninfo, plots)
    first = draft_correction(db, key, "surveyor")
    again = draft_correction(db, key, "another")
    assert (first.made, again.made) == (True, False)
    assert (again.correction, again.counts, again.plots) == (first.correction, first.counts, first.plots)
    assert first.counts == {"new": 1, "reshaped": 1, "unchanged": 1}


def test_a_parcel_corrected_by_someone_else_since_the_check_is_told(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str]
) -> None:
    a = registered["A"]
    key = accepted(conninfo, [Plot("1", after("A"), a), Plot("2", before("B"), registered["B"])])
    version = current_version(db, a)
    assert version is not None
    edit = AttributeDrafts([Edit(version, land_use="CLN")])
    applied = apply(db, Correction("attributes", "editor", DAY), edit)
    db.commit()
    with pytest.raises(StaleError) as refused:
        draft_correction(db, key, "surveyor")
    assert refused.value.closed == {a: applied.id}
    db.rollback()
    assert db.execute("select count(*) from proposed").fetchone() == (0,)


def test_new_plots_on_a_sheet_of_their_own_or_none(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str]
) -> None:
    was = present(db)
    key = accepted(conninfo, [Plot("1", after("C"), sheet=None)], sheet="77", scale=500)
    assert draft_correction(db, key, "surveyor").plots == [("#1", None, "77", "1", "new")]
    assert present(db) == was
    with pytest.raises(NotAcceptedError, match="no sheet"):
        draft_correction(db, accepted(conninfo, [Plot("1", after("C"), sheet=None)]), "surveyor")


def test_what_cannot_be_drafted_is_told(
    db: psycopg.Connection, conninfo: str, registered: dict[str, str]
) -> None:
    a = registered["A"]
    refused: list[tuple[type[Exception], str, str]] = [
        (NotFoundError, "no such survey", "x" * 26),
        (NotAcceptedError, "returned", accepted(conninfo, [Plot("1", after("C"))], stops=1)),
        (
            NotAcceptedError,
            "all measure parcel",
            accepted(conninfo, [Plot("1", before("A"), a), Plot("5", after("A"), a)]),
        ),
        (SheetZoneError, "EPSG:5899", accepted(conninfo, [Plot("1", before("A"), a)], epsg=5897)),
        (SheetZoneError, "EPSG:5899", accepted(conninfo, [Plot("7", after("C"))], epsg=5897)),
    ]
    for kind, words, key in refused:
        with pytest.raises(kind, match=words):
            draft_correction(db, key, "surveyor")
        db.rollback()
    assert db.execute("select count(*) from proposal").fetchone() == (0,)
