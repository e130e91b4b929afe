"""Functions of the page's modules, called from tests."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_RUN = Path(__file__).parent / "run.mjs"
_NODE = Path(sys.executable).parent / "node"


def called(module: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
    """What functions of `web/src/<module>` give, each call [name, value, …], in order: one node for all of them."""
    told = json.dumps({"module": module, "calls": calls})
    done = subprocess.run(
        [_NODE, "--disable-warning=ExperimentalWarning", _RUN],
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found
