"""Servers as benchmarks start them: processes of their own, on free ports, gone at the end."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from cli.bring import Choices, into_register
from cli.cluster import Cluster
from importers.sample.fabric import write_fabric
from importers.sample.write import write_sample
from register.connect import connect
from register.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
DANANG = ROOT.parent / "shared/data/vn_danang_parcels/danang_parcels_geojson.zip"

_SERVE = """
import sys
from pathlib import Path, PosixPath
from api.app import create_app
from cli.http_server import listen, server_of
door = listen("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1]))
server_of(create_app(sys.argv[1], **eval(sys.argv[2]))).run(sockets=[door])
"""


@contextmanager
def filled_register() -> Iterator[str]:
    """conninfo of a register with the real parcels of Da Nang, else the sample commune, in a PostGIS of its own."""
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as folder:
        real = DANANG.exists()
        with filled([DANANG] if real else write_sample(Path(folder))) as (conninfo, stored):
            print(f"{stored:,} {'real parcels of Da Nang' if real else 'sample parcels'}", flush=True)
            yield conninfo


@contextmanager
def filled(files: Sequence[Path]) -> Iterator[tuple[str, int]]:
    """conninfo of a register with `files` imported, in a PostGIS of its own, and how many parcels it holds."""
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # the server runs under an account of its own
        cluster = Cluster(Path(folder) / "postgis", durable=False)
        cluster.start()
        try:
            conninfo = cluster.conninfo("bench")
            with psycopg.connect(cluster.conninfo(), autocommit=True) as server:
                server.execute("create database bench")
            with connect(conninfo) as conn:
                migrate(conn)
            receipt = into_register(list(files), conninfo, "register", "bench", Choices())
            with connect(conninfo, autocommit=True) as conn:
                conn.execute("vacuum analyze")
            os.sync()  # what is still to be written would slow down what is measured
            yield conninfo, receipt.stored
        finally:
            cluster.stop(discard=True)


def two_sets() -> Iterator[tuple[str, list[Path]]]:
    """Files by name: the real parcels, where they are, and FABRIC generated ones (a million; 0: none), made in their turn."""
    if DANANG.exists():
        yield "real", [DANANG]
    if count := int(os.environ.get("FABRIC", "1000000")):
        with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as folder:
            write_fabric(Path(folder) / "fabric.gpkg", count)
            yield "fabric", [Path(folder) / "fabric.gpkg"]


@contextmanager
def our_server(conninfo: str, **options: object) -> Iterator[int]:
    """This server, with `options` of `create_app`, in one process of its own; its port."""
    with process([sys.executable, "-c", _SERVE, conninfo, repr(options)], os.environ) as port:
        yield port


@contextmanager
def process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """`command --port N` running and listening; the port. Raises: RuntimeError where it does not come up in a minute."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    running = subprocess.Popen([*command, "--port", str(port)], env=dict(environment), cwd=ROOT)
    try:
        for _ in range(600):
            if running.poll() is not None:
                raise RuntimeError(f"{command[0]} ended at once with {running.returncode}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer")
        yield port
    finally:
        running.terminate()
        running.wait(10)
