"""Legal days: what was in force on a day or within days, each version a feature with an id of its own."""

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import psycopg
import pytest

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from register.revert import revert
from tests.api.asked import Asked
from tests.api.ogc.pages import all_pages
from tests.conftest import Clone, Serve
from tests.register.handed_in import hand_in, lot


def edited(db: psycopg.Connection, code: str, day: date, land_use: str) -> int:
    version = current_version(db, code)
    assert version is not None
    with db.transaction():
        return apply(
            db, Correction("attributes", "editor", day), AttributeDrafts([Edit(version, land_use=land_use)])
        ).id


@pytest.fixture(scope="module")
def over_time(clone: Clone, serve: Serve) -> Iterator[Asked]:
    """Two parcels since 1 March; one became CLN on 1 April and LUC on 1 May; the other once LUA on 10 April, undone."""
    with clone() as conninfo:
        with connect(conninfo) as db:
            hand_in(db, lot("1", 0, 0, 5, 20), lot("2", 5, 0, 10, 20))
            rows = db.execute("select number, code from parcel_version").fetchall()
            codes = {("1", number): code for number, code in rows}
            edited(db, codes["1", "1"], date(2026, 4, 1), "CLN")
            undone = edited(db, codes["1", "2"], date(2026, 4, 10), "LUA")
            edited(db, codes["1", "1"], date(2026, 5, 1), "LUC")
            with db.transaction():
                revert(db, undone, "editor")
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Asked(client, conninfo, codes)


@pytest.mark.parametrize(
    ("days", "uses"),
    [
        (None, ["1 LUC", "2 ODT"]),
        ("2026-02-28", []),
        ("2026-03-01", ["1 ODT", "2 ODT"]),
        ("2026-03-31", ["1 ODT", "2 ODT"]),
        ("2026-04-01", ["1 CLN", "2 ODT"]),
        ("2026-04-15", ["1 CLN", "2 ODT"]),
        ("2026-05-01", ["1 LUC", "2 ODT"]),
        ("2036-05-01", ["1 LUC", "2 ODT"]),
        ("2026-03-15/2026-04-15", ["1 CLN", "1 ODT", "2 ODT"]),
        ("../2026-02-28", []),
        ("/2026-03-01", ["1 ODT", "2 ODT"]),
        ("2026-04-30/..", ["1 CLN", "1 LUC", "2 ODT"]),
        ("2026-05-01/", ["1 LUC", "2 ODT"]),
        ("2026-03-31T16:59:59Z", ["1 ODT", "2 ODT"]),
        ("2026-03-31T17:00:00Z", ["1 CLN", "2 ODT"]),
        ("2026-04-01T00:00:00+07:00/2026-04-02T00:00:00.5+07:00", ["1 CLN", "2 ODT"]),
    ],
)
def test_what_was_in_force_on_these_days(over_time: Asked, days: str | None, uses: list[str]) -> None:
    query = {} if days is None else {"datetime": days}
    for limit in (1, 2, 10):
        found = [one["properties"] for one in all_pages(over_time, "parcels", limit=limit, **query)]
        told = sorted(f"{one['number']} {one['land_use']}" for one in found)
        assert sorted(set(told)) == uses
        # what an undo took back stands before and after it as two versions of the same
        assert [text for text in told if text[0] == "1"] == [text for text in uses if text[0] == "1"]


def test_a_former_version_has_an_id_of_its_own(over_time: Asked) -> None:
    code = over_time.codes["1", "1"]
    found = all_pages(over_time, "parcels", datetime="2020-01-01/..")
    versions = [one for one in found if one["properties"]["code"] == code]
    assert [one["properties"]["land_use"] for one in versions] == ["ODT", "CLN", "LUC"]
    assert [one["properties"]["ended_on"] for one in versions] == ["2026-04-01", "2026-05-01", None]
    assert [one["id"] for one in versions] == [
        f"{code}.{versions[0]['properties']['version']}",
        f"{code}.{versions[1]['properties']['version']}",
        code,
    ]
    for one in versions:
        alone = over_time.json(f"/ogc/collections/parcels/items/{one['id']}")
        assert {k: v for k, v in alone.items() if k != "links"} == one
    assert over_time.problem(f"/ogc/collections/parcels/items/{code}.999999")["status"] == 404


def test_what_was_undone_is_no_feature_of_any_day(over_time: Asked) -> None:
    found = all_pages(over_time, "parcels", datetime="2020-01-01/..")
    assert "LUA" not in {one["properties"]["land_use"] for one in found}


def test_communes_and_sheets_of_a_day(over_time: Asked) -> None:
    today = all_pages(over_time, "communes")
    (commune,) = today
    assert commune["properties"]["valid_to"] is None
    assert all_pages(over_time, "communes", datetime="2026-03-02") == today
    since = date.fromisoformat(commune["properties"]["valid_from"])
    assert all_pages(over_time, "communes", datetime=f"../{since}") == today
    assert all_pages(over_time, "communes", datetime=f"../{since - timedelta(1)}") == []
    assert len(all_pages(over_time, "sheets", datetime="2020-01-01")) == len(all_pages(over_time, "sheets"))
    assert len(all_pages(over_time, "addresses", datetime="2020-01-01")) == 0
    assert len(all_pages(over_time, "addresses", datetime="2026-03-02")) == len(
        all_pages(over_time, "addresses")
    )
