"""A village of plots in a zone, its commune's outline and its register; and what programs do to its numbers."""

from datetime import date

import numpy as np
import shapely
from hypothesis import strategies as st

from geo.crs import ZONES, from_wgs84
from importers.check.context import Box, Context, Parcels
from importers.plots import Drawn, Plot

ON_LAND = {
    102.0: (102.4, 22.2), 103.0: (103.0, 21.5), 104.0: (104.1, 21.2), 104.5: (105.1, 9.2), 104.75: (104.9, 19.3),
    105.0: (105.7, 20.9), 105.5: (106.0, 18.3), 105.75: (106.6, 10.9), 106.0: (106.3, 17.6), 106.25: (106.8, 16.9),
    106.5: (105.9, 21.8), 107.0: (107.5, 16.4), 107.25: (106.7, 21.9), 107.5: (107.9, 14.4), 107.75: (108.1, 16.0),
    108.0: (108.6, 15.0), 108.25: (109.0, 13.8), 108.5: (108.2, 12.6),
}  # fmt: skip
"""A place (longitude, latitude) in a province of each meridian (rules §3.3)."""
CADASTRAL = sorted(epsg for epsg, z in ZONES.items() if z.scale == 0.9999)


class Register:
    """Answers from a list."""

    def __init__(self, shapes: list[shapely.Geometry]) -> None:
        self.shapes = np.array(shapes, dtype=object)

    def parcels(self, box: Box) -> Parcels:
        return (
            self._of(self.shapes[shapely.intersects(self.shapes, shapely.box(*box))])
            if len(self.shapes)
            else Parcels()
        )

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        return Parcels()

    def _of(self, shapes: np.ndarray) -> Parcels:
        n = len(shapes)
        names = [str(i) for i in range(n)]
        areas = np.full(n, np.nan)
        return Parcels(names, ["1"] * n, names, [""] * n, areas, areas, np.zeros(n, np.int32), shapes)


class Village:
    """Square and oblong plots in rows, on streets that are not quite regular, as no village is."""

    def __init__(self, epsg: int, seed: int, rows: int = 6, columns: int = 8) -> None:
        rng = np.random.default_rng(seed)
        self.epsg = epsg
        lon, lat = ON_LAND[ZONES[epsg].central_meridian_deg]
        e, n = from_wgs84(epsg, [lon], [lat])
        xs = np.round(e[0] + np.cumsum(rng.uniform(6, 25, columns + 1)), 3)
        ys = np.round(n[0] + np.cumsum(rng.uniform(10, 30, rows + 1)), 3)
        self.shapes = [
            shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for j in range(rows) for i in range(columns)
        ]
        self.outline = shapely.Point(xs.mean(), ys.mean()).buffer(2500)

    def context(self, register: bool = True, outline: bool = True) -> Context:
        return Context(
            date(2026, 11, 1), "00001", "Xã Thử", False, self.epsg, self.outline if outline else None,
            Register(self.shapes if register else []), has_register=register,
        )  # fmt: skip

    def drawn(self, change=lambda xy: xy, shapes=None, **said) -> Drawn:
        made = [shapely.transform(s, change) for s in (self.shapes if shapes is None else shapes)]
        return Drawn("thu.dxf", "dxf", [Plot(f"#{i}", s) for i, s in enumerate(made)], **said)


VILLAGES = st.builds(Village, st.sampled_from(CADASTRAL), st.integers(0, 10_000))
