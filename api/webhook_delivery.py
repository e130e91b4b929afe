"""Delivery of webhooks: pages of the feed, signed, in order, again and again until they are taken."""

import asyncio
import hashlib
import hmac
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from psycopg_pool import AsyncConnectionPool

from api.change_events import ChangeWakes
from api.outbound import TIMEOUT_S, Unreachable, post, target
from register.connect import open_pool
from register.errors import InvalidKeyError
from register.webhooks import Leased, delivered, failed, lease, page

AT_ONCE = 4
LOOK_EVERY_S = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until the first new try, between tries at most, until a subscription is disabled; for one answer."""

    first_s: float = 10.0
    most_s: float = 3600.0
    give_up_s: float = 3 * 86400.0
    timeout_s: float = TIMEOUT_S


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """What the header `Webhook-Signature` holds: HMAC-SHA256 with the secret over timestamp, a full stop and the body."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


async def deliver_webhooks(
    conninfo: str,
    schema: str,
    stop: asyncio.Event,
    private: bool = False,
    patience: Patience | None = None,
) -> None:
    """Deliver until `stop`; a lost database is waited for. Several workers may do it: none delivers what another does."""
    wakes = ChangeWakes(conninfo, schema)
    listening = asyncio.create_task(wakes.listen())
    try:
        while not stop.is_set():
            try:
                async with open_pool(conninfo, schema, 2) as pool:
                    with wakes.joined() as wake:
                        await _work(pool, wake, stop, private, patience or Patience())
            except Exception as error:
                _log.warning("webhooks begin again: %s", type(error).__name__)
                await _pause(stop, 1.0)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _work(
    pool: AsyncConnectionPool, wake: asyncio.Event, stop: asyncio.Event, private: bool, patience: Patience
) -> None:
    """Deliver to AT_ONCE subscriptions at a time; look again at each correction, and now and then for tries that are due."""
    at_work: set[asyncio.Task[None]] = set()
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            wake.clear()
            while len(at_work) < AT_ONCE:
                async with pool.connection() as conn:
                    one = await lease(conn)
                if one is None:
                    break
                at_work.add(asyncio.create_task(_deliver(pool, one, private, patience)))
            woken = asyncio.create_task(wake.wait())
            every_s = min(LOOK_EVERY_S, patience.first_s)
            done, _ = await asyncio.wait(
                {*at_work, woken, stopped}, timeout=every_s, return_when=asyncio.FIRST_COMPLETED
            )
            woken.cancel()
            for task in done & at_work:
                at_work.discard(task)
                task.result()
    finally:
        stopped.cancel()
        for task in at_work:
            task.cancel()
        await asyncio.gather(stopped, *at_work, return_exceptions=True)


async def _deliver(pool: AsyncConnectionPool, one: Leased, private: bool, patience: Patience) -> None:
    """One page to one subscription, and how it went."""
    try:
        async with pool.connection() as conn:
            told = await page(conn, one)
    except InvalidKeyError as error:
        await _failed(pool, one, error.detail, patience, gone=True)
        return
    if told.body is not None:
        try:
            status = await _send(one, told.body, told.next, private, patience.timeout_s)
        except Unreachable as error:
            await _failed(pool, one, str(error), patience)
            return
        if not 200 <= status < 300:
            await _failed(pool, one, f"the receiver answered {status}", patience, gone=status == 410)
            return
    async with pool.connection() as conn:
        await delivered(conn, one, told.next, told.body is not None)


async def _send(one: Leased, body: bytes, at: str, private: bool, timeout_s: float) -> int:
    now = int(time.time())
    headers = {
        "content-type": "application/json",
        "user-agent": "DiaChinh-Webhooks/1",
        "webhook-id": f"{one.id}-{at}",
        "webhook-timestamp": str(now),
        "webhook-signature": signature(one.secret, now, body),
    }
    to = await asyncio.to_thread(target, one.url, private)
    return await asyncio.to_thread(partial(post, to, body, headers, timeout_s))


async def _failed(
    pool: AsyncConnectionPool, one: Leased, problem: str, patience: Patience, gone: bool = False
) -> None:
    async with pool.connection() as conn:
        await failed(conn, one, problem, patience.first_s, patience.most_s, patience.give_up_s, gone)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
