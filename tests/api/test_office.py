"""What an office is told over HTTP, and what others are not."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from api.office_csv import table
from api.office_shapes import CommuneCounts, Counts, Health, Imports, ImportTold, SheetCounts
from register.accounts import add_account, grant
from register.connect import connect
from register.units import communes
from tests.api.asked import STREET, problem_in
from tests.api.test_people import LETTERS, Desk
from tests.conftest import Clone, Serve
from tests.register.handed_in import hand_in

DOORS = ("counts", "counts.csv", "imports", "imports/1", "communes", "communes/20194/sheets", "health")


@pytest.fixture(scope="module")
def desk(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The street, with chi (office of all), ha (office of a commune without parcels) and an (editor)."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            far = communes(conn, ["20285"])["20285"].id
            for name, role, commune in (
                ("chi", "office", None),
                ("ha", "office", far),
                ("an", "editor", None),
            ):
                add_account(conn, "tester", name, name.title(), LETTERS)
                grant(conn, "tester", name, role, commune)
            hand_in(conn, *STREET)
        scans = tmp_path_factory.mktemp("home") / "scans"  # there is none yet
        with (
            serve(conninfo, checks=1, scans=scans) as served,
            httpx.Client(base_url=served.url, timeout=60) as client,
        ):
            yield Desk(client, conninfo)


@pytest.fixture(scope="module")
def tokens(desk: Desk) -> dict[str, str]:
    return {name: desk.tokens(name)["access"] for name in ("chi", "ha", "an")}


def told(desk: Desk, who: str, door: str) -> Any:
    answer = desk.ask(who, "GET", f"/office/{door}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


@pytest.mark.parametrize("door", DOORS)
def test_only_an_office_is_told(desk: Desk, tokens: dict[str, str], door: str) -> None:
    assert desk.problem(None, "GET", f"/office/{door}")["status"] == 401
    refused = desk.problem(tokens["an"], "GET", f"/office/{door}")
    assert (refused["status"], refused["role"]) == (403, "office")


def test_counts_as_answer_and_as_table(desk: Desk, tokens: dict[str, str]) -> None:
    counts = told(desk, tokens["chi"], "counts")
    Counts.model_validate(counts)
    assert counts["total"]["imported"] == len(STREET)
    assert counts["first"] == f"{date.today().year}-01"
    here = [row for row in counts["communes"] if row["imported"]]
    assert sum(row["imported"] for row in here) == len(STREET)
    answer = desk.ask(tokens["chi"], "GET", "/office/counts.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + len(counts["rows"]) + 1
    assert {len(row) for row in rows} == {16}
    area = sum(row["imported_m2"] for row in counts["rows"]) / 1e4
    assert rows[-1][0] == "Tổng cộng"
    assert rows[-1][-1] == f"{area:.4f}".replace(".", ",")
    english = desk.ask(tokens["chi"], "GET", "/office/counts.csv?language=en").content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(english)))[-1][-1] == f"{area:.4f}"


def test_an_office_without_work_is_told_noughts(desk: Desk, tokens: dict[str, str]) -> None:
    counts = told(desk, tokens["ha"], "counts")
    assert (counts["rows"], counts["total"]["imported"], counts["total"]["commune"]) == ([], 0, None)
    assert told(desk, tokens["ha"], "communes") == {"communes": []}
    assert told(desk, tokens["ha"], "imports") == {"imports": [], "before": None}
    assert desk.problem(tokens["ha"], "GET", "/office/imports/1")["status"] == 404


@pytest.mark.parametrize(
    "query",
    ["first=2026-13", "last=2026-00", "first=2026-05&last=2026-04", "first=2000-01&last=2026-01", "last=0000-01",
     "last=9999-12", "first=x", "first=2026-1"],
)  # fmt: skip
def test_months_that_are_none_are_told_so(desk: Desk, tokens: dict[str, str], query: str) -> None:
    for door in ("counts", "counts.csv"):
        assert desk.problem(tokens["chi"], "GET", f"/office/{door}?{query}")["status"] == 422


def test_imports_with_receipts_and_findings(desk: Desk, tokens: dict[str, str]) -> None:
    listed = told(desk, tokens["chi"], "imports")
    Imports.model_validate(listed)
    (one,) = listed["imports"]
    assert one["receipt"]["read"] == len(STREET)
    whole = told(desk, tokens["chi"], f"imports/{one['id']}")
    ImportTold.model_validate(whole)
    assert {f["rule"] for f in whole["findings"]} == {*one["receipt"]["inherited"], *one["receipt"]["notes"]}
    assert desk.problem(tokens["chi"], "GET", "/office/imports/999")["status"] == 404


def test_communes_and_their_sheets(desk: Desk, tokens: dict[str, str]) -> None:
    listed = told(desk, tokens["chi"], "communes")
    CommuneCounts.model_validate(listed)
    assert sum(one["parcels"] for one in listed["communes"]) == len(STREET)
    total = 0
    for one in listed["communes"]:
        within = told(desk, tokens["chi"], f"communes/{one['code']}/sheets")
        SheetCounts.model_validate(within)
        assert (within["commune"]["name"], len(within["sheets"])) == (one["name"], one["sheets"])
        assert sum(sheet["parcels"] for sheet in within["sheets"]) == one["parcels"]
        total += one["sheets"]
        assert desk.problem(tokens["ha"], "GET", f"/office/communes/{one['code']}/sheets")["status"] == 403
    assert total == 3
    assert desk.problem(tokens["chi"], "GET", "/office/communes/99999/sheets")["status"] == 404


def test_health_tells_of_work_that_failed(desk: Desk, tokens: dict[str, str]) -> None:
    before = told(desk, tokens["chi"], "health")
    Health.model_validate(before)
    assert before["disk"]["free"] > 0
    with connect(desk.conninfo) as conn:
        conn.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, attempts) "
            "values ('surveys', 'check_survey', 'failed', 3)"
        )
    after = told(desk, tokens["chi"], "health")
    assert after["jobs"]["failed"] == before["jobs"]["failed"] + 1
    assert (after["jobs"]["failures"][0]["task"], after["jobs"]["failures"][0]["attempts"]) == (
        "check_survey",
        3,
    )


def test_the_table_says_what_is_not_known_and_has_decimal_commas() -> None:
    row = dict.fromkeys(
        ("surveys", "accepted", "returned", "corrections", "parcels", "on_time", "late", "overdue", "reverts",
         "imports", "imported"), 1200,
    ) | {"month": "2026-11", "commune": None, "area_m2": 12345.6, "imported_m2": 0.0}  # fmt: skip
    assert problem_free(table([row], row, True)) == [
        "2026-11;;không rõ;1200;1200;1200;1200;1200;1,2346;1200;1200;1200;1200;1200;1200;0,0000",
        "Tổng cộng;;;1200;1200;1200;1200;1200;1,2346;1200;1200;1200;1200;1200;1200;0,0000",
    ]
    assert "not known,1200" in problem_free(table([row], row, False))[0]


def problem_free(content: bytes) -> list[str]:
    """Lines below the head."""
    return content.decode("utf-8-sig").splitlines()[1:]


def test_a_door_that_is_none(desk: Desk, tokens: dict[str, str]) -> None:
    assert problem_in(desk.ask(tokens["chi"], "GET", "/office/imports/0"))["status"] == 422
