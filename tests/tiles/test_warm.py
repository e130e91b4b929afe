"""No reader of the map waits for a compiler."""

import subprocess
import sys

from tests.environment import unfenced

_SCRIPT = """
import sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from tiles.warm import warm
warm()
def compiled():
    names = [name for name in sys.modules if name.startswith(("tiles.", "geo."))]
    loops = {f"{n}.{k}": f for n in names for k, f in vars(sys.modules[n]).items() if isinstance(f, Dispatcher)}
    return {name: len(loop.signatures) for name, loop in loops.items()}
before = compiled()
from tests.tiles.ground import CELL, block_of, features, picture
from tiles.block import changed, from_bytes, to_bytes
block = from_bytes(to_bytes(block_of(picture("AAB\\nAAC\\nDDC"))))
for _ in range(2):
    for z in (14, 16, 18):
        for layer in ("parcels", "edges", "labels", "dimensions", "points"):
            features(block, layer, z)
    block = changed(block, np.array([True] * (block.id.size - 1) + [False]), block_of(picture("X"), first=50))
print({name: count for name, count in compiled().items() if count != before.get(name, 0) and before.get(name, 0)})
"""


def test_every_loop_of_the_map_is_compiled_before_the_first_tile() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        env=unfenced(),
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == "{}"
