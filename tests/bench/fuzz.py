"""Every reader of surveys fuzzed, guided by coverage, for 600 s of CPU time each: nothing may come out but a `Refused`.

A crash is any other exception, a fatal signal, an input that takes more than 30 s of CPU or 2 GiB, and a finding without
words. `python -m tests.bench.fuzz SECONDS [reader …]` takes other times, and only some readers.
"""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench._fuzz_seeds import seeds
from tests.bench._fuzz_target import TARGETS, Count, Told

SECONDS = 600.0
# Readers take turns, so that what is wrong with any of them is seen soon.
TURN_SECONDS = 30.0
AT_ONCE = 2
MAX_DEATHS = 20
_EDGES = re.compile(r"cov: (\d+)")


@dataclass(slots=True)
class _Reader:
    """One reader's fuzzing: its folder and the process that works there."""

    name: str
    folder: Path
    seconds: float
    process: "subprocess.Popen[bytes] | None" = None
    deaths: list[str] = field(default_factory=list)

    def start(self) -> None:
        """A process for its next turn."""
        left = min(TURN_SECONDS, self.seconds - self.told().seconds)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench._fuzz_target", self.name, str(self.folder), str(left)],
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )

    def turned(self) -> bool:
        """Whether its turn is over: by its time, or by an input that ended the process."""
        assert self.process is not None
        code = self.process.poll()
        if code:
            self._died(code)
        return code is not None

    def done(self) -> bool:
        """Whether all its time is spent, or too many inputs ended its process."""
        return self.told().seconds >= self.seconds or len(self.deaths) >= MAX_DEATHS

    def _died(self, code: int) -> None:
        said = "over 30 s of CPU" if code == -signal.SIGPROF else f"ended with {code}"
        log = (self.folder / "log").read_text("utf-8", "replace")
        number = len(self.deaths) + 1
        kept = self.folder / "crashes" / f"death-{number}"
        if (self.folder / "current").exists():
            shutil.copyfile(self.folder / "current", kept)
        self.deaths.append(said)
        kept.with_suffix(".txt").write_text(f"{said}\n{log[-4000:]}", "utf-8")

    def told(self) -> Count:
        return Told(self.folder / "told").get()

    def edges(self) -> int:
        log = (self.folder / "log").read_text("utf-8", "replace")
        return max((int(m[1]) for m in _EDGES.finditer(log)), default=0)

    def crashes(self) -> list[str]:
        """What failed, with the file that makes it fail."""
        return [
            f"{told.read_text('utf-8').splitlines()[0]}: {told.with_suffix('')}"
            for told in sorted((self.folder / "crashes").glob("*.txt"))
        ]

    def line(self) -> str:
        n = self.told()
        return (
            f"{self.name:<9} {n.run:>10,} {n.came:>10,} {n.drawn:>10,} {self.edges():>7,} {n.seconds:>6.0f} s "
            f"{n.slowest_s:>6.1f} s {len(self.crashes()):>8}"
        )


def _laid_out(name: str, folder: Path, seconds: float) -> _Reader:
    for part in ("corpus", "crashes"):
        (folder / part).mkdir(parents=True)
    for number, data in enumerate(seeds(name)):
        (folder / "corpus" / f"seed-{number}").write_bytes(data)
    return _Reader(name, folder, seconds)


def run(seconds: float = SECONDS, names: Sequence[str] = ()) -> int:
    """Prints a line after each turn and the table; 0 where nothing crashed. Crashing inputs are kept."""
    scratch = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - files that never reach a disk
    folder = Path(tempfile.mkdtemp(prefix="diachinh-fuzz-", dir=scratch))
    waiting = [_laid_out(name, folder / name, seconds) for name in names or TARGETS]
    heading = f"{'reader':<9} {'inputs':>10} {'came':>10} {'read':>10} {'edges':>7} {'CPU':>8} {'slowest':>8} {'crashes':>8}"
    print(f"in {folder}\n{heading}", flush=True)
    working: list[_Reader] = []
    done: list[_Reader] = []
    try:
        while waiting or working:
            while waiting and len(working) < AT_ONCE:
                working.append(waiting.pop(0))
                working[-1].start()
            time.sleep(1)
            for reader in [r for r in working if r.turned()]:
                working.remove(reader)
                (done if reader.done() else waiting).append(reader)
                print(reader.line(), flush=True)
                for crash in reader.crashes():
                    print(f"  {crash}", flush=True)
    finally:
        for reader in working:
            if reader.process is not None:
                reader.process.kill()
                reader.process.wait()
    print(f"\n{heading}")
    for reader in done:
        print(reader.line())
    crashes = sum(len(reader.crashes()) for reader in done)
    inputs = sum(reader.told().run for reader in done)
    least = min(reader.told().seconds for reader in done)
    # A reader that refuses all it is given is not tried at all.
    deaf = [reader.name for reader in done if not reader.told().drawn]
    if not crashes:
        shutil.rmtree(folder, ignore_errors=True)
    if deaf:
        print(f"nothing was read by {', '.join(deaf)}")
    print(
        f"fuzz: {crashes} crashes of {len(done)} readers in {inputs:,} inputs, {least:.0f} s of CPU each or more "
        f"(needs 0 in {SECONDS:.0f} s)"
    )
    return 1 if crashes or deaf else 0


if __name__ == "__main__":
    sys.exit(run(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, sys.argv[2:]))
