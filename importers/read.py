"""Files of parcels as a stream of drafts and a list of findings. The one door of this package.

The files are parsed in a process of their own (`importers.fenced`); what it sends is taken here, batch by batch.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from geo.finding import Finding
from importers.address_list import ADDRESS_SCHEMA
from importers.child import Child
from importers.errors import MissingFile
from importers.options import ReadOptions

__all__ = ["ReadOptions", "Reading", "read"]

Progress = Callable[[float, int], None]


def read(paths: Sequence[Path], options: ReadOptions, progress: Progress | None = None) -> "Reading":
    """Open files, folders and zips for reading; `progress` hears the share done (0 to 1) and the records read.

    Raises: Refused (any of `importers.errors`) where nothing can be read; later refusals are raised by `batches`.
    """
    return opened_for(paths, options, progress)


def opened_for(
    paths: Sequence[Path], options: ReadOptions, progress: Progress | None = None, mode: str = "parcels"
) -> "Reading":
    """The same, of files of what `mode` says: "parcels", or "addresses" (`importers.address_files`)."""
    found = [Path(p).absolute() for p in paths]
    for path in found:
        if not (path.is_file() or path.is_dir()):
            raise MissingFile("Không có tệp này.", "There is no such file.", str(path))
    reading = Reading(found, options, progress, mode)
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

    def __init__(
        self, paths: list[Path], options: ReadOptions, progress: Progress | None, mode: str = "parcels"
    ) -> None:
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
        self._child = Child()
        self._child.place = ", ".join(p.name for p in paths[:3])
        request = {
            "mode": mode,
            "paths": [str(p) for p in paths],
            "folder": str(self._child.work),
            "mapping": dict(options.mapping),
            "crs": options.crs,
            "commune": options.commune,
        }
        self._child.say(request)

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
        self._child.end()

    def _start(self) -> None:
        """Hash the files while the reader starts, then wait for its first batch or refusal."""
        self.files, self.content_hash = hashes(
            self._paths,
            {
                "mapping": dict(self._options.mapping),
                "crs": self._options.crs,
                "commune": self._options.commune,
            },
        )
        self._ahead = self._next()

    def _next(self) -> pa.RecordBatch | None:
        """The next batch; None at the end."""
        while not self._done:
            frame = self._child.hear()
            if isinstance(frame, pa.RecordBatch):
                return frame
            match frame["kind"]:
                case "findings":
                    self._found(frame)
                case "zone":
                    self._child.say(self._options.zone_of(frame["commune"]))
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


def hashes(paths: Sequence[Path], chosen: Mapping[str, Any]) -> tuple[list[tuple[str, bytes, int]], bytes]:
    """Name, SHA-256 and size of each file, and the SHA-256 over their content and what was chosen to read them by.

    Raises: MissingFile.
    """
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
    whole.update(json.dumps(dict(chosen), sort_keys=True).encode())
    return files, whole.digest()
