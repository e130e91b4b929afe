"""Pictures placed in a process of their own (`importers.fenced`). The door of this package."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from importers.child import Child
from importers.errors import MissingFile, ReaderFailed
from importers.raster.options import Placed, ScanOptions
from importers.raster.request import request_of

__all__ = ["Placed", "ScanOptions", "files_of", "placed"]


def files_of(paths: Sequence[Path]) -> tuple[tuple[str, bytes, int], ...]:
    """Name, SHA-256 and size of each file. Raises: MissingFile."""
    files = []
    for path in paths:
        if not path.is_file():
            raise MissingFile("Không có tệp này.", "There is no such file.", str(path))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        files.append((path.name, digest, path.stat().st_size))
    return tuple(files)


@contextmanager
def placed(paths: Sequence[Path], options: ScanOptions) -> Iterator[Placed]:
    """A picture, with its world file or control points, placed and cut into tiles; its file is gone after the block.

    Raises: Refused (any of `importers.errors`).
    """
    found = [Path(p).absolute() for p in paths]
    child = Child()
    try:
        child.place = found[0].name
        child.say(
            {
                "mode": "raster",
                "paths": [str(p) for p in found],
                "folder": str(child.work),
                "options": request_of(options),
            }
        )
        told = child.hear()
        if not isinstance(told, dict) or told.get("kind") != "placed":
            raise ReaderFailed("Chương trình đọc ảnh bị lỗi.", "The reader itself failed.", child.place)
        yield Placed(Path(told["placed"]["path"]), told["placed"])
    finally:
        child.end()
