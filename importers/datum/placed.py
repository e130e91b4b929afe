"""Where the plots of a survey are, and how sure that is."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.finding import Finding
from importers.check.checked import Proposal


@dataclass(frozen=True, slots=True)
class Placed:
    """The plots of all files, in order, in one VN-2000 zone.

    shapes: metres, x east, y north, not yet rounded; as in the file where epsg is None. trusted: False while a finding
    says the whole file is elsewhere; rules about the commune and its neighbours are then not run. metres: False while one
    says that a file's numbers are of another unit. strayed: the plots told to lie far from the rest. to_zone: a geometry in
    the coordinates of file number i, brought to where `shapes` are.
    """

    epsg: int | None
    shapes: NDArray[np.object_]
    trusted: bool
    to_zone: Callable[[int, shapely.Geometry], shapely.Geometry]
    findings: list[Finding] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    metres: bool = True
    strayed: frozenset[int] = frozenset()
