"""Blocks of a cloud-optimised GeoTIFF where they stand in the file: each is a tile of the web map, a whole WebP.

Only files this service wrote are read here (`importers.raster.write`): little-endian TIFF or BigTIFF, blocks of 512 pixels,
one directory for each zoom, the finest first.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.web_map import HALF_WORLD_M

TILE_PX: Final = 512
_WIDTH, _HEIGHT, _OFFSETS, _COUNTS, _SCALE, _TIEPOINT = 256, 257, 324, 325, 33550, 33922
_FORMS = {1: "B", 3: "H", 4: "I", 12: "d", 16: "Q"}


@dataclass(frozen=True, slots=True)
class Level:
    """One zoom: first tile, and offset and length of every block (rows, columns); length 0: nothing to see."""

    zoom: int
    x: int
    y: int
    offsets: NDArray[np.uint64]
    counts: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Blocks:
    """An open file: its descriptor, path, and levels by zoom."""

    fd: int
    path: Path
    levels: dict[int, Level]

    def __del__(self) -> None:
        os.close(self.fd)  # when nobody reads in it any more

    def where(self, zoom: int, x: int, y: int) -> tuple[int, int] | None:
        """Offset and length of a tile; length 0 where there is nothing to see, None where no level has this zoom."""
        level = self.levels.get(zoom)
        if level is None:
            return None
        column, row = x - level.x, y - level.y
        if not (0 <= row < level.offsets.shape[0] and 0 <= column < level.offsets.shape[1]):
            return 0, 0
        return int(level.offsets[row, column]), int(level.counts[row, column])

    def resident(self, offset: int, length: int) -> bytes | None:
        """The bytes there, where the system has them in memory; None where a disk would have to be waited for."""
        content = bytearray(length)
        try:
            got = os.preadv(self.fd, [content], offset, os.RWF_NOWAIT)
        except OSError:
            return None
        return bytes(content) if got == length else None

    def read(self, offset: int, length: int) -> bytes:
        """The bytes there. Raises: OSError where the file is shorter."""
        content = os.pread(self.fd, length, offset)
        if len(content) != length:
            raise OSError("the file of tiles is cut short")
        return content


def opened(path: Path, max_zoom: int) -> Blocks:
    """Open a file of tiles whose finest zoom is `max_zoom`. Raises: OSError, ValueError where it is none."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return Blocks(fd, path, {level.zoom: level for level in _levels(fd, max_zoom)})
    except (struct.error, KeyError, IndexError) as error:
        os.close(fd)
        raise ValueError("no file of tiles") from error
    except BaseException:
        os.close(fd)
        raise


def _levels(fd: int, max_zoom: int) -> list[Level]:
    head = os.pread(fd, 16, 0)
    big = head[:4] == b"II+\0"
    if not big and head[:4] != b"II*\0":
        raise ValueError("no file of tiles")
    at = struct.unpack_from("<Q" if big else "<I", head, 8 if big else 4)[0]
    found: list[Level] = []
    first = (0, 0)
    while at:
        tags, at = _directory(fd, at, big)
        zoom = max_zoom - len(found)
        columns, rows = (-(-int(tags[tag][0]) // TILE_PX) for tag in (_WIDTH, _HEIGHT))
        if not found:
            size_m = 2 * HALF_WORLD_M / 2**zoom
            west, north = tags[_TIEPOINT][3], tags[_TIEPOINT][4]
            first = round((west + HALF_WORLD_M) / size_m), round((HALF_WORLD_M - north) / size_m)
        offsets, counts = (
            np.array(tags[tag], np.uint64).reshape(rows, columns) for tag in (_OFFSETS, _COUNTS)
        )
        found.append(Level(zoom, first[0] >> len(found), first[1] >> len(found), offsets, counts))
    return found


def _directory(fd: int, at: int, big: bool) -> tuple[dict[int, tuple[float, ...]], int]:
    """The tags that count here of the directory at an offset, and where the next stands (0: none)."""
    head, entry, pointer = ("<Q", "<HHQ8s", "<Q") if big else ("<H", "<HHI4s", "<I")
    (count,) = struct.unpack(head, os.pread(fd, struct.calcsize(head), at))
    size = struct.calcsize(entry)
    body = os.pread(fd, count * size + struct.calcsize(pointer), at + struct.calcsize(head))
    tags: dict[int, tuple[float, ...]] = {}
    for n in range(count):
        tag, kind, many, value = struct.unpack_from(entry, body, n * size)
        if tag not in (_WIDTH, _HEIGHT, _OFFSETS, _COUNTS, _SCALE, _TIEPOINT):
            continue
        form = f"<{many}{_FORMS[kind]}"
        if struct.calcsize(form) > len(value):
            value = os.pread(fd, struct.calcsize(form), struct.unpack(pointer, value)[0])
        tags[tag] = struct.unpack_from(form, value)
    return tags, struct.unpack_from(pointer, body, count * size)[0]
