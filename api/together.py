"""Look-ups that come at the same time are put to the database in one question: it costs little more than one of them."""

import asyncio
from typing import Final

from psycopg_pool import AsyncConnectionPool

from register.find import Found, parcels_by_code

MOST: Final = 32
"""Codes of one question."""
AT_ONCE: Final = 2
"""Questions at a time; what comes meanwhile waits for the next."""


class Together:
    """Parcels by code for many who ask at once. Whoever asks alone waits for nobody."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._waiting: dict[int, dict[str, asyncio.Future[Found | None]]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def parcel(self, code: str, epsg: int) -> Found | None:
        """The parcel of a code in its stored form, in WGS84 or OWN_ZONE; None where it was never issued.

        Raises: what the database raised.
        """
        waiting = self._waiting.setdefault(epsg, {})
        answer = waiting.get(code)
        if answer is None:
            answer = waiting[code] = asyncio.get_running_loop().create_future()
        if len(self._asking) < AT_ONCE:
            task = asyncio.create_task(self._ask())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        return await asyncio.shield(answer)

    async def _ask(self) -> None:
        """Ask for all who wait, until nobody does."""
        while self._waiting:
            epsg, waiting = next(iter(self._waiting.items()))
            taken = dict(list(waiting.items())[:MOST])
            for code in taken:
                del waiting[code]
            if not waiting:
                del self._waiting[epsg]
            try:
                async with self._pool.connection() as conn:
                    found = {one.code: one for one in await parcels_by_code(conn, list(taken), epsg)}
            except Exception as error:  # told to each who asked
                for answer in taken.values():
                    answer.set_exception(error)
                    answer.exception()  # whoever went away did not leave an error nobody looked at
                continue
            for code, answer in taken.items():
                answer.set_result(found.get(code))
