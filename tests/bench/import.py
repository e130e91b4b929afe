"""Whole imports beside a bare `ogr2ogr` copy of the same files into the same PostGIS, in turns.

Ours is the whole command `diachinh import`, process start included: read, check, code, address, store, map shapes. The
peer copies rows by COPY and builds its spatial index, nothing more; so the map's store is not filled here (`--no-tiles`:
the bench `archive` tells what that takes). Memory is the peak of our processes together
(proportional set size, so that shared pages count once), for a quarter of the file and for the whole.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg

from cli.cluster import Cluster
from cli.migrate import bring_up
from importers.sample.fabric import write_fabric

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared/data/vn_danang_parcels/danang_parcels_geojson.zip"
ROUNDS = 5
REAL_BAR, FABRIC_BAR, MEMORY_BAR = 4.0, 12.0, 1.25
FABRIC = 1_000_000


class Bench:
    """A durable private PostGIS with an empty migrated register to clone."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.server = psycopg.connect(cluster.conninfo(), autocommit=True)
        self._fresh("bench_empty", None)
        bring_up(cluster.conninfo("bench_empty"), "register")

    def _fresh(self, name: str, template: str | None) -> str:
        self.server.execute(f"drop database if exists {name} with (force)")
        self.server.execute(f"create database {name}" + (f" template {template}" if template else ""))
        return self.cluster.conninfo(name)

    def ours(self, path: Path, *, memory: bool = False) -> tuple[float, int]:
        """Seconds and peak bytes of `diachinh import path` into an empty register."""
        conninfo = self._fresh("bench_ours", "bench_empty")
        self.server.execute("checkpoint")
        command = [sys.executable, "-c", "from cli.main import app; app()", "import", "--no-tiles", str(path)]
        environment = os.environ | {"DIACHINH_DATABASE": conninfo}
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        peak = Peak(process.pid) if memory else None
        out, _ = process.communicate()
        seconds = time.perf_counter() - begin
        if process.returncode != 0:
            raise RuntimeError(f"import of {path} failed: {out.decode()[:500]}")
        return seconds, peak.stop() if peak else 0

    def peers(self, paths: Sequence[Path]) -> float:
        """Seconds of `ogr2ogr` copying each path into one table, spatial index included."""
        conninfo = self._fresh("bench_peer", None)
        with psycopg.connect(conninfo, autocommit=True) as conn:
            conn.execute("create extension postgis")
        self.server.execute("checkpoint")
        begin = time.perf_counter()
        for path in paths:
            subprocess.run(
                ["ogr2ogr", "-q", "-f", "PostgreSQL", f"PG:{conninfo}", str(path), "-nln", "copied", "-append"],
                check=True, env=os.environ | {"PG_USE_COPY": "YES"}, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        return time.perf_counter() - begin


class Peak:
    """Peak of the proportional set size of a process and its children, watched four times a second."""

    def __init__(self, pid: int) -> None:
        self.process = psutil.Process(pid)
        self.bytes = 0
        self.going = True
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        while self.going:
            total = 0
            try:
                for process in [self.process, *self.process.children(recursive=True)]:
                    total += process.memory_full_info().pss
            except psutil.Error:
                pass
            self.bytes = max(self.bytes, total)
            time.sleep(0.25)

    def stop(self) -> int:
        self.going = False
        self.thread.join()
        return self.bytes


def turns(bench: Bench, name: str, path: Path, peer_paths: Sequence[Path], bar: float) -> float:
    """The ratio of medians over alternating rounds, printed."""
    bench.ours(path)  # warm: compiled loops are loaded from disk, files are in memory
    ours, peers = [], []
    for _ in range(ROUNDS):
        peers.append(bench.peers(peer_paths))
        ours.append(bench.ours(path)[0])
        print(f"  {name}: ours {ours[-1]:.2f} s, ogr2ogr {peers[-1]:.2f} s", flush=True)
    ratio = statistics.median(ours) / statistics.median(peers)
    print(
        f"  {name}: median {statistics.median(ours):.2f} s beside {statistics.median(peers):.2f} s, "
        f"ratio {ratio:.2f} (needs <= {bar})",
        flush=True,
    )
    return ratio


def run() -> int:
    """0 where both ratios and the memory bar hold."""
    cluster = Cluster(Path(f"/var/tmp/diachinh-bench-{os.geteuid()}"))  # noqa: S108 - the cluster refuses a stranger's folder
    with cluster, tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        folder = Path(scratch)
        bench = Bench(cluster)
        real = None
        if REAL.is_file():
            with zipfile.ZipFile(REAL) as archive:
                archive.extractall(folder / "real")
            real = turns(bench, "real 58,398", REAL, sorted((folder / "real").rglob("*.geojson")), REAL_BAR)
        else:
            print(f"  {REAL} is absent: the real set is not measured")
        quarter, whole = folder / "quarter.gpkg", folder / "fabric.gpkg"
        write_fabric(quarter, FABRIC // 4)
        write_fabric(whole, FABRIC)
        fabric = turns(bench, f"fabric {FABRIC:,}", whole, [whole], FABRIC_BAR)
        memory = [bench.ours(path, memory=True)[1] for path in (quarter, whole)]
        growth = memory[1] / memory[0]
        print(f"  peak memory: quarter {memory[0] >> 20} MiB, whole {memory[1] >> 20} MiB")
    good = (real is None or real <= REAL_BAR) and fabric <= FABRIC_BAR and growth <= MEMORY_BAR
    shown = "absent" if real is None else f"{real:.2f}x"
    print(
        f"import: real {shown}, fabric {fabric:.2f}x ogr2ogr, memory of 4 times the file {growth:.2f}x "
        f"(needs <= {REAL_BAR:g}x, <= {FABRIC_BAR:g}x, <= {MEMORY_BAR:g}x)"
    )
    return 0 if good and real is not None else 1


if __name__ == "__main__":
    sys.exit(run())
