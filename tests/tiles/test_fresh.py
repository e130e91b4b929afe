"""What is fetched after a correction was acknowledged shows it, whichever process made it and whichever answers."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import files

import httpx
import mapbox_vector_tile
import pytest

from register import accounts, sessions
from register.connect import connect, open_pool
from register.revert import revert
from tests.conftest import Clone, Serve, Served
from tests.register.awaited import awaited
from tests.register.handed_in import hand_in, lot
from tests.tiles.test_stamps import tile_at
from tiles.revisions import AT_ONCE, Revisions


def numbers(answer: httpx.Response) -> set[str]:
    """Numbers of the parcels in a tile."""
    assert answer.status_code == 200, answer.text
    tile = mapbox_vector_tile.decode(answer.content) if answer.content else {}
    return {f["properties"]["number"] for f in tile.get("parcels", {"features": []})["features"]}


@pytest.fixture(scope="module")
def two(clone: Clone, serve: Serve) -> Iterator[tuple[str, list[httpx.Client]]]:
    """Two servers over one register, as two workers or two machines are."""
    with clone() as conninfo, ExitStack() as stack:
        servers = [stack.enter_context(serve(conninfo)) for _ in range(2)]
        yield conninfo, [stack.enter_context(httpx.Client(base_url=one.url, timeout=60)) for one in servers]


def test_every_server_shows_what_any_process_did(two: tuple[str, list[httpx.Client]]) -> None:
    conninfo, clients = two
    there: set[str] = set()
    paths = ["/tiles/parcels/{}/{}/{}.mvt".format(*tile_at(z, 5 + z, 5)) for z in (14, 15, 16)]
    with connect(conninfo) as conn:
        for turn in range(12):
            number = f"n{turn}"
            receipt = hand_in(conn, lot(number, turn * 4.0, 0, turn * 4.0 + 4, 60))
            conn.commit()
            there.add(number)
            if turn % 3 == 2:
                assert receipt.correction is not None
                revert(conn, receipt.correction, "tester")
                conn.commit()
                there.remove(number)
            for path in paths:
                for client in clients if turn % 2 else reversed(clients):
                    assert (
                        numbers(client.get(path)) == there
                    )  # the usual way, or on the wire: the path is known by now
                    assert numbers(client.get(path)) == there


def test_servers_say_the_same_of_the_same_state(two: tuple[str, list[httpx.Client]]) -> None:
    _, clients = two
    for z in (8, 10, 13, 14, 17):
        said = [
            client.get("/tiles/parcels,sheets,communes/{}/{}/{}.mvt".format(*tile_at(z, 5, 5)))
            for client in clients
        ]
        assert len({(one.headers["etag"], one.content) for one in said}) == 1


def test_many_at_once_share_one_look(clone: Clone) -> None:
    """A look serves those who came before it began; who comes while it runs waits for the next."""

    class Counting(Revisions):
        looks = 0

        async def _read(self) -> None:
            self.looks += 1
            await super()._read()

    async def ask(conninfo: str) -> None:
        async with open_pool(conninfo, size=1) as pool:
            now = Counting(pool)
            await asyncio.gather(*(now.now() for _ in range(50)))
            assert now.looks == 1
            running = asyncio.create_task(now.now())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await asyncio.gather(*(now.now() for _ in range(50)))
            assert now.looks == 3
            await running

    with clone() as conninfo:
        awaited(ask(conninfo))


def test_what_is_held_is_what_stands_there(clone: Clone) -> None:
    async def follow(conninfo: str) -> None:
        async with open_pool(conninfo, size=1) as pool:
            now = Revisions(pool)
            with connect(conninfo) as conn:
                for turn in range(6):
                    hand_in(conn, lot(str(turn), 900.0 * turn, 0, 900 * turn + 60, 30))
                    conn.commit()
                    if turn % 2:
                        continue  # several corrections between two looks
                    version = now.version
                    await now.now()
                    rows = conn.execute(
                        "select c.key, c.revision, max(o.seq) from map_cell c join map_change h using (key) "
                        "join correction o on o.id = h.correction group by 1, 2 order by 1"
                    ).fetchall()
                    assert (
                        list(zip(now.keys.tolist(), now.revisions.tolist(), now.seqs.tolist(), strict=True))
                        == rows
                    )
                    low, high = rows[0][0], rows[-1][0]
                    every = len(rows), sum(row[1] for row in rows), max(row[2] for row in rows)
                    assert now.of([(low, high)]) == every
                    assert now.of([(low, low), (low + 1, high)]) == every
                    assert now.of([(high + 1, high + 9)]) == (0, 0, 0)
                    assert now.version > version
                    version = now.version
                    await now.now()
                    assert now.version == version
                conn.execute("select pg_terminate_backend(pid, 30000) from pg_stat_activity where pid <> pg_backend_pid() "
                             "and datname = current_database()")  # fmt: skip
            await now.now()
            assert (now.keys.size > 0, now.seq) == (True, 6)

    with clone() as conninfo:
        awaited(follow(conninfo))


def test_looks_that_cross_never_go_back(clone: Clone) -> None:
    acknowledged = [0]

    def correct(conninfo: str) -> None:
        with connect(conninfo) as conn:
            for turn in range(25):
                hand_in(conn, lot(str(turn), 60.0 * turn, 0, 60 * turn + 60, 30))
                conn.commit()
                acknowledged[0] += 1

    async def look(conninfo: str) -> None:
        async with open_pool(conninfo, size=AT_ONCE) as pool:
            now = Revisions(pool)
            made = asyncio.create_task(asyncio.to_thread(correct, conninfo))

            async def ask() -> None:
                while not made.done():
                    before, held = acknowledged[0], now.seq
                    await now.now()
                    assert now.seq >= max(before, held)

            await asyncio.gather(*(ask() for _ in range(20)))
            await made
            await now.now()
            with connect(conninfo) as conn:
                rows = conn.execute("select key, revision from map_cell order by key").fetchall()
            assert list(zip(now.keys.tolist(), now.revisions.tolist(), strict=True)) == rows

    with clone() as conninfo:
        awaited(look(conninfo))


def test_cells_of_old_corrections_are_found_when_the_schema_is_brought_up(clone: Clone) -> None:
    text = (files("register") / "migrations/0019_map_changes.sql").read_text("utf-8")
    backfill = text[
        text.index("select distinct cell_key") : text.index(";", text.index("select distinct cell_key"))
    ]
    with clone() as conninfo, connect(conninfo) as conn:
        receipt = hand_in(conn, lot("1", 0, 0, 30, 20), lot("2", 3000, 0, 3030, 20))
        hand_in(conn, lot("3", 1500, 0, 1530, 20, sheet="2"))
        assert receipt.correction is not None
        revert(conn, receipt.correction, "tester")
        written = set(conn.execute("select key, correction from map_change").fetchall())
        assert written == set(conn.execute(backfill).fetchall())
        assert len({correction for _, correction in written}) == 3


def test_a_tile_that_fails_takes_no_other_down(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiles import encode

    with httpx.Client(base_url=server.url, timeout=60) as client:
        with connect(server.conninfo) as conn:
            hand_in(conn, lot("1", 0, 0, 300, 300))
        z, x, y = tile_at(17, 150, 150)
        whole = encode.pieces

        def broken(names: object, cells: object, z_: int, x_: int, y_: int, *, keep: bool) -> object:
            if x_ == x:
                raise ValueError("broken")
            return whole(names, cells, z_, x_, y_, keep=keep)  # type: ignore[arg-type]

        monkeypatch.setattr(encode, "pieces", broken)
        failed = client.get(f"/tiles/parcels/{z}/{x}/{y}.mvt")
        assert (failed.status_code, failed.headers["cache-control"]) == (500, "no-store")
        assert numbers(client.get(f"/tiles/parcels/{z}/{x - 1}/{y}.mvt")) == {"1"}
        monkeypatch.undo()
        assert numbers(client.get(f"/tiles/parcels/{z}/{x}/{y}.mvt")) == {"1"}


def test_a_layer_for_some_is_refused_to_others_and_shared_by_their_class(server: Served) -> None:
    with connect(server.conninfo) as conn:
        hand_in(conn, lot("1", 0, 0, 30, 20))
        tokens = {}
        for name, role in (("minh", "editor"), ("lan", "partner")):
            accounts.add_account(conn, "tester", name, name, "một mật khẩu dài 1")
            accounts.grant(conn, "tester", name, role, None)
            tokens[name] = sessions.sign_in(conn, name, "một mật khẩu dài 1").access
    path = "/tiles/drafts,parcels/{}/{}/{}.mvt".format(*tile_at(15, 5, 5))
    with httpx.Client(base_url=server.url, timeout=60) as client:
        said = {
            name: client.get(path, headers={"authorization": f"Bearer {one}"}) for name, one in tokens.items()
        }
        assert {name: one.status_code for name, one in said.items()} == {"minh": 200, "lan": 403}
        assert said["minh"].headers["cache-control"] == "private, no-cache"
        assert "Authorization" in said["minh"].headers["vary"]
        for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}):
            assert client.get(path, headers=headers).status_code == 401
        assert client.get(path).headers["cache-control"] == "no-store"
        opened = path.replace("drafts,", "")
        assert (
            client.get(opened, headers={"authorization": "Bearer x"}).headers["cache-control"]
            == "public, no-cache"
        )


def test_nobody_who_waits_is_forgotten(clone: Clone) -> None:
    """Each asks again the moment it is answered, alone and together: no call of `look` may go unanswered."""

    async def ask(conninfo: str) -> None:
        async with open_pool(conninfo, size=AT_ONCE) as pool:
            now = Revisions(pool)
            left = [300] * 5
            done = asyncio.get_running_loop().create_future()

            def again(who: int) -> None:
                def then(error: BaseException | None) -> None:
                    assert error is None
                    left[who] -= 1
                    if left[who] > 0:
                        again(who)
                    elif not any(left):
                        done.set_result(None)

                asyncio.get_running_loop().call_soon(now.look, then)

            for who in range(5):
                again(who)
            await asyncio.wait_for(done, 60)  # the looks would go on for ever, or stop

    with clone() as conninfo:
        awaited(ask(conninfo))
