"""What a survey file holds, before anything is judged: plots as they were drawn, and what the reader met on the way.

A reader of survey files (`drawing`, `points`, `exchange`, `tabular`) is a function `read(source, how) -> Drawn`. It runs
in the fenced process, gives every plot it can make out, mends nothing, and loses nothing in silence: each line, entity or
record is in a plot, in `counts`, or in a finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import shapely

from geo.finding import Finding

Axes = Literal["east_north", "north_east", "guessed"]


@dataclass(slots=True)
class Plot:
    """One plot of land (thửa đất) as the file has it. Texts are decoded, trimmed, never empty: None where missing.

    record: in the file's own words and unique in it: "2F3A" (entity handle), "dòng 14" (line), "#12" (record), "LOT 3".
    shape: Polygon or MultiPolygon, x east, y north, in the file's own unit and system; neither rounded nor mended nor
        made valid. A ring left open is closed by a straight line (and is a finding). None where no ring can be made.
    kind: "parcel"; "legal" for a boundary on paper (level 61), shown and not checked for coverage; "other" for roads,
        easements and the like that are no parcel.
    legal_area_m2: on paper. told_area_m2: written beside the drawing or computed by the program that made the file.
    label: x, y of its number. corners: names of the exterior ring's corners, in its order, the first not repeated.
    """

    record: str
    shape: shapely.Geometry | None
    kind: Literal["parcel", "legal", "other"] = "parcel"
    commune: str | None = None
    sheet: str | None = None
    number: str | None = None
    scale: int | None = None
    map_set: str | None = None
    land_use: str | None = None
    legal_area_m2: float | None = None
    told_area_m2: float | None = None
    code: str | None = None
    address: str | None = None
    label: tuple[float, float] | None = None
    corners: tuple[str, ...] = ()


@dataclass(slots=True)
class Drawn:
    """One file as read.

    name: as the user knows it. format: "dxf", "dgn", "gsi", "landxml" … crs: WKT or authority code where the file says
    one. axes: how sure the order of its axes is. unit_m: metres of one unit of its coordinates, None for degrees or
    unsaid. encoding: the text encoding as found ("utf-8", "tcvn3" …). columns: whether the file has attributes of plots
    at all (sheet, number …): what it cannot hold is asked once, not of every plot. no_room: fields the format has no place
    for, so that nobody could have filled them in. counts: what it held ("level 10 LINE":
    883). points: named points that belong to no plot (name, x, y, code).
    """

    name: str
    format: str
    plots: list[Plot] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    crs: str | None = None
    axes: Axes = "east_north"
    unit_m: float | None = 1.0
    encoding: str | None = None
    columns: frozenset[str] = frozenset()
    no_room: frozenset[str] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)
    points: list[tuple[str, float, float, str | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class How:
    """What the surveyor may say about files that do not say it.

    mapping: field → column, or "=" + constant (`importers.columns`). layers: layer name → level of Appendix 21 of
    Circular 26/2024 (rules §9.1), for drawings with layer names of their own. commune, sheet, scale: for all plots that
    name none. axes: "north_east" or "east_north" where the user overrules what is found in point lists.
    replaces: "sheet" where the files are the whole later state of their sheets.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, int] = field(default_factory=dict)
    commune: str | None = None
    sheet: str | None = None
    scale: int | None = None
    axes: Literal["east_north", "north_east"] | None = None
    replaces: Literal["sheet"] | None = None
