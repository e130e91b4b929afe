"""A register served by real processes, `diachinh serve` and `diachinh worker`, over a private PostGIS; each can be killed."""

import contextlib
import os
import random
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx
import psycopg

from cli.cluster import Cluster
from cli.database import NAME
from cli.errors import CommandError
from cli.http_server import listen
from cli.migrate import bring_up
from register.accounts import add_account, grant
from register.connect import connect
from tests.api.surveying import block, lots
from tests.cli.command import PATIENCE_S, PROGRAM, environment
from tests.register.handed_in import hand_in, lot

Kind = Literal["server", "worker", "database"]
KINDS: tuple[Kind, ...] = ("server", "worker", "database")
PASSWORD = "một mật khẩu dài"  # noqa: S105
COLUMNS, ROWS = 20, 12
WIDE_M, DEEP_M = 12, 20
EAST_M, NORTH_M = 3000, 3000  # far from the sample's town
EDITORS = tuple(f"editor{n}" for n in range(4))
APPROVER = "approver"


@dataclass(slots=True)
class Program:
    """`diachinh arguments`, started and killed again and again; what it says goes to `log`."""

    arguments: tuple[str, ...]
    home: Path
    log: Path
    settings: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    ended: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start it where it does not run; where it had ended by itself, that is noted with its last words."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            if code != -signal.SIGKILL:
                last = self.log.read_text("utf-8", "replace").splitlines()[-3:]
                self.ended.append(f"{self.arguments[0]} by itself with {code}: {last}")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, *self.arguments],
                env=environment(self.home, **self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self, *, family: bool = False) -> None:
        """SIGKILL, to its children too where `family`."""
        assert self.process is not None
        victims = [self.process.pid, *(children(self.process.pid) if family else ())]
        for pid in victims:
            _kill(pid)
        self.process.wait()

    def stop(self) -> int:
        """Its exit code after SIGTERM."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE_S)


@dataclass(slots=True)
class Office:
    """The processes, and where they are asked."""

    home: Path
    url: str
    cluster: Cluster
    server: Program
    worker: Program
    keep: bool = False

    @property
    def conninfo(self) -> str:
        return self.cluster.conninfo(NAME)

    def kill(self, kind: Kind, *, family: bool) -> None:
        """Kill one of them, with all its children where `family`; nothing is started."""
        if kind == "database":
            pid = self._postmaster()
            for victim in (pid, *sorted(self.cluster._processes() - {pid} if family else ())):
                _kill(victim)
        else:
            (self.server if kind == "server" else self.worker).kill(family=family)

    def tend(self) -> None:
        """What an office's machine does: programs that have ended are started again. The database is their business."""
        self.server.start()
        self.worker.start()

    def until_it_answers(self) -> None:
        """Wait until the server answers from the register."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            self.tend()
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/api/v1/changes?limit=1", timeout=60).status_code == 200:
                    return
            assert time.monotonic() < give_up, f"no answer; see {self.home}"
            time.sleep(0.05)

    def _postmaster(self) -> int:
        """Of the server that runs, or is about to."""
        give_up = time.monotonic() + PATIENCE_S
        while (pid := self.cluster._postmaster()) is None:
            self.tend()
            assert time.monotonic() < give_up, f"nobody starts the database; see {self.home}"
            time.sleep(0.01)
        return pid


@contextmanager
def office() -> Iterator[Office]:
    """A town of some hundred parcels, people with accounts, a server that answers and a worker; all gone at the end.

    The database is as durable as in production. Where the block fails or says `keep`, the folder is left to be looked into.
    """
    home = Path(f"/var/tmp/diachinh-faults-{os.geteuid()}-{uuid.uuid4().hex[:8]}")  # noqa: S108 - refused where a stranger's
    cluster = Cluster(home)
    with cluster:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
            server.execute("create database diachinh")
        bring_up(cluster.conninfo(NAME), "register")
        _settle(cluster.conninfo(NAME))
    port = _port()
    one = Office(
        home,
        f"http://127.0.0.1:{port}",
        cluster,
        Program(("serve",), home, home / "server.log", {"PORT": port, "DIACHINH_CHECKS": "0"}),
        Program(("worker",), home, home / "worker.log", {"TMPDIR": str(home / "scratch")}),
    )
    (home / "scratch").mkdir(mode=0o700)
    try:
        one.until_it_answers()
        yield one
        assert (one.server.stop(), one.worker.stop()) == (0, 0)
        assert not [path.name for path in (home / "scratch").glob("diachinh-*")], (
            "of workers that were killed"
        )
    finally:
        for program in (one.server, one.worker):
            if program.process is not None and program.process.poll() is None:
                program.kill(family=True)
        cluster.start()
        cluster.stop()
    if one.keep:
        print(f"kept for a look: {home}")
        return
    cluster.start()
    cluster.stop(discard=True)


def _port() -> str:
    """A free port that the system never gives to a client: one that asks while the server is away might get it, and keep it."""
    while True:
        port = random.randrange(20_000, 30_000)
        with contextlib.suppress(CommandError), listen("127.0.0.1", port):
            return str(port)


def _settle(conninfo: str) -> None:
    with connect(conninfo) as conn:
        grid = [
            lot(
                str(row * COLUMNS + column + 1),
                EAST_M + column * WIDE_M,
                NORTH_M + row * DEEP_M,
                EAST_M + (column + 1) * WIDE_M,
                NORTH_M + (row + 1) * DEEP_M,
                address=f"{column + 1} Đường số {row + 1}",
                postcode="50207",
            )
            for row in range(ROWS)
            for column in range(COLUMNS)
        ]
        hand_in(conn, *grid, *lots(block().town))
        for name in EDITORS:
            add_account(conn, "tester", name, name, PASSWORD)
            grant(conn, "tester", name, "editor", None)
        add_account(conn, "tester", APPROVER, APPROVER, PASSWORD)
        grant(conn, "tester", APPROVER, "approver", None)


def children(pid: int) -> list[int]:
    """All descendants of a process."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
