"""Files of parcels as a stream of drafts and a list of findings. The one door of this package.

The files are parsed in a process of their own (`importers.fenced`); what it sends is taken here, batch by batch.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.finding import Finding
from importers.address_list import ADDRESS_SCHEMA
from importers.errors import BrokenFile, MissingFile, ReaderFailed, Refused, TooMuch
from importers.frames import receive
from importers.options import ReadOptions

__all__ = ["ReadOptions", "Reading", "read"]

# A reader that says nothing for so long while it is listened to is stuck.
STALL_SECONDS = 600.0
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_SIGXCPU = 24

Progress = Callable[[float, int], None]


def read(paths: Sequence[Path], options: ReadOptions, progress: Progress | None = None) -> "Reading":
    """Open files, folders and zips for reading; `progress` hears the share done (0 to 1) and the records read.

    Raises: Refused (any of `importers.errors`) where nothing can be read; later refusals are raised by `batches`.
    """
    found = [Path(p).absolute() for p in paths]
    for path in found:
        if not (path.is_file() or path.is_dir()):
            raise MissingFile("Không có tệp này.", "There is no such file.", str(path))
    reading = Reading(found, options, progress)
    try:
        reading._start()
    except BaseException:
        reading.close()
        raise
    return reading


class Reading:
    """What comes out of files: `batches` once, and what was found so far.

    findings: refused records (severity "stops", exactly one each) and notes. read, stored, refused count records so far;
    when `batches` is through, read = stored + sum of refused by rule. files: name, SHA-256 and size of each file handed
    in. content_hash: SHA-256 over their content and the options that change the outcome.
    """

    def __init__(self, paths: list[Path], options: ReadOptions, progress: Progress | None) -> None:
        self.findings: list[Finding] = []
        self.read = 0
        self.stored = 0
        self.refused: Counter[str] = Counter()
        self.files: list[tuple[str, bytes, int]] = []
        self.content_hash = b""
        self._paths = paths
        self._options = options
        self._progress = progress
        self._ahead: pa.RecordBatch | None = None
        self._done = False
        self._folder = Path(tempfile.mkdtemp(prefix="diachinh-read-"))
        self._errors = (self._folder / "stderr").open("w+b")
        work = self._folder / "work"
        work.mkdir()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "importers.fenced"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        self._end = weakref.finalize(self, _end, self._child, self._folder, self._errors)
        request = {
            "paths": [str(p) for p in paths],
            "folder": str(work),
            "mapping": dict(options.mapping),
            "crs": options.crs,
            "commune": options.commune,
        }
        self._answer(request)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The drafts (DRAFT_SCHEMA, at most 20,000 rows each), once.

        Raises: Refused; what was given before must then not be stored.
        """
        for batch in self._until(ADDRESS_SCHEMA):
            self.stored += batch.num_rows
            yield batch

    def address_batches(self) -> Iterator[pa.RecordBatch]:
        """Rows of address lists among the files (ADDRESS_SCHEMA), once, after `batches`. Raises: Refused."""
        yield from self._until(None)

    def _until(self, schema: pa.Schema | None) -> Iterator[pa.RecordBatch]:
        """Batches up to the first of `schema`, which is kept for the next asker."""
        whole = False
        try:
            while True:
                batch = self._ahead if self._ahead is not None else self._next()
                self._ahead = batch
                if batch is None or (schema is not None and batch.schema.equals(schema)):
                    whole = True
                    return
                self._ahead = None
                yield batch
        finally:
            if self._done or not whole:
                self.close()

    def close(self) -> None:
        """End the reader and remove what it wrote. Safe at any time, and again."""
        self._end()

    def _start(self) -> None:
        """Hash the files while the reader starts, then wait for its first batch or refusal."""
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._stdout(), _F_SETPIPE_SZ, _PIPE_BYTES)
        self.files, self.content_hash = _hashes(self._paths, self._options)
        self._ahead = self._next()

    def _stdout(self) -> int:
        assert self._child.stdout is not None  # noqa: S101 - a pipe was asked for
        return self._child.stdout.fileno()

    def _answer(self, message: Any) -> None:
        assert self._child.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.write(json.dumps(message).encode() + b"\n")
            self._child.stdin.flush()

    def _next(self) -> pa.RecordBatch | None:
        """The next batch; None at the end."""
        while not self._done:
            try:
                frame = receive(self._read_exactly)
            except (EOFError, ValueError, pa.ArrowException):
                raise self._death() from None
            if isinstance(frame, pa.RecordBatch):
                return frame
            match frame["kind"]:
                case "findings":
                    self._found(frame)
                case "zone":
                    self._answer(self._options.zone_of(frame["commune"]))
                case "refused":
                    raise Refused.kinds.get(frame["rule"], BrokenFile)(
                        frame["vi"], frame["en"], frame["place"]
                    )
                case "memory":
                    raise self._too_much()
                case "done":
                    self._done = True
                    if self._progress is not None:
                        self._progress(1.0, self.read)
        return None

    def _found(self, frame: dict[str, Any]) -> None:
        self.read += frame["read"]
        for told in frame["findings"]:
            finding = Finding(**told)
            self.findings.append(finding)
            if finding.severity == "stops":
                self.refused[finding.rule] += 1
        if self._progress is not None and frame["done"] is not None:
            self._progress(frame["done"], self.read)

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

    def _place(self) -> str:
        return ", ".join(p.name for p in self._paths[:3])

    def _too_much(self) -> TooMuch:
        return TooMuch(
            "Đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian. Hãy chia nhỏ tệp, hoặc xuất lại.",
            "Reading this file takes too much memory or time. Split it, or export it again.",
            self._place(),
        )

    def _death(self) -> Refused:
        """Why the reader ended without a word."""
        code = self._child.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace")
        if (
            code in (-_SIGXCPU, -9)
            or "MemoryError" in said
            or "bad_alloc" in said
            or "out of memory" in said.lower()
        ):
            return self._too_much()
        last = said.strip().splitlines()[-1][:200] if said.strip() else f"status {code}"
        if code == 1:
            return ReaderFailed(
                f"Chương trình đọc tệp bị lỗi ({last}). Xin báo cho người quản trị hệ thống.",
                f"The reader itself failed ({last}). Please tell those who run this service.",
                self._place(),
            )
        return BrokenFile(
            f"Chương trình đọc tệp đã dừng ({last}). Tệp có thể bị hỏng; hãy xuất lại.",
            f"The reader stopped ({last}). The file may be broken; export it again.",
            self._place(),
        )


def _end(child: "subprocess.Popen[bytes]", folder: Path, errors: Any) -> None:
    if child.poll() is None:
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    errors.close()
    shutil.rmtree(folder, ignore_errors=True)


def _hashes(paths: list[Path], options: ReadOptions) -> tuple[list[tuple[str, bytes, int]], bytes]:
    files: list[tuple[str, bytes, int]] = []
    for path in paths:
        if path.is_dir():
            parts = sorted(p for p in path.rglob("*") if p.is_file())
            named = [(p.relative_to(path.parent).as_posix(), p) for p in parts]
        elif path.suffix.lower() == ".shp":
            beside = sorted(
                p for p in path.parent.iterdir() if p.is_file() and p.stem.lower() == path.stem.lower()
            )
            named = [
                (p.name, p) for p in beside if p.suffix.lower() in (".shp", ".shx", ".dbf", ".prj", ".cpg")
            ]
        else:
            named = [(path.name, path)]
        for name, part in named:
            try:
                with part.open("rb") as file:
                    files.append((name, hashlib.file_digest(file, "sha256").digest(), part.stat().st_size))
            except OSError as error:
                raise MissingFile(
                    f"Không mở được tệp: {error.strerror}.",
                    f"The file cannot be opened: {error.strerror}.",
                    name,
                ) from error
    whole = hashlib.sha256()
    for digest in sorted(digest for _, digest, _ in files):
        whole.update(digest)
    chosen = {"mapping": dict(options.mapping), "crs": options.crs, "commune": options.commune}
    whole.update(json.dumps(chosen, sort_keys=True).encode())
    return files, whole.digest()
