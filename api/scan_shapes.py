"""Shapes of what is asked and answered about scanned sheets and orthophotos."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from register.files import KEY

Transformation = Literal["affine", "projective", "thin_plate"]
_MOST_CORNERS = 200
MOST_FILES = 6


class ScanFields(BaseModel):
    """What goes with a picture."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["scan", "orthophoto"] = "scan"
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    crs: Annotated[int, Field(ge=1000, le=99999)] | None = Field(
        None, description="EPSG code of the control points or of the world file"
    )
    transformation: Transformation | None = Field(
        None, description="of control points; else the one proposed"
    )
    points: Annotated[str, StringConstraints(max_length=256 << 10)] | None = Field(
        None, description="control points as CSV: pixel column, row, east, north"
    )
    commune: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = None
    sheet: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    crop: Annotated[str, StringConstraints(max_length=8000)] | None = Field(
        None,
        description="`sheet`: to what the sheet's parcels cover; or corners in pixels, `column,row;column,row;…`",
    )

    @field_validator("crop")
    @classmethod
    def _read(cls, text: str | None) -> str | None:
        if text is not None and text != "sheet":
            corners_of(text)
        return text

    @model_validator(mode="after")
    def _together(self) -> "ScanFields":
        if self.sheet is not None and self.commune is None:
            raise ValueError("a sheet goes with its commune")
        if self.crop == "sheet" and self.sheet is None:
            raise ValueError("to crop to the sheet, name it")
        return self

    def corners(self) -> tuple[tuple[float, float], ...]:
        """The corners to crop to, in pixels."""
        return () if self.crop is None or self.crop == "sheet" else corners_of(self.crop)


class NamedScan(ScanFields):
    """A picture and what goes with it as finished uploads."""

    uploads: Annotated[list[Annotated[str, Field(pattern=KEY)]], Field(min_length=1, max_length=MOST_FILES)]


def corners_of(text: str) -> tuple[tuple[float, float], ...]:
    """`column,row;column,row;…` as numbers. Raises: ValueError."""
    found = []
    for one in text.strip(" ;").split(";"):
        column, row = (float(number) for number in one.split(","))
        if not (abs(column) < 1e6 and abs(row) < 1e6):
            raise ValueError("corners are pixels")
        found.append((column, row))
    if not 3 <= len(found) <= _MOST_CORNERS:
        raise ValueError(f"a frame has 3 to {_MOST_CORNERS} corners")
    return tuple(found)


class ScanFit(BaseModel):
    """How well a transformation fits: of all points, and of points it was not told of (null: too few to tell)."""

    transformation: Transformation
    rms_px: float
    rms_m: float
    left_out_rms_px: float | None


class ScanPoint(BaseModel):
    """A control point and by how much the transformation taken misses it."""

    name: str
    pixel: tuple[float, float]
    ground: tuple[float, float]
    residual_px: tuple[float, float]
    residual_m: tuple[float, float]
    left_out_px: float | None


class ScanNote(BaseModel):
    """A doubt about a placement."""

    rule: str
    text_vi: str
    text_en: str


class ScanAnswer(BaseModel):
    """A placed picture: `transformation` was taken, `proposed` is what points left out speak for."""

    id: str
    kind: Literal["scan", "orthophoto"]
    title: str
    commune: str | None
    sheet: str | None
    crs: str
    epsg: int | None
    method: Literal["control_points", "world_file", "picture"]
    transformation: Transformation
    proposed: Transformation | None
    rms_px: float | None
    rms_m: float | None
    fits: list[ScanFit]
    points: list[ScanPoint]
    notes: list[ScanNote]
    width: int
    height: int
    pixel_m: float
    place: dict[str, Any] = Field(description="GeoJSON polygon, WGS84")
    bounds: tuple[float, float, float, float]
    min_zoom: int
    max_zoom: int
    tiles: str
    bytes: int
    made_at: datetime
    retired_at: datetime | None
    made_by: str | None = Field(None, description="told to who is signed in")
    files: list[dict[str, Any]] | None = Field(None, description="told to who is signed in")
