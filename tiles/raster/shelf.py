"""Files of tiles that are open, and tiles that had to be rendered, in one process: both bounded, the least used go first."""

import asyncio
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from tiles.raster.blocks import Blocks, opened
from tiles.raster.render import nothing, rendered

MOST_OPEN: Final = 64
MOST_BYTES: Final = 32 << 20
AT_ONCE: Final = 2
"""So many tiles are rendered at a time; blocks need no turn."""


class Shelf:
    """What serves raster tiles in one process."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, Blocks] = OrderedDict()
        self._rendered: OrderedDict[tuple[Path, int, int, int, str], bytes] = OrderedDict()
        self._bytes = 0
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._lock = threading.Lock()

    async def tile(self, path: Path, max_zoom: int, zoom: int, x: int, y: int, form: str) -> bytes:
        """A tile of a file, as WebP or PNG (`form`). Raises: OSError, ValueError where the file is lost or broken."""
        blocks = self._open.get(path)
        if blocks is None:
            blocks = await asyncio.to_thread(self._opened, path, max_zoom)
        else:
            self._open.move_to_end(path)
        found = blocks.where(zoom, x, y)
        if found is not None and found[1] == 0:
            return nothing(form)
        if found is not None and form == "webp":
            offset, length = found
            resident = blocks.resident(offset, length)
            return resident if resident else await asyncio.to_thread(blocks.read, offset, length)
        key = (path, zoom, x, y, form)
        kept = self._rendered.get(key)
        if kept is not None:
            self._rendered.move_to_end(key)
            return kept
        async with self._turns:
            made = self._rendered.get(key) or b""
            if not made:
                made = await asyncio.to_thread(rendered, path, zoom, x, y, form)
        self._keep(key, made)
        return made

    def _opened(self, path: Path, max_zoom: int) -> Blocks:
        with self._lock:
            if path not in self._open:
                self._open[path] = opened(path, max_zoom)
                while len(self._open) > MOST_OPEN:
                    self._open.popitem(last=False)
            return self._open[path]

    def _keep(self, key: tuple[Path, int, int, int, str], made: bytes) -> None:
        if key in self._rendered:
            return
        self._rendered[key] = made
        self._bytes += len(made)
        while self._bytes > MOST_BYTES:
            self._bytes -= len(self._rendered.popitem(last=False)[1])
