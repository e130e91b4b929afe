"""When the map changed: the moments worth asking tiles for."""

from math import asinh, pi, radians, tan
from typing import Any, Final

import orjson
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, Field

from api.parcels import box
from api.reply import Reply
from tiles.past import moments

_HALF_WORLD_M: Final = 20037508.342789244
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
    west, south, east, north = degrees
    async with pool.connection() as conn:
        found = await moments(conn, _x(west), _y(south), _x(east), _y(north), limit + 1)
    told = [
        {"seq": one.seq, "made_at": one.made_at, "effective_on": one.effective_on, "kind": one.kind}
        for one in found[-limit:]
    ]
    body = orjson.dumps({"moments": told, "complete": len(found) <= limit})
    return Reply(200, body, headers={"cache-control": "no-cache"})


def _x(lon_deg: float) -> float:
    return lon_deg / 180 * _HALF_WORLD_M


def _y(lat_deg: float) -> float:
    return asinh(tan(radians(max(-_LAST_LAT_DEG, min(_LAST_LAT_DEG, lat_deg))))) / pi * _HALF_WORLD_M
