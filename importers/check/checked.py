"""What a check gives: findings in order, and everything needed to draw them."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.finding import Finding
from importers.check.context import Parcels
from importers.plots import Plot


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction of the whole file's place that the datum detective proposes and never applies unasked.

    key: what the user hands back to accept it, also in words a person reads: "swap", "zone:5897", "degrees", "feet",
        "mm", "false_easting:500000", "shift:-0.412,0.655", "operation:5194" (`importers.datum.apply` knows them).
    shift_m: how far plots move. Evidence, in numbers: `inside_before` / `inside_after` are the shares of plots (0..1)
    inside the commune; `matched` corners fit corners of registered neighbours with `rms_m` left over (None: no neighbours).
    """

    key: str
    text_vi: str
    text_en: str
    shift_m: float | None = None
    inside_before: float | None = None
    inside_after: float | None = None
    matched: int | None = None
    rms_m: float | None = None


@dataclass(slots=True)
class Checked:
    """A checked survey.

    plots: all plots of all files, in order; files: the file of each. shapes: their shapes in the zone `epsg` (metres,
    rounded to the millimetre), after an accepted proposal; None where there is none. epsg None: the place is not known,
    then shapes are as in the file. findings: most severe first, then by file order; their number in every report is
    their position + 1. match: plot index → code of the registered parcel it measures anew. near: registered parcels
    around, those re-measured among them. left: rules that could not be run, with the reason (rule, vi, en).
    """

    plots: list[Plot]
    files: list[str]
    shapes: NDArray[np.object_]
    epsg: int | None
    findings: list[Finding]
    proposals: list[Proposal] = field(default_factory=list)
    match: dict[int, str] = field(default_factory=dict)
    near: Parcels = field(default_factory=Parcels)
    outline: shapely.Geometry | None = None
    left: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def stops(self) -> int:
        """How many findings stop the survey."""
        return sum(f.severity == "stops" for f in self.findings)

    @property
    def explain(self) -> int:
        """How many must be explained in writing."""
        return sum(f.severity == "explain" for f in self.findings)
