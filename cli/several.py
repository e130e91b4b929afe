"""Several server processes over one door and one register, sharing finished tiles; one that dies is started again."""

import multiprocessing
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from cli.settings import Settings

_FAILED: Final = 3
_AGAIN_S: Final = 1.0
_PATIENCE_S: Final = 15.0


def serve_together(settings: Settings, conninfo: str, door: socket.socket, count: int) -> None:
    """Serve over `door` with `count` processes; the first runs the surveys' checks too.

    Raises: KeyboardInterrupt when it has been stopped, CommandError where none of them can start.
    """
    from cli.errors import CommandError

    spawn = multiprocessing.get_context("spawn")
    with _folder(settings.home) as folder:
        # who holds the other end of this pipe lives as long as this process does
        orphaned, alive = spawn.Pipe(duplex=False)

        def started(number: int) -> SpawnProcess:
            process = spawn.Process(
                target=_serve,
                args=(settings, conninfo, door, folder, number, orphaned),
                name=f"diachinh {number}",
            )
            process.start()
            return process

        processes = [started(number) for number in range(count)]
        threading.Thread(target=_announce, args=(door, processes), daemon=True).start()
        try:
            while True:
                wait([process.sentinel for process in processes])
                for number, process in enumerate(processes):
                    if process.is_alive():
                        continue
                    if process.exitcode == _FAILED:
                        raise CommandError(
                            "Máy chủ HTTP không khởi động được; lý do ở ngay trên.",
                            "The HTTP server could not start; the reason stands above.",
                        )
                    time.sleep(_AGAIN_S)
                    processes[number] = started(number)
        finally:
            alive.close()
            _stop(processes)


def _serve(
    settings: Settings, conninfo: str, door: socket.socket, folder: Path, number: int, orphaned: Connection
) -> None:
    """One of the processes, until it is told to stop or nobody is left to tell it."""
    import signal
    import sys

    from cli.http_server import app_of, server_of

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal: the parent stops us
    server = server_of(app_of(settings, conninfo, works=number == 0, shared_tiles=folder))

    def leave() -> None:
        with suppress(EOFError, OSError):
            orphaned.recv()
        server.should_exit = True

    threading.Thread(target=leave, daemon=True).start()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[door])
    if not server.started:
        sys.exit(_FAILED)


def _announce(door: socket.socket, processes: list[SpawnProcess]) -> None:
    """Print the ready line once one of them answers."""
    from cli.serve import answers, say_ready

    host, port = door.getsockname()[:2]
    while any(process.is_alive() for process in processes):
        if answers(host, port):
            say_ready(host, port)
            return
        time.sleep(0.05)


def _stop(processes: list[SpawnProcess]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + _PATIENCE_S
    for process in processes:
        process.join(max(0.1, until - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


@contextmanager
def _folder(home: Path) -> Iterator[Path]:
    """A folder for the tiles of one run; those of runs that were killed go."""
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob("tiles-*"):
        number = left.name.removeprefix("tiles-")
        if not (number.isdigit() and Path(f"/proc/{number}").exists()):
            shutil.rmtree(left, ignore_errors=True)
    folder = home / f"tiles-{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
