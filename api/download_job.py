"""A file of parcels written by a process of its own, which the server can end at any time: `python -m api.download_job`.

It reads one line of JSON from its standard input (what to write, and how to reach the register: never on a command line,
where others see it) and ends with 0 when the file is whole.
"""

import json
import sys
from pathlib import Path

from importers import export
from register.connect import connect
from register.features.rows import SCHEMA, batches, wanted


def write(conninfo: str, schema: str, told: str, ending: str, epsg: int, path: Path) -> None:
    """The parcels `register.features.rows.wanted(told)` as a file at `path`, as they are at one moment."""
    with connect(conninfo, schema) as conn:
        conn.read_only = True
        export.write(ending, path, batches(conn, wanted(told), epsg), SCHEMA, epsg)


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    write(**{**asked, "path": Path(asked["path"])})
