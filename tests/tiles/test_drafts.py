"""The layer of drafts: what corrections on their way will do, to the office alone, as it is now."""

from collections.abc import Iterator

import httpx
import mapbox_vector_tile
import psycopg
import pytest
import shapely
from shapely.geometry import shape

from register import accounts, proposals, sessions
from register.connect import connect
from tests.conftest import Served
from tests.register.handed_in import EAST, NORTH, hand_in, lot
from tests.register.proposing import AUTHOR, draft, through
from tests.tiles.drawn import Drawn
from tests.tiles.test_stamps import tile_at

TILE = tile_at(17, 20, 10)


@pytest.fixture
def office(server: Served) -> Iterator[tuple[httpx.Client, psycopg.Connection]]:
    """Three lots, and a client that signs in as an editor."""
    with connect(server.conninfo) as conn:
        hand_in(conn, lot("1", 0, 0, 30, 20), lot("2", 30, 0, 60, 20), lot("3", 60, 0, 90, 20))
        accounts.add_account(conn, "tester", "minh", "minh", "một mật khẩu dài 1")
        accounts.grant(conn, "tester", "minh", "editor", None)
        token = sessions.sign_in(conn, "minh", "một mật khẩu dài 1").access
        conn.commit()
        with httpx.Client(
            base_url=server.url, headers={"authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            yield client, conn


def said(client: httpx.Client) -> str:
    """One line a feature."""
    answer = client.get("/tiles/drafts/{}/{}/{}.mvt".format(*TILE))
    assert answer.status_code == 200, answer.text
    tile = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    lines = []
    for one in tile.get("drafts", {"features": []})["features"]:
        told = one["properties"]
        box = [round(n) for n in shape(one["geometry"]).bounds]
        words = (
            told["state"],
            told["kind"],
            told["role"],
            "opens" if told["opens"] else "closes",
            told.get("number", "-"),
        )
        lines.append(f"{' '.join(words)}: {box[2] - box[0]} x {box[3] - box[1]}")
    return "\n".join(sorted(lines))


def codes(conn: psycopg.Connection) -> dict[str, str]:
    return dict(conn.execute("select number, code from parcel_version where closed_by is null").fetchall())


def test_a_draft_is_seen_until_it_is_done(office: tuple[httpx.Client, psycopg.Connection]) -> None:
    client, conn = office
    assert said(client) == ""
    code = codes(conn)
    one = draft(conn, "merge", parcels=[code["1"], code["2"]])
    conn.commit()
    drafted = said(client)
    assert {line.split(":")[0].split(" ")[3] for line in drafted.splitlines()} == {"opens", "closes"}
    assert "draft merge" in drafted
    proposals.submit(conn, one.key, AUTHOR, one.hash or b"")
    conn.commit()
    assert said(client) == drafted.replace("draft merge", "submitted merge")
    proposals.withdraw(conn, one.key, AUTHOR)
    conn.commit()
    assert said(client) == ""
    other = draft(conn, "merge", parcels=[code["1"], code["2"]])
    conn.commit()
    assert said(client) == drafted
    through(conn, other)
    conn.commit()
    assert said(client) == ""


def test_a_new_line_is_drawn_where_it_will_be(office: tuple[httpx.Client, psycopg.Connection]) -> None:
    client, conn = office
    line = shapely.LineString([(EAST + 40, NORTH - 5), (EAST + 40, NORTH + 25)])
    draft(conn, "split", parcel=codes(conn)["2"], lines=[[[x, y] for x, y in line.coords]])
    conn.commit()
    widths = sorted(
        float(line.split(": ")[1].split(" x ")[0]) for line in said(client).splitlines() if "opens" in line
    )
    unit_m = 40075016.685578488 / 2 ** TILE[0] / 4096 * 0.9615
    assert [round(width * unit_m) for width in widths] == [10, 20]


def test_drafts_are_the_office_s_alone_and_of_today(
    office: tuple[httpx.Client, psycopg.Connection], server: Served
) -> None:
    client, conn = office
    code = codes(conn)
    draft(conn, "merge", parcels=[code["1"], code["2"]])
    conn.commit()
    path = "/tiles/drafts/{}/{}/{}.mvt".format(*TILE)
    with httpx.Client(base_url=server.url) as nobody:
        assert nobody.get(path).status_code == 401
        assert "drafts" not in nobody.get("/tiles/style.json").text
        assert "drafts" not in Drawn(nobody, server.conninfo).tile("parcels,labels", *TILE)
    answer = client.get(path)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert client.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert client.get(path, params={"v": "1"}).status_code == 422
    assert client.get(path, params={"as_of": "2999-01-01"}).content == b""
