"""Raster tiles over HTTP, before the router: a scan never changes, so its tiles are kept by whoever has them, for ever."""

import re
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final

from psycopg_pool import AsyncConnectionPool

from api import errors
from api.reply import Reply, Scope, Send, header
from register.errors import NotFoundError
from register.scans import ScanFile, path_of, served
from tiles.raster.shelf import Shelf

PREFIX: Final = "/tiles/scans/"
ENDINGS: Final = (".webp", ".png")
MOST_ZOOM: Final = 24
KNOWN_S: Final = 1.0
"""So long a scan that was retired may go on being served."""
_TILE = re.compile(r"/tiles/scans/([a-z2-7]{26})/(\d{1,2})/(\d{1,8})/(\d{1,8})\.(webp|png)")
_MOST_KNOWN = 1000
_CACHE = "public, max-age=31536000, immutable"


class ScanTiles:
    """Tiles of the scans of one register, whose files stand in `folder` (None: there are none)."""

    def __init__(self, pool: AsyncConnectionPool, folder: Path | None) -> None:
        self._pool = pool
        self._folder = folder
        self._shelf = Shelf()
        self._known: OrderedDict[str, tuple[float, ScanFile]] = OrderedDict()

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer for one tile; whatever goes wrong is answered as a problem, and touches no other tile."""
        try:
            reply = await self.reply(scope["path"], header(scope, b"if-none-match"))
        except Exception as error:
            reply = errors.problem_of(error, scope["path"])
        await reply.send(send, head=scope["method"] == "HEAD")

    async def reply(self, path: str, known: str = "") -> Reply:
        """One tile, 512 pixels, transparent where the scan does not reach. Raises: NotFoundError, GoneError."""
        match = _TILE.fullmatch(path)
        if match is None or self._folder is None:
            raise NotFoundError(
                "Tiles of scans are at /tiles/scans/{id}/{z}/{x}/{y}.webp or .png; /tiles/scans.json lists the scans.",
                "Ô ảnh quét ở /tiles/scans/{id}/{z}/{x}/{y}.webp hoặc .png; danh sách ở /tiles/scans.json.",
            )
        key, form = match[1], match[5]
        z, x, y = int(match[2]), int(match[3]), int(match[4])
        if not (z <= MOST_ZOOM and x < 1 << z and y < 1 << z):
            raise NotFoundError(
                f"There is no tile {z}/{x}/{y}: zooms are 0 to {MOST_ZOOM}, columns and rows 0 to 2^z - 1.",
                f"Không có ô {z}/{x}/{y}: mức thu phóng từ 0 đến {MOST_ZOOM}, cột và hàng từ 0 đến 2^z - 1.",
            )
        one = await self._scan(key)
        etag = f'"{one.tiles.hex()[:24]}-{form}"'  # the file never changes, nor what is made of it
        headers = {"etag": etag, "cache-control": _CACHE, "access-control-allow-origin": "*"}
        if etag in known:
            return Reply(304, b"", f"image/{form}", headers)
        path_there = path_of(self._folder, one.tiles)
        body = await self._shelf.tile(path_there, one.max_zoom, z, x, y, form)
        return Reply(200, body, f"image/{form}", headers)

    async def _scan(self, key: str) -> ScanFile:
        now = time.monotonic()
        found = self._known.get(key)
        if found is not None and now - found[0] < KNOWN_S:
            return found[1]
        async with self._pool.connection() as conn:
            one = await served(conn, key)
        self._known[key] = now, one
        self._known.move_to_end(key)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return one
