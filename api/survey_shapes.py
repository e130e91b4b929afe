"""Requests and answers about surveys."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json

from register.files import KEY

TEXT = r"^[^\x00-\x1f\x7f]+$"
_Sheet = Annotated[str, Field(max_length=32, pattern=TEXT)]
_Dossier = Annotated[str | None, Field(max_length=64, pattern=TEXT)]
_Accept = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9_+:.,-]+$")]
_Mapping = Annotated[
    dict[
        Annotated[str, Field(max_length=64, pattern=TEXT)],
        Annotated[str, Field(max_length=256, pattern=TEXT)],
    ],
    Field(max_length=100, description="field → column, or `=` and a constant"),
]
_Layers = Annotated[
    dict[Annotated[str, Field(max_length=256, pattern=TEXT)], Annotated[int, Field(ge=1, le=99)]],
    Field(max_length=1000, description="layer → level of Appendix 21, Circular 26/2024"),
]


def _epsg(value: Any) -> Any:
    if isinstance(value, str) and value.upper().startswith("EPSG:"):
        return value[5:]
    return value


class Asked(BaseModel):
    """What the surveyor says about the files; what is left out is found in them."""

    model_config = ConfigDict(extra="forbid")

    commune: Annotated[str | None, Field(pattern=r"^[0-9]{5}$", examples=["20194"])] = None
    crs: Annotated[int, BeforeValidator(_epsg), Field(ge=1024, le=32767, examples=[5899])] | None = None
    sheet: _Sheet | None = None
    scale: Annotated[int | None, Field(ge=50, le=100_000, examples=[500])] = None
    axes: Literal["east_north", "north_east"] | None = None
    replaces: Annotated[
        Literal["sheet"] | None, Field(description="the files are the whole later state of their sheets")
    ] = None
    mapping: _Mapping | None = None
    layers: _Layers | None = None
    accept: Annotated[
        list[_Accept] | None, Field(max_length=10, description="proposals of the last report to apply")
    ] = None

    def options(self) -> dict[str, Any]:
        """What was said, and nothing else."""
        return self.model_dump(exclude_none=True, exclude={"uploads", "dossier"})


class Named(Asked):
    """A hand-in of finished uploads."""

    uploads: Annotated[list[Annotated[str, Field(pattern=KEY)]], Field(min_length=1)]
    dossier: _Dossier = None


class Fields(Asked):
    """The same options as fields of a form: objects as JSON, several `accept` with semicolons between them."""

    mapping: Json[_Mapping] | None = None
    layers: Json[_Layers] | None = None
    dossier: _Dossier = None


class SurveyLink(BaseModel):
    """A link to follow as it is."""

    rel: str
    href: str
    type: str


class SurveyFile(BaseModel):
    """A file as it was handed in."""

    name: str
    bytes: int
    sha256: str


class SurveyRun(BaseModel):
    """One check: `outcome` null while it is not through."""

    run: int
    asked: dict[str, Any]
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    engine: str | None
    outcome: Literal["accepted", "returned"] | None
    refused: str | None = Field(description="why the files could not be read at all")
    epsg: int | None
    counts: dict[str, Any]
    correction: str | None
    links: list[SurveyLink]


class Survey(BaseModel):
    """A survey (đo đạc): where it stands, what came in, what came out."""

    id: str = Field(description="whoever knows it may read the survey: keep it")
    state: Literal["received", "read", "checked", "accepted", "returned"]
    progress: float
    message_vi: str
    message_en: str
    states: dict[str, datetime] = Field(description="when it came into each state")
    dossier: str | None
    asked: dict[str, Any]
    files: list[SurveyFile]
    receipt: dict[str, Any]
    runs: list[SurveyRun]
    links: list[SurveyLink]


class DraftedPlot(BaseModel):
    """What a draft would do with one plot; after a later state of whole sheets also with parcels not in it (no record)."""

    record: str
    code: str | None
    sheet: str | None
    number: str | None
    does: Literal["new", "reshaped", "attributes", "unchanged", "moved", "gone", "split", "merged", "doubled"]


class DraftedCorrection(BaseModel):
    """A draft correction made of a survey."""

    correction: str
    run: int
    counts: dict[str, int]
    plots: list[DraftedPlot]
