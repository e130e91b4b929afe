"""The address search of this process: its index, read when the server starts and kept up with every correction."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg

from api.change_events import ChangeWakes
from geo.addresses.search import Hit, Place
from register.address_search import AddressBook, follow, read_book, read_parts
from register.connect import connect_reader
from register.errors import BusyError

_AGAIN_S = 5.0
_PATIENCE_S = 60.0  # the first start ever compiles the loops
_AT_ONCE = 1000
_BREATH_S = 0.05  # between lots of texts taken apart, and before a correction is looked at: answers and open maps come first
_OVERLAP = 100_000  # numbers given earlier may be committed later
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class AddressSearch:
    """Answers from memory; `keep` reads the register until it is cancelled."""

    conninfo: str
    schema: str
    book: AddressBook | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _read_at: int = -1
    _after: int = 0
    _conn: psycopg.Connection | None = None
    """Kept open: connecting for each correction would cost more than reading what it changed."""

    async def find(
        self, text: str, limit: int, near: Place | None = None, *, unfinished: bool = True
    ) -> list[Hit]:
        """The best `limit` addresses. Raises: BusyError while the index is still being read."""
        return (await self.loaded()).find(text, limit, near, unfinished=unfinished)

    async def loaded(self) -> AddressBook:
        """The index as it stands. Raises: BusyError while it is still being read."""
        if self.book is None:
            try:
                await asyncio.wait_for(self.ready.wait(), _PATIENCE_S)
            except TimeoutError:
                raise BusyError(
                    "The address index is being read: ask again in a few seconds.",
                    "Đang nạp chỉ mục địa chỉ: hãy hỏi lại sau vài giây.",
                    5,
                ) from None
        assert self.book is not None  # noqa: S101 - ready
        return self.book

    async def keep(self, wakes: ChangeWakes) -> None:
        """Read the register, then follow its corrections; begun again where the database is away."""
        with wakes.joined() as wake:
            try:
                while True:
                    try:
                        self.book = await self._aside(self._present)
                        self.ready.set()
                        while self._read_at != self.book.seq and await self._aside(self._take_apart):
                            await asyncio.sleep(_BREATH_S)
                            if wake.is_set():
                                break
                        else:
                            await wakes.wait(wake, _AGAIN_S)
                        await asyncio.sleep(_BREATH_S)
                        wake.clear()
                    except psycopg.Error as error:
                        _log.warning("reading addresses again: %s", type(error).__name__)
                        self._close()
                        await asyncio.sleep(1.0)
            finally:
                self._close()

    async def _aside(self, work: Callable[[], _T]) -> _T:
        """`work` in a thread. Cancelled, its question is withdrawn and its end is waited for.

        A connection closed under a thread that reads from it takes the whole process down.
        """
        doing = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            while not doing.done():
                if self._conn is not None:
                    with suppress(psycopg.Error):
                        self._conn.cancel()
                await asyncio.wait([doing], timeout=_BREATH_S)
            doing.exception()  # said: nobody waits for it any more
            raise

    def _connected(self) -> psycopg.Connection:
        if self._conn is None or self._conn.closed:
            self._conn = connect_reader(self.conninfo, self.schema)
        return self._conn

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()

    def _present(self) -> AddressBook:
        conn, before = self._connected(), self.book
        followed = None if before is None else follow(conn, before)
        if before is None or followed is None:
            return read_book(conn)
        if followed.fresh == before.fresh and self._read_at == before.seq:
            self._read_at = followed.seq  # no address was touched
        return followed

    def _take_apart(self) -> bool:
        """Write down the parts of some texts that have none yet; whether there may be more."""
        assert self.book is not None  # noqa: S101 - read before
        conn = self._connected()
        with conn.transaction():
            last = read_parts(conn, self._after, _AT_ONCE, self.book.units.provinces)
        if last is None:
            self._read_at, self._after = self.book.seq, max(0, self._after - _OVERLAP)
        else:
            self._after = last
        return last is not None
