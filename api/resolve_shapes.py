"""Shapes of the resolver's answers, for OpenAPI."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Status = Literal["current", "superseded", "withdrawn", "never_issued", "ambiguous", "not_found", "invalid"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Commune(_Shape):
    """The parcel's commune of today."""

    code: str
    name: str
    kind: str


class Sheet(_Shape):
    """Its map sheet; `commune` is the one it was surveyed for."""

    commune: str
    commune_name: str
    number: str
    scale: int | None
    map_set: str
    epsg: int


class Moment(_Shape):
    """The correction that began or ended a version, on both clocks."""

    correction: int
    kind: str
    effective_on: str
    made_at: str


class ResolvedParcel(_Shape):
    """A parcel in brief; the whole of it is at /api/v1/parcels/{code}."""

    code: str
    commune: Commune
    sheet: Sheet
    number: str
    land_use: str
    area_m2: float
    legal_area_m2: float | None
    provisional: bool
    since: Moment
    until: Moment | None


class Share(_Shape):
    """A successor, and how much of the retired parcel's area it took over (0 to 1)."""

    code: str
    share: float


class Candidate(_Shape):
    """One of several parcels a key may mean."""

    status: Status
    found_by: str
    parcel: ResolvedParcel
    successors: list[Share]


class Meant(_Shape):
    """An issued code that may have been meant: what is wrong with what was typed, and at which character."""

    code: str
    how: Literal["wrong", "missing", "extra", "swapped", "keyboard"]
    at: int | None


class Resolved(_Shape):
    """What a key leads to. `status` says of the parcel, or why there is none; `key` is as it came."""

    key: Any
    status: Status
    found_by: str | None = Field(
        description="code, keyboard, sheet, former_sheet, digital_address, point, address …"
    )
    parcel: ResolvedParcel | None
    successors: list[Share]
    candidates: list[Candidate] = Field(description="where several parcels are meant")
    more: bool = Field(description="there are more candidates than are told")
    did_you_mean: list[Meant] = Field(description="never applied silently")
    detail: str
    detail_vi: str


class ResolvedList(RootModel[list[Resolved]]):
    """An answer for each key, in their order."""


class KeyFields(_Shape):
    """A key in parts: a code; commune, sheet and number; lon and lat; east and north; or an address."""

    key: str | None = None
    code: str | None = None
    commune: str | None = Field(default=None, description="code (today's or a former one) or name")
    sheet: str | int | None = None
    number: str | int | None = None
    scale: int | str | None = None
    map_set: str | None = None
    lon: float | str | None = None
    lat: float | str | None = None
    east: float | str | None = None
    north: float | str | None = None
    epsg: int | str | None = None
    address: str | None = None


class Keys(_Shape):
    """1 to 10,000 keys of any kind, texts or parts."""

    keys: list[str | KeyFields] = Field(min_length=1, max_length=10_000)


def keys_schema() -> dict[str, Any]:
    """The schema of Keys in one piece, for a request body that is described by hand."""
    schema = Keys.model_json_schema()
    fields = schema.pop("$defs")["KeyFields"]
    schema["properties"]["keys"]["items"] = {"anyOf": [{"type": "string"}, fields]}
    return schema
