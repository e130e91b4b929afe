"""Work done by a process of its own, which the server can end at any time: a module of `api` that reads one line of JSON."""

import asyncio
import json
import sys
from pathlib import Path

from fastapi import Request
from starlette.requests import ClientDisconnect

LONGEST_S = 600.0


async def done_apart(
    request: Request, module: str, told: dict[str, object], longest_s: float = LONGEST_S
) -> None:
    """`python -m module` with `told` on its standard input; ended at once where the client goes away.

    Raises: ClientDisconnect, TimeoutError, RuntimeError where it failed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    try:
        done = asyncio.ensure_future(process.communicate(json.dumps(told).encode() + b"\n"))
        async with asyncio.timeout(longest_s):
            while not done.done():
                await asyncio.wait([done], timeout=0.25)
                if not done.done() and await request.is_disconnected():
                    break
        if not done.done():
            raise ClientDisconnect
        if process.returncode != 0:
            said = done.result()[1].decode("utf-8", "replace").strip().splitlines()[-1:]
            raise RuntimeError(f"{module} ended with {process.returncode}: {said}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
            done.cancel()
