"""A coroutine awaited in a test: on a thread of its own, since a loop of the browser's may run in the test's."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Out = TypeVar("_Out")


def awaited(coroutine: Coroutine[Any, Any, _Out]) -> _Out:
    """What it gives."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
