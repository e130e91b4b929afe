"""The door for surveys: a surveyor's files, read and checked in a fenced process, with a report of what is wrong.

Nothing here touches a database: who starts an examination answers its questions (`importers.surroundings.Surroundings`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from geo.finding import Finding
from importers.child import Child
from importers.errors import MissingFile
from importers.plots import How
from importers.read import hashes
from importers.surroundings import Surroundings, keep, kept

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the surveyor says besides the files: how to read, the system (EPSG), and accepted datum proposals by key."""

    how: How = field(default_factory=How)
    crs: int | None = None
    accept: tuple[str, ...] = ()

    def chosen(self) -> dict[str, Any]:
        """The choices that change the outcome, ready for JSON: part of the survey's identity."""
        return {"how": asdict(self.how), "crs": self.crs, "accept": list(self.accept)}


@dataclass(frozen=True, slots=True)
class Examined:
    """A checked survey: findings in the order of the report (number = position + 1), the report's files by kind (json,
    html, pdf, png), the plots (`importers.examination.PLOT_SCHEMA`, shapes in zone `epsg`)."""

    files: list[tuple[str, bytes, int]]
    content_hash: bytes
    findings: list[Finding]
    report: dict[str, bytes]
    plots: pa.Table
    epsg: int | None
    commune: str | None

    @property
    def stops(self) -> int:
        """How many findings stop the survey."""
        return sum(f.severity == "stops" for f in self.findings)

    @property
    def explain(self) -> int:
        """How many must be explained in writing."""
        return sum(f.severity == "explain" for f in self.findings)


class Ready:
    """Keeps a fenced process waiting for the next survey, its libraries loaded: they take longer than a small survey."""

    def __init__(self) -> None:
        self._spare: Child | None = None
        self._closed = False
        self._lock = Lock()

    def take(self) -> Child:
        """A process to ask: the waiting one, else a new one."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.process.poll() is None:
            return spare
        if spare is not None:
            spare.end()
        return Child(loaded=True)

    def renew(self) -> None:
        """Have one waiting again, unless closed."""
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = Child(loaded=True)

    def close(self) -> None:
        """End the one that waits; none waits any more."""
        with self._lock:
            self._closed = True
            if self._spare is not None:
                self._spare.end()
                self._spare = None


def examine(
    paths: Sequence[Path],
    asked: Asked,
    around: Surroundings,
    at: datetime,
    survey: str | None = None,
    progress: Progress = lambda *_: None,
    ready: Ready | None = None,
) -> Examined:
    """Read and check the files of one survey.

    at: the moment the report bears. survey: its number there. `progress` hears the share done (0 to 1) and the step at
    work (read, place, check, report). ready: gives the process.

    Raises: Refused (any of `importers.errors`) where nothing can be read.
    """
    found = [Path(p).absolute() for p in paths]
    for path in found:
        if not (path.is_file() or path.is_dir()):
            raise MissingFile("Không có tệp này.", "There is no such file.", str(path))
    child = Child() if ready is None else ready.take()
    try:
        child.place = ", ".join(p.name for p in found[:3])
        files, content_hash = hashes(found, asked.chosen())
        about = {
            "survey": survey,
            "made_at": at.isoformat(timespec="seconds"),
            "accepted": list(asked.accept),
            "files": [(name, digest.hex(), size) for name, digest, size in files],
        }
        child.say(
            {
                "mode": "survey",
                "paths": [str(p) for p in found],
                "folder": str(child.work),
                "on": at.date().isoformat(),
                "about": about,
                **asked.chosen(),
            }
        )
        said = _listen(child, around, progress)
        return Examined(
            files,
            content_hash,
            [Finding(**f) for f in said["findings"]],
            {kind: Path(path).read_bytes() for kind, path in said["report"].items()},
            kept(child.work / "plots.arrow"),
            said["epsg"],
            said["commune"],
        )
    finally:
        child.end()
        if ready is not None:
            ready.renew()


def _listen(child: Child, around: Surroundings, progress: Progress) -> dict[str, Any]:
    """Answer the child's questions until it has told what it found."""
    asked = 0
    while True:
        message = child.hear()
        if not isinstance(message, dict):
            raise child.death()
        match message["kind"]:
            case "progress":
                progress(message["done"], message["step"])
            case "about":
                place = tuple(message["place"]) if message["place"] else None
                child.say(around.about(message["commune"], place, message["sheets"]))
            case "parcels" | "numbered" as what:
                asked += 1
                table = (
                    around.parcels(tuple(message["box"]))
                    if what == "parcels"
                    else around.numbered([(sheet, number) for sheet, number in message["keys"]])
                )
                answer = child.folder / f"answer{asked}.arrow"
                keep(table, answer)
                child.say(str(answer))
            case "examined":
                return message
