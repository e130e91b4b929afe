"""Every compiled loop is compiled by the installation, not by whoever comes first."""

import subprocess
import sys

from tests.environment import unfenced

_FOUND = """
import importlib, pkgutil
from numba.core.registry import CPUDispatcher
from cli.warm import warm
from tiles.warm import warm as warm_tiles
warm(), warm_tiles()
for package in ("geo", "register", "importers", "tiles"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        loaded = importlib.import_module(module.name)
        for name, one in vars(loaded).items():
            own = isinstance(one, CPUDispatcher) and one.py_func.__module__ == module.name
            if own and one.targetoptions.get("inline") != "always":
                kept = one._cache._cache_file._load_index()  # of loops within loops only the file is there
                print("ready" if one.signatures or kept else "cold", f"{module.name}.{name}")
"""


def test_no_loop_is_left_to_the_first_who_comes() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _FOUND],
        capture_output=True,
        text=True,
        check=True,
        timeout=280,
        env=unfenced(),
    ).stdout
    found = [line.split() for line in told.splitlines()]
    assert len(found) > 50
    assert [name for state, name in found if state == "cold"] == []
