"""Shapes of questions and answers about slivers."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from register.edits.intents import Box, Tolerance

MOST = 1000
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class NewDrafts(BaseModel):
    """Where, and how narrow; what goes with each draft."""

    model_config = ConfigDict(extra="forbid")
    commune: Annotated[str, StringConstraints(max_length=16)] | None = None
    sheet: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)] | None = None
    bbox: Box | None = Field(None, description="west, south, east, north in degrees")
    tolerance_m: Tolerance = 0.05
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    cursor: Annotated[str, StringConstraints(max_length=64)] | None = None
    effective_on: date | None = Field(None, description="today where it is not said")
    reason: _Text = ""


class MadeDraft(BaseModel):
    """A draft: how many parcels it changes, slivers it repairs, slivers it has no repair for, findings that stop it."""

    correction: str
    parcels: int
    repaired: int
    left: int
    stops: int


class MadeDrafts(BaseModel):
    """The drafts, and what became of the other slivers found: `waiting` for an open draft near them, `no_repair`, with
    parcels of a commune one may not change; `next` is the cursor from where to go on."""

    slivers: int
    drafts: list[MadeDraft]
    waiting: int
    no_repair: int
    not_allowed: int
    next: str | None


class SliverProperties(BaseModel):
    """A sliver: `cluster` tells which ones a draft would repair together (null: it waits), `draft` an open one."""

    kind: Literal["gap", "overlap"]
    width_m: float
    area_m2: float
    parcels: list[str]
    x: float = Field(description="east, metres of the VN-2000 zone `epsg`")
    y: float
    epsg: int
    cluster: int | None
    draft: str | None


class SliverFeature(BaseModel):
    """A sliver at its place."""

    type: Literal["Feature"]
    geometry: dict[str, Any]
    properties: SliverProperties


class SliverList(BaseModel):
    """A GeoJSON FeatureCollection; `next` is the cursor of the next page."""

    type: Literal["FeatureCollection"]
    features: list[SliverFeature]
    next: str | None
