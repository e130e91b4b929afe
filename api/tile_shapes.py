"""What the map says of itself, as OpenAPI tells it."""

from pydantic import BaseModel, Field


class LegendCode(BaseModel):
    """A land-use code."""

    code: str = Field(examples=["ODT"])
    name_vi: str
    name_en: str
    hatching: str | None = Field(description="image of the sprite drawn over the colour")


class LegendGroup(BaseModel):
    """Codes that share a colour."""

    group: str
    title_vi: str
    title_en: str
    colour: str = Field(examples=["#f5ddd1"])
    codes: list[LegendCode]


class LegendTold(BaseModel):
    """The key to the map in a look."""

    look: str
    title_vi: str
    title_en: str
    groups: list[LegendGroup]
