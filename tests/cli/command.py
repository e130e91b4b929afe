"""The command as a person runs it: a process of its own, what it says, its exit code."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.environment import unfenced

PROGRAM = Path(sys.executable).parent / "diachinh"
READY = "Địa Chính is ready: http://127.0.0.1:"
PATIENCE_S = 280  # a first run compiles


def free_port() -> str:
    """A port nobody listens on."""
    from cli.http_server import listen

    with listen("127.0.0.1", 0) as door:
        return str(door.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Ran:
    """Exit code, answers (standard output) and news (standard error)."""

    code: int
    out: str
    err: str


def environment(home: Path, **more: str) -> Mapping[str, str]:
    """This process's environment with the settings of a register in `home`."""
    kept = {k: v for k, v in unfenced().items() if not k.startswith("DIACHINH_") and k != "PORT"}
    return kept | {"DIACHINH_HOME": str(home)} | more


def run(home: Path, *arguments: str, **more: str) -> Ran:
    """`diachinh arguments`, to its end."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass(slots=True)
class Running:
    """A command that goes on; its lines as they come."""

    process: subprocess.Popen[str]
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def url(self) -> str:
        """Where it serves, once it has said that it is ready."""
        return self.wait_for(self.out, READY).removeprefix("Địa Chính is ready: ")

    def wait_for(self, lines: list[str], start: str) -> str:
        """The first of `lines` that begins with `start`, when it has come."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            ended = self.process.poll() is not None
            for line in list(lines):
                if line.startswith(start):
                    return line
            assert not ended, f"ended with {self.process.returncode}: {self.out} {self.err}"
            assert time.monotonic() < give_up, f"still waiting for {start!r}: {self.out} {self.err}"
            time.sleep(0.01)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after the signal; all it said is in `out` and `err`."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        for thread in self.threads:
            thread.join(timeout=10)
        return code


@contextmanager
def running(home: Path, *arguments: str, **more: str) -> Iterator[Running]:
    """`diachinh arguments` while the block runs; killed at the end where it still lives."""
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    command = Running(process)
    for pipe, lines in ((process.stdout, command.out), (process.stderr, command.err)):
        assert pipe is not None
        command.threads.append(threading.Thread(target=_collect, args=(pipe, lines), daemon=True))
        command.threads[-1].start()
    try:
        yield command
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for thread in command.threads:
            thread.join(timeout=10)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()


def _collect(pipe: IO[str], lines: list[str]) -> None:
    for line in pipe:
        lines.append(line.rstrip("\n"))
