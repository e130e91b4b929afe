"""Folders for the files of others while they are read: gone when done; and of a process that was killed, when the next one
makes its own. What a surveyor handed in lies nowhere for longer than it is needed.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX, _UNFINISHED = "diachinh-read-", "diachinh-new-"


def make() -> tuple[Path, int]:
    """A new folder, and the descriptor that holds it while this process lives; those nobody holds any more are removed."""
    _sweep()
    made = Path(tempfile.mkdtemp(prefix=_UNFINISHED))
    held = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(held, fcntl.LOCK_EX)
    # Under the name that is swept only once it is held.
    return made.rename(made.with_name(_PREFIX + made.name.removeprefix(_UNFINISHED))), held


def remove(folder: Path, held: int) -> None:
    """The folder with all in it, and let go."""
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder while the block runs."""
    folder, held = make()
    try:
        yield folder
    finally:
        remove(folder, held)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # gone meanwhile, or of another user
        try:
            if os.fstat(found).st_uid == os.geteuid():
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # at work
        finally:
            os.close(found)
