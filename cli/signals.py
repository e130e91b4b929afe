"""Ctrl-C, `kill` and a closed terminal all mean: stop cleanly. And once stopping, nothing interrupts that."""

import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopped_cleanly() -> Iterator[None]:
    """Inside, each of these signals raises KeyboardInterrupt; on leaving the handlers are as before."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def hang_up_told(stop: Callable[[], object]) -> Iterator[None]:
    """Inside, a closed terminal calls `stop`, and KeyboardInterrupt is raised on leaving, not in the middle of the loop: an
    import cut short would leave its lock taken, and the threads that wait for it would never end."""
    came: list[int] = []

    def hang_up(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        stop()

    before = signal.getsignal(signal.SIGHUP)
    if before != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, hang_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if came else before)
    if came:
        raise KeyboardInterrupt


async def until_stopped(work: "Callable[[asyncio.Event], Awaitable[None]]") -> None:
    """Await `work`, whose event is set by each of these signals: nothing is raised in the middle of the loop."""
    import asyncio

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    before = {number: signal.getsignal(number) for number in _heard()}
    for number in before:
        loop.add_signal_handler(number, stop.set)
    try:
        await work(stop)
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN if stop.is_set() else handler)


def _heard() -> list[signal.Signals]:
    """Under nohup the closed terminal is to be survived."""
    return [n for n in STOPPING if n != signal.SIGHUP or signal.getsignal(n) != signal.SIG_IGN]
