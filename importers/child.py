"""The fenced process from outside: started, asked, answered, listened to, and ended with its files whatever happens."""

import contextlib
import fcntl
import json
import os
import re
import select
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pyarrow as pa

from importers import scratch
from importers.errors import BrokenFile, ReaderFailed, Refused, TooMuch
from importers.frames import receive

# A reader that says nothing for so long while it is listened to is stuck.
STALL_SECONDS = 600.0
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_SIGXCPU = 24


class Child:
    """One fenced process with a folder of its own, waiting for its request."""

    def __init__(self, *, loaded: bool = False) -> None:
        """`loaded`: it loads what surveys need before it is asked."""
        self.folder, held = scratch.make()
        self.work = self.folder / "work"
        self.work.mkdir()
        self._errors = (self.folder / "stderr").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "importers.fenced", *(["loaded", str(self.folder)] if loaded else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._stdout(), _F_SETPIPE_SZ, _PIPE_BYTES)
        self.place = ""
        self.end = weakref.finalize(self, _end, self.process, self.folder, held, self._errors)

    def say(self, message: Any) -> None:
        """Send the request, or the answer to a question. A child that is gone is noticed by `hear`."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def hear(self) -> pa.RecordBatch | dict[str, Any]:
        """The next batch or message. Raises: Refused, as the child said, or because it died or grew too large."""
        try:
            frame = receive(self._read_exactly)
        except (EOFError, ValueError, pa.ArrowException):
            raise self.death() from None
        if not isinstance(frame, pa.RecordBatch):
            if frame["kind"] == "refused":
                raise Refused.kinds.get(frame["rule"], BrokenFile)(frame["vi"], frame["en"], frame["place"])
            if frame["kind"] == "memory":
                raise self._too_much()
        return frame

    def _stdout(self) -> int:
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        return self.process.stdout.fileno()

    def _read_exactly(self, length: int) -> bytes:
        content = bytearray(length)
        view = memoryview(content)
        at = 0
        while at < length:
            ready, _, _ = select.select([self._stdout()], [], [], STALL_SECONDS)
            if not ready:
                raise self._too_much()
            got = os.readv(self._stdout(), [view[at:]])
            if got == 0:
                raise EOFError
            at += got
        return content  # type: ignore[return-value]

    def _too_much(self) -> TooMuch:
        return TooMuch(
            "Đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian. Hãy chia nhỏ tệp, hoặc xuất lại.",
            "Reading this file takes too much memory or time. Split it, or export it again.",
            self.place,
        )

    def death(self) -> Refused:
        """Why the child ended without a word."""
        code = self.process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace")
        if (
            code in (-_SIGXCPU, -9)
            or "MemoryError" in said
            or "bad_alloc" in said
            or "out of memory" in said.lower()
        ):
            return self._too_much()
        # the kind of the error, never its words: they may be the file's, an owner's name among them
        kind = re.search(r"^([A-Za-z_.]+)(?=:|$)", (said.strip().splitlines() or [""])[-1])
        last = kind[0] if kind and code == 1 else f"status {code}"
        if code == 1:
            return ReaderFailed(
                f"Chương trình đọc tệp bị lỗi ({last}). Xin báo cho người quản trị hệ thống.",
                f"The reader itself failed ({last}). Please tell those who run this service.",
                self.place,
            )
        return BrokenFile(
            f"Chương trình đọc tệp đã dừng ({last}). Tệp có thể bị hỏng; hãy xuất lại.",
            f"The reader stopped ({last}). The file may be broken; export it again.",
            self.place,
        )


def _end(process: "subprocess.Popen[bytes]", folder: Path, held: int, errors: Any) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    errors.close()
    scratch.remove(folder, held)
