"""Shapes of the answers about the past, for OpenAPI."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SheetKey(_Shape):
    """A map sheet (tờ bản đồ) by what names it; `commune` is the code of the one it was surveyed for."""

    commune: str = Field(examples=["20225"])
    number: str
    scale: int | None
    map_set: str
    epsg: int


class Correction(_Shape):
    """A correction (chỉnh lý) without who made it; `reverts`: the one it undoes."""

    correction: int
    seq: int
    kind: str
    effective_on: str
    made_at: str
    reason: str
    reverts: int | None


class Version(_Shape):
    """A parcel as it was from one correction to another; `changed`: before and after of what is another (null: the first)."""

    version: int
    commune: str
    sheet: SheetKey
    number: str
    land_use: str
    area_m2: float
    legal_area_m2: float | None
    provisional: bool
    opened: Correction
    closed: Correction | None
    changed: dict[str, Any] | None


class Kin(_Shape):
    """A parcel whose ground this one has of, or gave to; an undone step names the correction that undid it."""

    code: str
    generation: int
    of: str = Field(description="the parcel the step leads from")
    correction: Correction
    undone_by: int | None
    shared_m2: float
    share_of_elder: float = Field(description="of the area of the one that was first; 0 to 1")
    share_of_younger: float


class Note(_Shape):
    """What a reader must know of an answer."""

    text_vi: str
    text_en: str


class History(_Shape):
    """What a parcel was, and where its ground came from and went to. A note says where it was cut short."""

    code: str
    versions: list[Version]
    ancestors: list[Kin]
    descendants: list[Kin]
    note: Note | None


class Neighbour(_Shape):
    """A current parcel with an edge in common, `shared_m` metres long."""

    code: str
    shared_m: float
    number: str
    land_use: str
    area_m2: float
    provisional: bool
    sheet: SheetKey


class Neighbours(_Shape):
    """Neighbours, the longest common edge first."""

    code: str
    neighbours: list[Neighbour]
