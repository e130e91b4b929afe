"""Two deposited plans of New South Wales, held against what any XML parser says of them."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from tests.importers.handed import column, examined, shapes
from tests.importers.parcels import data

OFF_M = 0.0002 * 500
NS = "{http://www.landxml.org/schema/LandXML-1.2}"


@dataclass(frozen=True)
class Plan:
    """A plan by ElementTree: places are (east, north)."""

    file: str

    @cached_property
    def root(self) -> ET.Element:
        return ET.parse(data("au_nsw_landxml", self.file)).getroot()

    @cached_property
    def points(self) -> dict[str, tuple[float, float]]:
        told = ((p.get("name", ""), (p.text or "").split()) for p in self.root.iter(f"{NS}CgPoint"))
        return {name: (float(words[1]), float(words[0])) for name, words in told if len(words) > 1}

    @cached_property
    def pieces(self) -> dict[str, list[ET.Element]]:
        return {
            p.get("name", ""): [e for g in p.findall(f"{NS}CoordGeom") for e in g]
            for p in self.root.iter(f"{NS}Parcel")
        }

    def ends(self, piece: ET.Element) -> tuple[str, str]:
        start, end = piece.find(f"{NS}Start"), piece.find(f"{NS}End")
        assert start is not None
        assert end is not None
        return start.get("pntRef", ""), end.get("pntRef", "")

    def is_open(self, name: str) -> bool:
        met = Counter(point for piece in self.pieces[name] for point in self.ends(piece))
        return any(count % 2 for count in met.values())


PLANS = {
    Plan("DP1174265p_V3.xml"): (110, 93),
    Plan("DP1178630p_V2.xml"): (24, 14),
}


@pytest.fixture(scope="module", params=PLANS, ids=lambda plan: plan.file)
def read(request: pytest.FixtureRequest):
    plan = request.param
    return plan, examined(data("au_nsw_landxml", plan.file))


def test_every_parcel_is_there_and_the_open_ones_are_named(read) -> None:
    plan, said = read
    parcels, closed = PLANS[plan]
    assert column(said, "record") == list(plan.pieces)
    assert len(plan.pieces) == parcels
    told = {f.record.partition(" (thửa")[0] for f in said.findings if f.rule == "open_ring"}
    assert told == {name for name in plan.pieces if plan.is_open(name)}
    assert parcels - len(told) == closed


def test_roads_and_easements_are_no_parcels(read) -> None:
    plan, said = read
    lots = [p.get("class") == "Lot" for p in plan.root.iter(f"{NS}Parcel")]
    assert [kind == "parcel" for kind in column(said, "kind")] == lots


def test_the_foreign_system_is_one_finding_that_quotes_it(read) -> None:
    _, said = read
    assert said.epsg is None
    (told,) = [f for f in said.findings if f.rule == "no_place"]
    assert "MGA" in told.text_vi
    assert "zone 56" in told.text_en


def test_every_told_point_is_a_corner_and_every_corner_is_told_or_on_an_arc(read) -> None:
    plan, said = read
    for name, shape in zip(plan.pieces, shapes(said), strict=True):
        if shape is None:
            assert len({p for piece in plan.pieces[name] for p in plan.ends(piece)}) < 3
            continue
        told = np.array([plan.points[p] for piece in plan.pieces[name] for p in plan.ends(piece)])
        corners = shapely.get_coordinates(shape)
        assert _nearest(told, corners).max() < 0.001
        curves = [piece for piece in plan.pieces[name] if piece.tag == f"{NS}Curve"]
        between = corners[_nearest(corners, told) > 0.001]
        assert len(between) == 0 or curves
        off = [
            abs(math.dist(at, _centre(plan, c)) - float(c.get("radius", 0))) for at in between for c in curves
        ]
        assert len(off) == len(between) * len(curves)
        assert all(min(off[i : i + len(curves)]) < 0.02 for i in range(0, len(off), len(curves) or 1))


def test_chords_stay_on_their_arcs_and_on_the_right_side(read) -> None:
    plan, said = read
    of = dict(zip(plan.pieces, shapes(said), strict=True))
    met = set()
    for name, pieces in plan.pieces.items():
        for curve in (p for p in pieces if p.tag == f"{NS}Curve"):
            start, end = (np.array(plan.points[p]) for p in plan.ends(curve))
            centre = np.array(_centre(plan, curve))
            radius = float(curve.get("radius", 0))
            # The middle of the shorter arc lies on the far side of its chord from the centre.
            out = (start + end) / 2 - centre
            middle = shapely.Point(centre + out / np.linalg.norm(out) * radius)
            assert shapely.boundary(of[name]).distance(middle) <= OFF_M
            met.add(name)
    assert met == {f.record.partition(" (thửa")[0] for f in said.findings if f.rule == "curve"} != set()


def _centre(plan: Plan, curve: ET.Element) -> tuple[float, float]:
    centre = curve.find(f"{NS}Center")
    assert centre is not None
    return plan.points[centre.get("pntRef", "")]


def _nearest(points: np.ndarray, among: np.ndarray) -> np.ndarray:
    return np.hypot(*(points[:, None] - among[None]).transpose(2, 0, 1)).min(axis=1)
