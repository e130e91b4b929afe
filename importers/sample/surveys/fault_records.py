"""Faults in what is said of a plot: numbers, sheets, land uses, areas, codes."""

from dataclasses import replace

import numpy as np

from geo import codes
from geo.tolerance import area_tolerance_m2
from importers.sample.place import EPSG
from importers.sample.surveys.planting import Block, Planted, Truth, pick
from importers.sample.surveys.survey import Lot


def written_area(block: Block, rng: np.random.Generator) -> Planted:
    """The area beside the drawing is another plot's, or mistyped: off by three to ten tolerances."""
    index, lot = _any(block, rng)
    off = rng.uniform(3, 10) * _tolerance_m2(lot) + 0.05 * (lot.told_area_m2 or 0.0)
    return _changed(block, index, replace(lot, told_area_m2=round((lot.told_area_m2 or 0.0) + off, 1)))


def legal_area(block: Block, rng: np.random.Generator) -> Planted:
    """The papers differ from the ground by 1.3 to 8 tolerances, either way."""
    index, lot = _any(block, rng)
    off = rng.uniform(1.3, 8) * _tolerance_m2(lot) * pick(rng, (-1, 1))
    return _changed(block, index, replace(lot, legal_area_m2=round((lot.told_area_m2 or 0.0) + off, 1)))


def no_number(block: Block, rng: np.random.Generator) -> Planted:
    """A record without a number."""
    index, lot = _any(block, rng)
    planted = _changed(block, index, replace(lot, number=None))
    return replace(planted, truth=Truth(at=lot.label))


def no_sheet(block: Block, rng: np.random.Generator) -> Planted:
    """A record without a sheet, and the surveyor says none."""
    index, lot = _any(block, rng)
    return replace(_changed(block, index, replace(lot, sheet=None)), told_sheet=False)


def no_land_use(block: Block, rng: np.random.Generator) -> Planted:
    """No land use."""
    index, lot = _any(block, rng)
    return _changed(block, index, replace(lot, land_use=None))


def number_form(block: Block, rng: np.random.Generator) -> Planted:
    """A number with a letter, as split plots are provisionally called."""
    index, lot = _any(block, rng)
    number = f"{lot.number}{pick(rng, 'abc')}"
    planted = _changed(block, index, replace(lot, number=number))
    return replace(planted, truth=Truth(frozenset({number}), lot.label))


def duplicate_number(block: Block, rng: np.random.Generator) -> Planted:
    """Two plots of one number."""
    first, second = rng.choice(len(block.lots), 2, replace=False).tolist()
    return _changed(
        block, first, replace(block.lots[first], number=block.number(second)), block.number(second)
    )


def number_taken(block: Block, rng: np.random.Generator) -> Planted:
    """The number of a parcel elsewhere on the sheet."""
    index, lot = _any(block, rng)
    mine = {other.number for other in block.lots}
    others = [p.number for p in block.town if p.sheet == lot.sheet and p.number not in mine]
    number = pick(rng, others)
    return _changed(block, index, replace(lot, number=number), number)


def unknown_land_use(block: Block, rng: np.random.Generator) -> Planted:
    """Letters that were never a code."""
    index, lot = _any(block, rng)
    return _changed(block, index, replace(lot, land_use=pick(rng, ("XYZ", "ODX", "OTD", "QQQ"))))


def old_land_use(block: Block, rng: np.random.Generator) -> Planted:
    """A code of before 2024 with a successor (rules §7.1)."""
    index, lot = _any(block, rng)
    return _changed(block, index, replace(lot, land_use=pick(rng, ("BHK", "NHK"))))


def homestead(block: Block, rng: np.random.Generator) -> Planted:
    """The homestead code of communes, in a ward."""
    index, lot = _any(block, rng)
    return _changed(block, index, replace(lot, land_use=pick(rng, ("ONT", "ONT+CLN"))))


def wrong_code(block: Block, rng: np.random.Generator) -> Planted:
    """The code of a parcel far away."""
    index, lot = _any(block, rng)
    far = max(block.town, key=lambda parcel: parcel.shape.distance(lot.shape))
    code = str(codes.mint(np.array([far.shape], dtype=object), EPSG).codes[0], "ascii")
    return _changed(block, index, replace(lot, code=code))


def _any(block: Block, rng: np.random.Generator) -> tuple[int, Lot]:
    index = int(rng.integers(len(block.lots)))
    return index, block.lots[index]


def _changed(block: Block, index: int, lot: Lot, *also: str) -> Planted:
    return Planted(block.with_lots({index: lot}), Truth(frozenset({block.number(index), *also}), lot.label))


def _tolerance_m2(lot: Lot) -> float:
    return area_tolerance_m2(lot.told_area_m2 or 0.0, lot.scale or 500)
