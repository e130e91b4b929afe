"""`diachinh serve --workers`: several processes behind one port; all show what anyone did; one that is killed comes back."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from cli.cluster import Cluster
from cli.database import NAME
from register.connect import connect
from tests.cli.command import free_port, run, running
from tests.register.handed_in import hand_in, lot
from tests.tiles.test_fresh import numbers
from tests.tiles.test_stamps import tile_at


def test_several_processes_serve_and_none_is_missed(register_home: Path) -> None:
    def servers() -> list[psutil.Process]:
        found = []
        for one in psutil.Process(served.process.pid).children():
            with suppress(psutil.Error):  # it has just ended
                if "multiprocessing.spawn" in " ".join(one.cmdline()):
                    found.append(one)
        return found

    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_at(15, 5, 5))
    with running(register_home, "serve", "--workers", "2", PORT=free_port(), DIACHINH_CHECKS="0") as served:
        url = served.url()

        with Cluster(register_home) as cluster, connect(cluster.conninfo(NAME)) as conn:
            for turn in range(4):
                hand_in(conn, lot(str(turn), 10.0 * turn, 0, 10 * turn + 10, 20))
                conn.commit()
                for _ in range(8):  # each over a connection of its own: whoever takes it answers
                    assert numbers(httpx.get(url + path, timeout=60)) == {str(n) for n in range(turn + 1)}
        assert list(register_home.glob("tiles-*/*/*")), "finished tiles are shared"
        first = {one.pid for one in servers()}
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        while not (len(now := {one.pid for one in servers()}) == 2 and now != first):
            time.sleep(0.05)
            assert served.process.poll() is None
        for _ in range(8):
            assert numbers(httpx.get(url + path, timeout=60)) == {"0", "1", "2", "3"}
        assert served.stop() == 0
        assert served.process.poll() == 0
        assert not any(psutil.pid_exists(pid) for pid in now)
        assert not list(register_home.glob("tiles-*"))
    with running(register_home, "serve", "--workers", "2", PORT=free_port(), DIACHINH_CHECKS="0") as served:
        served.url()
        left = servers()
        served.process.kill()  # nobody is left to tell them
        served.process.wait()
        _, alive = psutil.wait_procs(left, timeout=60)
        assert alive == []


def test_a_number_of_processes_that_is_none_is_refused(register_home: Path) -> None:
    refused = run(register_home, "serve", DIACHINH_WORKERS="zero")
    assert refused.code == 2
    assert "DIACHINH_WORKERS=zero" in refused.err
