"""Finished tiles: this server against tipg, and against nginx that sends the same bytes from files; one worker each.

Random views at each zoom, gzip, keep-alive, driven by wrk. What we send is asked for freshness each time: every answer waits
for a look at the register that began after its request came. nginx does no such thing: it is what the wire allows.

    .venv/bin/python -m tests.bench tiles-cached
"""

import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from register.connect import connect
from tests.bench.serving import filled_register, our_server, process
from tests.bench.tiles_first import PEER_SCHEMA, peer_view, random_views, tipg
from tiles.layers import AREAS_ZOOM

ROUNDS: Final = int(os.environ.get("ROUNDS", "3"))
SECONDS: Final = int(os.environ.get("SECONDS", "3"))
CLIENTS: Final = 64
PEER_CLIENTS: Final = 8  # more only wait in its queue
NGINX_BAR: Final = 0.3
PEER_BAR: Final = 40.0
PEER_ZOOMS: Final = (14, 16)

_SCRIPT: Final = """
local requests, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", line) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.read + summary.errors.connect + summary.errors.timeout
  print(string.format("told %d %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(95), latency:percentile(99), bad))
end
"""
_NGINX: Final = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; user {user};
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  default_type application/vnd.mapbox-vector-tile;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/root; add_header Content-Encoding gzip; }}
}}
"""


def run() -> int:
    """0 where every bar holds, 1 where not."""
    needs = f"(needs {PEER_BAR:g}x tipg at z14 and z16, {NGINX_BAR:g} of nginx)"
    missing = [name for name in ("wrk", "nginx") if shutil.which(name) is None]
    if missing:
        print(
            f"tiles-cached: {' and '.join(missing)} not installed (apt-get install wrk nginx-light) {needs}"
        )
        return 1
    with filled_register() as conninfo, tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with connect(conninfo, autocommit=True) as conn:
            views = random_views(conn)
            peer_view(conn)
        paths = {
            z: [
                f"/tiles/{'parcels' if z > AREAS_ZOOM else 'land_use'}/{z}/{x}/{y}.mvt"
                for x, y in dict.fromkeys(places)
            ]
            for z, places in views.items()
        }
        theirs = {
            z: [
                f"/collections/{PEER_SCHEMA}.parcels/tiles/WebMercatorQuad/{z}/{x}/{y}"
                for x, y in dict.fromkeys(views[z])
            ]
            for z in PEER_ZOOMS
        }
        with our_server(conninfo) as ours:
            sizes = keep(ours, paths, folder / "root")
            with nginx(folder) as files, tipg(conninfo) as peer:
                return compare(
                    folder, {"ours": ours, "nginx": files, "tipg": peer}, paths, theirs, sizes, needs
                )


def keep(port: int, paths: dict[int, list[str]], root: Path) -> dict[int, int]:
    """Ask for all tiles, and write each as a file of the same name: the bytes as sent; their mean size by zoom."""
    sizes: dict[int, int] = {}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=300, headers={"accept-encoding": "gzip"}
    ) as client:
        for z, some in paths.items():
            total = 0
            for path in some:
                with client.stream("GET", path) as answer:
                    body = b"".join(answer.iter_raw())
                assert answer.status_code == 200
                file = root / path[1:]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(body)
                total += len(body)
            sizes[z] = total // len(some)
    return sizes


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """nginx with one worker over the files; its port."""
    with tempfile.TemporaryDirectory() as bin_folder:
        # `process` names the port by --port: nginx wants it in its file
        script = Path(bin_folder) / "start"
        user = pwd.getpwuid(os.geteuid()).pw_name
        settings = _NGINX.format(folder=folder, user=user, port="PORT")
        script.write_text(
            f"#!/bin/sh\ncat > {folder}/nginx.conf <<'END'\n{settings}\nEND\n"
            f'sed -i "s/PORT/$2/" {folder}/nginx.conf\nexec nginx -c {folder}/nginx.conf\n'
        )
        script.chmod(0o755)
        with process([str(script)], os.environ) as port:
            yield port


def compare(
    folder: Path, ports: dict[str, int], paths: dict[int, list[str]], theirs: dict[int, list[str]],
    sizes: dict[int, int], needs: str,
) -> int:  # fmt: skip
    """Rounds in turns, the table, the verdict."""
    rates: dict[tuple[str, int], list[float]] = {}
    told: dict[tuple[str, int], str] = {}
    every = {
        **paths,
        0: [path for some in paths.values() for path in some],
    }  # 0: all zooms, as many tiles of each
    for _ in range(ROUNDS):
        for z, some in every.items():
            for name in ("nginx", "ours"):
                rate, spread = drive(folder, ports[name], some, CLIENTS)
                rates.setdefault((name, z), []).append(rate)
                told[name, z] = spread
        for z in PEER_ZOOMS:
            rate, spread = drive(folder, ports["tipg"], theirs[z], PEER_CLIENTS)
            rates.setdefault(("tipg", z), []).append(rate)
            told["tipg", z] = spread
    middle = {key: statistics.median(some) for key, some in rates.items()}
    print(f"{'':>6} {'zoom':>4} {'bytes':>9} {'tiles/s':>9} {'p50/p95/p99 ms':>22}")
    for (name, z), rate in sorted(middle.items(), key=lambda item: (item[0][1], item[0][0])):
        size = f"{sizes[z]:,}" if z and name != "tipg" else ""
        print(f"{name:>6} {z or 'all':>4} {size:>9} {rate:>9,.0f} {told[name, z]:>22}")
    for z in every:
        print(f"{'ratio':>6} {z or 'all':>4} {middle['ours', z] / middle['nginx', z]:>19.2f} of nginx")
    share = middle["ours", 0] / middle["nginx", 0]
    peer = {z: middle["ours", z] / middle["tipg", z] for z in PEER_ZOOMS}
    figures = ", ".join(f"z{z} {ratio:.0f}x tipg" for z, ratio in peer.items())
    print(f"tiles-cached: {figures}, {share:.2f} of nginx over all zooms {needs}")
    return 0 if share >= NGINX_BAR and min(peer.values()) >= PEER_BAR else 1


def drive(folder: Path, port: int, paths: Sequence[str], clients: int) -> tuple[float, str]:
    """Answers a second, and the spread of their times in ms. Raises: RuntimeError where one is no 200."""
    script, list_ = folder / "wrk.lua", folder / "paths"
    script.write_text(_SCRIPT)
    list_.write_text("\n".join(paths) + "\n")
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "60s", "-H", "Accept-Encoding: gzip",
               "-s", str(script), f"http://127.0.0.1:{port}", "--", str(list_)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("told ")]
    count, took, p50, p95, p99, bad = map(int, line.split()[1:])
    if bad or not count:
        raise RuntimeError(f"{bad} of {count} answers were none: {done.stdout}")
    return count / (took / 1e6), "/".join(f"{one / 1000:.1f}" for one in (p50, p95, p99))


if __name__ == "__main__":
    sys.exit(run())
