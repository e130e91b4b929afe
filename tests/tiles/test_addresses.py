"""The layer of addresses: a point in its parcel for each text, fresh as soon as a link changes, though no shape does."""

from datetime import date

import httpx
import mapbox_vector_tile
import psycopg
import shapely

from register.apply import apply
from register.connect import connect
from register.correction import Correction
from register.links import LinkDrafts
from register.revert import revert
from tests.conftest import Served
from tests.register.handed_in import hand_in, lot
from tests.tiles.drawn import Drawn, on_the_map
from tests.tiles.test_stamps import tile_at

LAW = date(2026, 11, 1)
Tile = tuple[int, int, int]


def said(drawn: Drawn, tile: Tile) -> str:
    features = drawn.tile("addresses", *tile).get("addresses", [])
    return "\n".join(
        sorted(f"{one['properties'].get('house', '-')} | {one['properties']['address']}" for one in features)
    )


def links(
    conn: psycopg.Connection, *link: dict[str, object], unlink: tuple[dict[str, object], ...] = ()
) -> int:
    applied = apply(conn, Correction("address", "tester", LAW), LinkDrafts(list(link), list(unlink)))
    conn.commit()
    return applied.id


def test_each_text_stands_in_its_parcel_and_changes_show_at_once(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        drawn, tile = Drawn(client, server.conninfo), tile_at(17, 1, 1)
        hand_in(
            conn,
            lot("1", 0, 0, 30, 20, address="12/3A Đường Trần Phú, Phường Hải Châu"),
            lot("2", 30, 0, 60, 20, address="Số 7 Lê Lợi"),
            lot("3", 0, 20, 30, 40, address="Tổ 4, thôn Đông"),
            lot("4", 30, 20, 60, 40),
        )
        conn.commit()
        first = """\
- | Tổ 4, thôn Đông
12/3A | 12/3A Đường Trần Phú, Phường Hải Châu
7 | Số 7 Lê Lợi"""
        assert said(drawn, tile) == first
        parcels = {
            code: shapely.from_wkb(web)
            for code, web in conn.execute("select code, st_asbinary(web) from parcel_version")
        }
        for one in drawn.tile("addresses", *tile)["addresses"]:
            at = on_the_map(one, *tile)
            assert shapely.distance(parcels[one["properties"]["parcel"]], at) < 0.08  # a unit at this zoom
        (bare,) = conn.execute("select code from parcel_version where number = '4'").fetchone() or ("",)
        stamp = drawn.fetch("addresses,parcels", *tile).headers["etag"]

        number = links(conn, {"parcel": bare, "text": "9 Lê Lợi"})
        answer = drawn.fetch("addresses,parcels", *tile, **{"if-none-match": stamp})
        assert answer.status_code == 200
        assert said(drawn, tile) == first + "\n9 | 9 Lê Lợi"

        links(conn, {"parcel": bare, "text": "9A Lê Lợi"}, unlink=({"parcel": bare, "text": "9 Lê Lợi"},))
        assert said(drawn, tile) == first + "\n9A | 9A Lê Lợi"
        stamp = drawn.fetch("addresses", *tile).headers["etag"]
        last = links(conn, {"parcel": bare, "text": "11 Lê Lợi", "main": True})
        revert(conn, last, "tester")
        conn.commit()
        assert drawn.fetch("addresses", *tile, **{"if-none-match": stamp}).status_code == 200
        assert said(drawn, tile) == first + "\n9A | 9A Lê Lợi"
        assert number < last
        known = conn.execute("select made_at from correction where seq is not null order by seq").fetchall()
        then = []
        for (made_at,) in known:
            answer = drawn.client.get(
                "/tiles/addresses/{}/{}/{}.mvt".format(*tile), params={"as_of": made_at.isoformat()}
            )
            features = mapbox_vector_tile.decode(answer.content).get("addresses", {"features": []})[
                "features"
            ]
            then.append(
                sorted(
                    one["properties"]["address"] for one in features if one["properties"].get("house") != "7"
                )
            )
        old = ["12/3A Đường Trần Phú, Phường Hải Châu"]
        others = [["9 Lê Lợi"], ["9A Lê Lợi"], ["11 Lê Lợi", "9A Lê Lợi"], ["9A Lê Lợi"]]
        assert then == [sorted([*old, *one, "Tổ 4, thôn Đông"]) for one in ([], *others)]


def test_each_stands_in_one_tile_only_and_none_above_its_zoom(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        hand_in(
            conn, *(lot(str(n), 20.0 * n, 0, 20.0 * n + 20, 20, address=f"{n} Lê Lợi") for n in range(60))
        )
        conn.commit()
        drawn, (z, x, y) = Drawn(client, server.conninfo), tile_at(18, 0, 0)
        houses = [
            one["properties"]["house"]
            for dx in range(-1, 12)
            for dy in range(-1, 2)
            for one in drawn.tile("addresses", z, x + dx, y + dy).get("addresses", [])
        ]
        assert sorted(houses, key=int) == [str(n) for n in range(60)]
        assert drawn.tile("addresses", *tile_at(16, 0, 0)) == {}
