"""A sheet of six square plots in a ward with its register, and surveys of it that are right but for what is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import shapely

from geo.finding import Finding
from importers.check.checked import Checked
from importers.check.context import Box, Context, Parcels
from importers.check.run import check
from importers.plots import Drawn, Plot
from tests.geo.drawing import draw
from tests.importers.planted import land_uses

EPSG = 5899
EAST_M, NORTH_M = 548_000.0, 1_778_000.0
SHAPES = draw("abc\ndef", cell_m=20.0)
"""Squares of 20 m; the south-west corner of d lies at EAST_M, NORTH_M."""
COLUMNS = frozenset({"sheet", "number", "land_use"})


class Register:
    """Parcels of sheet 12 by number, of 1:500 unless told otherwise; codes are invented."""

    def __init__(
        self, shapes: Mapping[str, shapely.Geometry], scale: int = 500, area_m2: float = np.nan
    ) -> None:
        self.number, self.scale, self.area_m2 = list(shapes), scale, area_m2
        self.shape = np.array(list(shapes.values()), dtype=object)

    def parcels(self, box: Box) -> Parcels:
        return self._rows(np.flatnonzero(shapely.intersects(self.shape, shapely.box(*box))).tolist())

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        return self._rows([k for k, number in enumerate(self.number) if ("12", number) in keys])

    def _rows(self, rows: list[int]) -> Parcels:
        n = len(rows)
        return Parcels(
            [code(self.number[k]) for k in rows], ["12"] * n, [self.number[k] for k in rows], ["ODT"] * n,
            np.full(n, self.area_m2), np.full(n, np.nan), np.full(n, self.scale, np.int32), self.shape[rows],
        )  # fmt: skip


def number(letter: str) -> str:
    """a is 1."""
    return str(ord(letter) - ord("a") + 1)


def code(number: str) -> str:
    return f"t{number:0>11}"


def name(letter: str) -> str:
    """How the check calls the record of a plot."""
    return f"#{number(letter)} (tờ 12, thửa {number(letter)})"


def registered(letter: str) -> str:
    """How the check calls a registered parcel."""
    return f"thửa {number(letter)} tờ 12, mã {code(number(letter))}"


def plot(letter: str, **changed: Any) -> Plot:
    """The plot as it stands in the register."""
    one = Plot(
        f"#{number(letter)}", SHAPES[letter], sheet="12", number=number(letter), scale=500, land_use="ODT",
        legal_area_m2=400.0, told_area_m2=400.0,
    )  # fmt: skip
    return replace(one, **changed)


def plots(letters: str = "abde", **changed: Mapping[str, Any]) -> list[Plot]:
    """These plots, some of them changed: plots(b={"number": None}). What is not measured anew stays in the register."""
    return [plot(letter, **changed.get(letter, {})) for letter in letters]


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """A point by its distance from the sheet's south-west corner, on the millimetre."""
    return round(EAST_M + east_m, 3), round(NORTH_M + north_m, 3)


def ring(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([at(*point) for point in points])


def ward(**changed: Any) -> Context:
    """Everything a check may know."""
    known = Context(
        date(2026, 1, 15), "20194", "Phường Thử", True, EPSG, shapely.union_all(list(SHAPES.values())).buffer(30),
        Register({number(letter): shape for letter, shape in SHAPES.items()}), land_uses(), {"12": 6}, True,
    )  # fmt: skip
    return replace(known, **changed)


def drawn(many: Sequence[Plot], **said: Any) -> Drawn:
    return Drawn("to12.gpkg", "gpkg", list(many), **{"crs": f"EPSG:{EPSG}", "columns": COLUMNS, **said})


def checked(many: Sequence[Plot], context: Context | None = None, **said: Any) -> Checked:
    return check([drawn(many, **said)], ward() if context is None else context)


def told(rule: str, many: Sequence[Plot], context: Context | None = None, **said: Any) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in checked(many, context, **said).findings if finding.rule == rule]
