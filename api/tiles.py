"""Tiles over HTTP: addresses, stamps as ETags, how long who may keep them. What stands in a tile is the business of `tiles`."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from api.reply import JSON, Reply
from api.tile_class import class_of
from geo.cells import CELL_ZOOM, place
from register.clocks import as_of, moment
from register.errors import InvalidKeyError, NotFoundError
from register.keys import printable
from tiles import past, tile
from tiles.blocks import MOST_BYTES, Blocks
from tiles.finished import AHEAD_ZOOMS, Finished, Key, Tile
from tiles.layers import Class, Layer, layers_named
from tiles.legend import legend, uses
from tiles.looks import look_named
from tiles.news import News
from tiles.pieces import Body
from tiles.revisions import Revisions
from tiles.style import families, style
from tiles.tile import Address, Version
from tiles.tilejson import tilejson

PREFIX: Final = "/tiles/"
MVT: Final = "application/vnd.mapbox-vector-tile"
FOR_EVER: Final = "max-age=31536000, immutable"
_A_DAY: Final = "max-age=86400, immutable"
_TILE = re.compile(r"/tiles/([^/]{1,128})/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt")
_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,18})\.([0-9]{1,18})|([0-9]{1,18})")
_BREATH_S: Final = 0.001
_BREATHS: Final = 50
_NEVER: Final = {"cache-control": "no-store"}


class _ChangedMeanwhileError(Exception):
    """A correction came while the tile was being made."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, beside the path: the query, and what the headers say."""

    query: bytes = b""
    accept_encoding: str = ""
    known: str = ""
    authorization: str = ""


class Tiles:
    """What answers for tiles in one process."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        looker: AsyncConnectionPool[Any],
        finished: Finished,
        block_bytes: int = MOST_BYTES,
    ) -> None:
        """`pool` builds tiles; `looker` looks what is new; so many bytes of blocks are kept in memory."""
        self.pool = pool
        self.now = Revisions(looker)
        self.blocks = Blocks(pool, block_bytes)
        self.blocks.news = News(looker, self.now, self.blocks).follow
        self.finished = finished
        self._answering = 0
        self._ahead: dict[int, int] = {}  # what was made ahead: revisions of cells

    async def reply(self, path: str, asked: Asked) -> Reply:
        """One tile of `/tiles/{layers}/{z}/{x}/{y}.mvt`; 304 without building it where it is known by its stamp.

        Raises: NotFoundError for paths, layers and places there are not, InvalidKeyError, NotSignedInError, NotAllowedError.
        """
        self._answering += 1
        try:
            return await self._replied(path, asked)
        finally:
            self._answering -= 1

    async def _replied(self, path: str, asked: Asked) -> Reply:
        layers, at = _place(path)
        of = await class_of(self.pool, layers, asked.authorization)
        query = dict(parse_qsl(asked.query.decode("latin-1"), keep_blank_values=True)) if asked.query else {}
        packed = takes_gzip(asked.accept_encoding)
        if "as_of" in query or "known_at" in query:
            return await self._of_the_past(query, layers, at, of, packed, asked.known)
        await self.now.now()
        if "v" in query:
            return await self._of_version(query["v"], path, layers, at, of, packed, asked.known)
        stamp = tile.stamp(self.now, layers, at)
        if any(layer.from_drafts for layer in layers):
            async with self.pool.connection() as conn:
                stamp += f".d{await tile.drafts(conn)}"
        key = _key(layers, at, of)
        headers = _headers(key, stamp, packed, "no-cache")
        if knows(asked.known, headers["etag"]):
            return Reply(304, b"", MVT, headers)
        made = await self._present(key, layers, at, stamp, packed)
        if of == "public" and not query:
            self.finished.name(path.encode(), key, made, packed)
        return _reply(made, headers)

    async def _present(
        self,
        key: Key,
        layers: Sequence[Layer],
        at: Address,
        stamp: str,
        packed: bool,
        *,
        beside: bool = False,
    ) -> Tile:
        """The tile as it is now, which is told by `stamp`."""
        seen, revisions = self.now.version, tile.cells(self.now, layers, at)
        before = self.finished.last(key, packed)
        old = "" if before is None else before.stamp
        if before is not None and old != stamp and await tile.same(self.blocks, layers, at, old, revisions):
            made = self.finished.again(key, before, packed, stamp)
        else:
            made = await self.finished.tile(
                key, stamp, packed, lambda: self._build(layers, at, revisions, beside), beside
            )
        if made.stamp == stamp:
            made.seen = max(made.seen, seen)
        return made

    def is_now(self, key: Key, made: Tile) -> bool:
        """Whether a tile at hand is what there is now, as far as that is known without waiting; it is marked so."""
        if made.seen != self.now.version:
            layers, at = layers_named(key.layers), Address(key.z, key.x, key.y)
            stamp = tile.stamp(self.now, layers, at)
            if stamp != made.stamp:
                revisions = tile.cells(self.now, layers, at)
                if not tile.same_at_hand(self.blocks, layers, at, made.stamp, revisions):
                    return False
            made.stamp, made.seen = stamp, self.now.version
        return True

    async def follow(self) -> None:
        """Look what is new, and put it into the blocks at hand. Raises: what the database raises."""
        await self.blocks.follow()

    async def ahead(self, cell: int) -> None:
        """Make anew what changed of a map cell since the last time, its block and tiles in use. Raises: as `reply`."""
        now = self.now.cells(CELL_ZOOM, *place(cell))
        was, self._ahead[cell] = self._ahead.get(cell, -1), now.get(cell, -1)
        if self.blocks.holds(cell):
            await self.blocks.of(now)
        for at in tile.changed_since(self.blocks, cell, was, AHEAD_ZOOMS):
            for key, packed, before in self.finished.in_use(at.z, at.x, at.y):
                layers, asked = layers_named(key.layers), before.asked
                if any(layer.from_drafts for layer in layers) or self.is_now(key, before):
                    continue
                await self._let_pass()
                stamp = tile.stamp(self.now, layers, at)
                made = await self._present(key, layers, at, stamp, packed, beside=True)
                made.asked = asked  # nobody asked now
                for path in before.paths[:]:
                    self.finished.name(path[1:], key, made, packed)

    async def _let_pass(self) -> None:
        """Wait until nobody is being answered, but not for long: what is made ahead is not to hold up who asks now."""
        for _ in range(_BREATHS):
            if not self._answering and not self.now.looking:
                return
            await asyncio.sleep(_BREATH_S)

    async def _of_version(
        self, text: str, path: str, layers: Sequence[Layer], at: Address, of: Class, packed: bool, known: str
    ) -> Reply:
        """The tile under an address that never changes what it shows, else the way to the address that does."""
        if any(layer.from_drafts for layer in layers):
            raise InvalidKeyError(
                "v= names a state of the register: it does not go with the layer drafts.",
                "v= chỉ một trạng thái của sổ: không dùng cùng lớp drafts.",
            )
        asked = _version(text, self.now)
        version, stamp = tile.version(self.now, layers, at), tile.stamp(self.now, layers, at)
        # what was asked for may be later than the tile's last change: it was the same then
        if asked is None or asked.encoding != version.encoding or asked.seq < version.seq or (
            version.units and asked.units != version.units
        ):  # fmt: skip
            return Reply(307, b"", MVT, {"location": f"{path}?{urlencode({'v': str(version)})}", **_NEVER})
        headers = _headers(_key(layers, at, of), stamp, packed, FOR_EVER)
        if knows(known, headers["etag"]):
            return Reply(304, b"", MVT, headers)
        revisions = tile.cells(self.now, layers, at)

        async def make() -> Body:
            body = await self._build(layers, at, revisions)
            await self.now.now()
            if tile.stamp(self.now, layers, at) != stamp:
                raise _ChangedMeanwhileError
            return body

        try:
            return _reply(
                await self.finished.tile(_key(layers, at, of, "exact"), stamp, packed, make), headers
            )
        except _ChangedMeanwhileError:
            here = urlencode({"v": str(tile.version(self.now, layers, at))})
            return Reply(307, b"", MVT, {"location": f"{path}?{here}", **_NEVER})

    async def _of_the_past(
        self,
        query: Mapping[str, str],
        layers: Sequence[Layer],
        at: Address,
        of: Class,
        packed: bool,
        known: str,
    ) -> Reply:
        """The tile as it was; kept for ever where the office's clock makes it final."""
        if "v" in query:
            raise InvalidKeyError(
                "v= names the map as it is: it does not go with as_of= or known_at=.",
                "v= chỉ bản đồ hiện nay: không dùng cùng as_of= hoặc known_at=.",
            )
        then = as_of(query.get("as_of"), query.get("known_at"))
        assert then is not None  # noqa: S101 - one of them is there
        async with self.pool.connection() as conn:
            when = await moment(conn, then)
            state = await past.snapped(conn, when, layers, at)
        units = any(layer.from_units for layer in layers)
        if units:  # outlines of units can be handed in anew: they are drawn as they are known now
            await self.now.now()
        stamp = f"{tile.ENCODING}.past.{state}" + (f".{self.now.units}" if units else "")
        key = _key(layers, at, of, str(state))
        cache = (_A_DAY if units else FOR_EVER) if when.settled else "no-cache"
        headers = _headers(key, stamp, packed, cache)
        if knows(known, headers["etag"]):
            return Reply(304, b"", MVT, headers)
        made = await self.finished.tile(
            key, stamp, packed, lambda: past.build(self.pool, self.blocks, layers, at, state)
        )
        return _reply(made, headers)

    async def _build(
        self, layers: Sequence[Layer], at: Address, revisions: Mapping[int, int], beside: bool = False
    ) -> Body:
        return await tile.build(
            self.pool, self.blocks, layers, at, revisions, keep=self.finished.keeps, beside=beside
        )

    async def close(self) -> None:
        """Wait for what is being made and kept."""
        await self.finished.close()
        await self.blocks.close()


def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip is among the encodings a client takes."""
    text = accept_encoding.lower()
    if "gzip" not in text:
        return False
    for one in text.split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False


def knows(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match names a tag."""
    return etag in if_none_match or if_none_match.strip() == "*"


def etag(stamp: str, packed: bool) -> str:
    """The tag of a tile with a stamp: one for each encoding."""
    return f'"{stamp}-gz"' if packed else f'"{stamp}"'


def _place(path: str) -> tuple[list[Layer], Address]:
    match = _TILE.fullmatch(path)
    if match is None:
        raise NotFoundError(
            "Tiles are at /tiles/{layers}/{z}/{x}/{y}.mvt, for example /tiles/parcels,labels/16/52469/29745.mvt.",
            "Ô bản đồ ở /tiles/{lớp}/{z}/{x}/{y}.mvt, ví dụ /tiles/parcels,labels/16/52469/29745.mvt.",
        )
    return layers_named(match[1]), tile.address(int(match[2]), int(match[3]), int(match[4]))


def _key(layers: Sequence[Layer], at: Address, of: Class, past: str = "") -> Key:
    return Key(",".join(layer.name for layer in layers), at.z, at.x, at.y, of, past)


def _version(text: str, now: Revisions) -> Version | None:
    """The version `?v=` names; None for one of an encoding or of units that are over, and for a place in the feed alone.

    Raises: InvalidKeyError for what is none, and for one that is yet to come: nobody may keep an answer to that.
    """
    match = _VERSION.fullmatch(text)
    if match is None:
        raise InvalidKeyError(
            f"v={printable(text)} is no version of the map: take it from /tiles/{{layers}}.json?v=now as it is.",
            f"v={printable(text)} không phải phiên bản bản đồ: hãy lấy nguyên từ /tiles/{{lớp}}.json?v=now.",
        )
    if match[4] is not None:
        encoding, seq, units = tile.ENCODING, int(match[4]), -1
    else:
        encoding, seq, units = int(match[1]), int(match[2]), int(match[3])
    latest = _latest(now)
    if encoding > latest.encoding or seq > latest.seq or units > latest.units:
        raise InvalidKeyError(
            f"v={printable(text)} is a version of the map that is yet to come; now it is {latest}.",
            f"v={printable(text)} là phiên bản bản đồ chưa có; hiện nay là {latest}.",
        )
    return None if units < 0 else Version(encoding, seq, units)


def _latest(now: Revisions) -> Version:
    return Version(tile.ENCODING, now.seq, now.units)


@lru_cache(4096)
def generalised(layers: str, z: int) -> str:
    """The header `Generalised` of a tile; empty where it shows all there is."""
    return tile.generalised(layers_named(layers), z)


def _headers(key: Key, stamp: str, packed: bool, cache: str) -> dict[str, str]:
    whose = "public" if key.of == "public" else "private"
    vary = "Accept-Encoding" if key.of == "public" else "Accept-Encoding, Authorization"
    headers = {"etag": etag(stamp, packed), "cache-control": f"{whose}, {cache}", "vary": vary}
    less = generalised(key.layers, key.z)
    return {**headers, "generalised": less} if less else headers


def _reply(made: Tile, headers: Mapping[str, str]) -> Reply:
    more = {"content-encoding": "gzip"} if made.packed else {}
    return Reply(200, made.body, MVT, {**headers, **more})


async def tilejson_reply(
    conn: AsyncConnection[TupleRow], now: Revisions, layers: str, base_url: str, v: str | None = None
) -> Reply:
    """TileJSON 3.0 of some layers; with `v` their addresses name the version of the map there is now.

    Raises: NotFoundError.
    """
    query = ""
    if v is not None:
        await now.now()
        query = "?" + urlencode({"v": str(_latest(now))})
    described = tilejson(layers_named(layers), base_url, await tile.extent(conn), query)
    return Reply(200, orjson.dumps(described), JSON, {"cache-control": "no-cache"})


async def style_reply(conn: AsyncConnection[TupleRow], look: str = "light") -> Reply:
    """The map's style for MapLibre, in a look. Raises: NotFoundError."""
    told = style(await families(conn), look=look_named(look))
    return Reply(200, orjson.dumps(told), JSON, {"cache-control": "no-cache"})


async def legend_reply(conn: AsyncConnection[TupleRow], look: str) -> Reply:
    """The key to the map in a look. Raises: NotFoundError."""
    told = legend(await uses(conn), look_named(look))
    return Reply(200, orjson.dumps(told), JSON, {"cache-control": "no-cache"})
