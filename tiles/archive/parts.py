"""The folder an archive grows in, beside the file it will be: whatever stands in it is whole, so that work can be taken up."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from register.errors import StateError
from tiles.archive.order import Order

ENTRY = np.dtype([("id", "<u8"), ("offset", "<u8"), ("length", "<u4"), ("hash", "S16")])


class Parts:
    """Blocks, rasters and finished tiles of an archive in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """The folder is made, and nobody else works in it. Raises: StateError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StateError(
                    f"Another export works in {self.folder}: wait for it, or give another file name.",
                    f"Một lệnh xuất khác đang làm việc trong {self.folder}: hãy đợi, hoặc chọn tên tệp khác.",
                    "exporting",
                ) from None
            yield

    def order(self) -> Order | None:
        """The order that was begun here, None where there is none that is understood."""
        try:
            return Order.from_json((self.folder / "order.json").read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, order: Order) -> None:
        """Empty the folder for an order."""
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink()
        self.put("order.json", order.to_json().encode())

    def has(self, name: str) -> bool:
        """Whether a part is there."""
        return (self.folder / name).is_file()

    def get(self, name: str) -> bytes | None:
        """A part; None where it is not there."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep a part: wholly, or not at all."""
        half = self.folder / f"{name}.{os.getpid()}.half"
        half.write_bytes(data)
        half.replace(self.folder / name)

    def put_tiles(self, name: str, entries: list[tuple[int, int, int, bytes]], data: list[bytes]) -> None:
        """Keep finished tiles; their index comes last, and says that all are there."""
        self.put(f"{name}.tiles", b"".join(data))
        self.put(f"{name}.index", np.array(entries, ENTRY).tobytes())

    def entries(self, name: str) -> npt.NDArray[np.void]:
        """The index of finished tiles."""
        return np.frombuffer((self.folder / f"{name}.index").read_bytes(), ENTRY)

    def remove(self) -> None:
        """Throw all away: the archive is done."""
        shutil.rmtree(self.folder)
