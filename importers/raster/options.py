"""What the caller says about a picture, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

PictureKind = Literal["scan", "orthophoto"]


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How to place a picture.

    kind: a scanned sheet, or an orthophoto.
    crs: EPSG code that overrules what the files say.
    transformation: "affine", "projective" or "thin_plate" for control points; None: the one that is proposed.
    points: control points as text, besides or instead of a file of them.
    crop_pixels: corners (column, row) of the part of the picture to keep, at least three: the sheet's frame as drawn.
    crop_web: what to keep, WKB in EPSG:3857.
    """

    kind: PictureKind = "scan"
    crs: int | None = None
    transformation: str | None = None
    points: str | None = None
    crop_pixels: tuple[tuple[float, float], ...] = ()
    crop_web: bytes | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A placed picture. `path`: its tiles, gone when the reading is closed; `told`: JSON of all that is to be known of it
    (`importers.raster.place.place`)."""

    path: Path
    told: Mapping[str, Any]
