"""Finished tiles, as bytes to be sent: those used last in the memory of a process, and in a folder that processes share.

A tile is told from another state of itself by its stamp. Nothing is ever purged for being old: who asks names the stamp, and
another stamp is another tile.
"""

import asyncio
import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geo.cells import CELL_ZOOM
from tiles import pieces
from tiles.layers import DETAIL_ZOOM, Class
from tiles.pieces import Body

MOST_BYTES: Final = 256 << 20
MOST_SHARED_BYTES: Final = 1 << 30
IN_USE_S: Final = 60.0
AHEAD_ZOOMS: Final = range(CELL_ZOOM, DETAIL_ZOOM + 1)
"""Those whose tiles are worth making before anybody asks."""
_LARGE_BYTES: Final = 1 << 18  # longer ones are compressed beside the event loop
_OVERHEAD: Final = 600  # of an entry, beside its bytes


@dataclass(frozen=True, slots=True)
class Key:
    """Which tile: layers as they are drawn, place, class of the caller; `past`: the moment it is as of, "" for the present."""

    layers: str
    z: int
    x: int
    y: int
    of: Class = "public"
    past: str = ""


@dataclass(slots=True)
class Tile:
    """A tile of one stamp, compressed or not (an empty one is never compressed).

    `seen`: version of the revisions at which the stamp was last found to hold; `asked`: when (time.monotonic) somebody last
    asked for it; `paths`: addresses it was asked by.
    """

    stamp: str
    packed: bool
    body: bytes
    seen: int = -1
    asked: float = field(default_factory=time.monotonic)
    paths: list[bytes] = field(default_factory=list)


class Finished:
    """At most `most_bytes` of tiles in memory, the least used go first; `folder`: shared with other processes, or none.

    Who asks for a tile that is being made waits for it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, folder: Path | None = None) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._held: OrderedDict[tuple[Key, bool], Tile] = OrderedDict()
        self._paths: dict[bytes, tuple[Key, bool]] = {}
        self._there: dict[tuple[int, int, int], set[tuple[Key, bool]]] = {}
        self._coming: dict[tuple[Key, bool, str], asyncio.Task[Tile]] = {}
        self._shared = None if folder is None else Shared(folder)

    @property
    def keeps(self) -> bool:
        """Whether tiles are kept in memory at all."""
        return self._most_bytes > 0

    async def tile(
        self,
        key: Key,
        stamp: str,
        packed: bool,
        make: Callable[[], Awaitable[bytes | Body]],
        beside: bool = False,
    ) -> Tile:
        """The tile of this stamp, from memory, from the folder, else made by `make`; `beside`: compressed beside the event loop
        whatever its size. Raises: what `make` raises."""
        held = self._held.get((key, packed))
        if held is not None and held.stamp == stamp:
            self._held.move_to_end((key, packed))
            held.asked = time.monotonic()
            return held
        task = self._coming.get((key, packed, stamp))
        if task is None:
            task = asyncio.create_task(self._bring(key, stamp, packed, make, beside))
            self._coming[key, packed, stamp] = task
            task.add_done_callback(lambda _: self._coming.pop((key, packed, stamp)))
        return await asyncio.shield(task)  # a client that leaves must not take away what others wait for

    def last(self, key: Key, packed: bool) -> Tile | None:
        """The tile last held, whatever its stamp."""
        return self._held.get((key, packed))

    def again(self, key: Key, before: Tile, packed: bool, stamp: str) -> Tile:
        """The tile `before`, which is the same under another stamp."""
        if self._held.get((key, packed)) is before:
            before.stamp, before.asked = stamp, time.monotonic()
            self._held.move_to_end((key, packed))
            return before
        return Tile(stamp, before.packed, before.body)  # another one is held meanwhile

    def by_path(self, path: bytes, packed: bool) -> tuple[Key, Tile] | None:
        """The tile last held for an address, whatever its stamp."""
        found = self._paths.get((b"+" if packed else b"-") + path)
        if found is None:
            return None
        self._held.move_to_end(found)
        tile = self._held[found]
        tile.asked = time.monotonic()
        return found[0], tile

    def in_use(self, z: int, x: int, y: int) -> list[tuple[Key, bool, Tile]]:
        """The tiles of one place and of now, of AHEAD_ZOOMS, that were asked for in the last IN_USE_S."""
        since = time.monotonic() - IN_USE_S
        return [
            (*at, tile) for at in self._there.get((z, x, y), ()) if (tile := self._held[at]).asked > since
        ]

    def name(self, path: bytes, key: Key, tile: Tile, packed: bool) -> None:
        """Let `by_path` find a tile of `key` by the address `path`."""
        path = (b"+" if packed else b"-") + path
        if self._held.get((key, packed)) is tile and path not in self._paths:
            self._paths[path] = key, packed
            tile.paths.append(path)
            self._bytes += len(path) + 100
            self._shrink()

    async def close(self) -> None:
        """Wait for what is being made."""
        await asyncio.gather(*self._coming.values(), return_exceptions=True)

    async def _bring(
        self, key: Key, stamp: str, packed: bool, make: Callable[[], Awaitable[bytes | Body]], beside: bool
    ) -> Tile:
        body = None if self._shared is None else self._shared.read(key, stamp, packed)
        if body is None:
            made = await make()
            parts = [made] if isinstance(made, bytes) else made
            form = pieces.packed if packed else pieces.whole
            large = packed and (beside or pieces.fresh(parts) > _LARGE_BYTES)
            body = await asyncio.to_thread(form, parts) if large else form(parts)
            if self._shared is not None and self._most_bytes:
                await asyncio.to_thread(self._shared.write, key, stamp, packed, body)
        tile = Tile(stamp, packed and body != b"", body)
        self._hold((key, packed), tile)
        return tile

    def _hold(self, at: tuple[Key, bool], tile: Tile) -> None:
        if len(tile.body) > self._most_bytes:
            return
        self._drop(at)
        self._held[at] = tile
        if (place := _place_of(at[0])) is not None:
            self._there.setdefault(place, set()).add(at)
        self._bytes += len(tile.body) + _OVERHEAD
        self._shrink()

    def _shrink(self) -> None:
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._held)))

    def _drop(self, at: tuple[Key, bool]) -> None:
        tile = self._held.pop(at, None)
        if tile is not None:
            if (place := _place_of(at[0])) is not None:
                self._there[place].discard(at)
                if not self._there[place]:
                    del self._there[place]
            self._bytes -= len(tile.body) + _OVERHEAD
            for path in tile.paths:
                del self._paths[path]
                self._bytes -= len(path) + 100


class Shared:
    """Tiles as files, one each, named by key and stamp: written whole or not at all, read without a lock.

    At most about `most_bytes`: whoever wrote a sixteenth of that since throws away what was written first.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_SHARED_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._written = 0
        self._lock = threading.Lock()

    def read(self, key: Key, stamp: str, packed: bool) -> bytes | None:
        """The tile's bytes, None where nobody wrote them."""
        try:
            return self._path(key, stamp, packed).read_bytes()
        except OSError:
            return None

    def write(self, key: Key, stamp: str, packed: bool, body: bytes) -> None:
        """Keep a tile for all; where the disk is full or gone, nobody minds."""
        path = self._path(key, stamp, packed)
        unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            try:
                unfinished.write_bytes(body)
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
            with self._lock:
                self._written += len(body)
                if self._written > self._most_bytes // 16:
                    self._written = 0
                    self._sweep()

    def _path(self, key: Key, stamp: str, packed: bool) -> Path:
        text = repr((key, stamp, packed)).encode()
        name = hashlib.blake2b(text, digest_size=20).hexdigest()
        return self._folder / name[:2] / name[2:]

    def _sweep(self) -> None:
        files = []
        for entry in self._folder.glob("*/*"):
            with suppress(OSError):  # another process was faster
                told = entry.stat()
                files.append((told.st_mtime_ns, told.st_size, entry))
        left = sum(size for _, size, _ in files)
        for _, size, entry in sorted(files):
            if left <= self._most_bytes:
                break
            entry.unlink(missing_ok=True)
            left -= size


def _place_of(key: Key) -> tuple[int, int, int] | None:
    """Where a tile of now of AHEAD_ZOOMS is; of no other."""
    return None if key.past or key.z not in AHEAD_ZOOMS else (key.z, key.x, key.y)
