"""Both OpenAPI documents held against the server by schemathesis: every operation, every phase, signed in and not.

Not one finding may be left. What schemathesis takes for faults and is none stands in `tests.api.described`.

    .venv/bin/python -m tests.bench openapi
"""

import re
import sys
import tempfile
import threading
import time
from pathlib import Path

from api.app import create_app
from api.jobs import install
from cli.cluster import Cluster
from cli.http_server import listen, server_of
from register.accounts import add_account, grant
from register.connect import connect
from register.migrate import migrate
from tests.api.asked import STREET
from tests.api.described import hold, token_of
from tests.register.handed_in import hand_in

LETTERS = "Trường Sa 1988 – Hoàng Sa"
OPTIONS = ("--phases", "examples,coverage,fuzzing", "--continue-on-failure")
EXAMPLES = 12


def run() -> int:
    """0 where nothing is found, 1 where something is."""
    with tempfile.TemporaryDirectory(prefix="diachinh-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "postgis", durable=False)
        cluster.start()
        try:
            return _held(cluster, Path(folder))
        finally:
            cluster.stop(discard=True)


def _held(cluster: Cluster, folder: Path) -> int:
    conninfo = cluster.conninfo("postgres")
    with connect(conninfo) as conn:
        migrate(conn)
        install(conn)
        hand_in(conn, *STREET)
        add_account(conn, "bench", "chi", "Chi", LETTERS)
        for role in ("office", "editor", "approver", "surveyor"):
            grant(conn, "bench", "chi", role, None)
    socket = listen("127.0.0.1", 0)
    server = server_of(create_app(conninfo), "error")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    found, cases = 0, 0
    try:
        for document, signed_in in (
            ("/ogc/api", False),
            ("/api/openapi.json", False),
            ("/api/openapi.json", True),
        ):
            token = token_of(url, "chi", LETTERS) if signed_in else None
            held = hold(url, document, folder, *OPTIONS, "--max-examples", str(EXAMPLES), token=token)
            cases += held.cases
            who = "signed in" if signed_in else "nobody"
            print(
                f"{document} as {who}: {held.cases} requests{'' if held.clean else ', with findings'}",
                flush=True,
            )
            if not held.clean:
                found += max(1, sum(int(n) for n in re.findall(r"❌ ST[0-9]+ .*: ([0-9]+)", held.told)))
                print(held.told)
    finally:
        server.should_exit = True
        thread.join(30)
        socket.close()
    print(f"openapi: {found} findings in {cases} requests (needs 0)")
    return 1 if found or not cases else 0


if __name__ == "__main__":
    sys.exit(run())
