"""Parcels that are not registered yet say so in their tiles; others say nothing, and cost nothing."""

from datetime import timedelta

import httpx

from register.connect import connect
from tests.conftest import Served
from tests.register.handed_in import DAY, hand_in, lot
from tests.register.proposing import done
from tests.tiles.drawn import Drawn
from tests.tiles.test_stamps import tile_at


def test_what_a_merger_made_is_provisional_until_it_is_registered(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        hand_in(conn, *(lot(str(n), 30.0 * n, 0, 30 * n + 30, 20) for n in range(4)))
        conn.commit()
        drawn = Drawn(client, server.conninfo)

        def states(z: int) -> dict[str, str | None]:
            """By code, in a tile, and in that of the zone's own grid: they say the same."""
            return {
                one["properties"]["code"]: one["properties"].get("state")
                for one in drawn.tile("parcels", *tile_at(z, 5, 5))["parcels"]
            }

        code = dict(conn.execute("select number, code from parcel_version").fetchall())
        assert set(states(14).values()) == {None}
        done(conn, "merge", DAY + timedelta(1), parcels=[code["1"], code["2"]])
        conn.commit()
        ((made,),) = conn.execute(
            "select code from parcel_version where provisional and closed_by is null"
        ).fetchall()
        for z in (14, 15, 16):
            assert states(z) == {code["0"]: None, made: "provisional", code["3"]: None}
        done(conn, "register", DAY + timedelta(2), parcels=[made])
        conn.commit()
        assert set(states(14).values()) == {None}
