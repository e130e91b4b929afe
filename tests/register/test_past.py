"""The past as a plain model tells it: at every instant of the office, on every day of the law, and on both."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from psycopg import AsyncConnection

from register.apply import apply
from register.attributes import AttributeDrafts, Edit
from register.clocks import AsOf, as_of, moment
from register.connect import READER, connect, search_path
from register.correction import Correction
from register.errors import InvalidKeyError, NotFoundError
from register.find import Page, ParcelQuery, parcel, parcels
from tests.conftest import Clone
from tests.register.awaited import awaited
from tests.register.handed_in import DAY, hand_in, lot
from tests.register.story import STEPS, Step, Story, Told

Ask = Callable[[AsyncConnection[Any]], Awaitable[Any]]
DAYS = [DAY + timedelta(n) for n in range(-1, 6)]


def ask(conninfo: str, question: Ask) -> Any:
    """The answer to a question, over a reader's connection."""

    async def answer() -> Any:
        async with await AsyncConnection.connect(
            conninfo, autocommit=True, options=f"{search_path('register')} {READER}", prepare_threshold=0
        ) as conn:
            return await question(conn)

    return awaited(answer())


async def all_pages(conn: AsyncConnection[Any], query: ParcelQuery, limit: int = 3) -> list[dict[str, Any]]:
    """Features of all pages."""
    features: list[dict[str, Any]] = []
    cursor = None
    while True:
        page: Page = await parcels(conn, query, limit, cursor)
        features += [json.loads(item) for item in page.items]
        cursor = page.next
        if cursor is None:
            return features


def short(features: list[dict[str, Any]]) -> dict[str, tuple[str, str, str]]:
    """Sheet, number and land use by code."""
    facts = [f["properties"] for f in features]
    assert all(f["status"] == "current" and f["retired"] is None for f in facts)
    return {f["code"]: (f["sheet"]["number"], f["number"], f["land_use"]) for f in facts}


def model(told: Told | None, day: date | None) -> dict[str, tuple[str, str, str]]:
    """The same of the model: the present of then, or the lives by law as known then."""
    if told is None:
        return {}
    if day is None:
        return {code: value[:3] for code, value in told.present.items()}
    return {life.code: life.value[:3] for life in told.lives if life.at(day)}


@given(steps=STEPS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_clocks_tell_what_the_model_tells(clone: Clone, steps: list[Step]) -> None:
    with clone() as conninfo, connect(conninfo) as db:
        answers: list[dict[str, Any]] = []
        story = Story(db)

        async def present(conn: AsyncConnection[Any]) -> dict[str, Any]:
            return {f["id"]: f for f in await all_pages(conn, ParcelQuery())}

        for step in steps:
            known = len(story.told)
            story.tell([step])
            if len(story.told) > known:
                answers.append(ask(conninfo, present))

        async def past(conn: AsyncConnection[Any]) -> None:
            for n in range(-1, len(story.told)):
                told = story.told[n] if n >= 0 else None
                instants = [told.made_at] if told else [datetime(2000, 1, 1, tzinfo=UTC)]
                if told and n + 1 < len(story.told):
                    instants.append(story.told[n + 1].made_at - timedelta(microseconds=1))
                for known_at in instants:
                    features = await all_pages(conn, ParcelQuery(as_of=AsOf(known_at)))
                    assert short(features) == model(told, None)
                    # to the letter what was answered then
                    assert {f["id"]: f for f in features} == (answers[n] if told else {})
                    for code in model(told, None):
                        one = await parcel(conn, code, as_of=AsOf(known_at))
                        assert json.loads(one.feature) == answers[n][code]
                        assert one.settled == (n + 1 < len(story.told))
                for day in DAYS:
                    features = await all_pages(conn, ParcelQuery(as_of=AsOf(instants[-1], day)))
                    assert short(features) == model(told, day)
            last = story.told[-1] if story.told else None
            for day in DAYS:
                query = ParcelQuery(as_of=AsOf(effective_on=day))
                assert short(await all_pages(conn, query)) == model(last, day)
                for code in {life.code for life in last.lives} if last else ():
                    await _one_by_law(conn, code, day, model(last, day), last)

        ask(conninfo, past)


async def _one_by_law(
    conn: AsyncConnection[Any], code: str, day: date, alive: dict[str, Any], last: Told | None
) -> None:
    """One parcel on a day: alive as the model says, retired after its end, unknown before its beginning."""
    begun = last is not None and any(life.code == code and life.begins <= day for life in last.lives)
    try:
        found = await parcel(conn, code, as_of=AsOf(effective_on=day))
    except NotFoundError:
        assert not begun
    else:
        assert begun
        assert found.current == (code in alive)
        assert not found.settled


def test_places_and_keys_find_the_past(conninfo: str, db: psycopg.Connection) -> None:
    story = Story(db)
    hand_in(db, lot("1", 0, 0, 10, 10))
    (code,) = (row[0] for row in db.execute("select code from parcel"))
    story.boxes[code] = (0, 0, 10, 10)
    story.count = 10
    story.tell([("split", 0, 3)])
    extent = db.execute(
        "select st_x(g), st_y(g) from (select st_transform(anchor, 4326) g from parcel_version where code = %s) t",
        [code],
    ).fetchone()
    assert extent is not None
    then, now = AsOf(effective_on=DAY), AsOf(effective_on=DAY + timedelta(3))
    lon, lat = extent
    box = (lon - 1e-5, lat - 1e-5, lon + 1e-5, lat + 1e-5)

    async def questions(conn: AsyncConnection[Any]) -> None:
        for more in ({"at": (lon, lat)}, {"bbox": box}, {"sheet": "1", "number": "1"}, {"land_use": "ODT"}):
            found = await all_pages(conn, ParcelQuery(**more, as_of=then))  # type: ignore[arg-type]
            assert [f["id"] for f in found] == [code]
            found = await all_pages(conn, ParcelQuery(**more, as_of=now))  # type: ignore[arg-type]
            assert code not in [f["id"] for f in found]

    ask(conninfo, questions)


def test_one_parcel_is_found_by_its_code_and_never_by_reading_the_register(db: psycopg.Connection) -> None:
    from register.statements import load

    sql = load("register", "find.sql")
    hand_in(db, *(lot(str(n), n % 20 * 5, n // 20 * 5, n % 20 * 5 + 5, n // 20 * 5 + 5) for n in range(400)))
    edits = [Edit(id, land_use="CLN") for (id,) in db.execute("select id from parcel_version")]
    apply(db, Correction("attributes", "e", DAY), AttributeDrafts(edits))
    db.execute("analyze parcel_version")
    db.execute("set enable_seqscan = off")  # as in a register too large to be read
    values = {"codes": ["w6ugmu6r6pux"], "epsg": 4326, "seq": 1, "day": DAY}
    plan = "\n".join(
        row[0] for row in db.execute(f"explain {sql['feature']}\n{sql['retired']}\n{sql['past']}", values)
    )
    assert "Seq Scan on parcel" not in plan
    assert "parcel_version_past" in plan
    assert "parcel_version_one_current" in plan


def test_instants_and_days_are_read_strictly() -> None:
    ict = timezone(timedelta(hours=7))
    assert as_of(None) is None
    assert as_of("2026-05-01") == AsOf(effective_on=date(2026, 5, 1))
    assert as_of("2026-05-01T10:00:00+07:00") == AsOf(datetime(2026, 5, 1, 10, tzinfo=ict))
    assert as_of("2026-05-01T10:00:00 07:00") == as_of("2026-05-01T03:00Z")  # a + in an address is a space
    assert as_of("2026-05-01", "2026-06-01T00:00:00.5Z") == AsOf(
        datetime(2026, 6, 1, 0, 0, 0, 500_000, UTC), date(2026, 5, 1)
    )


@pytest.mark.parametrize(
    ("text", "known_at", "says"),
    [
        ("", None, "as_of= is not understood"),
        ("yesterday", None, "as_of=yesterday is not understood"),
        ("2026-5-1", None, "not understood"),
        ("20260501", None, "not understood"),
        ("2026-02-30", None, "not a day of the calendar"),
        ("2026-13-01", None, "not a day of the calendar"),
        ("0000-01-01", None, "not a day of the calendar"),
        ("2026-05-01T10:00:00", None, "with its offset"),
        ("2026-05-01T25:00:00Z", None, "not understood"),
        ("2026-05-01T10:00:00+99:00", None, "not understood"),
        ("2026-05-01 10:00", None, "not understood"),
        ("२०२६-०५-०१", None, "not understood"),
        ("2026-05-01\n", None, "not understood"),
        ("\x1b[31m", None, "not understood"),
        ("2026-05-01", "2026-05-01", "known_at=2026-05-01 is not understood"),
        ("2026-05-01T10:00Z", "2026-05-01T10:00Z", "must be a date"),
        (None, "2026-05-01T10:00Z", "goes with a date"),
    ],
)
def test_what_is_no_moment_is_told_so(text: str | None, known_at: str | None, says: str) -> None:
    with pytest.raises(InvalidKeyError) as refused:
        as_of(text, known_at)
    assert says in refused.value.detail
    assert refused.value.detail.endswith(".")
    assert refused.value.detail_vi.endswith(".")
    assert "\x1b" not in refused.value.detail + refused.value.detail_vi


def test_an_instant_to_come_is_now_and_not_settled(conninfo: str, db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10))
    db.commit()
    for known_at in (datetime.max.replace(tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)):
        found = ask(conninfo, lambda conn, at=known_at: moment(conn, AsOf(at)))
        assert (found.seq, found.settled) == (1, False)
    found = ask(conninfo, lambda conn: moment(conn, AsOf(datetime.min.replace(tzinfo=UTC))))
    assert (found.seq, found.settled) == (0, True)
