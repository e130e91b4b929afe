"""One reader fuzzed in a process of its own: `python -m tests.bench._fuzz_target TARGET FOLDER SECONDS [FILE …]`.

FOLDER holds `corpus`, where libFuzzer finds and keeps its inputs; `crashes` with one input and one traceback for each
place that fails; `current`, the input that is being read; `told`, as in `Told`. With files named, those are read once and
nothing is mutated. SECONDS are of the CPU, for a machine that is shared. The process ends with 0 unless an input ended it.
"""

import faulthandler
import hashlib
import io
import logging
import mmap
import os
import re
import resource
import shutil
import signal
import struct
import sys
import tarfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, replace
from importlib import import_module
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType
from typing import Any

from tests.bench._fuzz_markup import changed

MEMORY_BYTES = 2 << 30
INPUT_SECONDS = 30
MAX_INPUT_BYTES = 1 << 17
NICE = 15
# A file of parts as one text that libFuzzer can work on: a line with a name before each part.
_PART = re.compile(rb"\n?--8<-- ([^\n]{1,80})\n")


@dataclass(frozen=True, slots=True)
class Target:
    """A reader and what it is handed: a file named `file`, of which `discover` makes one of `formats`.

    pack: parts to a file, for formats that are compressed: bits flipped in the packed file would reach no reader.
    markup: it is XML, and mutated so that it stays XML.
    """

    module: str
    file: str
    formats: tuple[str, ...]
    pack: Callable[[list[tuple[str, bytes]]], bytes] | None = None
    markup: bool = False


def zipped(parts: list[tuple[str, bytes]]) -> bytes:
    """A zip without compression: a shapefile with what belongs to it, a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(parts: list[tuple[str, bytes]]) -> bytes:
    """A .tar.bz2."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:bz2", compresslevel=1) as archive:
        for name, content in parts:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def joined(parts: list[tuple[str, bytes]]) -> bytes:
    """Parts as one text, which `parts_of` takes apart."""
    return b"\n".join(b"--8<-- %s\n%s" % (name.encode(), content) for name, content in parts)


def parts_of(text: bytes) -> list[tuple[str, bytes]]:
    """Names and contents; none where it is no such text."""
    if not text.startswith(b"--8<-- "):
        return []
    cut = _PART.split(text)
    names = (name.replace(b"\0", b"").decode("latin-1") or "-" for name in cut[1::2])
    return list(zip(names, cut[2::2], strict=True))


_TABULAR = "importers.exchange.tabular"
TARGETS = MappingProxyType(
    {
        "dxf": Target("importers.drawing.dxf", "a.dxf", ("dxf",)),
        "dgn": Target("importers.drawing.dgn", "a.dgn", ("dgn",)),
        "points": Target("importers.points.table", "a.csv", ("points",)),
        "xlsx": Target("importers.points.table", "a.xlsx", ("xlsx",), zipped),
        "gsi": Target("importers.points.gsi", "a.gsi", ("gsi",)),
        "sdr33": Target("importers.points.sdr33", "a.sdr", ("sdr33",)),
        "gts": Target("importers.points.gts", "a.gts", ("gts",)),
        "nikon": Target("importers.points.nikon", "a.raw", ("nikon",)),
        "rw5": Target("importers.points.rw5", "a.rw5", ("rw5",)),
        "landxml": Target("importers.exchange.landxml", "a.xml", ("landxml",), markup=True),
        "mojxml": Target("importers.exchange.mojxml", "a.xml", ("mojxml",), markup=True),
        "edigeo": Target("importers.exchange.edigeo", "a.bz2", ("edigeo",), tarred),
        "famis": Target("importers.exchange.famis", "a.txt", ("famis",)),
        "gml": Target(_TABULAR, "a.gml", ("gml", "inspire"), markup=True),
        "geojson": Target(_TABULAR, "a.geojson", ("geojson",)),
        "gpkg": Target(_TABULAR, "a.gpkg", ("gpkg",)),
        "shp": Target(_TABULAR, "a.zip", ("shp",), zipped),
        "wkt": Target(_TABULAR, "a.csv", ("csv",)),
        "fgb": Target(_TABULAR, "a.fgb", ("fgb",)),
    }
)


@dataclass(frozen=True, slots=True)
class Count:
    """Inputs run, those of them that came to the reader, those it read without refusing; CPU, slowest input."""

    run: int
    came: int
    drawn: int
    seconds: float
    slowest_s: float


class Told:
    """Numbers that outlive the process."""

    _FORM = struct.Struct("<qqqdd")

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(self._FORM.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), self._FORM.size)

    def get(self) -> Count:
        return Count(*self._FORM.unpack_from(self._map))

    def put(self, count: Count) -> None:
        self._FORM.pack_into(self._map, 0, *astuple(count))


class _Fuzzed:
    """Takes inputs one after another and keeps account."""

    def __init__(self, target: Target, folder: Path, seconds: float) -> None:
        self.target, self.folder, self.seconds = target, folder, seconds
        self.discover = import_module("importers.source").discover
        self.examination = import_module("importers.examination")
        self.refused: type[Exception] = import_module("importers.errors").Refused
        how = import_module("importers.plots").How
        self.hows = (how(), how(commune="20207", sheet="7", scale=500, axes="north_east"))
        self.told = Told(folder / "told")
        self.current, self.work = folder / "current", folder / "work"
        self.file = folder / "in" / target.file
        self.file.parent.mkdir(exist_ok=True)
        self.begun = time.process_time()
        self.before = self.told.get().seconds

    def one(self, data: bytes) -> None:
        """An input as libFuzzer made it. Ends the process where the time is over."""
        start = time.process_time()
        before = self.told.get()
        count = replace(before, run=before.run + 1, seconds=self.before + start - self.begun)
        self.told.put(count)
        if start - self.begun > self.seconds:
            os._exit(0)
        self.current.write_bytes(data)
        signal.setitimer(signal.ITIMER_PROF, INPUT_SECONDS)
        came = drawn = False
        try:
            for source in self._handed_in(data):
                came = True
                module = import_module(self.target.module)
                made = module.read(source, self.hows[len(data) % 2])
                drawn = True
                _worded(*made.findings)
        except Exception as error:
            if not (isinstance(error, self.refused) and _is_worded(error)):
                self._keep(data, error)
        signal.setitimer(signal.ITIMER_PROF, 0)
        took = time.process_time() - start
        slowest_s = max(count.slowest_s, took)
        self.told.put(
            Count(count.run, count.came + came, count.drawn + drawn, count.seconds + took, slowest_s)
        )

    def _handed_in(self, data: bytes) -> Iterator[Any]:
        """What `discover` makes of an input for this reader. Raises: Refused; anything else is a crash."""
        parts = parts_of(data) if self.target.pack is not None else []
        whole = self.target.pack(parts) if parts and self.target.pack is not None else data
        self.file.write_bytes(whole)
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        for source in self.discover([self.file], self.work, self.examination.recognised):
            if source.format in self.target.formats:
                yield source

    def _keep(self, data: bytes, error: Exception) -> None:
        """The smallest input for each place that fails."""
        where = place(error)
        name = hashlib.sha256(where.encode()).hexdigest()[:12]
        kept = self.folder / "crashes" / name
        if not kept.exists() or kept.stat().st_size > len(data):
            kept.write_bytes(data)
            said = "".join(traceback.format_exception(error, limit=-30))[-8000:]
            kept.with_suffix(".txt").write_text(f"{where}\n{said}", "utf-8")


def place(error: BaseException) -> str:
    """The kind of an exception and the line of ours that it came through last."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/importers/" in f.filename or "/geo/" in f.filename] or list(frames)
    last = ours[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} {last.name}"


class Wordless(Exception):
    """A finding or a refusal without a text in both languages."""


def _worded(*findings: Any) -> None:
    for finding in findings:
        if not _is_worded(finding):
            raise Wordless(finding.rule)


def _is_worded(said: Any) -> bool:
    """Whether a finding or a refusal speaks in both languages."""
    return all(isinstance(text, str) and text.strip() for text in (said.text_vi, said.text_en))


def words_of(*modules: ModuleType) -> list[bytes]:
    """Short texts that stand in the code of modules: the words of a format, for libFuzzer to put in."""
    found: set[bytes] = set()

    def look(value: Any) -> None:
        if isinstance(value, str | bytes) and 0 < len(value) <= 24:
            found.add(value.encode() if isinstance(value, str) else value)
        elif isinstance(value, CodeType):
            for constant in value.co_consts:
                look(constant)
        elif isinstance(value, tuple | list | frozenset | set):
            for inner in value:
                look(inner)
        elif isinstance(value, dict):
            look(tuple(value))

    for module in modules:
        for value in vars(module).values():
            of = getattr(value, "__module__", None) == module.__name__
            look(getattr(value, "__code__", None) if of else value)
            if of and isinstance(value, type):
                for method in vars(value).values():
                    look(getattr(method, "__code__", None))
    return sorted(found)


def _dictionary(module: str) -> Iterator[str]:
    package = module.rpartition(".")[0]
    loaded = [m for name, m in sys.modules.items() if name.startswith(package + ".")]
    for word in words_of(*loaded):
        yield '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


def _fence() -> None:
    """The bounds of one input, and quiet: what libraries print would bury what libFuzzer says."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    import_module("importers.gdal").prepare()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    os.nice(NICE)


def main(name: str, folder: Path, seconds: float, files: list[Path]) -> None:
    """Fuzz until the seconds are spent."""
    _fence()
    import atheris

    target = TARGETS[name]
    # What sorts files before they are read is run, but what is turned away there shall not guide. Compiled loops cannot
    # bear marks in their code.
    unmarked = [
        "importers.wkb_loops", "importers.source", "importers.unpack", "importers.drawing.known",
        "importers.exchange.known", "importers.points.known", "importers.check",
    ]  # fmt: skip
    with atheris.instrument_imports(include=["importers"], exclude=unmarked):
        for module in ("importers.drawing", "importers.exchange", "importers.points", target.module):
            import_module(module)
        import_module("importers.examination")
    fuzzed = _Fuzzed(target, folder, seconds)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.register(signal.SIGPROF, chain=True)
    if files:
        for file in files:
            fuzzed.one(file.read_bytes())
        return

    def mutator(data: bytes, most_bytes: int, seed: int) -> bytes:
        return changed(bytes(data), most_bytes, seed, atheris.Mutate)

    words = folder / "words.dict"
    words.write_text("".join(_dictionary(target.module)), "utf-8")
    atheris.Setup(
        [
            name,
            str(folder / "corpus"),
            f"-dict={words}",
            f"-max_len={MAX_INPUT_BYTES}",
            f"-rss_limit_mb={MEMORY_BYTES >> 20}",
            # By the clock, for a process that hangs without work; work is bounded by INPUT_SECONDS of CPU.
            "-timeout=7200",
            f"-artifact_prefix={folder}/libfuzzer-",
            f"-seed={26 + fuzzed.told.get().run}",
            "-reload=0",
        ],
        fuzzed.one,
        **({"custom_mutator": mutator} if target.markup else {}),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), [Path(p) for p in sys.argv[4:]])
