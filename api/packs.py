"""`/api/v1/packs/{commune}`: the map of one commune as a file that a device keeps, to be used without a connection.

The file stands among the archives the server gives out, under a name that says which state of the register it shows.
"""

import asyncio
import contextlib
import re
import shutil
import time
from pathlib import Path as FilePath
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from api.apart import done_apart
from api.archives import PREFIX
from api.openapi import problems
from register.errors import NotFoundError
from register.find import rows
from register.keys import commune_code

router = APIRouter(prefix="/api/v1", tags=["packs"])
FRESH_S: Final = 600.0
"""A pack so young is given again though the register has changed: it tells its moment."""
_LONGEST_S: Final = 300.0


class Pack(BaseModel):
    """A pack that is ready to be fetched."""

    commune: str
    url: str = Field(examples=["/archives/xa-20242-17.pmtiles"])
    bytes: int


@router.post(
    "/packs/{commune}",
    summary="The map of a commune as one file, for devices without a connection",
    responses={200: {"model": Pack, "description": "Where the file is"}, **problems(404, 422, 429)},
)
async def post_pack(
    request: Request, commune: Annotated[str, Path(max_length=64, description="5-digit code")]
) -> Pack:
    """PMTiles with the style and images it is drawn with, and the commune's parcels, so that they can be found in it."""
    state = request.app.state
    code = commune_code(commune)
    folder: FilePath | None = state.archives_folder
    if folder is None:
        raise NotFoundError(
            "This server keeps no archives; `diachinh serve` does.",
            "Máy chủ này không giữ tệp bản đồ; `diachinh serve` thì có.",
        )
    async with state.pool.connection() as conn:
        (last,) = await rows(conn, "last_applied")
    path = folder / f"xa-{code}-{last['id']}.pmtiles"
    locks: dict[str, asyncio.Lock] = state.pack_locks
    async with locks.setdefault(code, asyncio.Lock()):
        found = await asyncio.to_thread(_usable, folder, code, path)
        if found is None:
            told = {"conninfo": state.conninfo, "schema": state.schema, "commune": code, "path": str(path)}
            async with state.download_turns.one():
                async with state.pool.connection() as conn:
                    known = {one["code"] for one in await rows(conn, "communes")}
                if code not in known:
                    raise NotFoundError(
                        f"The register has no parcels of a commune {code}.",
                        f"Sổ không có thửa đất nào của xã {code}.",
                    )
                folder.mkdir(parents=True, exist_ok=True)
                await done_apart(request, "api.pack_job", told, _LONGEST_S)
            found = path
            await asyncio.to_thread(_clear, folder, code, path)
    return Pack(commune=code, url=PREFIX + found.name, bytes=found.stat().st_size)


def _of(folder: FilePath, code: str) -> list[FilePath]:
    """The packs of a commune that are there, the newest first."""
    name = re.compile(rf"xa-{code}-\d+\.pmtiles")
    there = [one for one in folder.iterdir() if name.fullmatch(one.name)] if folder.is_dir() else []
    return sorted(there, key=lambda one: one.stat().st_mtime, reverse=True)


def _usable(folder: FilePath, code: str, path: FilePath) -> FilePath | None:
    """The pack of this state of the register, or a young one."""
    there = _of(folder, code)
    if path in there:
        return path
    return there[0] if there and time.time() - there[0].stat().st_mtime < FRESH_S else None


def _clear(folder: FilePath, code: str, path: FilePath) -> None:
    """Take away what the newest pack replaces; who is being sent one has it open."""
    for old in _of(folder, code):
        if old != path:
            with contextlib.suppress(FileNotFoundError):
                old.unlink()
    for left in folder.glob(f"xa-{code}-*.pmtiles.parts"):  # of one that was given up
        shutil.rmtree(left, ignore_errors=True)
