"""Shapes of the feed, for OpenAPI."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FeedSheet(_Shape):
    """A map sheet by what names it. `commune_from` tells two units apart that had one code one after the other."""

    commune: str
    commune_from: str | None
    number: str
    scale: int | None
    map_set: str
    epsg: int = Field(description="VN-2000 zone of its coordinates")
    kind: str


class Recipe(_Shape):
    """How a code was made: the point it stands for (east, north in metres of zone `epsg`) and the algorithm, or `given`."""

    point: tuple[float, float]
    epsg: int
    algorithm: str


class Closed(_Shape):
    """A version that ended."""

    code: str
    version: int


class Opened(_Shape):
    """A version that began; `issued`: the recipe, where its code is new. `shape` in VN-2000: GeoJSON, or WKB in hex."""

    code: str
    version: int
    sheet: FeedSheet
    commune: str
    commune_from: str | None
    number: str
    land_use: str
    area_m2: float
    legal_area_m2: float | None
    provisional: bool
    issued: Recipe | None
    shape: dict[str, Any] | str | None = None


class LinkClosed(_Shape):
    """An address no longer of a parcel."""

    code: str
    link: int
    scheme: str
    address: str
    text: str | None


class LinkOpened(LinkClosed):
    """An address of a parcel."""

    main: bool
    address_id: int
    point: tuple[float, float] | None


class Made(_Shape):
    """A correction: its place in the feed, both clocks, its link in the chain of hashes. `who`: a blinded digest."""

    seq: int
    correction: int
    kind: str
    reason: str
    effective_on: str
    made_at: str
    basis: str | None
    reverts: int | None
    counts: dict[str, int]
    hash: str
    previous: str
    who: str | None
    bbox: tuple[float, float, float, float] | None = Field(description="west, south, east, north in degrees")


class Change(Made):
    """A correction with what it did. One with many rows comes in several: `continued` but in the first, `complete` in the
    last of them."""

    continued: bool
    complete: bool
    closed: list[Closed]
    opened: list[Opened]
    links_closed: list[LinkClosed]
    links_opened: list[LinkOpened]


class Changes(_Shape):
    """A page of the feed. `next` is where to go on; `last` the last place there is; `complete`: nothing comes after."""

    changes: list[Change]
    next: str
    last: int
    complete: bool
