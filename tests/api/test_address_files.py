"""Files of addresses over HTTP: handed in, reported, approved by another person, applied, undone; scopes and bad files."""

from typing import Any

import httpx

from api.address_files import AddressFileDraft
from register.connect import connect
from register.replay import fingerprint, replay
from tests.api.asked import problem_in
from tests.api.test_corrections import Desk
from tests.api.test_corrections import desk as _desk
from tests.conftest import Clone
from tests.register.addressing import addresses, one_main_each
from tests.register.test_changes import feed

desk = _desk
FILES = "/api/v1/addresses/files"


def send(
    desk: Desk, who: str | None, content: str | bytes, name: str = "dia_chi.csv", **fields: str
) -> httpx.Response:
    """A file handed in by `who`."""
    headers = {}
    if who is not None:
        desk.ask(who, "GET", "")
        headers["authorization"] = f"Bearer {desk.tokens[who]}"
    data = {"effective_on": "2026-06-01", **fields}
    return desk.client.post(FILES, data=data, files={"file": (name, content)}, headers=headers)


def report(desk: Desk, who: str, made: dict[str, Any], kind: str) -> httpx.Response:
    return desk.ask(who, "GET", made["report"][kind], under="")


def test_a_file_from_hand_in_to_the_register_and_back(desk: Desk, clone: Clone) -> None:
    one, two, three = (desk.codes[n] for n in ("1", "2", "3"))
    text = (
        "ma_thua,dia_chi,ma_dia_chi_so,lat,lon\n"
        f"{one},10 Hàm Nghi,NDAS-1,,\n{one},10 Hàm Nghi,NDAS-1,,\n{two},,NDAS-2,,\n"
        "w7er8sp5fqef,11 Hàm Nghi,,,\nxyz,12 Hàm Nghi,,,\n,13 Hàm Nghi,,16.0,108.9\n"
    )
    answer = send(desk, "an", text)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    AddressFileDraft.model_validate(made)
    counts = made["counts"]
    assert [counts[n] for n in ("read", "linked", "unchanged", "ambiguous", "outside", "conflicting", "refused")] == [
        6, 2, 1, 0, 1, 0, 2,
    ]  # fmt: skip
    told = report(desk, "an", made, "json").json()
    assert told["counts"] == counts
    assert [(f["rule"], f["record"]) for f in told["findings"]] == [("bad_code", "dia_chi.csv#5")]
    assert [row["record"] for row in told["rows"]] == [f"dia_chi.csv#{n}" for n in (1, 2, 3, 4, 6, 5)]
    assert [row["rule"] for row in told["rows"]] == [
        "found",
        "repeated",
        "found",
        "unknown_code",
        "far",
        "bad_code",
    ]
    assert all(row["text_vi"] and row["text_en"] for row in told["rows"])
    table = report(desk, "ca", made, "csv")
    assert table.content.startswith(b"\xef\xbb\xbfn,record,outcome")
    assert table.content.count(b"\r\n") == 7
    with connect(desk.conninfo) as conn:
        before = addresses(conn)
    seen = desk.ask("an", "GET", f"/{made['correction']}").json()
    shown = seen["preview"]["addresses"]["link"]
    assert [(link["parcel"], link["code"]) for link in shown] == [
        (one, "NDAS-1"),
        (two, "NDAS-2"),
    ]
    own = desk.ask("an", "POST", f"/{made['correction']}/submit", {"hash": made["hash"]})
    assert own.status_code == 200
    assert problem_in(desk.ask("an", "POST", f"/{made['correction']}/approve", {"hash": made["hash"]}))[
        "status"
    ] in (403, 409)
    desk.post("ca", f"/{made['correction']}/approve", {"hash": made["hash"]})
    applied = desk.post("ca", f"/{made['correction']}/apply", {"hash": made["hash"]})
    with connect(desk.conninfo) as conn, clone() as other, connect(other) as mirror:
        after = addresses(conn)
        assert after - before == {
            ("1", "ndas", "NDAS-1", "10 Hàm Nghi", True),
            ("2", "ndas", "NDAS-2", None, False),
        }
        assert one_main_each(conn)
        conn.commit()
        replay([item for item, _ in feed(desk.conninfo)], mirror)
        mirror.commit()
        assert fingerprint(mirror) == fingerprint(conn)
    again = send(desk, "an", text).json()
    assert (again["counts"]["linked"], again["counts"]["unchanged"], again["stops"]) == (0, 3, 1)
    assert (
        problem_in(desk.ask("an", "POST", f"/{again['correction']}/submit", {"hash": again["hash"]}))[
            "status"
        ]
        == 409
    )
    undo = desk.draft("an", kind="revert", correction=applied["applied"])
    desk.through(undo)
    with connect(desk.conninfo) as conn:
        assert addresses(conn) == before
    assert three not in text


def test_what_changed_meanwhile_is_worked_out_anew(desk: Desk) -> None:
    text = f"ma_thua,dia_chi\n{desk.codes['1']},10 Hàm Nghi\n"
    made, other = send(desk, "an", text).json(), send(desk, "be", text).json()
    for one in (made, other):
        desk.post("an", f"/{one['correction']}/submit", {"hash": one["hash"]})
        desk.post("ca", f"/{one['correction']}/approve", {"hash": one["hash"]})
    desk.post("ca", f"/{made['correction']}/apply", {"hash": made["hash"]})
    late = problem_in(desk.ask("ca", "POST", f"/{other['correction']}/apply", {"hash": other["hash"]}))
    assert late["status"] == 409
    anew = desk.post("be", f"/{other['correction']}/rebase", {})
    counts = anew["preview"]["addresses"]["counts"]
    assert (counts["linked"], counts["unchanged"], anew["stops"]) == (0, 1, 1)
    told = desk.ask("be", "GET", f"/{other['correction']}/report.json", under=FILES).json()
    assert [row["rule"] for row in told["rows"]] == ["same"]
    with connect(desk.conninfo) as conn:
        assert ("1", "text", "", "10 Hàm Nghi", True) in addresses(conn)
        assert one_main_each(conn)


def test_rights_are_held_and_bad_files_told(desk: Desk) -> None:
    good = f"ma_thua,dia_chi\n{desk.codes['1']},10 Hàm Nghi\n"
    assert problem_in(send(desk, None, good))["status"] == 401
    assert problem_in(send(desk, "ca", good))["status"] == 403, "an approver does not draft"
    assert problem_in(send(desk, "xa", good))["status"] == 403, "of another commune"
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aa">]><x xmlns:gml="http://www.opengis.net/gml">&a;</x>'
    assert problem_in(send(desk, "an", bomb, "a.gml"))["rule"] == "forbidden_markup"
    assert problem_in(send(desk, "an", b"\x00\xff" * 50, "a.bin"))["rule"] == "unknown_format"
    assert problem_in(send(desk, "an", ""))["status"] == 422
    assert problem_in(send(desk, "an", good, effective_on="2026-13-01"))["status"] == 422
    assert problem_in(send(desk, "an", good, scheme="a; drop table address"))["status"] == 422
    assert problem_in(send(desk, "an", good, colour="red"))["status"] == 422
    assert problem_in(desk.ask("an", "GET", f"/{'a' * 26}/report.json", under=FILES))["status"] == 404
    split = desk.draft("an", kind="attributes", parcels=[{"parcel": desk.codes["1"], "land_use": "ODT"}])
    assert (
        problem_in(desk.ask("an", "GET", f"/{split['correction']}/report.json", under=FILES))["status"] == 404
    )
    with connect(desk.conninfo) as conn:
        assert conn.execute("select count(*) from address_file").fetchone() == (0,), (
            "what is refused leaves nothing"
        )
