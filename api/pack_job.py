"""The map of a commune written by a process of its own, which the server can end at any time: `python -m api.pack_job`.

It reads one line of JSON from its standard input and ends with 0 when the file is whole.
"""

import json
import sys
from pathlib import Path

from tiles.archive.export import Ask, export

MIN_ZOOM, MAX_ZOOM = 10, 17


def write(conninfo: str, schema: str, commune: str, path: Path) -> None:
    """The pack of a commune at `path`."""
    ask = Ask(commune=commune, min_zoom=MIN_ZOOM, max_zoom=MAX_ZOOM, found=True)
    export(conninfo, schema, path, ask, processes=0)


if __name__ == "__main__":
    told = json.loads(sys.stdin.readline())
    write(**{**told, "path": Path(told["path"])})
