"""The plot and the commune: does it lie inside (Circular 26/2024, article 5)."""

from typing import Final

import numpy as np
import shapely

from importers.check import places
from importers.check.gathered import Gathered
from importers.check.measured import Measured
from importers.check.rules import found
from importers.check.words import capital, metres

COARSE_M: Final = 50.0
"""Outlines of communes are generalised: so far outside one, a plot may still be inside the commune."""


def inside(m: Measured, out: Gathered) -> None:
    """outside_commune: it stops where a plot reaches further out than outlines are wrong; where it lies outside by most of
    its ground and less far, it is asked about."""
    outline = m.context.outline
    mine = np.setdiff1d(np.flatnonzero(~shapely.is_missing(m.ground)), list(m.strayed))
    if outline is None or shapely.is_empty(outline) or not mine.size:
        return
    shapely.prepare(outline)
    beyond = mine[~shapely.covers(outline, m.ground[mine])]
    if not beyond.size:
        return
    name = m.context.commune_name or m.context.commune or "xã"
    rest = shapely.difference(m.ground[beyond], outline)
    far_m = np.zeros(beyond.size)
    xy, of = shapely.get_coordinates(rest, return_index=True)
    np.maximum.at(far_m, of, shapely.distance(shapely.points(xy), outline))
    far = far_m > COARSE_M
    most = shapely.area(rest) > 0.5 * m.area_m2[beyond]
    chosen = np.flatnonzero(far | most)
    for b in chosen[: out.room("outside_commune", chosen.size)].tolist():
        k, part = int(beyond[b]), places.polygons(rest[b])
        (vi, en), (d_vi, d_en) = m.called(k), metres(far_m[b])
        out.put(
            found("outside_commune", f"{capital(vi)} nằm ngoài {name}, đến {d_vi}.",
                  f"{capital(en)} lies outside {name}, by up to {d_en}.", m.record(k),
                  severity=None if far[b] else "explain", size=float(shapely.area(part)), **places.area(part)),
            int(m.file[k]), k,
        )  # fmt: skip
