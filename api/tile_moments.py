"""When the map changed: the moments worth asking tiles for."""

from typing import Any, Final

import numpy as np
import orjson
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, Field

from api.parcels import box
from api.reply import Reply
from geo.web_map import from_degrees
from tiles.past import moments

_LAST_LAT_DEG: Final = 85.05


class MapMoment(BaseModel):
    """A correction that changed the map: its place in the feed, when the office made it, since when it is so by law."""

    model_config = ConfigDict(extra="forbid")
    seq: int
    made_at: str = Field(description="for `as_of=` or `known_at=`")
    effective_on: str = Field(description="for `as_of=`")
    kind: str


class Moments(BaseModel):
    """In the order they were made; `complete` false: there are earlier ones."""

    model_config = ConfigDict(extra="forbid")
    moments: list[MapMoment]
    complete: bool


async def moments_reply(pool: AsyncConnectionPool[Any], bbox: str, limit: int) -> Reply:
    """The last `limit` corrections that changed the map in a box. Raises: InvalidKeyError."""
    degrees = box(bbox)
    assert degrees is not None  # noqa: S101 - there is a text
    x, y = from_degrees(degrees[::2], np.clip(degrees[1::2], -_LAST_LAT_DEG, _LAST_LAT_DEG))
    async with pool.connection() as conn:
        found = await moments(conn, x[0], y[0], x[1], y[1], limit + 1)
    told = [
        {"seq": one.seq, "made_at": one.made_at, "effective_on": one.effective_on, "kind": one.kind}
        for one in found[-limit:]
    ]
    body = orjson.dumps({"moments": told, "complete": len(found) <= limit})
    return Reply(200, body, headers={"cache-control": "no-cache"})
