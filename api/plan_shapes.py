"""What one asks for a plan on paper, and what may be asked."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class PlanAsked(BaseModel):
    """A plan: the point in the middle of its frame, its scale, its paper."""

    model_config = ConfigDict(extra="forbid")

    center: tuple[Annotated[float, Field(ge=101, le=118)], Annotated[float, Field(ge=6, le=24)]] = Field(
        description="longitude and latitude in degrees of the middle of the frame", examples=[[108.2, 16.06]]
    )
    scale: Literal[200, 500, 1000, 2000, 5000, 10000] = Field(description="500 for 1:500")
    paper: Literal["a4", "a3"] = "a4"
    orientation: Literal["portrait", "landscape"] = "portrait"
    look: str = Field("light", max_length=16, description="one of the map's looks: light, print, safe")
    lang: Literal["vi", "en"] = "vi"
    title: str = Field("", max_length=120, description="what the plan is called; without it: what it shows")
    code: str | None = Field(None, max_length=64, description="code of the parcel the plan is about")
    as_of: str | None = Field(None, max_length=64, description="as with parcels: an instant, or a day")


class PlanPaper(BaseModel):
    """A sheet of paper, and width and height of the map's frame on it."""

    paper: str
    orientation: str
    frame_mm: tuple[int, int]


class PlanZone(BaseModel):
    """A zone of VN-2000: its EPSG code, central meridian and the scale on it."""

    epsg: int
    central_meridian_deg: float
    scale: float


class PlanChoices(BaseModel):
    """What may be asked, and the zone a plan there would be drawn in."""

    scales: list[int]
    papers: list[PlanPaper]
    most_parcels: int
    zone: PlanZone
